package dev.meerkat.internal.ws;

import dev.meerkat.EventManager;
import dev.meerkat.internal.buffer.ReceiveQueue;
import dev.meerkat.internal.http.QuietList;
import dev.meerkat.websocket.WebSocketHandler;
import dev.meerkat.websocket.WebSocketOptions;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What the WebSockets of one handler on one manager share: whatever one of them needs only while it is being served, so
 * that one at rest holds none of it. Loop thread.
 */
final class Site {
    final EventManager manager;
    final WebSocketHandler handler;
    final WebSocketOptions options;
    final FrameWriter writer;
    /** Those whose peer has not been silent for the ping interval. */
    final @Nullable QuietList heard;
    /** Those that wait for a sign of life. */
    final @Nullable QuietList asked;

    private final boolean poisons;
    private ReceiveQueue lent = new ReceiveQueue();

    Site(EventManager manager, WebSocketHandler handler, WebSocketOptions options, @Nullable RandomGenerator keys) {
        this.manager = manager;
        this.handler = handler;
        this.options = options;
        this.writer = new FrameWriter(keys);
        this.poisons = manager.runtime().probe().poisonsBorrowedBytes();
        boolean pings = !options.pingInterval().isZero();
        this.heard = pings ? new QuietList(manager, options.pingInterval().toNanos()) : null;
        this.asked = pings ? new QuietList(manager, options.pongTimeout().toNanos()) : null;
    }

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

    /** The last of them has gone. */
    void end() {
        if (heard != null) {
            heard.end();
        }
        if (asked != null) {
            asked.end();
        }
    }
}
