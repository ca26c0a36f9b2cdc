package dev.meerkat.internal.buffer;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A file that is being sent cannot be read, or has become shorter: not the peer's fault, nor the network's. */
public final class FileFailedException extends IOException {
    private static final long serialVersionUID = 1L;

    FileFailedException(String message, @Nullable IOException cause) {
        super(message, cause);
    }
}
