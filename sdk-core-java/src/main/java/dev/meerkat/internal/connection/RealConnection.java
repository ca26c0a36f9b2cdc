package dev.meerkat.internal.connection;

import dev.meerkat.Acceptor;
import dev.meerkat.Connection;
import dev.meerkat.ConnectionClosedException;
import dev.meerkat.ConnectionOptions;
import dev.meerkat.ConnectionState;
import dev.meerkat.EventManager;
import dev.meerkat.Handler;
import dev.meerkat.Tap;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.CloseReason;
import dev.meerkat.event.CloseReason.Initiator;
import dev.meerkat.event.ConnectionError;
import dev.meerkat.event.ConnectionError.Kind;
import dev.meerkat.event.FileRegion;
import dev.meerkat.event.ReceiveBuffer;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.internal.buffer.HeadedOutput;
import dev.meerkat.internal.buffer.ReceiveQueue;
import dev.meerkat.internal.loop.ReadyListener;
import dev.meerkat.internal.observe.AddressText;
import dev.meerkat.internal.tls.TlsEngine;
import dev.meerkat.runtime.Handle;
import dev.meerkat.runtime.PeerCredentials;
import dev.meerkat.runtime.StreamHandle;
import dev.meerkat.tls.TlsOptions;
import dev.meerkat.tls.TlsRole;
import dev.meerkat.tls.TlsSession;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.NetworkChannel;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A TCP connection: where the loop's readiness, the two directions, the timers and the handler meet, and where it is
 * decided what is allowed now. {@link Inbound}, {@link Outbound} and {@link Lifecycle} are machines of their own.
 *
 * <p>At rest it holds neither a send queue nor a receive buffer nor a timer. Everything belongs to the loop thread,
 * save where {@link Connection} says that any thread may call.
 */
final class RealConnection implements Connection, HeadedOutput, ReadyListener, Watched {
    /** Slot in the {@link ConnectionTable}, which alone uses it. */
    int tableIndex;

    private final RealEventManager manager;
    private final @Nullable RealAcceptor acceptor;
    private final long id;
    private final Inbound in = new Inbound(this);
    private final Outbound out = new Outbound(this);
    private final Lifecycle life;
    private final Telling telling;
    /** Any thread reads, for the limits of sends from elsewhere. */
    private volatile ConnectionOptions options;

    private @Nullable Object attachment;
    private long lastIoNanos;

    RealConnection(
            RealEventManager manager,
            long id,
            @Nullable RealAcceptor acceptor,
            Handler handler,
            ConnectionOptions options,
            ConnectionState state) {
        this.manager = manager;
        this.id = id;
        this.acceptor = acceptor;
        this.options = options;
        this.telling = new Telling(this, handler);
        this.life = new Lifecycle(this, state);
        this.lastIoNanos = manager.loop().now();
        Supplier<?> initial = options.attachment();
        this.attachment = initial == null ? null : initial.get();
    }

    // ---------------------------------------------------------------- what the two directions ask

    @Override
    public RealEventManager owner() {
        return manager;
    }

    SharedMemory memory() {
        return manager.memory();
    }

    Lifecycle life() {
        return life;
    }

    Telling telling() {
        return telling;
    }

    Inbound in() {
        return in;
    }

    Outbound out() {
        return out;
    }

    @Nullable
    RealAcceptor realAcceptor() {
        return acceptor;
    }

    @Nullable
    StreamHandle handle() {
        return life.handle();
    }

    ConnectionOptions limits() {
        return options;
    }

    void handshakeOver() {
        if (acceptor != null) {
            acceptor.handshakeOver(this);
        }
    }

    void touch() {
        lastIoNanos = manager.loop().now();
    }

    void updateInterest() {
        StreamHandle stream = life.handle();
        if (stream != null) {
            int reading = in.wantsToRead(isOpen()) ? Handle.READ : 0;
            stream.interest(out.isWaiting() ? reading | Handle.WRITE : reading);
        }
    }

    @Override
    public void onReady(int ops) {
        if ((ops & Handle.WRITE) != 0) {
            out.ready();
        }
        StreamHandle stream = life.handle();
        // what is still to be announced comes before what arrives, the end of input above all; readiness comes again
        if ((ops & Handle.READ) != 0 && stream != null && !telling.hasToAnnounce()) {
            in.read(stream);
        }
    }

    @Override
    public void onFailure(Throwable failure) {
        life.fail(
                Initiator.LOCAL,
                ConnectionError.of(
                        Kind.INTERNAL, "serving the connection failed inside: " + Telling.shown(failure), failure));
    }

    /** The acceptor's, if it has an interval of its own. */
    Ticker ticker() {
        Ticker own = acceptor == null ? null : acceptor.ticker();
        return own == null ? manager.ticker() : own;
    }

