package dev.meerkat.internal.connection;

import dev.meerkat.Tap;
import dev.meerkat.runtime.DatagramHandle;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A datagram socket with a tap on it, which sees every datagram that is received or taken by the system. */
final class TappedDatagram extends Tapped<DatagramHandle> implements DatagramHandle {
    /** Of the datagram at hand. */
    private SocketAddress remote;

    private TappedDatagram(UdpLife socket, Tap tap, DatagramHandle under) throws IOException {
        super(socket, tap, under);
        InetSocketAddress peer = socket.peer();
        this.remote = peer != null ? peer : new InetSocketAddress(0);
    }

    /** Puts a tap on. */
    static DatagramHandle around(UdpLife socket, Tap tap, DatagramHandle under) {
        try {
            TappedDatagram made = new TappedDatagram(socket, tap, under);
            made.mark(Tap.Mark.JOINED);
            return made;
        } catch (IOException gone) {
            return under; // receiving will tell; there is nothing to see any more
        }
    }

    /** Puts the taps of the manager's options on, if there are some. */
    static DatagramHandle around(UdpLife socket, DatagramHandle under) {
        List<Tap> taps = socket.owner().options().observe().taps();
        DatagramHandle head = under;
        for (int i = taps.size() - 1; i >= 0; i--) {
            head = around(socket, taps.get(i), head);
        }
        return head;
    }

    private void received(SocketAddress sender, ByteBuffer payload) {
        remote = sender;
        if (isOn()) {
            try {
                tap.received(this, payload);
            } catch (Throwable e) {
                failed(e);
            }
        }
    }

    /** A datagram leaves whole or not at all. */
    private void sent(@Nullable SocketAddress receiver, ByteBuffer payload, int count) {
        if (count == payload.remaining() && isOn()) {
            remote = receiver != null ? receiver : remote;
            try {
                tap.sent(this, payload);
            } catch (Throwable e) {
                failed(e);
            }
        }
    }

    // ---------------------------------------------------------------- passing on

    @Override
    public @Nullable SocketAddress receive(ByteBuffer target) throws IOException {
        int start = target.position();
        SocketAddress sender = under.receive(target);
        if (sender != null) {
            received(sender, target.asReadOnlyBuffer().position(start).limit(target.position()));
        }
        return sender;
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        int start = target.position();
        int count = under.read(target);
        if (count > 0) {
            received(remote, target.asReadOnlyBuffer().position(start).limit(start + count));
        }
        return count;
    }

    @Override
    public int send(ByteBuffer source, SocketAddress target) throws IOException {
        ByteBuffer view = source.asReadOnlyBuffer();
        int count = under.send(source, target);
        sent(target, view, count);
        return count;
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        ByteBuffer view = source.asReadOnlyBuffer();
        int count = under.write(source);
        sent(null, view, count);
        return count;
    }

    @Override
    public void connect(SocketAddress peer) throws IOException {
        under.connect(peer);
        remote = peer;
    }

    @Override
    public @Nullable SocketAddress connectedTo() throws IOException {
        return under.connectedTo();
    }

    @Override
    public void broadcast(boolean allowed) throws IOException {
        under.broadcast(allowed);
    }

    @Override
    public void join(InetAddress group, String networkInterface) throws IOException {
        under.join(group, networkInterface);
    }

    @Override
    public void leave(InetAddress group, String networkInterface) throws IOException {
        under.leave(group, networkInterface);
    }

    @Override
    public void multicastInterface(String name) throws IOException {
        under.multicastInterface(name);
    }

    @Override
    public void multicastTtl(int hops) throws IOException {
        under.multicastTtl(hops);
    }

    @Override
    public void multicastLoopback(boolean enabled) throws IOException {
        under.multicastLoopback(enabled);
    }

    // ---------------------------------------------------------------- the wire

    @Override
    public boolean isDatagram() {
        return true;
    }

    @Override
    public SocketAddress remoteAddress() {
        return remote;
    }
}
