package dev.meerkat.internal.topic;

import dev.meerkat.topic.SubscriptionOptions;
import dev.meerkat.websocket.Message;
import java.util.ArrayList;
import java.util.List;

/** A WebSocket that takes as many messages as the test says. */
final class FakeOutlet implements Outlet {
    final List<String> sent = new ArrayList<>();
    final List<Message> messages = new ArrayList<>();
    OutletSubscription subscription;
    int room;
    boolean left;
    boolean closedTooSlow;
    int longest = Integer.MAX_VALUE;
    /** So long, and it fits when something has left. */
    int longestNow = Integer.MAX_VALUE;

    RuntimeException failure;
    Throwable failed;
    boolean waitsForRoom;

    FakeOutlet(int room) {
        this.room = room;
    }

    static FakeOutlet join(RealTopic topic, Loop loop, SubscriptionOptions options, int room) {
        FakeOutlet outlet = new FakeOutlet(room);
        topic.admit(loop, options, (in, id) -> outlet.subscription = new OutletSubscription(in, id, options, outlet));
        return outlet;
    }

    /** Takes so many more, and says so. */
    void drain(int count) {
        room += count;
        subscription.ready();
    }

    @Override
    public boolean isWritable() {
        return room > 0;
    }

    @Override
    public Outlet.Fit send(Message message) {
        if (failure != null) {
            throw failure;
        }
        if (message.bytes().length() > longest) {
            return Outlet.Fit.NEVER;
        }
        if (message.bytes().length() > longestNow) {
            waitsForRoom = true;
            return Outlet.Fit.LATER;
        }
        if (room-- <= 0) {
            throw new AssertionError("given a message when it was not writable");
        }
        sent.add(message.text());
        messages.add(message);
        return Outlet.Fit.SENT;
    }

    @Override
    public void failed(Throwable why) {
        failed = why;
    }

    @Override
    public void requestReady(OutletSubscription asking) {
        // the test calls drain
    }

    @Override
    public void leave(OutletSubscription leaving) {
        left = true;
    }

    @Override
    public void closeTooSlow() {
        closedTooSlow = true;
    }
}
