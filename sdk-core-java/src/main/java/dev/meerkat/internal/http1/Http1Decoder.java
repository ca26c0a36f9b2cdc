package dev.meerkat.internal.http1;

import dev.meerkat.http.HeadParser;
import dev.meerkat.http.Headers;
import dev.meerkat.http.HttpError;
import dev.meerkat.http.HttpException;
import dev.meerkat.http.HttpLimits;
import dev.meerkat.http.HttpRule;
import dev.meerkat.http.HttpVersion;
import dev.meerkat.http.RequestHead;
import dev.meerkat.http.ResponseHead;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Turns the bytes of one connection into messages: requests for a server, responses for a client. It is asked for one
 * {@link Signal} after the other and holds no bytes: what it has not taken must come again in front of the next ones. A
 * body is a slice of the buffer that was given, so nothing is copied and nothing made but heads and trailers.
 *
 * <pre>
 *   state     bytes                                 end of input               next(), expect()
 *   READY     PAUSED; client: FAILED                CLOSED; server: PAUSED     HEAD
 *   HEAD      HEAD → BODY | COMPLETE;               CLOSED if none have come,  –
 *             informational: HEAD → HEAD            else FAILED
 *   BODY      BODY* END → READY | SWITCHED          see {@link BodyDecoder}    –
 *   COMPLETE  END → READY | SWITCHED                as bytes                   –
 *   SWITCHED  SWITCHED                              SWITCHED                   –
 *   FAILED    FAILED                                FAILED                     –
 * </pre>
 *
 * <p>A dash is an IllegalStateException. The server's first state is HEAD, the client's READY.
 */
public final class Http1Decoder {
    /** What it reads. */
    public enum Role {
        /** Requests. */
        SERVER,
        /** Responses, each after {@link Http1Decoder#expect}. */
        CLIENT
    }

    private enum State {
        READY,
        HEAD,
        BODY,
        COMPLETE,
        SWITCHED,
        FAILED
    }

    /** 100 or 103 come once or twice; who sends more than this would never come to the point. */
    private static final int INFORMATIONAL_AT_MOST = 32;

    private final Role role;
    private final HttpLimits limits;
    private final HeadParser parser;
    private State state;
    private boolean inputEnded;
    /** Server: bytes have come since the last request, be it only an empty line. */
    private boolean touched;

    private @Nullable RequestHead request;
    private @Nullable ResponseHead response;
    private @Nullable HttpError error;
    private boolean persistent;
    private long declared;

    /** Only for who gets bodies. */
    private @Nullable BodyDecoder body;

    /** What the response that is expected answers. */
    private String method = "";

    private boolean upgradeAsked;
    private boolean switching;
    private int informational;

    /**
     * Makes a decoder for one connection.
     *
     * @param role what it reads
     * @param limits how much the peer may send
     */
    public Http1Decoder(Role role, HttpLimits limits) {
        this.role = role;
        this.limits = limits;
        parser = new HeadParser(limits);
        state = role == Role.SERVER ? State.HEAD : State.READY;
    }

    /**
     * Client: begins to read the response to a request.
     *
     * @param requestMethod the method of the request, which decides whether the response has a body
     * @param upgrade whether the request asked for another protocol, so that a status of 101 is an answer
     * @throws IllegalStateException for a server, or if a response is already expected or HTTP is over
     */
    public void expect(String requestMethod, boolean upgrade) {
        require(role == Role.CLIENT && state == State.READY, "expect a response");
        method = Objects.requireNonNull(requestMethod, "requestMethod");
        upgradeAsked = upgrade;
        informational = 0;
        state = State.HEAD;
    }

    /**
     * Server: begins to read the next request. Before, what follows the last one is left where it is.
     *
     * @throws IllegalStateException for a client, or if a request is being read, or was the connection's last
     */
    public void next() {
        require(role == Role.SERVER && state == State.READY, "read the next request");
        if (!persistent) {
            throw new IllegalStateException("the last request was to be the last");
        }
        request = null;
        touched = false;
        state = State.HEAD;
    }

    /**
     * Server: ends HTTP after a request that was complete, since it was answered with another protocol or with a
     * tunnel.
     *
     * @throws IllegalStateException for a client, or if a request is being read
     */
    public void switchProtocol() {
        require(role == Role.SERVER && state == State.READY, "switch protocols");
        state = State.SWITCHED;
    }

