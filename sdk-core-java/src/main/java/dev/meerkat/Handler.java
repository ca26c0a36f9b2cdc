package dev.meerkat;

import dev.meerkat.event.Event;

/**
 * Receives the events of connections: the one place where a program reacts.
 *
 * <p>Called on the manager's loop thread, one event after the other, never nested: what a handler causes happens after
 * it has returned. It must not block, unless the options of the connection say {@link ListenOptions#blocking()}: then
 * it is called on a thread of the connection's own, and the connection that it is given is a
 * {@link BlockingConnection}. If it throws, that connection is aborted, the failure is reported once to the manager's
 * error hook, and all other connections go on.
 *
 * <p>Bytes in an event are borrowed until the handler returns, unless the event says otherwise.
 */
@FunctionalInterface
public interface Handler {
    /**
     * Reacts to an event.
     *
     * @param connection whom it happened to
     * @param event what happened
     * @throws Exception if the handler fails; the connection is then aborted
     */
    void onEvent(Connection connection, Event event) throws Exception;

    /**
     * Another handler has taken this one's place on a connection, which goes on: nothing of it comes here any more, not
     * even {@code Closed}. Does nothing by default.
     *
     * @param connection which connection
     */
    default void onReplaced(Connection connection) {}
}
