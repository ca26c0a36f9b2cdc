package dev.meerkat.internal.ws;

import dev.meerkat.Connection;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.ReceiveBuffer;
import dev.meerkat.internal.buffer.HeadedOutput;
import dev.meerkat.internal.websocket.FrameEncoder;
import dev.meerkat.internal.websocket.Masking;
import dev.meerkat.internal.websocket.Opcode;
import java.nio.ByteBuffer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Puts frames into the output of connections: a small one is copied there, header and payload in one go; of a large one
 * the header goes ahead, and the payload without a copy where that is possible. A client's frames are masked (RFC 6455
 * §5.3). Loop thread; one for all WebSockets of a site.
 *
 * <p>Each method puts all of a frame, or throws before it has put anything: the caller has seen that there is room.
 */
final class FrameWriter {
    /** Up to this size a copy is cheaper than a second call. */
    static final int SMALL_BYTES = 4 * 1024;

    /** A client masks a large payload in pieces of this size. */
    private static final int PIECE_BYTES = 16 * 1024;

    /** Header, second byte: the length follows in two bytes (RFC 6455 §5.2). */
    private static final int MEDIUM = 126;

    private final @Nullable RandomGenerator keys;
    /** Made for the first frame that needs it. */
    private @Nullable ByteBuffer scratch;

    /**
     * Makes a writer.
     *
     * @param keys where a client's keys come from; null for a server, which does not mask
     */
    FrameWriter(@Nullable RandomGenerator keys) {
        this.keys = keys;
    }

    boolean masks() {
        return keys != null;
    }

    private ByteBuffer scratch(int payload) {
        ByteBuffer present = scratch;
        boolean large = keys != null && payload > SMALL_BYTES;
        if (present == null || (large && present.capacity() < PIECE_BYTES)) {
            present = ByteBuffer.allocate(large ? PIECE_BYTES : SMALL_BYTES + FrameEncoder.MAX_HEADER_BYTES);
            scratch = present;
        }
        return present.clear();
    }

    /** How much a frame takes of the send limit. */
    long frameLength(long payload) {
        return payload + FrameEncoder.headerLength(payload, keys != null);
    }

    /**
     * The shortest way for a small frame of a server: looks for room and copies it into the output.
     *
     * @param payload up to {@link #SMALL_BYTES}; its position moves to its limit if it is taken
     * @param spare how much of the send limit is to stay free
     * @return false if there is no room
     */
    static boolean offer(HeadedOutput out, int head, ByteBuffer payload, int spare) {
        int length = payload.remaining();
        return length < MEDIUM
                ? out.offer(head << 8 | length, 2, payload, spare)
                : out.offer(head << 24 | MEDIUM << 16 | length, 4, payload, spare);
    }

    /** A frame with what remains in a buffer, whose position is moved to its limit. */
    void write(Connection connection, int head, ByteBuffer payload) {
        RandomGenerator random = keys;
        int length = payload.remaining();
        if (random == null
                && length <= SMALL_BYTES
                && connection instanceof HeadedOutput out
                && offer(out, head, payload, 0)) {
            return;
        }
        ByteBuffer out = scratch(length);
        if (random == null) {
            FrameEncoder.header(head, length, out);
            if (length > SMALL_BYTES) {
                connection.send(out.flip());
                connection.send(payload);
                return;
            }
            out.put(payload);
            connection.send(out.flip());
            return;
        }
        int key = random.nextInt();
        FrameEncoder.maskedHeader(head, length, key, out);
        mask(connection, payload, key, out);
    }

    /** Fills the scratch with masked bytes, as often as it takes. */
    private static void mask(Connection connection, ByteBuffer payload, int firstKey, ByteBuffer out) {
        int key = firstKey;
        for (; ; ) {
            int count = Math.min(payload.remaining(), out.remaining());
            Masking.copy(payload, payload.position(), count, key, out, out.position());
            payload.position(payload.position() + count);
            out.position(out.position() + count);
            connection.send(out.flip());
            if (!payload.hasRemaining()) {
                return;
            }
            key = Masking.after(key, count);
            out.clear();
        }
    }

    /** A frame with bytes that may be shared. */
    void write(Connection connection, int head, Bytes payload) {
        if (keys != null || payload.length() <= SMALL_BYTES) {
            write(connection, head, payload.asByteBuffer());
            return;
        }
        ByteBuffer out = scratch(0);
        FrameEncoder.header(head, payload.length(), out);
        connection.send(out.flip());
        connection.send(payload);
    }

    /** A frame with all that is unread in a buffer, which is empty afterwards. */
    void write(Connection connection, int head, ReceiveBuffer payload, ByteBuffer raw) {
        if (keys == null && payload.size() > SMALL_BYTES) {
            ByteBuffer out = scratch(0);
            FrameEncoder.header(head, payload.size(), out);
            connection.send(out.flip());
            connection.send(payload);
            return;
        }
        int size = payload.size();
        write(connection, head, raw);
        payload.discard(size);
    }

    /** The whole frame of a server for any number of receivers. */
    static Bytes frame(int head, Bytes payload) {
        ByteBuffer frame = ByteBuffer.allocate(payload.length() + FrameEncoder.headerLength(payload.length(), false));
        FrameEncoder.header(head, payload.length(), frame);
        frame.put(payload.asByteBuffer());
        return Bytes.copyOf(frame.flip());
    }

    static int head(boolean text) {
        return FrameEncoder.head(opcode(text), true, false);
    }

    static Opcode opcode(boolean text) {
        return text ? Opcode.TEXT : Opcode.BINARY;
    }
}
