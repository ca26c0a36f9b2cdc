package dev.meerkat.internal.http;

import dev.meerkat.event.Bytes;
import dev.meerkat.http.BodyProducer;
import dev.meerkat.http.Headers;
import dev.meerkat.http.HttpError;
import dev.meerkat.http.HttpServerOptions;
import dev.meerkat.http.Request;
import dev.meerkat.http.Response;
import dev.meerkat.http.ResponseBody;
import dev.meerkat.internal.http1.Framing;
import dev.meerkat.internal.http1.Http1Encoder;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How answers leave, for the connections of a site: the head with what the server adds, and the body, however made. */
final class Answering {
    /** For who has too many connections already. */
    static final byte[] REFUSAL =
            ServerDate.ascii("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");

    private static final byte[] CONTINUE = Http1Encoder.informational(100, Headers.EMPTY);
    private static final byte[] NOTHING = {};
    private static final String FAILURE = "Internal Server Error";

    /** Longer heads are put together in an array of their own. */
    private static final int SCRATCH_BYTES = 8 * 1024;

    private final HttpServerOptions options;
    private final ServerDate date;
    private final byte[] scratch = new byte[SCRATCH_BYTES];
    private final ByteBuffer scratchView = ByteBuffer.wrap(scratch);

    Answering(ServerSite site) {
        options = site.options;
        date = new ServerDate(site.manager, options.serverName(), options.date());
    }

    /** Sends an answer. It may come to its end before this returns, or later. */
    void answer(ServerConnection connection, ServerRequest request, Response response) {
        if (!connection.connection().isOpen()) {
            request.gone();
            return;
        }
        ResponseBody body = response.body();
        request.answeredWith(response.status());
        if (body instanceof ResponseBody.Upgrade upgrade) {
            Upgrading.begin(connection, request, response, upgrade);
            return;
        }
        EncodedResponse encoded = EncodedResponse.of(response);
        boolean old = request.isOldVersion();
        boolean sendsBody = encoded.mayHaveBody && !request.isHead();
        boolean chunked = encoded.mayHaveBody && !encoded.framed && !old;
        boolean untilClose = sendsBody && !encoded.framed && old;
        if (untilClose || encoded.closes || leavesTooMuch(request.incoming())) {
            connection.endAfterAnswer();
        }
        BodyProducer producer = null;
        if (sendsBody && body instanceof ResponseBody.Streamed streamed) {
            producer = producer(connection, streamed);
            if (producer == null) {
                answer(connection, request, errorPage(connection, request, Response.error(500, FAILURE)));
                return;
            }
        }
        byte[] own = sendsBody ? encoded.shortBody : NOTHING;
        send(connection, encoded.head, encoded.headLength(chunked), end(connection, request, encoded), own);
        request.sentBytes(own.length);
        if (!sendsBody || own.length > 0 || body instanceof ResponseBody.Empty) {
            connection.answered(request);
        } else if (body instanceof ResponseBody.Whole whole) {
            whole(connection, request, whole.bytes());
        } else if (producer != null) {
            long framing =
                    chunked ? Framing.CHUNKED : untilClose ? Framing.UNTIL_CLOSE : EncodedResponse.lengthOf(body);
            OutgoingBody.begin(connection, request, producer, framing);
        }
    }

    /** Asked for before the head is sent, so that there can be another answer if there is none. */
    private static @Nullable BodyProducer producer(ServerConnection connection, ResponseBody.Streamed body) {
        try {
            return Objects.requireNonNull(body.producer().get(), "the supplier of a body gave null");
        } catch (Throwable e) {
            connection.report(e);
            return null;
        }
    }

    /** Whether more of the request is still to come than is worth while waiting for. */
    private static boolean leavesTooMuch(@Nullable IncomingBody body) {
        return body != null
                && body.isForNobody()
                && (body.isExpected() || body.length().orElse(0) > ServerProtocol.MOST_DISCARDED_BYTES);
    }

