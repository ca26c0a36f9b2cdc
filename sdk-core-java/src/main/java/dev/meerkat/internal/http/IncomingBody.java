package dev.meerkat.internal.http;

import dev.meerkat.event.Bytes;
import dev.meerkat.http.Headers;
import dev.meerkat.http.HttpError;
import dev.meerkat.http.HttpEvent;
import dev.meerkat.http.HttpHandler;
import dev.meerkat.http.RequestBody;
import dev.meerkat.http.Response;
import dev.meerkat.http.ResponseException;
import dev.meerkat.internal.buffer.ReceiveQueue;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The body of a request on its way to whoever wants it.
 *
 * <pre>
 *              read() -------------------&gt; READER ----+
 *   UNASKED -- gather() -----------------&gt; GATHER ----+--- the last byte ---&gt; ENDED
 *      |   \-- a handler of events ------&gt; EVENTS ----+
 *      |                                     |
 *      +-- answered, and nobody has asked ---+-------&gt; DISCARD
 * </pre>
 */
final class IncomingBody implements RequestBody {
    /** Who gets it. */
    private enum Mode {
        /** Nobody has asked yet. It stays where it is, and so does the peer. */
        UNASKED,
        /** The handler of events: {@code BodyReceived}, and {@code MessageEnd} with what was left. */
        EVENTS,
        /** Who has called {@link #read}. */
        READER,
        /** It is collected for a handler of whole requests. */
        GATHER,
        /** Nobody any more: it is thrown away to get to the next request. */
        DISCARD,
        /** It is over, one way or the other. */
        ENDED
    }

    private final ServerProtocol protocol;
    private final long length;
    private Mode mode = Mode.UNASKED;
    /** Who has read it wants no more of it, and nobody else can. */
    private boolean givenUp;
    /** The peer waits to be told to go on (RFC 9110 §10.1.1). */
    private boolean expected;

    private boolean paused;
    /** The handler of events has no use for the bytes, and hears of the end all the same. */
    private boolean endsForEvents;
    /** The decoder has seen the end; the consumer has not, perhaps. */
    private @Nullable Headers trailers;
    /** What the consumer has left. */
    private @Nullable ReceiveQueue kept;

    private @Nullable Reader reader;
    private int limit;
    private long discarded;
    private @Nullable Bytes gathered;
    private @Nullable Gathering gathering;

    /**
     * Makes the body of a request whose head has arrived.
     *
     * @param length in bytes, −1 if it is chunked; 0 if there is none, then it is over already
     * @param expected whether the peer waits to be told to go on
     */
    IncomingBody(ServerProtocol protocol, long length, boolean expected) {
        this.protocol = protocol;
        this.length = length;
        this.expected = expected;
        if (length == 0) {
            trailers = Headers.EMPTY;
        }
    }

    // ---------------------------------------------------------------- who asks

    @Override
    public OptionalLong length() {
        return length < 0 ? OptionalLong.empty() : OptionalLong.of(length);
    }

    @Override
    public void read(Reader newReader) {
        protocol.requireLoop("RequestBody.read");
        Objects.requireNonNull(newReader, "reader");
        requireUnasked();
        reader = newReader;
        limit = protocol.connection().options().receiveLimit();
        ask(Mode.READER);
    }

    /** See {@link dev.meerkat.http.Request#gather(int, HttpHandler)}. */
    Response gather(int most, ServerRequest request, HttpHandler handler) throws Exception {
        protocol.requireLoop("Request.gather");
        if (most < 0) {
            throw new IllegalArgumentException("expected a limit from 0, found " + most);
        }
        if (gathered != null) {
            return handler.handle(request);
        }
        if (length == 0 && mode == Mode.UNASKED) {
            gathered = Bytes.EMPTY;
            mode = Mode.ENDED;
            return handler.handle(request);
        }
        requireUnasked();
        if (length > most) {
            throw Gathering.tooLarge(most);
        }
        Gathering begun = new Gathering(request, handler, most, length);
        gathering = begun;
        ask(Mode.GATHER);
        return Response.later(begun.answer());
    }

