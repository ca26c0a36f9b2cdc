package dev.meerkat.internal.nio;

import dev.meerkat.runtime.DatagramHandle;
import dev.meerkat.runtime.Handle;
import dev.meerkat.runtime.ListenerHandle;
import dev.meerkat.runtime.SocketOptions;
import dev.meerkat.runtime.StreamHandle;
import dev.meerkat.runtime.Transport;
import java.io.Closeable;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.DatagramChannel;
import java.nio.channels.NetworkChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.ZoneId;
import java.time.zone.ZoneRules;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The transport on the JDK's channels: one {@link Selector}, and one {@link NioHandle} per socket.
 *
 * <p>A socket starts without interest in anything, but for a connecting stream, which is interested in
 * {@link Handle#CONNECT}.
 *
 * <p>An interrupted thread does not wait: {@link #poll} returns at once and leaves the interrupt status as it is,
 * because it belongs to whoever drives the loop. Sockets work on.
 */
public final class NioTransport implements Transport {
    /**
     * How long {@link #poll} may spin for the sake of precision. A selector counts milliseconds; rounding down wakes
     * too early, rounding up makes a timer late. Up to a tenth of a millisecond, less than what it costs to be put to
     * sleep and woken twice, asking again and again is the better bargain.
     */
    static final long SPIN_NANOS = 100_000;

    /**
     * How many resets leave at once between two polls, the others with the next poll. A release takes a microsecond,
     * but 0.15 ms when 1,024 sockets are ready, so that eight cost the turn about a millisecond at worst.
     */
    private static final int RELEASES_PER_POLL = 8;

    private static final long NANOS_PER_MILLI = 1_000_000;

    private static final ReadySink NOBODY = (handle, ops) -> {};

    private final Selector selector;

    private final Set<Capability> capabilities;

    /** Made once, so that a poll allocates nothing. */
    private final Consumer<SelectionKey> collector = this::collect;

    /** Who receives the ready handles; {@link #NOBODY} except during a poll. */
    private ReadySink sink = NOBODY;

    /** How often sockets were released since the last poll. */
    private int releases;

    private NioTransport(Selector selector, Set<Capability> capabilities) {
        this.selector = selector;
        this.capabilities = capabilities;
    }

    /**
     * Opens a transport.
     *
     * @return a new transport without sockets
     * @throws IOException if the system is out of descriptors
     */
    public static NioTransport open() throws IOException {
        return new NioTransport(Selector.open(), FirstSocket.CAPABILITIES);
    }

    /**
     * {@inheritDoc}
     *
     * <p>A wait is at most 0.9 ms too long, plus what the system needs to wake a thread, and never too short.
     */
    @Override
    public void poll(long waitNanos, ReadySink target) throws IOException {
        sink = target;
        releases = 0;
        try {
            if (waitNanos < 0) {
                selector.select(collector);
            } else if (waitNanos == 0) {
                selector.selectNow(collector);
            } else {
                pollFor(waitNanos);
            }
        } finally {
            sink = NOBODY;
        }
    }

    /** Waits whole milliseconds in the kernel; a small rest is spun away, a larger one is rounded up. */
    private void pollFor(long waitNanos) throws IOException {
        long millis = waitNanos / NANOS_PER_MILLI;
        long rest = waitNanos % NANOS_PER_MILLI;
        if (rest > SPIN_NANOS) {
            selector.select(collector, millis + 1);
            return;
        }
        if (rest == 0) {
            selector.select(collector, millis);
            return;
        }
        long deadline = System.nanoTime() + waitNanos;
        int found = millis == 0 ? selector.selectNow(collector) : selector.select(collector, millis);
        // Whoever returns with more than the rest to go was woken, and that must not be slept over. A wake-up that
        // falls into the rest is swallowed, which does no harm, because the rest is what it waits at most.
        long left = deadline - System.nanoTime();
        while (found == 0 && left > 0 && left <= SPIN_NANOS) {
            Thread.onSpinWait();
            found = selector.selectNow(collector);
            left = deadline - System.nanoTime();
        }
    }

    /** Called by the selector for each ready key. Only notes: a selector must not be asked again from in here. */
    private void collect(SelectionKey key) {
        NioHandle handle = (NioHandle) key.attachment();
        int ops = key.readyOps();
        sink.ready(handle, handle instanceof NioStream stream ? stream.readiness(ops) : ops);
    }

    @Override
    public void wake() {
        selector.wakeup();
    }

    @Override
    public StreamHandle connect(SocketAddress remote, SocketOptions options) throws IOException {
        return opened(SocketChannel.open(), channel -> {
            setUp(channel, options);
            boolean connected = channel.connect(remote);
            SelectionKey key = channel.register(selector, connected ? SelectionKey.OP_WRITE : SelectionKey.OP_CONNECT);
            return new NioStream(this, key, Handle.CONNECT);
        });
    }

    /** Makes a handle of what a listener accepted. Closes the channel if that fails. */
    StreamHandle adopt(SocketChannel accepted, SocketOptions options) throws IOException {
        return opened(accepted, channel -> {
            setUp(channel, options);
            return new NioStream(this, channel.register(selector, 0), 0);
        });
    }

    @Override
    public ListenerHandle listen(SocketAddress local, SocketOptions options) throws IOException {
        return opened(ServerSocketChannel.open(), channel -> {
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, options.reuseAddress());
            sharePort(channel, options);
            // Accepted streams inherit this one, and only before the handshake does it still shape the TCP window.
            receiveBuffer(channel, options);
            channel.bind(local, options.backlog());
            return new NioListener(this, channel.register(selector, 0), options);
        });
    }

    /**
     * {@inheritDoc}
     *
     * <p>SO_REUSEADDR is left alone. For datagrams it means something else: a second socket could take the port away
     * from the first without either noticing.
     */
    @Override
    public DatagramHandle datagram(SocketAddress local, SocketOptions options) throws IOException {
        return opened(DatagramChannel.open(), channel -> {
            channel.configureBlocking(false);
            sharePort(channel, options);
            receiveBuffer(channel, options);
            sendBuffer(channel, options);
            channel.bind(local);
            return new NioDatagram(this, channel.register(selector, 0));
        });
    }

    /**
     * Makes the kernel let go of the sockets that were closed. A channel that is closed while it is registered keeps
     * its descriptor until the selector is asked the next time: until then a listener still owns its port and takes
     * connections in, and no reset has left.
     *
     * <p>What the selector finds is thrown away. Readiness is level-triggered and comes again, but a {@link #wake} that
     * was swallowed would not; hence the wake-up, which costs an empty turn at worst.
     */
    void releaseNow() throws IOException {
        if (selector.isOpen()) {
            selector.selectNow(ignored -> {});
            selector.wakeup();
        }
    }

    /**
     * Does {@link #releaseNow} at once, or leaves it to the next poll when it was done often enough since the last one.
     * Each time, the selector walks through all that is ready, and when a thousand connections die in one turn, a
     * thousand may be ready.
     */
    void releaseSoon() throws IOException {
        if (releases < RELEASES_PER_POLL) {
            releases++;
            releaseNow();
        }
    }

    /** What is left to do after a channel was opened: set up, bind or connect, register. */
    private interface Opening<C, H> {
        H handle(C channel) throws IOException;
    }

    /** Ties handle and key together, or closes the channel if it does not come to that. */
    private static <C extends Channel, H extends NioHandle> H opened(C channel, Opening<C, H> opening)
            throws IOException {
        boolean done = false;
        try {
            H handle = opening.handle(channel);
            handle.key.attach(handle);
            done = true;
            return handle;
        } finally {
            if (!done) {
                channel.close();
            }
        }
    }

    private static void setUp(SocketChannel channel, SocketOptions options) throws IOException {
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, options.noDelay());
        channel.setOption(StandardSocketOptions.SO_KEEPALIVE, options.keepAlive());
        receiveBuffer(channel, options);
        sendBuffer(channel, options);
    }

    private static void receiveBuffer(NetworkChannel channel, SocketOptions options) throws IOException {
        if (options.receiveBufferBytes() > 0) {
            channel.setOption(StandardSocketOptions.SO_RCVBUF, options.receiveBufferBytes());
        }
    }

    private static void sendBuffer(NetworkChannel channel, SocketOptions options) throws IOException {
        if (options.sendBufferBytes() > 0) {
            channel.setOption(StandardSocketOptions.SO_SNDBUF, options.sendBufferBytes());
        }
    }

    /** Throws an {@link UnsupportedOperationException} where the system has no such option. */
    private static void sharePort(NetworkChannel channel, SocketOptions options) throws IOException {
        if (options.reusePort()) {
            channel.setOption(StandardSocketOptions.SO_REUSEPORT, true);
        }
    }

    /** {@inheritDoc} Direct, because the JDK copies anything else before it goes to the kernel. */
    @Override
    public ByteBuffer allocate(int bytes) {
        return ByteBuffer.allocateDirect(bytes);
    }

    @Override
    public Set<Capability> capabilities() {
        return capabilities;
    }

    /**
     * Asked of the system once, by the first transport: it takes a socket to find out.
     *
     * <p>Closing that socket matters as much as asking it. The first close of a channel makes the JDK open descriptors
     * of its own, once and for all, and if the process has run out of them by then, no channel can be closed ever
     * again. The same holds for the time zones, which loggers write with: a JDK that could not open their file the
     * first time never logs again.
     */
    private static final class FirstSocket {
        static final Set<Capability> CAPABILITIES = ask();

        private static Set<Capability> ask() {
            ZoneRules unused = ZoneId.systemDefault().getRules();
            Set<Capability> all = EnumSet.allOf(Capability.class);
            try (ServerSocketChannel channel = ServerSocketChannel.open()) {
                if (!channel.supportedOptions().contains(StandardSocketOptions.SO_REUSEPORT)) {
                    all.remove(Capability.REUSE_PORT);
                }
            } catch (IOException noSocket) {
                all.remove(Capability.REUSE_PORT);
            }
            return Collections.unmodifiableSet(all);
        }
    }

    /**
     * {@inheritDoc}
     *
     * <p>The selector goes first. A channel that is registered nowhere is closed in the kernel at once, with a reset if
     * there is unread input.
     */
    @Override
    public void close() throws IOException {
        if (!selector.isOpen()) {
            return;
        }
        List<Closeable> closing = new ArrayList<>();
        closing.add(selector);
        for (SelectionKey key : selector.keys()) {
            closing.add(key.channel());
        }
        IOException failure = null;
        for (Closeable each : closing) {
            try {
                each.close();
            } catch (IOException thrown) {
                if (failure == null) {
                    failure = thrown;
                } else {
                    failure.addSuppressed(thrown);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
