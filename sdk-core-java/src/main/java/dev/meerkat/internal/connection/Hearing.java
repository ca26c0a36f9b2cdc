package dev.meerkat.internal.connection;

import dev.meerkat.ManagerObserver;

/** Whose handler can be timed: what is told to a connection, or to a UDP socket. */
interface Hearing<E> {
    Watched whose();

    Object handler();

    /** Calls the handler. */
    void call(E event);

    /** Tells an observer that this took long. */
    void tellSlow(ManagerObserver observer, E event, long nanos);
}
