package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.meerkat.ConnectionState;
import dev.meerkat.DatagramTooLongException;
import dev.meerkat.ListenException;
import dev.meerkat.ResolverOptions;
import dev.meerkat.UdpOptions;
import dev.meerkat.UdpSocket;
import dev.meerkat.event.ConnectionError.Kind;
import dev.meerkat.event.UdpEvent;
import dev.meerkat.runtime.SocketOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** UDP peers that have a name, those that have several addresses, and those of IPv6. */
abstract class UdpNamesRules extends ManagerRules {
    /** As many addresses of a name are tried. */
    private static final int MOST_ADDRESSES = 64;

    private static final int LARGEST_OVER_IPV6 = 65_527;

    private static final String NAME = "meerkat.example";

    private final FaultyTransport transport = new FaultyTransport();
    private final Names names = new Names();

    private void useFaults(ResolverOptions.Builder resolver) {
        use(options -> options.resolver(resolver.build()), runtime -> names.install(transport.install(runtime)));
    }

    private RawUdp udpPeer() {
        try {
            return new RawUdp(arm.peers().datagram(arm.peerAddress(), SocketOptions.DEFAULT));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String hostOf(RawUdp peer) {
        return peer.address().getAddress().getHostAddress();
    }

    private UdpSocket connecting(UdpOptions options, RawUdp peer, UdpScript script) {
        UdpSocket socket =
                manager().connectUdp("udp://" + NAME + ":" + peer.address().getPort(), options, script);
        until("the question", () -> names.asked.equals(List.of(NAME)));
        return socket;
    }

    // ---- names

    @Test
    void whatWaitedForTheNameLeavesWhenItIsKnown() {
        useFaults(ResolverOptions.builder());
        RawUdp peer = udpPeer();
        UdpScript script = udp();
        UdpSocket socket = connecting(UdpOptions.DEFAULT, peer, script);
        socket.send("one").send("two");
        settle();
        assertEquals(ConnectionState.RESOLVING, socket.state());
        assertTrue(socket.remoteAddress().orElseThrow().isUnresolved());
        names.answer(hostOf(peer));
        until("both", () -> peer.texts().equals(List.of("one", "two")));
        assertEquals(Optional.of(peer.address()), socket.remoteAddress());
        assertEquals(List.of("Opened"), script.kinds());
        assertEquals(0, manager().statistics().timers());
    }

    @Test
    void aNameThatDoesNotExistIsAnEvent() {
        useFaults(ResolverOptions.builder());
        UdpScript script = udp();
        connecting(UdpOptions.DEFAULT, udpPeer(), script);
        names.last().completeExceptionally(new UnknownHostException(NAME));
        until("Closed", script::isClosed);
        assertEquals(List.of("ConnectFailed", "Closed"), script.kinds());
        assertEquals(Kind.UNKNOWN_HOST, script.errorKind());
        assertEquals(0, manager().statistics().timers());
    }

    @Test
    void aNameServerThatFailsIsAnotherOne() {
        useFaults(ResolverOptions.builder());
        UdpScript script = udp();
        connecting(UdpOptions.DEFAULT, udpPeer(), script);
        names.last().completeExceptionally(new IOException("server failure"));
        until("Closed", script::isClosed);
        assertEquals(Kind.LOOKUP_FAILED, script.errorKind());
    }

    @Test
    void aNameWithoutAnswerIsGivenUpAfterTheLookUpTimeout() {
        useFaults(ResolverOptions.builder().lookupTimeout(SHORT));
        UdpScript script = udp();
        connecting(UdpOptions.builder().connectTimeout(LONG).build(), udpPeer(), script);
        until("Closed", script::isClosed);
        assertEquals(List.of("ConnectFailed", "Closed"), script.kinds());
        assertEquals(Kind.LOOKUP_TIMEOUT, script.errorKind());
        assertEquals(0, manager().statistics().timers());
    }

    @Test
    void aNameWithoutAnswerIsGivenUpAfterTheConnectTimeoutAndALateAnswerIsIgnored() {
        useFaults(ResolverOptions.builder().lookupTimeout(LONG));
        RawUdp peer = udpPeer();
        UdpScript script = udp();
        UdpSocket socket = connecting(UdpOptions.builder().connectTimeout(SHORT).build(), peer, script);
        socket.send("never");
        until("Closed", script::isClosed);
        assertEquals(Kind.CONNECT_TIMEOUT, script.errorKind());
        names.answer(hostOf(peer));
        settle();
        assertEquals(List.of("ConnectFailed", "Closed"), script.kinds());
        assertEquals(List.of(), peer.texts());
        assertEquals(0, manager().statistics().timers());
    }

    // ---- several addresses

    private void answer(int bad, RawUdp peer) {
        List<String> addresses = new ArrayList<>();
        for (int i = 1; i <= bad; i++) {
            addresses.add("192.0.2." + i); // RFC 5737: nobody's
            transport.failConnect("192.0.2." + i, new IOException("Network is unreachable"));
        }
        addresses.add(hostOf(peer));
        names.answer(addresses.toArray(String[]::new));
    }

    @Test
    void theFirstAddressThatASocketCanBeConnectedToIsTaken() {
        useFaults(ResolverOptions.builder());
        RawUdp peer = udpPeer();
        UdpScript script = udp();
        UdpSocket socket = connecting(UdpOptions.DEFAULT, peer, script);
        answer(2, peer);
        until("Opened", script::isOpened);
        assertEquals(List.of("192.0.2.1", "192.0.2.2", hostOf(peer)), transport.tried);
        assertEquals(Optional.of(peer.address()), socket.remoteAddress());
    }

    @Test
    void theLastOfAsManyAddressesAsAllowedIsTried() {
        useFaults(ResolverOptions.builder());
        RawUdp peer = udpPeer();
        UdpScript script = udp();
        connecting(UdpOptions.DEFAULT, peer, script);
        answer(MOST_ADDRESSES - 1, peer);
        until("Opened", script::isOpened);
        assertEquals(MOST_ADDRESSES, transport.tried.size());
    }

    @Test
    void oneAddressMoreIsNotTried() {
        useFaults(ResolverOptions.builder());
        RawUdp peer = udpPeer();
        UdpScript script = udp();
        connecting(UdpOptions.DEFAULT, peer, script);
        answer(MOST_ADDRESSES, peer);
        until("Closed", script::isClosed);
        assertEquals(Kind.UNREACHABLE, script.errorKind());
        assertEquals(MOST_ADDRESSES, transport.tried.size());
    }

    // ---- IPv6

    private UdpSocket listen6(UdpScript script) {
        try {
            UdpSocket socket = manager().listenUdp("udp://" + arm.host6() + ":0", script);
            until("Opened", script::isOpened);
            return socket;
        } catch (ListenException e) {
            assumeTrue(arm.isVirtual(), "this machine has no IPv6; the same rule runs in a virtual world");
            throw e;
        }
    }

    @Test
    void overIpv6DatagramsPassBothWays() {
        UdpScript server = udp().on(
                        UdpEvent.Received.class,
                        (socket, received) -> socket.sendTo(received.sender(), received.buffer()));
        UdpSocket bound = listen6(server);
        UdpScript client = udp();
        UdpSocket socket = manager().connectUdp("udp://" + arm.host6() + ":" + bound.port(), client);
        socket.send("question").send("");
        until("the echoes", () -> client.datagrams.size() == 2);
        assertEquals(List.of("question", ""), client.texts());
        InetSocketAddress sender = server.datagrams.get(0).sender();
        assertTrue(sender.getAddress() instanceof Inet6Address, sender::toString);
        assertEquals(socket.port(), sender.getPort());
        assertEquals(Optional.of(bound.localAddress()), socket.remoteAddress());
    }

    @Test
    void overIpv6TheLargestDatagramIsLargerAndOneByteMoreIsRefused() {
        UdpScript server = udp();
        UdpSocket bound = listen6(server);
        UdpScript client = udp();
        UdpSocket socket = manager().connectUdp("udp://" + arm.host6() + ":" + bound.port(), client);
        until("Opened", client::isOpened);
        socket.send(pattern(LARGEST_OVER_IPV6));
        until("it", () -> server.datagrams.size() == 1);
        assertArrayEquals(pattern(LARGEST_OVER_IPV6), server.datagrams.get(0).payload());
        DatagramTooLongException thrown =
                assertThrows(DatagramTooLongException.class, () -> socket.send(new byte[LARGEST_OVER_IPV6 + 1]));
        assertTrue(thrown.getMessage().contains("65528 bytes"), thrown::getMessage);
    }

    @Test
    void anAddressOfTheOtherFamilyIsAFailureToSendAndNoMore() {
        UdpScript script = udp();
        UdpSocket socket = manager().listenUdp("udp://" + arm.host() + ":0", script);
        until("Opened", script::isOpened);
        InetSocketAddress six = new InetSocketAddress("2001:db8::1", 9); // RFC 3849: nobody's
        inTurn(() -> socket.sendTo(six, "hello"));
        until("SendFailed", () -> script.has(UdpEvent.SendFailed.class));
        assertEquals(six, script.all(UdpEvent.SendFailed.class).get(0).target());
        assertTrue(socket.isOpen());
    }
}
