package dev.meerkat.internal.secure;

import dev.meerkat.event.ConnectionError;
import dev.meerkat.event.ConnectionError.Kind;
import dev.meerkat.internal.buffer.SendQueue;
import dev.meerkat.internal.tls.TlsEngine;
import dev.meerkat.internal.tls.TlsEngine.Stop;
import dev.meerkat.internal.tls.TlsFailure;
import dev.meerkat.runtime.StreamHandle;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The direction towards the peer: plaintext and what the engine says by itself are sealed and handed to the socket.
 * What that does not take is kept, one write's; as long as some of it waits, no more plaintext is sealed.
 */
final class SecureOutput {
    /**
     * How much of a handshake is held, and joined with how much of what follows: both fit into one segment, and what is
     * larger does not notice one system call more.
     */
    private static final int HELD_BYTES = 4096;

    private final StreamHandle raw;
    private final TlsEngine engine;
    private final SecureMemory memory;
    /** What the socket did not take. */
    private @Nullable SendQueue unsent;

    private boolean handshaking;
    /** What waits has not been offered to the socket yet: it is to leave together with what follows. */
    private boolean held;

    private boolean shut;
    private boolean rawShut;
    private boolean slow;

    SecureOutput(StreamHandle raw, TlsEngine engine, SecureMemory memory) {
        this.raw = raw;
        this.engine = engine;
        this.memory = memory;
    }

    /** What leaves before the first record, as it is; owned by this from now on. */
    void begin(@Nullable SendQueue clear) {
        handshaking = true;
        unsent = clear == null || clear.isEmpty() ? null : clear;
    }

    /** The handshake is over. */
    void secured() {
        handshaking = false;
    }

    /** Whether something waits for the socket. */
    boolean isWaiting() {
        return unsent != null && !held;
    }

    /** Whether the end of our handshake waits for what is sent in the same turn, see {@link #leave}. */
    boolean isHeld() {
        return held;
    }

    /**
     * Whether an answer to the peer, to an update of keys for instance (RFC 8446 §4.6.3), has to wait for what the
     * socket did not take. Until it has left, nothing more is read: a peer that asks again and again and reads no
     * answer would have them pile up here.
     */
    boolean owesAnswer() {
        return unsent != null && engine.wantsToSeal();
    }

    /** Whether this direction has ended. */
    boolean isShut() {
        return shut;
    }

    // ---------------------------------------------------------------- sealing

    /** Seals and sends as much as goes; answers how many bytes were taken. */
    int write(ByteBuffer source) throws IOException {
        ByteBuffer[] sources = memory.one();
        sources[0] = source;
        try {
            return (int) write(sources, 0, 1);
        } finally {
            sources[0] = SecureMemory.NOTHING;
        }
    }

    /** Seals and sends as much as goes; answers how many bytes were taken. */
    long write(ByteBuffer[] sources, int offset, int length) throws IOException {
        long before = remaining(sources, offset, length);
        long left = before;
        while (left > 0 && ((held && left <= HELD_BYTES) || flush())) {
            ByteBuffer sealed = memory.leaving();
            if (slow) {
                sealed.limit(sealed.capacity() / SecureMemory.RECORDS_PER_WRITE);
            }
            Stop stop = engine.seal(sources, offset, length, sealed);
            leave(sealed.flip());
            left = remaining(sources, offset, length);
            if (stop == Stop.TASK) {
                break;
            }
            if (stop == Stop.ENDED && left > 0) { // RFC 5246 §7.2.1
                throw new TlsFailure(ConnectionError.of(
                        Kind.RESET,
                        "the peer has ended TLS 1.2, which ends both directions; what is to be sent is lost"));
            }
        }
        return before - left;
    }

    private static long remaining(ByteBuffer[] buffers, int offset, int length) {
        long sum = 0;
        for (int i = offset; i < offset + length; i++) {
            sum += buffers[i].remaining();
        }
        return sum;
    }

    /** Seals what the engine has to say by itself. */
    void sealWhatIsPending() throws IOException {
        do {
            ByteBuffer sealed = memory.leaving();
            Stop stop = engine.seal(sealed);
            leave(sealed.flip());
            if (stop != Stop.FULL && stop != Stop.SECURED) {
                return;
            }
        } while (engine.wantsToSeal());
    }

    /**
     * Writes, behind what waits already; what the socket does not take is kept. The last we say in a handshake (a
     * client's Finished, a server's ticket) is held until the turn ends: mostly something is sent at once, and one
     * write carries both.
     */
    private void leave(ByteBuffer sealed) throws IOException {
        if (held) {
            keep(sealed);
            slow = !flush();
            return;
        }
        if (mayHold(sealed)) {
            held = true;
            keep(sealed);
            return;
        }
        if (unsent == null && sealed.hasRemaining()) {
            raw.write(sealed);
        }
        slow = sealed.hasRemaining();
        if (slow) {
            keep(sealed).settle();
        }
    }

    private boolean mayHold(ByteBuffer sealed) {
        return handshaking
                && engine.state() == TlsEngine.State.OPEN
                && unsent == null
                && sealed.hasRemaining()
                && sealed.remaining() <= HELD_BYTES;
    }

    private SendQueue keep(ByteBuffer sealed) {
        SendQueue queue = unsent;
        if (queue == null) {
            queue = memory.queue();
            unsent = queue;
        }
        queue.append(sealed);
        return queue;
    }

    /** Answers whether nothing waits any more. */
    boolean flush() throws IOException {
        held = false;
        SendQueue queue = unsent;
        if (queue != null) {
            while (!queue.isEmpty() && queue.writeTo(raw) > 0) {
                // one write offers a part
            }
            queue.settle();
            if (!queue.isEmpty()) {
                return false;
            }
            unsent = null;
        }
        if (shut && !rawShut && !handshaking) {
            rawShut = true;
            raw.shutdownOutput();
        }
        return true;
    }

    /** Tells the peer by an alert why this ends, as far as that can be done; answers true. */
    boolean sayWhy() {
        ByteBuffer alert = memory.leaving();
        engine.sealAlert(alert);
        try {
            leave(alert.flip());
        } catch (IOException ignored) {
            // the peer is gone, or full: it has to do without the reason
        }
        return true;
    }

    // ---------------------------------------------------------------- ending

    /** Says close_notify; FIN follows when all has left. */
    void shut() throws IOException {
        shut = true;
        engine.closeOutput();
        sealWhatIsPending();
        flush();
    }

    void release() {
        SendQueue queue = unsent;
        unsent = null;
        if (queue != null) {
            queue.clear();
        }
    }
}
