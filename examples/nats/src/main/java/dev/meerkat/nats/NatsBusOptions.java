package dev.meerkat.nats;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/**
 * How to reach NATS, and as whom. Immutable.
 *
 * @param servers {@code nats://host:port} or {@code tls://host:port}; several of one cluster stand in for each other
 * @param login as whom; nobody by default
 * @param tls the keys and who is trusted; empty, the default, means that of {@code tls://} addresses the JDK decides
 * @param subjectPrefix what the subject of each topic begins with; {@code meerkat.topic.} by default. Permissions of
 *     users are given by it
 * @param name how the server's logs call this process
 * @param connectTimeout how long one server may take to answer; 2 s by default, as the client has it, which lets this
 *     time pass before it tells of a refusal, too
 * @param reconnectWait how long to wait between two attempts at the same server; 250 ms by default, and up to as much
 *     again by chance, so that a server that returns is not asked by all at once
 * @param pendingBytes how many bytes may wait in the client for the socket; 1 MiB by default; what is above waits in
 *     the topic, within its bounds
 */
public record NatsBusOptions(
        List<String> servers,
        Optional<Login> login,
        Optional<SSLContext> tls,
        String subjectPrefix,
        String name,
        Duration connectTimeout,
        Duration reconnectWait,
        int pendingBytes) {

    /** As whom a process connects, in one of the ways that NATS offers. */
    public sealed interface Login {
        /**
         * A user and a password, which travel in clear unless TLS is used.
         *
         * @param user the user
         * @param password the password
         */
        record Password(String user, String password) implements Login {
            @Override
            public String toString() {
                return "user " + user;
            }
        }

        /**
         * A token that all share.
         *
         * @param token the token
         */
        record Token(String token) implements Login {
            @Override
            public String toString() {
                return "token";
            }
        }

        /**
         * A key pair; the server knows the public half, and the private one never travels.
         *
         * @param seed the private half, {@code SU…}
         */
        record NKey(String seed) implements Login {
            @Override
            public String toString() {
                return "nkey";
            }
        }

        /**
         * A file with a JWT and its key, as {@code nsc} makes it.
         *
         * @param file the file
         */
        record Credentials(Path file) implements Login {}
    }

    // Checks every value; a bad one is an IllegalArgumentException that names it.
    public NatsBusOptions {
        servers = List.copyOf(servers);
        if (servers.isEmpty()) {
            throw new IllegalArgumentException("expected at least one server");
        }
        Objects.requireNonNull(login, "login");
        Objects.requireNonNull(tls, "tls");
        if (!subjectPrefix.matches("[^\\s*>]*")) {
            throw new IllegalArgumentException(
                    "expected subjectPrefix without spaces and wildcards, found " + subjectPrefix);
        }
        Objects.requireNonNull(name, "name");
        if (connectTimeout.isNegative() || connectTimeout.isZero()) {
            throw new IllegalArgumentException("expected connectTimeout above zero, found " + connectTimeout);
        }
        if (reconnectWait.isNegative()) {
            throw new IllegalArgumentException("expected reconnectWait from zero, found " + reconnectWait);
        }
        if (pendingBytes < 1) {
            throw new IllegalArgumentException("expected pendingBytes from 1, found " + pendingBytes);
        }
    }

    /**
     * Starts from the defaults.
     *
     * @param servers where to find NATS, at least one
     * @return a new builder
     */
    public static Builder at(String... servers) {
        return new Builder(Arrays.asList(servers));
    }

    /** Collects options; each method answers the builder itself. */
    public static final class Builder {
        private final List<String> servers;
        private Optional<Login> login = Optional.empty();
        private Optional<SSLContext> tls = Optional.empty();
        private String subjectPrefix = "meerkat.topic.";
        private String name = "meerkat";
        private Duration connectTimeout = Duration.ofSeconds(2);
        private Duration reconnectWait = Duration.ofMillis(250);
        private int pendingBytes = 1 << 20;

        private Builder(List<String> servers) {
            this.servers = servers;
        }

        /**
         * As whom to connect.
         *
         * @param value one of the ways
         * @return this
         */
        public Builder login(Login value) {
            login = Optional.of(value);
            return this;
        }

        /**
         * A user and a password.
         *
         * @param user the user
         * @param password the password
         * @return this
         */
        public Builder login(String user, String password) {
            return login(new Login.Password(user, password));
        }

        /**
         * Encrypts.
         *
         * @param value the keys and who is trusted
         * @return this
         */
        public Builder tls(SSLContext value) {
            tls = Optional.of(value);
            return this;
        }

        /**
         * What subjects begin with.
         *
         * @param value with its dot at the end
         * @return this
         */
        public Builder subjectPrefix(String value) {
            subjectPrefix = Objects.requireNonNull(value, "subjectPrefix");
            return this;
        }

        /**
         * How the server's logs call this process.
         *
         * @param value any text
         * @return this
         */
        public Builder name(String value) {
            name = Objects.requireNonNull(value, "name");
            return this;
        }

        /**
         * How long one server may take to answer.
         *
         * @param value positive
         * @return this
         */
        public Builder connectTimeout(Duration value) {
            connectTimeout = Objects.requireNonNull(value, "connectTimeout");
            return this;
        }

        /**
         * How long to wait between two attempts.
         *
         * @param value zero or more
         * @return this
         */
        public Builder reconnectWait(Duration value) {
            reconnectWait = Objects.requireNonNull(value, "reconnectWait");
            return this;
        }

        /**
         * How many bytes may wait in the client.
         *
         * @param value 1 or more
         * @return this
         */
        public Builder pendingBytes(int value) {
            pendingBytes = value;
            return this;
        }

        /**
         * Makes the options.
         *
         * @return the options
         * @throws IllegalArgumentException if a value is out of its range
         */
        public NatsBusOptions build() {
            return new NatsBusOptions(
                    servers, login, tls, subjectPrefix, name, connectTimeout, reconnectWait, pendingBytes);
        }
    }
}
