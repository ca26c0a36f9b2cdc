package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.AcceptFilter;
import dev.meerkat.Acceptor;
import dev.meerkat.Connection;
import dev.meerkat.ErrorHook;
import dev.meerkat.IpAcl;
import dev.meerkat.ListenException;
import dev.meerkat.ListenOptions;
import dev.meerkat.MalformedAddressException;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.runtime.SocketOptions;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.UnsupportedAddressTypeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Where a manager listens, whom it lets in, how many, and what happens when the system cannot accept. */
abstract class ListeningRules extends ManagerRules {
    // ---- addresses

    @Test
    void portZeroTakesAFreePortAndTellsIt() {
        Acceptor first = listen(script());
        Acceptor second = listen(script());
        assertTrue(first.port() > 0);
        assertNotEquals(first.port(), second.port());
        assertEquals(first.port(), portOf(first.localAddress()));
        assertSame(manager(), first.manager());
        assertTrue(first.isAccepting());
    }

    @Test
    void aBarePortMeansEveryInterface() {
        for (String address : List.of("0", ":0", "tcp://:0", "0.0.0.0:0", "tcp://0.0.0.0:0")) {
            Script script = script();
            Acceptor acceptor = manager().listen(address, script);
            InetSocketAddress bound = (InetSocketAddress) acceptor.localAddress();
            assertTrue(bound.getAddress().isAnyLocalAddress(), address);
            peer(acceptor);
            until("a connection to " + address, script::isOpened);
        }
    }

    @Test
    void anIpv6AddressStandsInBrackets() {
        Script script = script();
        Acceptor acceptor = manager().listen("tcp://" + arm.host6() + ":0", script);
        peer(acceptor);
        until("a connection", script::isOpened);
        assertEquals(acceptor.localAddress(), script.connection().localAddress());
    }

    @Test
    void localhostIsTheLoopbackAddress() {
        Acceptor acceptor = manager().listen("localhost:0", script());
        InetSocketAddress bound = (InetSocketAddress) acceptor.localAddress();
        assertEquals("127.0.0.1", bound.getAddress().getHostAddress());
    }

    @Test
    void aMalformedAddressIsMisuse() {
        for (String address : List.of("", "host:port", "1.2.3.4", "1.2.3:80", "[::1:80", ":65536", "tcp://", "a b:1")) {
            assertThrows(MalformedAddressException.class, () -> manager().listen(address, script()), address);
        }
        assertEquals(0, manager().statistics().acceptors());
    }

    @Test
    void anUnknownSchemeIsMisuseAndNamed() {
        MalformedAddressException thrown = assertThrows(
                MalformedAddressException.class, () -> manager().listen("gopher://127.0.0.1:70", script()));
        assertTrue(thrown.getMessage().contains("gopher"), thrown::getMessage);
    }

    @Test
    void aNameCannotBeListenedOn() {
        MalformedAddressException thrown =
                assertThrows(MalformedAddressException.class, () -> manager().listen("meerkat.example:80", script()));
        assertTrue(thrown.getMessage().contains("meerkat.example"), thrown::getMessage);
    }

    @Test
    void anAddressInUseCannotBeListenedOn() {
        Acceptor present = listen(script());
        String address = arm.host() + ":" + present.port();
        ListenException thrown =
                assertThrows(ListenException.class, () -> manager().listen(address, script()));
        assertInstanceOf(BindException.class, thrown.getCause());
        assertTrue(thrown.getMessage().contains(address), thrown::getMessage);
        assertEquals(1, manager().statistics().acceptors());
    }

    @Test
    void anAddressOfAnotherHostCannotBeListenedOn() {
        ListenException thrown =
                assertThrows(ListenException.class, () -> manager().listen(arm.foreignHost() + ":0", script()));
        assertInstanceOf(BindException.class, thrown.getCause());
        assertTrue(thrown.getMessage().contains(arm.foreignHost()), thrown::getMessage);
    }

