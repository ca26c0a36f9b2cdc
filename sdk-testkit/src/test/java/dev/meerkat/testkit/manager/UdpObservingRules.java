package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.ErrorHook;
import dev.meerkat.ManagerObserver;
import dev.meerkat.ObserveOptions;
import dev.meerkat.UdpOptions;
import dev.meerkat.UdpSocket;
import dev.meerkat.event.CloseReason;
import dev.meerkat.event.ConnectionError;
import dev.meerkat.event.UdpEvent;
import dev.meerkat.runtime.SocketOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What an observer is told of UDP sockets. */
abstract class UdpObservingRules extends ManagerRules {
    /** Notes what it is told, without numbers that depend on the machine. */
    static final class Notes implements ManagerObserver {
        final List<String> lines = new ArrayList<>();
        final List<Integer> in = new ArrayList<>();
        final List<Integer> out = new ArrayList<>();
        final List<Long> slow = new ArrayList<>();
        final List<Long> stalls = new ArrayList<>();

        @Override
        public void opened(UdpSocket socket) {
            lines.add("opened " + socket.id());
        }

        @Override
        public void connectFailed(UdpSocket socket, ConnectionError error) {
            lines.add("connect failed " + error.kind());
        }

        @Override
        public void closed(UdpSocket socket, CloseReason reason) {
            lines.add("closed " + socket.id() + " " + reason.initiator());
        }

        @Override
        public void received(UdpSocket socket, int length) {
            in.add(length);
        }

        @Override
        public void sent(UdpSocket socket, int length) {
            out.add(length);
        }

        @Override
        public void failed(UdpSocket socket, ConnectionError error) {
            lines.add("failed " + error.kind());
        }

        @Override
        public void stalled(UdpSocket socket, int pendingBytes) {
            lines.add("stalled " + pendingBytes);
        }

        @Override
        public void drained(UdpSocket socket, long nanos) {
            lines.add("drained");
            stalls.add(nanos);
        }

        @Override
        public void slowHandler(UdpSocket socket, UdpEvent event, long nanos) {
            lines.add("slow " + event.getClass().getSimpleName());
            slow.add(nanos);
        }
    }

    private static final int ONE = 1 + UdpSocket.DATAGRAM_OVERHEAD;

    private static final UdpOptions NARROW =
            UdpOptions.builder().lowWaterMark(0).highWaterMark(ONE).build();

    final Notes notes = new Notes();
    private final FaultyTransport transport = new FaultyTransport();

    final void observe(Change<ObserveOptions.Builder> change) {
        ObserveOptions.Builder builder =
                ObserveOptions.builder().observer(notes).slowHandler(Duration.ZERO);
        change.apply(builder);
        use(options -> options.observe(builder.build()), transport::install);
    }

    final UdpSocket listen(UdpOptions options, UdpScript script) {
        UdpSocket socket = manager().listenUdp("udp://" + arm.host() + ":0", options, script);
        until("Opened", script::isOpened);
        return socket;
    }

