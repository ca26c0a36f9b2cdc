package dev.meerkat.runtime;

import java.io.IOException;

/** A connection that was accepted and belongs to no loop yet: {@link ListenerHandle#acceptForOther}. */
public interface Arrival {
    /**
     * Makes it a stream of a transport. Called on that transport's loop thread, once.
     *
     * @param transport whose it is to be: one of the kind of the listener's, on the same host
     * @return the accepted stream, connected
     * @throws IOException if that fails; the connection is closed then
     */
    StreamHandle join(Transport transport) throws IOException;

    /** May be called from any thread, instead of {@link #join}. Resets the connection. */
    void refuse();
}
