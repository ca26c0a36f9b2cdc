package dev.meerkat.internal.blocking;

import dev.meerkat.Acceptor;
import dev.meerkat.BlockingConnection;
import dev.meerkat.Connection;
import dev.meerkat.ConnectionOptions;
import dev.meerkat.ConnectionState;
import dev.meerkat.EventManager;
import dev.meerkat.Handler;
import dev.meerkat.Tap;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.CloseReason;
import dev.meerkat.event.ConnectionError;
import dev.meerkat.event.FileRegion;
import dev.meerkat.event.ReceiveBuffer;
import dev.meerkat.runtime.PeerCredentials;
import dev.meerkat.tls.TlsOptions;
import dev.meerkat.tls.TlsRole;
import dev.meerkat.tls.TlsSession;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.NetworkChannel;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A connection as its own thread sees it. What only the loop may do, the loop does while this thread waits; from other
 * threads every call is passed on as it is, and the connection keeps its rules.
 */
final class FacadeConnection implements BlockingConnection {
    private final Connection real;
    private final Conversation conversation;
    private final InputStream in;
    private final OutputStream out;

    FacadeConnection(Connection real, Conversation conversation) {
        this.real = real;
        this.conversation = conversation;
        this.in = new ConnectionInput(this, conversation);
        this.out = new ConnectionOutput(this, conversation);
    }

    // ---------------------------------------------------------------- this thread only

    @Override
    public InputStream in() {
        return in;
    }

    @Override
    public OutputStream out() {
        return out;
    }

    @Override
    public void readTimeout(Duration timeout) {
        conversation.requireOwnThread("BlockingConnection.readTimeout");
        if (timeout.isNegative()) {
            throw new IllegalArgumentException("timeout must not be negative: " + timeout);
        }
        conversation.inbox().readTimeout(timeout);
    }

    @Override
    public void sleep(Duration time) throws InterruptedException {
        conversation.requireOwnThread("BlockingConnection.sleep");
        conversation.sleep(time);
    }

    // ---------------------------------------------------------------- sending

    @Override
    public Connection send(byte[] bytes) {
        return conversation.isOwnThread() ? written(ByteBuffer.wrap(bytes)) : passed(real.send(bytes));
    }

    @Override
    public Connection send(ByteBuffer bytes) {
        return conversation.isOwnThread() ? written(bytes) : passed(real.send(bytes));
    }

