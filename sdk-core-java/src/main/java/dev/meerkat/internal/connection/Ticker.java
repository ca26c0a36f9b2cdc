package dev.meerkat.internal.connection;

import dev.meerkat.ConnectionOptions;
import dev.meerkat.internal.loop.EventLoop;
import dev.meerkat.internal.time.TimerNode;
import dev.meerkat.internal.time.TimerTask;
import java.util.function.Consumer;

/** Ticks for those that asked for it; its timer is armed only while there is one. */
final class Ticker implements TimerTask {
    private final EventLoop loop;
    private final long intervalNanos;
    private final Consumer<Ticker> everybody;
    private final TimerNode timer = new TimerNode(this);
    private int listeners;

    Ticker(EventLoop loop, long intervalNanos, Consumer<Ticker> everybody) {
        this.loop = loop;
        this.intervalNanos = intervalNanos;
        this.everybody = everybody;
    }

    /** Ticks for connections. */
    Ticker(EventLoop loop, ConnectionTable table, long intervalNanos) {
        this(
                loop,
                intervalNanos,
                new Consumer<>() { // no lambda at a start, decision 0067
                    @Override
                    public void accept(Ticker ticker) {
                        table.forEachOpen(connection -> {
                            if (connection.wantsTicks() && connection.ticker() == ticker) {
                                connection.tick();
                            }
                        });
                    }
                });
    }

    void joined(ConnectionOptions options) {
        if (options.ticks()) {
            joined();
        }
    }

    void left(ConnectionOptions options) {
        if (options.ticks()) {
            left();
        }
    }

    void joined() {
        if (listeners++ == 0) {
            loop.arm(timer, loop.deadlineIn(intervalNanos));
        }
    }

    void left() {
        if (--listeners == 0) {
            loop.disarm(timer);
        }
    }

    @Override
    public void onTimer(TimerNode node, long deadlineNanos) {
        long next = EventLoop.deadline(deadlineNanos, intervalNanos);
        loop.arm(timer, next > loop.now() ? next : loop.deadlineIn(intervalNanos));
        everybody.accept(this);
    }
}