    private void whole(ServerConnection connection, ServerRequest request, Bytes bytes) {
        int room = connection.connection().options().sendLimit()
                - connection.connection().pendingBytes();
        if (bytes.length() > room) {
            OutgoingBody.begin(connection, request, new BytesProducer(bytes), bytes.length());
            return;
        }
        if (!bytes.isEmpty()) {
            connection.connection().send(bytes);
            connection.handed(bytes.length());
            request.sentBytes(bytes.length());
        }
        connection.answered(request);
    }

    /** A connection begins to read requests, and answers them perhaps. */
    void look(long now) {
        date.look(now);
    }

    /** What a server adds, and the empty line. */
    private byte[] end(ServerConnection connection, ServerRequest request, EncodedResponse encoded) {
        if (!connection.isReading()) { // else it was looked at when that began
            date.look(connection.manager().nanoTime());
        }
        boolean last = connection.isLastAnswer();
        if (encoded.special) {
            String word = last ? "close" : request.isOldVersion() ? "keep-alive" : "";
            return date.without(encoded.hasServer, encoded.hasDate, word);
        }
        if (last) {
            return date.close();
        }
        return request.isOldVersion() ? date.keepAlive() : date.plain();
    }

    private void send(ServerConnection connection, byte[] head, int headLength, byte[] end, byte[] body) {
        int length = headLength + end.length + body.length;
        boolean fits = length <= SCRATCH_BYTES;
        byte[] target = fits ? scratch : new byte[length];
        System.arraycopy(head, 0, target, 0, headLength);
        System.arraycopy(end, 0, target, headLength, end.length);
        System.arraycopy(body, 0, target, headLength + end.length, body.length);
        connection.send(fits ? scratchView.clear().limit(length) : ByteBuffer.wrap(target));
    }

    /** Sends the head of an answer that begins another protocol. */
    void upgrade(ServerConnection connection, Response response) {
        byte[] head = Http1Encoder.prepared(
                101, response.headers().toBuilder().add("Connection", "Upgrade").build(), 0);
        byte[] end = date.without(
                response.headers().contains("Server"), response.headers().contains("Date"), "");
        send(connection, head, head.length, end, NOTHING);
    }

    /** Tells a peer that waits with its body to go on. */
    static void goOn(ServerConnection connection) {
        connection.send(ByteBuffer.wrap(CONTINUE));
    }

    static void inform(ServerConnection connection, int status, Headers headers) {
        connection.send(Http1Encoder.informational(status, headers));
    }

    // ---------------------------------------------------------------- failures

    /** Answers a peer that has broken a rule, if what it wants is known or not; the connection ends behind it. */
    void failure(ServerConnection connection, @Nullable ServerRequest request, HttpError error) {
        Response page = errorPage(connection, request, Response.error(error.status(), error.message()));
        connection.endAfterAnswer();
        if (request != null) {
            request.overrule();
            answer(connection, request, page);
            return;
        }
        if (!connection.connection().isOpen()) {
            return;
        }
        EncodedResponse encoded = EncodedResponse.of(page);
        byte[] end = date.without(encoded.hasServer, encoded.hasDate, "close");
        Bytes body = page.body() instanceof ResponseBody.Whole whole ? whole.bytes() : Bytes.EMPTY;
        send(connection, encoded.head, encoded.head.length, end, body.toByteArray());
        Departures.unknown(connection, page.status(), body.length());
    }

    /** What a failure looks like: as the options say, or plain. */
    Response errorPage(ServerConnection connection, @Nullable ServerRequest request, Response plain) {
        var maker = options.errorPage().orElse(null);
        if (maker == null) {
            return plain;
        }
        try {
            Response page = maker.apply(Optional.<Request>ofNullable(request), plain);
            ResponseBody body = page.body();
            if (body instanceof ResponseBody.Whole || body instanceof ResponseBody.Empty) {
                return page;
            }
            connection.report(new IllegalStateException("an error page is bytes in memory, found " + body));
        } catch (Throwable e) {
            connection.report(e);
        }
        return plain;
    }
}
