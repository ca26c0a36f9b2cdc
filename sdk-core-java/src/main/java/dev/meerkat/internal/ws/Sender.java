package dev.meerkat.internal.ws;

import dev.meerkat.Connection;
import dev.meerkat.ConnectionClosedException;
import dev.meerkat.ManagerClosedException;
import dev.meerkat.SendLimitException;
import dev.meerkat.WrongThreadException;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.ReceiveBuffer;
import dev.meerkat.internal.buffer.HeadedOutput;
import dev.meerkat.internal.buffer.HopBudget;
import dev.meerkat.internal.buffer.ReceiveQueue;
import dev.meerkat.internal.websocket.FrameEncoder;
import dev.meerkat.internal.websocket.MessageDeflater;
import dev.meerkat.internal.websocket.Opcode;
import dev.meerkat.websocket.MessageProducer;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Our direction of a WebSocket: whether there is room, in which order messages leave, and how those of other threads
 * get here.
 */
abstract class Sender extends Liveness {
    enum State {
        /** The handshake is under way. */
        NEW,
        /** Messages go both ways. */
        OPEN,
        /** A close frame was sent; {@link Ending} knows what is waited for. */
        CLOSING,
        /** The connection has ended. */
        OVER
    }

    /**
     * How much of the send limit messages and pings leave free: for a pong and the close frame, or else a peer that is
     * slow could be told neither that we live nor why we go.
     */
    static final int SPARE_BYTES = 2 * (FrameEncoder.MAX_CONTROL_BYTES + 6);

    /** A compressed message leaves in frames of this size at least, but for the last one. */
    private static final int SMALLEST_FRAME = 8 * 1024;

    /** What a close frame takes at most. */
    private static final int CLOSE_BYTES = SPARE_BYTES / 2;

    private static final VarHandle HOPPING;

