package dev.meerkat.internal.http;

import dev.meerkat.Connection;
import dev.meerkat.Handler;
import dev.meerkat.event.ReceiveBuffer;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.http.Response;
import dev.meerkat.http.ResponseBody;
import dev.meerkat.internal.http.ServerConnection.Input;
import org.jspecify.annotations.Nullable;

/**
 * The step from HTTP to another protocol (RFC 9110 §7.8): 101 is sent, and when the operating system has taken its last
 * byte the other handler takes over. Nothing is read meanwhile, so that what the peer sends ahead is read by the other.
 */
final class Upgrading {
    private Upgrading() {}

    /**
     * Why a request cannot be answered with another protocol.
     *
     * @return a sentence, or null if it can
     */
    static @Nullable String obstacle(ServerRequest request, ResponseBody.Upgrade upgrade) {
        if (request.isOldVersion()) {
            return "HTTP/1.0 knows no upgrade";
        }
        if (!request.asksFor(upgrade.protocol())) {
            return "the request does not ask for the protocol " + upgrade.protocol();
        }
        IncomingBody body = request.incoming();
        return body == null || body.isComplete() ? null : "the body of the request has not been read";
    }

    /** Whether the peer may have this answer: then only the handler can stand in its way. */
    static boolean isAskedFor(ServerRequest request, ResponseBody.Upgrade upgrade) {
        return !request.isOldVersion() && request.asksFor(upgrade.protocol());
    }

    static void begin(
            ServerConnection connection, ServerRequest request, Response response, ResponseBody.Upgrade upgrade) {
        connection.enter(Input.UPGRADE);
        connection.pauseReading();
        connection.site().answering.upgrade(connection, response);
        connection.departures().upgrade(request, () -> complete(connection, request, upgrade.handler()));
        connection.site().patience.outputMoves(connection);
    }

    /** The last byte of the head has left. */
    private static void complete(ServerConnection connection, ServerRequest request, Handler handler) throws Exception {
        Connection upgraded = connection.connection();
        boolean ended = connection.hasInputEnded();
        TcpEvent.ShuttingDown ending = connection.site().shuttingDown;
        request.done();
        connection.handOver();
        upgraded.replaceHandler(handler);
        upgraded.handler().onEvent(upgraded, TcpEvent.Opened.INSTANCE);
        if (ending != null && upgraded.isOpen()) {
            upgraded.handler().onEvent(upgraded, ending);
        }
        if (ended && upgraded.isOpen()) {
            endOfInput(upgraded);
        }
        if (upgraded.isOpen()) {
            upgraded.resumeReading();
        }
    }

    /** The end has been told to HTTP already, and nothing is announced after it. */
    private static void endOfInput(Connection upgraded) throws Exception {
        ReceiveBuffer early = upgraded.receiveBuffer();
        if (!early.isEmpty()) {
            upgraded.handler().onEvent(upgraded, new TcpEvent.Received(early, early.size()));
        }
        if (upgraded.isOpen()) {
            upgraded.handler().onEvent(upgraded, TcpEvent.InputClosed.INSTANCE);
        }
        if (upgraded.isOpen() && !upgraded.options().halfClose()) {
            upgraded.close();
        }
    }
}
