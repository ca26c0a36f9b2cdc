package dev.meerkat.internal.ws;

import dev.meerkat.Connection;
import dev.meerkat.internal.websocket.DeflatePool;
import dev.meerkat.internal.websocket.DeflateTerms;
import dev.meerkat.internal.websocket.FrameEncoder;
import dev.meerkat.internal.websocket.MessageDeflater;
import dev.meerkat.internal.websocket.MessageInflater;
import dev.meerkat.internal.websocket.Opcode;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What a WebSocket has that has agreed on permessage-deflate (RFC 7692): its two contexts, each made when it is needed
 * first, and the frames that a compressed message becomes. Loop thread.
 */
final class Compression implements MessageDeflater.Sink {
    /** What is compressed at a time leaves as a frame: as much as fits into one slice of the pool. */
    private static final int FRAME_BYTES = 16 * 1024;

    private final DeflatePool pool;
    private final FrameWriter writer;
    private final DeflateTerms terms;
    private @Nullable MessageDeflater deflater;
    private @Nullable MessageInflater inflater;
    /** While something is being compressed. */
    private @Nullable Connection target;

    private Opcode opcode = Opcode.CONTINUATION;

    /** What the peer wants to be remembered is promised here. */
    Compression(DeflatePool pool, FrameWriter writer, DeflateTerms terms) {
        this.pool = pool;
        this.writer = writer;
        this.terms = terms;
        if (terms.peerContext()) {
            inflater = inflater(0, 1);
        }
    }

    DeflateTerms terms() {
        return terms;
    }

    DeflatePool pool() {
        return pool;
    }

    // ---------------------------------------------------------------- what comes

    /** The context for a message that begins. */
    MessageInflater inflater(long messageBytes, int sliceBytes) {
        MessageInflater present = inflater;
        if (present == null) {
            present = new MessageInflater(pool, terms, messageBytes, sliceBytes);
            inflater = present;
        } else {
            present.limits(messageBytes, sliceBytes);
        }
        return present;
    }

    // ---------------------------------------------------------------- what leaves

    private MessageDeflater deflater() {
        MessageDeflater present = deflater;
        if (present == null) {
            present = new MessageDeflater(pool, terms);
            deflater = present;
        }
        return present;
    }

    /**
     * How much of the send limit a message, or a piece of one, may take in all its frames.
     *
     * @param length before it is compressed
     */
    long mostBytes(long length) {
        long packed = deflater().mostBytes(length);
        return packed + (packed / FRAME_BYTES + 2) * FrameEncoder.MAX_HEADER_BYTES;
    }

    /** Begins a message, if it is to be compressed; {@link Long#MAX_VALUE} is a length that nobody knows yet. */
    boolean begins(long length) {
        return deflater().begin(length);
    }

    /**
     * Sends a piece of the message that has begun, in as many frames as it takes.
     *
     * @param first what its first frame is; a continuation if there have been others
     * @param payload taken out
     * @param end whether the message ends with it
     * @return whether there has been a frame
     */
    boolean write(Connection connection, Opcode first, ByteBuffer payload, boolean end) {
        target = connection;
        opcode = first;
        try {
            deflater().deflate(payload, end, this);
        } finally {
            target = null;
        }
        return opcode == Opcode.CONTINUATION;
    }

    @Override
    public void take(ByteBuffer slice, boolean last) {
        Connection connection = target;
        if (connection != null) {
            writer.write(connection, FrameEncoder.head(opcode, last, opcode != Opcode.CONTINUATION), slice);
            opcode = Opcode.CONTINUATION;
        }
    }

    /** A message that is shared with others was sent. */
    void sharedSent() {
        MessageDeflater present = deflater;
        if (present != null) {
            present.sharedSent();
        }
    }

    // ---------------------------------------------------------------- the end

    /** Gives back what it holds. */
    void close() {
        MessageDeflater out = deflater;
        MessageInflater in = inflater;
        deflater = null;
        inflater = null;
        if (out != null) {
            out.close();
        }
        if (in != null) {
            in.close();
        }
    }
}
