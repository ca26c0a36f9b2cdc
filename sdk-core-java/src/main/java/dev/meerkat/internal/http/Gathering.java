package dev.meerkat.internal.http;

import dev.meerkat.event.Bytes;
import dev.meerkat.http.HttpHandler;
import dev.meerkat.http.Request;
import dev.meerkat.http.Response;
import dev.meerkat.http.ResponseException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;

/** A body that is collected for a handler of whole requests. */
final class Gathering {
    private static final byte[] NOTHING = {};

    private final Request request;
    private final HttpHandler handler;
    private final int limit;
    /** What there can be at most, if the head was right. */
    private final int expected;

    private final CompletableFuture<Response> answer = new CompletableFuture<>();
    private byte[] collected = NOTHING;
    private int count;

    /**
     * Begins.
     *
     * @param length of the body, negative if it is not known; not above the limit
     */
    Gathering(Request request, HttpHandler handler, int limit, long length) {
        this.request = request;
        this.handler = handler;
        this.limit = limit;
        this.expected = length > 0 ? (int) length : limit;
    }

    static ResponseException tooLarge(int most) {
        return new ResponseException(413, "the body is longer than " + most + " bytes");
    }

    /** The answer, when there is one. */
    CompletableFuture<Response> answer() {
        return answer;
    }

    /** Takes a portion; false if that is too much. */
    boolean collect(ByteBuffer portion) {
        int more = portion.remaining();
        if (more > limit - count) {
            return false;
        }
        if (more > collected.length - count) {
            long wanted = Math.max(count + (long) more, Math.min(2L * collected.length, expected));
            collected = Arrays.copyOf(collected, (int) wanted);
        }
        portion.get(collected, count, more);
        count += more;
        return true;
    }

    Bytes bytes() {
        Bytes all = Bytes.copyOf(ByteBuffer.wrap(collected, 0, count));
        collected = NOTHING;
        return all;
    }

    /** The body is whole: the handler has its turn. */
    void handle() {
        try {
            answer.complete(handler.handle(request));
        } catch (Throwable e) {
            answer.completeExceptionally(e);
        }
    }

    void fail(ResponseException instead) {
        answer.completeExceptionally(instead);
    }

    void failTooLarge() {
        fail(tooLarge(limit));
    }
}
