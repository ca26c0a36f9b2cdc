package dev.meerkat.internal.secure;

import java.io.IOException;

/** How a handshake ended; told once. */
public interface Outcome {
    /** Plaintext flows from now on. */
    void secured();

    /**
     * The handshake failed. The stream is to be ended.
     *
     * @param failure what went wrong: a {@link dev.meerkat.internal.tls.TlsFailure}, or what the stream below threw
     */
    void handshakeFailed(IOException failure);
}