    @Test
    void anAddressOfAFamilyThatThisHostHasNotCannotBeListenedOn() {
        FaultyTransport transport = new FaultyTransport();
        use(options -> {}, transport::install);
        UnsupportedAddressTypeException cause = new UnsupportedAddressTypeException();
        transport.failListens(cause);
        ListenException thrown =
                assertThrows(ListenException.class, () -> manager().listen(arm.host() + ":0", script()));
        assertSame(cause, thrown.getCause().getCause());
        assertTrue(thrown.getMessage().contains("family"), thrown::getMessage);
    }

    // ---- the acceptor

    @Test
    void anAcceptedConnectionKnowsWhereItComesFrom() {
        Script script = script();
        Acceptor acceptor = listen(script);
        Peer peer = peer(acceptor);
        until("a connection", script::isOpened);
        Connection connection = script.connection();
        assertEquals(Optional.of(acceptor), connection.acceptor());
        assertSame(manager(), connection.manager());
        assertEquals(acceptor.localAddress(), connection.localAddress());
        assertEquals(portOf(peer.handle()), portOf(connection.remoteAddress()));
        assertEquals(1, acceptor.connectionCount());
    }

    @Test
    void acceptedConnectionsHaveTheOptionsOfTheirAcceptor() {
        Script script = script();
        ListenOptions options = listening(each -> each.receiveLimit(17).halfClose(true));
        accepted(options, script);
        assertEquals(options.connection(), script.connection().options());
    }

    @Test
    void acceptedConnectionsStartWithoutAnAttachment() {
        Script script = script();
        manager().attach("the manager's");
        accepted(script);
        assertEquals(null, script.connection().attachment(Object.class));
    }

    @Test
    void connectionsLiveOnWhenTheirAcceptorIsClosed() {
        Script script = script();
        Acceptor acceptor = listen(script);
        Peer peer = peer(acceptor);
        until("a connection", script::isOpened);
        SocketAddress address = acceptor.localAddress();
        acceptor.close();
        acceptor.close();
        peer.send("still here");
        until("input", () -> script.text().equals("still here"));
        assertFalse(acceptor.isAccepting());
        assertEquals(address, acceptor.localAddress());
        assertEquals(1, acceptor.connectionCount());
        assertEquals(0, manager().statistics().acceptors());
    }

    @Test
    void aClosedAcceptorLetsNobodyInAndFreesItsPort() {
        Acceptor acceptor = listen(script());
        acceptor.close();
        Peer late = peer(acceptor);
        until("the refusal", () -> late.failure() != null);
        Script script = script();
        Acceptor again = manager().listen(arm.host() + ":" + acceptor.port(), script);
        peer(again);
        until("a connection", script::isOpened);
    }

    @Test
    void anAcceptorMayBeClosedByItsOwnConnections() {
        Script script = script().on(
                        TcpEvent.Opened.class,
                        (connection, event) ->
                                connection.acceptor().orElseThrow().close());
        Acceptor acceptor = listen(script);
        peer(acceptor);
        until("a connection", script::isOpened);
        assertFalse(acceptor.isAccepting());
        assertTrue(script.connection().isOpen());
    }

    // ---- how many

    @Test
    void anAcceptorHoldsItsLimitAndNoMore() {
        Script script = script();
        Acceptor acceptor = listen(ListenOptions.builder().maxConnections(2).build(), script);
        peer(acceptor);
        Peer second = peer(acceptor);
        Peer third = peer(acceptor);
        until("two connections", () -> script.connections().size() == 2);
        settle();
        assertEquals(2, acceptor.connectionCount());
        assertFalse(acceptor.isAccepting());
        assertTrue(third.isConnected(), "it waits in the backlog");
        third.send("let me in");
        second.close();
        until("the third", () -> script.connections().size() == 3);
        Connection admitted = script.connections().get(2);
        until("its input", () -> script.bytes(admitted).length == "let me in".length());
        assertEquals(2, acceptor.connectionCount());
    }

    @Test
    void aManagerHoldsItsLimitOverAllAcceptorsAndNoMore() {
        use(options -> options.maxConnections(2));
        Script one = script();
        Script other = script();
        Acceptor first = listen(one);
        Acceptor second = listen(other);
        peer(first);
        until("the first", one::isOpened);
        peer(second);
        until("the second", other::isOpened);
        peer(first);
        peer(second);
        settle();
        assertEquals(2, manager().statistics().connections());
        assertFalse(first.isAccepting());
        assertFalse(second.isAccepting());
        one.connection().abort();
        until("a third", () -> one.connections().size() + other.connections().size() == 3);
        settle();
        assertEquals(2, manager().statistics().connections());
    }

