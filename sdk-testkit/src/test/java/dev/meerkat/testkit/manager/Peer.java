package dev.meerkat.testkit.manager;

import dev.meerkat.runtime.StreamHandle;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The other end of a connection: a bare socket in the hands of the test. What it is told to send leaves, and what comes
 * is read, whenever the test pumps it, which every wait does.
 */
final class Peer {
    private final StreamHandle handle;
    private final ByteArrayOutputStream inbox = new ByteArrayOutputStream();
    private final ArrayDeque<ByteBuffer> outbox = new ArrayDeque<>();
    private final ByteBuffer scratch = ByteBuffer.allocate(64 * 1024);
    private boolean connected;
    private boolean reading = true;
    private boolean shutdownAsked;
    private boolean ended;
    private @Nullable IOException failure;

    private Peer(StreamHandle handle, boolean connected) {
        this.handle = handle;
        this.connected = connected;
    }

    static Peer connecting(StreamHandle handle) {
        return new Peer(handle, false);
    }

    static Peer accepted(StreamHandle handle) {
        return new Peer(handle, true);
    }

    /** Does what can be done now. */
    void pump() {
        if (failure != null || !handle.isOpen()) {
            return;
        }
        try {
            connected = connected || handle.finishConnect();
            if (connected) {
                read();
                write();
            }
        } catch (IOException e) {
            failure = e;
        }
    }

    private void read() throws IOException {
        while (reading && !ended) {
            int count = handle.read(scratch.clear());
            if (count == 0) {
                return;
            }
            if (count < 0) {
                ended = true;
            } else {
                inbox.write(scratch.array(), 0, count);
            }
        }
    }

    private void write() throws IOException {
        while (!outbox.isEmpty()) {
            handle.write(outbox.getFirst());
            if (outbox.getFirst().hasRemaining()) {
                return;
            }
            outbox.removeFirst();
        }
        if (shutdownAsked) {
            shutdownAsked = false;
            handle.shutdownOutput();
        }
    }

    // ---- what the test has it do

    Peer send(String text) {
        return send(text.getBytes(StandardCharsets.UTF_8));
    }

    Peer send(byte[] bytes) {
        outbox.add(ByteBuffer.wrap(bytes.clone()));
        pump();
        return this;
    }

    /** Ends its output behind what it was told to send. */
    Peer shutdownOutput() {
        shutdownAsked = true;
        pump();
        return this;
    }

    Peer stopReading() {
        reading = false;
        return this;
    }

    Peer startReading() {
        reading = true;
        return this;
    }

    void close() {
        try {
            handle.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Resets the connection. */
    void reset() {
        try {
            handle.abort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // ---- what it has seen

    boolean isConnected() {
        return connected;
    }

    int receivedCount() {
        return inbox.size();
    }

    byte[] received() {
        return inbox.toByteArray();
    }

    String text() {
        return inbox.toString(StandardCharsets.UTF_8);
    }

    /** Whether it has read the end of our output. */
    boolean hasEnded() {
        return ended;
    }

    boolean hasSentAll() {
        return outbox.isEmpty();
    }

    /** Whether it was told of a reset, by reading or by writing. */
    boolean wasReset() {
        IOException seen = failure;
        return seen != null && String.valueOf(seen.getMessage()).matches("(?i).*(reset|broken pipe).*");
    }

    @Nullable
    IOException failure() {
        return failure;
    }

    StreamHandle handle() {
        return handle;
    }

    @Override
    public String toString() {
        return "peer: connected " + connected + ", received " + inbox.size() + " bytes, unsent " + outbox.size()
                + " buffers, ended " + ended + ", failure " + failure;
    }
}
