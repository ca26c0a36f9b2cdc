package dev.meerkat.internal.ws;

import dev.meerkat.Connection;
import dev.meerkat.ConnectionClosedException;
import dev.meerkat.SendLimitException;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.ReceiveBuffer;
import dev.meerkat.internal.buffer.HeadedOutput;
import dev.meerkat.internal.buffer.ReceiveQueue;
import dev.meerkat.internal.websocket.FrameEncoder;
import dev.meerkat.internal.websocket.MessageDeflater;
import dev.meerkat.internal.websocket.Opcode;
import dev.meerkat.internal.ws.RealWebSocket.State;
import dev.meerkat.websocket.MessageProducer;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Our direction of a WebSocket: whether there is room, and in which order messages leave, by the {@link FrameWriter} of
 * the site. Loop thread, but for what other threads send, which comes by way of {@link Hops}.
 */
final class Sender {
    /**
     * How much of the send limit messages and pings leave free: for a pong and the close frame, or else a peer that is
     * slow could be told neither that we live nor why we go.
     */
    static final int SPARE_BYTES = 2 * (FrameEncoder.MAX_CONTROL_BYTES + 6);

    /** A compressed message leaves in frames of this size at least, but for the last one. */
    private static final int SMALLEST_FRAME = 8 * 1024;

    private final RealWebSocket webSocket;
    /** The contexts, if compression was agreed on. */
    private @Nullable Compression compression;
    /** A message that is sent piece by piece. */
    private @Nullable OutgoingMessage outgoing;
    /** Those who send beside the handler. */
    private @Nullable Attendants attendants;
    /** What other threads send, once one has. Any thread. */
    private volatile @Nullable Hops hops;

    Sender(RealWebSocket webSocket) {
        this.webSocket = webSocket;
    }

    /** The handshake has agreed on that, or on nothing. */
    void compress(@Nullable Compression packing) {
        compression = packing;
        note();
    }

    private void note() {
        webSocket.takesShared = compression == null && outgoing == null;
    }

    /** The contexts, if compression was agreed on. */
    @Nullable
    Compression compression() {
        return compression;
    }

    private FrameWriter writer() {
        return webSocket.site.writer;
    }

    // ---------------------------------------------------------------- what may be sent

    /** What every sending of the loop's thread begins with. */
    Connection beginSending() {
        webSocket.site.room.settle();
        return requireOpen();
    }

    /** Any thread. */
    Connection requireOpen() {
        Connection below = webSocket.connectionIfAny();
        if (below == null || webSocket.state() == State.NEW) {
            throw new IllegalStateException(webSocket + ": nothing can be sent before Opened");
        }
        if (webSocket.state() != State.OPEN || !below.isOpen()) {
            throw new ConnectionClosedException(webSocket + ": cannot send, it is closing or closed");
        }
        return below;
    }

    int pendingBytes() {
        Connection below = webSocket.connectionIfAny();
        return below == null ? 0 : (int) Math.min(Integer.MAX_VALUE, pending(below));
    }

    private long pending(Connection below) {
        OutgoingMessage present = outgoing;
        return below.pendingBytes() + (present == null ? 0 : present.waitingBytes());
    }

    boolean hasRoom(Connection below, long bytes, int spare) {
        return bytes <= below.options().sendLimit() - spare - pending(below);
    }

    /** What a message takes of the limit at most, compressed or not. */
    private long mostBytes(int payload) {
        Compression packing = compression;
        long plain = writer().frameLength(payload);
        return packing == null ? plain : Math.max(plain, packing.mostBytes(payload));
    }

    /** What a message takes of the limit at most, on a connection of which nothing is known yet. */
    static long mostBytesOfAny(int payload) {
        long packed = MessageDeflater.mostBytesOfAny(payload);
        return packed + (packed / SMALLEST_FRAME + 2) * FrameEncoder.MAX_HEADER_BYTES;
    }

    void requireRoom(Connection below, long bytes) {
        if (!hasRoom(below, bytes, SPARE_BYTES)) {
            throw full(below, bytes);
        }
    }

    private SendLimitException full(Connection below, long bytes) {
        return new SendLimitException(
                webSocket + ": cannot send " + bytes + " bytes, " + pendingBytes() + " of at most "
                        + below.options().sendLimit() + " are waiting already, and " + SPARE_BYTES
                        + " are kept for a pong and the close frame");
    }

    // ---------------------------------------------------------------- messages

    void send(boolean text, Bytes payload) {
        if (!webSocket.site.manager.inLoop()) {
            sendFromElsewhere(new SharedMessage(text, payload));
            return;
        }
        Connection below = beginSending();
        requireRoom(below, mostBytes(payload.length()));
        webSocket.messageMoved();
        OutgoingMessage present = outgoing;
        if (present != null) {
            present.waitBehind(new SharedMessage(text, payload), mostBytes(payload.length()));
        } else {
            write(below, text, payload);
        }
    }

    private void write(Connection below, boolean text, Bytes payload) {
        Compression packing = compression;
        if (packing != null && packing.begins(payload.length())) {
            packing.write(below, FrameWriter.opcode(text), payload.asByteBuffer(), true);
        } else {
            writer().write(below, FrameWriter.head(text), payload);
        }
    }

    void send(SharedMessage message) {
        if (!webSocket.site.manager.inLoop()) {
            sendFromElsewhere(message);
        } else if (!sendIfRoom(message)) {
            throw full(requireOpen(), message.bytes().length());
        }
    }

