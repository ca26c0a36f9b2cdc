package dev.meerkat.internal.blocking;

import dev.meerkat.Connection;
import dev.meerkat.event.Event;

/** What threads of connections ask of the manager and do not find at its front door. */
public interface LoopSide {
    /**
     * May be called from any thread. Runs a task on the loop thread; no limit refuses it, because each thread has only
     * a few under way.
     *
     * @param task what to run
     * @return false if the manager is closed, and the task will not run
     */
    boolean post(Runnable task);

    /**
     * Loop thread. Reports that a handler threw, and aborts its connection.
     *
     * @param connection the connection
     * @param event on what it threw
     * @param failure what it threw
     */
    void handlerFailed(Connection connection, Event event, Throwable failure);

    /**
     * May be called from any thread. Reports that a handler does not come to its end.
     *
     * @param connection the connection, which has ended
     * @param failure what is known
     */
    void handlerStuck(Connection connection, Throwable failure);
}
