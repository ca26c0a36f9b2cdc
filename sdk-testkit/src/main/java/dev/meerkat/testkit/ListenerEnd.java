package dev.meerkat.testkit;

import dev.meerkat.testkit.internal.SimListener;
import dev.meerkat.testkit.internal.Simulation;
import dev.meerkat.testkit.internal.Times;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Objects;

/** A listening socket in the hands of a test. */
public final class ListenerEnd implements AutoCloseable {
    private final Simulation simulation;
    private final SimListener listener;
    private long waitNanos = Simulation.DEFAULT_WAIT_NANOS;

    ListenerEnd(Simulation simulation, SimListener listener) {
        this.simulation = simulation;
        this.listener = listener;
    }

    /**
     * Sets how long {@link #accept} may take.
     *
     * @param limit in virtual time
     * @return this end
     */
    public ListenerEnd within(Duration limit) {
        waitNanos = Times.nanos(limit);
        return this;
    }

    /**
     * Waits for somebody to connect.
     *
     * @return the accepted end
     * @throws AssertionError if nobody does
     */
    public StreamEnd accept() {
        simulation.require(listener.name() + ": somebody to connect", listener::hasWaiting, waitNanos);
        try {
            return new StreamEnd(simulation, Objects.requireNonNull(listener.accept()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Lets a span of time pass, its end included, and fails if somebody connects.
     *
     * @param span how long
     * @return this end
     * @throws AssertionError if somebody does
     */
    public ListenerEnd expectNobodyFor(Duration span) {
        long end = Times.plus(simulation.scheduler().now(), Times.nanos(span));
        if (simulation.await(listener::hasWaiting, Times.nanos(span)) == Simulation.Outcome.NOTHING_LEFT) {
            simulation.scheduler().advanceTo(end);
        }
        if (listener.hasWaiting()) {
            throw simulation.failure(listener.name() + ": expected nobody for " + span + ", but somebody connected");
        }
        return this;
    }

    /**
     * The address of the socket.
     *
     * @return the bound address
     */
    public SocketAddress localAddress() {
        return listener.address();
    }

    /** Stops listening; who connected and was not accepted is reset. */
    @Override
    public void close() {
        listener.close();
    }

    @Override
    public String toString() {
        return listener.name();
    }
}
