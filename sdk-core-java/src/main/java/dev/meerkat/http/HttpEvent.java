package dev.meerkat.http;

import dev.meerkat.event.ProtocolEvent;
import dev.meerkat.event.ReceiveBuffer;
import java.util.Objects;

/**
 * What HTTP makes of the bytes of a connection. The handler of an HTTP connection receives these and the events of TCP
 * that say something of the connection as a whole: {@code Opened}, {@code Closed}, {@code Drained}, {@code Writable},
 * {@code Broadcast}, {@code TimerFired}, {@code Tick}, {@code ShuttingDown} and so on, but neither {@code Received} nor
 * {@code Sent}.
 *
 * <p>A server's handler hears, for each request and never for two at a time:
 *
 * <pre>
 * RequestReceived (BodyReceived)* (MessageEnd | MessageFailed)
 * </pre>
 *
 * <p>and a client's, for each request it sent:
 *
 * <pre>
 * (InformationReceived)* ResponseReceived (BodyReceived)* (MessageEnd | MessageFailed)
 * </pre>
 *
 * <p>{@code MessageFailed} may take the place of whatever was to come, also when nothing of a message had been
 * understood. The next request of a server's connection comes when this one has been answered and its body has ended.
 */
public sealed interface HttpEvent extends ProtocolEvent {
    /**
     * The head of a request has arrived (RFC 9112 §3). Server only.
     *
     * @param request the request; answer it with {@link Request#respond}, now or later
     */
    record RequestReceived(Request request) implements HttpEvent {
        // Rejects a missing request.
        public RequestReceived {
            Objects.requireNonNull(request, "request");
        }
    }

    /**
     * An interim response (1xx but 101) has arrived; the final one is still to come (RFC 9110 §15.2). Client only.
     *
     * @param call what it is about
     * @param head the interim response
     */
    record InformationReceived(ClientCall call, ResponseHead head) implements HttpEvent {
        // Rejects missing parts.
        public InformationReceived {
            Objects.requireNonNull(call, "call");
            Objects.requireNonNull(head, "head");
        }
    }

    /**
     * The head of the final response has arrived. Client only.
     *
     * @param call what is answered
     * @param head the head of the response
     */
    record ResponseReceived(ClientCall call, ResponseHead head) implements HttpEvent {
        // Rejects missing parts.
        public ResponseReceived {
            Objects.requireNonNull(call, "call");
            Objects.requireNonNull(head, "head");
        }
    }

    /**
     * A portion of a body has arrived, in whatever slices the network made of it. What the handler takes is gone; what
     * it leaves is kept, and the next portion follows behind it, so that a handler that never takes anything finds the
     * whole body at {@link MessageEnd}. More than {@link HttpLimits#bufferedBodyBytes()} kept fails the message.
     *
     * @param body the body so far, without what was taken; without the marks of the chunked coding; borrowed until the
     *     handler returns
     * @param count how many bytes are new
     */
    record BodyReceived(ReceiveBuffer body, int count) implements HttpEvent {
        // Rejects a missing body.
        public BodyReceived {
            Objects.requireNonNull(body, "body");
        }
    }

    /**
     * The message is complete.
     *
     * @param body what nobody took: all of it if nothing was taken, nothing if everything was; borrowed until the
     *     handler returns
     * @param trailers the fields behind a chunked body, usually none (RFC 9110 §6.5)
     */
    record MessageEnd(ReceiveBuffer body, Headers trailers) implements HttpEvent {
        // Rejects missing parts.
        public MessageEnd {
            Objects.requireNonNull(body, "body");
            Objects.requireNonNull(trailers, "trailers");
        }
    }

    /**
     * A message was not understood, not allowed, too slow, or cut off. A server has answered already, if that made
     * sense, and closes the connection.
     *
     * @param error which rule was broken, by what
     * @param partial whether the head of the message had been delivered
     */
    record MessageFailed(HttpError error, boolean partial) implements HttpEvent {
        // Rejects a missing error.
        public MessageFailed {
            Objects.requireNonNull(error, "error");
        }
    }
}
