package dev.meerkat;

import java.util.Optional;

/**
 * Hears of every failure that is nobody's to catch: a handler, a task, a timer or a filter threw, or accepting failed.
 */
@FunctionalInterface
public interface ErrorHook {
    /**
     * The default: everything goes to the system logger {@code dev.meerkat}. While a manager has this hook, it also
     * logs that an acceptor pauses at a limit, and it logs each kind of message at most ten times in ten seconds;
     * called by a hook of one's own, this logs every failure.
     */
    ErrorHook LOGGED = LoggedErrors.HOOK;

    /** What failed. */
    enum Source {
        /** A handler threw; its connection was aborted, unless its protocol could tell the peer. */
        HANDLER,
        /** A posted task threw. */
        TASK,
        /** A timer's task threw; a fixed-rate timer goes on. */
        TIMER,
        /** An accept filter threw; the connection was refused. */
        FILTER,
        /**
         * The system could not accept, for instance for want of descriptors; accepting pauses and resumes by itself.
         */
        ACCEPT,
        /** The loop itself met a failure of its transport. */
        LOOP,
        /** A tap threw; it was taken off its connection, which goes on. */
        TAP,
        /** An observer threw. */
        OBSERVER,
        /** A manager of a group was closed by itself; the others go on. */
        GROUP,
        /**
         * A blocking handler still runs although its connection has ended and its
         * {@linkplain BlockingOptions#stopTimeout() stop time-out} is over; nobody waits for its thread any more.
         */
        THREAD
    }

    /**
     * Takes note. Called on the loop thread, once per failure; must not block. What it throws is ignored.
     *
     * @param source what failed
     * @param connection the connection concerned, if there is one
     * @param failure what was thrown
     */
    void onError(Source source, Optional<Connection> connection, Throwable failure);
}
