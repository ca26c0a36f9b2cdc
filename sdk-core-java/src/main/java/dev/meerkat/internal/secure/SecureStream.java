package dev.meerkat.internal.secure;

import dev.meerkat.internal.buffer.SendQueue;
import dev.meerkat.internal.loop.Deferred;
import dev.meerkat.internal.loop.EventLoop;
import dev.meerkat.internal.loop.ReadyListener;
import dev.meerkat.internal.tls.TlsEngine;
import dev.meerkat.internal.tls.TlsFailure;
import dev.meerkat.runtime.StreamHandle;
import dev.meerkat.runtime.Workers;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A stream that encrypts: whoever stands above reads and writes plaintext, the stream below carries TLS. It is what the
 * socket below is attached to, and passes on readiness to what is attached to it, as soon as there is plaintext.
 *
 * <p>What it may hold is bounded, see {@link SecureInput} and {@link SecureOutput}. At rest it holds nothing.
 *
 * <p>What it holds for the reader makes the socket not ready. So it tells the reader itself, later in the turn.
 */
public final class SecureStream extends AroundStream implements ReadyListener, Deferred {
    private final TlsEngine engine;
    private final EventLoop loop;
    private final SecureInput in;
    private final SecureOutput out;
    private final EngineWork work;
    private @Nullable Handshake handshake;
    /** What the next call that may throw throws. */
    private @Nullable IOException failure;

    private int wanted;
    /** The peer was told by an alert why this ends. */
    private boolean told;

    private boolean deferred;
    /** Something came while the engine was away: the socket is not listened to until it is back. */
    private boolean pressed;

