package dev.meerkat.internal.http1;

import dev.meerkat.http.Headers;
import dev.meerkat.http.HttpError;
import dev.meerkat.http.HttpException;
import dev.meerkat.http.HttpRule;
import dev.meerkat.http.HttpVersion;
import dev.meerkat.http.RequestHead;
import dev.meerkat.http.ResponseHead;
import java.util.List;

/**
 * How long the body of a message is: the one reading of RFC 9112 §6.3, for who reads and for who writes. The answer is
 * a length, or one of the two constants.
 */
public final class Framing {
    /** The body is chunked and says itself where it ends. */
    public static final long CHUNKED = -1;

    /** The body ends where the connection does; responses only. */
    public static final long UNTIL_CLOSE = -2;

    /** What says how a message is framed, where it goes or who handles it, and so cannot come behind it. */
    private static final String[] NOT_IN_TRAILERS = {
        "Content-Length", "Transfer-Encoding", "Host", "Connection", "Upgrade", "Trailer", "TE", "Expect"
    };

    private Framing() {}

    /**
     * How long the body of a request is.
     *
     * @param head the head
     * @return the length, 0 if it has no body, or {@link #CHUNKED}
     * @throws HttpException if the fields say something else, or two things
     */
    public static long ofRequest(RequestHead head) throws HttpException {
        long framing = declared(head.version(), head.headers());
        if (framing == UNTIL_CLOSE) {
            return 0; // a request without length has no body
        }
        if (framing != 0 && head.isMethod("CONNECT")) {
            throw exception(HttpRule.BODY_OF_CONNECT, "a body of CONNECT, which has none");
        }
        return framing;
    }

    /**
     * How long the body of a response is.
     *
     * @param head the head
     * @param method the method of the request that it answers
     * @return the length, 0 if it has no body, {@link #CHUNKED} or {@link #UNTIL_CLOSE}
     * @throws HttpException if the fields say something else, or two things
     */
    public static long ofResponse(ResponseHead head, String method) throws HttpException {
        long framing = declared(head.version(), head.headers());
        return hasNoBody(head.status(), method) ? 0 : framing;
    }

    /**
     * Whether a response has no body whatever its fields say (RFC 9112 §6.3, rules 1 and 2).
     *
     * @param status its status
     * @param method the method of the request that it answers
     * @return true if its head is all of it
     */
    public static boolean hasNoBody(int status, String method) {
        return status < 200
                || status == 204
                || status == 304
                || method.equals("HEAD")
                || (status < 300 && method.equals("CONNECT"));
    }

    private static long declared(HttpVersion version, Headers headers) throws HttpException {
        int coding = headers.indexOf("Transfer-Encoding");
        int length = headers.indexOf("Content-Length");
        if (coding >= 0) {
            if (length >= 0) {
                throw exception(HttpRule.LENGTH_AND_CODING, "both Content-Length and Transfer-Encoding");
            }
            checkCoding(version, headers, coding);
            return CHUNKED;
        }
        if (length < 0) {
            return UNTIL_CLOSE;
        }
        if (headers.indexOf("Content-Length", length + 1) >= 0) {
            throw exception(HttpRule.SEVERAL_CONTENT_LENGTHS, "more than one Content-Length");
        }
        return lengthOf(headers, length);
    }

    /** Chunked alone, once; anything else is an error, of which there are several kinds. */
    private static void checkCoding(HttpVersion version, Headers headers, int index) throws HttpException {
        if (version == HttpVersion.HTTP_1_0) {
            throw exception(HttpRule.CODING_IN_HTTP_1_0, "Transfer-Encoding in HTTP/1.0");
        }
        boolean single = headers.indexOf("Transfer-Encoding", index + 1) < 0;
        if (single && headers.valueIs(index, "chunked")) {
            return;
        }
        String value = String.join(", ", headers.all("Transfer-Encoding"));
        List<String> codings = headers.elements("Transfer-Encoding");
        int last = codings.size() - 1;
        int chunked = 0;
        while (chunked <= last && !codings.get(chunked).equalsIgnoreCase("chunked")) {
            chunked++;
        }
        // The last one, the first of its kind, and not alone among empty elements, which some read and some do not.
        if (chunked != last || last == 0) {
            throw exception(
                    HttpRule.CHUNKED_NOT_LAST, "Transfer-Encoding must end with chunked, once, but is " + shown(value));
        }
        throw exception(HttpRule.UNKNOWN_CODING, "only chunked is known as Transfer-Encoding, not " + shown(value));
    }

    private static long lengthOf(Headers headers, int index) throws HttpException {
        long length = headers.number(index);
        if (length < 0) {
            throw exception(
                    HttpRule.MALFORMED_CONTENT_LENGTH,
                    "Content-Length is 1 to 18 digits, but is " + shown(headers.value(index)));
        }
        return length;
    }

    /**
     * Whether a connection goes on after a message, as its head says (RFC 9112 §9.3).
     *
     * @param version the version of the message
     * @param headers its fields
     * @return true for HTTP/1.1 unless it says close, and for HTTP/1.0 if it says keep-alive and not close
     */
    public static boolean isPersistent(HttpVersion version, Headers headers) {
        if (!headers.contains("Connection")) {
            return version == HttpVersion.HTTP_1_1;
        }
        if (headers.containsToken("Connection", "close")) {
            return false;
        }
        return version == HttpVersion.HTTP_1_1 || headers.containsToken("Connection", "keep-alive");
    }

    /**
     * Refuses fields that only a head may have, since somebody may merge both (RFC 9110 §6.5.1).
     *
     * @param trailers the fields behind a chunked body
     * @throws HttpException if one of them does not belong there
     */
    public static void checkTrailers(Headers trailers) throws HttpException {
        if (trailers.isEmpty()) {
            return;
        }
        for (String name : NOT_IN_TRAILERS) {
            if (trailers.contains(name)) {
                throw exception(HttpRule.FORBIDDEN_TRAILER, "a trailer field that only a head may have: " + name);
            }
        }
    }

    private static String shown(String value) {
        StringBuilder text = new StringBuilder("'");
        for (int i = 0; i < Math.min(value.length(), 60); i++) {
            char letter = value.charAt(i);
            text.append(letter >= ' ' && letter < 0x7f ? letter : '?');
        }
        return text.append(value.length() > 60 ? "…'" : "'").toString();
    }

    private static HttpException exception(HttpRule rule, String message) {
        return new HttpException(new HttpError(rule, message));
    }
}
