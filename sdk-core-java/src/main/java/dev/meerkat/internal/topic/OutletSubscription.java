package dev.meerkat.internal.topic;

import dev.meerkat.internal.topic.Outlet.Fit;
import dev.meerkat.topic.SubscriptionOptions;
import dev.meerkat.topic.TopicEvent;
import dev.meerkat.topic.TopicEvent.Ended.Reason;
import dev.meerkat.websocket.Message;
import org.jspecify.annotations.Nullable;

/** A WebSocket that is sent what comes, as fast as it takes it. */
final class OutletSubscription extends RealSubscription {
    private final Outlet outlet;

    OutletSubscription(TopicRoom room, long id, SubscriptionOptions options, Outlet outlet) {
        super(room, id, options);
        this.outlet = outlet;
    }

    @Override
    boolean canTake() {
        return outlet.isWritable();
    }

    @Override
    boolean canTell(Entry entry) {
        if (entry.event() instanceof TopicEvent.Subscribed && !options().presence()) {
            return false;
        }
        return message(entry) != null;
    }

    private @Nullable Message message(Entry entry) {
        try {
            return entry.message(room().topic().options().toWebSockets());
        } catch (Throwable e) {
            room().loop().report(e);
            return null;
        }
    }

    @Override
    Fit tell(Entry entry) {
        Message message = message(entry);
        return message == null ? Fit.SENT : outlet.send(message);
    }

    @Override
    void failed(Throwable why) {
        outlet.failed(why);
        if (room().topic().end(this)) {
            over(Reason.RECEIVER_CLOSED);
        }
    }

    @Override
    void requestReady() {
        outlet.requestReady(this);
    }

    /** The WebSocket has ended. */
    void outletClosed() {
        room().topic().end(this);
        over(Reason.RECEIVER_CLOSED);
    }

    @Override
    void left() {
        outlet.leave(this);
    }

    @Override
    void ended(Reason reason) {
        if (reason == Reason.TOO_SLOW) {
            outlet.closeTooSlow();
        }
    }
}
