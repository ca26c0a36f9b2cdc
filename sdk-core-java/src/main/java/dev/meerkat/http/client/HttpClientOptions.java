package dev.meerkat.http.client;

import dev.meerkat.ConnectOptions;
import dev.meerkat.http.Headers;
import dev.meerkat.http.HttpLimits;
import dev.meerkat.internal.check.Ranges;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a client behaves. Immutable.
 *
 * @param connect how connections are made: time-outs of names, TCP and TLS, and whom to trust. With
 *     {@link ConnectOptions#connectTimeout()} of 10 s by default, since somebody waits for the answer
 * @param limits how much a response may bring; {@link HttpLimits#DEFAULT} by default but that 16 MiB of a body are
 *     collected, since a program chooses whom it asks
 * @param connectionsPerOrigin how many connections there may be to one scheme, host and port; 8 by default (browsers 6)
 * @param connections how many connections there may be in all; 64 by default. Idle ones make room for others
 * @param idleKeep how long a connection is kept for the next request; 30 s by default, below the 60 to 75 s after which
 *     common servers hang up. A server's {@code Keep-Alive: timeout} shortens it
 * @param waiting how many calls may wait for a connection, in order of arrival; 1,024 by default, a few seconds' work
 *     of 64 connections
 * @param waitTimeout how long a call may wait for a connection; 30 s by default
 * @param headTimeout how long a server may take from the end of the request to the head of its response; 60 s by
 *     default, the usual patience of proxies
 * @param idleTimeout how long the next bytes of a body may take, in either direction; 30 s by default. While the
 *     program itself holds a body back, it does not count
 * @param continueTimeout how long to wait for 100 before a body is sent all the same (RFC 9110 §10.1.1); 1 s by default
 *     (curl, Go 1 s)
 * @param callTimeout how long a whole call may take, with everything that belongs to it; 10 min by default: every step
 *     has its own time-out, so that this one only ends who drips. {@link ClientRequest#withTimeout} sets another
 * @param redirects how many redirects are followed; 10 by default (RFC 9110 §15.4 leaves it open; browsers 20, Go 10),
 *     0 gives them to the program
 * @param insecureRedirects whether a redirect may lead from {@code https} to {@code http}; off by default
 * @param decompress whether to ask for {@code gzip} and {@code deflate} and to decompress; on by default, unless a
 *     request has a field {@code Accept-Encoding} of its own
 * @param inflationRatio how many times larger than what arrived a body may become; 200 by default, above any text that
 *     is not made for that (deflate reaches 1,032). It counts from 1 MiB on
 * @param userAgent the value of {@code User-Agent} for requests that have none; empty, the default, sends none
 * @param cookies where cookies are kept; empty, the default, keeps none
 * @param proxy who stands between; empty, the default, for nobody
 */
public record HttpClientOptions(
        ConnectOptions connect,
        HttpLimits limits,
        int connectionsPerOrigin,
        int connections,
        Duration idleKeep,
        int waiting,
        Duration waitTimeout,
        Duration headTimeout,
        Duration idleTimeout,
        Duration continueTimeout,
        Duration callTimeout,
        int redirects,
        boolean insecureRedirects,
        boolean decompress,
        int inflationRatio,
        String userAgent,
        Optional<CookieJar> cookies,
        Optional<ClientProxy> proxy) {
    private static final HttpLimits LIMITS =
            HttpLimits.builder().bufferedBodyBytes(16 << 20).build();

    /** The defaults. */
    public static final HttpClientOptions DEFAULT = builder().build();

    // Checks every value; a bad one is an IllegalArgumentException that names it.
    public HttpClientOptions {
        Objects.requireNonNull(connect, "connect");
        Objects.requireNonNull(limits, "limits");
        Objects.requireNonNull(userAgent, "userAgent");
        Objects.requireNonNull(cookies, "cookies");
        Objects.requireNonNull(proxy, "proxy");
        Ranges.atLeast("connectionsPerOrigin", connectionsPerOrigin, 1);
        Ranges.atLeast("connections", connections, 1);
        Ranges.atLeast("waiting", waiting, 0);
        Ranges.atLeast("redirects", redirects, 0);
        Ranges.atLeast("inflationRatio", inflationRatio, 1);
        Ranges.positive("idleKeep", idleKeep);
        Ranges.positive("waitTimeout", waitTimeout);
        Ranges.positive("headTimeout", headTimeout);
        Ranges.positive("idleTimeout", idleTimeout);
        Ranges.positive("continueTimeout", continueTimeout);
        Ranges.positive("callTimeout", callTimeout);
        if (connect.blocking() != null) {
            throw new IllegalArgumentException("connect must not be blocking: a client's connections have no thread");
        }
        if (!userAgent.isEmpty()) {
            Headers.of("User-Agent", userAgent);
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
     * Starts from these options.
     *
     * @return a new builder
     */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.connect = connect;
        builder.limits = limits;
        builder.connectionsPerOrigin = connectionsPerOrigin;
        builder.connections = connections;
        builder.idleKeep = idleKeep;
        builder.waiting = waiting;
        builder.waitTimeout = waitTimeout;
        builder.headTimeout = headTimeout;
        builder.idleTimeout = idleTimeout;
        builder.continueTimeout = continueTimeout;
        builder.callTimeout = callTimeout;
        builder.redirects = redirects;
        builder.insecureRedirects = insecureRedirects;
        builder.decompress = decompress;
        builder.inflationRatio = inflationRatio;
        builder.userAgent = userAgent;
        builder.cookies = cookies.orElse(null);
        builder.proxy = proxy.orElse(null);
        return builder;
    }

    /** Collects options; each method answers the builder itself. */
    public static final class Builder {
        private ConnectOptions connect =
                ConnectOptions.builder().connectTimeout(Duration.ofSeconds(10)).build();
        private HttpLimits limits = LIMITS;
        private int connectionsPerOrigin = 8;
        private int connections = 64;
        private Duration idleKeep = Duration.ofSeconds(30);
        private int waiting = 1_024;
        private Duration waitTimeout = Duration.ofSeconds(30);
        private Duration headTimeout = Duration.ofSeconds(60);
        private Duration idleTimeout = Duration.ofSeconds(30);
        private Duration continueTimeout = Duration.ofSeconds(1);
        private Duration callTimeout = Duration.ofMinutes(10);
        private int redirects = 10;
        private boolean insecureRedirects = false;
        private boolean decompress = true;
        private int inflationRatio = 200;
        private String userAgent = "";
        private @Nullable CookieJar cookies;
        private @Nullable ClientProxy proxy;

        private Builder() {}

        /**
         * Sets how connections are made: {@link HttpClientOptions#connect()}.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder connect(ConnectOptions value) {
            connect = value;
            return this;
        }

        /**
         * Sets how much a response may bring: {@link HttpClientOptions#limits()}.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder limits(HttpLimits value) {
            limits = value;
            return this;
        }

        /**
         * Sets how many connections there may be to one origin: {@link HttpClientOptions#connectionsPerOrigin()}.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder connectionsPerOrigin(int value) {
            connectionsPerOrigin = value;
            return this;
        }

        /**
         * Sets how many connections there may be in all: {@link HttpClientOptions#connections()}.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder connections(int value) {
            connections = value;
            return this;
        }

        /**
         * Sets how long a connection is kept for the next request: {@link HttpClientOptions#idleKeep()}.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder idleKeep(Duration value) {
            idleKeep = value;
            return this;
        }

        /**
         * Sets how many calls may wait for a connection: {@link HttpClientOptions#waiting()}.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder waiting(int value) {
            waiting = value;
            return this;
        }

        /**
         * Sets how long a call may wait for a connection: {@link HttpClientOptions#waitTimeout()}.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder waitTimeout(Duration value) {
            waitTimeout = value;
            return this;
        }

        /**
         * Sets how long the head of a response may take: {@link HttpClientOptions#headTimeout()}.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder headTimeout(Duration value) {
            headTimeout = value;
            return this;
        }

        /**
         * Sets how long the next bytes of a body may take: {@link HttpClientOptions#idleTimeout()}.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder idleTimeout(Duration value) {
            idleTimeout = value;
            return this;
        }

        /**
         * Sets how long to wait for 100: {@link HttpClientOptions#continueTimeout()}.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder continueTimeout(Duration value) {
            continueTimeout = value;
            return this;
        }

        /**
         * Sets how long a whole call may take: {@link HttpClientOptions#callTimeout()}.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder callTimeout(Duration value) {
            callTimeout = value;
            return this;
        }

        /**
         * Sets how many redirects are followed: {@link HttpClientOptions#redirects()}.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder redirects(int value) {
            redirects = value;
            return this;
        }

        /**
         * Sets whether a redirect may lead from https to http: {@link HttpClientOptions#insecureRedirects()}.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder insecureRedirects(boolean value) {
            insecureRedirects = value;
            return this;
        }

        /**
         * Sets whether to ask for compressed bodies and to decompress them: {@link HttpClientOptions#decompress()}.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder decompress(boolean value) {
            decompress = value;
            return this;
        }

        /**
         * Sets how many times larger a body may become: {@link HttpClientOptions#inflationRatio()}.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder inflationRatio(int value) {
            inflationRatio = value;
            return this;
        }

        /**
         * Sets the value of User-Agent: {@link HttpClientOptions#userAgent()}.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder userAgent(String value) {
            userAgent = value;
            return this;
        }

        /**
         * Sets where cookies are kept: {@link HttpClientOptions#cookies()}.
         *
         * @param value the new value, or null for none
         * @return this builder
         */
        public Builder cookies(@Nullable CookieJar value) {
            cookies = value;
            return this;
        }

        /**
         * Sets who stands between: {@link HttpClientOptions#proxy()}.
         *
         * @param value the new value, or null for none
         * @return this builder
         */
        public Builder proxy(@Nullable ClientProxy value) {
            proxy = value;
            return this;
        }

        /**
         * Makes the options.
         *
         * @return the options
         * @throws IllegalArgumentException if a value is out of range
         */
        public HttpClientOptions build() {
            return new HttpClientOptions(
                    connect,
                    limits,
                    connectionsPerOrigin,
                    connections,
                    idleKeep,
                    waiting,
                    waitTimeout,
                    headTimeout,
                    idleTimeout,
                    continueTimeout,
                    callTimeout,
                    redirects,
                    insecureRedirects,
                    decompress,
                    inflationRatio,
                    userAgent,
                    Optional.ofNullable(cookies),
                    Optional.ofNullable(proxy));
        }
    }
}