    final RawUdp udpPeer() {
        try {
            return new RawUdp(arm.peers().datagram(arm.peerAddress(), SocketOptions.DEFAULT));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    final UdpSocket connected(UdpOptions options, RawUdp peer, UdpScript script) {
        UdpSocket socket = manager().connectUdp("udp://" + UdpRules.textOf(peer.address()), options, script);
        until("Opened", script::isOpened);
        return socket;
    }

    @Test
    void everySocketIsToldOnceAtItsBeginningAndOnceAtItsEnd() {
        observe(options -> {});
        UdpScript bound = udp();
        listen(UdpOptions.DEFAULT, bound).close();
        until("Closed", bound::isClosed);
        UdpScript connected = udp();
        connected(UdpOptions.DEFAULT, udpPeer(), connected);
        manager().close();
        assertTrue(connected.isClosed());
        assertEquals(List.of("opened 1", "closed 1 LOCAL", "opened 2", "closed 2 MANAGER"), notes.lines);
    }

    @Test
    void aSocketThatIsClosedBeforeItsFirstEventHasABeginningToo() {
        observe(options -> {});
        UdpScript script = udp();
        UdpSocket socket = manager().listenUdp("udp://" + arm.host() + ":0", script);
        socket.sendTo(udpPeer().address(), "early");
        socket.close();
        until("Closed", script::isClosed);
        assertEquals(List.of("opened 1", "closed 1 LOCAL"), notes.lines);
        assertEquals(List.of(5), notes.out);
    }

    @Test
    void aSocketThatCouldNotBeConnectedWasNeverOpen() {
        observe(options -> {});
        UdpScript script = udp();
        manager().connectUdp("udp://no-such-host.invalid:53", script);
        until("Closed", script::isClosed);
        UdpScript cancelled = udp();
        manager().connectUdp("udp://no-such-host.invalid:53", cancelled).close();
        until("Closed", cancelled::isClosed);
        assertEquals(List.of("connect failed UNKNOWN_HOST", "connect failed CANCELLED"), notes.lines);
    }

    @Test
    void everyDatagramIsToldWithItsLength() {
        observe(options -> {});
        UdpScript script = udp().on(
                        UdpEvent.Received.class,
                        (socket, received) -> socket.sendTo(received.sender(), received.buffer()));
        UdpSocket socket = listen(UdpOptions.builder().datagramLimit(10).build(), script);
        RawUdp peer = udpPeer();
        peer.send(socket.localAddress(), "abc")
                .send(socket.localAddress(), "")
                .send(socket.localAddress(), "more than ten");
        until("the echoes", () -> peer.texts().size() == 3);
        assertEquals(List.of(3, 0, 10), notes.in, "of a truncated one what the handler gets");
        assertEquals(List.of(3, 0, 10), notes.out);
    }

    @Test
    void whatCouldNotBeSentIsAFailure() {
        observe(options -> {});
        UdpScript script = udp();
        UdpSocket socket = manager().listenUdp("udp://:0", script);
        until("Opened", script::isOpened);
        inTurn(() -> socket.sendTo(new InetSocketAddress("255.255.255.255", 9), "hello"));
        until("SendFailed", () -> script.has(UdpEvent.SendFailed.class));
        assertEquals(List.of("opened 1", "failed PERMISSION_DENIED"), notes.lines);
        assertEquals(List.of(), notes.out);
    }

    @Test
    void anUnreachablePortIsAFailure() {
        observe(options -> {});
        UdpScript script = udp();
        RawUdp peer = udpPeer();
        UdpSocket socket = connected(UdpOptions.DEFAULT, peer, script);
        peer.close();
        inTurn(() -> socket.send("hello"));
        until("PortUnreachable", () -> script.has(UdpEvent.PortUnreachable.class));
        assertEquals(List.of("opened 1", "failed REFUSED"), notes.lines);
    }

    @Test
    void aSystemWithoutRoomIsToldWithHowLongItHadNone() {
        observe(options -> {});
        UdpScript script = udp();
        UdpSocket socket = connected(NARROW, udpPeer(), script);
        transport.room(false);
        inTurn(() -> socket.send("a"));
        assertEquals(List.of("opened 1"), notes.lines, "at the mark");
        inTurn(() -> socket.send("b").send("c"));
        assertEquals(List.of("opened 1", "stalled " + 2 * ONE), notes.lines, "above it, told once");
        if (arm.isVirtual()) {
            arm.advance(Duration.ofSeconds(3));
        }
        transport.room(true);
        until("Drained", () -> script.has(UdpEvent.Drained.class));
        assertEquals("drained", notes.lines.get(2));
        assertTrue(
                notes.stalls.get(0) >= (arm.isVirtual() ? Duration.ofSeconds(3).toNanos() : 1), notes.stalls::toString);
        assertEquals(List.of(1, 1, 1), notes.out);
    }

    @Test
    void aStallEndsWithItsSocket() {
        observe(options -> {});
        UdpScript script = udp();
        UdpSocket socket = connected(NARROW, udpPeer(), script);
        transport.room(false);
        inTurn(() -> socket.send("a").send("b"));
        socket.abort();
        until("Closed", script::isClosed);
        assertEquals(List.of("opened 1", "stalled " + 2 * ONE, "drained", "closed 1 LOCAL"), notes.lines);
    }

    @Test
    void whatWaitsForANameMayStallTooAndThatEndsWithTheLookUp() {
        observe(options -> {});
        UdpScript script = udp();
        UdpSocket socket = manager().connectUdp("udp://no-such-host.invalid:53", NARROW, script);
        inTurn(() -> {});
        if (!script.isClosed()) {
            socket.send("a").send("b");
            until("Closed", script::isClosed);
            assertEquals(List.of("stalled " + 2 * ONE, "drained", "connect failed UNKNOWN_HOST"), notes.lines);
        }
    }

    @Test
    void anObserverThatThrowsHarmsNobody() {
        ManagerObserver bad = new ManagerObserver() {
            @Override
            public void opened(UdpSocket socket) {
                throw new IllegalStateException("on purpose");
            }

            @Override
            public void received(UdpSocket socket, int length) {
                throw new IllegalStateException("on purpose");
            }

            @Override
            public void sent(UdpSocket socket, int length) {
                throw new IllegalStateException("on purpose");
            }
        };
        use(options -> options.observe(ObserveOptions.observedBy(bad)));
        UdpScript script = udp().on(
                        UdpEvent.Received.class,
                        (socket, received) -> socket.sendTo(received.sender(), received.buffer()));
        UdpSocket socket = listen(UdpOptions.DEFAULT, script);
        RawUdp peer = udpPeer();
        peer.send(socket.localAddress(), "fine");
        until("the echo", () -> peer.texts().equals(List.of("fine")));
        assertEquals(
                List.of(ErrorHook.Source.OBSERVER, ErrorHook.Source.OBSERVER, ErrorHook.Source.OBSERVER),
                takeFailures().stream().map(Failure::source).toList());
    }
}
