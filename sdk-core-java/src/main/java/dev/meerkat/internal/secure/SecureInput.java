package dev.meerkat.internal.secure;

import dev.meerkat.internal.tls.TlsEngine;
import dev.meerkat.internal.tls.TlsEngine.Stop;
import dev.meerkat.internal.tls.TlsFailure;
import dev.meerkat.internal.tls.TlsRecord;
import dev.meerkat.runtime.StreamHandle;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The direction towards us: ciphertext from the socket, plaintext to the reader, and what has to be kept in between
 * because it is no whole record yet, or because the reader has no room: the beginning of one record; what was read and
 * could not be opened, at most what one read brings; and one opened record.
 */
final class SecureInput {
    private final SecureStream stream;
    private final SecureOutput out;
    private final StreamHandle raw;
    private final TlsEngine engine;
    private final SecureMemory memory;
    /** Ciphertext from position to limit that is not opened yet. */
    private @Nullable ByteBuffer unopened;
    /** Plaintext from position to limit that the reader had no room for. */
    private @Nullable ByteBuffer undelivered;

    private boolean ended;
    private boolean rawEnded;

    SecureInput(SecureStream stream, SecureOutput out, StreamHandle raw, TlsEngine engine, SecureMemory memory) {
        this.stream = stream;
        this.out = out;
        this.raw = raw;
        this.engine = engine;
        this.memory = memory;
    }

    /** What was read before there was a stream; owned by this from now on. */
    void begin(ByteBuffer received) {
        unopened = received.hasRemaining() ? received : null;
    }

    /** Whether there is nothing more to read: the peer has said so, or nobody wants to know. */
    boolean isEnded() {
        return ended;
    }

    /** Whether the socket may bring something. */
    boolean isOpen() {
        return !ended && !rawEnded;
    }

    /** Whether a read would have an answer without the socket, given whether records may be opened. */
    boolean isReadable(boolean mayOpen) {
        if (undelivered != null || ended) {
            return true;
        }
        ByteBuffer kept = unopened;
        return mayOpen && (rawEnded || (kept != null && TlsRecord.isComplete(kept)));
    }

    /** The end, wanted by us. */
    void shut() {
        ended = true;
        release();
    }

    void release() {
        unopened = null;
        undelivered = null;
    }

    // ---------------------------------------------------------------- opening

    /** Whether a part of the handshake can be opened without reading more. */
    boolean isFed() {
        ByteBuffer kept = unopened;
        return rawEnded || (kept != null && TlsRecord.isComplete(kept));
    }

    /** Opens a part of the handshake, and reads if there is none; answers false if there is nothing to open now. */
    boolean feed() throws IOException {
        ByteBuffer in = nextInput(TlsRecord.MAX_BYTES);
        if (in == null) {
            if (rawEnded) {
                engine.transportEnded();
            }
            return false;
        }
        try {
            return engine.open(in, memory.opened()) != Stop.ENDED;
        } finally {
            keep(in);
        }
    }

    /**
     * Brings plaintext.
     *
     * @param failure what is thrown when nothing is left that came before it; null for nothing
     */
    void deliver(ByteBuffer target, @Nullable IOException failure) throws IOException {
        if (handOver(target)) {
            return;
        }
        if (failure != null) {
            throw failure;
        }
        if (ended) {
            return;
        }
        ByteBuffer in = nextInput(target.remaining());
        if (in == null) {
            if (rawEnded) {
                engine.transportEnded();
            }
            return;
        }
        int before = target.position();
        try {
            open(in, target, before);
        } finally {
            keep(in);
        }
    }

    /** Hands over what was opened before; answers whether there was some. */
    private boolean handOver(ByteBuffer target) {
        ByteBuffer held = undelivered;
        if (held == null) {
            return false;
        }
        move(held, target);
        if (!held.hasRemaining()) {
            undelivered = null;
        }
        return true;
    }

