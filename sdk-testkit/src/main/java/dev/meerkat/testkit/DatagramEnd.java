package dev.meerkat.testkit;

import dev.meerkat.event.Bytes;
import dev.meerkat.testkit.internal.ByteDiff;
import dev.meerkat.testkit.internal.SimDatagram;
import dev.meerkat.testkit.internal.Simulation;
import dev.meerkat.testkit.internal.Times;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A datagram socket in the hands of a test: it sends datagrams, and says which it expects, each whole or not at all.
 *
 * <p>What is expected is waited for in virtual time, as by {@link StreamEnd}.
 */
public class DatagramEnd implements AutoCloseable {
    private final Simulation simulation;
    private final SimDatagram socket;
    private final ArrayDeque<Datagram> received = new ArrayDeque<>();
    private @Nullable InetSocketAddress lastSender;
    private @Nullable InetSocketAddress target;
    private long waitNanos = Simulation.DEFAULT_WAIT_NANOS;

    /**
     * A datagram that arrived.
     *
     * @param sender where it came from
     * @param payload what it carried
     */
    public record Datagram(InetSocketAddress sender, Bytes payload) {}

    DatagramEnd(Simulation simulation, SimDatagram socket) {
        this.simulation = simulation;
        this.socket = socket;
        socket.observe(this::receiveAll);
    }

    private void receiveAll() {
        if (!socket.hasReceived()) {
            return;
        }
        ByteBuffer buffer = simulation.network().scratch(SimDatagram.MOST_OVER_IPV6);
        try {
            while (socket.receive(buffer.clear()) instanceof InetSocketAddress sender) {
                received.add(new Datagram(sender, Bytes.copyOf(buffer.flip())));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Sets whom {@link #send(CharSequence)} and {@link #send(byte[])} send to.
     *
     * @param address the receiver
     * @return this end
     */
    public DatagramEnd sendTo(InetSocketAddress address) {
        target = address;
        return this;
    }

    /**
     * Sets how long the expectations that follow may take.
     *
     * @param limit in virtual time
     * @return this end
     */
    public DatagramEnd within(Duration limit) {
        waitNanos = Times.nanos(limit);
        return this;
    }

    /**
     * Sends a text as one datagram in UTF-8, to whom {@link #sendTo} named, or else to whoever sent the last one.
     *
     * @param text what to send
     * @return this end
     */
    public DatagramEnd send(CharSequence text) {
        return send(text.toString().getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Sends one datagram, to whom {@link #sendTo} named, or else to whoever sent the last one.
     *
     * @param payload what to send, possibly nothing
     * @return this end
     * @throws UncheckedIOException with a {@link java.net.SocketException} above 65,507 bytes
     */
    public DatagramEnd send(byte[] payload) {
        InetSocketAddress to = target != null ? target : lastSender;
        if (to == null) {
            throw new IllegalStateException(name() + " knows nobody to send to; call sendTo first");
        }
        try {
            socket.send(ByteBuffer.wrap(payload), to);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /**
     * Waits for a datagram that carries a text in UTF-8.
     *
     * @param text what is expected
     * @return this end
     * @throws AssertionError if another datagram comes, or none
     */
    public DatagramEnd expectText(String text) {
        return expectBytes(text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Waits for a datagram.
     *
     * @param payload what it is expected to carry, possibly nothing
     * @return this end
     * @throws AssertionError if another datagram comes, or none
     */
    public DatagramEnd expectBytes(byte[] payload) {
        Objects.requireNonNull(payload, "payload");
        byte[] found = receive().payload().toByteArray();
        if (!Arrays.equals(payload, found)) {
            throw simulation.failure(name() + ": expected another datagram; " + ByteDiff.of(payload, found));
        }
        return this;
    }

    /**
     * Waits for the next datagram and takes it.
     *
     * @return the datagram
     * @throws AssertionError if none comes
     */
    public Datagram receive() {
        simulation.require(name() + ": a datagram", () -> !received.isEmpty(), waitNanos);
        Datagram datagram = received.remove();
        lastSender = datagram.sender();
        return datagram;
    }

    /**
     * Tells whether a datagram has arrived that was not taken, without waiting.
     *
     * @return whether {@link #receive()} would return at once
     */
    public boolean hasReceived() {
        return !received.isEmpty();
    }

    /**
     * Lets everything happen that is due at this instant, and fails if a datagram has arrived here.
     *
     * @return this end
     * @throws AssertionError if one has
     */
    public DatagramEnd expectNothing() {
        return expectNothingFor(Duration.ZERO);
    }

    /**
     * Lets a span of time pass, its end included, and fails if a datagram arrives here.
     *
     * @param span how long
     * @return this end
     * @throws AssertionError if one arrives
     */
    public DatagramEnd expectNothingFor(Duration span) {
        long end = Times.plus(simulation.scheduler().now(), Times.nanos(span));
        if (simulation.await(() -> !received.isEmpty(), Times.nanos(span)) == Simulation.Outcome.NOTHING_LEFT) {
            simulation.scheduler().advanceTo(end);
        }
        Datagram found = received.poll();
        if (found != null) {
            throw simulation.failure(name() + ": expected nothing for " + span + ", but "
                    + ByteDiff.of(found.payload().toByteArray()) + " came from " + found.sender());
        }
        return this;
    }

    /**
     * The address of this end.
     *
     * @return the address
     */
    public InetSocketAddress localAddress() {
        return socket.boundAddress();
    }

    /**
     * The stable name of this end, as it stands in traces and reports.
     *
     * @return for instance {@code alice/udp-1}
     */
    public String name() {
        return socket.name();
    }

    /** Closes the socket and frees its port. */
    @Override
    public void close() {
        socket.close();
    }

    @Override
    public String toString() {
        return name() + " " + localAddress();
    }
}
