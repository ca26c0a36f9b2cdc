package dev.meerkat.internal.connection;

import dev.meerkat.ConnectionOptions;
import dev.meerkat.internal.loop.EventLoop;
import dev.meerkat.internal.time.TimerNode;
import dev.meerkat.internal.time.TimerTask;

/** Ticks for the connections that asked for them; its timer is armed only while there is one. */
final class Ticker implements TimerTask {
    private final EventLoop loop;
    private final ConnectionTable table;
    private final long intervalNanos;
    private final TimerNode timer = new TimerNode(this);
    private int listeners;

    Ticker(EventLoop loop, ConnectionTable table, long intervalNanos) {
        this.loop = loop;
        this.table = table;
        this.intervalNanos = intervalNanos;
    }

    void joined(ConnectionOptions options) {
        if (options.ticks() && listeners++ == 0) {
            loop.arm(timer, loop.deadlineIn(intervalNanos));
        }
    }

    void left(ConnectionOptions options) {
        if (options.ticks() && --listeners == 0) {
            loop.disarm(timer);
        }
    }

    @Override
    public void onTimer(TimerNode node, long deadlineNanos) {
        long next = deadlineNanos + intervalNanos;
        loop.arm(timer, next > loop.now() ? next : loop.deadlineIn(intervalNanos));
        table.forEachOpen(connection -> {
            if (connection.wantsTicks() && connection.ticker() == this) {
                connection.tick();
            }
        });
    }
}
