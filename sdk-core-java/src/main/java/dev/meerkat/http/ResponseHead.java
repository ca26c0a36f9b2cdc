package dev.meerkat.http;

import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The head of a response: version, status, reason and fields, never changing (RFC 9112 §4). One that arrived keeps the
 * bytes it came in and makes strings when they are asked for.
 *
 * <pre>{@code
 * ResponseHead head = ResponseHead.of(200, Headers.of("Content-Type", "text/plain", "Content-Length", "13"));
 * }</pre>
 */
public final class ResponseHead {
    private final HttpVersion version;
    private final int status;

    /** Holds the reason. */
    private final byte[] bytes;

    private final int reasonStart;
    private final int reasonEnd;
    private final Headers headers;
    private @Nullable String reason;

    ResponseHead(HttpVersion version, int status, byte[] bytes, int reasonStart, int reasonEnd, Headers headers) {
        this.version = version;
        this.status = status;
        this.bytes = bytes;
        this.reasonStart = reasonStart;
        this.reasonEnd = reasonEnd;
        this.headers = headers;
    }

    /**
     * Makes the head of a response of HTTP/1.1 with the usual reason.
     *
     * @param status 100 to 599
     * @param headers the fields
     * @return the head
     * @throws MalformedHeadException if there is no such status
     */
    public static ResponseHead of(int status, Headers headers) {
        return of(HttpVersion.HTTP_1_1, status, reasonOf(status), headers);
    }

    /**
     * Makes the head of a response.
     *
     * @param version the version
     * @param status 100 to 599
     * @param reason for people, its characters as those of a field's value; may be empty
     * @param headers the fields
     * @return the head
     * @throws MalformedHeadException if there is no such status, or the reason has a character that it may not have
     */
    public static ResponseHead of(HttpVersion version, int status, String reason, Headers headers) {
        Objects.requireNonNull(version, "version");
        Objects.requireNonNull(headers, "headers");
        if (status < 100 || status > 599) {
            throw new MalformedHeadException("a status is 100 to 599: " + status);
        }
        byte[] bytes = StartLines.reasonBytes(status, reason);
        return new ResponseHead(version, status, bytes, 0, bytes.length, headers);
    }

    /**
     * The usual reason of a status (RFC 9110 §15 and the registry).
     *
     * @param status any number
     * @return for instance {@code Not Found}; empty if the status has none
     */
    public static String reasonOf(int status) {
        return StartLines.reasonOf(status);
    }

    /**
     * The version.
     *
     * @return the version; HTTP/1.1 for a higher minor version, too
     */
    public HttpVersion version() {
        return version;
    }

    /**
     * The status, which says how it went.
     *
     * @return 100 to 599
     */
    public int status() {
        return status;
    }

    /**
     * What the sender said about the status to people; programs do not decide by it.
     *
     * @return the reason, one character a byte; may be empty
     */
    public String reason() {
        String known = reason;
        if (known == null) {
            known = Grammar.text(bytes, reasonStart, reasonEnd);
            reason = known;
        }
        return known;
    }

    /**
     * The fields.
     *
     * @return the fields
     */
    public Headers headers() {
        return headers;
    }

    /**
     * Tells whether another response to the same request follows: a status of 100 to 199 but 101, which ends HTTP on
     * the connection (RFC 9110 §15.2).
     *
     * @return true if this is not the last word
     */
    public boolean isInformational() {
        return status < 200 && status != 101;
    }

    /**
     * The same head with other fields.
     *
     * @param others the fields
     * @return a new head
     */
    public ResponseHead withHeaders(Headers others) {
        return new ResponseHead(version, status, bytes, reasonStart, reasonEnd, Objects.requireNonNull(others));
    }

    /**
     * How many bytes {@link #writeTo} writes.
     *
     * @return the length of the head with its empty line
     */
    public int encodedLength() {
        return 15 + reasonEnd - reasonStart + headers.encodedLength() + 2;
    }

    /**
     * Writes the head with its empty line. It does not look at what the fields say of the body.
     *
     * @param to where to; its position moves by {@link #encodedLength()}
     * @throws java.nio.BufferOverflowException if there is no room for all
     */
    public void writeTo(ByteBuffer to) {
        StartLines.putVersion(version, to);
        to.put((byte) ' ');
        to.put((byte) ('0' + status / 100));
        to.put((byte) ('0' + status / 10 % 10));
        to.put((byte) ('0' + status % 10));
        to.put((byte) ' ').put(bytes, reasonStart, reasonEnd - reasonStart);
        to.put((byte) '\r').put((byte) '\n');
        headers.writeTo(to);
        to.put((byte) '\r').put((byte) '\n');
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ResponseHead that
                && version == that.version
                && status == that.status
                && reason().equals(that.reason())
                && headers.equals(that.headers);
    }

    @Override
    public int hashCode() {
        return Objects.hash(version, status, reason(), headers);
    }

    /** Shows the status line and the fields, for tests and people; mind that fields may hold secrets. */
    @Override
    public String toString() {
        return version + " " + status + " " + reason() + " " + headers;
    }
}
