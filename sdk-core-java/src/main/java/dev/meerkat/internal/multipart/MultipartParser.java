package dev.meerkat.internal.multipart;

import dev.meerkat.http.RequestHead;
import dev.meerkat.multipart.Completion;
import dev.meerkat.multipart.MultipartError;
import dev.meerkat.multipart.MultipartError.Kind;
import dev.meerkat.multipart.MultipartLimits;
import dev.meerkat.multipart.Part;
import dev.meerkat.multipart.PartEvent.MultipartEnd;
import dev.meerkat.multipart.PartEvent.MultipartStart;
import dev.meerkat.multipart.PartEvent.PartBegin;
import dev.meerkat.multipart.PartEvent.PartData;
import dev.meerkat.multipart.PartEvent.PartEnd;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of one multipart body become events of its parts (RFC 2046 §5.1.1, RFC 7578). Cut as it may be, the same
 * body gives the same events, but for the slices of data.
 *
 * <pre>
 *               boundary                    CR LF            empty line
 *  PREAMBLE ───────────────► BOUNDARY_LINE ─────────► HEAD ────────────► DATA
 *                              ▲    │                                     │
 *                              │    │ "--"                                │
 *                              │    ▼                        boundary     │
 *                              │  CLOSED_LINE     ◄───────────────────────┘
 *                              │    │ CR LF                   (to BOUNDARY_LINE)
 *                              └────┼───────────────────────────
 *                                   ▼
 *                                EPILOGUE
 *
 *  finish(): CLOSED_LINE and EPILOGUE are complete, all others truncated.
 *  From each state abort(), and every broken rule, leads to ENDED.
 * </pre>
 *
 * <p>No part is announced before its head is complete, and none is complete before the whole line of the boundary
 * behind it was seen to be one: what begins like a boundary and goes on otherwise is read as a boundary by some (RFC
 * 2046 §5.1.1 has it so) and as data by others, and is refused here.
 */
public final class MultipartParser {
    private enum State {
        /** In front of the first boundary: read over. */
        PREAMBLE,
        /** Behind a boundary. */
        BOUNDARY_LINE,
        /** Behind a boundary and one hyphen. */
        HYPHEN,
        /** In the white space behind a boundary. */
        PADDING,
        /** Behind a boundary, its padding and CR. */
        BOUNDARY_CR,
        HEAD,
        DATA,
        /** Behind the last boundary and its hyphens. */
        CLOSED_LINE,
        /** The same, behind CR. */
        CLOSED_CR,
        /** Behind all: read over. */
        EPILOGUE,
        ENDED
    }

    private final MultipartLimits limits;
    private final PartSink sink;
    private final BoundaryMatcher matcher;
    private State state = State.PREAMBLE;
    private @Nullable PartHead head;
    private @Nullable Part part;
    private int parts;
    private int padding;
    private long partBytes;
    private long bytes;
    private boolean paused;

    /**
     * Makes a parser.
     *
     * @param boundary as {@link Boundary} gives it
     */
    public MultipartParser(String boundary, MultipartLimits limits, PartSink sink) {
        this.limits = limits;
        this.sink = sink;
        this.matcher = new BoundaryMatcher(boundary);
    }

    /** Tells the sink that a body begins; once, before everything else. */
    public void start(RequestHead messageHead) throws Exception {
        sink.accept(new MultipartStart(messageHead));
    }

    /**
     * Takes input and gives what can be said of it. Everything is taken but in two cases: the sink has paused, which
     * holds from the next event on; or the body has ended for an error, which is the case too if this throws.
     *
     * @param input position to limit; advanced
     * @throws Exception what the sink has thrown; the body is to be aborted then
     */
    public void take(ByteBuffer input) throws Exception {
        long allowed = limits.maxBytes() - bytes;
        int limit = input.limit();
        int from = input.position();
        boolean tooMuch = input.remaining() > allowed;
        if (tooMuch) {
            input.limit(from + (int) allowed);
        }
        try {
            while (input.hasRemaining() && state != State.ENDED && !paused) {
                step(input);
            }
            bytes += input.position() - from;
            if (tooMuch && !input.hasRemaining() && state != State.ENDED) {
                throw new MultipartException(Kind.TOO_LARGE, "the body is longer than " + limits.maxBytes() + " bytes");
            }
        } catch (MultipartException e) {
            abort(e.error());
        } finally {
            input.limit(limit);
        }
    }

    /** The body has come to its end: tells the sink how, unless it knows. */
    public void finish() throws Exception {
        if (state == State.CLOSED_LINE || state == State.EPILOGUE) {
            state = State.ENDED;
            sink.accept(new MultipartEnd(Completion.Complete.INSTANCE));
        } else {
            abort(MultipartError.of(Kind.TRUNCATED, "the body ends without its last boundary (RFC 2046 §5.1.1)"));
        }
    }

    /**
     * Ends the body: part and body are over for the sink. Nothing happens if they are already.
     *
     * @throws Exception what the sink has thrown; it was told all the same
     */
    public void abort(MultipartError error) throws Exception {
        if (state == State.ENDED) {
            return;
        }
        state = State.ENDED;
        Completion aborted = new Completion.Aborted(error);
        try {
            endPart(aborted);
        } finally {
            sink.accept(new MultipartEnd(aborted));
        }
    }

