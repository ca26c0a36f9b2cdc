package dev.meerkat.internal.topic;

import dev.meerkat.internal.topic.Outlet.Fit;
import dev.meerkat.topic.SubscriptionOptions;
import dev.meerkat.topic.TopicEvent;
import dev.meerkat.topic.TopicEvent.Ended.Reason;
import dev.meerkat.topic.TopicHandler;

/** A handler that is called on a loop; it is always ready, unless it has paused. */
final class HandlerSubscription extends RealSubscription {
    private final TopicHandler handler;

    HandlerSubscription(TopicRoom room, long id, SubscriptionOptions options, TopicHandler handler) {
        super(room, id, options);
        this.handler = handler;
    }

    @Override
    boolean canTake() {
        return true;
    }

    @Override
    boolean canTell(Entry entry) {
        return true;
    }

    @Override
    Fit tell(Entry entry) {
        call(entry.event());
        return Fit.SENT;
    }

    @Override
    void failed(Throwable why) {
        room().loop().report(why);
    }

    private void call(TopicEvent event) {
        try {
            handler.onEvent(this, event);
        } catch (Throwable e) {
            room().loop().report(e);
        }
    }

    @Override
    void requestReady() {
        goOn();
    }

    @Override
    void left() {
        // nothing is held for it
    }

    @Override
    void ended(Reason reason) {
        call(new TopicEvent.Ended(reason));
    }
}
