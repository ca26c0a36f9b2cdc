package dev.meerkat.internal.connection;

import dev.meerkat.ConnectionClosedException;
import dev.meerkat.ConnectionState;
import dev.meerkat.DatagramTooLongException;
import dev.meerkat.ManagerClosedException;
import dev.meerkat.SendLimitException;
import dev.meerkat.UdpSocket;
import dev.meerkat.event.Bytes;
import dev.meerkat.runtime.DatagramHandle;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What a UDP socket sends: at once if the system takes it, otherwise from a bounded queue in which every datagram stays
 * what it is.
 */
final class UdpOutbound {
    private static final int MOST_OVER_IPV6 = 65_527;

    /** A datagram that waits; without a target it is for the peer. */
    private record Waiting(ByteBuffer payload, @Nullable InetSocketAddress target) {
        int cost() {
            return payload.remaining() + UdpSocket.DATAGRAM_OVERHEAD;
        }
    }

    private final UdpLife socket;
    private @Nullable ArrayDeque<Waiting> queue;
    private int pending;
    private boolean aboveMark;
    /** Any thread: how much is on its way through the mailbox. */
    private final AtomicInteger hopping = new AtomicInteger();

    UdpOutbound(UdpLife socket) {
        this.socket = socket;
    }

    int pending() {
        return pending;
    }

    boolean isWaiting() {
        return pending > 0;
    }

    boolean isAboveMark() {
        return aboveMark;
    }

    // ---------------------------------------------------------------- accepting

    /** Any thread. */
    void check(int length, @Nullable InetSocketAddress target) {
        ConnectionState state = socket.state();
        if (state.compareTo(ConnectionState.OPEN) > 0) {
            throw new ConnectionClosedException(socket + ": cannot send in state " + state);
        }
        InetSocketAddress peer = socket.peer();
        if (target == null ? peer == null : peer != null) {
            throw new IllegalStateException(
                    peer == null
                            ? socket + " has no peer: say whom to send to"
                            : socket + " is connected to " + Sockets.text(peer) + " and sends to nobody else");
        }
        InetSocketAddress receiver = target == null ? peer : target;
        if (target != null && (target.isUnresolved() || target.getPort() == 0)) {
            throw new IllegalArgumentException(socket + ": cannot send to " + Sockets.text(target) + ", "
                    + (target.isUnresolved() ? "whose name has not been looked up" : "which is no port"));
        }
        boolean ipv4 = receiver != null && receiver.getAddress() instanceof Inet4Address;
        int most = ipv4 ? DatagramHandle.MAX_PAYLOAD_BYTES : MOST_OVER_IPV6;
        if (length > most) {
            throw new DatagramTooLongException(socket + ": cannot send " + length + " bytes in one datagram, at most "
                    + most + " over " + (ipv4 ? "IPv4" : "IPv6"));
        }
    }

    /** Sends what {@link #check} has let pass; the buffer is the caller's again when this returns. */
    void send(ByteBuffer payload, @Nullable InetSocketAddress target) {
        DatagramHandle handle = socket.handle();
        if (handle != null && pending == 0 && transmit(handle, payload, target)) {
            return;
        }
        int cost = payload.remaining() + UdpSocket.DATAGRAM_OVERHEAD;
        int limit = socket.options().sendLimit();
        if (cost > limit - pending) {
            throw new SendLimitException(socket + ": cannot send " + payload.remaining() + " bytes, " + pending
                    + " of at most " + limit + " are waiting already, and a datagram counts "
                    + UdpSocket.DATAGRAM_OVERHEAD + " more than its payload");
        }
        ArrayDeque<Waiting> waiting = queue;
        if (waiting == null) {
            waiting = new ArrayDeque<>();
            queue = waiting;
        }
        ByteBuffer copy = ByteBuffer.allocate(payload.remaining());
        waiting.add(new Waiting(copy.put(payload).flip(), target));
        pending += cost;
        if (!aboveMark && pending > socket.options().highWaterMark()) {
            aboveMark = true;
            socket.telling.stalled();
        }
        socket.updateInterest();
    }

