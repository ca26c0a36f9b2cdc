package dev.meerkat.internal.connection;

import dev.meerkat.ConnectionClosedException;
import dev.meerkat.ConnectionState;
import dev.meerkat.EventManager;
import dev.meerkat.MulticastException;
import dev.meerkat.Tap;
import dev.meerkat.UdpHandler;
import dev.meerkat.UdpOptions;
import dev.meerkat.UdpSocket;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.CloseReason;
import dev.meerkat.event.CloseReason.Initiator;
import dev.meerkat.event.ConnectionError;
import dev.meerkat.event.ConnectionError.Kind;
import dev.meerkat.event.ReceiveBuffer;
import dev.meerkat.internal.buffer.ReceiveQueue;
import dev.meerkat.internal.loop.EventLoop;
import dev.meerkat.runtime.DatagramHandle;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.NetworkChannel;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What programs see of a UDP socket: checks of threads and arguments; what happens is {@link UdpLife}. */
final class RealUdpSocket extends UdpLife {
    private @Nullable Object attachment;
    /** Any thread: a request to end the socket waits although the mailbox is full. */
    private volatile boolean endOnItsWay;

    RealUdpSocket(RealEventManager manager, long id, UdpOptions options, UdpHandler handler) {
        super(manager, id, options, handler);
    }

    /** Somebody else has bound it, and connected it if there is a peer. */
    void adopted(DatagramHandle taken, @Nullable InetSocketAddress remote) throws IOException {
        peer = remote;
        bound(taken);
    }

    private void closeHere(long timeoutNanos) {
        switch (state()) {
            case RESOLVING, CONNECTING, HANDSHAKING, OPEN -> {
                if (state() != ConnectionState.OPEN && peer() != null) {
                    cancel("closed");
                    return;
                }
                if (!out.isWaiting()) {
                    end(CloseReason.clean(Initiator.LOCAL));
                    return;
                }
                enter(ConnectionState.CLOSING);
                manager.loop().disarm(userTimer);
                manager.loop().arm(closeTimer, manager.loop().deadlineIn(timeoutNanos));
                updateInterest();
            }
            case CLOSING -> {
                long deadline = manager.loop().deadlineIn(timeoutNanos);
                if (deadline < closeTimer.deadlineNanos()) {
                    manager.loop().arm(closeTimer, deadline);
                }
            }
            case LINGERING, CLOSED -> {
                // done
            }
        }
    }

    private void abortHere() {
        if (state().compareTo(ConnectionState.OPEN) < 0 && peer() != null) {
            cancel("aborted");
        } else {
            fail(Initiator.LOCAL, ConnectionError.of(Kind.ABORTED, "aborted by this program"));
        }
    }

    private void cancel(String how) {
        connectFailed(ConnectionError.of(Kind.CANCELLED, how + " by this program before it was opened"));
    }

    /** The manager closes: what fits into the socket leaves. */
    void endWithManager() {
        out.flush(Integer.MAX_VALUE);
        ConnectionError error = ConnectionError.of(Kind.MANAGER_CLOSED, "the event manager was closed");
        if (state().compareTo(ConnectionState.OPEN) < 0 && peer() != null) {
            connectFailed(error);
        } else if (out.isWaiting()) {
            fail(Initiator.MANAGER, error);
        } else {
            end(CloseReason.clean(Initiator.MANAGER));
        }
    }

    private void endFromAnywhere(Runnable ending) {
        if (manager.inLoop()) {
            ending.run();
        } else if (!manager.tryPost(ending) && !endOnItsWay) {
            endOnItsWay = true; // a full mailbox takes one such request
            manager.postInternal(() -> {
                endOnItsWay = false;
                ending.run();
            });
        }
    }

    @Override
    public void close() {
        close(options().closeTimeout());
    }

    @Override
    public void close(Duration timeout) {
        long nanos = Nanos.of(timeout);
        if (nanos < 0) {
            throw new IllegalArgumentException("timeout must not be negative: " + timeout);
        }
        endFromAnywhere(() -> closeHere(nanos));
    }

    @Override
    public void abort() {
        endFromAnywhere(this::abortHere);
    }

    // ---------------------------------------------------------------- timers

    @Override
    public Optional<Duration> setTimer(Duration delay) {
        Optional<Duration> before = timer();
        if (state().compareTo(ConnectionState.OPEN) <= 0) {
            manager.loop().arm(userTimer, manager.loop().deadlineIn(Nanos.of(delay)));
        }
        return before;
    }

    @Override
    public Optional<Duration> clearTimer() {
        Optional<Duration> before = timer();
        manager.loop().disarm(userTimer);
        return before;
    }

    @Override
    public Optional<Duration> timer() {
        manager.checkThread("UdpSocket timer");
        return userTimer.isArmed()
                ? Optional.of(Duration.ofNanos(EventLoop.until(
                        userTimer.deadlineNanos(), manager.loop().now())))
                : Optional.empty();
    }

    // ---------------------------------------------------------------- sending

    private UdpSocket sendHere(@Nullable InetSocketAddress receiver, ByteBuffer payload) {
        manager.checkThread("UdpSocket.send");
        out.check(payload.remaining(), receiver);
        out.send(payload, receiver);
        return this;
    }

    private UdpSocket sendAnywhere(@Nullable InetSocketAddress receiver, Bytes payload) {
        out.check(payload.length(), receiver);
        if (manager.inLoop()) {
            out.send(payload.asByteBuffer(), receiver);
        } else {
            out.sendFromElsewhere(payload, receiver);
        }
        return this;
    }

