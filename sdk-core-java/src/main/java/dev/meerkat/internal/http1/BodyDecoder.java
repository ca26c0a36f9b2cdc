package dev.meerkat.internal.http1;

import dev.meerkat.http.HeadParser;
import dev.meerkat.http.Headers;
import dev.meerkat.http.HttpError;
import dev.meerkat.http.HttpException;
import dev.meerkat.http.HttpLimits;
import dev.meerkat.http.HttpRule;
import java.nio.ByteBuffer;

/**
 * The body of a message, as slices of the buffer that it came in (RFC 9112 §6, §7.1).
 *
 * <pre>
 *   state        bytes                       end of input
 *   FIXED        BODY* → DONE                FAILED
 *   CHUNK_LINE   → CHUNK_DATA | TRAILERS     FAILED
 *   CHUNK_DATA   BODY* → CHUNK_END           FAILED
 *   CHUNK_END    → CHUNK_LINE                FAILED
 *   TRAILERS     → DONE                      FAILED
 *   UNTIL_CLOSE  BODY*                       → DONE
 *   DONE         END                         END
 * </pre>
 */
final class BodyDecoder {
    private enum State {
        FIXED,
        CHUNK_LINE,
        CHUNK_DATA,
        CHUNK_END,
        TRAILERS,
        UNTIL_CLOSE,
        DONE
    }

    /** The end of the chunk, the last one, and the empty line. */
    private static final int LEAST_BEHIND_DATA = 7;

    private final HeadParser parser;
    private final ChunkLine chunkLine;
    private State state = State.DONE;

    /** How much of the body, or of the chunk, is still to come. */
    private long remaining;

    private long received;
    private long limit;
    private int start;
    private int length;
    private Headers trailers = Headers.EMPTY;

    BodyDecoder(HeadParser parser, HttpLimits limits) {
        this.parser = parser;
        chunkLine = new ChunkLine(limits);
    }

    /** Begins a body; {@code framing} is a length above 0 or a constant of {@link Framing}. */
    void begin(long framing, long bodyLimit) {
        remaining = framing;
        received = 0;
        limit = bodyLimit;
        trailers = Headers.EMPTY;
        if (framing == Framing.CHUNKED) {
            chunkLine.reset();
            state = State.CHUNK_LINE;
        } else {
            state = framing == Framing.UNTIL_CLOSE ? State.UNTIL_CLOSE : State.FIXED;
        }
    }

    void limit(long bytes) {
        limit = bytes;
    }

    int start() {
        return start;
    }

    int length() {
        return length;
    }

    Headers trailers() {
        return trailers;
    }

    /** BODY, END or NEED_DATA. */
    Signal decode(ByteBuffer in, boolean inputEnded) throws HttpException {
        while (true) {
            switch (state) {
                case FIXED -> {
                    if (received == 0) {
                        check(remaining); // not with the head, so that who reads that may set the limit
                    }
                    return in.hasRemaining() ? slice(in, State.DONE) : starved(inputEnded);
                }
                case CHUNK_LINE -> {
                    if (!chunkLine.read(in)) {
                        return starved(inputEnded);
                    }
                    remaining = chunkLine.size();
                    check(remaining);
                    state = remaining == 0 ? State.TRAILERS : State.CHUNK_DATA;
                }
                case CHUNK_DATA -> {
                    return in.hasRemaining() ? slice(in, State.CHUNK_END) : starved(inputEnded);
                }
                case CHUNK_END -> {
                    if (!chunkEnd(in)) {
                        return starved(inputEnded);
                    }
                    state = State.CHUNK_LINE;
                }
                case TRAILERS -> {
                    Headers found = parser.parseTrailers(in);
                    if (found == null) {
                        return starved(inputEnded);
                    }
                    Framing.checkTrailers(found);
                    trailers = found;
                    state = State.DONE;
                }
                case UNTIL_CLOSE -> {
                    if (in.hasRemaining()) {
                        check(1);
                        remaining = limit - received;
                        return slice(in, State.UNTIL_CLOSE);
                    }
                    if (!inputEnded) {
                        return Signal.NEED_DATA;
                    }
                    state = State.DONE;
                }
                case DONE -> {
                    return Signal.END;
                }
            }
        }
    }

    /** Whether more bytes than these must come before the body can be complete. */
    boolean lacksMoreThan(long bytes) {
        long least = switch (state) {
            case FIXED -> remaining;
            case CHUNK_DATA -> remaining + LEAST_BEHIND_DATA;
            case CHUNK_END -> LEAST_BEHIND_DATA;
            case CHUNK_LINE, TRAILERS -> 1;
            case UNTIL_CLOSE, DONE -> 0;
        };
        return least > bytes;
    }

    /** Hands over what is there, at most {@code remaining}; there is at least one byte. */
    private Signal slice(ByteBuffer in, State whenDone) {
        start = in.position();
        length = (int) Math.min(in.remaining(), remaining);
        in.position(start + length);
        remaining -= length;
        received += length;
        if (remaining == 0) {
            state = whenDone;
        }
        return Signal.BODY;
    }

    private void check(long more) throws HttpException {
        if (more > limit - received) {
            throw new HttpException(
                    new HttpError(HttpRule.BODY_TOO_LARGE, "the body is longer than " + limit + " bytes"));
        }
    }

    private static boolean chunkEnd(ByteBuffer in) throws HttpException {
        int at = in.position();
        int there = in.remaining();
        if ((there >= 1 && in.get(at) != '\r') || (there >= 2 && in.get(at + 1) != '\n')) {
            throw new HttpException(
                    new HttpError(HttpRule.MISSING_CHUNK_END, "the data of a chunk is not followed by CR LF"));
        }
        if (there < 2) {
            return false;
        }
        in.position(at + 2);
        return true;
    }

    private static Signal starved(boolean inputEnded) throws HttpException {
        if (inputEnded) {
            throw new HttpException(new HttpError(HttpRule.INCOMPLETE_MESSAGE, "the connection ended within a body"));
        }
        return Signal.NEED_DATA;
    }
}
