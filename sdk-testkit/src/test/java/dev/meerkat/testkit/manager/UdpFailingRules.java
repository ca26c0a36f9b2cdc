package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.UdpOptions;
import dev.meerkat.UdpSocket;
import dev.meerkat.event.CloseReason.Initiator;
import dev.meerkat.event.ConnectionError.Kind;
import dev.meerkat.event.UdpEvent;
import dev.meerkat.runtime.SocketOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How much a UDP socket puts up with, and how little it tells of it; and what becomes of bytes that were lent. */
abstract class UdpFailingRules extends ManagerRules {
    /** The failures to send that are told in a turn. */
    private static final int TOLD = 256;

    /** The failures to receive, without a datagram in between, that end a socket. */
    private static final int BROKEN = 16;

    private static final byte POISON = (byte) 0xDB;

    private final FaultyTransport transport = new FaultyTransport();

    private UdpSocket listen(UdpOptions options, UdpScript script) {
        UdpSocket socket = manager().listenUdp("udp://" + arm.host() + ":0", options, script);
        until("Opened", script::isOpened);
        return socket;
    }

    private RawUdp udpPeer() {
        try {
            return new RawUdp(arm.peers().datagram(arm.peerAddress(), SocketOptions.DEFAULT));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int count(UdpScript script, Class<? extends UdpEvent> kind) {
        return script.all(kind).size();
    }

    private void failToSend(int count, UdpSocket socket, InetSocketAddress target) {
        inTurn(() -> {
            for (int i = 0; i < count; i++) {
                socket.sendTo(target, "x");
            }
        });
        settle();
    }

    @Test
    void asManyFailuresToSendAreToldInATurnAsAllowedAndNoMore() {
        use(options -> {}, transport::install);
        UdpScript script = udp();
        UdpSocket socket = listen(UdpOptions.DEFAULT, script);
        InetSocketAddress target = udpPeer().address();
        transport.failSends(new IOException("No route to host"));
        failToSend(TOLD, socket, target);
        assertEquals(TOLD, count(script, UdpEvent.SendFailed.class), "n");
        failToSend(TOLD + 1, socket, target);
        assertEquals(2 * TOLD, count(script, UdpEvent.SendFailed.class), "n + 1");
        failToSend(1, socket, target);
        assertEquals(2 * TOLD + 1, count(script, UdpEvent.SendFailed.class), "another turn");
        UdpEvent.SendFailed told = script.all(UdpEvent.SendFailed.class).get(0);
        assertEquals(Kind.UNREACHABLE, told.error().kind());
        assertEquals(target, told.target());
        transport.failSends(null);
        RawUdp peer = udpPeer();
        inTurn(() -> socket.sendTo(peer.address(), "works again"));
        until("it", () -> peer.texts().equals(List.of("works again")));
    }

    @Test
    void aHandlerThatClosesOnAFailureHearsOfNoOther() {
        use(options -> {}, transport::install);
        UdpScript script = udp().on(UdpEvent.SendFailed.class, (socket, failed) -> socket.close());
        UdpSocket socket = listen(UdpOptions.DEFAULT, script);
        transport.failSends(new IOException("No route to host"));
        failToSend(3, socket, udpPeer().address());
        assertEquals(List.of("Opened", "SendFailed", "Closed"), script.kinds());
    }

    @Test
    void aSocketThatFailsToReceiveOnceLessThanTooOftenGoesOnAndCountsAnew() {
        use(options -> {}, transport::install);
        UdpScript script = udp();
        UdpSocket socket = listen(UdpOptions.DEFAULT, script);
        RawUdp peer = udpPeer();
        for (int round = 1; round <= 2; round++) {
            transport.failReceives(BROKEN - 1);
            peer.send(socket.localAddress(), "in between");
            int rounds = round;
            until("the datagram", () -> script.datagrams.size() == rounds);
            assertEquals(round * (BROKEN - 1), count(script, UdpEvent.ReceiveFailed.class));
        }
        assertTrue(socket.isOpen());
        assertEquals(
                Kind.UNREACHABLE,
                script.all(UdpEvent.ReceiveFailed.class).get(0).error().kind());
    }

    @Test
    void aSocketThatCanDoNothingButFailToReceiveEnds() {
        use(options -> {}, transport::install);
        UdpScript script = udp();
        UdpSocket socket = listen(UdpOptions.DEFAULT, script);
        transport.failReceives(BROKEN);
        udpPeer().send(socket.localAddress(), "never read");
        until("Closed", script::isClosed);
        assertEquals(BROKEN - 1, count(script, UdpEvent.ReceiveFailed.class));
        assertEquals(Kind.UNREACHABLE, script.errorKind());
        assertEquals(Initiator.NETWORK, script.closeReason().initiator());
        assertEquals(List.of(), script.datagrams);
    }

    private void viewsOf(UdpOptions options, int length) {
        List<ByteBuffer> views = new ArrayList<>();
        UdpScript script = udp().on(
                        UdpEvent.Received.class,
                        (socket, received) -> views.add(received.buffer().view()));
        UdpSocket socket = listen(options, script);
        udpPeer().send(socket.localAddress(), pattern(length));
        until("the datagram", () -> views.size() == 1);
        assertEquals(length, views.get(0).remaining());
        for (int i = 0; i < length; i++) {
            assertEquals(POISON, views.get(0).get(i), "byte " + i);
        }
        assertEquals(length, script.datagrams.get(0).payload().length, "copied in time");
    }

    @Test
    void aViewThatIsKeptIsOverwrittenWhenTheHandlerReturns() {
        use(options -> {}, runtime -> runtime.withProbe(new RecordingProbe().poisoning()));
        viewsOf(UdpOptions.DEFAULT, 1_000);
    }

    @Test
    void aViewOfALongDatagramThatIsKeptIsOverwrittenToo() {
        use(options -> options.readBytes(1024), runtime -> runtime.withProbe(new RecordingProbe().poisoning()));
        viewsOf(UdpOptions.DEFAULT, 5_000); // more than the buffer that all sockets share
    }
}
