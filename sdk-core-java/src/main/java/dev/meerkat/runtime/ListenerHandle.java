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
}
