package dev.meerkat.testkit;

import dev.meerkat.event.Bytes;
import dev.meerkat.testkit.internal.ByteDiff;
import dev.meerkat.testkit.internal.RawStream;
import dev.meerkat.testkit.internal.SimStream;
import dev.meerkat.testkit.internal.Simulation;
import dev.meerkat.testkit.internal.Times;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * An end of a byte stream in the hands of a test: it says bytes, and says what bytes it expects.
 *
 * <p>What is expected is waited for in virtual time, 60 s unless {@link #within} says otherwise; waiting lets
 * everything else on the clock happen and costs no real time. An expectation fails at once when the first byte differs,
 * when the stream ends, and when nothing is left that could ever happen. The message shows the first difference, in
 * hexadecimal and as text.
 *
 * <p>The end reads what arrives as it arrives, as a program with a large buffer would, so that the peer is not held
 * back by a test that looks later; {@link #pauseReading()} changes that.
 */
public class StreamEnd implements AutoCloseable {
    private final Simulation simulation;
    private final RawStream raw;
    private long waitNanos = Simulation.DEFAULT_WAIT_NANOS;
    /** The end of this stream was expected, so that it is no surprise any more. */
    private boolean endExpected;

    StreamEnd(Simulation simulation, RawStream raw) {
        this.simulation = simulation;
        this.raw = raw;
    }

    StreamEnd(Simulation simulation, SimStream stream) {
        this(simulation, new RawStream(simulation, stream));
    }

    final Simulation simulation() {
        return simulation;
    }

    final RawStream raw() {
        return raw;
    }

    /**
     * Sets how long the expectations that follow may take.
     *
     * @param limit in virtual time
     * @return this end
     */
    public StreamEnd within(Duration limit) {
        waitNanos = Times.nanos(limit);
        return this;
    }

    // ---- saying

    /**
     * Sends a text as UTF-8. What the socket does not take at once leaves as soon as the peer reads.
     *
     * @param text what to send
     * @return this end
     */
    public StreamEnd send(CharSequence text) {
        return send(text.toString().getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Sends bytes. What the socket does not take at once leaves as soon as the peer reads.
     *
     * @param bytes what to send, not copied
     * @return this end
     */
    public StreamEnd send(byte[] bytes) {
        raw.send(bytes);
        return this;
    }

    /**
     * Sends bytes. What the socket does not take at once leaves as soon as the peer reads.
     *
     * @param bytes what to send
     * @return this end
     */
    public StreamEnd send(Bytes bytes) {
        return send(bytes.toByteArray());
    }

    /**
     * How many bytes were sent here and not yet taken by the socket, because the peer does not read.
     *
     * @return the count
     */
    public int pendingBytes() {
        return raw.unsent();
    }

    /**
     * Ends this direction after what was sent; the peer reads the end of its input and may go on sending.
     *
     * @return this end
     */
    public StreamEnd closeOutput() {
        raw.shutdownOutput();
        return this;
    }

    /** Closes after what was sent. With unread input the peer sees a reset, as with every TCP socket. */
    @Override
    public void close() {
        raw.close();
    }

    /** Closes at once: the peer sees a reset. */
    public void abort() {
        raw.abort();
    }

    /**
     * Stops reading: what arrives fills the socket's buffer, and then the peer cannot write on.
     *
     * @return this end
     */
    public StreamEnd pauseReading() {
        raw.reading(false);
        return this;
    }

    /**
     * Reads again.
     *
     * @return this end
     */
    public StreamEnd resumeReading() {
        raw.reading(true);
        return this;
    }

    // ---- expecting

    /**
     * Waits for a text, in UTF-8, as the next bytes.
     *
     * @param text what is expected
     * @return this end
     * @throws AssertionError if something else comes, or nothing
     */
    public StreamEnd expectText(String text) {
        return expectBytes(text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Waits for bytes.
     *
     * @param bytes what is expected
     * @return this end
     * @throws AssertionError if something else comes, or nothing
     */
    public StreamEnd expectBytes(Bytes bytes) {
        return expectBytes(bytes.toByteArray());
    }

    /**
     * Waits for bytes.
     *
     * @param bytes what is expected
     * @return this end
     * @throws AssertionError if something else comes, or nothing
     */
    public StreamEnd expectBytes(byte[] bytes) {
        Objects.requireNonNull(bytes, "bytes");
        Matcher matcher = new Matcher(bytes);
        Simulation.Outcome outcome = simulation.await(matcher, waitNanos);
        if (!matcher.isComplete()) {
            String why = outcome == Simulation.Outcome.HAPPENED ? matcher.why() : Simulation.why(outcome, waitNanos);
            throw failure(why + "; " + matcher.diff());
        }
        return this;
    }

    /**
     * Takes what comes next.
     *
     * @param count how many bytes to wait for
     * @return exactly so many bytes
     * @throws AssertionError if they do not come
     */
    public Bytes receive(int count) {
        waitFor(count + " bytes", () -> raw.received() >= count || isOver());
        if (raw.received() < count) {
            throw failure("expected " + count + " bytes, but " + over() + " after " + raw.received());
        }
        return Bytes.copyOf(raw.take(count));
    }

    /**
     * Takes the next line.
     *
     * @return the text up to the next line feed, without it and without a carriage return in front of it
     * @throws AssertionError if no line feed comes
     */
    public String receiveLine() {
        waitFor("a line", () -> lineLength() >= 0 || isOver());
        int length = lineLength();
        if (length < 0) {
            throw failure("expected a line, but " + over());
        }
        byte[] line = raw.take(length + 1);
        int end = length > 0 && line[length - 1] == '\r' ? length - 1 : length;
        return new String(line, 0, end, StandardCharsets.UTF_8);
    }

    private int lineLength() {
        for (int i = 0; i < raw.received(); i++) {
            if (raw.peek(i) == '\n') {
                return i;
            }
        }
        return -1;
    }

    /**
     * Takes what has arrived, without waiting.
     *
     * @return the bytes, possibly none
     */
    public Bytes take() {
        return Bytes.copyOf(raw.take(raw.received()));
    }

    /**
     * How many bytes have arrived and were neither expected nor taken.
     *
     * @return the count
     */
    public int receivedBytes() {
        return raw.received();
    }

    /**
     * Lets everything happen that is due at this instant, and fails if something has arrived here.
     *
     * @return this end
     * @throws AssertionError if bytes, the end of input or a reset have arrived
     */
    public StreamEnd expectNothing() {
        return expectNothingFor(Duration.ZERO);
    }

    /**
     * Lets a span of time pass, its end included, and fails if something arrives here.
     *
     * @param span how long
     * @return this end
     * @throws AssertionError if bytes, the end of input or a reset arrive
     */
    public StreamEnd expectNothingFor(Duration span) {
        long end = Times.plus(simulation.scheduler().now(), Times.nanos(span));
        BooleanSupplier something = () -> raw.received() > 0 || (isOver() && !endExpected);
        if (simulation.await(something, Times.nanos(span)) == Simulation.Outcome.NOTHING_LEFT) {
            simulation.scheduler().advanceTo(end);
        }
        if (something.getAsBoolean()) {
            String found = raw.received() > 0 ? ByteDiff.of(raw.take(raw.received())) + " arrived" : over();
            throw failure("expected nothing for " + span + ", but " + found);
        }
        return this;
    }

    /**
     * Lets everything happen that is due until an instant, that instant included, and fails if something arrives here.
     *
     * @param elapsed the instant, as the time since the clock or the world began; not in the past
     * @return this end
     * @throws AssertionError if bytes, the end of input or a reset arrive
     */
    public StreamEnd expectNothingUntil(Duration elapsed) {
        return expectNothingFor(elapsed.minusNanos(simulation.scheduler().now()));
    }

    /**
     * Waits for the end of the input.
     *
     * @return this end
     * @throws AssertionError if bytes or a reset come first, or nothing comes
     */
    public StreamEnd expectEnd() {
        waitFor("the end of input", () -> raw.received() > 0 || isOver());
        if (raw.received() > 0 || !raw.isInputEnded()) {
            throw failure("expected the end of input, but " + found());
        }
        endExpected = true;
        return this;
    }

    /**
     * Waits for a reset by the peer.
     *
     * @return this end
     * @throws AssertionError if bytes or the end of input come first, or nothing comes
     */
    public StreamEnd expectReset() {
        waitFor("a reset", () -> raw.received() > 0 || isOver());
        if (raw.received() > 0 || !isReset()) {
            throw failure("expected a reset, but " + found());
        }
        endExpected = true;
        return this;
    }

    /**
     * Waits until the connection is made.
     *
     * @return this end
     * @throws AssertionError if it fails
     */
    public StreamEnd expectConnected() {
        SimStream stream = raw.stream();
        waitFor("the connection", () -> stream.isConnected() || isOver());
        IOException failure = stream.connectFailure();
        if (failure != null) {
            AssertionError error = failure("expected a connection to " + text(remoteAddress()) + ": " + failure);
            error.addSuppressed(failure);
            throw error;
        }
        return this;
    }

    /**
     * Waits until the attempt to connect fails.
     *
     * @return what it failed with: the class and message that a {@code SocketChannel} would throw
     * @throws AssertionError if it succeeds, or nothing comes
     */
    public IOException expectConnectFailure() {
        SimStream stream = raw.stream();
        waitFor("the attempt to connect to fail", () -> stream.isConnected() || stream.connectFailure() != null);
        IOException failure = stream.connectFailure();
        if (failure == null) {
            throw failure("expected the attempt to connect to fail, but it succeeded");
        }
        stream.close();
        return failure;
    }

    /**
     * Makes the failure of an expectation of one's own, for ends that speak a protocol.
     *
     * @param message what was expected, and what was found
     * @return an error to be thrown; it names this end, and what handlers have thrown and the last events are with it
     */
    public AssertionError failure(String message) {
        return simulation.failure(name() + ": " + message);
    }

    private void waitFor(String what, BooleanSupplier condition) {
        simulation.require(name() + ": " + what, condition, waitNanos);
    }

    private boolean isOver() {
        return raw.isInputEnded() || failed() != null;
    }

    private @Nullable IOException failed() {
        if (raw.stream().connectFailure() != null) {
            return raw.stream().connectFailure();
        }
        return raw.readFailure() != null ? raw.readFailure() : raw.writeFailure();
    }

    private boolean isReset() {
        IOException failure = failed();
        return failure != null
                && raw.stream().connectFailure() == null
                && !"Connection timed out".equals(failure.getMessage());
    }

    private String over() {
        IOException failure = failed();
        if (failure != null) {
            return "the connection failed (" + failure.getMessage() + ")";
        }
        return raw.isInputEnded() ? "the input ended" : "nothing more came";
    }

    private String found() {
        return raw.received() > 0 ? ByteDiff.of(raw.take(raw.received())) + " came first" : over();
    }

    // ---- who

    /**
     * The stable name of this end, as it stands in traces and reports.
     *
     * @return for instance {@code alice/conn-1}
     */
    public String name() {
        return raw.stream().name();
    }

    /**
     * The address of this end.
     *
     * @return the address
     */
    public SocketAddress localAddress() {
        return raw.stream().address();
    }

    /**
     * The address of the peer.
     *
     * @return the address
     */
    public SocketAddress remoteAddress() {
        return raw.stream().remote();
    }

    @Override
    public String toString() {
        return name() + " " + text(localAddress()) + " - " + text(remoteAddress());
    }

    private static String text(SocketAddress address) {
        return address instanceof InetSocketAddress inet
                ? inet.getHostString() + ":" + inet.getPort()
                : "unix:" + address;
    }

    /** Compares while bytes arrive and takes them out as they match, so that the longest expectation needs no room. */
    private final class Matcher implements BooleanSupplier {
        private final byte[] expected;
        private int matched;
        private boolean differs;

        Matcher(byte[] expected) {
            this.expected = expected;
        }

        @Override
        public boolean getAsBoolean() {
            int here = Math.min(raw.received(), expected.length - matched);
            int same = 0;
            while (same < here && raw.peek(same) == expected[matched + same]) {
                same++;
            }
            if (same > 0) {
                raw.take(same);
                matched += same;
            }
            differs = same < here;
            return differs || isComplete() || (raw.received() == 0 && isOver());
        }

        boolean isComplete() {
            return matched == expected.length;
        }

        String why() {
            return differs ? "other bytes came than expected" : over();
        }

        String diff() {
            byte[] rest = raw.take(raw.received());
            byte[] found = Arrays.copyOf(expected, matched + rest.length);
            System.arraycopy(rest, 0, found, matched, rest.length);
            return ByteDiff.of(expected, found);
        }
    }
}
