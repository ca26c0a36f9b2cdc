package dev.meerkat.internal.connection;

/**
 * An outbound connection that is being made. It ends by telling the {@link Lifecycle} that it is established or has
 * failed, or by being given up; one of these happens, once.
 */
interface Connecting {
    /** Begins. No event precedes the return. */
    void start();

    /** Gives up: releases everything, reports nothing. */
    void end();
}