    boolean wantsTicks() {
        return options.ticks();
    }

    void tick() {
        telling.dispatch(TcpEvent.Tick.INSTANCE);
    }

    // ---------------------------------------------------------------- timers

    @Override
    public Optional<Duration> setTimer(Duration delay) {
        Optional<Duration> before = timer();
        life.setTimer(delay);
        return before;
    }

    @Override
    public Optional<Instant> setTimer(Instant instant) {
        Instant now = manager.wallTime();
        return setTimer(Duration.between(now, instant)).map(now::plus);
    }

    @Override
    public Optional<Duration> clearTimer() {
        Optional<Duration> before = timer();
        life.forgetTimer();
        return before;
    }

    @Override
    public Optional<Duration> timer() {
        manager.checkThread("Connection timer");
        UserTimer timer = life.userTimer();
        return timer == null ? Optional.empty() : timer.left();
    }

    // ---------------------------------------------------------------- the public face

    @Override
    public Connection send(byte[] bytes) {
        manager.checkThread("Connection.send");
        out.send(bytes);
        return this;
    }

    @Override
    public Connection send(ByteBuffer bytes) {
        manager.checkThread("Connection.send");
        out.send(bytes);
        return this;
    }

    @Override
    public boolean offer(int head, int headBytes, ByteBuffer payload, int spare) {
        return out.offer(head, headBytes, payload, spare);
    }

    @Override
    public boolean writeShared(ByteBuffer shared, int spare) {
        return out.writeShared(shared, spare);
    }

    @Override
    public int sendLimit() {
        return options.sendLimit();
    }

    @Override
    public boolean expectDrained() {
        return out.expectDrained();
    }

    @Override
    public void keep(Bytes shared, int from) {
        out.send(shared, from);
    }

    @Override
    public Connection send(Bytes bytes) {
        if (manager.inLoop()) {
            out.send(bytes, 0);
        } else {
            out.sendFromElsewhere(bytes);
        }
        return this;
    }

    @Override
    public Connection send(CharSequence text) {
        return send(Bytes.utf8(text));
    }

    @Override
    public Connection sendf(String format, @Nullable Object... arguments) {
        return send(String.format(Locale.ROOT, format, arguments));
    }

    @Override
    public Connection send(ReceiveBuffer source) {
        manager.checkThread("Connection.send");
        if (source instanceof ReceiveQueue queue) {
            out.send(queue);
        } else {
            out.send(source.view());
            source.discard(source.size());
        }
        return this;
    }

    @Override
    public Connection send(FileRegion region) {
        manager.checkThread("Connection.send");
        if (!region.claim()) {
            throw new IllegalStateException("cannot send " + region + ": it was sent or closed before");
        }
        out.send(region);
        return this;
    }

    @Override
    public long pendingFileBytes() {
        manager.checkThread("Connection.pendingFileBytes");
        OutboundFiles files = out.files();
        return files == null ? 0 : files.bytesInFiles();
    }

    @Override
    public int pendingBytes() {
        manager.checkThread("Connection.pendingBytes");
        memory().settle();
        return out.pending();
    }

    @Override
    public boolean isWritable() {
        manager.checkThread("Connection.isWritable");
        memory().settle();
        return isOpen() && out.isOpen() && !out.isAboveMark();
    }

    @Override
    public void requestWritable() {
        manager.checkThread("Connection.requestWritable");
        out.requireOpen();
        telling.askWritable();
    }

    @Override
    public void close() {
        close(options.closeTimeout());
    }

    @Override
    public void close(Duration timeout) {
        long nanos = Nanos.of(timeout);
        if (nanos < 0) {
            throw new IllegalArgumentException("timeout must not be negative: " + timeout);
        }
        life.close(nanos);
    }

    @Override
    public void abort() {
        life.abort();
    }

    @Override
    public void abort(ConnectionError why) {
        life.abort(Objects.requireNonNull(why, "why"));
    }

    @Override
    public void shutdownOutput() {
        manager.checkThread("Connection.shutdownOutput");
        out.shutdown();
        if (in.hasEnded()) {
            life.close(Nanos.of(options.closeTimeout())); // both directions end: nothing is left but a deadline
        }
    }

    @Override
    public void startTls(TlsOptions tls) {
        startTls(tls, acceptor == null ? TlsRole.CLIENT : TlsRole.SERVER);
    }

