package dev.meerkat.internal.http;

import dev.meerkat.event.ReceiveBuffer;
import dev.meerkat.http.HttpError;
import dev.meerkat.http.HttpRule;
import dev.meerkat.internal.buffer.ReceiveQueue;
import dev.meerkat.internal.http.ServerConnection.Input;
import dev.meerkat.internal.http1.Http1Decoder;
import java.nio.ByteBuffer;
import java.util.Objects;

/** Bodies of requests, from the decoder to whoever reads them. Holds nothing; loaded when the first body comes. */
final class BodyReading {
    private BodyReading() {}

    /** Reads up to the next signal; false if nothing more is to be read now. */
    static boolean read(ServerProtocol protocol, ReceiveBuffer buffer) {
        ServerRequest request = Objects.requireNonNull(protocol.exchange());
        IncomingBody body = Objects.requireNonNull(request.incoming());
        try {
            if (protocol.takeBodyResumed()) {
                body.tellWhatIsLeft();
            }
            if (!body.isWanted()) {
                failIfCutOff(protocol, buffer);
                return false;
            }
            switch (protocol.decode(buffer, body.room())) {
                case BODY -> arrived(protocol, body, (ReceiveQueue) buffer);
                case END -> {
                    protocol.enter(Input.COMPLETE);
                    protocol.clearDeadline(Deadlines.Kind.BODY);
                    body.complete(protocol.decoder().trailers());
                    body.tellEnd();
                    protocol.exchangeMoves(request);
                }
                case NEED_DATA -> {
                    return false;
                }
                case FAILED -> protocol.fail(protocol.decoder().error());
                default -> throw new IllegalStateException("no body is to be read");
            }
        } catch (IncomingBody.TooMuchKeptException e) {
            protocol.fail(new HttpError(
                    HttpRule.BODY_TOO_LARGE,
                    "the handler has left more than " + body.limit() + " bytes of the body where they were"));
        } catch (Throwable e) {
            consumerFailed(protocol, request, body, e);
        }
        return true;
    }

    /**
     * The peer has ended its side, and what is here is less than the body: who has paused, or has not asked yet, need
     * not wait to hear of it. What is unread of a chunked body nobody has counted, so that is told when it is read.
     */
    private static void failIfCutOff(ServerProtocol protocol, ReceiveBuffer buffer) {
        if (protocol.hasInputEnded() && protocol.decoder().lacksMoreThan(buffer.size())) {
            protocol.fail(new HttpError(HttpRule.INCOMPLETE_MESSAGE, "the peer has ended its side within the body"));
        }
    }

    /** Somebody reads a body of which there is none: its end is all that it is told. */
    static void endNothing(ServerProtocol protocol) {
        ServerRequest request = protocol.exchange();
        IncomingBody body = request == null ? null : request.incoming();
        if (!protocol.takeBodyResumed() || request == null || body == null || body.hasEnded()) {
            return;
        }
        try {
            body.tellWhatIsLeft();
            protocol.exchangeMoves(request);
        } catch (Throwable e) {
            consumerFailed(protocol, request, body, e);
        }
    }

    private static void arrived(ServerProtocol protocol, IncomingBody body, ReceiveQueue buffer) throws Exception {
        Http1Decoder from = protocol.decoder();
        ByteBuffer raw = buffer.raw();
        int length = from.bodyLength();
        int taken = from.bodyStart() + length - raw.position();
        ByteBuffer portion = raw.duplicate().limit(from.bodyStart() + length).position(from.bodyStart());
        protocol.site().patience.bodyArrives(protocol, length);
        try {
            body.arrived(portion);
        } finally {
            buffer.consumed(Math.min(taken, buffer.size()));
        }
        if (body.discardedBytes() > ServerProtocol.MOST_DISCARDED_BYTES) {
            protocol.close(); // which could not be told from the head, or the answer would have said so
        }
    }

    /** Who reads the body has thrown: that is a failure of the handler, and nobody reads the rest. */
    private static void consumerFailed(
            ServerProtocol protocol, ServerRequest request, IncomingBody body, Throwable failure) {
        body.drop();
        request.failed(failure);
        if (protocol.exchange() == request) {
            protocol.exchangeMoves(request);
        }
    }
}
