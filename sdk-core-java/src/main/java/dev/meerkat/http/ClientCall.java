package dev.meerkat.http;

import dev.meerkat.Connection;

/** A request that a client sent on a connection, and what became of it. Loop thread. */
public interface ClientCall {
    /**
     * The connection that the request was sent on.
     *
     * @return the connection
     */
    Connection connection();

    /**
     * The head of the request.
     *
     * @return as it was sent
     */
    RequestHead head();

    /** Gives up: the connection is aborted, since what follows on it cannot be told apart any more. */
    void cancel();
}
