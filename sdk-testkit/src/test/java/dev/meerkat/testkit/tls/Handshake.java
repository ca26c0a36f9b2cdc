package dev.meerkat.testkit.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.internal.tls.TlsContexts;
import dev.meerkat.internal.tls.UntrustedCertificateException;
import dev.meerkat.internal.tls.UntrustedCertificateException.Reason;
import dev.meerkat.runtime.TimeSource;
import dev.meerkat.tls.TlsOptions;
import java.nio.ByteBuffer;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;

/** Two engines that shake hands in memory, and what came of it. */
final class Handshake {
    /** The most turns: a handshake takes some ten. */
    private static final int MAX_TURNS = 100;

    final Side client;
    final Side server;

    /** One of the two. */
    static final class Side {
        final SSLEngine engine;
        private final ByteBuffer out = ByteBuffer.allocate(64 * 1024);
        SSLException failure;

        private Side(SSLEngine engine) {
            this.engine = engine;
        }

        /** Does what it can; answers whether it did anything. */
        private boolean turn(Side peer) {
            try {
                boolean did = false;
                runTasks();
                int before = out.position();
                if (!engine.isOutboundDone()
                        && (engine.getHandshakeStatus() != HandshakeStatus.NEED_UNWRAP || failure != null)) {
                    SSLEngineResult unused = engine.wrap(ByteBuffer.allocate(0), out);
                    did = out.position() != before;
                }
                runTasks();
                return did | read(peer.out);
            } catch (SSLException e) {
                failure = failure == null ? e : failure;
                return failure == e;
            }
        }

        private boolean read(ByteBuffer in) throws SSLException {
            in.flip();
            int before = in.remaining();
            try {
                while (in.hasRemaining() && !engine.isInboundDone()) {
                    SSLEngineResult result = engine.unwrap(in, ByteBuffer.allocate(32 * 1024));
                    runTasks();
                    if (result.bytesConsumed() == 0) {
                        break;
                    }
                }
                return in.remaining() != before;
            } finally {
                in.compact();
            }
        }

        private void runTasks() {
            for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
                task.run();
            }
        }

        X509Certificate peer() {
            try {
                return (X509Certificate) engine.getSession().getPeerCertificates()[0];
            } catch (SSLPeerUnverifiedException e) {
                throw new AssertionError("no certificate was shown", e);
            }
        }
    }

    private Handshake(SSLEngine client, SSLEngine server) {
        this.client = new Side(client);
        this.server = new Side(server);
    }

    /** Shakes hands with a server that is called {@code localhost}. */
    static Handshake of(TlsOptions client, TlsOptions server, TimeSource clock) {
        return of(client, "localhost", server, clock);
    }

    static Handshake of(TlsOptions client, String host, TlsOptions server, TimeSource clock) {
        return of(
                TlsContexts.of(client, clock).clientEngine(host, 443),
                TlsContexts.of(server, clock).serverEngine());
    }

    static Handshake of(SSLEngine client, SSLEngine server) {
        Handshake handshake = new Handshake(client, server);
        handshake.run();
        return handshake;
    }

    private void run() {
        try {
            client.engine.beginHandshake();
            server.engine.beginHandshake();
        } catch (SSLException e) {
            throw new AssertionError(e);
        }
        boolean moved = true;
        for (int i = 0; i < MAX_TURNS && moved; i++) {
            moved = client.turn(server) | server.turn(client);
        }
        assertTrue(!moved, "a handshake that does not end");
    }

    Handshake succeeds() {
        if (client.failure != null) {
            throw new AssertionError("the client failed", client.failure);
        }
        if (server.failure != null) {
            throw new AssertionError("the server failed", server.failure);
        }
        assertEquals(HandshakeStatus.NOT_HANDSHAKING, client.engine.getHandshakeStatus());
        assertEquals(HandshakeStatus.NOT_HANDSHAKING, server.engine.getHandshakeStatus());
        return this;
    }

    /** The client refuses the server's certificate; answers its sentence. */
    String clientRefuses(Reason reason) {
        return refuses(client, server, reason);
    }

    /** The server refuses the client's certificate; answers its sentence. */
    String serverRefuses(Reason reason) {
        return refuses(server, client, reason);
    }

    private static String refuses(Side side, Side peer, Reason reason) {
        if (side.failure == null) {
            throw new AssertionError("nothing was refused", peer.failure);
        }
        UntrustedCertificateException why = UntrustedCertificateException.in(side.failure)
                .orElseThrow(() -> new AssertionError("failed for another reason", side.failure));
        assertEquals(reason, why.reason(), why::toString);
        assertTrue(peer.failure != null && peer.failure.getMessage().contains("alert"), "the peer is told");
        return why.getMessage();
    }

    /** It fails at the server, with a message that contains this text. */
    void serverFails(String text) {
        assertTrue(
                server.failure != null && server.failure.getMessage().contains(text),
                () -> "expected \"" + text + "\", found " + server.failure);
    }

    /** Whether neither side is past its handshake. */
    void clientIsNotFooled() {
        assertNull(client.failure);
    }
}
