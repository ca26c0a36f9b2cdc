package dev.meerkat.testkit.internal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The mechanics of a stream's end in the hands of a test: it reads what arrives as it arrives, unless told not to, and
 * writes what it was given as fast as the socket takes it.
 */
public final class RawStream {
    /** The most that is kept for a test that does not look; then it stops reading, and the peer is held back. */
    private static final int INBOX_LIMIT = 16 << 20;

    private static final int SMALLEST_INBOX = 512;

    /** What is to follow the last byte that was sent. */
    private enum Farewell {
        NONE,
        SHUTDOWN_OUTPUT,
        CLOSE
    }

    private final SimStream stream;
    private final ArrayDeque<ByteBuffer> outbox = new ArrayDeque<>(1);
    private byte[] inbox = {};
    private int start;
    private int end;
    private boolean reading = true;
    private boolean inputEnded;
    private @Nullable IOException readFailure;
    private @Nullable IOException writeFailure;
    private Farewell farewell = Farewell.NONE;
    private boolean pumping;

    /**
     * Takes over a stream.
     *
     * @param simulation the world
     * @param stream the stream, connecting or connected
     */
    public RawStream(Simulation simulation, SimStream stream) {
        this.stream = stream;
        simulation.register(this);
        stream.observe(this::pump);
    }

    private void pump() {
        if (pumping || !stream.isOpen() || stream.isConnecting()) {
            return;
        }
        pumping = true;
        try {
            receive();
            transmit();
        } finally {
            pumping = false;
        }
    }

    private void receive() {
        if (stream.connectFailure() != null) {
            return;
        }
        while (reading && !inputEnded && readFailure == null && end - start < INBOX_LIMIT) {
            reserve();
            try {
                int count = stream.read(ByteBuffer.wrap(inbox, end, inbox.length - end));
                if (count < 0) {
                    inputEnded = true;
                } else if (count == 0) {
                    return;
                } else {
                    end += count;
                }
            } catch (IOException e) {
                readFailure = e;
            }
        }
    }

    private void reserve() {
        if (end < inbox.length) {
            return;
        }
        int unread = end - start;
        if (start > 0 && unread <= inbox.length / 2) {
            System.arraycopy(inbox, start, inbox, 0, unread);
        } else {
            byte[] larger = new byte[Math.max(SMALLEST_INBOX, unread * 2)];
            System.arraycopy(inbox, start, larger, 0, unread);
            inbox = larger;
        }
        start = 0;
        end = unread;
    }

    private void transmit() {
        if (stream.connectFailure() != null) {
            outbox.clear();
        }
        try {
            for (ByteBuffer head; (head = outbox.peek()) != null; outbox.remove()) {
                stream.write(head);
                if (head.hasRemaining()) {
                    return;
                }
            }
            sayFarewell();
        } catch (IOException e) {
            writeFailure = e;
            outbox.clear();
            if (farewell == Farewell.CLOSE) {
                stream.close();
            }
        }
    }

    private void sayFarewell() throws IOException {
        Farewell pending = farewell;
        farewell = Farewell.NONE;
        if (pending == Farewell.SHUTDOWN_OUTPUT && stream.connectFailure() == null) {
            stream.shutdownOutput();
        } else if (pending == Farewell.CLOSE) {
            stream.close();
        }
    }

    /**
     * Sends bytes, as soon as the socket takes them.
     *
     * @param bytes what to send, not copied
     */
    public void send(byte[] bytes) {
        if (!stream.isOpen() || farewell != Farewell.NONE) {
            throw new IllegalStateException(stream.name() + " is closed; nothing more can be sent");
        }
        if (bytes.length > 0) {
            outbox.add(ByteBuffer.wrap(bytes));
            pump();
        }
    }

    /** Ends the output after what was sent. */
    public void shutdownOutput() {
        if (farewell == Farewell.NONE) {
            farewell = Farewell.SHUTDOWN_OUTPUT;
            pump();
        }
    }

    /** Closes after what was sent. */
    public void close() {
        if (stream.isOpen()) {
            farewell = Farewell.CLOSE;
            pump();
            if (stream.isConnecting()) {
                stream.close();
            }
        }
    }

    /** Resets at once. */
    public void abort() {
        outbox.clear();
        stream.abort();
    }

    /**
     * Reads what arrives, or leaves it to pile up.
     *
     * @param value whether to read
     */
    public void reading(boolean value) {
        reading = value;
        if (value) {
            pump();
        }
    }

    /**
     * How many bytes arrived and were not taken.
     *
     * @return the count
     */
    public int received() {
        return end - start;
    }

    /**
     * Looks at what arrived.
     *
     * @param index 0 to {@link #received()} - 1
     * @return the byte
     */
    public byte peek(int index) {
        return inbox[start + index];
    }

    /**
     * Takes out what arrived.
     *
     * @param count how many bytes, 0 to {@link #received()}
     * @return the bytes
     */
    public byte[] take(int count) {
        byte[] taken = Arrays.copyOfRange(inbox, start, start + count);
        start += count;
        pump();
        return taken;
    }

    /**
     * Tells whether the peer has ended its side, behind everything received.
     *
     * @return whether the end of input arrived
     */
    public boolean isInputEnded() {
        return inputEnded;
    }

    /**
     * What reading failed with.
     *
     * @return the failure, or null
     */
    public @Nullable IOException readFailure() {
        return readFailure;
    }

    /**
     * What writing failed with.
     *
     * @return the failure, or null
     */
    public @Nullable IOException writeFailure() {
        return writeFailure;
    }

    /**
     * How many bytes were given to send and not taken by the socket.
     *
     * @return the count
     */
    public int unsent() {
        int total = 0;
        for (ByteBuffer buffer : outbox) {
            total += buffer.remaining();
        }
        return total;
    }

    /**
     * The socket.
     *
     * @return the stream
     */
    public SimStream stream() {
        return stream;
    }
}