    @Test
    void aConnectionThatHasBeenToldItsEndNoLongerCounts() {
        use(options -> options.maxConnections(1));
        List<Integer> counts = new ArrayList<>();
        Script script = script().on(
                        TcpEvent.Closed.class,
                        (connection, event) -> counts.add(manager().statistics().connections()));
        accepted(script);
        script.connection().abort();
        untilClosed(script);
        assertEquals(List.of(0), counts);
    }

    @Test
    void aFloodIsLetInOverSeveralTurns() {
        Script script = script();
        Acceptor acceptor = listen(script);
        for (int i = 0; i < 300; i++) {
            peer(acceptor);
        }
        until("all of them", () -> script.count(TcpEvent.Opened.class) == 300);
        assertEquals(300, acceptor.connectionCount());
    }

    // ---- who

    @Test
    void aFilterDecidesBeforeAnyByte() {
        Script script = script();
        List<SocketAddress> asked = new ArrayList<>();
        ListenOptions options = ListenOptions.builder()
                .filter(remote -> {
                    asked.add(remote);
                    return false;
                })
                .build();
        Peer peer = peer(listen(options, script));
        until("the peer to be connected", peer::isConnected);
        peer.send("not read");
        until("the reset", peer::wasReset);
        settle();
        assertEquals(List.of(), script.entries());
        assertEquals(1, asked.size());
        assertEquals(0, peer.receivedCount());
        assertEquals(0, manager().statistics().connections());
    }

    @Test
    void aFilterIsAskedBeforeTheHandlerHearsAnything() {
        Script script = script();
        List<List<String>> before = new ArrayList<>();
        List<SocketAddress> asked = new ArrayList<>();
        ListenOptions options = ListenOptions.builder()
                .filter(remote -> {
                    before.add(script.kinds());
                    return asked.add(remote);
                })
                .build();
        Acceptor acceptor = listen(options, script);
        peer(acceptor);
        until("a connection", script::isOpened);
        assertEquals(List.of(List.of()), before);
        assertEquals(asked.get(0), script.connection().remoteAddress());
    }

    @Test
    void aFilterThatThrowsRefusesAndIsReported() {
        IllegalStateException broken = new IllegalStateException("broken filter");
        refusedBy(remote -> {
            throw broken;
        });
        Failure failure = takeFailure();
        assertEquals(ErrorHook.Source.FILTER, failure.source());
        assertSame(broken, failure.thrown());
    }

    @Test
    void aFilterThatFailsAnAssertionRefusesAndIsReported() {
        refusedBy(remote -> {
            throw new AssertionError("broken filter");
        });
        assertEquals(ErrorHook.Source.FILTER, takeFailure().source());
    }

    private void refusedBy(AcceptFilter filter) {
        Script script = script();
        Acceptor acceptor = listen(ListenOptions.builder().filter(filter).build(), script);
        Peer peer = peer(acceptor);
        until("the reset", peer::wasReset);
        assertEquals(List.of(), script.entries());
        assertTrue(acceptor.isAccepting());
    }

    @Test
    void anAccessListIsAFilter() {
        Script script = script();
        Acceptor open =
                listen(ListenOptions.builder().filter(IpAcl.parse("+0.0.0.0/0")).build(), script);
        Acceptor shut =
                listen(ListenOptions.builder().filter(IpAcl.parse("-0.0.0.0/0")).build(), script);
        Peer refused = peer(shut);
        until("the reset", refused::wasReset);
        peer(open);
        until("the other", script::isOpened);
        assertEquals(Optional.of(open), script.connection().acceptor());
    }

    // ---- when the system cannot accept

    private static final int FAILURES = 3;

