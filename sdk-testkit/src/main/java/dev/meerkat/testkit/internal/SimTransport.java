package dev.meerkat.testkit.internal;

import dev.meerkat.runtime.DatagramHandle;
import dev.meerkat.runtime.ListenerHandle;
import dev.meerkat.runtime.SocketOptions;
import dev.meerkat.runtime.StreamHandle;
import dev.meerkat.runtime.Transport;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * The sockets of one manager on a virtual host. It never waits: {@link #poll} reports what is ready at this instant,
 * and the {@link Waker} hears when there is something to poll for.
 */
public final class SimTransport implements Transport {
    /** Hears of what concerns the driver of the loop. */
    public interface Waker {
        /** A handle has become ready. */
        void onReady();

        /** The loop has work that did not come from a handle, or another deadline. May be called from any thread. */
        void onWake();
    }

    private final Host host;
    private final Waker waker;
    private final int scratchBytes;
    private final boolean explores;
    private final Oracle.Stream order;
    private final ArrayList<SimHandle> noted = new ArrayList<>();
    private boolean scratchLent;
    private boolean closed;

    /**
     * Makes a transport.
     *
     * @param host whose sockets they are
     * @param name of the loop, for the choices it makes
     * @param scratchBytes the size of the buffer that its loop reads through, which it shares with all others
     * @param waker hears of work
     */
    public SimTransport(Host host, String name, int scratchBytes, Waker waker) {
        this.host = host;
        this.waker = waker;
        this.scratchBytes = scratchBytes;
        this.explores = host.network().oracle().explores();
        this.order = host.network().oracle().stream("ready", name);
    }

    /** A handle has become ready for something it is interested in. */
    void note(SimHandle handle) {
        handle.noted = true;
        noted.add(handle);
        waker.onReady();
    }

    /**
     * Tells whether a poll would report anything.
     *
     * @return whether a handle is ready
     */
    public boolean hasReady() {
        forgetIdle();
        return !noted.isEmpty();
    }

    private void forgetIdle() {
        int kept = 0;
        for (int i = 0; i < noted.size(); i++) {
            SimHandle handle = noted.get(i);
            if (handle.isOpen() && (handle.interest() & handle.readiness()) != 0) {
                noted.set(kept++, handle);
            } else {
                handle.noted = false;
            }
        }
        noted.subList(kept, noted.size()).clear();
    }

    @Override
    public void poll(long waitNanos, ReadySink sink) throws IOException {
        checkOpen();
        if (noted.isEmpty()) {
            return;
        }
        forgetIdle();
        if (explores) {
            shuffle();
        }
        for (int i = 0; i < noted.size(); i++) {
            SimHandle handle = noted.get(i);
            sink.ready(handle, handle.interest() & handle.readiness());
        }
    }

    private void shuffle() {
        for (int i = 0; i + 1 < noted.size(); i++) {
            int other = i + order.choose(noted.size() - i);
            if (other != i) {
                Collections.swap(noted, i, other);
            }
        }
    }

    @Override
    public void wake() {
        waker.onWake();
    }

    @Override
    public StreamHandle connect(SocketAddress remote, SocketOptions options) throws IOException {
        checkOpen();
        return host.connect(remote, options, this);
    }

    @Override
    public ListenerHandle listen(SocketAddress local, SocketOptions options) throws IOException {
        checkOpen();
        return host.listen(local, options, this);
    }

    @Override
    public DatagramHandle datagram(SocketAddress local, SocketOptions options) throws IOException {
        checkOpen();
        return host.datagram(local, options, this);
    }

    @Override
    public StreamHandle adopt(SocketChannel channel, SocketOptions options) {
        throw noChannels(channel);
    }

    @Override
    public ListenerHandle adopt(ServerSocketChannel channel, SocketOptions options) {
        throw noChannels(channel);
    }

    @Override
    public DatagramHandle adopt(DatagramChannel channel, SocketOptions options) {
        throw noChannels(channel);
    }

    private UnsupportedOperationException noChannels(Channel channel) {
        return new UnsupportedOperationException("cannot adopt " + channel + ": " + host.name()
                + " is a simulated host, which has no channels of the system; listen and connect there instead");
    }

    @Override
    public ByteBuffer allocate(int bytes) {
        if (bytes == scratchBytes && !scratchLent) {
            scratchLent = true;
            return host.network().scratch(bytes);
        }
        return ByteBuffer.allocate(bytes);
    }

    @Override
    public boolean spreadsPort() {
        return true;
    }

    @Override
    public Set<Capability> capabilities() {
        return Collections.unmodifiableSet(EnumSet.of(
                Capability.ABORT, Capability.DATAGRAM, Capability.MULTICAST, Capability.REUSE_PORT, Capability.UNIX));
    }

    /**
     * The sockets of this transport that are open.
     *
     * @return in the order in which they were opened
     */
    public List<SimHandle> openHandles() {
        ArrayList<SimHandle> mine = new ArrayList<>();
        for (SimHandle handle : host.openHandles()) {
            if (handle.transport() == this) {
                mine.add(handle);
            }
        }
        return mine;
    }

    @Override
    public void close() throws IOException {
        closed = true;
        for (SimHandle handle : openHandles()) {
            handle.close();
        }
        noted.clear();
    }

    /**
     * Tells whether the transport was closed.
     *
     * @return whether its calls fail
     */
    public boolean isClosed() {
        return closed;
    }

    private void checkOpen() throws IOException {
        if (closed) {
            throw new IOException("the transport is closed");
        }
    }
}
