package dev.meerkat.event;

import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Who ended a connection, and the error if it was not a clean end. */
public final class CloseReason {
    /** Who ended it. */
    public enum Initiator {
        /** This program, by close or abort. */
        LOCAL,
        /** The peer, by ending its output or by a reset. */
        PEER,
        /** The network or the operating system between the two. */
        NETWORK,
        /** The event manager, because it was closed or a limit or deadline was reached. */
        MANAGER
    }

    private final Initiator initiator;
    private final @Nullable ConnectionError error;

    private CloseReason(Initiator initiator, @Nullable ConnectionError error) {
        this.initiator = Objects.requireNonNull(initiator, "initiator");
        this.error = error;
    }

    /**
     * A clean end.
     *
     * @param initiator who ended it
     * @return the reason
     */
    public static CloseReason clean(Initiator initiator) {
        return new CloseReason(initiator, null);
    }

    /**
     * An end by failure.
     *
     * @param initiator who ended it
     * @param error what went wrong
     * @return the reason
     */
    public static CloseReason failed(Initiator initiator, ConnectionError error) {
        return new CloseReason(initiator, Objects.requireNonNull(error, "error"));
    }

    /**
     * Who ended the connection.
     *
     * @return the initiator
     */
    public Initiator initiator() {
        return initiator;
    }

    /**
     * What went wrong.
     *
     * @return the error, or empty after a clean end
     */
    public Optional<ConnectionError> error() {
        return Optional.ofNullable(error);
    }

    /**
     * Tells whether both directions ended in order and everything accepted was handed to the operating system.
     *
     * @return true if there is no error
     */
    public boolean isClean() {
        return error == null;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof CloseReason that && initiator == that.initiator && Objects.equals(error, that.error);
    }

    @Override
    public int hashCode() {
        return Objects.hash(initiator, error);
    }

    @Override
    public String toString() {
        return error == null ? "clean, by " + initiator : "by " + initiator + ": " + error;
    }
}
