package dev.meerkat.http;

import dev.meerkat.Handler;
import dev.meerkat.event.Bytes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * An answer: status, fields and a body. Immutable; one may be sent any number of times, on any number of connections
 * and managers, and one that is kept in a constant is encoded once.
 *
 * <pre>{@code
 * private static final Response HELLO = Response.text("Hello, World!");
 *
 * Response.text("no such room").withStatus(404);
 * Response.stream("text/csv", () -> new Rows(query));
 * Response.redirect(303, "/login").withHeader("Cache-Control", "no-store");
 * }</pre>
 *
 * <p>The server adds what belongs to the connection and not to the answer: {@code Date}, {@code Connection},
 * {@code Content-Length} or {@code Transfer-Encoding}; a response may not contain the last two.
 */
public final class Response {
    private final int status;
    private final Headers headers;
    private final ResponseBody body;

    /** What the server made of the head, at the first sending; races are harmless, each thread would make the same. */
    private @Nullable Object encoded;

    private Response(int status, Headers headers, ResponseBody body) {
        this.status = status;
        this.headers = headers;
        this.body = body;
    }

    /**
     * Makes a response of its parts.
     *
     * @param status 200 to 599; interim ones are sent by {@link Request#inform}, 101 is made by {@link #upgrade}
     * @param headers the fields, without Content-Length and Transfer-Encoding
     * @param body empty with 204, 205 and 304
     * @return the response
     * @throws IllegalArgumentException if one of them is otherwise
     */
    public static Response of(int status, Headers headers, ResponseBody body) {
        Objects.requireNonNull(body, "body");
        if (body instanceof ResponseBody.Upgrade || body instanceof ResponseBody.Later) {
            throw new IllegalArgumentException("a response of this kind has no status to choose, found " + body);
        }
        if (status < 200 || status > 599) {
            throw new IllegalArgumentException("expected a final status, 200 to 599; found " + status
                    + (status == 101 ? ": use Response.upgrade" : ": use Request.inform for interim ones"));
        }
        if ((status == 204 || status == 205 || status == 304) && !(body instanceof ResponseBody.Empty)) {
            throw new IllegalArgumentException("a response " + status + " has no body (RFC 9110 15.3.5, 15.4.5)");
        }
        refuseFraming(headers);
        return new Response(status, headers, body);
    }

    private static void refuseFraming(Headers headers) {
        for (String name : new String[] {"Content-Length", "Transfer-Encoding"}) {
            if (headers.contains(name)) {
                throw new IllegalArgumentException(name + " follows from the body and cannot be set");
            }
        }
    }

    /**
     * An empty response.
     *
     * @param status 200 to 599
     * @return the response
     */
    public static Response status(int status) {
        return of(status, Headers.EMPTY, ResponseBody.Empty.INSTANCE);
    }

    /**
     * Text.
     *
     * @param text sent in UTF-8 as text/plain
     * @return a response 200
     */
    public static Response text(CharSequence text) {
        return bytes("text/plain; charset=utf-8", Bytes.utf8(text));
    }

    /**
     * A page.
     *
     * @param html sent in UTF-8 as text/html
     * @return a response 200
     */
    public static Response html(CharSequence html) {
        return bytes("text/html; charset=utf-8", Bytes.utf8(html));
    }

    /**
     * JSON that somebody else has made.
     *
     * @param json the text, not checked, sent in UTF-8 as application/json
     * @return a response 200
     */
    public static Response json(CharSequence json) {
        return bytes("application/json", Bytes.utf8(json));
    }

    /**
     * Bytes of any type.
     *
     * @param contentType the value of Content-Type
     * @param bytes the body
     * @return a response 200
     */
    public static Response bytes(String contentType, Bytes bytes) {
        return of(200, Headers.of("Content-Type", contentType), new ResponseBody.Whole(bytes));
    }

    /**
     * A body that is made while the peer takes it, of unknown length.
     *
     * @param contentType the value of Content-Type
     * @param producer makes a producer each time the response is sent
     * @return a response 200
     */
    public static Response stream(String contentType, Supplier<? extends BodyProducer> producer) {
        return stream(contentType, -1, producer);
    }

