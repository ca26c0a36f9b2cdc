package dev.meerkat.topic;

import dev.meerkat.EventManager;
import java.util.Optional;

/** Somebody's place among the receivers of a topic. Not for implementing. */
public interface TopicSubscription {
    /**
     * May be called from any thread.
     *
     * @return a number that no other subscription of the topic has
     */
    long id();

    /**
     * May be called from any thread.
     *
     * @return the topic
     */
    Topic topic();

    /**
     * May be called from any thread.
     *
     * @return on whose loop it is served
     */
    EventManager manager();

    /**
     * May be called from any thread.
     *
     * @return as whom it is here, if it has given a name
     */
    Optional<Member> member();

    /**
     * May be called from any thread. Ends it. Called on the loop thread, nothing more is delivered when this returns;
     * called elsewhere, one event may be under way. A WebSocket stays open. A second call does nothing.
     */
    void unsubscribe();

    /**
     * May be called from any thread. Tells whether it has not ended.
     *
     * @return whether more may come
     */
    boolean isActive();

    /**
     * May be called from any thread. Delivers nothing until {@link #resume}: what comes waits within the bounds of the
     * options, and is treated by their policy beyond. For handlers that pass messages on to somebody who is slow.
     * Called elsewhere than on the loop thread, one event may be under way. A WebSocket's own slowness needs no call.
     */
    void pause();

    /** May be called from any thread. Delivers again, what waits first. */
    void resume();

    /**
     * May be called from any thread. How many messages wait for the receiver.
     *
     * @return the count at some moment of the last turn
     */
    int waitingMessages();

    /**
     * May be called from any thread. How many bytes wait for the receiver.
     *
     * @return the count at some moment of the last turn; payloads and keys, shared with other receivers
     */
    int waitingBytes();

    /**
     * May be called from any thread. How many events were delivered, a WebSocket's when they were handed to its
     * connection.
     *
     * @return the count
     */
    long delivered();

    /**
     * May be called from any thread. How many messages were lost by the policy, or for want of the topic's own backlog.
     *
     * @return the count; conflated ones are not in it, since their newer value is delivered
     */
    long dropped();
}
