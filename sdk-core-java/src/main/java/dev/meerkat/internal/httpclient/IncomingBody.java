package dev.meerkat.internal.httpclient;

import dev.meerkat.event.ReceiveBuffer;
import dev.meerkat.http.BodyInput;
import dev.meerkat.http.Headers;
import dev.meerkat.http.HttpError;
import dev.meerkat.http.client.ClientException;
import dev.meerkat.http.client.ClientException.Kind;
import dev.meerkat.internal.coding.CodingException;
import dev.meerkat.internal.coding.InflatedBody;
import dev.meerkat.internal.coding.Inflating;
import java.util.Objects;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The body of a response on its way to who reads it. Nobody reads it yet, or it is paused: then nothing is taken from
 * the connection. Nobody wants the rest: then it is thrown away, within bounds.
 */
final class IncomingBody implements BodyInput {
    /** As much as is thrown away to keep a connection: less than what making another costs. */
    static final int DISCARDED_AT_MOST = 64 << 10;

    /** What the body needs of its exchange. */
    interface Source {
        /** Delivers nothing until told otherwise. */
        void hold();

        /** Delivers again: what was left, then what comes. */
        void release();
    }

    private final Source source;
    private final OptionalLong length;
    private final @Nullable InflatedBody inflated;
    private @Nullable Reader reader;
    private boolean paused;
    private boolean discarding;
    private long discarded;
    private boolean over;

    IncomingBody(Source source, OptionalLong length, @Nullable Inflating inflating, int inflatedLimit) {
        this.source = source;
        this.inflated = inflating == null ? null : new InflatedBody(inflating, inflatedLimit);
        this.length = inflating != null && length.orElse(1) > 0 ? OptionalLong.empty() : length;
    }

    @Override
    public OptionalLong length() {
        return length;
    }

    @Override
    public void read(Reader asker) {
        if (reader != null || discarding) {
            throw new IllegalStateException("the body is read already");
        }
        reader = Objects.requireNonNull(asker, "reader");
        if (!paused) {
            source.release();
        }
    }

    @Override
    public void pause() {
        if (!paused && !over) {
            paused = true;
            source.hold();
        }
    }

    @Override
    public void resume() {
        if (paused) {
            paused = false;
            if (reader != null && !over) {
                source.release();
            }
        }
    }

    /** Whether nothing is to be delivered now. */
    boolean isHeld() {
        return !discarding && (paused || reader == null);
    }

    boolean isOver() {
        return over;
    }

    /** Nobody wants what is still to come. */
    void discardRest() {
        if (!over && !discarding) {
            discarding = true;
            paused = false;
            closeInflater();
            source.release();
        }
    }

    /**
     * Takes a portion.
     *
     * @param raw what has arrived and was not taken
     * @return whether all of it was looked at; false if the reader has paused meanwhile
     */
    boolean deliver(ReceiveBuffer raw) throws Exception {
        if (discarding) {
            discarded += raw.size();
            raw.discard(raw.size());
            if (discarded > DISCARDED_AT_MOST) {
                throw new ClientException(
                        Kind.CONNECTION_LOST, "more was left of the body than is thrown away", null, null, null);
            }
            return true;
        }
        Reader present = reader;
        if (present == null || paused) {
            return false;
        }
        if (inflated == null) {
            if (!raw.isEmpty()) {
                present.onData(raw);
            }
            return !isHeld();
        }
        while (more(inflated, raw)) {
            present.onData(inflated.buffer());
            if (discarding) {
                raw.discard(raw.size());
                return true;
            }
            if (paused) {
                return false;
            }
        }
        return true;
    }

    private static boolean more(InflatedBody body, ReceiveBuffer raw) throws ClientException {
        try {
            return body.more(raw);
        } catch (CodingException e) {
            Kind kind = switch (e.kind()) {
                case MALFORMED -> Kind.BAD_CODING;
                case TOO_LARGE -> Kind.INFLATED_TOO_LARGE;
                case NOT_TAKEN -> Kind.BODY_TOO_LARGE;
            };
            throw new ClientException(kind, String.valueOf(e.getMessage()), null, null, e);
        }
    }

    /** Checks that the body may end here. */
    void complete() throws ClientException {
        if (!discarding && inflated != null && !inflated.isComplete()) {
            throw new ClientException(Kind.BAD_CODING, "the compressed body ends before its end", null, null, null);
        }
    }

    /** The body is whole. */
    void end(Headers trailers) throws Exception {
        over = true;
        closeInflater();
        if (reader != null && !discarding) {
            reader.onEnd(trailers);
        }
    }

    /** The body will not be whole. */
    void fail(HttpError error) {
        if (!over) {
            over = true;
            closeInflater();
            if (reader != null && !discarding) {
                reader.onFailure(error);
            }
        }
    }

    private void closeInflater() {
        if (inflated != null) {
            inflated.close();
        }
    }
}
