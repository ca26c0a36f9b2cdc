package dev.meerkat.internal.connection;

import dev.meerkat.event.CloseReason.Initiator;
import dev.meerkat.event.ConnectionError;
import dev.meerkat.event.UdpEvent;
import dev.meerkat.internal.buffer.ReceiveQueue;
import dev.meerkat.runtime.DatagramHandle;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What a UDP socket receives: some datagrams a turn, one event each, lent to the handler out of the buffer that all
 * sockets of the manager read through. It has room for one byte more than the limit, which tells a datagram that was
 * cut from one that fits exactly.
 */
final class UdpInbound {
    /** A socket that can do nothing but fail, without a datagram in between, is broken. */
    private static final int MOST_FAILURES = 16;

    private final UdpLife socket;
    private @Nullable ByteBuffer own;
    private boolean paused;
    private int failures;

    UdpInbound(UdpLife socket) {
        this.socket = socket;
    }

    boolean isPaused() {
        return paused;
    }

    void pause(boolean value) {
        paused = value;
        socket.updateInterest();
    }

    void read() {
        int most = socket.options().datagramsPerTurn();
        for (int i = 0; i < most && !paused; i++) {
            DatagramHandle handle = socket.handle();
            if (handle == null || !socket.isOpen() || !readOne(handle)) {
                return;
            }
        }
    }

    private boolean readOne(DatagramHandle handle) {
        int limit = socket.options().datagramLimit();
        ByteBuffer buffer = buffer(limit + 1);
        SocketAddress sender;
        try {
            sender = handle.receive(buffer.clear().limit(limit + 1));
        } catch (PortUnreachableException e) {
            socket.telling.tellPortUnreachable();
            return true;
        } catch (IOException e) {
            failed(e);
            return false;
        }
        if (sender == null) {
            return false;
        }
        failures = 0;
        boolean truncated = buffer.position() > limit;
        ByteBuffer payload = buffer.flip().limit(Math.min(buffer.limit(), limit));
        socket.telling.received(payload.remaining());
        deliver((InetSocketAddress) sender, payload, truncated);
        return true;
    }

    private void deliver(InetSocketAddress sender, ByteBuffer payload, boolean truncated) {
        SharedMemory memory = socket.owner().memory();
        ReceiveQueue lent = memory.lentQueue();
        lent.lend(payload);
        try {
            socket.telling.dispatch(new UdpEvent.Received(sender, lent, truncated));
        } finally {
            memory.endLoan();
        }
    }

    private ByteBuffer buffer(int bytes) {
        ByteBuffer shared = socket.owner().memory().scratch();
        if (shared.capacity() >= bytes) {
            return shared;
        }
        ByteBuffer mine = own;
        if (mine == null) {
            mine = socket.owner().runtime().transport().allocate(bytes);
            own = mine;
        }
        return mine;
    }

    private void failed(IOException failure) {
        ConnectionError error = IoErrors.ofTransfer("receiving", failure);
        socket.telling.failed(error);
        if (++failures >= MOST_FAILURES) {
            socket.fail(Initiator.NETWORK, error);
        } else {
            socket.telling.dispatch(new UdpEvent.ReceiveFailed(error));
        }
    }
}
