package dev.meerkat.internal.connection;

import dev.meerkat.event.CloseReason;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * What a connection holds before it is open, and when it ends: an object of its own, so that one that is open, idle
 * perhaps with thousands of others, holds none of it. One that was asked for by name keeps it for that name.
 */
final class Edges {
    @Nullable
    Connecting connector;

    /** How it is to be encrypted, until it is. */
    @Nullable
    Securing securing;

    /** Whom the program asked for; empty if it was asked. */
    String targetHost = "";

    /** The peer's address while there is no open handle to ask. */
    @Nullable
    SocketAddress remoteAddress;

    @Nullable
    Closing closing;

    @Nullable
    CloseReason reason;
}