    private void open(ByteBuffer in, ByteBuffer target, int before) throws IOException {
        while (true) {
            switch (engine.open(in, target)) {
                case STARVED, SECURED -> {
                    return;
                }
                case FULL -> {
                    if (target.position() == before) {
                        openAside(in, target);
                    }
                    return;
                }
                case TASK -> {
                    if (!stream.work()) {
                        return;
                    }
                }
                case SEAL -> {
                    if (!stream.answer()) {
                        return;
                    }
                }
                case ENDED -> {
                    ended = true;
                    if (engine.wantsToSeal()) {
                        out.sealWhatIsPending(); // TLS 1.2 answers a close_notify at once
                    }
                    return;
                }
            }
        }
    }

    /** The reader has less room than a record may need: what it cannot take of one is kept. */
    private void openAside(ByteBuffer in, ByteBuffer target) throws IOException {
        int length = TlsRecord.length(in);
        int limit = in.limit();
        ByteBuffer aside = memory.opened();
        Stop stop;
        try {
            in.limit(in.position() + length); // this one and no other
            stop = engine.open(in, aside);
        } finally {
            in.limit(limit);
        }
        aside.flip();
        move(aside, target);
        if (aside.hasRemaining()) {
            undelivered = copyOf(aside);
        }
        if (stop == Stop.ENDED) {
            ended = true;
        }
    }

    private static void move(ByteBuffer from, ByteBuffer to) {
        int count = Math.min(from.remaining(), to.remaining());
        to.put(to.position(), from, from.position(), count);
        to.position(to.position() + count);
        from.position(from.position() + count);
    }

    private static ByteBuffer copyOf(ByteBuffer source) {
        return ByteBuffer.allocate(source.remaining()).put(source).flip();
    }

    // ---------------------------------------------------------------- what comes from the socket

    /**
     * Ciphertext with at least one whole record, or with what is no record: kept one, or the beginning of a record and
     * what follows from the socket. Null if there is none now.
     *
     * @param room how much the reader takes: there is no point in reading much more
     */
    private @Nullable ByteBuffer nextInput(int room) throws IOException {
        ByteBuffer kept = unopened;
        if (kept != null && TlsRecord.isComplete(kept)) {
            return kept;
        }
        if (rawEnded) {
            return null;
        }
        int head = kept == null ? 0 : kept.remaining();
        ByteBuffer in = memory.arriving();
        in.limit(Math.min(in.capacity(), head + Math.max(room, TlsRecord.MAX_BYTES)));
        in.position(head);
        int count = raw.read(in);
        if (count < 0) {
            rawEnded = true;
            return null;
        }
        if (count == 0) {
            return null;
        }
        in.flip();
        if (kept == null) {
            return in;
        }
        in.position(head);
        if (!completes(kept, in)) {
            unopened = append(kept, in);
            return null;
        }
        in.position(0);
        in.put(0, kept, kept.position(), head);
        unopened = null;
        return in;
    }

    /** Whether the beginning of a record and what follows make a whole one, or enough to see that it is none. */
    private static boolean completes(ByteBuffer head, ByteBuffer rest) {
        ByteBuffer header = ByteBuffer.allocate(TlsRecord.HEADER_BYTES);
        move(head.duplicate(), header);
        move(rest.duplicate(), header);
        try {
            int length = TlsRecord.length(header.flip());
            return length >= 0 && head.remaining() + rest.remaining() >= length;
        } catch (TlsFailure e) {
            return true; // the engine says so
        }
    }

    /** Grows by doubling, so that a record that comes byte by byte is not copied as often. */
    private static ByteBuffer append(ByteBuffer kept, ByteBuffer more) {
        int size = kept.remaining();
        int added = more.remaining();
        ByteBuffer target = kept;
        if (kept.capacity() - kept.limit() < added) {
            int capacity = Math.max(size + added, Math.min(2 * size, TlsRecord.MAX_BYTES));
            target = ByteBuffer.allocate(capacity).put(kept).flip();
        }
        int end = target.limit();
        target.limit(end + added).put(end, more, more.position(), added);
        return target;
    }

    /** Keeps what was not opened. */
    private void keep(ByteBuffer in) {
        if (!in.hasRemaining() || ended) {
            unopened = null;
        } else if (unopened == null) {
            unopened = copyOf(in);
        }
    }
}
