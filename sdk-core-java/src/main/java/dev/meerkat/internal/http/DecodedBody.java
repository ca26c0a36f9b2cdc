package dev.meerkat.internal.http;

import dev.meerkat.event.Bytes;
import dev.meerkat.event.ReceiveBuffer;
import dev.meerkat.http.BodyInput;
import dev.meerkat.http.Headers;
import dev.meerkat.http.HttpError;
import dev.meerkat.http.HttpRule;
import dev.meerkat.http.Request;
import dev.meerkat.http.RequestBody;
import dev.meerkat.internal.buffer.ReceiveQueue;
import dev.meerkat.internal.coding.CodingException;
import dev.meerkat.internal.coding.InflatedBody;
import dev.meerkat.internal.coding.Inflating;
import dev.meerkat.internal.httpio.Later;
import java.util.Objects;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The body of a request, decompressed on its way to who reads it: a step at a time, so that a reader that pauses is
 * given no more than one. What follows a failure is thrown away.
 */
final class DecodedBody implements RequestBody, BodyInput.Reader {
    private final Request request;
    private final Inflating inflating;
    private final long limit;
    private @Nullable InflatedBody inflated;
    private @Nullable Reader reader;
    private @Nullable Headers trailers;
    private long taken;
    private boolean paused;
    private boolean over;

    DecodedBody(Request request, Inflating inflating, long limit) {
        this.request = request;
        this.inflating = inflating;
        this.limit = limit;
    }

    @Override
    public OptionalLong length() {
        return request.body().isEmpty() ? OptionalLong.of(0) : OptionalLong.empty();
    }

    @Override
    public void read(Reader newReader) {
        begin(request.connection().options().receiveLimit(), newReader);
    }

    /** Reads the body for somebody who leaves all of it. */
    void collect(int most, Reader newReader) {
        begin(most, newReader);
    }

    private void begin(int kept, Reader newReader) {
        if (reader != null) {
            throw new IllegalStateException("the body is read by somebody already, or is over");
        }
        reader = Objects.requireNonNull(newReader, "reader");
        inflated = new InflatedBody(inflating, kept);
        request.body().read(this);
    }

    /** What was left, all of it. */
    Bytes takeAll() {
        return inflated().buffer().take();
    }

    private InflatedBody inflated() {
        return Objects.requireNonNull(inflated);
    }

    @Override
    public void pause() {
        paused = true;
        request.body().pause();
    }

    @Override
    public void resume() {
        if (paused) {
            paused = false;
            request.body().resume();
            // What was taken in but not made into anything yet, no arrival will bring.
            boolean unused = Later.run(request.connection().manager(), this::advanceOrFail);
        }
    }

    @Override
    public void giveUp() {
        if (!over) {
            over = true;
            close();
            request.body().giveUp();
        }
    }

    private void advanceOrFail() {
        try {
            advance(ReceiveQueue.EMPTY);
        } catch (Exception failure) {
            over = true;
            close();
            request.connection().abort();
            throw new IllegalStateException("the reader of a decompressed body has failed", failure);
        }
    }

    @Override
    public void onData(ReceiveBuffer raw) throws Exception {
        if (over) {
            raw.discard(raw.size());
        } else {
            advance(raw);
        }
    }

    @Override
    public void onEnd(Headers fields) throws Exception {
        trailers = fields;
        advance(ReceiveQueue.EMPTY);
    }

    @Override
    public void onFailure(HttpError error) {
        fail(error);
    }

    private void advance(ReceiveBuffer raw) throws Exception {
        Reader present = Objects.requireNonNull(reader);
        try {
            while (!over && !paused && inflated().more(raw)) {
                ReceiveBuffer made = inflated().buffer();
                int before = made.size();
                if (taken + before > limit) {
                    throw new TooLargeException();
                }
                present.onData(made);
                taken += before - made.size();
            }
        } catch (CodingException e) {
            raw.discard(raw.size());
            boolean malformed = e.kind() == CodingException.Kind.MALFORMED;
            fail(new HttpError(
                    malformed ? HttpRule.MALFORMED_CODING : HttpRule.BODY_TOO_LARGE, String.valueOf(e.getMessage())));
        } catch (TooLargeException e) {
            raw.discard(raw.size());
            fail(new HttpError(HttpRule.BODY_TOO_LARGE, "decompressed, the body is longer than " + limit + " bytes"));
        }
        Headers end = trailers;
        if (end != null && !over && !paused) {
            if (!inflated().isComplete()) {
                fail(new HttpError(HttpRule.MALFORMED_CODING, "the compressed body ends before its end"));
                return;
            }
            over = true;
            close();
            present.onEnd(end);
        }
    }

    private void fail(HttpError error) {
        if (!over) {
            over = true;
            close();
            Objects.requireNonNull(reader).onFailure(error);
        }
    }

    private void close() {
        inflating.close();
    }

    /** More was made than may be. */
    private static final class TooLargeException extends Exception {
        private static final long serialVersionUID = 1;

        TooLargeException() {
            super(null, null, false, false);
        }
    }
}