    private void require(boolean allowed, String action) {
        if (!allowed) {
            throw new IllegalStateException("cannot " + action + " as " + role + " in state " + state);
        }
    }

    /** Says that no more bytes will come than the next call of {@link #decode} is given. */
    public void endOfInput() {
        inputEnded = true;
    }

    /**
     * Lowers or raises the limit of the body of the message whose head was the last signal, however it is framed.
     *
     * @param bytes the most that the body may have
     */
    public void limitBody(long bytes) {
        if (state == State.BODY) {
            body().limit(bytes);
        }
    }

    /**
     * Reads on, up to the next signal.
     *
     * @param in what came: what was left over by the call before, and more. Its position moves over what was taken; a
     *     body that is signalled has been passed over and stays readable in place
     * @return what was found; NEED_DATA may leave bytes over
     */
    public Signal decode(ByteBuffer in) {
        try {
            return advance(in);
        } catch (HttpException broken) {
            error = broken.error();
            state = State.FAILED;
            return Signal.FAILED;
        }
    }

    private Signal advance(ByteBuffer in) throws HttpException {
        return switch (state) {
            case READY -> ready(in);
            case HEAD -> head(in);
            case BODY -> {
                Signal found = body().decode(in, inputEnded);
                yield found == Signal.END ? end() : found;
            }
            case COMPLETE -> end();
            case SWITCHED -> Signal.SWITCHED;
            case FAILED -> Signal.FAILED;
        };
    }

    private Signal end() {
        state = switching ? State.SWITCHED : State.READY;
        return Signal.END;
    }

    private Signal ready(ByteBuffer in) throws HttpException {
        if (role == Role.SERVER) {
            return Signal.PAUSED;
        }
        if (in.hasRemaining()) {
            throw new HttpException(new HttpError(HttpRule.UNEXPECTED_RESPONSE, "bytes that no request has asked for"));
        }
        return inputEnded ? Signal.CLOSED : Signal.PAUSED;
    }

    private Signal head(ByteBuffer in) throws HttpException {
        long framing;
        if (role == Role.SERVER) {
            touched |= in.hasRemaining();
            RequestHead found = parser.parseRequest(in);
            if (found == null) {
                return starved(in);
            }
            request = found;
            framing = Framing.ofRequest(found);
            persistent = Framing.isPersistent(found.version(), found.headers());
            checkExpectation(found);
        } else {
            ResponseHead found = parser.parseResponse(in);
            if (found == null) {
                return starved(in);
            }
            response = found;
            framing = Framing.ofResponse(found, method);
            if (found.isInformational()) {
                countInformational();
                return Signal.HEAD;
            }
            afterResponseHead(found, framing);
        }
        declared = framing;
        if (framing == 0) {
            state = State.COMPLETE;
        } else {
            state = State.BODY;
            body().begin(framing, limits.bodyBytes());
        }
        return Signal.HEAD;
    }

    private BodyDecoder body() {
        BodyDecoder known = body;
        if (known == null) {
            known = new BodyDecoder(parser, limits);
            body = known;
        }
        return known;
    }

    private void countInformational() throws HttpException {
        if (++informational > INFORMATIONAL_AT_MOST) {
            throw new HttpException(new HttpError(
                    HttpRule.UNEXPECTED_RESPONSE,
                    "more than " + INFORMATIONAL_AT_MOST + " informational responses to one request"));
        }
    }

    private void afterResponseHead(ResponseHead found, long framing) throws HttpException {
        int status = found.status();
        if (status == 101 && !upgradeAsked) {
            throw new HttpException(new HttpError(
                    HttpRule.UNEXPECTED_UPGRADE, "another protocol, which the request had not asked for"));
        }
        switching = status == 101 || (method.equals("CONNECT") && status < 300);
        // Some send chunks with a 204, which must have none; what follows cannot be trusted.
        boolean contradiction = status == 204 && found.headers().contains("Transfer-Encoding");
        persistent = !switching
                && !contradiction
                && framing != Framing.UNTIL_CLOSE
                && Framing.isPersistent(found.version(), found.headers());
    }

