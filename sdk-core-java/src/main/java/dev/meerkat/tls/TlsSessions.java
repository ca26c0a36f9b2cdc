package dev.meerkat.tls;

import dev.meerkat.internal.check.Ranges;
import java.time.Duration;
import java.util.Objects;

/**
 * Whether a peer that comes again may go on with the session it had (RFC 8446 §2.2), which spares both the costly part
 * of a handshake. Whether a server keeps sessions itself or hands them out as tickets is the JDK's choice
 * ({@code jdk.tls.server.enableSessionTicketExtension}); it hands out tickets by default.
 *
 * <p>The time-out is counted by the JDK, on the clock of the machine, in a simulated world too.
 *
 * @param resumed whether sessions are resumed; they are by default
 * @param cacheSize how many sessions are kept; 10,000 by default, some kilobytes each
 * @param timeout how long a session may be resumed, in whole seconds, up to 7 days (RFC 8446 §4.6.1); 24 h by default
 */
public record TlsSessions(boolean resumed, int cacheSize, Duration timeout) {
    /** First: what follows is checked against it. */
    private static final Duration MAX_TIMEOUT = Duration.ofDays(7);

    /** The defaults. */
    public static final TlsSessions DEFAULT = new TlsSessions(true, 10_000, Duration.ofHours(24));

    /** Every handshake is a full one. */
    public static final TlsSessions NONE = new TlsSessions(false, 1, Duration.ofSeconds(1));

    // Checks every value; a bad one is an IllegalArgumentException that names it.
    public TlsSessions {
        Objects.requireNonNull(timeout, "timeout");
        Ranges.atLeast("cacheSize", cacheSize, 1);
        if (timeout.toSeconds() < 1 || timeout.compareTo(MAX_TIMEOUT) > 0) {
            throw new IllegalArgumentException("timeout must be 1 s to 7 days: " + timeout);
        }
    }
}
