package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.ConnectionClosedException;
import dev.meerkat.ConnectionLimitException;
import dev.meerkat.ConnectionState;
import dev.meerkat.DatagramTooLongException;
import dev.meerkat.ErrorHook;
import dev.meerkat.ListenException;
import dev.meerkat.MalformedAddressException;
import dev.meerkat.MulticastException;
import dev.meerkat.SendLimitException;
import dev.meerkat.ShutdownResult;
import dev.meerkat.UdpHandler;
import dev.meerkat.UdpOptions;
import dev.meerkat.UdpSocket;
import dev.meerkat.WrongThreadException;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.CloseReason.Initiator;
import dev.meerkat.event.ConnectionError.Kind;
import dev.meerkat.event.ReceiveBuffer;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.event.UdpEvent;
import dev.meerkat.runtime.SocketOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What UDP sockets promise: whole datagrams, failures that are events, limits. */
abstract class UdpRules extends ManagerRules {
    private static final int LARGEST = 65_507;

    private String any() {
        return "udp://" + arm.host() + ":0";
    }

    final UdpSocket listen(UdpScript script) {
        return listen(UdpOptions.DEFAULT, script);
    }

    final UdpSocket listen(UdpOptions options, UdpScript script) {
        UdpSocket socket = manager().listenUdp(any(), options, script);
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

    static String textOf(InetSocketAddress address) {
        return address.getAddress().getHostAddress() + ":" + address.getPort();
    }

    final UdpSocket connected(RawUdp peer, UdpScript script) {
        UdpSocket socket = manager().connectUdp("udp://" + textOf(peer.address()), script);
        until("Opened", script::isOpened);
        return socket;
    }

    static byte[] bytes(int length) {
        return pattern(length);
    }

    // ---------------------------------------------------------------- datagrams

    @Test
    void eachDatagramIsOneEventWithItsSender() {
        UdpScript script = udp();
        UdpSocket socket = listen(script);
        RawUdp one = udpPeer();
        RawUdp two = udpPeer();
        one.send(socket.localAddress(), "a").send(socket.localAddress(), "bc");
        until("two datagrams", () -> script.datagrams.size() == 2);
        two.send(socket.localAddress(), "def");
        until("three datagrams", () -> script.datagrams.size() == 3);
        assertEquals(List.of("a", "bc", "def"), script.texts());
        assertEquals(
                List.of(one.address(), one.address(), two.address()),
                script.datagrams.stream().map(UdpScript.Datagram::sender).toList());
    }

    @Test
    void boundSocketAnswersEverySender() {
        UdpScript script = udp();
        script.on(UdpEvent.Received.class, (socket, event) -> socket.sendTo(event.sender(), event.buffer()));
        UdpSocket socket = listen(script);
        RawUdp one = udpPeer();
        RawUdp two = udpPeer();
        one.send(socket.localAddress(), "one");
        two.send(socket.localAddress(), "two");
        one.send(socket.localAddress(), "three");
        until("echoes", () -> one.texts().size() == 2 && two.texts().size() == 1);
        assertEquals(List.of("one", "three"), one.texts());
        assertEquals(List.of("two"), two.texts());
    }

    @Test
    void boundariesAreKeptWhenSending() {
        UdpScript script = udp();
        UdpSocket socket = listen(script);
        RawUdp peer = udpPeer();
        socket.sendTo(peer.address(), "a");
        socket.sendTo(peer.address(), new byte[] {'b', 'c'});
        socket.sendTo(peer.address(), Bytes.utf8("d"));
        socket.sendTo(peer.address(), java.nio.ByteBuffer.wrap(new byte[] {'x', 'e', 'y'}, 1, 1));
        until("four datagrams", () -> peer.texts().size() == 4);
        assertEquals(List.of("a", "bc", "d", "e"), peer.texts());
    }

    @Test
    void emptyDatagramsArriveBothWays() {
        UdpScript script = udp();
        script.on(UdpEvent.Received.class, (socket, event) -> socket.sendTo(event.sender(), event.buffer()));
        UdpSocket socket = listen(script);
        RawUdp peer = udpPeer();
        peer.send(socket.localAddress(), "");
        until("an empty answer", () -> peer.texts().size() == 1);
        assertEquals(List.of(""), peer.texts());
        assertEquals(0, script.datagrams.get(0).payload().length);
    }

    @Test
    void largestDatagramPassesWholeAndOneByteMoreIsRefusedBeforeTheSystemSeesIt() {
        UdpScript script = udp();
        script.on(UdpEvent.Received.class, (socket, event) -> socket.sendTo(event.sender(), event.buffer()));
        UdpSocket socket = listen(script);
        RawUdp peer = udpPeer();
        peer.send(socket.localAddress(), bytes(LARGEST));
        until("the echo", () -> peer.texts().size() == 1);
        assertArrayEquals(bytes(LARGEST), peer.received.get(0));
        assertFalse(script.datagrams.get(0).truncated());
        DatagramTooLongException thrown = assertThrows(
                DatagramTooLongException.class, () -> socket.sendTo(peer.address(), new byte[LARGEST + 1]));
        assertTrue(thrown.getMessage().contains("65508 bytes"), thrown::getMessage);
        assertTrue(socket.isOpen());
    }

    @Test
    void datagramOfTheLimitIsWholeAndALongerOneIsMarked() {
        UdpScript script = udp();
        UdpSocket socket = listen(UdpOptions.builder().datagramLimit(10).build(), script);
        RawUdp peer = udpPeer();
        peer.send(socket.localAddress(), bytes(10));
        peer.send(socket.localAddress(), bytes(11));
        peer.send(socket.localAddress(), bytes(5_000));
        peer.send(socket.localAddress(), bytes(3));
        until("four datagrams", () -> script.datagrams.size() == 4);
        assertEquals(
                List.of(false, true, true, false),
                script.datagrams.stream().map(UdpScript.Datagram::truncated).toList());
        assertArrayEquals(bytes(10), script.datagrams.get(1).payload());
        assertArrayEquals(bytes(10), script.datagrams.get(2).payload());
        assertArrayEquals(bytes(3), script.datagrams.get(3).payload());
    }

    @Test
    void datagramLongerThanTheSharedBufferIsWhole() {
        use(options -> options.readBytes(1024));
        UdpScript script = udp();
        UdpSocket socket = listen(script);
        udpPeer().send(socket.localAddress(), bytes(60_000));
        until("the datagram", () -> script.datagrams.size() == 1);
        assertArrayEquals(bytes(60_000), script.datagrams.get(0).payload());
    }

    @Test
    void whatTheHandlerLeavesIsGoneWithItsDatagram() {
        UdpScript script = udp();
        List<Integer> sizes = new ArrayList<>();
        script.on(UdpEvent.Received.class, (socket, event) -> {
            sizes.add(event.buffer().size());
            event.buffer().discard(1);
        });
        UdpSocket socket = listen(script);
        RawUdp peer = udpPeer();
        peer.send(socket.localAddress(), "abc").send(socket.localAddress(), "de");
        until("two datagrams", () -> sizes.size() == 2);
        assertEquals(List.of(3, 2), sizes);
    }

    @Test
    void keptBufferIsEmptyAfterTheEvent() {
        assertTrue(arm.isVirtual() || !manager().runtime().probe().poisonsBorrowedBytes());
        UdpScript script = udp();
        ReceiveBuffer[] kept = new ReceiveBuffer[1];
        script.on(UdpEvent.Received.class, (socket, event) -> kept[0] = event.buffer());
        UdpSocket socket = listen(script);
        udpPeer().send(socket.localAddress(), "abc");
        until("a datagram", () -> kept[0] != null);
        assertEquals(0, kept[0].size());
    }

    @Test
    void garbageOfEveryLengthHarmsNobody() {
        UdpScript script = udp();
        UdpSocket socket = listen(script);
        RawUdp peer = udpPeer();
        for (int length = 0; length < 300; length++) {
            peer.send(socket.localAddress(), bytes(length));
            int count = length + 1;
            until("a datagram", () -> script.datagrams.size() == count);
            assertArrayEquals(bytes(length), script.datagrams.get(length).payload());
        }
        assertTrue(socket.isOpen());
    }

    // ---------------------------------------------------------------- connected sockets

    @Test
    void connectedSocketTalksWithItsPeerAlone() {
        RawUdp peer = udpPeer();
        RawUdp stranger = udpPeer();
        UdpScript script = udp();
        UdpSocket socket = connected(peer, script);
        socket.send("question");
        until("the question", () -> peer.texts().equals(List.of("question")));
        InetSocketAddress mine = clientAddress(socket);
        stranger.send(mine, "psst");
        peer.send(mine, "answer");
        until("the answer", () -> script.datagrams.size() == 1);
        settle();
        assertEquals(List.of("answer"), script.texts());
        assertEquals(Optional.of(peer.address()), socket.remoteAddress());
        assertThrows(IllegalStateException.class, () -> socket.sendTo(stranger.address(), "no"));
    }

    private InetSocketAddress clientAddress(UdpSocket socket) {
        return new InetSocketAddress(arm.host(), socket.port());
    }

    @Test
    void boundSocketHasNoPeerToSendTo() {
        UdpScript script = udp();
        UdpSocket socket = listen(script);
        IllegalStateException thrown = assertThrows(IllegalStateException.class, () -> socket.send("hello"));
        assertTrue(thrown.getMessage().endsWith("has no peer: say whom to send to"), thrown::getMessage);
        assertEquals(Optional.empty(), socket.remoteAddress());
    }

    @Test
    void unreachablePortIsAnEventAndTheSocketGoesOn() {
        RawUdp peer = udpPeer();
        UdpScript script = udp();
        UdpSocket socket = connected(peer, script);
        InetSocketAddress address = peer.address();
        peer.close();
        socket.send("hello");
        until("PortUnreachable", () -> script.has(UdpEvent.PortUnreachable.class));
        assertEquals(List.of(new UdpEvent.PortUnreachable(address)), script.all(UdpEvent.PortUnreachable.class));
        assertTrue(socket.isOpen());
        socket.send("again");
        until("another", () -> script.all(UdpEvent.PortUnreachable.class).size() == 2);
        assertTrue(socket.isOpen());
    }

    @Test
    void whatIsSentBeforeOpenedWaitsForIt() {
        RawUdp peer = udpPeer();
        UdpScript script = udp();
        UdpSocket socket = manager().connectUdp("udp://" + textOf(peer.address()), script);
        assertEquals(ConnectionState.CONNECTING, socket.state());
        socket.send("first").send("").send("second");
        until("three datagrams", () -> peer.texts().size() == 3);
        assertEquals(List.of("first", "", "second"), peer.texts());
    }

    @Test
    void noEventPrecedesTheReturn() {
        UdpScript script = udp();
        manager().listenUdp(any(), script);
        RawUdp peer = udpPeer();
        manager().connectUdp("udp://" + textOf(peer.address()), script);
        assertEquals(List.of(), script.events);
        until("Opened", () -> script.events.size() == 2);
    }

    @Test
    void nameIsLookedUpWithoutBlocking() {
        UdpScript script = udp();
        UdpSocket socket = manager().connectUdp("udp://no-such-host.invalid:53", script);
        assertEquals(ConnectionState.RESOLVING, socket.state());
        socket.send("waits");
        until("Closed", script::isClosed);
        assertEquals(List.of("ConnectFailed", "Closed"), script.kinds());
        assertEquals(Kind.UNKNOWN_HOST, script.errorKind());
    }

    @Test
    void closeGivesUpALookUp() {
        UdpScript script = udp();
        UdpSocket socket = manager().connectUdp("udp://no-such-host.invalid:53", script);
        socket.close();
        until("Closed", script::isClosed);
        assertEquals(List.of("ConnectFailed", "Closed"), script.kinds());
        assertEquals(Kind.CANCELLED, script.errorKind());
        settle();
        assertEquals(0, manager().statistics().timers());
    }

    // ---------------------------------------------------------------- addresses

    @Test
    void everyWayToWriteAnAddressIsUnderstood() {
        UdpScript script = udp();
        for (String address :
                List.of("0", ":0", "udp://:0", arm.host() + ":0", "udp://0.0.0.0:0", "UDP://" + arm.host() + ":0")) {
            UdpSocket socket = manager().listenUdp(address, script);
            assertTrue(socket.port() > 0, address);
        }
        UdpSocket six = manager().listenUdp("[::]:0", script);
        assertTrue(six.port() > 0);
    }

    @Test
    void addressesOfOtherSchemesAreRefusedAndOtherCallsNameTheseOnes() {
        UdpScript script = udp();
        assertThrows(MalformedAddressException.class, () -> manager().listenUdp("tcp://:0", script));
        assertThrows(MalformedAddressException.class, () -> manager().listenUdp("udp://name:0", script));
        assertThrows(MalformedAddressException.class, () -> manager().connectUdp("udp://" + arm.host() + ":0", script));
        assertThrows(MalformedAddressException.class, () -> manager().connectUdp("udp://:53", script));
        assertThrows(MalformedAddressException.class, () -> manager().connectUdp("unix:/run/socket", script));
        MalformedAddressException thrown =
                assertThrows(MalformedAddressException.class, () -> manager().listen("udp://:0", script()));
        assertTrue(thrown.getMessage().contains("listenUdp"), thrown::getMessage);
    }

    @Test
    void addressInUseIsRefusedAtOnce() {
        UdpScript script = udp();
        UdpSocket first = listen(script);
        String taken = "udp://" + arm.host() + ":" + first.port();
        assertThrows(ListenException.class, () -> manager().listenUdp(taken, script));
        assertEquals(1, manager().statistics().udpSockets());
        first.close();
        until("Closed", script::isClosed);
        manager().listenUdp(taken, udp());
    }

    @Test
    void targetsThatCannotBeAreRefusedAtOnce() {
        UdpSocket socket = listen(udp());
        assertThrows(
                IllegalArgumentException.class,
                () -> socket.sendTo(InetSocketAddress.createUnresolved("host", 53), "x"));
        assertThrows(IllegalArgumentException.class, () -> socket.sendTo(new InetSocketAddress(arm.host(), 0), "x"));
    }

    @Test
    void sendingWhereNotPermittedIsAnEvent() {
        UdpScript script = udp();
        UdpSocket socket = manager().listenUdp("udp://:0", script);
        until("Opened", script::isOpened);
        InetSocketAddress everybody = new InetSocketAddress("255.255.255.255", 9);
        socket.sendTo(everybody, "hello");
        until("SendFailed", () -> script.has(UdpEvent.SendFailed.class));
        UdpEvent.SendFailed failed = script.all(UdpEvent.SendFailed.class).get(0);
        assertEquals(everybody, failed.target());
        assertEquals(5, failed.length());
        assertEquals(Kind.PERMISSION_DENIED, failed.error().kind());
        assertTrue(socket.isOpen());
    }

    // ---------------------------------------------------------------- groups and broadcast

    private static final InetAddress GROUP = new InetSocketAddress("239.255.77.2", 1).getAddress();

    @Test
    void membersOfAGroupHearWhatIsSentToItUntilTheyLeave() {
        UdpScript script = udp();
        UdpOptions shared = UdpOptions.builder().reusePort(true).build();
        UdpSocket one = manager().listenUdp("udp://:0", shared, script);
        UdpSocket two = manager().listenUdp("udp://:" + one.port(), shared, script);
        one.join(GROUP, "lo");
        two.join(GROUP, "lo");
        UdpSocket sender = listen(
                UdpOptions.builder().multicastInterface("lo").multicastTtl(0).build(), udp());
        sender.sendTo(new InetSocketAddress(GROUP, one.port()), "hello");
        until("two datagrams", () -> script.datagrams.size() == 2);
        two.leave(GROUP, "lo");
        sender.sendTo(new InetSocketAddress(GROUP, one.port()), "again");
        until("one datagram more", () -> script.datagrams.size() == 3);
        settle();
        assertEquals(List.of("hello", "hello", "again"), script.texts());
    }

    @Test
    void whatIsNoGroupIsMisuseAndWhatTheSystemRefusesIsTyped() {
        UdpScript script = udp();
        UdpSocket socket = manager().listenUdp("udp://:0", script);
        assertThrows(
                IllegalArgumentException.class, () -> socket.join(new InetSocketAddress("127.0.0.1", 1).getAddress()));
        MulticastException thrown = assertThrows(MulticastException.class, () -> socket.join(GROUP, "nosuch0"));
        assertTrue(thrown.getMessage().endsWith("No such interface: nosuch0"), thrown::getMessage);
        UdpOptions options = UdpOptions.builder().multicastInterface("nosuch0").build();
        assertThrows(ListenException.class, () -> manager().listenUdp(any(), options, script));
        socket.close();
        assertThrows(ConnectionClosedException.class, () -> socket.join(GROUP, "lo"));
        until("Closed", script::isClosed);
    }

    @Test
    void broadcastReachesThoseWhoListenEverywhere() {
        UdpScript script = udp();
        UdpSocket receiver = manager().listenUdp("udp://:0", script);
        UdpSocket sender = listen(UdpOptions.builder().broadcast(true).build(), udp());
        sender.sendTo(new InetSocketAddress("127.255.255.255", receiver.port()), "all");
        until("the datagram", () -> script.datagrams.size() == 1);
        assertEquals(List.of("all"), script.texts());
    }

    // ---------------------------------------------------------------- ending

    @Test
    void closeIsToldOnceAndSendingAfterwardsIsRefused() {
        UdpScript script = udp();
        UdpSocket socket = listen(script);
        socket.close();
        socket.close();
        socket.abort();
        until("Closed", script::isClosed);
        settle();
        assertEquals(List.of("Opened", "Closed"), script.kinds());
        assertTrue(script.closeReason().isClean());
        assertEquals(Initiator.LOCAL, script.closeReason().initiator());
        assertEquals(ConnectionState.CLOSED, socket.state());
        assertThrows(ConnectionClosedException.class, () -> socket.sendTo(new InetSocketAddress(arm.host(), 9), "x"));
        assertEquals(0, manager().statistics().udpSockets());
        assertEquals(List.of(), manager().udpSockets());
    }

    @Test
    void socketClosedBeforeItsFirstEventTellsOfTheEndAlone() {
        UdpScript script = udp();
        manager().listenUdp(any(), script).close();
        until("Closed", script::isClosed);
        assertEquals(List.of("Closed"), script.kinds());
    }

    @Test
    void abortIsToldAsSuch() {
        UdpScript script = udp();
        listen(script).abort();
        until("Closed", script::isClosed);
        assertEquals(Kind.ABORTED, script.errorKind());
    }

    @Test
    void managerClosesItsSockets() {
        UdpScript script = udp();
        RawUdp peer = udpPeer();
        listen(script);
        connected(peer, script);
        manager().close();
        until("two ends", () -> script.all(UdpEvent.Closed.class).size() == 2);
        assertEquals(Initiator.MANAGER, script.closeReason().initiator());
    }

    @Test
    void handlerThatThrowsLosesItsSocketAlone() {
        UdpScript script = udp();
        RuntimeException failure = new IllegalStateException("on purpose");
        script.on(UdpEvent.Received.class, (socket, event) -> {
            throw failure;
        });
        UdpSocket socket = listen(script);
        UdpScript other = udp();
        UdpSocket second = listen(other);
        RawUdp peer = udpPeer();
        peer.send(socket.localAddress(), "a").send(socket.localAddress(), "b");
        until("Closed", script::isClosed);
        assertEquals(Kind.HANDLER_FAILED, script.errorKind());
        assertEquals(List.of("Opened", "Received", "Closed"), script.kinds());
        Failure told = takeFailure();
        assertEquals(ErrorHook.Source.HANDLER, told.source());
        assertEquals(failure, told.thrown());
        peer.send(second.localAddress(), "still here");
        until("a datagram", () -> other.datagrams.size() == 1);
    }

    @Test
    void closingInTheMiddleOfABatchEndsIt() {
        UdpScript script = udp();
        script.on(UdpEvent.Received.class, (socket, event) -> socket.close());
        UdpSocket socket = listen(script);
        RawUdp peer = udpPeer();
        for (int i = 0; i < 10; i++) {
            peer.send(socket.localAddress(), "x");
        }
        until("Closed", script::isClosed);
        assertEquals(1, script.datagrams.size());
    }

    // ---------------------------------------------------------------- limits

    @Test
    void socketsCountAgainstTheLimitOfTheManager() {
        use(options -> options.maxConnections(2));
        UdpScript script = udp();
        UdpSocket first = listen(script);
        RawUdp peer = udpPeer();
        connected(peer, udp());
        assertEquals(2, manager().statistics().udpSockets());
        assertThrows(ConnectionLimitException.class, () -> manager().listenUdp(any(), script));
        assertThrows(
                ConnectionLimitException.class, () -> manager().connectUdp("udp://" + textOf(peer.address()), script));
        assertThrows(ConnectionLimitException.class, () -> manager().connect(arm.host() + ":9", script()));
        first.close();
        until("room", () -> manager().statistics().udpSockets() == 1);
        manager().listenUdp(any(), udp());
    }

    @Test
    void turnReceivesAsManyDatagramsAsItMay() {
        UdpScript script = udp();
        UdpSocket socket = listen(UdpOptions.builder().datagramsPerTurn(3).build(), script);
        RawUdp peer = udpPeer();
        socket.pauseReading();
        for (int i = 0; i < 7; i++) {
            peer.send(socket.localAddress(), "x");
        }
        settle();
        List<Long> turns = new ArrayList<>();
        script.on(
                UdpEvent.Received.class,
                (any, event) -> turns.add(manager().statistics().turns()));
        socket.resumeReading();
        until("seven datagrams", () -> script.datagrams.size() == 7);
        assertEquals(turns.get(0), turns.get(2));
        assertTrue(turns.get(3) > turns.get(2), "the fourth waits for the next turn");
        assertEquals(turns.get(3), turns.get(5));
        assertTrue(turns.get(6) > turns.get(5));
    }

    @Test
    void floodDoesNotStarveConnections() {
        UdpScript flood = udp();
        // every datagram that is received sends two: there is no end of it
        flood.on(
                UdpEvent.Received.class,
                (socket, event) -> socket.sendTo(socket.localAddress(), "x").sendTo(socket.localAddress(), "x"));
        UdpSocket socket = listen(UdpOptions.builder().datagramsPerTurn(8).build(), flood);
        Script script = script();
        script.on(TcpEvent.Received.class, (connection, event) -> connection.send(event.buffer()));
        Peer peer = accepted(script);
        socket.sendTo(socket.localAddress(), "x");
        until("a flood", () -> flood.datagrams.size() > 100);
        peer.send("ping".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        until("the echo", () -> peer.text().equals("ping"));
        assertTrue(socket.isOpen());
        socket.abort();
    }

    @Test
    void pausedSocketReceivesNothingUntilItResumes() {
        UdpScript script = udp();
        UdpSocket socket = listen(script);
        socket.pauseReading();
        assertTrue(socket.isReadingPaused());
        udpPeer().send(socket.localAddress(), "later");
        settle();
        assertEquals(List.of(), script.datagrams);
        socket.resumeReading();
        until("the datagram", () -> script.datagrams.size() == 1);
    }

    @Test
    void pausingInTheMiddleOfABatchHoldsTheRest() {
        UdpScript script = udp();
        script.on(UdpEvent.Received.class, (socket, event) -> socket.pauseReading());
        UdpSocket socket = listen(script);
        RawUdp peer = udpPeer();
        for (int i = 0; i < 3; i++) {
            peer.send(socket.localAddress(), "x");
        }
        until("one", () -> script.datagrams.size() == 1);
        settle();
        assertEquals(1, script.datagrams.size());
        socket.resumeReading();
        until("two", () -> script.datagrams.size() == 2);
    }

    @Test
    void whatWaitsForANameIsBounded() {
        UdpScript script = udp();
        int cost = 10 + UdpSocket.DATAGRAM_OVERHEAD;
        UdpOptions options = UdpOptions.builder()
                .highWaterMark(2 * cost)
                .lowWaterMark(cost)
                .sendLimit(3 * cost)
                .build();
        UdpSocket socket = manager().connectUdp("udp://no-such-host.invalid:53", options, script);
        socket.send(bytes(10)).send(bytes(10)).send(bytes(10));
        assertEquals(3 * cost, socket.pendingBytes());
        assertThrows(SendLimitException.class, () -> socket.send(new byte[0]));
        assertEquals(3 * cost, socket.pendingBytes());
        socket.abort();
        until("Closed", script::isClosed);
        assertEquals(0, socket.pendingBytes());
    }

    // ---------------------------------------------------------------- time

    @Test
    void timerFiresOnceAndIsToldAsEvent() {
        UdpScript script = udp();
        UdpSocket socket = listen(script);
        assertEquals(Optional.empty(), socket.setTimer(LONG));
        assertTrue(socket.setTimer(SHORT).isPresent());
        until("the timer", () -> script.has(UdpEvent.TimerFired.class));
        assertEquals(Optional.empty(), socket.timer());
        socket.setTimer(SHORT);
        assertTrue(socket.clearTimer().isPresent());
        assertEquals(0, manager().statistics().timers());
    }

    @Test
    void ticksComeToThoseThatAskedForThem() {
        use(options -> options.tickInterval(Duration.ofMillis(20)));
        UdpScript script = udp();
        UdpScript quiet = udp();
        listen(UdpOptions.builder().ticks(true).build(), script);
        listen(quiet);
        until("two ticks", () -> script.all(UdpEvent.Tick.class).size() == 2);
        assertFalse(quiet.has(UdpEvent.Tick.class));
    }

    // ---------------------------------------------------------------- another handler

    @Test
    void anotherHandlerTakesTheNextDatagramOfTheSameTurn() {
        List<String> heard = new ArrayList<>();
        List<Long> turns = new ArrayList<>();
        UdpHandler second = (socket, event) -> {
            turns.add(manager().statistics().turns());
            heard.add(
                    event instanceof UdpEvent.Received datagram
                            ? datagram.takeText()
                            : event.getClass().getSimpleName());
        };
        UdpScript first = udp();
        first.on(UdpEvent.Received.class, (socket, event) -> {
            turns.add(manager().statistics().turns());
            socket.replaceHandler(second);
            assertSame(second, socket.handler());
        });
        UdpSocket socket = listen(first);
        assertSame(first, socket.handler());
        socket.pauseReading();
        udpPeer().send(socket.localAddress(), "one").send(socket.localAddress(), "two");
        settle();
        socket.resumeReading();
        until("both", () -> heard.size() == 1);
        socket.close();
        until("the end", () -> heard.size() == 2);
        assertEquals(List.of("two", "Closed"), heard);
        assertEquals(List.of("one"), first.texts());
        assertEquals(List.of("Opened", "Received"), first.kinds(), "nothing of it comes here any more");
        assertEquals(turns.get(0), turns.get(1));
    }

    @Test
    void whoIsReplacedIsToldSoAndWhoReplacesHimselfIsNot() {
        List<UdpSocket> told = new ArrayList<>();
        UdpHandler replaced = new UdpHandler() {
            @Override
            public void onEvent(UdpSocket socket, UdpEvent event) {}

            @Override
            public void onReplaced(UdpSocket socket) {
                told.add(socket);
            }
        };
        UdpSocket socket = manager().listenUdp(any(), replaced);
        inTurn(() -> socket.replaceHandler(replaced));
        assertEquals(List.of(), told);
        inTurn(() -> socket.replaceHandler((any, event) -> {}));
        assertEquals(List.of(socket), told);
    }

    // ---------------------------------------------------------------- threads and the rest

    @Test
    void otherThreadsMaySendAndCloseAndNothingElse() {
        UdpScript script = udp();
        UdpSocket socket = listen(script);
        RawUdp peer = udpPeer();
        InetSocketAddress target = peer.address();
        Threads.elsewhere(() -> {
            socket.sendTo(target, Bytes.utf8("from"));
            socket.sendTo(target, "elsewhere");
            assertThrows(WrongThreadException.class, () -> socket.sendTo(target, new byte[1]));
            assertThrows(WrongThreadException.class, socket::pauseReading);
            return 0;
        });
        until("two datagrams", () -> peer.texts().size() == 2);
        assertEquals(List.of("from", "elsewhere"), peer.texts());
        Threads.elsewhere(() -> {
            socket.close();
            return 0;
        });
        until("Closed", script::isClosed);
    }

    @Test
    void whatOtherThreadsSendIsBounded() {
        UdpScript script = udp();
        int cost = 10 + UdpSocket.DATAGRAM_OVERHEAD;
        UdpSocket socket = listen(
                UdpOptions.builder()
                        .highWaterMark(cost)
                        .lowWaterMark(0)
                        .sendLimit(2 * cost)
                        .build(),
                script);
        RawUdp peer = udpPeer();
        InetSocketAddress target = peer.address();
        Bytes payload = Bytes.copyOf(bytes(10));
        Threads.elsewhere(() -> {
            socket.sendTo(target, payload).sendTo(target, payload);
            assertThrows(SendLimitException.class, () -> socket.sendTo(target, Bytes.EMPTY));
            return 0;
        });
        until("two datagrams", () -> peer.texts().size() == 2);
        Threads.elsewhere(() -> socket.sendTo(target, payload));
        until("three datagrams", () -> peer.texts().size() == 3);
    }

    @Test
    void attachmentsAndIdsAreKept() {
        UdpScript script = udp();
        UdpSocket one = listen(script);
        UdpSocket two = listen(udp());
        one.attach("mine");
        assertEquals("mine", one.attachment(String.class));
        assertTrue(two.id() > one.id());
        assertEquals(List.of(one, two), manager().udpSockets());
        assertEquals(manager(), one.manager());
    }

    @Test
    void datagramsCountInTheStatisticsWithoutTheirHeaders() {
        UdpScript script = udp();
        UdpSocket socket = listen(script);
        RawUdp peer = udpPeer();
        peer.send(socket.localAddress(), "abc").send(socket.localAddress(), "");
        until("both", () -> script.datagrams.size() == 2);
        inTurn(() -> socket.sendTo(peer.address(), "defgh"));
        assertEquals(3, manager().statistics().bytesReceived());
        assertEquals(5, manager().statistics().bytesSent());
    }

    @Test
    void aGracefulEndDoesNotWaitForThem() {
        UdpScript script = udp();
        listen(script);
        CompletableFuture<ShutdownResult> result = manager().shutdown(LONG);
        until("Closed", script::isClosed);
        assertEquals(new ShutdownResult(0, 0), result.join());
    }

    // ---------------------------------------------------------------- a system without room

    private final FaultyTransport transport = new FaultyTransport();

    private UdpSocket withoutRoom(UdpOptions options, UdpScript script, RawUdp peer) {
        use(managerOptions -> {}, transport::install);
        UdpSocket socket = manager().connectUdp("udp://" + textOf(peer.address()), options, script);
        until("Opened", script::isOpened);
        transport.room(false);
        return socket;
    }

    @Test
    void whatTheSystemHasNoRoomForWaitsWholeAndInOrder() {
        RawUdp peer = udpPeer();
        UdpScript script = udp();
        UdpSocket socket = withoutRoom(UdpOptions.DEFAULT, script, peer);
        byte[] reused = {'b', 'c'};
        inTurn(() -> socket.send("a").send(reused).send("def"));
        reused[0] = 'X';
        assertEquals(6 + 3 * UdpSocket.DATAGRAM_OVERHEAD, socket.pendingBytes());
        settle();
        peer.pump();
        assertEquals(List.of(), peer.texts());
        transport.room(true);
        until("all of it", () -> {
            peer.pump();
            return peer.texts().size() == 3;
        });
        assertEquals(List.of("a", "bc", "def"), peer.texts());
        assertEquals(0, socket.pendingBytes());
        assertEquals(List.of("Opened"), script.kinds());
    }

    @Test
    void whoRoseAboveTheHighWaterMarkHearsOfTheLowOne() {
        RawUdp peer = udpPeer();
        UdpScript script = udp();
        int one = 1 + UdpSocket.DATAGRAM_OVERHEAD;
        UdpOptions options = UdpOptions.builder()
                .lowWaterMark(0)
                .highWaterMark(2 * one)
                .sendLimit(3 * one)
                .build();
        UdpSocket socket = withoutRoom(options, script, peer);
        inTurn(() -> socket.send("1").send("2"));
        assertTrue(socket.isWritable(), "at the mark");
        inTurn(() -> socket.send("3"));
        assertFalse(socket.isWritable(), "above it");
        settle();
        assertFalse(script.has(UdpEvent.Drained.class));
        transport.room(true);
        until("Drained", () -> script.has(UdpEvent.Drained.class));
        assertTrue(socket.isWritable());
        until("all of it", () -> {
            peer.pump();
            return peer.texts().equals(List.of("1", "2", "3"));
        });
        assertEquals(List.of("Opened", "Drained"), script.kinds());
    }

    @Test
    void theSendLimitHoldsAtItsValueAndRefusesOneMore() {
        RawUdp peer = udpPeer();
        UdpScript script = udp();
        UdpOptions options = UdpOptions.builder()
                .lowWaterMark(0)
                .highWaterMark(50)
                .sendLimit(100)
                .build();
        UdpSocket socket = withoutRoom(options, script, peer);
        inTurn(() -> {
            socket.send("x".repeat(100 - UdpSocket.DATAGRAM_OVERHEAD));
            SendLimitException thrown = assertThrows(SendLimitException.class, () -> socket.send(""));
            assertTrue(thrown.getMessage().contains("100 of at most 100"), thrown::getMessage);
        });
        transport.room(true);
        until("what was accepted", () -> {
            peer.pump();
            return peer.texts().size() == 1;
        });
        inTurn(() -> assertThrows(
                DatagramTooLongException.class, () -> socket.send(new byte[LARGEST + 1]), "with room again"));
    }

    @Test
    void closingLetsWaitingDatagramsLeave() {
        RawUdp peer = udpPeer();
        UdpScript script = udp();
        UdpSocket socket = withoutRoom(UdpOptions.builder().closeTimeout(LONG).build(), script, peer);
        inTurn(() -> socket.send("last words").close());
        settle();
        assertFalse(script.isClosed());
        transport.room(true);
        until("Closed", script::isClosed);
        assertTrue(script.closeReason().isClean());
        until("them", () -> {
            peer.pump();
            return peer.texts().equals(List.of("last words"));
        });
    }

    @Test
    void whatCannotLeaveWithinTheCloseTimeoutIsLostAndSaid() {
        UdpScript script = udp();
        UdpSocket socket = withoutRoom(UdpOptions.builder().closeTimeout(SHORT).build(), script, udpPeer());
        inTurn(() -> socket.send("never").close());
        until("Closed", script::isClosed);
        assertEquals(Kind.CLOSE_TIMEOUT, script.errorKind());
    }
}