    private UdpSocket sendHere(@Nullable InetSocketAddress receiver, ReceiveBuffer payload) {
        int count = payload.size();
        if (payload instanceof ReceiveQueue queue) {
            sendHere(receiver, queue.raw());
            queue.consumed(count);
        } else {
            sendHere(receiver, payload.view());
            payload.discard(count);
        }
        return this;
    }

    @Override
    public UdpSocket sendTo(InetSocketAddress receiver, Bytes payload) {
        return sendAnywhere(Objects.requireNonNull(receiver, "target"), payload);
    }

    @Override
    public UdpSocket sendTo(InetSocketAddress receiver, byte[] payload) {
        return sendHere(Objects.requireNonNull(receiver, "target"), ByteBuffer.wrap(payload));
    }

    @Override
    public UdpSocket sendTo(InetSocketAddress receiver, ByteBuffer payload) {
        return sendHere(Objects.requireNonNull(receiver, "target"), payload);
    }

    @Override
    public UdpSocket sendTo(InetSocketAddress receiver, ReceiveBuffer payload) {
        return sendHere(Objects.requireNonNull(receiver, "target"), payload);
    }

    @Override
    public UdpSocket send(Bytes payload) {
        return sendAnywhere(null, payload);
    }

    @Override
    public UdpSocket send(byte[] payload) {
        return sendHere(null, ByteBuffer.wrap(payload));
    }

    @Override
    public UdpSocket send(ByteBuffer payload) {
        return sendHere(null, payload);
    }

    @Override
    public UdpSocket send(ReceiveBuffer payload) {
        return sendHere(null, payload);
    }

    @Override
    public int pendingBytes() {
        manager.checkThread("UdpSocket.pendingBytes");
        return out.pending();
    }

    @Override
    public boolean isWritable() {
        manager.checkThread("UdpSocket.isWritable");
        return isOpen() && !out.isAboveMark();
    }

    // ---------------------------------------------------------------- receiving

    @Override
    public void pauseReading() {
        manager.checkThread("UdpSocket.pauseReading");
        in.pause(true);
    }

    @Override
    public void resumeReading() {
        manager.checkThread("UdpSocket.resumeReading");
        in.pause(false);
    }

    @Override
    public boolean isReadingPaused() {
        manager.checkThread("UdpSocket.isReadingPaused");
        return in.isPaused();
    }

    // ---------------------------------------------------------------- groups

    /** What is asked of the system about a group. */
    private interface GroupCall {
        void on(DatagramHandle socket) throws IOException;
    }

    @Override
    public void join(InetAddress group, String networkInterface) {
        manager.checkThread("UdpSocket.join");
        if (!group.isMulticastAddress()) {
            throw new IllegalArgumentException(group.getHostAddress() + " is not a multicast address");
        }
        if (handle == null || state().compareTo(ConnectionState.OPEN) > 0) {
            throw new ConnectionClosedException(this + ": cannot join a group in state " + state());
        }
        callGroup("join", group, networkInterface, socket -> socket.join(group, networkInterface));
    }

    @Override
    public void leave(InetAddress group, String networkInterface) {
        manager.checkThread("UdpSocket.leave");
        callGroup("leave", group, networkInterface, socket -> socket.leave(group, networkInterface));
    }

    private void callGroup(String what, InetAddress group, String networkInterface, GroupCall call) {
        DatagramHandle socket = handle;
        if (socket == null) {
            return;
        }
        String where = networkInterface.isEmpty() ? "" : " on " + networkInterface;
        String message = this + ": cannot " + what + " " + group.getHostAddress() + where + ": ";
        try {
            call.on(socket);
        } catch (IOException e) {
            throw new MulticastException(message + e.getMessage(), e);
        } catch (UnsupportedOperationException e) {
            throw new MulticastException(message + "not supported here", new IOException(e));
        }
    }

    // ---------------------------------------------------------------- asking

    @Override
    public EventManager manager() {
        return manager;
    }

    @Override
    public Optional<CloseReason> closeReason() {
        manager.checkThread("UdpSocket.closeReason");
        return Optional.ofNullable(reason);
    }

    @Override
    public InetSocketAddress localAddress() {
        manager.checkThread("UdpSocket.localAddress");
        return local;
    }

    @Override
    public Optional<InetSocketAddress> remoteAddress() {
        return Optional.ofNullable(peer());
    }

    @Override
    public Instant lastIo() {
        manager.checkThread("UdpSocket.lastIo");
        return manager.wallTime().minusNanos(manager.loop().now() - lastIoNanos);
    }

    @Override
    public Optional<NetworkChannel> channel() {
        manager.checkThread("UdpSocket.channel");
        DatagramHandle socket = handle;
        return socket == null ? Optional.empty() : socket.networkChannel();
    }

    @Override
    public UdpHandler handler() {
        manager.checkThread("UdpSocket.handler");
        return telling.handler();
    }

    @Override
    public void replaceHandler(UdpHandler replacement) {
        manager.checkThread("UdpSocket.replaceHandler");
        telling.exchange(Objects.requireNonNull(replacement, "replacement"));
    }

    @Override
    public void addTap(Tap tap) {
        manager.checkThread("UdpSocket.addTap");
        Objects.requireNonNull(tap, "tap");
        handle = TappedDatagram.around(this, tap, Tapped.tappable(handle, this, state()));
    }

    @Override
    public void removeTap(Tap tap) {
        manager.checkThread("UdpSocket.removeTap");
        DatagramHandle socket = handle;
        if (socket != null) {
            handle = Tapped.without(socket, tap);
        }
    }

    @Override
    public void attach(@Nullable Object newAttachment) {
        manager.checkThread("UdpSocket.attach");
        attachment = newAttachment;
    }

    @Override
    public <T> @Nullable T attachment(Class<T> type) {
        manager.checkThread("UdpSocket.attachment");
        return type.cast(attachment);
    }
}
