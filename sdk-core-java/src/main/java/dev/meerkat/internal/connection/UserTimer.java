package dev.meerkat.internal.connection;

import dev.meerkat.event.TcpEvent;
import dev.meerkat.internal.loop.EventLoop;
import dev.meerkat.internal.time.TimerNode;
import dev.meerkat.internal.time.TimerTask;
import java.time.Duration;
import java.util.Optional;

/** The timer that a handler may set for its connection. Made when the first is set. */
final class UserTimer implements TimerTask {
    private final RealConnection connection;
    private final EventLoop loop;
    private final TimerNode node = new TimerNode(this);

    UserTimer(RealConnection connection, EventLoop loop) {
        this.connection = connection;
        this.loop = loop;
    }

    void set(Duration delay) {
        loop.arm(node, loop.deadlineIn(Nanos.of(delay)));
    }

    void clear() {
        loop.disarm(node);
    }

    /** The time to go. */
    Optional<Duration> left() {
        return node.isArmed()
                ? Optional.of(Duration.ofNanos(EventLoop.until(node.deadlineNanos(), loop.now())))
                : Optional.empty();
    }

    @Override
    public void onTimer(TimerNode due, long deadlineNanos) {
        connection.telling().dispatch(new TcpEvent.TimerFired(deadlineNanos));
    }
}