    /** There is one expectation; HTTP/1.0 has none (RFC 9110 §10.1.1). */
    private static void checkExpectation(RequestHead head) throws HttpException {
        Headers headers = head.headers();
        int index = headers.indexOf("Expect");
        if (index < 0 || head.version() == HttpVersion.HTTP_1_0) {
            return;
        }
        if (!headers.valueIs(index, "100-continue") || headers.indexOf("Expect", index + 1) >= 0) {
            throw new HttpException(
                    new HttpError(HttpRule.UNKNOWN_EXPECTATION, "an expectation other than 100-continue"));
        }
    }

    /** A head is not complete: will it be? */
    private Signal starved(ByteBuffer in) throws HttpException {
        if (!inputEnded) {
            return Signal.NEED_DATA;
        }
        if (!in.hasRemaining() && informational == 0) {
            return Signal.CLOSED;
        }
        throw new HttpException(new HttpError(
                HttpRule.INCOMPLETE_MESSAGE, "the connection ended within a head, or before the last one"));
    }

    /**
     * The head of the request that is being read, or was read last.
     *
     * @return the head
     * @throws IllegalStateException if there was none yet
     */
    public RequestHead requestHead() {
        RequestHead known = request;
        if (known == null) {
            throw new IllegalStateException("no request has begun");
        }
        return known;
    }

    /**
     * The head of the response that came last.
     *
     * @return the head
     * @throws IllegalStateException if there was none yet
     */
    public ResponseHead responseHead() {
        ResponseHead known = response;
        if (known == null) {
            throw new IllegalStateException("no response has begun");
        }
        return known;
    }

    /**
     * After BODY: where its bytes begin in the buffer that was given.
     *
     * @return an index
     */
    public int bodyStart() {
        return body().start();
    }

    /**
     * After BODY: how many bytes there are.
     *
     * @return at least 1
     */
    public int bodyLength() {
        return body().length();
    }

    /**
     * After END: the trailer fields of a chunked body.
     *
     * @return the fields, mostly none
     */
    public Headers trailers() {
        return declared == Framing.CHUNKED ? body().trailers() : Headers.EMPTY;
    }

    /**
     * After FAILED: what was wrong.
     *
     * @return the error
     * @throws IllegalStateException if nothing was
     */
    public HttpError error() {
        HttpError known = error;
        if (known == null) {
            throw new IllegalStateException("nothing has failed");
        }
        return known;
    }

    /**
     * From HEAD on: how long the body is, as the head says.
     *
     * @return the length; 0 if there is none; {@link Framing#CHUNKED} or {@link Framing#UNTIL_CLOSE}
     */
    public long declaredLength() {
        return declared;
    }

    /**
     * From HEAD on: whether the connection may be used on after this message, as far as the peer is concerned.
     *
     * @return true if another message may follow
     */
    public boolean isPersistent() {
        return persistent;
    }

    /**
     * Server, from HEAD on: whether the client waits for a word before it sends the body (RFC 9110 §10.1.1).
     *
     * @return true if it wants {@code 100 Continue} and there is a body to come
     */
    public boolean expectsContinue() {
        RequestHead head = requestHead();
        return declared != 0
                && head.version() == HttpVersion.HTTP_1_1
                && head.headers().contains("Expect");
    }

    /**
     * Server: whether the next request has not begun and nothing is remembered that concerns it, so that another
     * connection could use the decoder as well.
     *
     * @return true before the first request, and after {@link #next} until a byte of the next one was seen
     */
    public boolean isFresh() {
        return state == State.HEAD && !touched && !inputEnded;
    }

    /**
     * Whether the body that is being read cannot be complete with so many bytes more.
     *
     * @param bytes how many there are
     * @return true if it certainly lacks more; of chunks that nobody has read yet nothing is certain
     */
    public boolean lacksMoreThan(long bytes) {
        return state == State.BODY && body().lacksMoreThan(bytes);
    }

    /**
     * Whether bytes of a head or of a body have been seen and more must come: what a time-out is for.
     *
     * @return true in the middle of a message
     */
    public boolean isInMessage() {
        return state == State.BODY || (state == State.HEAD && parser.hasBegun());
    }
}
