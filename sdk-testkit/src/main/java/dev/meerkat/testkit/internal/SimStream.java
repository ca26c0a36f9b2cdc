package dev.meerkat.testkit.internal;

import dev.meerkat.runtime.PeerCredentials;
import dev.meerkat.runtime.SocketOptions;
import dev.meerkat.runtime.StreamHandle;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetConnectedException;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One end of a virtual TCP connection. What it answers, and with which exception, is what a {@code SocketChannel} on
 * Linux answers; the conformance suite holds both against the same list.
 *
 * <pre>
 *   CONNECTING --&gt; CONNECTED --&gt; DEAD (reset, or given up)
 *        \-------&gt; FAILED
 * </pre>
 *
 * Closing by ourselves is possible in each of them and is told by {@link #isOpen()}.
 */
public final class SimStream extends SimHandle implements StreamHandle {
    private enum Phase {
        CONNECTING,
        CONNECTED,
        FAILED,
        DEAD
    }

    private final SocketAddress remote;
    private final SocketOptions options;
    private Phase phase = Phase.CONNECTING;
    private PendingError pending = PendingError.NONE;
    private @Nullable IOException connectFailure;
    private @Nullable Pipe out;
    private @Nullable Pipe in;
    private @Nullable SimStream peer;
    private @Nullable Handshake handshake;
    private boolean initiator;
    private @Nullable KeepAlive keepAlive;
    /** As whom its program ran when this end was made. */
    private final PeerCredentials madeBy;
    /** When a packet of the peer last arrived. */
    private long lastHeard;

    private boolean connectReported;
    private boolean outputShutdown;
    private boolean inputShutdown;
    /** The other end of a Unix domain socket is closed, which is known at once. */
    private boolean peerGone;
    /** A reading call saw the reset; the JDK then answers so for ever. */
    private boolean resetSeen;

    SimStream(Host host, SocketAddress local, SocketAddress remote, SocketOptions options) {
        super(host, local, "socket", host.nextStream());
        this.remote = remote;
        this.madeBy = host.files().user();
        this.options = options;
    }

    /** Makes the end that a listener will accept, and the two pipes between it and this one. */
    SimStream meet(Host listening, SocketAddress listeningLocal, SocketOptions listeningOptions) {
        SimStream other = new SimStream(listening, listeningLocal, address(), listeningOptions);
        other.phase = Phase.CONNECTED;
        other.lastHeard = network.scheduler().now();
        other.connectReported = true;
        peer = other;
        other.peer = this;
        out = pipe(this, other);
        other.in = out;
        in = pipe(other, this);
        other.out = in;
        return other;
    }

    private static Pipe pipe(SimStream from, SimStream to) {
        Network network = from.network;
        return new Pipe(
                network,
                from,
                to,
                network.route(from.host, to.host),
                network.sendCapacity(from.options.sendBufferBytes()),
                network.receiveCapacity(to.options.receiveBufferBytes()));
    }

    /** Begins to connect. */
    void connect() {
        Handshake made = new Handshake(network, this);
        handshake = made;
        initiator = true;
        interest(CONNECT);
        network.record(this, "connect", peerAddress().getPort(), 0);
        made.start();
    }

    /**
     * Connects to a Unix domain socket, which is done at once or not at all. That it is done is reported as for any
     * other socket.
     */
    void connectUnix(SimListener listener) throws SocketException {
        if (!listener.hasRoom()) {
            markClosed();
            throw new SocketException("Resource temporarily unavailable");
        }
        SimStream server = meet(host, remote, listener.options());
        server.watchedBy(listener.transport());
        listener.expect(server);
        interest(CONNECT);
        network.record(this, "connect", 0, 0);
        onConnected();
        listener.established(server);
    }

    // ---- what the network reports

    void onConnected() {
        phase = Phase.CONNECTED;
        handshake = null;
        lastHeard = network.scheduler().now();
        network.record(this, "connected", 0, 0);
        NetworkCapture capture = network.capture();
        if (capture != null) {
            capture.connected(this);
        }
        changed();
    }

    void onConnectFailed(IOException failure) {
        phase = Phase.FAILED;
        handshake = null;
        connectFailure = failure;
        network.record(this, "connect failed", 0, 0);
        changed();
    }

    boolean isConnecting() {
        return phase == Phase.CONNECTING && isOpen();
    }

    void onInput() {
        lastHeard = network.scheduler().now();
        changed();
    }

    /** Whether packets of the peer can arrive, and ours there, has changed. */
    void reachabilityChanged() {
        SimStream other = peer;
        if (other == null || !options.keepAlive()) {
            return;
        }
        boolean unreachable = takesInput()
                && (network.route(host, other.host).isLossy()
                        || network.route(other.host, host).isLossy());
        if (unreachable && keepAlive == null) {
            keepAlive = new KeepAlive(this);
            long now = network.scheduler().now();
            network.scheduler().at(keepAlive, KeepAlive.giveUpAt(now, lastHeard));
        } else if (!unreachable) {
            endKeepAlive();
        }
    }

    private void endKeepAlive() {
        KeepAlive pendingProbes = keepAlive;
        keepAlive = null;
        if (pendingProbes != null) {
            network.scheduler().cancel(pendingProbes);
        }
    }

    void onProgress() {
        changed();
    }

    void onReset() {
        die(in().isFinished() ? PendingError.BROKEN_PIPE : PendingError.RESET, "reset");
    }

    void onTimedOut() {
        die(PendingError.TIMED_OUT, "timed out");
    }

    private void die(PendingError error, String kind) {
        if (phase != Phase.CONNECTED) {
            return;
        }
        phase = Phase.DEAD;
        endKeepAlive();
        out().stop();
        in().stop();
        if (isOpen()) {
            pending = error;
            network.record(this, kind, 0, 0);
            changed();
        }
    }

    Host boundHost() {
        return host;
    }

    /** Where the other end is, once there is one. */
    Host peerHost() {
        SimStream other = peer;
        if (other == null) {
            throw new IllegalStateException(name() + " is not connected");
        }
        return other.host;
    }

    /** Whether this end connected, and was not accepted. */
    boolean isInitiator() {
        return initiator;
    }

    /** Whether bytes that arrive find somebody. */
    boolean takesInput() {
        return isOpen() && phase == Phase.CONNECTED;
    }

    /** Bytes came for a socket that is gone. */
    void answerWithReset() {
        out().reset();
    }

    /** The host is gone, from one moment to the next. */
    void vanish() {
        if (markClosed()) {
            phase = Phase.DEAD;
            endKeepAlive();
            if (out != null) {
                out().stop();
            }
        }
    }

    // ---- what a test asks

    /**
     * The other end, if it is already made.
     *
     * @return the peer, or null while connecting
     */
    public @Nullable SimStream peer() {
        return peer;
    }

    /**
     * Tells whether this end is open although the peer is gone, and knows it.
     *
     * @return whether only this end is left
     */
    public boolean isOrphan() {
        return isAbandoned() && (phase == Phase.DEAD || in().isFinished());
    }

    /**
     * Tells whether this end is open although the peer is gone, and knows it or will.
     *
     * @return whether only this end is left
     */
    public boolean isAbandoned() {
        if (!isOpen() || phase != Phase.CONNECTED) {
            return isOpen() && phase == Phase.DEAD;
        }
        return peerIsClosed() && !in().isBlocked();
    }

    private boolean peerIsClosed() {
        SimStream other = peer;
        return other != null && !other.isOpen();
    }

    /**
     * Tells whether the end of the input has arrived behind everything that can be read.
     *
     * @return whether the peer's end of output arrived
     */
    public boolean isInputFinished() {
        return phase != Phase.CONNECTING && in != null && in().isFinished();
    }

    /**
     * Why the connection could not be made.
     *
     * @return the failure, or null
     */
    public @Nullable IOException connectFailure() {
        return connectFailure;
    }

    /**
     * Tells whether the connection was made, and has not died since.
     *
     * @return whether it is connected
     */
    public boolean isConnected() {
        return phase == Phase.CONNECTED;
    }

    // ---- StreamHandle

    @Override
    public boolean finishConnect() throws IOException {
        checkOpen();
        IOException failure = connectFailure;
        if (failure != null) {
            markClosed();
            throw failure;
        }
        if (phase == Phase.CONNECTING) {
            return false;
        }
        connectReported = true;
        interest(interest() & ~CONNECT);
        return true;
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        checkConnected();
        if (resetSeen) {
            throw new SocketException("Connection reset");
        }
        if (inputShutdown) {
            return -1;
        }
        if (!target.hasRemaining()) {
            return 0;
        }
        Pipe source = in();
        if (source.available() > 0) {
            return source.read(target);
        }
        if (source.isFinished()) {
            return -1;
        }
        PendingError error = takePending();
        resetSeen = error == PendingError.RESET;
        error.throwWhenReading();
        return phase == Phase.DEAD ? -1 : 0;
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        checkConnected();
        if (outputShutdown) {
            throw new AsynchronousCloseException();
        }
        if (!source.hasRemaining()) {
            return 0;
        }
        throwIfDead();
        return out().write(source);
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, sources.length);
        long total = 0;
        for (int i = offset; i < offset + length; i++) {
            total += write(sources[i]);
            if (sources[i].hasRemaining()) {
                break;
            }
        }
        return total;
    }

    private void throwIfDead() throws IOException {
        takePending().throwWhenWriting();
        if (phase == Phase.DEAD || peerGone) {
            throw new IOException("Broken pipe");
        }
    }

    private PendingError takePending() {
        PendingError error = pending;
        pending = PendingError.NONE;
        return error;
    }

    @Override
    public void becomesTls() {
        out().becomesTls();
    }

    @Override
    public void shutdownOutput() throws IOException {
        checkConnected();
        if (!outputShutdown) {
            outputShutdown = true;
            if (phase == Phase.CONNECTED) {
                out().finish();
            }
            changed();
        }
    }

    @Override
    public void shutdownInput() throws IOException {
        checkConnected();
        inputShutdown = true;
        changed();
    }

    @Override
    public void close() {
        if (!markClosed()) {
            return;
        }
        endKeepAlive();
        cancelHandshake();
        if (phase == Phase.CONNECTED) {
            if (in().hasUnread()) {
                out().reset();
            } else {
                out().finish();
            }
            in().discardUnread();
            network.record(this, "close", 0, 0);
            if (isUnix() && peer != null) {
                peer.peerGone = true;
                peer.changed();
            }
        }
    }

    @Override
    public void abort() {
        if (isUnix()) {
            close(); // knows no reset but that of unread input
        } else {
            reset();
        }
    }

    /** Closes at once and has the peer see a reset, whatever kind of socket this is. */
    void reset() {
        if (!markClosed()) {
            return;
        }
        endKeepAlive();
        cancelHandshake();
        if (phase == Phase.CONNECTED) {
            out().reset();
            in().discardUnread();
            network.record(this, "abort", 0, 0);
        }
    }

    /** A peer that has answered already is told by the handshake; before that nobody knows of us. */
    private void cancelHandshake() {
        Handshake pendingHandshake = handshake;
        if (pendingHandshake != null && phase == Phase.CONNECTING && peer == null) {
            network.scheduler().cancel(pendingHandshake);
        }
    }

    @Override
    public SocketAddress remoteAddress() throws ClosedChannelException {
        checkOpen();
        return remote;
    }

    @Override
    public Optional<PeerCredentials> peerCredentials() throws ClosedChannelException {
        checkConnected();
        SimStream other = peer;
        return isUnix() && other != null ? Optional.of(other.madeBy) : Optional.empty();
    }

    /**
     * The address of the other end, also when this one is closed.
     *
     * @return the peer's address
     */
    public SocketAddress remote() {
        return remote;
    }

    /**
     * The IP address and port of the other end, also when this one is closed. Not for a Unix domain socket.
     *
     * @return the peer's address
     */
    public InetSocketAddress peerAddress() {
        return (InetSocketAddress) remote;
    }

    /**
     * How many written bytes have not reached the receiver's buffer.
     *
     * @return the count
     */
    public int inFlight() {
        return out == null ? 0 : out().inFlight();
    }

    @Override
    int readiness() {
        return switch (phase) {
            case CONNECTING -> 0;
            case FAILED -> CONNECT;
            case DEAD -> (connectReported ? 0 : CONNECT) | READ | WRITE;
            case CONNECTED ->
                (connectReported ? 0 : CONNECT)
                        | (in().available() > 0 || in().isFinished() || inputShutdown ? READ : 0)
                        | (outputShutdown || peerGone || out().isWritable() ? WRITE : 0);
        };
    }

    @Override
    String describe() {
        StringBuilder text = new StringBuilder(name())
                .append("  ")
                .append(host.text(address()))
                .append(" - ")
                .append(network.text(remote));
        text.append("  ").append(phase);
        if (in != null && out != null) {
            text.append("  unread ")
                    .append(in().available())
                    .append(", in flight ")
                    .append(out().inFlight());
            text.append(in().isFinished() ? ", peer has ended" : "").append(outputShutdown ? ", output shut down" : "");
        }
        return text.append(isHeldByTest() ? "  (the test's)" : "").toString();
    }

    private void checkConnected() throws ClosedChannelException {
        checkOpen();
        if (phase == Phase.CONNECTING || phase == Phase.FAILED) {
            throw new NotYetConnectedException();
        }
    }

    private Pipe out() {
        Pipe pipe = out;
        if (pipe == null) {
            throw new IllegalStateException(name() + " is not connected");
        }
        return pipe;
    }

    private Pipe in() {
        Pipe pipe = in;
        if (pipe == null) {
            throw new IllegalStateException(name() + " is not connected");
        }
        return pipe;
    }
}
