package dev.meerkat.topic;

/** Hears what happens in a topic. */
@FunctionalInterface
public interface TopicHandler {
    /**
     * Reacts to an event. Called on the loop thread of the manager that was given when subscribing, one event after the
     * other, never inside {@link Topic#publish}; it must not block. It may publish, subscribe and unsubscribe, anybody.
     * What it throws is reported to the manager's error hook; the subscription goes on.
     *
     * @param subscription whose event it is
     * @param event what happened
     * @throws Exception if the handler fails
     */
    void onEvent(TopicSubscription subscription, TopicEvent event) throws Exception;
}