    private void requireUnasked() {
        if (mode != Mode.UNASKED || givenUp) {
            throw new IllegalStateException("the body is read by somebody already, or is over");
        }
    }

    /** The handler of events takes the body, since nobody else has; if it has answered already, it hears of the end. */
    void offerToEvents(boolean answered) {
        if (answered) {
            endsForEvents = true;
        } else if (mode == Mode.UNASKED) {
            limit = protocol.site().limits.bufferedBodyBytes();
            ask(Mode.EVENTS);
        }
    }

    /** The request was answered: what nobody has asked for by now is read for nobody. */
    void discard() {
        if (isForNobody()) {
            drop();
        }
    }

    @Override
    public void giveUp() {
        protocol.requireLoop("RequestBody.giveUp");
        if (mode != Mode.UNASKED && mode != Mode.READER) {
            return;
        }
        givenUp = true;
        reader = null;
        kept = null;
        paused = false;
        mode = trailers == null ? Mode.UNASKED : Mode.ENDED;
        ServerRequest request = protocol.exchange();
        if (request != null && request.incoming() == this && request.answer() == ServerRequest.Answer.DONE) {
            drop();
            protocol.exchangeMoves(request);
        } else {
            protocol.bodyIsUnwanted();
        }
    }

    /** It is read for nobody from now on. */
    void drop() {
        gathering = null;
        kept = null;
        reader = null;
        paused = false;
        mode = trailers == null ? Mode.DISCARD : Mode.ENDED;
    }

    /** Whether nobody wants the rest, or will when the request has been answered. */
    boolean isForNobody() {
        return mode == Mode.UNASKED || mode == Mode.GATHER || mode == Mode.DISCARD;
    }

    /** Whether a handler of events is still to be told how it ends. */
    boolean isForEvents() {
        return mode == Mode.EVENTS || (endsForEvents && mode != Mode.ENDED);
    }

    private void ask(Mode by) {
        mode = by;
        if (!paused) {
            goOn();
        }
    }

    private void goOn() {
        if (isExpected() && protocol.connection().isOpen() && !isAnswered()) {
            Answering.goOn(protocol);
        }
        expected = false;
        protocol.bodyIsWanted();
    }

    private boolean isAnswered() {
        ServerRequest request = protocol.exchange();
        return request == null || !request.isOpen();
    }

    @Override
    public void pause() {
        protocol.requireLoop("RequestBody.pause");
        if (!paused && mode != Mode.ENDED && mode != Mode.DISCARD) {
            paused = true;
            protocol.bodyIsUnwanted();
        }
    }

    @Override
    public void resume() {
        protocol.requireLoop("RequestBody.resume");
        paused = false;
        if (mode != Mode.UNASKED && mode != Mode.ENDED && mode != Mode.DISCARD) {
            goOn();
        }
    }

    // ---------------------------------------------------------------- what the protocol asks

    /** Whether somebody wants bytes now. */
    boolean isWanted() {
        return mode == Mode.DISCARD
                || (!paused && (mode == Mode.EVENTS || mode == Mode.GATHER || (mode == Mode.READER && room() > 0)));
    }

    /** How many bytes the consumer takes at most, so that back-pressure begins in front of the decoder. */
    int room() {
        ReceiveQueue present = kept;
        return mode == Mode.READER && present != null ? Math.max(0, limit - present.size()) : Integer.MAX_VALUE;
    }

    boolean isDiscarded() {
        return mode == Mode.DISCARD;
    }

    /** Whether it is over for its consumer, too. */
    boolean hasEnded() {
        return mode == Mode.ENDED;
    }

    /** Whether the peer still waits to be told to go on. */
    boolean isExpected() {
        return expected && trailers == null;
    }

    long discardedBytes() {
        return discarded;
    }

    Bytes bytes() {
        Bytes known = gathered;
        if (known == null) {
            throw new IllegalStateException("the body has not been gathered: use Request.gather");
        }
        return known;
    }

    // ---------------------------------------------------------------- what arrives

