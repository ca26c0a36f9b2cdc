package dev.meerkat.internal.connection;

import dev.meerkat.Address;
import dev.meerkat.ListenOptions;
import dev.meerkat.internal.buffer.SendQueue;
import dev.meerkat.internal.secure.Outcome;
import dev.meerkat.internal.secure.SecureMemory;
import dev.meerkat.internal.secure.SecureStream;
import dev.meerkat.internal.tls.TlsContexts;
import dev.meerkat.internal.tls.TlsEngine;
import dev.meerkat.runtime.StreamHandle;
import dev.meerkat.runtime.Workers;
import dev.meerkat.tls.HandshakeTasks;
import dev.meerkat.tls.TlsOptions;
import dev.meerkat.tls.TlsRole;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;

/**
 * How the connections of an acceptor, or one that is made, become encrypted: from options to a stream whose handshake
 * runs. Immutable.
 */
final class Securing {
    private final RealEventManager manager;
    private final TlsOptions options;
    private final TlsContexts contexts;
    private final TlsRole role;
    private final String host;
    private final int port;

    private Securing(RealEventManager manager, TlsOptions options, TlsRole role, String host, int port) {
        this.manager = manager;
        this.options = options;
        this.contexts = TlsContexts.of(options, manager.runtime().time());
        this.role = role;
        this.host = host;
        this.port = port;
    }

    /**
     * A {@code tls://} or {@code https://} address comes with options for it, and no other one does: nobody shall speak
     * in clear by mistake.
     */
    static void requireMatch(String address, ListenOptions options) {
        String scheme = Address.parse(address).scheme();
        boolean secure = scheme.equals("tls") || scheme.equals("https") || scheme.equals("wss");
        TlsOptions tls = options.tls();
        if (secure && tls == null) {
            throw new IllegalArgumentException(
                    "cannot listen on " + address + " without ListenOptions.tls: a server needs a certificate");
        }
        if (!secure && tls != null) {
            throw new IllegalArgumentException("cannot listen on " + address
                    + " with ListenOptions.tls: it would not be encrypted; expected a tls:// or https:// address");
        }
    }

    /** As a server; options that cannot serve are refused at once. */
    static Securing server(RealEventManager manager, TlsOptions options) {
        Securing securing = new Securing(manager, options, TlsRole.SERVER, "", 0);
        SSLEngine unused = securing.contexts.serverEngine();
        return securing;
    }

    /** As a client of the given server. */
    static Securing client(RealEventManager manager, TlsOptions options, String host, int port) {
        return new Securing(manager, options, TlsRole.CLIENT, host, port);
    }

    /** As a client over a channel of the program's; options that cannot serve are refused at once. */
    static Securing adopted(RealEventManager manager, TlsOptions options, Object channel) {
        if (options.serverName().isEmpty()) {
            throw new IllegalArgumentException("cannot adopt " + channel + " with ConnectOptions.tls that do not say"
                    + " whose certificate is expected: a channel does not tell whom it leads to;"
                    + " TlsOptions.serverName says it");
        }
        Securing securing = client(manager, options, "", 0);
        SSLEngine unused = securing.contexts.clientEngine("", 0);
        return securing;
    }

    /** For a connection that is open; as a client of the host that it was connected to, as far as that is known. */
    static Securing of(RealEventManager manager, TlsOptions options, TlsRole role, RealConnection connection) {
        if (role == TlsRole.SERVER) {
            return server(manager, options);
        }
        String host = connection.life().targetHost();
        int port = 0;
        if (connection.remoteAddress() instanceof InetSocketAddress remote) {
            port = remote.getPort();
            host = host.isEmpty() && remote.getAddress() != null
                    ? remote.getAddress().getHostAddress()
                    : host;
        }
        return client(manager, options, host, port);
    }

    /**
     * Begins the handshake.
     *
     * @param received what was read already
     * @param clear what is to leave first, as it is
     */
    void begin(SecureStream stream, ByteBuffer received, @Nullable SendQueue clear, Outcome outcome) {
        stream.begin(received, clear, options.handshakeTimeout(), outcome);
    }

    /** Wraps a connected stream; its handshake is still to be begun. */
    SecureStream wrap(StreamHandle raw) {
        SSLEngine engine = role == TlsRole.SERVER ? contexts.serverEngine() : contexts.clientEngine(host, port);
        Workers workers = manager.runtime().workers();
        SecureMemory memory = manager.memory().secure();
        return new SecureStream(
                raw,
                new TlsEngine(engine),
                memory,
                manager.loop(),
                options.handshakeTasks() == HandshakeTasks.ON_LOOP ? null : workers,
                isForLoop(workers)
                        ? memory.turns(manager.loop(), manager.runtime().time())
                        : null);
    }

    /** Whether workers would only cost: see {@link HandshakeTasks#AUTOMATIC}. */
    private boolean isForLoop(Workers workers) {
        return options.handshakeTasks() == HandshakeTasks.AUTOMATIC
                && role == TlsRole.SERVER
                && !workers.computeBesideLoop()
                && contexts.waitsForNothing();
    }
}
