package dev.meerkat;

import dev.meerkat.event.CloseReason;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A connection was asked to send although it is closing or closed, or its output is shut down; nothing was sent. Or it
 * ended while code on its own thread was reading, writing or waiting; then it carries the reason.
 */
public final class ConnectionClosedException extends IllegalStateException {
    private static final long serialVersionUID = 1;

    private final transient @Nullable CloseReason reason;

    /**
     * Makes the exception.
     *
     * @param message which connection, the state it is in, and the states in which sending is allowed
     */
    public ConnectionClosedException(String message) {
        super(message);
        reason = null;
    }

    /**
     * Makes the exception for a connection that has ended.
     *
     * @param message which connection, and what was being done
     * @param reason why it ended
     */
    public ConnectionClosedException(String message, CloseReason reason) {
        super(message, reason.error().flatMap(error -> error.cause()).orElse(null));
        this.reason = reason;
    }

    /**
     * Why the connection ended.
     *
     * @return the reason that {@code Closed} carries, or empty if the connection had not ended yet
     */
    public Optional<CloseReason> reason() {
        return Optional.ofNullable(reason);
    }
}
