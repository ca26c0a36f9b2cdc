package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.UdpPeer;
import dev.meerkat.UdpPeerHandler;
import dev.meerkat.UdpPeerHandler.End;
import dev.meerkat.UdpPeerOptions;
import dev.meerkat.UdpPeerOptions.WhenFull;
import dev.meerkat.UdpPeers;
import dev.meerkat.UdpSocket;
import dev.meerkat.event.UdpEvent;
import dev.meerkat.runtime.SocketOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What the table of UDP peers promises. */
abstract class UdpPeersRules extends ManagerRules {
    /** A peer that has ended. */
    record Ended(UdpPeer peer, End why) {}

    final List<String> received = new ArrayList<>();
    final List<UdpPeer> made = new ArrayList<>();
    final List<Ended> ended = new ArrayList<>();
    UdpPeers peers = UdpPeers.perPeer(UdpPeerOptions.DEFAULT, this::newPeer);
    private @Nullable RuntimeException failure;

    private UdpPeerHandler newPeer(UdpPeer peer) {
        made.add(peer);
        int number = made.size();
        return new UdpPeerHandler() {
            @Override
            public void onDatagram(UdpPeer from, UdpEvent.Received datagram) {
                received.add(number + datagram.takeText());
                RuntimeException planted = failure;
                if (planted != null) {
                    throw planted;
                }
                from.send(String.valueOf(number));
            }

            @Override
            public void onEnd(UdpPeer from, End why) {
                ended.add(new Ended(from, why));
            }
        };
    }

    final UdpSocket listen(Change<UdpPeerOptions.Builder> change) {
        UdpPeerOptions.Builder options = UdpPeerOptions.builder();
        change.apply(options);
        peers = UdpPeers.perPeer(options.build(), this::newPeer);
        UdpScript script = udp();
        for (Class<? extends UdpEvent> kind :
                List.of(UdpEvent.Opened.class, UdpEvent.Received.class, UdpEvent.Closed.class)) {
            script.on(kind, (socket, event) -> peers.onEvent(socket, event));
        }
        return manager().listenUdp("udp://" + arm.host() + ":0", script);
    }