    /** Any thread but the loop's. */
    void sendFromElsewhere(Bytes payload, @Nullable InetSocketAddress target) {
        int cost = payload.length() + UdpSocket.DATAGRAM_OVERHEAD;
        int limit = socket.options().sendLimit();
        int before = hopping.getAndAdd(cost);
        if (cost > limit - before) {
            hopping.addAndGet(-cost);
            throw new SendLimitException(socket + ": cannot send " + payload.length() + " bytes from another thread, "
                    + before + " of at most " + limit + " are on their way to the loop already");
        }
        SharedMemory memory = socket.owner().memory();
        if (!memory.reserveHop(cost)) {
            hopping.addAndGet(-cost);
            throw new SendLimitException(socket + ": cannot send " + payload.length()
                    + " bytes from another thread, at most "
                    + socket.owner().options().mailboxBytesLimit() + " of all sockets may be on their way to the loop");
        }
        try {
            socket.owner().post(() -> arrive(payload, target, cost));
        } catch (RejectedExecutionException e) {
            release(cost);
            throw new SendLimitException(socket + ": cannot send from another thread: " + e.getMessage());
        } catch (ManagerClosedException e) {
            release(cost);
            throw new ConnectionClosedException(socket + ": cannot send, " + e.getMessage());
        }
    }

    private void arrive(Bytes payload, @Nullable InetSocketAddress target, int cost) {
        release(cost);
        if (socket.state().compareTo(ConnectionState.OPEN) > 0) {
            return; // ended meanwhile: lost like a datagram on its way
        }
        try {
            send(payload.asByteBuffer(), target);
        } catch (SendLimitException e) {
            socket.telling.sendFailed(target, payload.length(), e);
        }
    }

    private void release(int cost) {
        hopping.addAndGet(-cost);
        socket.owner().memory().releaseHop(cost);
    }

    // ---------------------------------------------------------------- handing over

    /** Sends what waits, as far as the system takes it and the turn allows. */
    void flush(int atMost) {
        DatagramHandle handle = socket.handle();
        ArrayDeque<Waiting> waiting = queue;
        if (handle == null || waiting == null) {
            return;
        }
        for (int i = 0; i < atMost; i++) {
            Waiting first = waiting.peek();
            if (first == null) {
                break;
            }
            int cost = first.cost();
            if (!transmit(handle, first.payload, first.target)) {
                break;
            }
            waiting.remove();
            pending -= cost;
        }
        if (waiting.isEmpty()) {
            queue = null; // a socket at rest holds none
        }
        if (aboveMark && pending <= socket.options().lowWaterMark()) {
            aboveMark = false;
            socket.telling.drained();
        }
    }

    /**
     * Hands one datagram to the system. A failure is told and counts as done.
     *
     * @return false if the system has no room; of an empty datagram nobody can tell, and it counts as sent
     */
    private boolean transmit(DatagramHandle handle, ByteBuffer payload, @Nullable InetSocketAddress target) {
        int length = payload.remaining();
        try {
            if (hand(handle, payload, target) == 0 && length > 0) {
                return false;
            }
            socket.telling.sent(length);
        } catch (IOException | RuntimeException e) { // an address of a family that this socket has not is the latter
            payload.position(payload.limit());
            socket.telling.sendFailed(target, length, e);
        }
        return true;
    }

    private int hand(DatagramHandle handle, ByteBuffer payload, @Nullable InetSocketAddress target) throws IOException {
        if (target != null) {
            return handle.send(payload, target);
        }
        try {
            return handle.write(payload);
        } catch (PortUnreachableException ofAnEarlierOne) {
            socket.telling.portUnreachable();
            return handle.write(payload);
        }
    }

    void discard() {
        queue = null;
        pending = 0;
        aboveMark = false;
    }
}
