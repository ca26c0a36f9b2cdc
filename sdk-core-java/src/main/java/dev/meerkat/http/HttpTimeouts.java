package dev.meerkat.http;

import dev.meerkat.internal.check.Ranges;
import java.time.Duration;

/**
 * How slow a peer may be. Rates count from the moment at which it was this peer's turn, and what it did more than asked
 * for is not saved up. Precedents are defaults of their current releases.
 *
 * @param head how long a head may take from its first byte to its empty line; 20 s by default (Apache 20 to 40 s,
 *     Kestrel 30 s, nginx and Node 60 s)
 * @param keepAlive how long a connection may wait for the first byte of a request, the first one too; 75 s by default
 *     (nginx 75 s, Kestrel 130 s, Apache 5 s)
 * @param bodyRate how many bytes of a body must come in a second, on average since it was asked for; 240 by default
 *     (Kestrel 240, Apache 500); 0 asks for none
 * @param bodyGrace how long a body has before that is looked at; 5 s by default (Kestrel 5 s)
 * @param responseRate how many bytes of what we send must leave in a second while any wait; 240 by default (Kestrel
 *     240); 0 asks for none
 * @param responseGrace how long what waits has before that is looked at; 5 s by default (Kestrel 5 s). A peer that has
 *     ended its side may have gone or may wait for its answer, which TCP does not tell apart (RFC 9112 §9.5): the
 *     producer of a streamed answer may be silent towards it for so long, then the connection is aborted (Go and nginx
 *     do so at once)
 */
public record HttpTimeouts(
        Duration head, Duration keepAlive, int bodyRate, Duration bodyGrace, int responseRate, Duration responseGrace) {
    /** The defaults. */
    public static final HttpTimeouts DEFAULT = builder().build();

    // Checks every value; a bad one is an IllegalArgumentException that names it.
    public HttpTimeouts {
        Ranges.positive("head", head);
        Ranges.positive("keepAlive", keepAlive);
        Ranges.positive("bodyGrace", bodyGrace);
        Ranges.positive("responseGrace", responseGrace);
        if (bodyRate < 0 || responseRate < 0) {
            throw new IllegalArgumentException(
                    "rates must not be negative: bodyRate " + bodyRate + ", responseRate " + responseRate);
        }
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
     * Starts from these.
     *
     * @return a new builder
     */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.head = head;
        builder.keepAlive = keepAlive;
        builder.bodyRate = bodyRate;
        builder.bodyGrace = bodyGrace;
        builder.responseRate = responseRate;
        builder.responseGrace = responseGrace;
        return builder;
    }

    /** Collects time-outs and rates; each method answers the builder itself. */
    public static final class Builder {
        private Duration head = Duration.ofSeconds(20);
        private Duration keepAlive = Duration.ofSeconds(75);
        private int bodyRate = 240;
        private Duration bodyGrace = Duration.ofSeconds(5);
        private int responseRate = 240;
        private Duration responseGrace = Duration.ofSeconds(5);

        private Builder() {}

        /**
         * Sets how long a head may take.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder head(Duration value) {
            head = value;
            return this;
        }

        /**
         * Sets how long a connection may wait for a request.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder keepAlive(Duration value) {
            keepAlive = value;
            return this;
        }

        /**
         * Sets how many bytes of a body must come in a second; 0 for none.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder bodyRate(int value) {
            bodyRate = value;
            return this;
        }

        /**
         * Sets how long a body has before its rate is looked at.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder bodyGrace(Duration value) {
            bodyGrace = value;
            return this;
        }

        /**
         * Sets how many bytes of a response must leave in a second; 0 for none.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder responseRate(int value) {
            responseRate = value;
            return this;
        }

        /**
         * Sets how long a response has before its rate is looked at.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder responseGrace(Duration value) {
            responseGrace = value;
            return this;
        }

        /**
         * Makes the time-outs.
         *
         * @return the time-outs
         * @throws IllegalArgumentException if a value is out of range
         */
        public HttpTimeouts build() {
            return new HttpTimeouts(head, keepAlive, bodyRate, bodyGrace, responseRate, responseGrace);
        }
    }
}
