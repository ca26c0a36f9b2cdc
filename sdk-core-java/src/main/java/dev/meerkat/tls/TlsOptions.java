package dev.meerkat.tls;

import dev.meerkat.internal.check.Ranges;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * How a connection is encrypted: who we are, whom we trust, and what we agree to speak.
 *
 * <pre>{@code
 * TlsOptions server = TlsOptions.server(Path.of("server.pem"));
 * manager.listen("tls://0.0.0.0:8443", ListenOptions.builder().tls(server).build(), handler);
 *
 * TlsOptions client = TlsOptions.client(TlsTrust.authorities(Path.of("ca.pem")));
 * manager.connect("tls://db.internal:8443", ConnectOptions.builder().tls(client).build(), handler);
 *
 * TlsOptions mutual = TlsOptions.builder()
 *         .identity(TlsIdentity.of(Path.of("server.pem")))
 *         .trust(TlsTrust.authorities(Path.of("clients-ca.pem")))
 *         .clientAuth(ClientAuth.REQUIRED)
 *         .build();
 * }</pre>
 *
 * <p>Immutable; any number of acceptors, connections, managers and threads may share one. Share it: connections that
 * are made with the same options object share what is costly, and resume each other's sessions.
 */
public final class TlsOptions {
    private static final Reloadable<TlsTrust> JDK_TRUST = Reloadable.of(() -> TlsTrust.JDK);

    /** The defaults of a client: it verifies the server against the JDK's authorities and the name it connects to. */
    public static final TlsOptions DEFAULT = builder().build();

    /** The most application protocols, 64: their names share one extension of 64 KiB (RFC 7301 §3.1). */
    public static final int MAX_APPLICATION_PROTOCOLS = 64;

    /** The most bytes of the name of an application protocol, 255: its length is one byte (RFC 7301 §3.1). */
    public static final int MAX_APPLICATION_PROTOCOL_BYTES = 255;

    /** The most identities of a server, 1,000: all of them are kept in memory, some 10 KB each. */
    public static final int MAX_IDENTITIES = 1_000;

    private final @Nullable SSLContext context;
    private final List<Reloadable<TlsIdentity>> identities;
    private final Reloadable<TlsTrust> trust;
    private final ClientAuth clientAuth;
    private final @Nullable String serverName;
    private final List<TlsVersion> versions;
    private final List<String> cipherSuites;
    private final List<String> applicationProtocols;
    private final TlsSessions sessions;
    private final Duration handshakeTimeout;
    private final HandshakeTasks handshakeTasks;

    private TlsOptions(Builder builder) {
        context = builder.context;
        identities = List.copyOf(builder.identities);
        trust = builder.trust;
        clientAuth = builder.clientAuth;
        serverName = builder.serverName;
        versions = List.copyOf(builder.versions);
        cipherSuites = builder.cipherSuites;
        applicationProtocols = builder.applicationProtocols;
        sessions = builder.sessions;
        handshakeTimeout = builder.handshakeTimeout;
        handshakeTasks = builder.handshakeTasks;
    }

    /**
     * A server with a certificate.
     *
     * @param chainAndKey a PEM file, see {@link TlsIdentity#of(Path)}
     * @return the options
     * @throws java.io.UncheckedIOException if the file cannot be read
     * @throws MalformedPemException if the file does not hold an identity
     */
    public static TlsOptions server(Path chainAndKey) {
        return server(TlsIdentity.of(chainAndKey));
    }

    /**
     * A server with a certificate.
     *
     * @param chain a PEM file with the certificate, see {@link TlsIdentity#of(Path, Path)}
     * @param key a PEM file with its private key
     * @return the options
     * @throws java.io.UncheckedIOException if a file cannot be read
     * @throws MalformedPemException if the files do not hold an identity
     */
    public static TlsOptions server(Path chain, Path key) {
        return server(TlsIdentity.of(chain, key));
    }

    /**
     * A server with a certificate.
     *
     * @param identity who it is
     * @return the options
     */
    public static TlsOptions server(TlsIdentity identity) {
        return builder().identity(identity).build();
    }

    /**
     * A client that verifies the server's certificate and name.
     *
     * @param trust whom it trusts
     * @return the options
     */
    public static TlsOptions client(TlsTrust trust) {
        return builder().trust(trust).build();
    }

    /**
     * A client that trusts the authorities of the JDK.
     *
     * @param mode {@link TlsMode#VERIFY} or {@link TlsMode#ALLOW_SELF_SIGNED}
     * @return the options
     * @throws IllegalArgumentException for {@link TlsMode#NONE}
     */
    public static TlsOptions client(TlsMode mode) {
        return switch (mode) {
            case NONE -> throw new IllegalArgumentException("no TLS, no options; connect to a tcp:// address");
            case VERIFY -> DEFAULT;
            case ALLOW_SELF_SIGNED -> client(TlsTrust.JDK.allowSelfSigned());
        };
    }

