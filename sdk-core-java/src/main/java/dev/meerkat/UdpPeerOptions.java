package dev.meerkat;

import dev.meerkat.internal.check.Ranges;
import java.time.Duration;
import java.util.Objects;

/**
 * How a {@link UdpPeers} keeps its peers.
 *
 * @param idleTimeout how long a peer is kept after its last datagram; 1 min by default, twice what many routers keep a
 *     mapping for (RFC 4787 §4.3)
 * @param maxPeers how many peers are kept; 10,000 by default, a few megabytes. UDP has no handshake: anybody can send
 *     from any number of invented addresses
 * @param whenFull what happens to a datagram of one more; refused by default, so that strangers cannot drive out those
 *     who are served
 */
public record UdpPeerOptions(Duration idleTimeout, int maxPeers, WhenFull whenFull) {
    /** What happens to a datagram of a new peer when there are as many as there may be. */
    public enum WhenFull {
        /** It is thrown away and counted. */
        REFUSE,
        /** The peer that has been idle longest makes room. */
        EVICT_IDLEST
    }

    /** The defaults. */
    public static final UdpPeerOptions DEFAULT = builder().build();

    // Checks every value; a bad one is an IllegalArgumentException that names it.
    public UdpPeerOptions {
        Objects.requireNonNull(whenFull, "whenFull");
        Ranges.positive("idleTimeout", idleTimeout);
        Ranges.atLeast("maxPeers", maxPeers, 1);
    }

    /**
     * Starts from the defaults.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Starts from these options.
     *
     * @return a new builder
     */
    public Builder toBuilder() {
        return new Builder().idleTimeout(idleTimeout).maxPeers(maxPeers).whenFull(whenFull);
    }

    /** Collects options; each method answers the builder itself. */
    public static final class Builder {
        private Duration idleTimeout = Duration.ofMinutes(1);
        private int maxPeers = 10_000;
        private WhenFull whenFull = WhenFull.REFUSE;

        private Builder() {}

        /**
         * Sets how long a peer is kept after its last datagram.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder idleTimeout(Duration value) {
            idleTimeout = value;
            return this;
        }

        /**
         * Sets how many peers are kept.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder maxPeers(int value) {
            maxPeers = value;
            return this;
        }

        /**
         * Sets what happens to a datagram of one more.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder whenFull(WhenFull value) {
            whenFull = value;
            return this;
        }

        /**
         * Makes the options.
         *
         * @return the options
         * @throws IllegalArgumentException if a value is out of range
         */
        public UdpPeerOptions build() {
            return new UdpPeerOptions(idleTimeout, maxPeers, whenFull);
        }
    }
}