    @Test
    void acceptingGoesOnAfterTheSystemCouldNot() {
        FaultyTransport transport = new FaultyTransport();
        use(options -> {}, transport::install);
        Script old = script();
        Acceptor acceptor = listen(old);
        Peer living = peer(acceptor);
        until("the first connection", old::isOpened);

        transport.failAccepts(FAILURES);
        int attempts = transport.accepts;
        peer(acceptor);
        until("accepting to pause", () -> !acceptor.isAccepting());
        living.send("served");
        until("the old connection to be served", () -> old.text().equals("served"));
        until("the second connection", () -> old.connections().size() == 2);
        settle();

        // every failure was one attempt, the last of which found the waiting one, and then nobody else
        assertEquals(FAILURES + 2, transport.accepts - attempts, "attempts to accept");
        assertTrue(acceptor.isAccepting());
        Failure failure = takeFailure();
        assertEquals(ErrorHook.Source.ACCEPT, failure.source());
        assertEquals("Too many open files", failure.thrown().getMessage());
    }

    @Test
    void whoIsGoneBeforeHeIsAcceptedHoldsUpNobody() {
        FaultyTransport transport = new FaultyTransport();
        use(options -> {}, transport::install);
        Script script = script();
        Acceptor acceptor = listen(script);
        transport.failAccepts(FAILURES, "Software caused connection abort");
        peer(acceptor);
        until("the attempts", () -> transport.accepts > 0);
        // in the very turn in which the others were found gone
        assertEquals(1, script.connections().size());
        assertEquals(FAILURES + 2, transport.accepts);
        assertTrue(acceptor.isAccepting());
        assertEquals(0, manager().statistics().timers());
    }

    @Test
    void aFailureToAcceptThatComesBackIsReportedAgain() {
        FaultyTransport transport = new FaultyTransport();
        use(options -> {}, transport::install);
        Script script = script();
        Acceptor acceptor = listen(script);
        for (int i = 1; i <= 2; i++) {
            transport.failAccepts(1);
            peer(acceptor);
            int expected = i;
            until("connection " + i, () -> script.connections().size() == expected);
        }
        assertEquals(2, takeFailures().size());
    }

    @Test
    void acceptingGoesOnAsSoonAsAConnectionEnds() {
        FaultyTransport transport = new FaultyTransport();
        use(options -> {}, transport::install);
        Script script = script();
        Acceptor acceptor = listen(script);
        peer(acceptor);
        until("the first connection", script::isOpened);
        transport.failAccepts(1);
        peer(acceptor);
        until("accepting to pause", () -> !acceptor.isAccepting());
        Connection first = script.connection();
        inTurn(first::abort);
        assertTrue(acceptor.isAccepting(), "the end of a connection has made room");
        takeFailures();
    }

    @Test
    void aPausingAcceptorCanBeClosed() {
        FaultyTransport transport = new FaultyTransport();
        use(options -> {}, transport::install);
        Script script = script();
        Acceptor acceptor = listen(script);
        transport.failAccepts(1);
        Peer waiting = peer(acceptor);
        until("accepting to pause", () -> !acceptor.isAccepting());
        acceptor.close();
        until("the waiting one to learn of it", waiting::wasReset);
        assertEquals(0, manager().statistics().timers());
        takeFailures();
    }

    // ---- options of the socket

    @Test
    void backlogAndBufferSizesReachTheTransport() {
        FaultyTransport transport = new FaultyTransport();
        use(options -> {}, transport::install);
        ListenOptions options = ListenOptions.builder()
                .backlog(7)
                .reuseAddress(false)
                .connection(connection(each -> each.noDelay(false)
                        .keepAlive(false)
                        .receiveBufferBytes(10_000)
                        .sendBufferBytes(20_000)))
                .build();
        listen(options, script());
        assertEquals(List.of(new SocketOptions(false, false, 10_000, 20_000, 7, false, false)), transport.options);
    }

    @Test
    void thePauseIsShort() {
        FaultyTransport transport = new FaultyTransport();
        use(options -> {}, transport::install);
        Acceptor acceptor = listen(script());
        transport.failAccepts(1);
        peer(acceptor);
        until("accepting to pause", () -> !acceptor.isAccepting());
        Duration pause = manager().timeToNextTimer().orElseThrow();
        assertTrue(pause.compareTo(Duration.ofMillis(100)) <= 0, pause::toString);
        takeFailures();
    }
}
