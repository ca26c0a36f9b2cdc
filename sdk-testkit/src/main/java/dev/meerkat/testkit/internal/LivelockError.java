package dev.meerkat.testkit.internal;

/** Something goes on for ever at one instant of virtual time. */
public final class LivelockError extends AssertionError {
    private static final long serialVersionUID = 1;

    LivelockError(String message) {
        super(message);
    }
}
