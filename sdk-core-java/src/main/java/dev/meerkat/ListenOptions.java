package dev.meerkat;

import dev.meerkat.internal.check.Ranges;
import dev.meerkat.tls.TlsOptions;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How an {@link Acceptor} listens, and how the connections that it accepts behave.
 *
 * @param connection the options of every accepted connection
 * @param filter who is let in; everybody by default
 * @param backlog how many connections may wait in the operating system to be accepted; 1024 by default, the most that
 *     many systems grant
 * @param maxConnections how many accepted connections may live at once; at the limit the acceptor pauses and the next
 *     ones wait in the backlog. 100,000 by default: about 100 MB of heap
 * @param reuseAddress whether the address may be taken while connections of an earlier run still linger (SO_REUSEADDR);
 *     on by default, so that a restarted server starts
 * @param reusePort whether several acceptors may share the port (SO_REUSEPORT); off by default
 * @param tls the identity and the rules of a {@code tls://} acceptor, which cannot do without; null, the default, on
 *     other schemes
 * @param socketFilePermissions the mode of the file of a Unix domain socket; who may write to it may connect. The file
 *     has it from the first moment that others see it. Empty by default: then the umask of the process decides, and the
 *     usual one lets only the owner connect. Means nothing for {@code tcp}
 * @param blocking how connections get threads of their own, on which the handler is called and may block; null, the
 *     default, calls it on the loop thread
 * @param maxHandshakes how many accepted {@code tls://} connections may be in their handshake at once; at the limit the
 *     acceptor pauses and the next ones wait in the backlog. 1,000 by default: a handshake holds up to 100 KiB, so 100
 *     MiB at the worst. With the time-out of a handshake it is also the bound on what silent peers can hold
 * @param maxHandshakesPerAddress how many of them may come from one address, of IPv6 from one network of 64 bits; the
 *     next ones are reset at once, so that nobody keeps all others out by connecting and keeping silent. 250 by
 *     default, a quarter of all: more than a client needs, or an office behind one address; raise it behind a proxy
 *     that passes connections on. With hand-over or a shared port each manager of a group counts for itself. Means
 *     nothing for {@code unix}
 * @param tickInterval the time between two {@code Tick} events for the connections of this acceptor that ask for them
 *     ({@link ConnectionOptions#ticks}); null, the default, is the manager's interval
 */
public record ListenOptions(
        ConnectionOptions connection,
        AcceptFilter filter,
        int backlog,
        int maxConnections,
        boolean reuseAddress,
        boolean reusePort,
        @Nullable TlsOptions tls,
        Optional<Set<PosixFilePermission>> socketFilePermissions,
        @Nullable BlockingOptions blocking,
        int maxHandshakes,
        int maxHandshakesPerAddress,
        @Nullable Duration tickInterval) {
    /** The defaults. */
    public static final ListenOptions DEFAULT = builder().build();

    // Checks every value; a bad one is an IllegalArgumentException that names it.
    public ListenOptions {
        Objects.requireNonNull(connection, "connection");
        Objects.requireNonNull(filter, "filter");
        Ranges.atLeast("backlog", backlog, 1);
        Ranges.atLeast("maxConnections", maxConnections, 1);
        Ranges.atLeast("maxHandshakes", maxHandshakes, 1);
        Ranges.atLeast("maxHandshakesPerAddress", maxHandshakesPerAddress, 1);
        if (tickInterval != null) {
            Ranges.positive("tickInterval", tickInterval);
        }
        if (socketFilePermissions.isPresent()) {
            socketFilePermissions = Optional.of(copyOf(socketFilePermissions.get()));
        }
    }

    /** Unlike {@code Set.copyOf} in the same order in every JVM. */
    private static Set<PosixFilePermission> copyOf(Set<PosixFilePermission> permissions) {
        Set<PosixFilePermission> copy = EnumSet.noneOf(PosixFilePermission.class);
        copy.addAll(permissions);
        return Collections.unmodifiableSet(copy);
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
        builder.filter = filter;
        builder.backlog = backlog;
        builder.maxConnections = maxConnections;
        builder.reuseAddress = reuseAddress;
        builder.reusePort = reusePort;
        builder.tls = tls;
        builder.socketFilePermissions = socketFilePermissions;
        builder.blocking = blocking;
        builder.maxHandshakes = maxHandshakes;
        builder.maxHandshakesPerAddress = maxHandshakesPerAddress;
        builder.tickInterval = tickInterval;
        return builder;
    }

    /** Collects options; each method answers the builder itself. */
    public static final class Builder {
        private ConnectionOptions connection = ConnectionOptions.DEFAULT;
        private AcceptFilter filter = AcceptFilter.ALLOW_ALL;
        private int backlog = 1024;
        private int maxConnections = 100_000;
        private boolean reuseAddress = true;
        private boolean reusePort = false;
        private @Nullable TlsOptions tls;
        private Optional<Set<PosixFilePermission>> socketFilePermissions = Optional.empty();
        private @Nullable BlockingOptions blocking;
        private int maxHandshakes = 1000;
        private int maxHandshakesPerAddress = 250;
        private @Nullable Duration tickInterval;

        private Builder() {}

        /**
         * Sets the options of every accepted connection.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder connection(ConnectionOptions value) {
            connection = value;
            return this;
        }

        /**
         * Sets who is let in.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder filter(AcceptFilter value) {
            filter = value;
            return this;
        }

        /**
         * Sets how many connections may wait in the operating system to be accepted.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder backlog(int value) {
            backlog = value;
            return this;
        }

        /**
         * Sets how many accepted connections may live at once.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder maxConnections(int value) {
            maxConnections = value;
            return this;
        }

        /**
         * Sets whether the address may be taken while connections of an earlier run still linger (SO_REUSEADDR).
         *
         * @param value the new value
         * @return this builder
         */
        public Builder reuseAddress(boolean value) {
            reuseAddress = value;
            return this;
        }

        /**
         * Sets whether several acceptors may share the port (SO_REUSEPORT).
         *
         * @param value the new value
         * @return this builder
         */
        public Builder reusePort(boolean value) {
            reusePort = value;
            return this;
        }

        /**
         * Sets the identity and the rules of a {@code tls://} acceptor.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder tls(TlsOptions value) {
            tls = Objects.requireNonNull(value, "tls");
            return this;
        }

        /**
         * Sets the mode of the file of a Unix domain socket, as {@code ls} writes it.
         *
         * @param value for instance {@code rw-rw----}: the owner and the group may connect
         * @return this builder
         * @throws IllegalArgumentException if the text is not of that form
         */
        public Builder socketFilePermissions(String value) {
            return socketFilePermissions(PosixFilePermissions.fromString(value));
        }

        /**
         * Sets the mode of the file of a Unix domain socket.
         *
         * @param value who may do what; who may write may connect
         * @return this builder
         */
        public Builder socketFilePermissions(Set<PosixFilePermission> value) {
            socketFilePermissions = Optional.of(value);
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
         * Sets how many accepted {@code tls://} connections may be in their handshake at once.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder maxHandshakes(int value) {
            maxHandshakes = value;
            return this;
        }

        /**
         * Sets how many accepted {@code tls://} connections from one address may be in their handshake at once.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder maxHandshakesPerAddress(int value) {
            maxHandshakesPerAddress = value;
            return this;
        }

        /**
         * Sets the time between two {@code Tick} events for the connections of this acceptor that ask for them.
         *
         * @param value the new value, or null for the manager's
         * @return this builder
         */
        public Builder tickInterval(@Nullable Duration value) {
            tickInterval = value;
            return this;
        }

        /**
         * Makes the options.
         *
         * @return the options
         * @throws IllegalArgumentException if a value is out of range
         */
        public ListenOptions build() {
            return new ListenOptions(
                    connection,
                    filter,
                    backlog,
                    maxConnections,
                    reuseAddress,
                    reusePort,
                    tls,
                    socketFilePermissions,
                    blocking,
                    maxHandshakes,
                    maxHandshakesPerAddress,
                    tickInterval);
        }
    }
}