    /**
     * Takes a ready-made context, whose keys and trust then decide. A client still checks the name of the server, as
     * HTTPS does.
     *
     * @param context an initialised context
     * @return the options
     */
    public static TlsOptions of(SSLContext context) {
        return builder().context(context).build();
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
        builder.context = context;
        builder.identities.addAll(identities);
        builder.trust = trust;
        builder.clientAuth = clientAuth;
        builder.serverName = serverName;
        builder.versions = EnumSet.copyOf(versions);
        builder.cipherSuites = cipherSuites;
        builder.applicationProtocols = applicationProtocols;
        builder.sessions = sessions;
        builder.handshakeTimeout = handshakeTimeout;
        builder.handshakeTasks = handshakeTasks;
        return builder;
    }

    /**
     * The ready-made context that these options were made from.
     *
     * @return the context; empty if identity and trust are given instead
     */
    public Optional<SSLContext> context() {
        return Optional.ofNullable(context);
    }

    /**
     * Who we are. A server shows a client the identity that fits the name it asks for, or else the first; a client
     * shows a server the first that comes from an authority the server asks for.
     *
     * @return the identities; empty, the default, for a client that shows none
     */
    public List<Reloadable<TlsIdentity>> identities() {
        return identities;
    }

    /**
     * Whom we trust.
     *
     * @return the authorities; by default {@link TlsTrust#JDK}
     */
    public Reloadable<TlsTrust> trust() {
        return trust;
    }

    /**
     * Whether a server asks its clients for a certificate.
     *
     * @return what it does; not at all by default
     */
    public ClientAuth clientAuth() {
        return clientAuth;
    }

    /**
     * The name that the server's certificate must be for.
     *
     * @return the name, or {@code "*"} for any; empty, the default, for the host that the client connects to
     */
    public Optional<String> serverName() {
        return Optional.ofNullable(serverName);
    }

    /**
     * The versions of TLS that are spoken.
     *
     * @return the versions, oldest first; both by default
     */
    public List<TlsVersion> versions() {
        return versions;
    }

    /**
     * The cipher suites that are offered or accepted, by their standard names.
     *
     * @return the names, best first; empty, the default, for those of the JDK
     */
    public List<String> cipherSuites() {
        return cipherSuites;
    }

    /**
     * The application protocols that are negotiated (ALPN, RFC 7301).
     *
     * @return the names, best first; empty, the default, for no negotiation
     */
    public List<String> applicationProtocols() {
        return applicationProtocols;
    }

    /**
     * Whether sessions are resumed.
     *
     * @return how; by default {@link TlsSessions#DEFAULT}
     */
    public TlsSessions sessions() {
        return sessions;
    }

    /**
     * How long a handshake may take, from its first byte to its last.
     *
     * @return the time-out; 10 s by default
     */
    public Duration handshakeTimeout() {
        return handshakeTimeout;
    }

    /**
     * Where a handshake does what takes long.
     *
     * @return where; {@link HandshakeTasks#AUTOMATIC} by default
     */
    public HandshakeTasks handshakeTasks() {
        return handshakeTasks;
    }

    /** Collects options; each method answers the builder itself. */
    public static final class Builder {
        private @Nullable SSLContext context;
        private final List<Reloadable<TlsIdentity>> identities = new ArrayList<>();
        private Reloadable<TlsTrust> trust = JDK_TRUST;
        private ClientAuth clientAuth = ClientAuth.NONE;
        private @Nullable String serverName;
        private EnumSet<TlsVersion> versions = EnumSet.allOf(TlsVersion.class);
        private List<String> cipherSuites = List.of();
        private List<String> applicationProtocols = List.of();
        private TlsSessions sessions = TlsSessions.DEFAULT;
        private Duration handshakeTimeout = Duration.ofSeconds(10);
        private HandshakeTasks handshakeTasks = HandshakeTasks.AUTOMATIC;

        private Builder() {}

        /**
         * Takes a ready-made context, whose keys and trust then decide.
         *
         * @param value an initialised context
         * @return this builder
         */
        public Builder context(SSLContext value) {
            context = Objects.requireNonNull(value, "context");
            return this;
        }

        /**
         * Adds an identity.
         *
         * @param value who we are
         * @return this builder
         */
        public Builder identity(TlsIdentity value) {
            Objects.requireNonNull(value, "identity");
            return identity(Reloadable.of(() -> value));
        }

        /**
         * Adds an identity that may be loaded anew while it is in use.
         *
         * @param value who we are; at most {@link #MAX_IDENTITIES} in all
         * @return this builder
         */
        public Builder identity(Reloadable<TlsIdentity> value) {
            if (identities.size() == MAX_IDENTITIES) {
                throw new IllegalArgumentException("at most " + MAX_IDENTITIES + " identities");
            }
            identities.add(Objects.requireNonNull(value, "identity"));
            return this;
        }

        /**
         * Sets whom we trust: a client its servers, a server that asks for certificates its clients.
         *
         * @param value the authorities
         * @return this builder
         */
        public Builder trust(TlsTrust value) {
            Objects.requireNonNull(value, "trust");
            return trust(Reloadable.of(() -> value));
        }

