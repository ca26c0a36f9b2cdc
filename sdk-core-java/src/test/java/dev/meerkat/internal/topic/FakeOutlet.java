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
    public boolean send(Message message) {
        if (message.bytes().length() > longest) {
            return false;
        }
        if (room-- <= 0) {
            throw new AssertionError("given a message when it was not writable");
        }
        sent.add(message.text());
        messages.add(message);
        return true;
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
