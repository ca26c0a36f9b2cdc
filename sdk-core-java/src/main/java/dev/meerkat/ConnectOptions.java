package dev.meerkat;

import dev.meerkat.tls.TlsOptions;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How an outbound connection is made, and how it behaves.
 *
 * @param connection the options of the connection
 * @param connectTimeout how long looking up the name and connecting may take in all, over every address that is tried;
 *     30 s by default, room for two addresses that do not answer at all
 * @param attemptTimeout how long one address may take to answer before the next one is tried; 10 s by default: three
 *     SYN packets on Linux
 * @param tls how a {@code tls://} connection is encrypted; {@link TlsOptions#DEFAULT} by default, which verifies the
 *     server as a browser does. Other schemes ignore it
 * @param blocking how the connection gets a thread of its own, on which the handler is called and may block; null, the
 *     default, calls it on the loop thread
 */
public record ConnectOptions(
        ConnectionOptions connection,
        Duration connectTimeout,
        Duration attemptTimeout,
        TlsOptions tls,
        @Nullable BlockingOptions blocking) {
    /** The defaults. */
    public static final ConnectOptions DEFAULT = builder().build();

    // Checks every value; a bad one is an IllegalArgumentException that names it.
    public ConnectOptions {
        Objects.requireNonNull(connection, "connection");
        Objects.requireNonNull(connectTimeout, "connectTimeout");
        Objects.requireNonNull(attemptTimeout, "attemptTimeout");
        Objects.requireNonNull(tls, "tls");
        if (connectTimeout.isNegative() || connectTimeout.isZero()) {
            throw new IllegalArgumentException("connectTimeout must be positive: " + connectTimeout);
        }
        if (attemptTimeout.isNegative() || attemptTimeout.isZero()) {
            throw new IllegalArgumentException("attemptTimeout must be positive: " + attemptTimeout);
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
        builder.connection = connection;
        builder.connectTimeout = connectTimeout;
        builder.attemptTimeout = attemptTimeout;
        builder.tls = tls;
        builder.blocking = blocking;
        return builder;
    }

    /** Collects options; each method answers the builder itself. */
    public static final class Builder {
        private ConnectionOptions connection = ConnectionOptions.DEFAULT;
        private Duration connectTimeout = Duration.ofSeconds(30);
        private Duration attemptTimeout = Duration.ofSeconds(10);
        private TlsOptions tls = TlsOptions.DEFAULT;
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
         * Sets how long one address may take to answer before the next one is tried.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder attemptTimeout(Duration value) {
            attemptTimeout = value;
            return this;
        }

        /**
         * Sets how a {@code tls://} connection is encrypted.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder tls(TlsOptions value) {
            tls = value;
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
            return new ConnectOptions(connection, connectTimeout, attemptTimeout, tls, blocking);
        }
    }
}