    @Override
    public void startTls(TlsOptions tls, TlsRole role) {
        manager.checkThread("Connection.startTls");
        if (!isOpen() || !out.isOpen() || in.hasEnded()) {
            throw new ConnectionClosedException(this + ": cannot start TLS in state " + state()
                    + ", only in OPEN and while neither direction has ended");
        }
        if (life.tlsWasStarted()) {
            throw new IllegalStateException(this + ": TLS was started already");
        }
        if (out.files() != null) {
            throw new IllegalStateException(this + ": cannot start TLS while a file waits to leave in clear");
        }
        life.startTls(Securing.of(manager, tls, role, this));
    }

    @Override
    public boolean isSecured() {
        manager.checkThread("Connection.isSecured");
        return life.tls() != null;
    }

    @Override
    public Optional<TlsSession> tlsSession() {
        manager.checkThread("Connection.tlsSession");
        return Optional.ofNullable(life.tls()).map(TlsEngine::describe);
    }

    @Override
    public void pauseReading() {
        manager.checkThread("Connection.pauseReading");
        in.pause();
    }

    @Override
    public void resumeReading() {
        manager.checkThread("Connection.resumeReading");
        in.resume();
    }

    @Override
    public boolean isReadingPaused() {
        manager.checkThread("Connection.isReadingPaused");
        return in.isPaused();
    }

    @Override
    public ReceiveBuffer receiveBuffer() {
        manager.checkThread("Connection.receiveBuffer");
        return in.lend();
    }

    @Override
    public Handler handler() {
        manager.checkThread("Connection.handler");
        return telling.handler();
    }

    @Override
    public void replaceHandler(Handler replacement) {
        manager.checkThread("Connection.replaceHandler");
        telling.exchange(Objects.requireNonNull(replacement, "replacement"));
    }

    @Override
    public void configure(ConnectionOptions newOptions) {
        manager.checkThread("Connection.configure");
        Objects.requireNonNull(newOptions, "options");
        if (life.handle() != null) {
            ticker().joined(newOptions); // first, or the only listener would start the interval anew
            ticker().left(options);
        }
        options = newOptions;
        in.limitChanged(newOptions.receiveLimit());
        out.checkMarks();
        updateInterest();
    }

    @Override
    public ConnectionOptions options() {
        manager.checkThread("Connection.options");
        return options;
    }

    @Override
    public long id() {
        return id;
    }

    @Override
    public EventManager manager() {
        return manager;
    }

    @Override
    public Optional<Acceptor> acceptor() {
        return Optional.ofNullable(acceptor);
    }

    @Override
    public ConnectionState state() {
        return life.state();
    }

    @Override
    public Optional<CloseReason> closeReason() {
        manager.checkThread("Connection.closeReason");
        return Optional.ofNullable(life.reason());
    }

    @Override
    public SocketAddress localAddress() {
        manager.checkThread("Connection.localAddress");
        return life.localAddress();
    }

    @Override
    public Optional<PeerCredentials> peerCredentials() {
        manager.checkThread("Connection.peerCredentials");
        return life.peerCredentials();
    }

    @Override
    public Optional<NetworkChannel> channel() {
        manager.checkThread("Connection.channel");
        return life.channel();
    }

    @Override
    public SocketAddress remoteAddress() {
        manager.checkThread("Connection.remoteAddress");
        return life.remoteAddress();
    }

    @Override
    public CompletableFuture<Optional<String>> remoteHostName() {
        manager.checkThread("Connection.remoteHostName");
        return life.remoteAddress() instanceof InetSocketAddress inet && inet.getAddress() != null
                ? manager.names().hostName(inet.getAddress())
                : CompletableFuture.completedFuture(Optional.empty());
    }

    @Override
    public Instant lastIo() {
        manager.checkThread("Connection.lastIo");
        return manager.wallTime().minusNanos(manager.loop().now() - lastIoNanos);
    }

    @Override
    public void attach(@Nullable Object newAttachment) {
        manager.checkThread("Connection.attach");
        attachment = newAttachment;
    }

    @Override
    public <T> @Nullable T attachment(Class<T> type) {
        manager.checkThread("Connection.attachment");
        return type.cast(attachment);
    }

    @Override
    public void addTap(Tap tap) {
        manager.checkThread("Connection.addTap");
        life.addTap(Objects.requireNonNull(tap, "tap"));
    }

    @Override
    public void removeTap(Tap tap) {
        manager.checkThread("Connection.removeTap");
        life.removeTap(tap);
    }

    @Override
    public Optional<Connection> connection() {
        return Optional.of(this);
    }

    @Override
    public String name() {
        return toString();
    }

    @Override
    public boolean isInbound() {
        return acceptor != null;
    }

    @Override
    public String local() {
        return AddressText.of(life.localAddress());
    }

    @Override
    public String remote() {
        return AddressText.of(life.remoteAddress());
    }

    /** Stable text without addresses, so that traces can be compared. */
    @Override
    public String toString() {
        return manager.options().name() + "/conn-" + id;
    }
}
