package dev.meerkat.http;

import dev.meerkat.internal.check.Ranges;

/**
 * How much of everything a peer may send. All of it holds for both roles, unless said otherwise; who goes beyond gets
 * the answer that stands in {@link HttpRule}, and the connection is closed. Precedents are defaults of their current
 * releases.
 *
 * @param startLineBytes the length of the first line, without its CR LF; 8 KiB by default (nginx 8 KiB, Apache 8,190;
 *     RFC 9112 §3 recommends 8,000 at least)
 * @param headerCount the number of header fields; 100 by default (Apache, hyper 100)
 * @param headerBytes the length of all field lines together, each with its CR LF; 32 KiB by default (nginx 4 × 8 KiB,
 *     Node and h11 16 KiB for the whole head, Jetty and Tomcat 8 KiB, too little for the cookies of a single sign-on)
 * @param bodyBytes the length of a body that is read as it comes, which costs no memory here; 16 GiB by default:
 *     several of the largest files people upload, and an end for who never stops (Apache 1 GiB, Kestrel 30 MB, nginx 1
 *     MiB, Node, Netty and Jetty none)
 * @param bufferedBodyBytes the length of a body that is collected before it is handed over; 1 MiB by default (nginx 1
 *     MiB), since every connection may have one at a time
 * @param trailerCount the number of trailer fields; 32 by default, nobody is known to send more than a few
 * @param trailerBytes the length of all trailer lines together, each with its CR LF; 8 KiB by default (hyper 16 KiB)
 * @param chunkLineBytes the length of the line in front of a chunk, without its CR LF; 4 KiB by default (Go 4 KiB)
 * @param chunkExtensionBytes the length of all chunk extensions of one body together; 16 KiB by default (hyper, Node 16
 *     KiB)
 * @param pipelineDepth how many pipelined requests of one connection a server answers in one turn of the loop, before
 *     others have theirs; 16 by default. It hears of one at a time, and reads no more while answers wait
 * @param requestsPerConnection after how many requests a server closes a connection; no limit by default, since nothing
 *     grows with them (Node none, nginx 1,000, Apache 100)
 * @param connectionsPerIp how many connections a server has with one address at a time, of IPv6 with all addresses
 *     whose first 64 bits are the same, those that speak another protocol by now included; no limit by default, since a
 *     proxy in front of a server is one address (nginx, Apache none)
 */