    /**
     * Wraps a stream.
     *
     * @param raw the connected stream below; belongs to this one from now on
     * @param engine its handshake not begun
     * @param memory what the loop shares
     * @param loop the loop
     * @param workers run what the handshake has to compute; null if the loop does
     * @param turns where the loop does it before anybody else, each in a turn of its own; null if it does not
     */
    public SecureStream(
            StreamHandle raw,
            TlsEngine engine,
            SecureMemory memory,
            EventLoop loop,
            @Nullable Workers workers,
            @Nullable OneATurn turns) {
        super(raw);
        this.engine = engine;
        this.out = new SecureOutput(raw, engine, memory);
        this.in = new SecureInput(this, out, raw, engine, memory);
        this.loop = loop;
        this.work = new EngineWork(this, engine, loop, workers, turns);
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
        in.begin(received);
        out.begin(clear);
        step.begin();
        raw.attach(this);
        raw.becomesTls();
        try {
            engine.begin();
        } catch (TlsFailure e) {
            fail(e);
            return;
        }
        advance(false);
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

    /**
     * Goes on as far as it goes.
     *
     * @param readable whether the socket may be read, once: a second read would mostly find nothing
     */
    private void advance(boolean readable) {
        boolean mayRead = readable;
        try {
            while (handshake != null && !work.isUnderWay()) {
                if (engine.state() != TlsEngine.State.HANDSHAKING) {
                    secured();
                } else if (engine.hasTasks()) {
                    boolean unused = work();
                } else if (engine.wantsToSeal()) {
                    out.sealWhatIsPending();
                } else {
                    boolean reads = !in.isFed();
                    if ((reads && !mayRead) || !in.feed()) {
                        break;
                    }
                    mayRead &= !reads;
                }
            }
            watch();
        } catch (IOException e) {
            fail(e);
        }
    }

    private void secured() {
        Handshake done = handshake;
        if (done != null) {
            handshake = null;
            out.secured();
            done.over();
            done.outcome().secured();
            if (out.isHeld()) {
                defer();
            }
        }
    }

    /** Nothing flows any more: whoever waits for the handshake is told, or else whoever reads or writes next. */
    void fail(IOException thrown) {
        failure = thrown;
        if (thrown instanceof TlsFailure && !work.isUnderWay()) {
            told = out.sayWhy();
        }
        Handshake over = handshake;
        if (over != null) {
            handshake = null;
            out.secured();
            over.over();
            over.outcome().handshakeFailed(thrown);
        }
    }

    /** Has the engine's tasks run; answers false if elsewhere: until they have, nothing is opened or sealed. */
    boolean work() throws TlsFailure {
        pressed = false;
        return work.begin();
    }

    /** The engine is ours again. */
    void worked(@Nullable Throwable thrown) {
        if (!raw.isOpen()) {
            return;
        }
        if (thrown != null) {
            fail(engine.broken(thrown));
            return;
        }
        engine.tasksDone();
        pressed = false;
        if (handshake != null) {
            advance(false);
        } else {
            watch();
            deferIfReadable();
        }
    }

    // ---------------------------------------------------------------- readiness

    @Override
    public void onReady(int ops) {
        if ((ops & WRITE) != 0 && out.isWaiting() && !flushOut()) {
            return;
        }
        pressed = work.isUnderWay();
        if (handshake != null) {
            advance((ops & READ) != 0);
            return;
        }
        int passed = ops & wanted;
        if (out.isWaiting()) {
            passed &= ~WRITE;
        }
        if (passed != 0) {
            tell(passed);
        }
        watch();
        deferIfReadable(); // what could not be answered before goes on
    }

    @Override
    public void onFailure(Throwable unforeseen) {
        if (handshake == null && attachment() instanceof ReadyListener listener) {
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
        if (attachment() instanceof ReadyListener listener) {
            listener.onReady(ops);
        }
    }

    /**
     * Asks the socket for what is needed, which is not always what was asked of this stream. While the engine is away
     * it is listened to all the same: mostly nothing comes, and a change of mind costs two system calls.
     */
    private void watch() {
        if (!raw.isOpen()) {
            return;
        }
        int ops = 0;
        boolean reads = in.isOpen() && !pressed && !out.owesAnswer() && failure == null;
        if (reads && (handshake != null || (wanted & READ) != 0)) {
            ops |= READ;
        }
        if (out.isWaiting() || (handshake == null && !work.isUnderWay() && (wanted & WRITE) != 0)) {
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
        if (isReadable()) {
            defer();
        }
    }

    private void defer() {
        if (!deferred) {
            deferred = true;
            loop.defer(this);
        }
    }

    private boolean isReadable() {
        if ((wanted & READ) == 0 || handshake != null || work.isUnderWay()) {
            return false;
        }
        return failure != null || in.isReadable(!out.owesAnswer());
    }

    @Override
    public void runDeferred() {
        deferred = false;
        if (isReadable()) {
            tell(READ);
        }
        if (out.isHeld()) {
            loop.flushLater(this::leave); // after whoever has sent something
        }
    }

    /** What was held leaves alone if nothing was sent. */
    private void leave() {
        if (out.isHeld() && raw.isOpen()) {
            flushOut();
        }
        watch();
    }

    /** Answers false if that failed. */
    private boolean flushOut() {
        try {
            boolean unused = out.flush();
            return true;
        } catch (IOException e) {
            broken(e);
            return false;
        }
    }

    // ---------------------------------------------------------------- reading and writing

    @Override
    public int read(ByteBuffer target) throws IOException {
        if (!target.hasRemaining() || handshake != null || work.isUnderWay()) {
            return 0;
        }
        int before = target.position();
        int result;
        try {
            in.deliver(target, failure);
            result = target.position() - before;
        } catch (IOException e) {
            fail(e); // also if something came before: then the next call throws
            if (target.position() == before) {
                throw e;
            }
            result = target.position() - before;
        }
        if (result == 0 && in.isEnded()) {
            result = -1;
        }
        deferIfReadable();
        return result;
    }

    /** Opening goes on when the engine has answered, to an update of keys for instance; tells whether it has. */
    boolean answer() throws IOException {
        boolean mayAnswer = out.flush();
        if (mayAnswer) {
            out.sealWhatIsPending();
        }
        watch();
        return mayAnswer;
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        return mayWrite() ? out.write(source) : 0;
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
        return mayWrite() ? out.write(sources, offset, length) : 0;
    }

    private boolean mayWrite() throws IOException {
        throwFailure();
        return handshake == null && !work.isUnderWay() && !out.isShut();
    }

    private void throwFailure() throws IOException {
        IOException known = failure;
        if (known != null) {
            throw known;
        }
    }

    @Override
    public boolean flush() throws IOException {
        throwFailure();
        return handshake == null && out.flush();
    }

    // ---------------------------------------------------------------- ending

    @Override
    public void shutdownOutput() throws IOException {
        if (!out.isShut()) {
            out.shut();
            watch();
        }
    }

    @Override
    public void shutdownInput() throws IOException {
        in.shut();
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
        if (raw.isOpen() && handshake == null && failure == null && !out.isShut()) {
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
        boolean mustNotOvertake = told && !out.isWaiting();
        release();
        if (mustNotOvertake) {
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
        in.release();
        out.release();
        raw.attach(null);
    }
}