    /**
     * A body that is made while the peer takes it.
     *
     * @param contentType the value of Content-Type
     * @param length how many bytes the producer will send; -1 if nobody knows
     * @param producer makes a producer each time the response is sent
     * @return a response 200
     */
    public static Response stream(String contentType, long length, Supplier<? extends BodyProducer> producer) {
        return of(200, Headers.of("Content-Type", contentType), new ResponseBody.Streamed(length, producer));
    }

    /**
     * A file, whole, with a type by its name. As {@link #file(Path, String)}.
     *
     * @param path the file
     * @return a response 200
     * @throws IOException if it is not there or not a file
     */
    public static Response file(Path path) throws IOException {
        Path name = path.getFileName();
        return file(path, ContentTypes.DEFAULT.of(name == null ? "" : name.toString()));
    }

    /**
     * A file, whole: its length and date are found out now, and it is opened when the response is sent, on the loop
     * thread. If it has become shorter by then the connection is aborted. {@link FileHandler#ofFile} answers requests
     * with conditions and ranges, and does so without holding up the loop.
     *
     * @param path the file, of a file system that has file channels
     * @param contentType the value of Content-Type
     * @return a response 200, with Last-Modified
     * @throws IOException if it is not there or not a file
     */
    public static Response file(Path path, String contentType) throws IOException {
        return FileBody.response(path, contentType);
    }

    /**
     * Sends the peer elsewhere (RFC 9110 §15.4).
     *
     * @param status 301, 302, 303, 307 or 308
     * @param location a URI or a reference relative to the request's
     * @return the response
     * @throws IllegalArgumentException if the status is another, or the location contains what no URI may
     */
    public static Response redirect(int status, String location) {
        if (status != 301 && status != 302 && status != 303 && status != 307 && status != 308) {
            throw new IllegalArgumentException("expected 301, 302, 303, 307 or 308; found " + status);
        }
        for (int i = 0; i < location.length(); i++) {
            char c = location.charAt(i);
            if (c <= ' ' || c >= 0x7F || "\"<>\\^`{|}".indexOf(c) >= 0) {
                throw new IllegalArgumentException(
                        "expected a URI reference (RFC 3986), found " + MalformedTextException.quote(location));
            }
        }
        return status(status).withHeader("Location", location);
    }

    /**
     * A failure in a sentence, as plain text. The server replaces it by its {@linkplain HttpServerOptions#errorPage
     * error page}, if it has one.
     *
     * @param status 400 to 599
     * @param message the sentence for the peer
     * @return the response
     */
    public static Response error(int status, String message) {
        if (status < 400 || status > 599) {
            throw new IllegalArgumentException("expected the status of a failure, 400 to 599; found " + status);
        }
        return text(message).withStatus(status);
    }

    /**
     * Gives the connection to another protocol: 101 is sent, and when its last byte was taken by the operating system,
     * through TLS too, the handler takes HTTP's place (RFC 9110 §7.8). It runs once for each connection on which the
     * response is sent: it is told {@code Opened} first, then, as {@code Received}, what had been received behind the
     * request. If the connection fails before that it never runs. {@code Connection: Upgrade} is set by the server;
     * {@code Upgrade} and whatever else the protocol asks for is the caller's, by {@link #withHeader}.
     *
     * @param protocol the value of {@code Upgrade}, for example {@code websocket}
     * @param handler receives the events of TCP from then on
     * @return the response
     */
    public static Response upgrade(String protocol, Handler handler) {
        return new Response(101, Headers.of("Upgrade", protocol), new ResponseBody.Upgrade(protocol, handler));
    }

    /**
     * An answer that is not known yet. It is the one answer to its request: whoever gives it completes it, and does not
     * call {@link Request#respond} beside.
     *
     * @param response completes with it, on any thread; one that completes exceptionally is answered as if the handler
     *     had thrown that
     * @return stands for it
     */
    public static Response later(CompletionStage<? extends Response> response) {
        return new Response(200, Headers.EMPTY, new ResponseBody.Later(response));
    }

    /**
     * The status.
     *
     * @return 101 or 200 to 599
     * @throws IllegalStateException if the answer {@linkplain #isLater comes later}
     */
    public int status() {
        requireKnown();
        return status;
    }

    /**
     * The fields.
     *
     * @return without those that the server adds
     * @throws IllegalStateException if the answer {@linkplain #isLater comes later}
     */
    public Headers headers() {
        requireKnown();
        return headers;
    }

