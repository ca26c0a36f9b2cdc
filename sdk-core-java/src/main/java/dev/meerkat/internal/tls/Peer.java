package dev.meerkat.internal.tls;

import dev.meerkat.runtime.TimeSource;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a peer when its certificate is to be judged.
 *
 * @param time whose wall clock decides whether it is valid
 * @param host the name it must be for; null if it may be for any, as a client's
 * @param address the address it must be for, if the name is one; else null
 */
record Peer(
        TimeSource time, @Nullable String host, @Nullable InetAddress address) {}
