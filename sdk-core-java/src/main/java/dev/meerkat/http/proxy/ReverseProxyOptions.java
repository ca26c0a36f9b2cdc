package dev.meerkat.http.proxy;

import dev.meerkat.http.Headers;
import dev.meerkat.http.client.HttpClientOptions;
import java.util.Objects;

/**
 * How a reverse proxy behaves. Immutable.
 *
 * @param client how it speaks to the server behind it: limits, time-outs, TLS, how many connections. Redirects, cookies
 *     and decompression are the peer's business and off, whatever these say; {@code connectionsPerOrigin} is the number
 *     of requests at a time, 64 by default
 * @param host whose name the server behind sees in {@code Host}
 * @param trustsForwarded whether what the peer says of those before it ({@code Forwarded}, {@code X-Forwarded-*},
 *     {@code X-Real-IP}, {@code X-Client-IP}, {@code True-Client-IP}) is passed on and added to; off by default, when
 *     it is thrown away: anybody can write it. Such a name with an underscore is always thrown away
 * @param via our name in {@code Via} (RFC 9110 §7.6.3): a token; {@code meerkat} by default
 */
public record ReverseProxyOptions(HttpClientOptions client, Host host, boolean trustsForwarded, String via) {
    /** Whose name the server behind sees. */
    public enum Host {
        /** Its own, as its URI says it. The peer's is in {@code Forwarded} and {@code X-Forwarded-Host}. */
        UPSTREAM,
        /** The one that the peer asked for. */
        ORIGINAL
    }

    /** The defaults. */
    public static final ReverseProxyOptions DEFAULT = builder().build();

    // Checks every value; a bad one is an IllegalArgumentException that names it.
    public ReverseProxyOptions {
        Objects.requireNonNull(client, "client");
        Objects.requireNonNull(host, "host");
        Headers.of(via, "");
        client = client.toBuilder().redirects(0).cookies(null).decompress(false).build();
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
        private HttpClientOptions client =
                HttpClientOptions.builder().connectionsPerOrigin(64).build();
        private Host host = Host.UPSTREAM;
        private boolean trustsForwarded;
        private String via = "meerkat";

        private Builder() {}

        /**
         * Sets how it speaks to the server behind it.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder client(HttpClientOptions value) {
            client = value;
            return this;
        }

        /**
         * Sets whose name the server behind sees.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder host(Host value) {
            host = value;
            return this;
        }

        /**
         * Sets whether what the peer says of those before it is passed on: only behind another proxy of one's own.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder trustsForwarded(boolean value) {
            trustsForwarded = value;
            return this;
        }

        /**
         * Sets our name in {@code Via}.
         *
         * @param value a token
         * @return this builder
         */
        public Builder via(String value) {
            via = value;
            return this;
        }

        /**
         * Makes the options.
         *
         * @return the options
         * @throws IllegalArgumentException if a value is not as described
         */
        public ReverseProxyOptions build() {
            return new ReverseProxyOptions(client, host, trustsForwarded, via);
        }
    }
}
