package dev.meerkat.runtime;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A listening socket. */
public interface ListenerHandle extends Handle {
    /**
     * Accepts one waiting connection.
     *
     * @return the accepted stream, connected, or null if none waits
     * @throws IOException if the system is out of descriptors or the connection was already gone; the listener stays
     *     usable
     */
    @Nullable
    StreamHandle accept() throws IOException;

    /**
     * Accepts one waiting connection for another transport of the same kind.
     *
     * @return what has arrived, or null if none waits
     * @throws IOException as {@link #accept} does
     * @throws UnsupportedOperationException if connections cannot be handed over
     */
    default @Nullable Arrival acceptForOther() throws IOException {
        throw new UnsupportedOperationException("this listener hands nothing over");
    }
}
