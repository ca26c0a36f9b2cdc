package dev.meerkat.http;

import dev.meerkat.internal.check.Tokens;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The head of a request: method, target, version and fields, never changing (RFC 9112 §3). One that arrived keeps the
 * bytes it came in and makes strings when they are asked for.
 *
 * <pre>{@code
 * RequestHead head = RequestHead.of("GET", "/search?q=meerkat", Headers.of("Host", "example.com"));
 * head.path();  // "/search"
 * head.query(); // Optional.of("q=meerkat")
 * }</pre>
 */
public final class RequestHead {
    /** So that the usual ones need no string of their own. */
    private static final String[] METHODS = {
        "GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "CONNECT", "TRACE"
    };

    /** Begins with method and target, a space between them. */
    private final byte[] bytes;

    private final int methodEnd;
    private final int targetEnd;
    private final String method;
    private final TargetForm form;
    private final HttpVersion version;
    private final Headers headers;
    private @Nullable String target;
    private @Nullable String path;

    RequestHead(byte[] bytes, int methodEnd, int targetEnd, TargetForm form, HttpVersion version, Headers headers) {
        this.bytes = bytes;
        this.methodEnd = methodEnd;
        this.targetEnd = targetEnd;
        this.form = form;
        this.version = version;
        this.headers = headers;
        method = methodOf(bytes, methodEnd);
    }

    private static String methodOf(byte[] bytes, int end) {
        for (String method : METHODS) {
            if (method.length() == end && beginsWith(bytes, method)) {
                return method;
            }
        }
        return Grammar.text(bytes, 0, end);
    }

    private static boolean beginsWith(byte[] bytes, String text) {
        for (int i = 0; i < text.length(); i++) {
            if (bytes[i] != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /**
     * Makes the head of a request of HTTP/1.1.
     *
     * @param method a token, such as {@code GET}; its case matters
     * @param target in one of the four {@linkplain TargetForm forms}, percent-encoded
     * @param headers the fields; that Host is among them is left to who sends it
     * @return the head
     * @throws MalformedHeadException if method or target have a character that they may not have, or do not fit
     *     together
     */
    public static RequestHead of(String method, String target, Headers headers) {
        return of(HttpVersion.HTTP_1_1, method, target, headers);
    }

    /**
     * Makes the head of a request.
     *
     * @param version the version
     * @param method a token, such as {@code GET}; its case matters
     * @param target in one of the four {@linkplain TargetForm forms}, percent-encoded
     * @param headers the fields; that Host is among them is left to who sends it
     * @return the head
     * @throws MalformedHeadException if method or target have a character that they may not have, or do not fit
     *     together
     */
    public static RequestHead of(HttpVersion version, String method, String target, Headers headers) {
        Objects.requireNonNull(version, "version");
        Objects.requireNonNull(headers, "headers");
        byte[] bytes = new byte[method.length() + 1 + target.length()];
        int methodEnd = FieldText.put(requireLatin("method", method), bytes, 0);
        bytes[methodEnd] = ' ';
        int targetEnd = FieldText.put(requireLatin("target", target), bytes, methodEnd + 1);
        if (methodEnd == 0 || Tokens.end(bytes, 0, methodEnd) != methodEnd) {
            throw new MalformedHeadException("a method is a token: " + FieldText.quoted(method));
        }
        try {
            TargetForm form = Targets.formOf(bytes, 0, methodEnd, targetEnd);
            return new RequestHead(bytes, methodEnd, targetEnd, form, version, headers);
        } catch (HttpException malformed) {
            throw new MalformedHeadException(malformed.error().message());
        }
    }

    private static String requireLatin(String what, String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) > 0xff) {
                throw new MalformedHeadException("the " + what + " has " + FieldText.shown(text.charAt(i)) + " at " + i
                        + ", which must be percent-encoded: " + FieldText.quoted(text));
            }
        }
        return text;
    }

    /**
     * The method, as it was written; for the methods of RFC 9110 and PATCH always the same string.
     *
     * @return for instance {@code GET}
     */
    public String method() {
        return method;
    }

    /**
     * Tells whether this is the method.
     *
     * @param name the method; its case matters
     * @return true if it is
     */
    public boolean isMethod(String name) {
        return method.equals(name);
    }

