package dev.meerkat.internal.topic;

import dev.meerkat.EventManager;
import dev.meerkat.ManagerClosedException;

/** What a topic needs of a manager. */
interface Loop {
    /** The manager. */
    EventManager manager();

    /**
     * Any thread. Runs a task on the loop, never inside of another: later in the turn if the caller is in one, else in
     * the next. Whoever calls sees to it that few wait at a time. After the end nothing happens.
     */
    void later(Runnable task);

    /** Loop thread. Tells the error hook. */
    void report(Throwable failure);

    /**
     * Any thread. Runs a task when the manager is closed.
     *
     * @return forgets the task
     * @throws ManagerClosedException if it is closed
     */
    Runnable onClose(Runnable task);
}
