package dev.meerkat.http;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Reads heads and sections of fields from bytes as they come. Strict: what could be read in two ways is refused, with
 * the {@link HttpRule} that it breaks. It looks at every byte once, however few come at a time, holds no bytes itself,
 * and finds the same in the same bytes whatever the pieces they come in.
 *
 * <p>Each method takes nothing from the buffer and answers null while the head is not complete; call it again when more
 * bytes have come, with a buffer that begins with the same ones. Of a complete head it takes all bytes with the empty
 * line and copies them, so that the result does not depend on the buffer; then the parser is ready for the next one. Do
 * not mix the methods in the middle of a head, nor go on after an exception.
 *
 * <pre>{@code
 * HeadParser parser = new HeadParser(HttpLimits.DEFAULT);
 * RequestHead head = parser.parseRequest(ByteBuffer.wrap(bytes)); // null: there is more to come
 * }</pre>
 */
public final class HeadParser {
    private final HeadScanner scanner;
    private boolean skippedEmptyLine;

    /**
     * Makes a parser.
     *
     * @param limits how long a head may be, and how many fields it may have
     */
    public HeadParser(HttpLimits limits) {
        scanner = new HeadScanner(limits);
    }

    /**
     * Tells whether a part of a head was seen.
     *
     * @return true from its first byte on until it is complete
     */
    public boolean hasBegun() {
        return scanner.hasBegun();
    }

    /** How many bytes were looked at in all, for tests. */
    long examined() {
        return scanner.examined();
    }

    /**
     * Reads the head of a request: request line, fields, and of the fields Host (RFC 9112 §3). One empty line before it
     * is taken away (RFC 9112 §2.2).
     *
     * @param in the bytes, from position to limit; of any kind and byte order
     * @return the head, or null if its end is not there yet
     * @throws HttpException if the bytes are no head, or too many
     */
    public @Nullable RequestHead parseRequest(ByteBuffer in) throws HttpException {
        skipEmptyLine(in);
        if (!scanner.head(in)) {
            return null;
        }
        byte[] bytes = take(in);
        int lineEnd = scanner.startLineEnd();
        Headers headers = fields(bytes);
        RequestHead head = StartLineParser.request(bytes, lineEnd, headers);
        StartLineParser.checkHost(head);
        skippedEmptyLine = false;
        return head;
    }

    private void skipEmptyLine(ByteBuffer in) {
        if (!skippedEmptyLine && in.remaining() >= 2) {
            int at = in.position();
            if (in.get(at) == '\r' && in.get(at + 1) == '\n') {
                in.position(at + 2);
                scanner.reset();
                skippedEmptyLine = true;
            }
        }
    }

    /**
     * Reads the head of a response: status line and fields (RFC 9112 §4). That no reason and no space follow the status
     * is accepted.
     *
     * @param in the bytes, from position to limit; of any kind and byte order
     * @return the head, or null if its end is not there yet
     * @throws HttpException if the bytes are no head, or too many
     */
    public @Nullable ResponseHead parseResponse(ByteBuffer in) throws HttpException {
        if (!scanner.head(in)) {
            return null;
        }
        byte[] bytes = take(in);
        int lineEnd = scanner.startLineEnd();
        return StartLineParser.response(bytes, lineEnd, fields(bytes));
    }

    /**
     * Reads fields without a start line, up to an empty line: those of a part of a multipart body for instance. The
     * limits are those of a head's fields.
     *
     * @param in the bytes, from position to limit; of any kind and byte order
     * @return the fields, perhaps none, or null if their end is not there yet
     * @throws HttpException if the bytes are no fields, or too many
     */
    public @Nullable Headers parseFields(ByteBuffer in) throws HttpException {
        return scanner.fields(in, HeadScanner.Part.HEADERS) ? fields(take(in)) : null;
    }

    /**
     * Reads the trailer section of a chunked body, up to its empty line (RFC 9112 §7.1.2). It does not look at which
     * fields these are.
     *
     * @param in the bytes, from position to limit; of any kind and byte order
     * @return the fields, perhaps none, or null if their end is not there yet
     * @throws HttpException if the bytes are no fields, or too many
     */
    public @Nullable Headers parseTrailers(ByteBuffer in) throws HttpException {
        return scanner.fields(in, HeadScanner.Part.TRAILERS) ? fields(take(in)) : null;
    }

    /** Takes all bytes up to the empty line, and that, too. */
    private byte[] take(ByteBuffer in) {
        byte[] bytes = new byte[scanner.fieldsEnd() + 2];
        in.get(bytes);
        return bytes;
    }

    private Headers fields(byte[] bytes) throws HttpException {
        int count = scanner.fields();
        Headers fields = Headers.EMPTY;
        if (count > 0) {
            int[] bounds = scanner.takeBounds();
            FieldParser.findNamesAndValues(bytes, bounds, count);
            fields = new Headers(bytes, scanner.fieldsStart(), scanner.fieldsEnd(), bounds, count);
        }
        scanner.reset();
        return fields;
    }
}