    static {
        try {
            HOPPING = MethodHandles.lookup().findVarHandle(Sender.class, "hopping", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    final @Nullable ServedProtocol protocol;
    volatile State state = State.NEW;
    volatile @Nullable Connection connection;
    /** The contexts, if compression was agreed on. */
    @Nullable
    Compression compression;

    private @Nullable OutgoingMessage outgoing;
    /** Bytes of other threads on their way through the mailbox: any thread, through {@link #HOPPING}. */
    @SuppressWarnings("unused")
    private volatile int hopping;
    /** The send limit when it was opened, for other threads. */
    private int hopLimit;

    Sender(Site site, @Nullable ServedProtocol protocol) {
        super(site);
        this.protocol = protocol;
    }

    /** The program has failed. */
    public abstract void failed(Throwable failure);

    /** The peer is too slow for what other threads send. */
    abstract void endSlow();

    final void becomeOpen(Connection from) {
        connection = from;
        hopLimit = from.options().sendLimit();
        state = State.OPEN;
    }

    // ---------------------------------------------------------------- what may be sent

    final void checkThread(String what) {
        if (!site.manager.inLoop()) {
            throw new WrongThreadException(what + " belongs to the loop thread of " + site.manager);
        }
    }

    /** Any thread. */
    public final boolean isOpen() {
        Connection below = connection;
        return state == State.OPEN && below != null && below.isOpen();
    }

    /** What every sending of the loop's thread begins with. */
    private Connection beginSending() {
        site.room.settle();
        return requireOpen();
    }

    /** Any thread. */
    final Connection requireOpen() {
        Connection below = connection;
        if (state == State.NEW || below == null) {
            throw new IllegalStateException(this + ": nothing can be sent before Opened");
        }
        if (state != State.OPEN || !below.isOpen()) {
            throw new ConnectionClosedException(this + ": cannot send, it is closing or closed");
        }
        return below;
    }

    public final boolean isWritable() {
        Connection below = connection;
        return state == State.OPEN && below != null && below.isWritable();
    }

    public final int pendingBytes() {
        Connection below = connection;
        return below == null ? 0 : (int) Math.min(Integer.MAX_VALUE, pending(below));
    }

    private long pending(Connection below) {
        OutgoingMessage present = outgoing;
        return below.pendingBytes() + (present == null ? 0 : present.waitingBytes());
    }

    private boolean hasRoom(Connection below, long bytes, int spare) {
        return bytes <= below.options().sendLimit() - spare - pending(below);
    }

    /** What a message takes of the limit at most, compressed or not. */
    private long mostBytes(int payload) {
        Compression packing = compression;
        long plain = site.writer.frameLength(payload);
        return packing == null ? plain : Math.max(plain, packing.mostBytes(payload));
    }

    /** What a message takes of the limit at most, on a connection of which nothing is known yet. */
    static long mostBytesOfAny(int payload) {
        long packed = MessageDeflater.mostBytesOfAny(payload);
        return packed + (packed / SMALLEST_FRAME + 2) * FrameEncoder.MAX_HEADER_BYTES;
    }

    private void requireRoom(Connection below, long bytes) {
        if (!hasRoom(below, bytes, SPARE_BYTES)) {
            throw full(below, bytes);
        }
    }

    private SendLimitException full(Connection below, long bytes) {
        return new SendLimitException(this + ": cannot send " + bytes + " bytes, " + pendingBytes() + " of at most "
                + below.options().sendLimit() + " are waiting already, and " + SPARE_BYTES
                + " are kept for a pong and the close frame");
    }

    // ---------------------------------------------------------------- messages

    final void sendMessage(boolean text, Bytes payload) {
        if (!site.manager.inLoop()) {
            sendFromElsewhere(new SharedMessage(text, payload));
            return;
        }
        Connection below = beginSending();
        requireRoom(below, mostBytes(payload.length()));
        messageMoved();
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
            site.writer.write(below, FrameWriter.head(text), payload);
        }
    }

    final void sendShared(SharedMessage message) {
        if (!site.manager.inLoop()) {
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
    public final boolean sendIfRoom(SharedMessage message) {
        Connection below = beginSending();
        long most = mostBytes(message.bytes().length());
        if (!hasRoom(below, most, SPARE_BYTES)) {
            return false;
        }
        messageMoved();
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
    public final boolean expectRoom() {
        Connection below = requireOpen();
        return below instanceof HeadedOutput out && out.expectDrained();
    }

    /** Writes what goes to all at once, if nothing is in the way: all of it, uncompressed, with nothing before it. */
    final boolean writeBundle(Bundle bundle) {
        if (state != State.OPEN
                || compression != null
                || outgoing != null
                || !(connection instanceof HeadedOutput out)
                || !bundle.writeTo(out)) {
            return false;
        }
        messageMoved();
        return true;
    }

    private void write(Connection below, SharedMessage message) {
        Compression packing = compression;
        if (site.writer.masks()) {
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
            site.writer.write(below, FrameWriter.head(message.isText()), message.bytes());
        } else {
            below.send(message.frame());
        }
    }

    final void relay(boolean text, ReceiveBuffer source) {
        checkThread("WebSocket.send");
        Connection below = beginSending();
        int size = source.size();
        ByteBuffer raw = source instanceof ReceiveQueue queue ? queue.raw() : source.view();
        if (outgoing == null
                && compression == null
                && size <= FrameWriter.SMALL_BYTES
                && !site.writer.masks()
                && below instanceof HeadedOutput out) {
            if (!FrameWriter.offer(out, FrameWriter.head(text), raw, SPARE_BYTES)) {
                throw full(below, size);
            }
            source.discard(size);
            messageMoved();
            return;
        }
        requireRoom(below, mostBytes(size));
        messageMoved();
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
            site.writer.write(below, FrameWriter.head(text), source, raw);
        }
    }

    // ---------------------------------------------------------------- a message piece by piece

    final OutgoingMessage start(boolean text, @Nullable MessageProducer producer) {
        checkThread("WebSocket.startMessage");
        Connection unused = beginSending();
        if (outgoing != null) {
            throw new IllegalStateException(this + ": another message is being sent piece by piece");
        }
        OutgoingMessage started = new OutgoingMessage(this, text, producer);
        outgoing = started;
        return started;
    }

    final void requireRoomForPiece(int length) {
        requireRoom(beginSending(), mostBytes(length));
    }

    /** Whether a message of unknown length is compressed. */
    final boolean beginsCompressed() {
        Compression packing = compression;
        return packing != null && packing.begins(Long.MAX_VALUE);
    }

    /** A piece of a message that is sent piece by piece; answers whether there was a frame. */
    final boolean sendPiece(Opcode opcode, boolean compressed, Bytes piece, boolean last) {
        Connection below = requireOpen();
        messageMoved();
        Compression packing = compression;
        if (compressed && packing != null) {
            return packing.write(below, opcode, piece.asByteBuffer(), last);
        }
        site.writer.write(below, FrameEncoder.head(opcode, last, false), piece);
        return true;
    }

    /** That message has ended; those that have waited go. */
    final void outgoingEnded(Iterable<SharedMessage> waiting) {
        outgoing = null;
        Connection below = requireOpen();
        for (SharedMessage message : waiting) {
            write(below, message);
        }
    }

    /** The connection takes more. */
    final void goOnSending() {
        OutgoingMessage present = outgoing;
        if (present != null) {
            present.drained();
        }
    }

    /** No message leaves any more. */
    final void endSending() {
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

    // ---------------------------------------------------------------- control frames

    /** A ping, or a pong that nobody has asked for. */
    final void sendControl(Opcode opcode, Bytes payload) {
        if (payload.length() > FrameEncoder.MAX_CONTROL_BYTES) {
            throw new IllegalArgumentException("the payload of a ping or pong has at most "
                    + FrameEncoder.MAX_CONTROL_BYTES + " bytes (RFC 6455 5.5): " + payload.length());
        }
        Connection below = beginSending();
        requireRoom(below, site.writer.frameLength(payload.length()));
        site.writer.write(below, FrameEncoder.head(opcode, true, false), payload);
        if (opcode == Opcode.PING) {
            asked(payload);
        }
    }

    @Override
    final void tryPing(Bytes payload) {
        site.room.settle();
        Connection below = connection;
        if (isOpen() && below != null && hasRoom(below, site.writer.frameLength(payload.length()), SPARE_BYTES)) {
            sendControl(Opcode.PING, payload);
        }
    }

    /** The answer to a ping; false if there is no room for it now. */
    final boolean tryPong(Bytes payload) {
        site.room.settle();
        Connection below = connection;
        if (!isWritable() || below == null || !hasRoom(below, CLOSE_BYTES, CLOSE_BYTES)) {
            return false;
        }
        site.writer.write(below, FrameEncoder.head(Opcode.PONG, true, false), payload);
        return true;
    }

    // ---------------------------------------------------------------- from other threads

    /** The messages travel through the mailbox, within two bounds of bytes and its own. */
    private void sendFromElsewhere(SharedMessage message) {
        requireOpen();
        int length = message.bytes().length();
        int before = (int) HOPPING.getAndAdd(this, length);
        if (length > hopLimit - before) {
            HOPPING.getAndAdd(this, -length);
            throw new SendLimitException(this + ": cannot send " + length + " bytes from another thread, " + before
                    + " of at most " + hopLimit + " are on their way to the loop already");
        }
        HopBudget budget = site.hops();
        if (budget != null && !budget.reserveHop(length)) {
            HOPPING.getAndAdd(this, -length);
            throw new SendLimitException(this + ": cannot send " + length + " bytes from another thread, at most "
                    + site.manager.options().mailboxBytesLimit()
                    + " of all connections may be on their way to the loop");
        }
        try {
            site.manager.post(() -> arrive(message));
        } catch (RejectedExecutionException e) {
            release(length);
            throw new SendLimitException(this + ": cannot send from another thread: " + e.getMessage());
        } catch (ManagerClosedException e) {
            release(length);
            throw new ConnectionClosedException(this + ": cannot send, " + e.getMessage());
        }
    }

    private void arrive(SharedMessage message) {
        release(message.bytes().length());
        if (isOpen() && !sendIfRoom(message)) {
            endSlow();
        } // else it has ended meanwhile: as lost as what had already left
    }

    private void release(int length) {
        HOPPING.getAndAdd(this, -length);
        HopBudget budget = site.hops();
        if (budget != null) {
            budget.releaseHop(length);
        }
    }
}
