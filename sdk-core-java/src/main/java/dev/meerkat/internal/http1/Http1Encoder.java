package dev.meerkat.internal.http1;

import dev.meerkat.http.Headers;
import dev.meerkat.http.HttpException;
import dev.meerkat.http.HttpVersion;
import dev.meerkat.http.RequestHead;
import dev.meerkat.http.ResponseHead;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes the messages of one connection: requests for a client, responses for a server. It refuses what could be read
 * in two ways: the fields of a head say how the body is framed, and the body must be so. The data of a body does not
 * pass through here, so that files need not; it is announced and counted.
 *
 * <pre>
 *   state        head                  data(n)            end
 *   READY        → FIXED | CHUNKED     –                  –
 *                | UNTIL_CLOSE | EMPTY
 *                informational → READY
 *   FIXED        –                     n at most, counted → READY if all of it came
 *   CHUNKED      –                     framed             last chunk, trailers → READY
 *   UNTIL_CLOSE  –                     as it is           → READY
 *   EMPTY        –                     –                  → READY
 * </pre>
 *
 * <p>Of responses that are sent often the head is made once, by {@link #prepared}, but for what a connection adds; a
 * body behind such a head has an encoder from {@link #behindHead}.
 *
 * <p>A dash is an IllegalStateException, and so is data beyond the length or an end before it; after that exception the
 * connection can only be aborted.
 */
public final class Http1Encoder {
    private enum State {
        READY,
        FIXED,
        CHUNKED,
        UNTIL_CLOSE,
        EMPTY
    }

    private static final byte[] HEX = {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};

    /** The longest that {@link #beforeData} and {@link #afterData} write together: 16 digits and two CR LF. */
    public static final int CHUNK_OVERHEAD = 20;

    private static final byte[] CHUNKED_FIELD = ascii("Transfer-Encoding: chunked\r\n");
    private static final byte[] NOTHING = {};

    private State state = State.READY;
    private long remaining;
    private boolean persistent = true;

    /** Makes an encoder for one connection, for either role. */
    public Http1Encoder() {}

    /**
     * Makes an encoder for the body of a response whose head was {@linkplain #prepared prepared} and sent.
     *
     * @param framing the length of the body, {@link Framing#CHUNKED} or {@link Framing#UNTIL_CLOSE}
     * @return an encoder in the middle of the message
     */
    public static Http1Encoder behindHead(long framing) {
        Http1Encoder encoder = new Http1Encoder();
        encoder.begin(framing);
        return encoder;
    }

    /**
     * Makes the head of a response of HTTP/1.1, but for the fields that a connection adds and the empty line. Its last
     * field is the one that says how the body is framed, so it cannot say two things.
     *
     * @param status the status
     * @param headers the fields; without those of framing
     * @param framing the length of the body, {@link Framing#CHUNKED}, or {@link Framing#UNTIL_CLOSE} for a head that
     *     says nothing of it; a status without a body says nothing whatever this is
     * @return the bytes
     * @throws IllegalArgumentException if the fields say something of the framing
     */
    public static byte[] prepared(int status, Headers headers, long framing) {
        if (headers.contains("Content-Length") || headers.contains("Transfer-Encoding")) {
            throw new IllegalArgumentException("how the body is framed is not the fields' to say: " + headers);
        }
        byte[] line = ascii("HTTP/1.1 " + status + " " + ResponseHead.reasonOf(status) + "\r\n");
        boolean silent = framing == Framing.UNTIL_CLOSE || Framing.hasNoBody(status, "GET");
        byte[] frame = silent ? NOTHING : framing == Framing.CHUNKED ? CHUNKED_FIELD : lengthField(framing);
        ByteBuffer encoded = ByteBuffer.allocate(line.length + headers.encodedLength() + frame.length);
        encoded.put(line);
        headers.writeTo(encoded);
        return encoded.put(frame).array();
    }

    /**
     * How long the field at the end of a prepared head is that says that the body is chunked.
     *
     * @return in bytes
     */
    public static int chunkedFieldLength() {
        return CHUNKED_FIELD.length;
    }

    /**
     * Makes the head of an informational response: all of it.
     *
     * @param status 100 to 199 but 101
     * @param headers the fields
     * @return the bytes
     * @throws IllegalArgumentException if they say how a body is framed, of which there is none
     */
    public static byte[] informational(int status, Headers headers) {
        byte[] head = prepared(status, headers, Framing.UNTIL_CLOSE);
        byte[] all = Arrays.copyOf(head, head.length + 2);
        all[head.length] = '\r';
        all[head.length + 1] = '\n';
        return all;
    }

    private static byte[] lengthField(long length) {
        return ascii("Content-Length: " + length + "\r\n");
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /**
     * Writes the head of a request.
     *
     * @param head the head; for HTTP/1.1 with one Host field
     * @param out where to; needs room for {@link RequestHead#encodedLength()}
     * @throws IllegalArgumentException if the fields say two things of the body, or something that is not allowed;
     *     nothing is written then
     * @throws BufferOverflowException if there is no room; nothing is written then
     */
    public void request(RequestHead head, ByteBuffer out) {
        requireReady();
        long framing;
        try {
            framing = Framing.ofRequest(head);
        } catch (HttpException illegal) {
            throw new IllegalArgumentException(illegal.getMessage(), illegal);
        }
        Headers headers = head.headers();
        int host = headers.indexOf("Host");
        boolean several = host >= 0 && headers.indexOf("Host", host + 1) >= 0;
        if (several || (host < 0 && head.version() == HttpVersion.HTTP_1_1)) {
            throw new IllegalArgumentException("a request has one Host field (RFC 9112 3.2)");
        }
        requireRoom(head.encodedLength(), out);
        head.writeTo(out);
        begin(framing);
        persistent = Framing.isPersistent(head.version(), headers);
    }

    /**
     * Writes the head of a response.
     *
     * @param head the head
     * @param request the head of the request that it answers, which decides whether there is a body, and of what kind
     * @param out where to; needs room for {@link ResponseHead#encodedLength()}
     * @throws IllegalArgumentException if the fields say two things of the body, or something that is not allowed here;
     *     nothing is written then
     * @throws BufferOverflowException if there is no room; nothing is written then
     */
    public void response(ResponseHead head, RequestHead request, ByteBuffer out) {
        response(head, request.method(), request.version(), out);
    }

    /**
     * Writes the head of a response to a request of which not all is known, for instance since it was malformed.
     *
     * @param head the head
     * @param method the method of the request, {@code GET} if it is not known
     * @param version the version of the request, HTTP/1.1 if it is not known
     * @param out where to; needs room for {@link ResponseHead#encodedLength()}
     * @throws IllegalArgumentException as above
     * @throws BufferOverflowException as above
     */
    public void response(ResponseHead head, String method, HttpVersion version, ByteBuffer out) {
        requireReady();
        long framing = requireLegal(head, method, version);
        requireRoom(head.encodedLength(), out);
        head.writeTo(out);
        if (head.isInformational()) {
            return;
        }
        begin(framing);
        persistent = state != State.UNTIL_CLOSE
                && head.status() != 101
                && Framing.isPersistent(version, head.headers())
                && Framing.isPersistent(head.version(), head.headers());
    }

    private static long requireLegal(ResponseHead head, String method, HttpVersion version) {
        int status = head.status();
        Headers headers = head.headers();
        boolean coded = headers.contains("Transfer-Encoding");
        boolean neither = status < 200 || status == 204 || (method.equals("CONNECT") && status < 300);
        if (neither && (coded || headers.contains("Content-Length"))) {
            throw new IllegalArgumentException("a response " + status + " to " + method
                    + " has no length and no coding (RFC 9112 6.1, RFC 9110 8.6)");
        }
        if (version == HttpVersion.HTTP_1_0 && coded) {
            throw new IllegalArgumentException("who speaks HTTP/1.0 reads no chunks (RFC 9112 6.1)");
        }
        if (version == HttpVersion.HTTP_1_0 && status < 200) {
            throw new IllegalArgumentException("who speaks HTTP/1.0 reads no status " + status + " (RFC 9110 15.2)");
        }
        try {
            return Framing.ofResponse(head, method);
        } catch (HttpException illegal) {
            throw new IllegalArgumentException(illegal.getMessage(), illegal);
        }
    }

    private void requireReady() {
        if (state != State.READY) {
            throw new IllegalStateException("a head in the middle of a message; state " + state);
        }
    }

    private static void requireRoom(int length, ByteBuffer out) {
        if (out.remaining() < length) {
            throw new BufferOverflowException();
        }
    }

    private void begin(long framing) {
        remaining = framing;
        if (framing == Framing.CHUNKED) {
            state = State.CHUNKED;
        } else if (framing == Framing.UNTIL_CLOSE) {
            state = State.UNTIL_CLOSE;
        } else {
            state = framing == 0 ? State.EMPTY : State.FIXED;
        }
    }

    /**
     * Announces data of the body; it follows behind what this writes, and {@link #afterData} behind it.
     *
     * @param count how many bytes; 0 writes nothing, since an empty chunk would be the last one
     * @param out where to; needs room for 18 bytes
     * @throws IllegalStateException if there is no body, or that is more than its length
     */
    public void beforeData(long count, ByteBuffer out) {
        if (count < 0) {
            throw new IllegalArgumentException("a negative count: " + count);
        }
        switch (state) {
            case FIXED -> {
                if (count > remaining) {
                    throw new IllegalStateException(
                            count + " bytes more, but the body has only " + remaining + " to its length");
                }
                remaining -= count;
            }
            case CHUNKED -> {
                if (count > 0) {
                    putHex(count, out);
                    putLineEnd(out);
                }
            }
            case UNTIL_CLOSE -> {}
            case EMPTY -> {
                if (count > 0) {
                    throw new IllegalStateException("a body of " + count + " bytes, where there is none");
                }
            }
            case READY -> throw new IllegalStateException("a body without a head");
        }
    }

    /**
     * Ends data that was announced.
     *
     * @param count how many bytes they were
     * @param out where to; needs room for 2 bytes
     */
    public void afterData(long count, ByteBuffer out) {
        if (state == State.CHUNKED && count > 0) {
            putLineEnd(out);
        }
    }

    /**
     * Ends the message without trailers.
     *
     * @param out where to; needs room for 5 bytes
     * @throws IllegalStateException if the body is shorter than its length, or there was no head
     */
    public void end(ByteBuffer out) {
        end(Headers.EMPTY, out);
    }

    /**
     * Ends the message.
     *
     * @param trailers the fields behind the body; only behind a chunked one, and nothing that a head must say
     * @param out where to; needs room for the fields and 5 bytes
     * @throws IllegalStateException if the body is shorter than its length, or there was no head
     * @throws IllegalArgumentException if there cannot be trailers, or not these
     */
    public void end(Headers trailers, ByteBuffer out) {
        if (!trailers.isEmpty()) {
            requireTrailers(trailers);
        }
        switch (state) {
            case READY -> throw new IllegalStateException("an end without a head");
            case FIXED -> {
                if (remaining > 0) {
                    throw new IllegalStateException("the body ends " + remaining + " bytes before its length");
                }
            }
            case CHUNKED -> {
                requireRoom(5 + trailers.encodedLength(), out);
                out.put((byte) '0');
                putLineEnd(out);
                trailers.writeTo(out);
                putLineEnd(out);
            }
            case UNTIL_CLOSE, EMPTY -> {}
        }
        state = State.READY;
    }

    private void requireTrailers(Headers trailers) {
        if (state != State.CHUNKED) {
            throw new IllegalArgumentException("trailers without chunks (RFC 9112 7.1.2)");
        }
        try {
            Framing.checkTrailers(trailers);
        } catch (HttpException illegal) {
            throw new IllegalArgumentException(illegal.getMessage(), illegal);
        }
    }

    /**
     * Whether the body is sent in chunks.
     *
     * @return true between the head of such a message and its end
     */
    public boolean isChunked() {
        return state == State.CHUNKED;
    }

    /**
     * Whether the message is under way.
     *
     * @return true from its head to its end; an informational one is none
     */
    public boolean isInMessage() {
        return state != State.READY;
    }

    /**
     * How many bytes of a body with a length were not announced yet.
     *
     * @return the number; 0 for all other bodies
     */
    public long remaining() {
        return state == State.FIXED ? remaining : 0;
    }

    /**
     * Whether the connection may be used on after the last message, as far as our side is concerned.
     *
     * @return true if the head did not say close, and the body does not end with the connection
     */
    public boolean isPersistent() {
        return persistent;
    }

    private static void putHex(long count, ByteBuffer out) {
        int shift = (63 - Long.numberOfLeadingZeros(count)) & ~3;
        while (shift >= 0) {
            out.put(HEX[(int) (count >>> shift) & 15]);
            shift -= 4;
        }
    }

    private static void putLineEnd(ByteBuffer out) {
        out.put((byte) '\r').put((byte) '\n');
    }
}
