package dev.meerkat.websocket;

import dev.meerkat.internal.check.Ranges;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * When a client connects again after its WebSocket has ended, and what waits meanwhile. Immutable.
 *
 * <p>The n-th attempt in a row is made {@code firstDelay × factor^(n−1)} after the end, {@code longestDelay} at most;
 * of which a random part, up to {@code jitter}, is taken off, so that a thousand clients do not come back at the same
 * instant (RFC 6455 §7.2.3). A server that refuses with {@code Retry-After} in seconds is waited for that long at
 * least, within {@code longestDelay}.
 *
 * @param firstDelay before the first attempt; 500 ms by default
 * @param factor by how much each delay is longer than the one before, 1 or more; 2 by default
 * @param longestDelay the longest delay; 30 s by default
 * @param jitter how much of a delay is left to chance, 0 to 1; 1 by default, all of it
 * @param attempts how many attempts in a row may fail before it is given up; no limit by default, as each costs little
 *     and the delays are long by then
 * @param stableAfter how long a WebSocket must have lasted for the next delay to be the first one again; 10 s by
 *     default
 * @param waitingMessages how many messages may wait for the next connection, or for room on this one; 1,024 by default.
 *     With 0 the loop thread alone can send, while the connection takes it at once
 * @param waitingBytes how many bytes they may have; 1 MiB by default, as much as a connection's send limit
 * @param retry decides whether to go on after an end that was not this program's; by default unless the server has
 *     refused with a status from 400 to 499 other than 408, 425 and 429
 */
public record ReconnectPolicy(
        Duration firstDelay,
        double factor,
        Duration longestDelay,
        double jitter,
        int attempts,
        Duration stableAfter,
        int waitingMessages,
        int waitingBytes,
        Predicate<ReconnectCause> retry) {
    /** As good as no limit. */
    public static final int NONE = Integer.MAX_VALUE;

    /** The defaults. */
    public static final ReconnectPolicy DEFAULT = builder().build();

    // Checks every value; a bad one is an IllegalArgumentException that names it.
    public ReconnectPolicy {
        Ranges.positive("firstDelay", firstDelay);
        if (!(factor >= 1) || Double.isInfinite(factor)) {
            throw new IllegalArgumentException("factor must be 1 or more: " + factor);
        }
        if (longestDelay.compareTo(firstDelay) < 0) {
            throw new IllegalArgumentException("longestDelay must not be shorter than firstDelay: " + longestDelay);
        }
        if (!(jitter >= 0 && jitter <= 1)) {
            throw new IllegalArgumentException("jitter must be 0 to 1: " + jitter);
        }
        Ranges.atLeast("attempts", attempts, 1);
        Ranges.positive("stableAfter", stableAfter);
        Ranges.atLeast("waitingMessages", waitingMessages, 0);
        Ranges.atLeast("waitingBytes", waitingBytes, 0);
        Objects.requireNonNull(retry, "retry");
    }

    /**
     * Starts from the defaults.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /** Collects options; each method answers the builder itself. */
    public static final class Builder {
        private Duration firstDelay = Duration.ofMillis(500);
        private double factor = 2;
        private Duration longestDelay = Duration.ofSeconds(30);
        private double jitter = 1;
        private int attempts = NONE;
        private Duration stableAfter = Duration.ofSeconds(10);
        private int waitingMessages = 1_024;
        private int waitingBytes = 1 << 20;
        private Predicate<ReconnectCause> retry = ReconnectCause::mayPass;

        private Builder() {}

        /**
         * How long to wait before the first attempt.
         *
         * @param value positive
         * @return this
         */
        public Builder firstDelay(Duration value) {
            firstDelay = Objects.requireNonNull(value, "firstDelay");
            return this;
        }

        /**
         * By how much each delay is longer than the one before.
         *
         * @param value 1 or more
         * @return this
         */
        public Builder factor(double value) {
            factor = value;
            return this;
        }

        /**
         * The longest delay.
         *
         * @param value not shorter than the first one
         * @return this
         */
        public Builder longestDelay(Duration value) {
            longestDelay = Objects.requireNonNull(value, "longestDelay");
            return this;
        }

        /**
         * How much of a delay is left to chance.
         *
         * @param value 0 for nothing to 1 for all of it
         * @return this
         */
        public Builder jitter(double value) {
            jitter = value;
            return this;
        }

        /**
         * How many attempts in a row may fail.
         *
         * @param value 1 or more; {@link #NONE} for no limit
         * @return this
         */
        public Builder attempts(int value) {
            attempts = value;
            return this;
        }

        /**
         * How long a WebSocket must have lasted for delays to begin anew.
         *
         * @param value positive
         * @return this
         */
        public Builder stableAfter(Duration value) {
            stableAfter = Objects.requireNonNull(value, "stableAfter");
            return this;
        }

        /**
         * How many messages may wait.
         *
         * @param value 0 or more
         * @return this
         */
        public Builder waitingMessages(int value) {
            waitingMessages = value;
            return this;
        }

        /**
         * How many bytes of messages may wait.
         *
         * @param value 0 or more
         * @return this
         */
        public Builder waitingBytes(int value) {
            waitingBytes = value;
            return this;
        }

        /**
         * Decides whether to go on.
         *
         * @param value called on the loop thread
         * @return this
         */
        public Builder retry(Predicate<ReconnectCause> value) {
            retry = Objects.requireNonNull(value, "retry");
            return this;
        }

        /**
         * Makes the policy.
         *
         * @return an immutable policy
         * @throws IllegalArgumentException if a value is out of its range; the message names it
         */
        public ReconnectPolicy build() {
            return new ReconnectPolicy(
                    firstDelay,
                    factor,
                    longestDelay,
                    jitter,
                    attempts,
                    stableAfter,
                    waitingMessages,
                    waitingBytes,
                    retry);
        }
    }
}
