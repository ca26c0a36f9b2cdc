package dev.meerkat.internal.connection;

import dev.meerkat.ShutdownResult;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.internal.loop.EventLoop;
import dev.meerkat.internal.time.TimerNode;
import dev.meerkat.internal.time.TimerTask;
import java.util.concurrent.CompletableFuture;

/**
 * The graceful end of a manager: accepting ends, connections are told and left to end by themselves, and when none is
 * left or the time is over, the manager closes. Loop thread, but for {@link #request}.
 */
final class Shutdown implements TimerTask {
    private final RealEventManager manager;
    private final ConnectionTable table;
    private final TimerNode timer = new TimerNode(this);
    private final CompletableFuture<ShutdownResult> result = new CompletableFuture<>();
    /** Any thread, under the monitor of this. */
    private long deadlineNanos = Long.MAX_VALUE;

    private boolean onItsWay;
    private boolean begun;
    private boolean over;
    private int ended;
    private int cut;

    Shutdown(RealEventManager manager, ConnectionTable table) {
        this.manager = manager;
        this.table = table;
    }

    /** Any thread. The earliest of all deadlines counts. */
    CompletableFuture<ShutdownResult> request(long graceNanos) {
        boolean here = manager.inLoop();
        boolean first;
        synchronized (this) {
            long now = here ? manager.loop().now() : manager.runtime().time().nanoTime();
            deadlineNanos = Math.min(deadlineNanos, EventLoop.deadline(now, graceNanos));
            first = !onItsWay;
            onItsWay = true;
        }
        if (first && here) {
            manager.loop().defer(this::begin);
        } else if (first) {
            manager.postInternal(this::begin); // one at a time, whatever the mailbox holds
        }
        return result.copy();
    }

    private void begin() {
        long deadline;
        synchronized (this) {
            onItsWay = false;
            deadline = deadlineNanos;
        }
        if (over) {
            return;
        }
        boolean first = !begun;
        begun = true;
        manager.loop().arm(timer, deadline);
        if (first) {
            manager.listening().endInOrder();
            table.forEachOpen(connection -> connection.telling().dispatch(new TcpEvent.ShuttingDown(deadline)));
            closeIfDone();
        }
    }

    boolean hasBegun() {
        return begun;
    }

    /** A connection that was under way is open now: it is told as the others were. */
    void opened(RealConnection connection) {
        if (begun && connection.isOpen()) {
            long deadline;
            synchronized (this) {
                deadline = deadlineNanos;
            }
            connection.telling().dispatch(new TcpEvent.ShuttingDown(deadline));
        }
    }

    /** A connection has ended; its handler hears of it before this looks whether it was the last. */
    void ended() {
        if (begun && !over) {
            ended++;
            if (table.size() == 0) {
                manager.loop().defer(this::closeIfDone);
            }
        }
    }

    private void closeIfDone() {
        if (table.size() == 0 && !over) {
            manager.closeAfterTurn();
        }
    }

    @Override
    public void onTimer(TimerNode node, long deadline) {
        manager.closeAfterTurn();
    }

    /** The manager closes: what is there now will be cut. */
    void closing() {
        over = true;
        if (begun) {
            table.forEach(connection -> cut += connection.life().isOver() ? 0 : 1);
            ended += table.size() - cut; // those that are only waiting to be told
        }
    }

    /** The manager is closed. */
    void closed() {
        result.complete(new ShutdownResult(ended, cut));
    }
}
