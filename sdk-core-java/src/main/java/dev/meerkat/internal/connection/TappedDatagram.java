package dev.meerkat.internal.connection;

import dev.meerkat.ErrorHook;
import dev.meerkat.EventManager;
import dev.meerkat.Tap;
import dev.meerkat.runtime.DatagramHandle;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.NetworkChannel;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A datagram socket with the manager's taps on it, which see every datagram that is received or taken by the system. As
 * {@link TappedStream}, there is none where nobody looks.
 */
final class TappedDatagram implements DatagramHandle, Tap.Wire {
    private final UdpLife socket;
    private final DatagramHandle under;
    /** Those that have not failed. */
    private final List<Tap> taps;

    private final SocketAddress local;
    /** Of the datagram at hand. */
    private SocketAddress remote;

    private TappedDatagram(UdpLife socket, DatagramHandle under, List<Tap> taps) throws IOException {
        this.socket = socket;
        this.under = under;
        this.taps = new ArrayList<>(taps);
        this.local = under.localAddress();
        InetSocketAddress peer = socket.peer();
        this.remote = peer != null ? peer : new InetSocketAddress(0);
    }

    /** Puts the taps of the manager's options on, if there are some. */
    static DatagramHandle around(UdpLife socket, DatagramHandle under) throws IOException {
        List<Tap> taps = socket.owner().options().observe().taps();
        if (taps.isEmpty()) {
            return under;
        }
        TappedDatagram made = new TappedDatagram(socket, under, taps);
        made.tell(tap -> tap.marked(made, Tap.Mark.JOINED));
        return made;
    }

    // ---------------------------------------------------------------- telling the taps

    /** A tap that fails harms nobody, and is heard of once. */
    private void tell(Consumer<Tap> what) {
        for (Iterator<Tap> each = taps.iterator(); each.hasNext(); ) {
            try {
                what.accept(each.next());
            } catch (Throwable e) {
                each.remove();
                socket.owner().report(ErrorHook.Source.TAP, Optional.empty(), e);
            }
        }
    }

    private void received(SocketAddress sender, ByteBuffer payload) {
        remote = sender;
        tell(tap -> tap.received(this, payload.duplicate()));
    }

    /** A datagram leaves whole or not at all. */
    private void sent(@Nullable SocketAddress receiver, ByteBuffer payload, int count) {
        if (count == payload.remaining()) {
            remote = receiver != null ? receiver : remote;
            tell(tap -> tap.sent(this, payload.duplicate()));
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
    public void close() throws IOException {
        tell(tap -> tap.marked(this, Tap.Mark.CLOSED));
        under.close();
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

    @Override
    public void attach(@Nullable Object attachment) {
        under.attach(attachment);
    }

    @Override
    public @Nullable Object attachment() {
        return under.attachment();
    }

    @Override
    public void interest(int ops) {
        under.interest(ops);
    }

    @Override
    public Optional<NetworkChannel> networkChannel() {
        return under.networkChannel();
    }

    @Override
    public boolean isOpen() {
        return under.isOpen();
    }

    // ---------------------------------------------------------------- the wire

    @Override
    public long id() {
        return socket.id();
    }

    @Override
    public EventManager manager() {
        return socket.owner();
    }

    @Override
    public boolean isDatagram() {
        return true;
    }

    @Override
    public boolean isInbound() {
        return socket.peer() == null;
    }

    @Override
    public SocketAddress localAddress() {
        return local;
    }

    @Override
    public SocketAddress remoteAddress() {
        return remote;
    }

    @Override
    public Instant time() {
        return socket.owner().wallTime();
    }

    /** Stable text without addresses, as the socket's own. */
    @Override
    public String toString() {
        return socket.toString();
    }
}
