package dev.meerkat.internal.httpclient;

import dev.meerkat.Connection;
import dev.meerkat.Handler;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.Event;
import dev.meerkat.event.ReceiveBuffer;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.tls.TlsOptions;
import dev.meerkat.tls.TlsRole;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A connection to a proxy until it leads to the server: what the proxy wants to hear, then TLS with the server. Only
 * then HTTP takes its place.
 */
final class Tunnel implements Handler {
    /** What is said to the proxy. */
    interface Negotiation {
        /** What comes first. */
        Bytes greeting();

        /**
         * Takes what was answered, and nothing of what follows.
         *
         * @return what is to be said next; empty if nothing is
         * @throws Exception if the proxy said no; its message says what
         */
        Bytes received(ReceiveBuffer answer) throws Exception;

        boolean isDone();
    }

    private final PooledConnection pooled;
    private final ClientStage stage;
    private final Negotiation negotiation;
    private final @Nullable TlsOptions tls;
    private final Duration timeout;
    private boolean over;

    Tunnel(
            PooledConnection pooled,
            ClientStage stage,
            Negotiation negotiation,
            @Nullable TlsOptions tls,
            Duration timeout) {
        this.pooled = pooled;
        this.stage = stage;
        this.negotiation = negotiation;
        this.tls = tls;
        this.timeout = timeout;
    }

    @Override
    public void onEvent(Connection connection, Event event) throws Exception {
        if (event instanceof TcpEvent.Opened) {
            connection.setTimer(timeout);
            connection.send(negotiation.greeting());
        } else if (event instanceof TcpEvent.Received received) {
            received(connection, received.buffer());
        } else if (event instanceof TcpEvent.Secured) {
            ready(connection);
        } else if (event instanceof TcpEvent.ConnectFailed failure) {
            over = true;
            pooled.failed(failure.error());
        } else if (event instanceof TcpEvent.HandshakeFailed failure) {
            over = true;
            pooled.failed(failure.error());
        } else if (event instanceof TcpEvent.TimerFired) {
            refused("no answer within " + timeout);
        } else if (event instanceof TcpEvent.InputClosed) {
            refused("it hung up");
        } else if (event instanceof TcpEvent.Closed) {
            refused("the connection ended");
        }
    }

    private void received(Connection connection, ReceiveBuffer answer) {
        if (over || negotiation.isDone()) {
            return;
        }
        try {
            Bytes next = negotiation.received(answer);
            if (!next.isEmpty()) {
                connection.send(next);
            }
        } catch (Exception e) {
            refused(e.getMessage() == null ? e.toString() : e.getMessage());
            return;
        }
        if (negotiation.isDone()) {
            if (tls == null) {
                ready(connection);
            } else {
                connection.startTls(tls, TlsRole.CLIENT);
            }
        }
    }

    private void ready(Connection connection) {
        over = true;
        connection.clearTimer();
        connection.replaceHandler(stage);
        stage.opened(connection);
        pooled.ready();
    }

    private void refused(String message) {
        if (!over) {
            over = true;
            pooled.refused(message);
        }
    }
}