    /**
     * The body.
     *
     * @return how its bytes come to be
     */
    public ResponseBody body() {
        return body;
    }

    /**
     * Whether the answer is not known yet, so that it has neither status nor fields.
     *
     * @return true for what {@link #later} made
     */
    public boolean isLater() {
        return body instanceof ResponseBody.Later;
    }

    /**
     * Changes the answer, when it is known.
     *
     * @param change is given the known answer: now, or on the thread that completes it
     * @return the changed answer
     */
    public Response map(UnaryOperator<Response> change) {
        if (body instanceof ResponseBody.Later later) {
            return later(later.response().thenApply(response -> response.map(change)));
        }
        return change.apply(this);
    }

    /**
     * The same with another status.
     *
     * @param other 200 to 599
     * @return a response
     * @throws IllegalArgumentException as of {@link #of}
     */
    public Response withStatus(int other) {
        return map(known -> of(other, known.headers, known.body));
    }

    /**
     * The same with one value of a field, in place of all values that it had.
     *
     * @param name the field
     * @param value its value
     * @return a response
     * @throws IllegalArgumentException if name or value are not those of a field, or the field follows from the body
     */
    public Response withHeader(String name, String value) {
        return withHeaders(known -> known.toBuilder().set(name, value).build());
    }

    /**
     * The same with one more value of a field.
     *
     * @param name the field, for example {@code Set-Cookie}
     * @param value its value
     * @return a response
     * @throws IllegalArgumentException as of {@link #withHeader}
     */
    public Response addHeader(String name, String value) {
        return withHeaders(known -> known.toBuilder().add(name, value).build());
    }

    /**
     * The same, remembering that it depends on a field of the request (RFC 9110 §12.5.5).
     *
     * @param field its name, added to {@code Vary} unless it is there
     * @return a response
     */
    public Response withVary(String field) {
        return map(known -> known.headers.containsToken("Vary", field) || known.headers.containsToken("Vary", "*")
                ? known
                : known.addHeader("Vary", field));
    }

    /**
     * The same with a cookie more.
     *
     * @param cookie what the user agent is asked to keep
     * @return a response
     */
    public Response withCookie(SetCookie cookie) {
        return addHeader("Set-Cookie", cookie.toString());
    }

    /**
     * The same with a cookie more, as it is described so far: {@code withCookie(SetCookie.of("room", "1"))}.
     *
     * @param cookie what the user agent is asked to keep
     * @return a response
     * @throws IllegalArgumentException as of {@link SetCookie.Builder#build()}
     */
    public Response withCookie(SetCookie.Builder cookie) {
        return withCookie(cookie.build());
    }

    /**
     * The same with other fields.
     *
     * @param change is given the fields
     * @return a response
     * @throws IllegalArgumentException as of {@link #withHeader}
     */
    public Response withHeaders(UnaryOperator<Headers> change) {
        return map(known -> {
            Headers changed = change.apply(known.headers);
            refuseFraming(changed);
            if (known.body instanceof ResponseBody.Upgrade upgrade) {
                requireUpgrade(changed, upgrade.protocol());
            }
            return new Response(known.status, changed, known.body);
        });
    }

    private static void requireUpgrade(Headers headers, String protocol) {
        if (!headers.containsToken("Upgrade", protocol)) {
            throw new IllegalArgumentException("the field Upgrade of an upgrade names its protocol, " + protocol
                    + "; found " + headers.all("Upgrade"));
        }
        if (headers.contains("Connection")) {
            throw new IllegalArgumentException("the server sets the field Connection of an upgrade");
        }
    }

    /**
     * The same with another body.
     *
     * @param other the body
     * @return a response
     * @throws IllegalArgumentException as of {@link #of}
     */
    public Response withBody(ResponseBody other) {
        return map(known -> of(known.status, known.headers, other));
    }

    private void requireKnown() {
        if (isLater()) {
            throw new IllegalStateException("the answer is not known yet: use map");
        }
    }

    /** What the server made of the head. */
    @Nullable
    Object encoded() {
        return encoded;
    }

    /** Keeps what the server made of the head. */
    void encoded(Object head) {
        encoded = head;
    }

    @Override
    public String toString() {
        return isLater() ? "Response[later]" : "Response[" + status + ", " + headers + ", " + body + "]";
    }
}
