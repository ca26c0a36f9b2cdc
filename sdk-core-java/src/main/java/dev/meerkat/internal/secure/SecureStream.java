package dev.meerkat.internal.secure;

import dev.meerkat.event.ConnectionError;
import dev.meerkat.event.ConnectionError.Kind;
import dev.meerkat.internal.buffer.SendQueue;
import dev.meerkat.internal.loop.Deferred;
import dev.meerkat.internal.loop.EventLoop;
import dev.meerkat.internal.loop.ReadyListener;
import dev.meerkat.internal.tls.TlsEngine;
import dev.meerkat.internal.tls.TlsEngine.Stop;
import dev.meerkat.internal.tls.TlsFailure;
import dev.meerkat.internal.tls.TlsRecord;
import dev.meerkat.runtime.PeerCredentials;
import dev.meerkat.runtime.StreamHandle;
import dev.meerkat.runtime.Workers;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.NetworkChannel;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A stream that encrypts: whoever stands above reads and writes plaintext, the stream below carries TLS. It is what the
 * socket below is attached to, and passes on readiness to what is attached to it, as soon as there is plaintext.
 *
 * <p>What it may hold, and why it is bounded: the beginning of one record; what was read and could not be opened yet
 * because the reader has no room, at most what one read brings; one opened record, for the same reason; and ciphertext
 * that the socket did not take, one write's. As long as some of the latter waits, nothing more is sealed. At rest it
 * holds nothing.
 *
 * <p>What it holds for the reader makes the socket not ready. So it tells the reader itself, later in the turn.
 */
public final class SecureStream implements StreamHandle, ReadyListener, Deferred {
    /** How a handshake ended; told once. */
    public interface Outcome {
        /** Plaintext flows from now on. */
        void secured();

        /**
         * The handshake failed. The stream is to be ended.
         *
         * @param failure what went wrong: a {@link TlsFailure}, or what the stream below threw
         */
        void handshakeFailed(IOException failure);
    }

    private final StreamHandle raw;
    private final TlsEngine engine;
    private final SecureMemory memory;
    private final EventLoop loop;
    private final Workers workers;
    private @Nullable Object attachment;
    private @Nullable Handshake handshake;
    /** Ciphertext from position to limit that is not opened yet. */
    private @Nullable ByteBuffer unopened;
    /** Plaintext from position to limit that the reader had no room for. */
    private @Nullable ByteBuffer undelivered;
    /** What the socket did not take. */
    private @Nullable SendQueue unsent;
    /** What the next call that may throw throws. */
    private @Nullable IOException failure;

    private int wanted;
    private boolean ended;
    private boolean rawEnded;
    private boolean outputShut;
    private boolean rawShut;
    private boolean working;
    private boolean deferred;
    private boolean slow;

    /**
     * Wraps a stream.
     *
     * @param raw the connected stream below; belongs to this one from now on
     * @param engine its handshake not begun
     * @param memory what the loop shares
     * @param loop the loop
     * @param workers run what the handshake has to compute
     */
    public SecureStream(StreamHandle raw, TlsEngine engine, SecureMemory memory, EventLoop loop, Workers workers) {
        this.raw = raw;
        this.engine = engine;
        this.memory = memory;
        this.loop = loop;
        this.workers = workers;
    }

    /**
     * Begins the handshake. The outcome may be told before this returns, if the engine cannot even begin.
     *
     * @param received ciphertext that was read already; owned by this stream from now on
     * @param clear what is to leave before the first record, as it is; owned by this stream from now on. Null for none
     * @param timeout how long the handshake may take
     * @param outcome told when it has ended
     */
    public void begin(ByteBuffer received, @Nullable SendQueue clear, Duration timeout, Outcome outcome) {
        Handshake step = new Handshake(this, loop, timeout, outcome);
        handshake = step;
        unopened = received.hasRemaining() ? received : null;
        unsent = clear == null || clear.isEmpty() ? null : clear;
        step.begin();
        raw.attach(this);
        raw.becomesTls();
        try {
            engine.begin();
        } catch (TlsFailure e) {
            fail(e);
            return;
        }
        advance();
    }

    /**
     * The engine.
     *
     * @return what seals and opens
     */
    public TlsEngine engine() {
        return engine;
    }

    /**
     * Tells whether the handshake is under way.
     *
     * @return true until its outcome is told
     */
    public boolean isHandshaking() {
        return handshake != null;
    }

    // ---------------------------------------------------------------- the handshake

    private void advance() {
        try {
            while (handshake != null && !working) {
                if (engine.state() != TlsEngine.State.HANDSHAKING) {
                    secured();
                } else if (engine.hasTasks()) {
                    work();
                } else if (engine.wantsToSeal()) {
                    sealWhatIsPending();
                } else if (!feed()) {
                    break;
                }
            }
            watch();
        } catch (IOException e) {
            fail(e);
        }
    }

