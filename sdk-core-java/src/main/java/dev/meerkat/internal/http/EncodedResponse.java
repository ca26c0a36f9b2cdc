package dev.meerkat.internal.http;

import dev.meerkat.http.Headers;
import dev.meerkat.http.Response;
import dev.meerkat.http.ResponseBody;
import dev.meerkat.internal.http1.Framing;
import dev.meerkat.internal.http1.Http1Encoder;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * What is the same whenever a response is sent: the status line, its own fields and its length. It is kept in the
 * response, so that one in a constant is encoded once. The version is always HTTP/1.1, which is the version of who
 * speaks and not of who listens (RFC 9110 §6.2).
 */
final class EncodedResponse {
    /** Up to this length a body is copied next to its head; a longer one is shared. */
    static final int COPIED_BODY_BYTES = 1024;

    private static final byte[] NOTHING = {};

    /** The slot in a response that is not public. */
    private static final VarHandle SLOT;

    static {
        try {
            SLOT = MethodHandles.privateLookupIn(Response.class, MethodHandles.lookup())
                    .findVarHandle(Response.class, "encoded", Object.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Status line and fields, without the empty line; if it is not framed by a length, the last one says chunked. */
    final byte[] head;
    /** A short body; none if the body is empty, long or made later. */
    final byte[] shortBody;
    /** Whether the response may have a body at all, in answer to anything but HEAD. */
    final boolean mayHaveBody;
    /** Whether the fields are framed by the length of the body: if not, by chunks or by the end. */
    final boolean framed;
    /** Whether the response says that the connection ends. */
    final boolean closes;
    /** Whether it brings fields that a server would add. */
    final boolean special;

    final boolean hasServer;
    final boolean hasDate;

    private EncodedResponse(Response response) {
        int status = response.status();
        Headers headers = response.headers();
        ResponseBody body = response.body();
        mayHaveBody = !Framing.hasNoBody(status, "GET");
        long length = lengthOf(body);
        framed = length >= 0;
        closes = headers.containsToken("Connection", "close");
        hasServer = headers.contains("Server");
        hasDate = headers.contains("Date");
        special = closes || hasServer || hasDate;
        Headers own = closes ? withoutClose(headers) : headers;
        head = Http1Encoder.prepared(status, own, framed ? length : Framing.CHUNKED);
        shortBody =
                body instanceof ResponseBody.Whole whole && whole.bytes().length() <= COPIED_BODY_BYTES && mayHaveBody
                        ? whole.bytes().toByteArray()
                        : NOTHING;
    }

    /** The encoded form of a response, made now or before. */
    static EncodedResponse of(Response response) {
        EncodedResponse known = (EncodedResponse) SLOT.get(response);
        if (known == null) {
            known = new EncodedResponse(response);
            SLOT.setRelease(response, known);
        }
        return known;
    }

    /** How many bytes a body will have; −1 if nobody knows yet. */
    static long lengthOf(ResponseBody body) {
        if (body instanceof ResponseBody.Whole whole) {
            return whole.bytes().length();
        }
        return body instanceof ResponseBody.Streamed streamed ? streamed.length() : 0;
    }

    /** The server says by itself whether the connection ends. */
    private static Headers withoutClose(Headers headers) {
        Headers.Builder builder = Headers.builder();
        headers.forEach((name, value) -> {
            if (!name.equalsIgnoreCase("Connection")) {
                builder.add(name, value);
            }
        });
        headers.elements("Connection").stream()
                .filter(element -> !element.equalsIgnoreCase("close"))
                .forEach(element -> builder.add("Connection", element));
        return builder.build();
    }

    /** How much of the head is sent: who does not understand chunks is not told of them. */
    int headLength(boolean chunked) {
        return mayHaveBody && !framed && !chunked ? head.length - Http1Encoder.chunkedFieldLength() : head.length;
    }
}
