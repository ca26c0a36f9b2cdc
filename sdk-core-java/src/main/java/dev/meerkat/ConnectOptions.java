package dev.meerkat;

import dev.meerkat.internal.check.Ranges;
import dev.meerkat.tls.TlsOptions;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How an outbound connection is made, and how it behaves.
 *
 * @param connection the options of the connection
 * @param connectTimeout how long looking up the name and connecting may take in all, over every address that is tried;
 *     30 s by default, room for a slow look-up and two addresses that do not answer at all
 * @param attemptTimeout how long one address may take to answer; 10 s by default: three SYN packets on Linux
 * @param attemptDelay how long an address may take to answer before the next one is tried beside it; 250 ms by default,
 *     from 10 ms to 2 s (RFC 8305, section 5)
 * @param resolutionDelay how long the family to be tried first is waited for once addresses of the other are known; 50
 *     ms by default (RFC 8305, section 3)
 * @param parallelAttempts how many addresses may be tried at once; 8 by default, two seconds' worth of attempts. 1
 *     tries one address after the other
 * @param families which addresses are tried, and which first; IPv6 first by default (RFC 8305, section 4)
 * @param tls how a {@code tls://} connection is encrypted; {@link TlsOptions#DEFAULT} by default, which verifies the
 *     server as a browser does. Other schemes ignore it; an adopted channel is encrypted if it was given
 * @param blocking how the connection gets a thread of its own, on which the handler is called and may block; null, the
 *     default, calls it on the loop thread
 */
public record ConnectOptions(
        ConnectionOptions connection,
        Duration connectTimeout,
        Duration attemptTimeout,
        Duration attemptDelay,
        Duration resolutionDelay,
        int parallelAttempts,
        AddressFamilies families,
        @Nullable TlsOptions tls,
        @Nullable BlockingOptions blocking) {
    private static final Duration LEAST_ATTEMPT_DELAY = Duration.ofMillis(10);
    private static final Duration MOST_ATTEMPT_DELAY = Duration.ofSeconds(2);

    /** The defaults. */
    public static final ConnectOptions DEFAULT = builder().build();

    // Checks every value; a bad one is an IllegalArgumentException that names it.
    public ConnectOptions {
        Objects.requireNonNull(connection, "connection");
        Objects.requireNonNull(attemptDelay, "attemptDelay");
        Objects.requireNonNull(families, "families");
        Ranges.positive("connectTimeout", connectTimeout);
        Ranges.positive("attemptTimeout", attemptTimeout);
        if (attemptDelay.compareTo(LEAST_ATTEMPT_DELAY) < 0 || attemptDelay.compareTo(MOST_ATTEMPT_DELAY) > 0) {
            throw new IllegalArgumentException("attemptDelay must be from 10 ms to 2 s: " + attemptDelay);
        }
        Ranges.notNegative("resolutionDelay", resolutionDelay);
        Ranges.atLeast("parallelAttempts", parallelAttempts, 1);
    }

    /**
     * Tells whether TLS options were given. Where no address says whether to encrypt, for an adopted channel, they do.
     *
     * @return false if {@link #tls()} is the default that nobody asked for
     */
    public boolean hasTls() {
        return tls != null;
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
     * How a {@code tls://} connection is encrypted.
     *
     * @return the options, {@link TlsOptions#DEFAULT} if none were given
     */
    @Override
    public TlsOptions tls() {
        return tls == null ? TlsOptions.DEFAULT : tls;
    }

    /**
     * Starts from these options.
     *
     * @return a new builder
     */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.connection = connection;
        builder.connectTimeout = connectTimeout;
        builder.attemptTimeout = attemptTimeout;
        builder.attemptDelay = attemptDelay;
        builder.resolutionDelay = resolutionDelay;
        builder.parallelAttempts = parallelAttempts;
        builder.families = families;
        builder.tls = tls;
        builder.blocking = blocking;
        return builder;
    }

    /** Collects options; each method answers the builder itself. */
    public static final class Builder {
        private ConnectionOptions connection = ConnectionOptions.DEFAULT;
        private Duration connectTimeout = Duration.ofSeconds(30);
        private Duration attemptTimeout = Duration.ofSeconds(10);
        private Duration attemptDelay = Duration.ofMillis(250);
        private Duration resolutionDelay = Duration.ofMillis(50);
        private int parallelAttempts = 8;
        private AddressFamilies families = AddressFamilies.IPV6_FIRST;
        /** Null stands for the default: who connects in clear does not pay for it. */
        private @Nullable TlsOptions tls;

        private @Nullable BlockingOptions blocking;

        private Builder() {}

        /**
         * Sets the options of the connection.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder connection(ConnectionOptions value) {
            connection = value;
            return this;
        }

        /**
         * Sets how long looking up the name and connecting may take in all, over every address that is tried.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder connectTimeout(Duration value) {
            connectTimeout = value;
            return this;
        }

        /**
         * Sets how long one address may take to answer.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder attemptTimeout(Duration value) {
            attemptTimeout = value;
            return this;
        }

        /**
         * Sets how long an address may take to answer before the next one is tried beside it.
         *
         * @param value the new value, from 10 ms to 2 s
         * @return this builder
         */
        public Builder attemptDelay(Duration value) {
            attemptDelay = value;
            return this;
        }

        /**
         * Sets how long the family to be tried first is waited for once addresses of the other are known.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder resolutionDelay(Duration value) {
            resolutionDelay = value;
            return this;
        }

        /**
         * Sets how many addresses may be tried at once; 1 tries one after the other.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder parallelAttempts(int value) {
            parallelAttempts = value;
            return this;
        }

        /**
         * Sets which addresses are tried, and which first.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder families(AddressFamilies value) {
            families = value;
            return this;
        }

        /**
         * Sets how a {@code tls://} connection is encrypted.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder tls(TlsOptions value) {
            tls = Objects.requireNonNull(value, "tls");
            return this;
        }

        /**
         * Sets how a connection gets a thread of its own, on which the handler is called and may block.
         *
         * @param value the new value, or null to call it on the loop thread
         * @return this builder
         */
        public Builder blocking(@Nullable BlockingOptions value) {
            blocking = value;
            return this;
        }

        /**
         * Makes the options.
         *
         * @return the options
         * @throws IllegalArgumentException if a value is out of range
         */
        public ConnectOptions build() {
            return new ConnectOptions(
                    connection,
                    connectTimeout,
                    attemptTimeout,
                    attemptDelay,
                    resolutionDelay,
                    parallelAttempts,
                    families,
                    tls,
                    blocking);
        }
    }
}