    /** Reads and opens a part of the handshake; answers false if there is nothing to open now. */
    private boolean feed() throws IOException {
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

    private void secured() {
        Handshake done = handshake;
        if (done != null) {
            handshake = null;
            done.over();
            done.outcome().secured();
        }
    }

    void timedOut(TlsFailure error) {
        fail(error);
    }

    /** Nothing flows any more: whoever waits for the handshake is told, or else whoever reads or writes next. */
    private void fail(IOException thrown) {
        failure = thrown;
        if (thrown instanceof TlsFailure) {
            sayWhy();
        }
        Handshake over = handshake;
        if (over != null) {
            handshake = null;
            over.over();
            over.outcome().handshakeFailed(thrown);
        }
    }

    private void sayWhy() {
        ByteBuffer alert = memory.leaving();
        engine.sealAlert(alert);
        try {
            leave(alert.flip());
        } catch (IOException ignored) {
            // the peer is gone, or full: it has to do without the reason
        }
    }

    /** Has the tasks of the engine run elsewhere. Meanwhile nothing is opened or sealed. */
    private void work() {
        Runnable tasks = engine.tasks();
        working = true;
        Object unused = workers.submit(() -> {
                    tasks.run();
                    return true;
                })
                .whenComplete((done, thrown) -> loop.offerInternal(() -> worked(tasks, thrown)));
    }

    private void worked(Runnable tasks, @Nullable Throwable thrown) {
        if (!raw.isOpen()) {
            return;
        }
        working = false;
        try {
            if (thrown != null) {
                tasks.run(); // no worker took them: whoever has too much to do does it himself, and so gets less to do
            }
        } catch (RuntimeException e) {
            fail(engine.broken(e));
            return;
        }
        engine.tasksDone();
        if (handshake != null) {
            advance();
        } else {
            watch();
            deferIfReadable();
        }
    }

    // ---------------------------------------------------------------- readiness

    @Override
    public void onReady(int ops) {
        if ((ops & WRITE) != 0 && unsent != null) {
            try {
                flushUnsent();
            } catch (IOException e) {
                broken(e);
                return;
            }
        }
        if (handshake != null) {
            advance();
            return;
        }
        int told = ops & wanted;
        if (unsent != null) {
            told &= ~WRITE;
        }
        if (told != 0) {
            tell(told);
        }
        watch();
        deferIfReadable(); // what could not be answered before goes on
    }

    @Override
    public void onFailure(Throwable unforeseen) {
        if (handshake == null && attachment instanceof ReadyListener listener) {
            listener.onFailure(unforeseen);
        } else {
            broken(new IOException(unforeseen.toString(), unforeseen));
        }
    }

    private void broken(IOException e) {
        boolean established = handshake == null;
        fail(e);
        if (established) {
            tell(READ | WRITE);
        }
    }

    private void tell(int ops) {
        if (attachment instanceof ReadyListener listener) {
            listener.onReady(ops);
        }
    }

    /** Asks the socket for what is needed, which is not always what was asked of this stream. */
    private void watch() {
        if (!raw.isOpen()) {
            return;
        }
        int ops = 0;
        boolean reads = !rawEnded && !ended && !working && !owesAnswer() && failure == null;
        if (reads && (handshake != null || (wanted & READ) != 0)) {
            ops |= READ;
        }
        if (unsent != null || (handshake == null && !working && (wanted & WRITE) != 0)) {
            ops |= WRITE;
        }
        raw.interest(ops);
    }

    @Override
    public void interest(int ops) {
        wanted = ops;
        watch();
        deferIfReadable();
    }

    private void deferIfReadable() {
        if (!deferred && isReadable()) {
            deferred = true;
            loop.defer(this);
        }
    }

    private boolean isReadable() {
        if ((wanted & READ) == 0 || handshake != null || working) {
            return false;
        }
        if (undelivered != null || ended || failure != null) {
            return true;
        }
        ByteBuffer kept = unopened;
        return !owesAnswer() && (rawEnded || (kept != null && TlsRecord.isComplete(kept)));
    }

    /**
     * Whether an answer to the peer, to an update of keys for instance (RFC 8446 §4.6.3), has to wait for what the
     * socket did not take. Until it has left, nothing more is read: a peer that asks again and again and reads no
     * answer would have them pile up here.
     */
    private boolean owesAnswer() {
        return unsent != null && engine.wantsToSeal();
    }

    @Override
    public void runDeferred() {
        deferred = false;
        if (isReadable()) {
            tell(READ);
        }
    }

    // ---------------------------------------------------------------- reading

    @Override
    public int read(ByteBuffer target) throws IOException {
        if (!target.hasRemaining() || handshake != null || working) {
            return 0;
        }
        int before = target.position();
        int result;
        try {
            deliver(target);
            result = target.position() - before;
        } catch (IOException e) {
            fail(e); // also if something came before: then the next call throws
            if (target.position() == before) {
                throw e;
            }
            result = target.position() - before;
        }
        if (result == 0 && ended) {
            result = -1;
        }
        deferIfReadable();
        return result;
    }

    private void deliver(ByteBuffer target) throws IOException {
        if (handOver(target)) {
            return;
        }
        IOException known = failure;
        if (known != null) {
            throw known;
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
                    work();
                    watch();
                    return;
                }
                case SEAL -> {
                    if (!flushUnsent()) {
                        watch();
                        return;
                    }
                    sealWhatIsPending();
                    watch();
                }
                case ENDED -> {
                    ended = true;
                    if (engine.wantsToSeal()) {
                        sealWhatIsPending(); // TLS 1.2 answers a close_notify at once
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

    // ---------------------------------------------------------------- writing

    @Override
    public int write(ByteBuffer source) throws IOException {
        ByteBuffer[] sources = memory.one();
        sources[0] = source;
        try {
            return (int) write(sources, 0, 1);
        } finally {
            sources[0] = SecureMemory.NOTHING;
        }
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
        IOException known = failure;
        if (known != null) {
            throw known;
        }
        if (handshake != null || working || outputShut) {
            return 0;
        }
        long before = remaining(sources, offset, length);
        long left = before;
        while (left > 0 && flushUnsent()) {
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
    private void sealWhatIsPending() throws IOException {
        do {
            ByteBuffer sealed = memory.leaving();
            Stop stop = engine.seal(sealed);
            leave(sealed.flip());
            if (stop != Stop.FULL && stop != Stop.SECURED) {
                return;
            }
        } while (engine.wantsToSeal());
    }

    /** Writes, behind what waits already; what the socket does not take is kept. */
    private void leave(ByteBuffer sealed) throws IOException {
        if (unsent == null && sealed.hasRemaining()) {
            raw.write(sealed);
        }
        slow = sealed.hasRemaining();
        if (slow) {
            SendQueue queue = unsent;
            if (queue == null) {
                queue = memory.queue();
                unsent = queue;
            }
            queue.append(sealed);
            queue.settle();
        }
    }

    /** Answers whether nothing waits any more. */
    private boolean flushUnsent() throws IOException {
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
        if (outputShut && !rawShut && handshake == null) {
            rawShut = true;
            raw.shutdownOutput();
        }
        return true;
    }

    @Override
    public boolean flush() throws IOException {
        IOException known = failure;
        if (known != null) {
            throw known;
        }
        return handshake == null && flushUnsent();
    }

    // ---------------------------------------------------------------- ending

    @Override
    public void shutdownOutput() throws IOException {
        if (outputShut) {
            return;
        }
        outputShut = true;
        engine.closeOutput();
        sealWhatIsPending();
        flushUnsent();
        watch();
    }

    @Override
    public void shutdownInput() throws IOException {
        ended = true;
        unopened = null;
        undelivered = null;
        raw.shutdownInput();
        watch();
    }

    /**
     * {@inheritDoc}
     *
     * <p>If our direction has not ended yet, close_notify leaves first, if the socket takes it.
     */
    @Override
    public void close() throws IOException {
        if (raw.isOpen() && handshake == null && failure == null && !outputShut) {
            try {
                shutdownOutput();
            } catch (IOException ignored) {
                // the peer is gone already
            }
        }
        release();
        raw.close();
    }

    /**
     * {@inheritDoc}
     *
     * <p>After a failure of TLS the peer was told why by an alert, which a reset could overtake.
     */
    @Override
    public void abort() throws IOException {
        boolean told = failure instanceof TlsFailure && unsent == null;
        release();
        if (told) {
            raw.close();
        } else {
            raw.abort();
        }
    }

    private void release() {
        Handshake over = handshake;
        handshake = null;
        if (over != null) {
            over.over();
        }
        unopened = null;
        undelivered = null;
        SendQueue queue = unsent;
        unsent = null;
        if (queue != null) {
            queue.clear();
        }
        raw.attach(null);
    }

    // ---------------------------------------------------------------- what the socket knows

    @Override
    public void attach(@Nullable Object newAttachment) {
        attachment = newAttachment;
    }

    @Override
    public @Nullable Object attachment() {
        return attachment;
    }

    @Override
    public boolean finishConnect() {
        return true;
    }

    @Override
    public SocketAddress localAddress() throws IOException {
        return raw.localAddress();
    }

    @Override
    public SocketAddress remoteAddress() throws IOException {
        return raw.remoteAddress();
    }

    @Override
    public Optional<PeerCredentials> peerCredentials() throws IOException {
        return raw.peerCredentials();
    }

    @Override
    public Optional<NetworkChannel> networkChannel() {
        return raw.networkChannel();
    }

    @Override
    public boolean isOpen() {
        return raw.isOpen();
    }
}