    /**
     * The target, as it was sent.
     *
     * @return the target, percent-encoded
     */
    public String target() {
        String known = target;
        if (known == null) {
            boolean root = targetEnd == methodEnd + 2 && bytes[methodEnd + 1] == '/';
            known = root ? "/" : Grammar.text(bytes, methodEnd + 1, targetEnd);
            target = known;
        }
        return known;
    }

    /**
     * Which of the four forms the target has.
     *
     * @return the form
     */
    public TargetForm targetForm() {
        return form;
    }

    /**
     * The path, as it was sent, up to the question mark.
     *
     * @return the path, percent-encoded; {@code /} if the target is absolute and has none, {@code *} for the server as
     *     a whole, empty for CONNECT
     */
    public String path() {
        String known = path;
        if (known == null) {
            known = findPath();
            path = known;
        }
        return known;
    }

    private String findPath() {
        if (form == TargetForm.AUTHORITY) {
            return "";
        }
        int from = form == TargetForm.ABSOLUTE ? Targets.authorityEnd(bytes, methodEnd + 1, targetEnd) : methodEnd + 1;
        int to = queryMark();
        if (to == targetEnd && from == methodEnd + 1) {
            return target();
        }
        return from == to ? "/" : Grammar.text(bytes, from, to);
    }

    /** Where the question mark stands, or the end of the target. */
    private int queryMark() {
        for (int i = methodEnd + 1; i < targetEnd; i++) {
            if (bytes[i] == '?') {
                return i;
            }
        }
        return targetEnd;
    }

    /**
     * What follows the first question mark of the target, as it was sent.
     *
     * @return the query, percent-encoded, perhaps empty; or empty if there is no question mark
     */
    public Optional<String> query() {
        int mark = queryMark();
        return mark == targetEnd ? Optional.empty() : Optional.of(Grammar.text(bytes, mark + 1, targetEnd));
    }

    /**
     * Whom the request is for: the authority of the target if it has one, whatever the Host field says, else that field
     * (RFC 9112 §3.2.2, §3.3).
     *
     * @return {@code host} or {@code host:port}; may be an empty text; or empty if nothing says so
     */
    public Optional<String> authority() {
        return switch (form) {
            case ABSOLUTE -> {
                int from = Targets.authorityStart(bytes, methodEnd + 1);
                yield Optional.of(Grammar.text(bytes, from, Targets.authorityEnd(bytes, methodEnd + 1, targetEnd)));
            }
            case AUTHORITY -> Optional.of(target());
            case ORIGIN, ASTERISK -> headers.first("Host");
        };
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
     * The fields.
     *
     * @return the fields
     */
    public Headers headers() {
        return headers;
    }

    /**
     * The same head with other fields.
     *
     * @param others the fields
     * @return a new head
     */
    public RequestHead withHeaders(Headers others) {
        return new RequestHead(bytes, methodEnd, targetEnd, form, version, Objects.requireNonNull(others));
    }

    /**
     * How many bytes {@link #writeTo} writes.
     *
     * @return the length of the head with its empty line
     */
    public int encodedLength() {
        return targetEnd + 11 + headers.encodedLength() + 2;
    }

    /**
     * Writes the head with its empty line. It does not look at what the fields say of the body.
     *
     * @param to where to; its position moves by {@link #encodedLength()}
     * @throws java.nio.BufferOverflowException if there is no room for all
     */
    public void writeTo(ByteBuffer to) {
        to.put(bytes, 0, targetEnd).put((byte) ' ');
        StartLines.putVersion(version, to);
        to.put((byte) '\r').put((byte) '\n');
        headers.writeTo(to);
        to.put((byte) '\r').put((byte) '\n');
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof RequestHead that
                && version == that.version
                && method.equals(that.method)
                && target().equals(that.target())
                && headers.equals(that.headers);
    }

    @Override
    public int hashCode() {
        return Objects.hash(version, method, target(), headers);
    }

    /** Shows the request line and the fields, for tests and people; mind that both may hold secrets. */
    @Override
    public String toString() {
        return method + " " + target() + " " + version + " " + headers;
    }
}