    @Override
    public Connection send(Bytes bytes) {
        if (!conversation.isOwnThread()) {
            return passed(real.send(bytes));
        }
        try {
            conversation.out().write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    @Override
    public Connection send(CharSequence text) {
        return send(Bytes.utf8(text));
    }

    @Override
    public Connection send(ReceiveBuffer source) {
        if (!conversation.isOwnThread()) {
            return passed(real.send(source));
        }
        written(source.view());
        source.discard(source.size());
        return this;
    }

    @Override
    public Connection sendf(String format, @Nullable Object... arguments) {
        return send(String.format(Locale.ROOT, format, arguments));
    }

    @Override
    public Connection send(FileRegion region) {
        if (!conversation.isOwnThread()) {
            return passed(real.send(region));
        }
        try {
            conversation.out().write(region);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    private Connection written(ByteBuffer bytes) {
        try {
            conversation.out().write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    private Connection passed(Connection unused) {
        return this;
    }

    @Override
    public void startTls(TlsOptions options) {
        conversation.startTls(() -> real.startTls(options));
    }

    @Override
    public void startTls(TlsOptions options, TlsRole role) {
        conversation.startTls(() -> real.startTls(options, role));
    }

    @Override
    public boolean isSecured() {
        return conversation.call(real::isSecured);
    }

    @Override
    public Optional<TlsSession> tlsSession() {
        return conversation.call(real::tlsSession);
    }

    @Override
    public int pendingBytes() {
        long sum = (long) conversation.call(real::pendingBytes)
                + conversation.out().waiting();
        return (int) Math.min(Integer.MAX_VALUE, sum);
    }

    @Override
    public long pendingFileBytes() {
        return conversation.call(real::pendingFileBytes);
    }

    @Override
    public boolean isWritable() {
        return conversation.call(real::isWritable) && !conversation.out().isShut();
    }

    // ---------------------------------------------------------------- ending

    @Override
    public void close() {
        conversation.close(conversation.asked().closeTimeout());
    }

    @Override
    public void close(Duration timeout) {
        if (timeout.isNegative()) {
            throw new IllegalArgumentException("timeout must not be negative: " + timeout);
        }
        conversation.close(timeout);
    }

    @Override
    public void abort() {
        conversation.aborted();
        real.abort();
    }

    @Override
    public void abort(ConnectionError why) {
        Objects.requireNonNull(why, "why");
        conversation.aborted();
        real.abort(why);
    }

    @Override
    public void shutdownOutput() {
        if (conversation.isOwnThread()) {
            conversation.out().shut();
        }
        conversation.tell(() -> {
            conversation.flushAll();
            real.shutdownOutput();
        });
    }

    // ---------------------------------------------------------------- receiving

    @Override
    public ReceiveBuffer receiveBuffer() {
        return conversation.isOwnThread() ? conversation.inbox().unread() : real.receiveBuffer();
    }

    @Override
    public Handler handler() {
        return conversation.isOwnThread() ? conversation.handler() : real.handler();
    }

    @Override
    public void replaceHandler(Handler replacement) {
        if (conversation.isOwnThread()) {
            Handler before = conversation.handler();
            conversation.handler(Objects.requireNonNull(replacement, "replacement"));
            if (before != replacement) {
                before.onReplaced(this);
            }
            conversation.inbox().announce();
        } else {
            real.replaceHandler(replacement);
        }
    }

    @Override
    public void pauseReading() {
        conversation.tell(() -> real.pauseReading());
    }

    @Override
    public void resumeReading() {
        conversation.tell(() -> real.resumeReading());
    }

    @Override
    public boolean isReadingPaused() {
        return conversation.call(real::isReadingPaused);
    }

    // ---------------------------------------------------------------- what the loop answers

    @Override
    public Optional<CloseReason> closeReason() {
        return conversation.isOwnThread() ? conversation.reason() : real.closeReason();
    }

    @Override
    public SocketAddress localAddress() {
        return conversation.call(real::localAddress);
    }

    @Override
    public SocketAddress remoteAddress() {
        return conversation.call(real::remoteAddress);
    }

    @Override
    public Optional<Duration> setTimer(Duration delay) {
        return conversation.call(() -> real.setTimer(delay));
    }

    @Override
    public Optional<Instant> setTimer(Instant instant) {
        return conversation.call(() -> real.setTimer(instant));
    }

    @Override
    public Optional<Duration> clearTimer() {
        return conversation.call(real::clearTimer);
    }

    @Override
    public Optional<Duration> timer() {
        return conversation.call(real::timer);
    }

    @Override
    public Instant lastIo() {
        return conversation.call(real::lastIo);
    }

    @Override
    public ConnectionOptions options() {
        return conversation.isOwnThread() ? conversation.asked() : real.options();
    }

    @Override
    public void configure(ConnectionOptions options) {
        ConnectionOptions changed = ThreadedConnections.real(options);
        conversation.tell(() -> {
            real.configure(changed);
            conversation.asked(options);
        });
    }

    @Override
    public void attach(@Nullable Object attachment) {
        conversation.tell(() -> real.attach(attachment));
    }

    @Override
    public <T> @Nullable T attachment(Class<T> type) {
        return conversation
                .<Optional<T>>call(() -> Optional.ofNullable(real.attachment(type)))
                .orElse(null);
    }

    @Override
    public Optional<NetworkChannel> channel() {
        return conversation.call(real::channel);
    }

    @Override
    public Optional<PeerCredentials> peerCredentials() {
        return conversation.call(real::peerCredentials);
    }

    @Override
    public CompletableFuture<Optional<String>> remoteHostName() {
        return conversation.call(real::remoteHostName);
    }

    @Override
    public void requestWritable() {
        conversation.tell(real::requestWritable);
    }

    @Override
    public void addTap(Tap tap) {
        conversation.tell(() -> real.addTap(tap));
    }

    @Override
    public void removeTap(Tap tap) {
        conversation.tell(() -> real.removeTap(tap));
    }

    // ---------------------------------------------------------------- any thread

    @Override
    public long id() {
        return real.id();
    }

    @Override
    public EventManager manager() {
        return real.manager();
    }

    @Override
    public Optional<Acceptor> acceptor() {
        return real.acceptor();
    }

    @Override
    public ConnectionState state() {
        return real.state();
    }

    @Override
    public String toString() {
        return real.toString();
    }
}
