package dev.meerkat.testkit.internal;

import java.io.IOException;
import java.net.SocketException;

/** What the kernel keeps for the next call on a socket, and forgets once it is told; with the JDK's words for it. */
enum PendingError {
    NONE,
    RESET,
    /** A reset after the end of the input: reading goes on answering the end, and only writing fails. */
    BROKEN_PIPE,
    TIMED_OUT;

    void throwWhenReading() throws IOException {
        if (this == RESET) {
            throw new SocketException("Connection reset");
        }
        throwIfTimedOut();
    }

    void throwWhenWriting() throws IOException {
        if (this == RESET) {
            throw new IOException("Connection reset by peer");
        }
        throwIfTimedOut();
    }

    private void throwIfTimedOut() throws IOException {
        if (this == TIMED_OUT) {
            throw new IOException("Connection timed out");
        }
    }
}