    final RawUdp raw() {
        try {
            return new RawUdp(arm.peers().datagram(arm.peerAddress(), SocketOptions.DEFAULT));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    final List<End> ends() {
        return ended.stream().map(Ended::why).toList();
    }

    @Test
    void everyPeerHasAHandlerOfItsOwn() {
        UdpSocket socket = listen(options -> {});
        RawUdp one = raw();
        RawUdp two = raw();
        one.send(socket.localAddress(), "a");
        until("one", () -> received.size() == 1);
        two.send(socket.localAddress(), "b");
        until("two", () -> received.size() == 2);
        one.send(socket.localAddress(), "c");
        until("answers", () -> one.texts().size() == 2 && two.texts().size() == 1);
        assertEquals(List.of("1a", "2b", "1c"), received);
        assertEquals(List.of("1", "1"), one.texts());
        assertEquals(List.of("2"), two.texts());
        assertEquals(List.of(made.get(1), made.get(0)), peers.peers(), "the longest idle first");
        made.get(0).attach("state");
        assertEquals("state", made.get(0).attachment(String.class));
        assertEquals(one.address(), made.get(0).address());
        assertEquals(socket, made.get(0).socket());
    }

    @Test
    void onePeerMoreThanThereMayBeIsRefused() {
        UdpSocket socket = listen(options -> options.maxPeers(2));
        RawUdp one = raw();
        one.send(socket.localAddress(), "a");
        until("one", () -> peers.size() == 1);
        raw().send(socket.localAddress(), "b");
        until("two", () -> peers.size() == 2);
        raw().send(socket.localAddress(), "c");
        until("the third", () -> peers.refused() == 1);
        assertEquals(2, peers.size());
        one.send(socket.localAddress(), "d");
        until("who is known is served", () -> received.size() == 3);
        assertEquals(List.of("1a", "2b", "1d"), received);
    }

    @Test
    void idlestMakesRoomIfTheOptionsSaySo() {
        UdpSocket socket = listen(options -> options.maxPeers(2).whenFull(WhenFull.EVICT_IDLEST));
        RawUdp one = raw();
        one.send(socket.localAddress(), "a");
        until("one", () -> received.size() == 1);
        raw().send(socket.localAddress(), "b");
        until("two", () -> received.size() == 2);
        one.send(socket.localAddress(), "c");
        until("three", () -> received.size() == 3);
        assertEquals(List.of(), ended);
        raw().send(socket.localAddress(), "d");
        until("four", () -> received.size() == 4);
        assertEquals(List.of(new Ended(made.get(1), End.EVICTED)), ended);
        assertFalse(made.get(1).isAlive());
        assertTrue(made.get(0).isAlive());
        assertEquals(0, peers.refused());
    }

    @Test
    void silentPeerIsForgottenAndItsNextDatagramMakesAnother() {
        UdpSocket socket = listen(options -> options.idleTimeout(SHORT));
        RawUdp one = raw();
        one.send(socket.localAddress(), "a");
        until("the end", () -> ended.size() == 1);
        assertEquals(List.of(End.IDLE), ends());
        one.send(socket.localAddress(), "b");
        until("another", () -> received.size() == 2);
        assertEquals(List.of("1a", "2b"), received);
    }

    @Test
    void closedPeerIsForgottenOnce() {
        UdpSocket socket = listen(options -> {});
        RawUdp one = raw();
        one.send(socket.localAddress(), "a");
        until("one", () -> peers.size() == 1);
        made.get(0).close();
        made.get(0).close();
        assertEquals(List.of(End.CLOSED), ends());
        assertEquals(0, manager().statistics().timers());
        one.send(socket.localAddress(), "b");
        until("another", () -> made.size() == 2);
    }

    @Test
    void handlerThatThrowsLosesItsPeerAlone() {
        UdpSocket socket = listen(options -> {});
        RawUdp one = raw();
        one.send(socket.localAddress(), "a");
        until("one", () -> peers.size() == 1);
        failure = new IllegalStateException("on purpose");
        RawUdp two = raw();
        two.send(socket.localAddress(), "b");
        until("the end", () -> ended.size() == 1);
        assertEquals(List.of(new Ended(made.get(1), End.FAILED)), ended);
        assertEquals(failure, takeFailure().thrown());
        assertTrue(socket.isOpen());
        assertEquals(1, peers.size());
        failure = null;
        one.send(socket.localAddress(), "c");
        until("the other", () -> received.contains("1c"));
    }

    @Test
    void peersEndWithTheirSocket() {
        UdpSocket socket = listen(options -> {});
        raw().send(socket.localAddress(), "a");
        raw().send(socket.localAddress(), "b");
        until("two", () -> peers.size() == 2);
        socket.close();
        until("the ends", () -> ended.size() == 2);
        assertEquals(List.of(End.SOCKET_CLOSED, End.SOCKET_CLOSED), ends());
        assertEquals(0, manager().statistics().timers());
    }

    @Test
    void tableServesOneSocket() {
        UdpSocket socket = listen(options -> {});
        until("Opened", socket::isOpen);
        UdpSocket other = manager().listenUdp("udp://" + arm.host() + ":0", peers);
        until("the refusal", () -> other.closeReason().isPresent());
        assertTrue(takeFailure().thrown() instanceof IllegalStateException);
        assertTrue(socket.isOpen());
    }

    @Test
    void optionsAreChecked() {
        assertThrows(
                IllegalArgumentException.class,
                () -> UdpPeerOptions.builder().maxPeers(0).build());
        assertThrows(
                IllegalArgumentException.class,
                () -> UdpPeerOptions.builder().idleTimeout(Duration.ZERO).build());
    }

    @Test
    void peersEndWhenTheirSocketHasAnotherHandlerAndMayComeBack() {
        UdpPeers mine = UdpPeers.perPeer(UdpPeerOptions.DEFAULT, this::newPeer);
        UdpSocket socket = manager().listenUdp("udp://" + arm.host() + ":0", mine);
        RawUdp one = raw();
        one.send(socket.localAddress(), "a");
        until("a peer", () -> mine.size() == 1);
        inTurn(() -> socket.replaceHandler((any, event) -> {}));
        assertEquals(List.of(new Ended(made.get(0), End.SOCKET_REPLACED)), ended);
        assertEquals(0, mine.size());
        assertEquals(0, manager().statistics().timers());
        inTurn(() -> socket.replaceHandler(mine));
        one.send(socket.localAddress(), "b");
        until("a new one", () -> mine.size() == 1);
        assertEquals(List.of("1a", "2b"), received);
    }
}
