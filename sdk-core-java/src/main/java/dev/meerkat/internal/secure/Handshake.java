package dev.meerkat.internal.secure;

import dev.meerkat.event.ConnectionError;
import dev.meerkat.event.ConnectionError.Kind;
import dev.meerkat.internal.loop.EventLoop;
import dev.meerkat.internal.time.TimerNode;
import dev.meerkat.internal.time.TimerTask;
import dev.meerkat.internal.tls.TlsFailure;
import java.time.Duration;

/** What a handshake needs and an encrypted connection at rest does not: its time-out, and who waits for its end. */
final class Handshake implements TimerTask {
    private final SecureStream stream;
    private final EventLoop loop;
    private final Duration timeout;
    private final Outcome outcome;
    private final TimerNode timer = new TimerNode(this);

    Handshake(SecureStream stream, EventLoop loop, Duration timeout, Outcome outcome) {
        this.stream = stream;
        this.loop = loop;
        this.timeout = timeout;
        this.outcome = outcome;
    }

    void begin() {
        loop.arm(timer, loop.deadlineIn(nanos()));
    }

    private long nanos() {
        try {
            return timeout.toNanos();
        } catch (ArithmeticException e) {
            return Long.MAX_VALUE;
        }
    }

    /** Nobody waits any more. */
    void over() {
        loop.disarm(timer);
    }

    Outcome outcome() {
        return outcome;
    }

    @Override
    public void onTimer(TimerNode node, long deadlineNanos) {
        stream.fail(new TlsFailure(
                ConnectionError.of(Kind.TLS_HANDSHAKE_TIMEOUT, "the TLS handshake was not done within " + timeout)));
    }
}