public record HttpLimits(
        int startLineBytes,
        int headerCount,
        int headerBytes,
        long bodyBytes,
        int bufferedBodyBytes,
        int trailerCount,
        int trailerBytes,
        int chunkLineBytes,
        int chunkExtensionBytes,
        int pipelineDepth,
        int requestsPerConnection,
        int connectionsPerIp) {
    /** As good as no limit, where that is allowed. */
    public static final int NONE = Integer.MAX_VALUE;

    /** The defaults. */
    public static final HttpLimits DEFAULT = builder().build();

    /** So that what must be held until it is complete, a head or a line, stays below what a connection may hold. */
    private static final int HELD_AT_MOST = 512 * 1024;

    // Checks every value; a bad one is an IllegalArgumentException that names it.
    public HttpLimits {
        Ranges.within("startLineBytes", startLineBytes, 16, HELD_AT_MOST);
        Ranges.within("headerCount", headerCount, 1, 10_000);
        Ranges.within("headerBytes", headerBytes, 16, HELD_AT_MOST);
        Ranges.atLeast("bodyBytes", bodyBytes, 0);
        Ranges.atLeast("bufferedBodyBytes", bufferedBodyBytes, 0);
        Ranges.within("trailerCount", trailerCount, 0, 10_000);
        Ranges.within("trailerBytes", trailerBytes, 0, HELD_AT_MOST);
        Ranges.within("chunkLineBytes", chunkLineBytes, 16, HELD_AT_MOST);
        Ranges.atLeast("chunkExtensionBytes", chunkExtensionBytes, 0);
        Ranges.within("pipelineDepth", pipelineDepth, 1, 10_000);
        Ranges.atLeast("requestsPerConnection", requestsPerConnection, 1);
        Ranges.atLeast("connectionsPerIp", connectionsPerIp, 1);
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
     * Starts from these limits.
     *
     * @return a new builder
     */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.startLineBytes = startLineBytes;
        builder.headerCount = headerCount;
        builder.headerBytes = headerBytes;
        builder.bodyBytes = bodyBytes;
        builder.bufferedBodyBytes = bufferedBodyBytes;
        builder.trailerCount = trailerCount;
        builder.trailerBytes = trailerBytes;
        builder.chunkLineBytes = chunkLineBytes;
        builder.chunkExtensionBytes = chunkExtensionBytes;
        builder.pipelineDepth = pipelineDepth;
        builder.requestsPerConnection = requestsPerConnection;
        builder.connectionsPerIp = connectionsPerIp;
        return builder;
    }

    /** Collects limits; each method answers the builder itself. */
    public static final class Builder {
        private int startLineBytes = 8 * 1024;
        private int headerCount = 100;
        private int headerBytes = 32 * 1024;
        private long bodyBytes = 16L << 30;
        private int bufferedBodyBytes = 1 << 20;
        private int trailerCount = 32;
        private int trailerBytes = 8 * 1024;
        private int chunkLineBytes = 4 * 1024;
        private int chunkExtensionBytes = 16 * 1024;
        private int pipelineDepth = 16;
        private int requestsPerConnection = NONE;
        private int connectionsPerIp = NONE;

        private Builder() {}

        /**
         * Sets the length of the first line.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder startLineBytes(int value) {
            startLineBytes = value;
            return this;
        }

        /**
         * Sets the number of header fields.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder headerCount(int value) {
            headerCount = value;
            return this;
        }

        /**
         * Sets the length of all field lines together.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder headerBytes(int value) {
            headerBytes = value;
            return this;
        }

        /**
         * Sets the length of a body that is read as it comes.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder bodyBytes(long value) {
            bodyBytes = value;
            return this;
        }

        /**
         * Sets the length of a body that is collected.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder bufferedBodyBytes(int value) {
            bufferedBodyBytes = value;
            return this;
        }

        /**
         * Sets the number of trailer fields.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder trailerCount(int value) {
            trailerCount = value;
            return this;
        }

        /**
         * Sets the length of all trailer lines together.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder trailerBytes(int value) {
            trailerBytes = value;
            return this;
        }

        /**
         * Sets the length of the line in front of a chunk.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder chunkLineBytes(int value) {
            chunkLineBytes = value;
            return this;
        }

        /**
         * Sets the length of all chunk extensions of one body.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder chunkExtensionBytes(int value) {
            chunkExtensionBytes = value;
            return this;
        }

        /**
         * Sets how many requests of one connection may be under way.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder pipelineDepth(int value) {
            pipelineDepth = value;
            return this;
        }

        /**
         * Sets after how many requests a connection is closed, or {@link #NONE}.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder requestsPerConnection(int value) {
            requestsPerConnection = value;
            return this;
        }

        /**
         * Sets how many connections one address may have, or {@link #NONE}.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder connectionsPerIp(int value) {
            connectionsPerIp = value;
            return this;
        }

        /**
         * Makes the limits.
         *
         * @return the limits
         * @throws IllegalArgumentException if a value is out of range
         */
        public HttpLimits build() {
            return new HttpLimits(
                    startLineBytes,
                    headerCount,
                    headerBytes,
                    bodyBytes,
                    bufferedBodyBytes,
                    trailerCount,
                    trailerBytes,
                    chunkLineBytes,
                    chunkExtensionBytes,
                    pipelineDepth,
                    requestsPerConnection,
                    connectionsPerIp);
        }
    }
}