        /**
         * Sets whom we trust, which may be loaded anew while it is in use.
         *
         * @param value the authorities
         * @return this builder
         */
        public Builder trust(Reloadable<TlsTrust> value) {
            trust = Objects.requireNonNull(value, "trust");
            return this;
        }

        /**
         * Sets whether a server asks its clients for a certificate. A client ignores it. Needs {@link #trust}: whoever
         * has a certificate of a public authority is hardly meant.
         *
         * @param value what it does
         * @return this builder
         */
        public Builder clientAuth(ClientAuth value) {
            clientAuth = Objects.requireNonNull(value, "clientAuth");
            return this;
        }

        /**
         * Sets the name that the server's certificate must be for, in place of the host that the client connects to.
         * The client also names it to the server (SNI, RFC 6066 §3). A server ignores it.
         *
         * @param value a host name, an IP address, or {@code "*"}: then the certificate must be trusted, but may be for
         *     any name
         * @return this builder
         */
        public Builder serverName(String value) {
            if (value.isEmpty()) {
                throw new IllegalArgumentException("serverName must not be empty; \"*\" is any name");
            }
            serverName = value;
            return this;
        }

        /**
         * Sets which versions of TLS are spoken.
         *
         * @param first a version
         * @param others more versions
         * @return this builder
         */
        public Builder versions(TlsVersion first, TlsVersion... others) {
            versions = EnumSet.of(first, others);
            return this;
        }

        /**
         * Sets which cipher suites are offered or accepted.
         *
         * @param names their standard names, best first; none for those of the JDK
         * @return this builder
         */
        public Builder cipherSuites(String... names) {
            cipherSuites = List.of(names);
            return this;
        }

        /**
         * Sets which application protocols are negotiated (ALPN, RFC 7301). The server takes the first of its own that
         * the client offers. If the client offers only others, the handshake fails (§3.2); if it offers none at all, or
         * the server knows no ALPN, the connection is without an application protocol.
         *
         * @param names the registered names, best first, for instance {@code "h2"}, {@code "http/1.1"}; each 1 to
         *     {@link #MAX_APPLICATION_PROTOCOL_BYTES} bytes of ASCII, at most {@link #MAX_APPLICATION_PROTOCOLS}
         * @return this builder
         */
        public Builder applicationProtocols(String... names) {
            if (names.length > MAX_APPLICATION_PROTOCOLS) {
                throw new IllegalArgumentException(
                        "at most " + MAX_APPLICATION_PROTOCOLS + " application protocols: " + names.length);
            }
            List<String> protocols = new ArrayList<>();
            for (String name : names) {
                if (name.isEmpty()
                        || name.length() > MAX_APPLICATION_PROTOCOL_BYTES
                        || !StandardCharsets.US_ASCII.newEncoder().canEncode(name)) {
                    throw new IllegalArgumentException("application protocol must be 1 to "
                            + MAX_APPLICATION_PROTOCOL_BYTES + " bytes of ASCII: " + name);
                }
                protocols.add(name);
            }
            applicationProtocols = List.copyOf(protocols);
            return this;
        }

        /**
         * Sets whether sessions are resumed.
         *
         * @param value how
         * @return this builder
         */
        public Builder sessions(TlsSessions value) {
            sessions = Objects.requireNonNull(value, "sessions");
            return this;
        }

        /**
         * Sets how long a handshake may take, from its first byte to its last.
         *
         * @param value the time-out, positive
         * @return this builder
         */
        public Builder handshakeTimeout(Duration value) {
            Ranges.positive("handshakeTimeout", value);
            handshakeTimeout = value;
            return this;
        }

        /**
         * Sets where a handshake does what takes long: on the workers, or on the loop thread, which is cheaper for the
         * machine and holds up everybody else whom the loop serves. A manager may have acceptors and connections of
         * both kinds.
         *
         * <pre>{@code
         * TlsOptions tls = TlsOptions.server(Path.of("server.pem")).toBuilder()
         *         .handshakeTasks(HandshakeTasks.ON_LOOP) // each loop of the group serves TLS and nothing else
         *         .build();
         * group.listen("tls://0.0.0.0:8443", ListenOptions.builder().tls(tls).build(), handler);
         * }</pre>
         *
         * @param value where
         * @return this builder
         */
        public Builder handshakeTasks(HandshakeTasks value) {
            handshakeTasks = Objects.requireNonNull(value, "handshakeTasks");
            return this;
        }

        /**
         * Makes the options.
         *
         * @return the options
         * @throws IllegalArgumentException if values contradict each other
         */
        public TlsOptions build() {
            if (context != null && (!identities.isEmpty() || trust != JDK_TRUST)) {
                throw new IllegalArgumentException("a context brings identity and trust of its own");
            }
            if (clientAuth != ClientAuth.NONE && context == null) {
                TlsTrust authorities = trust.current();
                if (authorities.authorities().isEmpty() || authorities.allowsSelfSigned()) {
                    throw new IllegalArgumentException("clientAuth needs trust in authorities of your own, found "
                            + authorities + ", of whom everybody can have a certificate");
                }
            }
            return new TlsOptions(this);
        }
    }
}