    /**
     * Sends, for distributions. Loop thread.
     *
     * @param message shared with others
     * @return false if there is no room
     * @throws ConnectionClosedException if it is closing or closed
     */
    boolean sendIfRoom(SharedMessage message) {
        Connection below = beginSending();
        long most = mostBytes(message.bytes().length());
        if (!hasRoom(below, most, SPARE_BYTES)) {
            return false;
        }
        webSocket.messageMoved();
        OutgoingMessage present = outgoing;
        if (present != null) {
            present.waitBehind(message, most);
        } else {
            write(below, message);
        }
        return true;
    }

    /**
     * A message has not fitted: {@code Drained} comes when more of what waits below has left. Loop thread.
     *
     * @return false if nothing waits below
     */
    boolean expectRoom() {
        Connection below = requireOpen();
        return below instanceof HeadedOutput out && out.expectDrained();
    }

    private void write(Connection below, SharedMessage message) {
        Compression packing = compression;
        if (writer().masks()) {
            write(below, message.isText(), message.bytes());
        } else {
            Bytes packed = packing == null
                    ? null
                    : message.packed(packing.pool(), packing.terms().ownWindowBits());
            if (packing != null && packed != null) {
                below.send(packed);
                packing.sharedSent();
            } else {
                writePlain(below, message);
            }
        }
    }

    private void writePlain(Connection below, SharedMessage message) {
        if (message.isFirstReceiver()) {
            writer().write(below, FrameWriter.head(message.isText()), message.bytes());
        } else {
            below.send(message.frame());
        }
    }

    void relay(boolean text, ReceiveBuffer source) {
        webSocket.checkThread("WebSocket.send");
        Connection below = beginSending();
        int size = source.size();
        ByteBuffer raw = source instanceof ReceiveQueue queue ? queue.raw() : source.view();
        if (outgoing == null
                && compression == null
                && size <= FrameWriter.SMALL_BYTES
                && !writer().masks()
                && below instanceof HeadedOutput out) {
            if (!FrameWriter.offer(out, FrameWriter.head(text), raw, SPARE_BYTES)) {
                throw full(below, size);
            }
            source.discard(size);
            webSocket.messageMoved();
            return;
        }
        requireRoom(below, mostBytes(size));
        webSocket.messageMoved();
        relay(below, text, source, raw);
    }

    private void relay(Connection below, boolean text, ReceiveBuffer source, ByteBuffer raw) {
        OutgoingMessage present = outgoing;
        Compression packing = compression;
        if (present != null) {
            Bytes payload = source.take();
            present.waitBehind(new SharedMessage(text, payload), mostBytes(payload.length()));
        } else if (packing != null && packing.begins(raw.remaining())) {
            packing.write(below, FrameWriter.opcode(text), raw, true);
            source.discard(source.size());
        } else {
            writer().write(below, FrameWriter.head(text), source, raw);
        }
    }

    // ---------------------------------------------------------------- a message piece by piece

    OutgoingMessage start(boolean text, @Nullable MessageProducer producer) {
        webSocket.checkThread("WebSocket.startMessage");
        Connection unused = beginSending();
        if (outgoing != null) {
            throw new IllegalStateException(webSocket + ": another message is being sent piece by piece");
        }
        OutgoingMessage started = new OutgoingMessage(webSocket, text, producer);
        outgoing = started;
        note();
        return started;
    }

    void requireRoomForPiece(int length) {
        requireRoom(beginSending(), mostBytes(length));
    }

    /** Whether a message of unknown length is compressed. */
    boolean beginsCompressed() {
        Compression packing = compression;
        return packing != null && packing.begins(Long.MAX_VALUE);
    }

    /** A piece of a message that is sent piece by piece; answers whether there was a frame. */
    boolean sendPiece(Opcode opcode, boolean compressed, Bytes piece, boolean last) {
        Connection below = requireOpen();
        webSocket.messageMoved();
        Compression packing = compression;
        if (compressed && packing != null) {
            return packing.write(below, opcode, piece.asByteBuffer(), last);
        }
        writer().write(below, FrameEncoder.head(opcode, last, false), piece);
        return true;
    }

    /** That message has ended; those that have waited go. */
    void outgoingEnded(Iterable<SharedMessage> waiting) {
        outgoing = null;
        note();
        Connection below = requireOpen();
        for (SharedMessage message : waiting) {
            write(below, message);
        }
    }

    // ---------------------------------------------------------------- from other threads

    private void sendFromElsewhere(SharedMessage message) {
        Connection below = requireOpen();
        Hops present = hops;
        if (present == null) {
            synchronized (this) {
                present = hops;
                if (present == null) {
                    present = new Hops(webSocket);
                    hops = present;
                }
            }
        }
        present.send(message, below instanceof HeadedOutput out ? out.sendLimit() : Integer.MAX_VALUE);
    }

    // ---------------------------------------------------------------- those who send beside the handler

    void attend(Attendant attendant) {
        Attendants present = attendants;
        if (present == null) {
            present = new Attendants();
            attendants = present;
        }
        present.add(attendant);
    }

    void dismiss(Attendant attendant) {
        Attendants present = attendants;
        if (present != null && present.remove(attendant)) {
            attendants = null;
        }
    }

    /** The connection takes more. */
    void drained() {
        OutgoingMessage present = outgoing;
        if (present != null) {
            present.drained();
        }
        Attendants others = attendants;
        if (others != null) {
            others.drained();
        }
    }

    /** No message leaves any more. */
    void end() {
        Attendants others = attendants;
        attendants = null;
        if (others != null) {
            others.closed();
        }
        OutgoingMessage present = outgoing;
        outgoing = null;
        if (present != null) {
            present.cut();
        }
        Compression packing = compression;
        if (packing != null) {
            packing.close();
        }
    }
}
