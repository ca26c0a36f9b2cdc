package dev.meerkat.internal.ws;

import dev.meerkat.EventManager;
import dev.meerkat.internal.buffer.HopBudget;
import dev.meerkat.internal.buffer.ReceiveQueue;
import dev.meerkat.internal.connection.RealEventManager;
import dev.meerkat.internal.http.QuietList;
import dev.meerkat.internal.websocket.DeflatePool;
import dev.meerkat.internal.websocket.FrameDecoder;
import dev.meerkat.websocket.WebSocketOptions;
import java.time.Duration;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What the WebSockets of one protocol, or of one client, on one manager share: whatever one of them needs only while it
 * is being served, so that one at rest holds none of it. Loop thread, but for what is final.
 */
final class Site {
    final EventManager manager;
    final WebSocketOptions options;
    final FrameWriter writer;
    /** Those who are open. */
    final Room room;
    /** Whether their peers are there. */
    final Liveness liveness = new Liveness(this);
    /** Those whose peer has not been silent for the ping interval. */
    final @Nullable QuietList heard;
    /** Those that wait for a sign of life. */
    final @Nullable QuietList asked;
    /** Those that may be without messages for a while. */
    final @Nullable QuietList idle;
    /** How much of messages that have not come whole may be held, by all sites of the same. */
    final MessageBudget budget;

    /** Those in the middle of a message. */
    private final @Nullable QuietList unfinished;
    /** How much of a message must have come in its time for another one. */
    private final long enoughBytes;

    private final FrameDecoder.Role role;
    private final boolean poisons;
    private ReceiveQueue lent = new ReceiveQueue();
    /** One that nobody needs: a WebSocket has its own only within a message. */
    private @Nullable FrameDecoder spareDecoder;

    /** Likewise. */
    private @Nullable Unfinished spareUnfinished;

    private @Nullable DeflatePool pool;
    /** Those that are open, or about to be. */
    private int members;

    Site(EventManager manager, WebSocketOptions options, MessageBudget budget, @Nullable RandomGenerator keys) {
        this.manager = manager;
        this.options = options;
        this.budget = budget;
        this.writer = new FrameWriter(keys);
        this.room = new Room(manager);
        this.role = keys == null ? FrameDecoder.Role.SERVER : FrameDecoder.Role.CLIENT;
        this.poisons = manager.runtime().probe().poisonsBorrowedBytes();
        boolean pings = !options.pingInterval().isZero();
        this.heard = pings ? list(options.pingInterval()) : null;
        this.asked = pings ? list(options.pongTimeout()) : null;
        this.idle = options.idleTimeout().isZero() ? null : list(options.idleTimeout());
        this.unfinished = options.messageTimeout().isZero() ? null : list(options.messageTimeout());
        this.enoughBytes = (long) Math.ceil(options.messageRate() * (Nanos.of(options.messageTimeout()) / 1e9));
    }

    private QuietList list(Duration delay) {
        return new QuietList(manager, Nanos.of(delay));
    }

    // ---------------------------------------------------------------- coming and going

    /** One more will be open, or has it promised. */
    void join() {
        members++;
    }

    /** One of them has gone, or was never opened; tells whether it was the last. */
    boolean part() {
        members--;
        if (members > 0) {
            return false;
        }
        end();
        return true;
    }

    /** The last of them has gone; others may come. */
    private void end() {
        end(heard);
        end(asked);
        end(idle);
        end(unfinished);
        DeflatePool present = pool;
        pool = null;
        if (present != null) {
            present.close();
        }
    }

    private static void end(@Nullable QuietList list) {
        if (list != null) {
            list.end();
        }
    }

    // ---------------------------------------------------------------- what is lent

    /** The queue that lends a payload to the handler; the same one for every loan. */
    ReceiveQueue lent() {
        return lent;
    }

    void endLoan() {
        lent.reclaim(poisons);
        if (poisons) {
            lent = new ReceiveQueue();
        }
    }

    /** A decoder that goes on where another one has stopped. */
    FrameDecoder borrowDecoder(long messageBytes, int pieceBytes, boolean compression, long position) {
        FrameDecoder spare = spareDecoder;
        spareDecoder = null;
        if (spare == null) {
            spare = new FrameDecoder(role, messageBytes, compression);
        }
        spare.begin(messageBytes, pieceBytes, compression, position);
        return spare;
    }

    /** Takes back a decoder that is idle. */
    void returnDecoder(FrameDecoder decoder) {
        spareDecoder = decoder;
    }

    // ---------------------------------------------------------------- messages under way

    /** A message has begun and not ended: it has its time from now on. Null if it has for ever. */
    @Nullable
    Unfinished begun(Incoming incoming, long before) {
        QuietList list = unfinished;
        if (list == null) {
            return null;
        }
        Unfinished begun = spareUnfinished;
        spareUnfinished = null;
        if (begun == null) {
            begun = new Unfinished();
        }
        begun.begin(incoming, before, manager.nanoTime());
        list.add(begun);
        return begun;
    }

    /** It has ended, or nobody waits for its end. */
    void finished(Unfinished begun) {
        begun.end();
        spareUnfinished = begun;
    }

    /** Whether so much of it has come in its time that it may go on. */
    boolean isEnough(long bytes) {
        return bytes >= enoughBytes;
    }

    // ---------------------------------------------------------------- compression

    /** The contexts of all. */
    DeflatePool pool() {
        DeflatePool present = pool;
        if (present == null) {
            present = new DeflatePool(options.compression());
            pool = present;
        }
        return present;
    }

    /** Whether there is room for what one more peer wants to be remembered. */
    boolean mayKeep() {
        return options.compression().keepPeerContext() && pool().mayKeep();
    }

    /** Runs a task when whatever runs now has returned, though the manager be closed in this very turn. */
    void later(Runnable task) {
        ((RealEventManager) manager).later(task);
    }

    /** How many bytes of all connections may be on their way to this loop; null on a manager that does not count. */
    @Nullable
    HopBudget hops() {
        return manager instanceof HopBudget budget ? budget : null;
    }
}
