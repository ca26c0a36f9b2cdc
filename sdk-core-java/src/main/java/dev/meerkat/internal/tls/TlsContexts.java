package dev.meerkat.internal.tls;

import dev.meerkat.Address;
import dev.meerkat.runtime.TimeSource;
import dev.meerkat.tls.ClientAuth;
import dev.meerkat.tls.Reloadable;
import dev.meerkat.tls.TlsIdentity;
import dev.meerkat.tls.TlsOptions;
import dev.meerkat.tls.TlsVersion;
import java.net.IDN;
import java.net.InetAddress;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.WeakHashMap;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

/**
 * Turns options into engines, in both roles. All engines of one {@link TlsOptions} share a context, and so their
 * sessions, whatever manager and loop they belong to. Callable from any thread.
 */
public final class TlsContexts {
    private static final String ANY_NAME = "*";

    /** By identity of the options, and as long as they are in use; a context knows a copy of them, not themselves. */
    private static final Map<TlsOptions, SharedContext> SHARED = Collections.synchronizedMap(new WeakHashMap<>());

    private final SharedContext shared;
    private final TlsOptions options;
    private final TimeSource time;
    /**
     * The same for every server's engine, and never changed: what an engine of its own says would be made each time.
     */
    private final SSLParameters serving;

    private TlsContexts(SharedContext shared, TimeSource time) {
        this.shared = shared;
        this.options = shared.options();
        this.time = time;
        this.serving = serving();
    }

    /**
     * Finds or makes what belongs to these options.
     *
     * @param options the options
     * @param time whose wall clock certificates are checked against; asked when a certificate is judged, on the thread
     *     that runs the engine's delegated tasks
     * @return a light object; what is costly is shared by all that were made of the same options
     */
    public static TlsContexts of(TlsOptions options, TimeSource time) {
        SharedContext shared = SHARED.computeIfAbsent(
                options, one -> new SharedContext(one.toBuilder().build()));
        return new TlsContexts(shared, time);
    }

    /**
     * Checks that these options can serve, so that listening fails rather than every handshake.
     *
     * @throws IllegalArgumentException if they have no identity
     */
    public void requireServer() {
        if (options.identities().isEmpty() && options.context().isEmpty()) {
            throw new IllegalArgumentException(
                    "a tls:// acceptor needs an identity: TlsOptions.server(Path.of(\"server.pem\"))");
        }
    }

    /**
     * Makes an engine for a connection that was accepted.
     *
     * @return a new engine, its handshake not begun
     * @throws IllegalArgumentException if the options have no identity
     */
    public SSLEngine serverEngine() {
        requireServer();
        SSLEngine engine = shared.current().createSSLEngine();
        engine.setUseClientMode(false);
        engine.setSSLParameters(serving);
        return options.clientAuth() == ClientAuth.NONE ? engine : shared.expect(engine, new Peer(time, null, null));
    }

    /**
     * Tells whether what a server's engine computes in a handshake waits for nothing but the processor: no code of the
     * program's own has a part in it, no device, and no certificates of the client's.
     *
     * @return whether that holds for an engine that is made now
     */
    public boolean waitsForNothing() {
        return options.context().isEmpty()
                && options.clientAuth() == ClientAuth.NONE
                && options.identities().stream().allMatch(TlsContexts::isInMemory);
    }

    /** A key in a device does not show itself. */
    private static boolean isInMemory(Reloadable<TlsIdentity> identity) {
        return identity.current().key().getFormat() != null;
    }

    /**
     * Makes an engine for a connection that was made.
     *
     * @param host the host that was connected to: a name, or the text of an IP address; empty if it is not known
     * @param port the port that was connected to
     * @return a new engine, its handshake not begun
     * @throws IllegalArgumentException if the server name of the options is neither a name nor an address, or neither
     *     it nor the host is known
     */
    public SSLEngine clientEngine(String host, int port) {
        boolean anyName = options.serverName().orElse("").equals(ANY_NAME);
        String name = anyName ? host : options.serverName().orElse(host);
        if (name.isEmpty() && !anyName) {
            throw new IllegalArgumentException("whose certificate is expected is not known, for the connection was not"
                    + " made to a host; TlsOptions.serverName says it");
        }
        Optional<InetAddress> literal =
                name.isEmpty() ? Optional.empty() : new Address("tls", toAscii(name), 0).literal();
        SSLContext context = shared.current();
        SSLEngine engine = name.isEmpty() ? context.createSSLEngine() : context.createSSLEngine(name, port);
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        set(parameters);
        parameters.setServerNames(name.isEmpty() || literal.isPresent() ? List.of() : serverNames(name));
        if (options.context().isPresent() && !anyName) {
            parameters.setEndpointIdentificationAlgorithm("HTTPS"); // no trust manager of ours checks the name
        }
        engine.setSSLParameters(parameters);
        return shared.expect(engine, new Peer(time, anyName ? null : name, literal.orElse(null)));
    }

    /** What is not set here, cipher suites above all, stays as the engine has it. */
    private SSLParameters serving() {
        SSLParameters parameters = new SSLParameters();
        set(parameters);
        parameters.setUseCipherSuitesOrder(true);
        if (options.clientAuth() == ClientAuth.REQUIRED) {
            parameters.setNeedClientAuth(true);
        } else {
            parameters.setWantClientAuth(options.clientAuth() == ClientAuth.WANTED);
        }
        return parameters;
    }

    private void set(SSLParameters parameters) {
        parameters.setProtocols(
                options.versions().stream().map(TlsVersion::jdkName).toArray(String[]::new));
        if (!options.cipherSuites().isEmpty()) {
            parameters.setCipherSuites(options.cipherSuites().toArray(String[]::new));
        }
        parameters.setApplicationProtocols(options.applicationProtocols().toArray(String[]::new));
    }

    /** RFC 6066 §3: names without a dot at the end, never addresses. */
    private static List<SNIServerName> serverNames(String name) {
        String ascii = toAscii(name);
        return List.of(new SNIHostName(ascii.endsWith(".") ? ascii.substring(0, ascii.length() - 1) : ascii));
    }

    private static String toAscii(String name) {
        return IDN.toASCII(name, IDN.ALLOW_UNASSIGNED);
    }
}
