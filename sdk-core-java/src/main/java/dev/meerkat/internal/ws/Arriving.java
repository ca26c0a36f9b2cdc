package dev.meerkat.internal.ws;

import dev.meerkat.internal.websocket.DeflateException;
import dev.meerkat.internal.websocket.FrameDecoder;
import dev.meerkat.internal.websocket.MessageInflater;
import dev.meerkat.internal.websocket.Opcode;
import dev.meerkat.websocket.FrameHead;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A message that comes in several pieces, or is compressed, or is delivered piece by piece; lives as long as the
 * message is under way. What is put together grows with what has come, not with what was announced.
 */
final class Arriving implements MessageInflater.Sink {
    private static final int LEAST_BYTES = 256;

    /** RSV1, as {@link FrameHead} tells it: the message is compressed (RFC 7692 §6). */
    private static final int COMPRESSED = 4;

    private final Incoming incoming;
    private final boolean text;
    private final boolean inPieces;
    private final @Nullable MessageInflater inflater;
    /** The present frame, if the handler wants to know. */
    private @Nullable FrameHead head;

    private long remaining;
    private byte[] bytes = {};
    private int size;
    /** What is to be decompressed when the handler listens again. */
    private @Nullable ByteBuffer held;

    private boolean heldEnd;

    /** A message begins with a frame. */
    Arriving(Incoming incoming, FrameDecoder from, boolean inPieces, @Nullable MessageInflater inflater) {
        this.incoming = incoming;
        this.text = from.isText();
        this.inPieces = inPieces;
        this.inflater = inflater;
        frame(from);
    }

    /** A frame of it begins. */
    void frame(FrameDecoder from) {
        remaining = from.frameLength();
        if (inPieces) {
            boolean first = from.isFirst();
            Opcode opcode = first ? FrameWriter.opcode(text) : Opcode.CONTINUATION;
            int reserved = first && from.isCompressed() ? COMPRESSED : 0;
            head = new FrameHead(opcode.code(), from.isFinal(), reserved, from.frameLength());
        }
    }

    FrameHead head() {
        FrameHead present = head;
        if (present == null) {
            throw new IllegalStateException("no frame is under way");
        }
        return present;
    }

    boolean isText() {
        return text;
    }

    long frameRemaining() {
        return remaining;
    }

    // ---------------------------------------------------------------- pieces

    /** A piece has come, which ends the message or not. */
    void piece(ByteBuffer piece, long left, boolean end) throws DeflateException {
        remaining = left;
        MessageInflater unpacks = inflater;
        if (unpacks == null) {
            boolean unused = take(piece, end);
        } else if (!unpacks.inflate(piece, text, end, this) && incoming.listens()) {
            held = ByteBuffer.allocate(piece.remaining()).put(piece).flip();
            heldEnd = end;
        }
    }

    /** Whether there is something to go on with. */
    boolean holds() {
        return held != null;
    }

    void goOn() throws DeflateException {
        ByteBuffer rest = held;
        MessageInflater unpacks = inflater;
        held = null;
        if (rest != null && unpacks != null && !unpacks.inflate(rest, text, heldEnd, this) && incoming.listens()) {
            held = rest;
        }
    }

    @Override
    public boolean take(ByteBuffer slice, boolean last) {
        if (last) {
            incoming.over(this);
        }
        if (inPieces) {
            incoming.deliver(this, slice, last);
        } else if (last && size == 0) {
            incoming.deliver(text, slice);
        } else {
            append(slice);
            if (last) {
                incoming.deliver(text, ByteBuffer.wrap(bytes, 0, size));
            }
        }
        return incoming.goesOn();
    }

    private void append(ByteBuffer piece) {
        int count = piece.remaining();
        int needed = Math.addExact(size, count);
        if (needed > bytes.length) {
            long doubled = Math.max(LEAST_BYTES, 2L * bytes.length);
            bytes = Arrays.copyOf(bytes, (int) Math.min(Integer.MAX_VALUE - 8, Math.max(needed, doubled)));
        }
        piece.get(bytes, size, count);
        size = needed;
    }
}
