package dev.meerkat;

import dev.meerkat.event.UdpEvent;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * "Connection per peer" on one UDP socket: a handler and state of its own for every address that datagrams come from,
 * with a bound, and forgotten when it is idle. Made of nothing but the events of the socket.
 *
 * <pre>{@code
 * UdpPeers peers = UdpPeers.perPeer(UdpPeerOptions.DEFAULT, peer -> {
 *     peer.attach(new Session());
 *     return (from, datagram) -> from.attachment(Session.class).receive(datagram.take());
 * });
 * manager.listenUdp("udp://:4000", peers);
 * }</pre>
 *
 * <p>An address proves nothing: who wants to know whom it talks to has to ask for more than an address before it sends
 * much. One of these serves one socket. Belongs to the loop thread.
 */
public final class UdpPeers implements UdpHandler {
    private final UdpPeerOptions options;
    private final long idleNanos;
    private final Function<? super UdpPeer, ? extends UdpPeerHandler> factory;
    /** In the order of their last datagrams, so that who expires next comes first. */
    private final Map<InetSocketAddress, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);

    private @Nullable UdpSocket socket;
    private @Nullable Timer timer;
    private long refused;

    private UdpPeers(UdpPeerOptions options, Function<? super UdpPeer, ? extends UdpPeerHandler> factory) {
        this.options = Objects.requireNonNull(options, "options");
        this.factory = Objects.requireNonNull(factory, "factory");
        this.idleNanos = nanos(options.idleTimeout());
    }

    private static long nanos(Duration duration) {
        try {
            return duration.toNanos();
        } catch (ArithmeticException longerThanNanosecondsCount) {
            return Long.MAX_VALUE;
        }
    }

    /**
     * Makes a handler for a UDP socket that has one handler for each peer.
     *
     * @param options how peers are kept
     * @param factory makes the handler of a peer, when its first datagram comes; if it throws, the failure is reported
     *     to the error hook and the datagram is lost
     * @return the handler, for one socket
     */
    public static UdpPeers perPeer(
            UdpPeerOptions options, Function<? super UdpPeer, ? extends UdpPeerHandler> factory) {
        return new UdpPeers(options, factory);
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalStateException if this already serves another socket
     */
    @Override
    public void onEvent(UdpSocket from, UdpEvent event) {
        UdpSocket mine = socket;
        if (mine == null) {
            socket = from;
        } else if (mine != from) {
            if (event instanceof UdpEvent.Closed) {
                return; // it was refused before
            }
            throw new IllegalStateException("these peers belong to " + mine + "; " + from + " needs others");
        }
        if (event instanceof UdpEvent.Received datagram) {
            received(from, datagram);
        } else if (event instanceof UdpEvent.Closed) {
            endAll(UdpPeerHandler.End.SOCKET_CLOSED);
        }
    }

    /** All peers end; when the socket has this handler again, it begins anew. */
    @Override
    public void onReplaced(UdpSocket from) {
        if (socket == from) {
            endAll(UdpPeerHandler.End.SOCKET_REPLACED);
        }
    }

    private void endAll(UdpPeerHandler.End why) {
        for (UdpPeer each : peers()) {
            ((Entry) each).end(why);
        }
    }

    private void received(UdpSocket from, UdpEvent.Received datagram) {
        Entry entry = entries.get(datagram.sender());
        if (entry == null) {
            entry = admit(from, datagram.sender());
            if (entry == null) {
                return;
            }
        }
        entry.lastNanos = from.manager().nanoTime();
        try {
            entry.handler().onDatagram(entry, datagram);
        } catch (Throwable e) {
            report(from, e);
            entry.end(UdpPeerHandler.End.FAILED);
        }
    }

    private @Nullable Entry admit(UdpSocket from, InetSocketAddress address) {
        if (entries.size() >= options.maxPeers()) {
            if (options.whenFull() == UdpPeerOptions.WhenFull.REFUSE) {
                refused++;
                return null;
            }
            eldest().end(UdpPeerHandler.End.EVICTED);
        }
        Entry entry = new Entry(from, address);
        try {
            entry.handler = Objects.requireNonNull(factory.apply(entry), "the factory's handler");
        } catch (Throwable e) {
            report(from, e);
            return null;
        }
        entries.put(address, entry);
        if (timer == null) {
            timer = from.manager().schedule(Duration.ofNanos(idleNanos), this::expire);
        }
        return entry;
    }

    private Entry eldest() {
        return entries.values().iterator().next();
    }

    /** Runs when the peer that was the first to expire may do so; datagrams since then only put it off. */
    private void expire() {
        timer = null;
        UdpSocket from = Objects.requireNonNull(socket);
        long now = from.manager().nanoTime();
        while (!entries.isEmpty()) {
            Entry eldest = eldest();
            long left = idleNanos - (now - eldest.lastNanos);
            if (left > 0) {
                if (timer == null) {
                    timer = from.manager().schedule(Duration.ofNanos(left), this::expire);
                }
                return;
            }
            eldest.end(UdpPeerHandler.End.IDLE);
        }
    }

    private static void report(UdpSocket from, Throwable failure) {
        try {
            from.manager().options().errorHook().onError(ErrorHook.Source.HANDLER, Optional.empty(), failure);
        } catch (Throwable ignored) {
            // the hook is the last resort; there is nobody left to tell
        }
    }

    /**
     * The peers that are known.
     *
     * @return a list of its own, the longest idle first
     */
    public List<UdpPeer> peers() {
        return List.copyOf(entries.values());
    }

    /**
     * How many peers are known.
     *
     * @return 0 to the most that there may be
     */
    public int size() {
        return entries.size();
    }

    /**
     * How many datagrams were thrown away because there were too many peers.
     *
     * @return the count
     */
    public long refused() {
        return refused;
    }

    private final class Entry implements UdpPeer {
        private final UdpSocket from;
        private final InetSocketAddress address;
        private @Nullable UdpPeerHandler handler;
        private @Nullable Object attachment;
        private long lastNanos;
        private boolean alive = true;

        Entry(UdpSocket from, InetSocketAddress address) {
            this.from = from;
            this.address = address;
            this.lastNanos = from.manager().nanoTime();
        }

        UdpPeerHandler handler() {
            return Objects.requireNonNull(handler);
        }

        void end(UdpPeerHandler.End why) {
            if (!entries.remove(address, this)) {
                return;
            }
            alive = false;
            Timer waiting = timer;
            if (entries.isEmpty() && waiting != null) {
                waiting.cancel();
                timer = null;
            }
            try {
                handler().onEnd(this, why);
            } catch (Throwable e) {
                report(from, e);
            }
        }

        @Override
        public InetSocketAddress address() {
            return address;
        }

        @Override
        public UdpSocket socket() {
            return from;
        }

        @Override
        public boolean isAlive() {
            return alive;
        }

        @Override
        public Duration idle() {
            return Duration.ofNanos(from.manager().nanoTime() - lastNanos);
        }

        @Override
        public void close() {
            end(UdpPeerHandler.End.CLOSED);
        }

        @Override
        public void attach(@Nullable Object newAttachment) {
            attachment = newAttachment;
        }

        @Override
        public <T> @Nullable T attachment(Class<T> type) {
            return type.cast(attachment);
        }

        @Override
        public String toString() {
            return from + "/" + address.getHostString() + ":" + address.getPort();
        }
    }
}
