package dev.meerkat.websocket;

import dev.meerkat.internal.check.Ranges;

/**
 * Whether and how messages are compressed (permessage-deflate, RFC 7692), on either side. Immutable. Precedents are
 * defaults of their current releases.
 *
 * <pre>{@code
 * CompressionOptions feed = CompressionOptions.builder()
 *     .keepOwnContext(true)          // many small messages that resemble each other
 *     .threshold(0)
 *     .contextBytes(256L << 20)
 *     .build();
 * }</pre>
 *
 * <p>What compresses and decompresses is called a context. It holds native memory: {@value #DEFLATER_BYTES} bytes to
 * compress, {@value #INFLATER_BYTES} to decompress. Contexts are not kept by default: one is lent to a message while
 * that is under way, so that a connection between messages holds none. Keeping them makes small messages that resemble
 * each other several times shorter and costs each connection that memory for as long as it lives.
 *
 * @param enabled whether a client offers compression and a server accepts it; on by default, since it costs a
 *     connection without messages nothing (Jetty, Tomcat, Python's websockets on, {@code ws}, Netty, Go's gorilla off)
 * @param level how hard to try, 1 the fastest to 9 the smallest; 6 by default (zlib, {@code ws} 6)
 * @param threshold from how many bytes on a message is compressed; 1,024 by default ({@code ws} 1,024): a shorter one
 *     fits in one segment of TCP as it is
 * @param keepOwnContext whether what we compress may refer to messages that we sent before; off by default. It is asked
 *     of the peer, and given up for connections that {@code contextBytes} has no room for
 * @param keepPeerContext whether what the peer compresses may refer to messages that it sent before; off by default.
 *     Without it a client offers {@code server_no_context_takeover}, and a server that cannot do that declines
 *     compression
 * @param contextBytes how much native memory the contexts of one manager for one server or client may hold; 64 MiB by
 *     default, 240 that compress or 1,489 that decompress. Contexts that are kept get at most half of it, and who finds
 *     no room in that keeps none. Without room for a context that is lent, an outgoing message leaves uncompressed; for
 *     an incoming one the WebSocket is closed with 1013
 * @param inflationRatio how many times larger than what arrived a message may become; 200 by default, above any text
 *     that is not made for that (deflate reaches 1,032). It counts from 1 MiB on; beyond, the WebSocket is closed with
 *     1009, as it is for messages that exceed {@link WebSocketOptions#messageBytes()} when decompressed
 */
public record CompressionOptions(
        boolean enabled,
        int level,
        int threshold,
        boolean keepOwnContext,
        boolean keepPeerContext,
        long contextBytes,
        int inflationRatio) {
    /**
     * What a context that compresses is taken to hold: zlib's 2^17 + 2^17 bytes for a window of 15 bits, and its state.
     */
    public static final int DEFLATER_BYTES = 272 * 1024;

    /** What a context that decompresses is taken to hold: a window of 2^15 bytes, and its state. */
    public static final int INFLATER_BYTES = 44 * 1024;

    /** The defaults. */
    public static final CompressionOptions DEFAULT = builder().build();

    /** No compression. */
    public static final CompressionOptions OFF = builder().enabled(false).build();

    // Checks every value; a bad one is an IllegalArgumentException that names it.
    public CompressionOptions {
        Ranges.within("level", level, 1, 9);
        Ranges.atLeast("threshold", threshold, 0);
        Ranges.atLeast("contextBytes", contextBytes, DEFLATER_BYTES + INFLATER_BYTES);
        Ranges.atLeast("inflationRatio", inflationRatio, 1);
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
        Builder builder = new Builder();
        builder.enabled = enabled;
        builder.level = level;
        builder.threshold = threshold;
        builder.keepOwnContext = keepOwnContext;
        builder.keepPeerContext = keepPeerContext;
        builder.contextBytes = contextBytes;
        builder.inflationRatio = inflationRatio;
        return builder;
    }

    /** Collects options; each method answers the builder itself. */
    public static final class Builder {
        private boolean enabled = true;
        private int level = 6;
        private int threshold = 1_024;
        private boolean keepOwnContext;
        private boolean keepPeerContext;
        private long contextBytes = 64L << 20;
        private int inflationRatio = 200;

        private Builder() {}

        /**
         * Sets {@link CompressionOptions#enabled}.
         *
         * @param value whether to offer or accept compression
         * @return this
         */
        public Builder enabled(boolean value) {
            enabled = value;
            return this;
        }

        /**
         * Sets {@link CompressionOptions#level}.
         *
         * @param value 1 to 9
         * @return this
         */
        public Builder level(int value) {
            level = value;
            return this;
        }

        /**
         * Sets {@link CompressionOptions#threshold}.
         *
         * @param value in bytes, 0 or more
         * @return this
         */
        public Builder threshold(int value) {
            threshold = value;
            return this;
        }

        /**
         * Sets {@link CompressionOptions#keepOwnContext}.
         *
         * @param value whether to keep what compresses
         * @return this
         */
        public Builder keepOwnContext(boolean value) {
            keepOwnContext = value;
            return this;
        }

        /**
         * Sets {@link CompressionOptions#keepPeerContext}.
         *
         * @param value whether to keep what decompresses
         * @return this
         */
        public Builder keepPeerContext(boolean value) {
            keepPeerContext = value;
            return this;
        }

        /**
         * Sets {@link CompressionOptions#contextBytes}.
         *
         * @param value in bytes, enough for one context of each kind
         * @return this
         */
        public Builder contextBytes(long value) {
            contextBytes = value;
            return this;
        }

        /**
         * Sets {@link CompressionOptions#inflationRatio}.
         *
         * @param value 1 or more
         * @return this
         */
        public Builder inflationRatio(int value) {
            inflationRatio = value;
            return this;
        }

        /**
         * Makes the options.
         *
         * @return immutable options
         * @throws IllegalArgumentException if a value is out of its range; the message names it
         */
        public CompressionOptions build() {
            return new CompressionOptions(
                    enabled, level, threshold, keepOwnContext, keepPeerContext, contextBytes, inflationRatio);
        }
    }
}