    /** Whether the end was told. */
    public boolean hasEnded() {
        return state == State.ENDED;
    }

    /** Gives no event more from the next on, and leaves input where it is, until {@link #resume}. */
    public void pause() {
        paused = true;
    }

    /** Goes on, with the next input. */
    public void resume() {
        paused = false;
    }

    /** Whether it gives no events. */
    public boolean isPaused() {
        return paused;
    }

    /** How often a byte was read in search of boundaries; for the test that counts them. */
    long reads() {
        return matcher.reads();
    }

    private void step(ByteBuffer input) throws Exception {
        switch (state) {
            case PREAMBLE, DATA -> search(input);
            case HEAD -> head(input);
            case EPILOGUE -> input.position(input.limit());
            default -> state = afterBoundary(input.get());
        }
    }

    // ---------------------------------------------------------------- data

    private void search(ByteBuffer input) throws Exception {
        int held = matcher.held();
        if (held > 0) {
            switch (matcher.resume(input)) {
                case FOUND -> boundaryFound();
                case HELD -> {}
                case NONE -> data(matcher.released(held));
            }
            return;
        }
        int from = input.position();
        int index = matcher.find(input);
        boolean found = matcher.isWhole(index, input);
        // The position moves first: the sink may throw, and may pause.
        input.position(found ? index + matcher.length() : input.limit());
        if (found) {
            boundaryFound();
        }
        if (index > from && part != null) {
            data(input.slice(from, index - from));
        }
    }

    private void boundaryFound() {
        state = State.BOUNDARY_LINE;
        padding = 0;
    }

    /** Data of the present part; in the preamble it is nobody's. */
    private void data(ByteBuffer slice) throws Exception {
        Part receiver = part;
        if (receiver == null) {
            return;
        }
        long allowed = limits.maxPartBytes() - partBytes;
        boolean tooMuch = slice.remaining() > allowed;
        if (tooMuch) {
            slice.limit(slice.position() + (int) allowed);
        }
        partBytes += slice.remaining();
        if (slice.hasRemaining()) {
            sink.accept(new PartData(receiver, slice.isReadOnly() ? slice : slice.asReadOnlyBuffer()));
        }
        if (tooMuch && state != State.ENDED) {
            throw new MultipartException(
                    Kind.PART_TOO_LARGE, "a part is longer than " + limits.maxPartBytes() + " bytes");
        }
    }

    // ---------------------------------------------------------------- the line of a boundary

    private State afterBoundary(byte next) throws Exception {
        return switch (state) {
            case BOUNDARY_LINE -> next == '-' ? State.HYPHEN : padding(next, State.PADDING, State.BOUNDARY_CR);
            case PADDING -> padding(next, State.PADDING, State.BOUNDARY_CR);
            case BOUNDARY_CR -> {
                expect(next, '\n');
                yield partFollows();
            }
            case HYPHEN -> {
                expect(next, '-');
                endPart(Completion.Complete.INSTANCE);
                padding = 0;
                yield state == State.ENDED ? state : State.CLOSED_LINE;
            }
            case CLOSED_LINE -> padding(next, State.CLOSED_LINE, State.CLOSED_CR);
            case CLOSED_CR -> {
                expect(next, '\n');
                yield State.EPILOGUE;
            }
            default -> throw new AssertionError(state);
        };
    }

    private State padding(byte next, State more, State carriageReturn) throws MultipartException {
        if (next == ' ' || next == '\t') {
            if (++padding > limits.maxPartHeadBytes()) {
                throw new MultipartException(
                        Kind.PART_HEAD_TOO_LARGE,
                        "more than " + (padding - 1) + " characters of white space behind a boundary");
            }
            return more;
        }
        expect(next, '\r');
        return carriageReturn;
    }

    private static void expect(byte found, char expected) throws MultipartException {
        if (found != expected) {
            throw MultipartException.malformed("a boundary is followed by CR LF, or by two hyphens if it is the last"
                    + " (RFC 2046 §5.1.1), but not by "
                    + MultipartException.quote(String.valueOf((char) (found & 0xFF))));
        }
    }

    private State partFollows() throws Exception {
        endPart(Completion.Complete.INSTANCE);
        if (state == State.ENDED) {
            return state;
        }
        if (++parts > limits.maxParts()) {
            throw new MultipartException(Kind.TOO_MANY_PARTS, "the body has more than " + limits.maxParts() + " parts");
        }
        head = new PartHead(limits);
        return State.HEAD;
    }

    // ---------------------------------------------------------------- parts

    private void head(ByteBuffer input) throws Exception {
        PartHead present = head;
        if (present != null && present.take(input)) {
            head = null;
            Part begun = present.part(parts - 1);
            part = begun;
            partBytes = 0;
            matcher.atLineStart();
            state = State.DATA;
            sink.accept(new PartBegin(begun));
        }
    }

    private void endPart(Completion completion) throws Exception {
        Part ended = part;
        if (ended != null) {
            part = null;
            sink.accept(new PartEnd(ended, completion));
        }
    }
}