    /**
     * A portion, decoded.
     *
     * @throws Exception what a consumer throws
     */
    void arrived(ByteBuffer portion) throws Exception {
        expected = false;
        switch (mode) {
            case GATHER -> collect(portion);
            case EVENTS, READER -> lend(portion);
            default -> discarded += portion.remaining();
        }
    }

    private void collect(ByteBuffer portion) {
        Gathering present = Objects.requireNonNull(gathering);
        if (!present.collect(portion)) {
            discard();
            present.failTooLarge();
        }
    }

    private void lend(ByteBuffer portion) throws Exception {
        ReceiveQueue present = kept;
        int count = portion.remaining();
        if (present != null) {
            if (count > present.room()) {
                throw new TooMuchKeptException();
            }
            present.append(portion);
            try {
                tell(present, count);
            } finally {
                settle(present);
            }
            return;
        }
        ServerSite site = protocol.site();
        ReceiveQueue lent = site.lentBody();
        lent.lend(portion);
        kept = lent;
        try {
            tell(lent, count);
        } finally {
            if (kept == lent) {
                kept = lent.isEmpty() || mode == Mode.ENDED ? null : keep(lent);
            }
            site.endLoan();
        }
    }

    private ReceiveQueue keep(ReceiveQueue lent) {
        return lent.keep(Math.max(limit, lent.size()));
    }

    private void settle(ReceiveQueue present) {
        if (present.isEmpty() || mode == Mode.ENDED) {
            kept = null;
        } else {
            present.reclaim(protocol.site().poisons);
        }
    }

    private void tell(ReceiveQueue queue, int count) throws Exception {
        Reader present = reader;
        if (present != null) {
            present.onData(queue);
        } else {
            protocol.tell(new HttpEvent.BodyReceived(queue, count));
            if (queue.size() > limit) {
                throw new TooMuchKeptException();
            }
        }
    }

    /** The handler of events keeps more than it may. */
    static final class TooMuchKeptException extends Exception {
        private static final long serialVersionUID = 1;

        TooMuchKeptException() {
            super(null, null, false, false);
        }
    }

    int limit() {
        return limit;
    }

    /** The last byte has arrived. */
    void complete(Headers trailerFields) {
        trailers = trailerFields;
    }

    boolean isComplete() {
        return trailers != null;
    }

    /**
     * Tells the reader again what it has left, since it has asked to go on.
     *
     * @throws Exception what it throws
     */
    void tellWhatIsLeft() throws Exception {
        ReceiveQueue left = kept;
        Reader present = reader;
        if (left != null && present != null && !paused) {
            try {
                present.onData(left);
            } finally {
                settle(left);
            }
        }
        if (mode == Mode.READER && length == 0 && !paused) {
            tellEnd();
        }
    }

    /**
     * Tells whoever wants the body that it is complete.
     *
     * @throws Exception what it throws
     */
    void tellEnd() throws Exception {
        Headers end = Objects.requireNonNull(trailers);
        Mode by = mode;
        mode = Mode.ENDED;
        switch (by) {
            case READER -> Objects.requireNonNull(reader).onEnd(end);
            case GATHER -> {
                Gathering present = Objects.requireNonNull(gathering);
                gathering = null;
                gathered = present.bytes();
                present.handle();
            }
            case EVENTS -> {
                ReceiveQueue left = kept;
                kept = null;
                protocol.tell(new HttpEvent.MessageEnd(left == null ? ReceiveQueue.EMPTY : left, end));
            }
            default -> {
                if (endsForEvents) {
                    protocol.tell(new HttpEvent.MessageEnd(ReceiveQueue.EMPTY, end));
                }
            }
        }
    }

    /** It will never be complete. */
    void fail(HttpError error) {
        Mode by = mode;
        mode = Mode.ENDED;
        kept = null;
        Reader present = reader;
        Gathering waiting = gathering;
        gathering = null;
        if (by == Mode.READER && present != null) {
            try {
                present.onFailure(error);
            } catch (Throwable e) {
                protocol.report(e);
            }
        } else if (by == Mode.GATHER && waiting != null) {
            waiting.fail(new ResponseException(error.status(), error.message()));
        }
    }
}
