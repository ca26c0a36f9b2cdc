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
    /** What is counted in for this message. */
    private int counted;
    /** How much payload has come, as it is sent. */
    private long came;

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
        came += piece.remaining();
        MessageInflater unpacks = inflater;
        if (unpacks == null) {
            boolean unused = take(piece, end);
        } else if (!unpacks.inflate(piece, text, end, this) && incoming.listens()) {
            hold(piece, end);
        }
    }

    private void hold(ByteBuffer piece, boolean end) {
        int count = piece.remaining();
        if (count(count)) {
            held = ByteBuffer.allocate(count).put(piece).flip();
            heldEnd = end;
        } else {
            incoming.noRoom();
        }
    }

    /** How much payload has come, as it is sent. */
    long came() {
        return came;
    }

    /** Whether there is something to go on with. */
    boolean holds() {
        return held != null;
    }

    void goOn() throws DeflateException {
        ByteBuffer rest = held;
        MessageInflater unpacks = inflater;
        held = null;
        if (rest == null || unpacks == null) {
            return;
        }
        if (!unpacks.inflate(rest, text, heldEnd, this) && incoming.listens()) {
            held = rest;
        } else {
            giveBack(Math.min(rest.capacity(), counted));
        }
    }

    @Override
    public boolean take(ByteBuffer slice, boolean last) {
        if (last) {
            incoming.over(this);
        }
        try {
            if (inPieces) {
                incoming.deliver(this, slice, last);
            } else if (last && size == 0) {
                incoming.deliver(text, slice);
            } else if (!append(slice)) {
                incoming.noRoom();
            } else if (last) {
                incoming.deliver(text, ByteBuffer.wrap(bytes, 0, size));
            }
        } finally {
            if (last) {
                giveBack();
            }
        }
        return incoming.goesOn();
    }

    // ---------------------------------------------------------------- what is held

    /** Answers whether there was room. */
    private boolean append(ByteBuffer piece) {
        int count = piece.remaining();
        int needed = Math.addExact(size, count);
        if (needed > bytes.length) {
            int wanted = (int) Math.min(incoming.messageBytes(), Math.max(LEAST_BYTES, 2L * bytes.length));
            if (wanted > needed && count(wanted - bytes.length)) {
                bytes = Arrays.copyOf(bytes, wanted);
            } else if (count(needed - bytes.length)) {
                bytes = Arrays.copyOf(bytes, needed);
            } else {
                return false;
            }
        }
        piece.get(bytes, size, count);
        size = needed;
        return true;
    }

    private boolean count(int more) {
        if (!incoming.budget().take(more)) {
            return false;
        }
        counted += more;
        return true;
    }

    /** The message is held no longer. */
    void giveBack() {
        giveBack(counted);
    }

    private void giveBack(int count) {
        incoming.budget().give(count);
        counted -= count;
    }
}
