package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.ConnectOptions;
import dev.meerkat.Connection;
import dev.meerkat.ConnectionLimitException;
import dev.meerkat.ConnectionState;
import dev.meerkat.MalformedAddressException;
import dev.meerkat.event.CloseReason.Initiator;
import dev.meerkat.event.ConnectionError;
import dev.meerkat.event.ConnectionError.Kind;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.runtime.ListenerHandle;
import dev.meerkat.runtime.Resolver;
import dev.meerkat.runtime.SocketOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.nio.channels.UnsupportedAddressTypeException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Outbound connections: looking up, trying one address after the other, success, the ways to fail, and giving up. */
abstract class ConnectingRules extends ManagerRules {
    /** Addresses that belong to nobody (RFC 5737), on which faults are planted. */
    private static final String FIRST = "192.0.2.1";

    private static final String SECOND = "192.0.2.2";

    private final FaultyTransport transport = new FaultyTransport();
    private final Names names = new Names();

    private void useFaults() {
        use(options -> {}, runtime -> names.install(transport.install(runtime)));
    }

    private void assertFailed(Script script, Kind kind) {
        assertEquals(List.of("ConnectFailed", "Closed"), script.kinds());
        ConnectionError error = script.all(TcpEvent.ConnectFailed.class).get(0).error();
        assertEquals(kind, error.kind(), error::toString);
        assertSame(error, script.closeReason().error().orElseThrow());
        assertEquals(Optional.of(script.closeReason()), script.connection().closeReason());
        assertEquals(ConnectionState.CLOSED, script.connection().state());
    }

    private String closedPort() {
        ListenerHandle listener = peerListener();
        String address = addressOf(listener);
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return address;
    }

    // ---- success

    @Test
    void theFirstEventSaysThatItWorked() {
        Script script = script();
        connected(script).send("then input");
        until("input", () -> script.text().equals("then input"));
        assertEquals("Opened", script.kinds().get(0));
    }

    @Test
    void noEventPrecedesTheReturnOfConnect() {
        String refusing = closedPort();
        Script script = script();
        inTurn(() -> {
            Connection connection = manager().connect(refusing, script);
            assertEquals(List.of(), script.entries());
            assertEquals(ConnectionState.CONNECTING, connection.state());
        });
        untilClosed(script);
    }

    @Test
    void anOutboundConnectionHasNoAcceptor() {
        Script script = script();
        connected(script);
        assertEquals(Optional.empty(), script.connection().acceptor());
        assertSame(manager(), script.connection().manager());
        assertTrue(script.connection().isOpen());
    }

    @Test
    void idsRiseAndNeverComeAgain() {
        Script script = script();
        String refusing = closedPort();
        long first = manager().connect(refusing, script).id();
        long second = manager().connect(refusing, script).id();
        until("both to fail", () -> script.count(TcpEvent.Closed.class) == 2);
        long third = manager().connect(refusing, script).id();
        assertTrue(first >= 1 && first < second && second < third, first + ", " + second + ", " + third);
        until("the third to fail", () -> script.count(TcpEvent.Closed.class) == 3);
    }

    @Test
    void addressesAreKnownBeforeAndAfter() {
        useFaults();
        ListenerHandle listener = peerListener();
        Script script = script();
        Connection connection = manager().connect("meerkat.example:" + portOf(listener), script);
        InetSocketAddress asked = (InetSocketAddress) connection.remoteAddress();
        assertTrue(asked.isUnresolved());
        assertEquals("meerkat.example", asked.getHostString());
        assertEquals(portOf(listener), asked.getPort());
        assertEquals(0, portOf(connection.localAddress()));
        until("the look-up", () -> !names.asked.isEmpty());
        names.answer(hostOf(listener));
        Peer peer = accept(listener);
        until("the connection", script::isOpened);
        assertEquals(addressOf(listener), text(connection.remoteAddress()));
        assertNotEquals(0, portOf(connection.localAddress()));
        assertEquals(portOf(connection.localAddress()), remotePortOf(peer));
        connection.abort();
        untilClosed(script);
        assertEquals(addressOf(listener), text(connection.remoteAddress()), "kept after the end");
    }

    private static String text(java.net.SocketAddress address) {
        InetSocketAddress inet = (InetSocketAddress) address;
        return inet.getAddress().getHostAddress() + ":" + inet.getPort();
    }

    private static int remotePortOf(Peer peer) {
        try {
            return portOf(peer.handle().remoteAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String hostOf(ListenerHandle listener) {
        return addressOf(listener).split(":")[0];
    }

    @Test
    void stateFollowsTheWayToAConnection() {
        useFaults();
        transport.silence(FIRST);
        ListenerHandle listener = peerListener();
        Script script = script();
        ConnectOptions options = ConnectOptions.builder().attemptTimeout(SHORT).build();
        Connection connection = manager().connect("meerkat.example:" + portOf(listener), options, script);
        assertEquals(ConnectionState.RESOLVING, connection.state());
        assertFalse(connection.isOpen());
        until("the look-up", () -> !names.asked.isEmpty());
        assertEquals(List.of("meerkat.example"), names.asked);
        names.answer(FIRST, hostOf(listener));
        until("the first attempt", () -> connection.state() == ConnectionState.CONNECTING);
        until("the connection", script::isOpened);
        assertEquals(ConnectionState.OPEN, connection.state());
        accept(listener);
    }

    @Test
    void theLoopGoesOnWhileANameIsLookedUp() {
        useFaults();
        Script resolving = script();
        manager().connect("meerkat.example:80", resolving);
        Script other = script();
        Peer peer = accepted(other);
        peer.send("served");
        until("another connection to be served", () -> other.text().equals("served"));
        assertEquals(List.of(), resolving.entries());
    }

    @Test
    void anIpv6AddressStandsInBrackets() {
        Script server = script();
        var acceptor = manager().listen(arm.host6() + ":0", server);
        Script client = script();
        manager().connect("tcp://" + arm.host6() + ":" + acceptor.port(), client);
        until("both ends", () -> client.isOpened() && server.isOpened());
        assertEquals(acceptor.localAddress(), client.connection().remoteAddress());
    }

    @Test
    void socketOptionsReachTheTransport() {
        useFaults();
        ListenerHandle listener = peerListener();
        Script script = script();
        manager()
                .connect(
                        addressOf(listener),
                        connecting(each -> each.noDelay(false)
                                .keepAlive(false)
                                .receiveBufferBytes(10_000)
                                .sendBufferBytes(20_000)),
                        script);
        accept(listener);
        until("the connection", script::isOpened);
        SocketOptions asked = transport.options.get(0);
        assertEquals(new SocketOptions(false, false, 10_000, 20_000, 1, false, false), asked);
    }

    // ---- misuse

    @Test
    void aMalformedAddressThrowsAtTheCall() {
        for (String address :
                List.of("", "80", ":80", "0.0.0.0:80", "[::]:80", "host", "host:0", "host:x", "1.2.3:80")) {
            assertThrows(MalformedAddressException.class, () -> manager().connect(address, script()), address);
        }
        assertEquals(List.of(), manager().connections());
    }

    @Test
    void anUnknownSchemeThrowsAtTheCallAndIsNamed() {
        MalformedAddressException thrown = assertThrows(
                MalformedAddressException.class, () -> manager().connect("gopher://127.0.0.1:70", script()));
        assertTrue(thrown.getMessage().contains("gopher"), thrown::getMessage);
    }

    @Test
    void aManagerMakesAsManyConnectionsAsItsLimitAndNoMore() {
        use(options -> options.maxConnections(2));
        ListenerHandle listener = peerListener();
        Script script = script();
        manager().connect(addressOf(listener), script);
        manager().connect(addressOf(listener), script);
        ConnectionLimitException thrown =
                assertThrows(ConnectionLimitException.class, () -> manager().connect(addressOf(listener), script()));
        assertTrue(thrown.getMessage().contains("2"), thrown::getMessage);
        until("two connections", () -> script.count(TcpEvent.Opened.class) == 2);
        script.connections().get(0).abort();
        until("one end", () -> script.count(TcpEvent.Closed.class) == 1);
        manager().connect(addressOf(listener), script);
        until("a third connection", () -> script.count(TcpEvent.Opened.class) == 3);
    }

    @Test
    void whoHearsOfTheEndMayConnectAgain() {
        use(options -> options.maxConnections(1));
        String refusing = closedPort();
        Script script = script();
        script.on(TcpEvent.Closed.class, (connection, event) -> {
            if (script.connections().size() < 3) {
                manager().connect(refusing, script);
            }
        });
        manager().connect(refusing, script);
        until("three attempts", () -> script.count(TcpEvent.Closed.class) == 3);
    }

    // ---- failure

    @Test
    void aRefusedConnectFailsOnceAndIsClosed() {
        String address = closedPort();
        Script script = script();
        manager().connect(address, script);
        untilClosed(script);
        settle();
        assertFailed(script, Kind.REFUSED);
        assertEquals(Initiator.PEER, script.closeReason().initiator());
        String message = script.closeReason().error().orElseThrow().message();
        assertTrue(message.contains(address), message);
        assertEquals(List.of(), manager().connections());
    }

    @Test
    void anUnreachableHostIsTold() {
        useFaults();
        transport.failConnect(FIRST, new NoRouteToHostException("No route to host"));
        Script script = script();
        manager().connect(FIRST + ":80", script);
        untilClosed(script);
        assertFailed(script, Kind.UNREACHABLE);
        assertEquals(Initiator.NETWORK, script.closeReason().initiator());
    }

    @Test
    void aFailureThatNobodyExpectedIsToldToo() {
        useFaults();
        UnsupportedAddressTypeException thrown = new UnsupportedAddressTypeException();
        transport.failConnect(FIRST, thrown);
        Script script = script();
        manager().connect(FIRST + ":80", script);
        untilClosed(script);
        assertFailed(script, Kind.IO);
        assertSame(thrown, script.closeReason().error().orElseThrow().cause().orElseThrow());
    }

    @Test
    void anUnknownHostIsTold() {
        failedLookUp(new UnknownHostException("meerkat.example"), Kind.UNKNOWN_HOST);
    }

    @Test
    void aLookUpThatFailsOtherwiseSaysNothingAboutTheHost() {
        failedLookUp(new IOException("server failure"), Kind.LOOKUP_FAILED);
    }

    private void failedLookUp(Throwable failure, Kind kind) {
        useFaults();
        Script script = script();
        manager().connect("meerkat.example:80", script);
        until("the look-up", () -> !names.asked.isEmpty());
        names.pending().completeExceptionally(failure);
        untilClosed(script);
        assertFailed(script, kind);
        ConnectionError error = script.closeReason().error().orElseThrow();
        assertSame(failure, error.cause().orElseThrow());
        assertTrue(error.message().contains("meerkat.example"), error::message);
    }

    @Test
    void aResolverThatThrowsIsAFailedLookUp() {
        brokenResolver(name -> {
            throw new IllegalStateException("broken resolver");
        });
    }

    @Test
    void aResolverThatFailsAnAssertionIsAFailedLookUp() {
        brokenResolver(name -> {
            throw new AssertionError("broken resolver");
        });
    }

    private void brokenResolver(Resolver resolver) {
        use(options -> {}, runtime -> runtime.withResolver(resolver));
        Script script = script();
        manager().connect("meerkat.example:80", script);
        untilClosed(script);
        assertFailed(script, Kind.LOOKUP_FAILED);
    }

    @Test
    void aLookUpThatIsNeverAnsweredTimesOut() {
        useFaults();
        Script script = script();
        manager()
                .connect(
                        "meerkat.example:80",
                        ConnectOptions.builder().connectTimeout(SHORT).build(),
                        script);
        untilClosed(script);
        assertFailed(script, Kind.CONNECT_TIMEOUT);
        assertTrue(names.pending().isCancelled(), "the look-up is abandoned");
        String message = script.closeReason().error().orElseThrow().message();
        assertTrue(message.contains("meerkat.example"), message);
    }

    @Test
    void aHostThatNeverAnswersTimesOut() {
        useFaults();
        transport.silence(FIRST);
        Script script = script();
        manager()
                .connect(
                        FIRST + ":80",
                        ConnectOptions.builder().connectTimeout(SHORT).build(),
                        script);
        untilClosed(script);
        assertFailed(script, Kind.CONNECT_TIMEOUT);
        assertFalse(transport.attempts.get(0).isOpen(), "the socket is released");
    }

    // ---- several addresses

    @Test
    void addressesAreTriedInTheirOrderUntilOneAnswers() {
        useFaults();
        transport.failConnect(FIRST, new ConnectException("Connection refused"));
        transport.failConnect(SECOND, new UnsupportedAddressTypeException());
        ListenerHandle listener = peerListener();
        Script script = script();
        manager().connect("meerkat.example:" + portOf(listener), script);
        until("the look-up", () -> !names.asked.isEmpty());
        names.answer(FIRST, SECOND, hostOf(listener), "192.0.2.3");
        accept(listener);
        until("the connection", script::isOpened);
        assertEquals(List.of(FIRST, SECOND, hostOf(listener)), transport.tried);
        assertEquals(addressOf(listener), text(script.connection().remoteAddress()));
        assertEquals(List.of("Opened"), script.kinds());
    }

    @Test
    void anAddressThatRefusesLaterIsFollowedByTheNext() {
        useFaults();
        transport.failConnect(FIRST, new ConnectException("Connection refused"));
        String refusing = closedPort();
        ListenerHandle listener = peerListener();
        Script script = script();
        manager().connect("meerkat.example:" + refusing.split(":")[1], script);
        until("the look-up", () -> !names.asked.isEmpty());
        names.answer(refusing.split(":")[0], FIRST);
        untilClosed(script);
        assertFailed(script, Kind.REFUSED);
        assertEquals(2, transport.tried.size());
        assertTrue(listener.isOpen());
    }

    @Test
    void anAddressThatDoesNotAnswerIsFollowedByTheNextAfterItsTime() {
        useFaults();
        transport.silence(FIRST);
        ListenerHandle listener = peerListener();
        Script script = script();
        manager()
                .connect(
                        "meerkat.example:" + portOf(listener),
                        ConnectOptions.builder().attemptTimeout(SHORT).build(),
                        script);
        until("the look-up", () -> !names.asked.isEmpty());
        names.answer(FIRST, hostOf(listener));
        accept(listener);
        until("the connection", script::isOpened);
        assertEquals(List.of(FIRST, hostOf(listener)), transport.tried);
        assertFalse(transport.attempts.get(0).isOpen(), "the silent one is released");
        assertEquals(0, manager().statistics().timers());
    }

    @Test
    void whenAllAddressesFailEachIsToldAndTheMostTellingFirst() {
        useFaults();
        transport.failConnect(FIRST, new ConnectException("Connection refused"));
        transport.failConnect(SECOND, new NoRouteToHostException("No route to host"));
        Script script = script();
        manager().connect("meerkat.example:80", script);
        until("the look-up", () -> !names.asked.isEmpty());
        names.answer(FIRST, SECOND);
        untilClosed(script);
        assertFailed(script, Kind.REFUSED); // an answer of the peer tells more than what could not even be tried
        ConnectionError error = script.closeReason().error().orElseThrow();
        assertEquals(
                List.of(Kind.REFUSED, Kind.UNREACHABLE),
                error.attempts().stream().map(ConnectionError::kind).toList());
        assertTrue(error.message().contains(FIRST + ":80: Connection refused"), error::message);
        assertTrue(error.message().contains(SECOND + ":80: No route to host"), error::message);
        assertEquals(List.of(FIRST, SECOND), transport.tried);
    }

    @Test
    void theTimeOutHoldsForAllAddressesTogether() {
        useFaults();
        transport.silence(FIRST);
        transport.silence(SECOND);
        Script script = script();
        manager()
                .connect(
                        "meerkat.example:80",
                        ConnectOptions.builder()
                                .connectTimeout(SHORT)
                                .attemptTimeout(SHORT.multipliedBy(3).dividedBy(4))
                                .build(),
                        script);
        until("the look-up", () -> !names.asked.isEmpty());
        names.answer(FIRST, SECOND, FIRST, SECOND);
        untilClosed(script);
        assertFailed(script, Kind.CONNECT_TIMEOUT);
        assertTrue(transport.tried.size() <= 2, transport.tried::toString);
    }

    // ---- giving up

    @Test
    void closingWhileResolvingCancelsTheLookUp() {
        useFaults();
        Script script = script();
        Connection connection = manager().connect("meerkat.example:80", script);
        until("the look-up", () -> !names.asked.isEmpty());
        connection.close();
        assertTrue(names.pending().isCancelled());
        untilClosed(script);
        settle();
        assertFailed(script, Kind.CANCELLED);
        assertEquals(Initiator.LOCAL, script.closeReason().initiator());
    }

    @Test
    void abortingWhileResolvingCancelsTheLookUp() {
        useFaults();
        Script script = script();
        Connection connection = manager().connect("meerkat.example:80", script);
        until("the look-up", () -> !names.asked.isEmpty());
        connection.abort();
        untilClosed(script);
        assertFailed(script, Kind.CANCELLED);
        assertTrue(names.pending().isCancelled());
    }

    @Test
    void closingBeforeTheLookUpBeginsPreventsIt() {
        useFaults();
        Script script = script();
        manager().connect("meerkat.example:80", script).close();
        untilClosed(script);
        assertFailed(script, Kind.CANCELLED);
        assertEquals(List.of(), names.asked);
    }

    @Test
    void anAnswerThatComesTooLateIsIgnored() {
        CompletableFuture<Resolver.Answer> deaf = new CompletableFuture<>() {
            @Override
            public boolean cancel(boolean mayInterrupt) {
                return false; // goes on as if it had not been told
            }
        };
        use(options -> {}, runtime -> transport.install(runtime.withResolver(name -> deaf)));
        Script script = script();
        Connection connection = manager().connect("meerkat.example:80", script);
        manager().runOnce(Duration.ZERO);
        connection.close();
        untilClosed(script);
        deaf.completeExceptionally(new UnknownHostException("meerkat.example"));
        settle();
        assertFailed(script, Kind.CANCELLED);
        assertEquals(List.of(), transport.tried);
    }

    @Test
    void closingWhileConnectingGivesUp() {
        useFaults();
        transport.silence(FIRST);
        Script script = script();
        Connection connection = manager().connect(FIRST + ":80", script);
        until("the attempt", () -> !transport.attempts.isEmpty());
        assertEquals(ConnectionState.CONNECTING, connection.state());
        connection.close();
        untilClosed(script);
        assertFailed(script, Kind.CANCELLED);
        assertFalse(transport.attempts.get(0).isOpen(), "the socket is released");
    }

    @Test
    void abortingWhileConnectingGivesUp() {
        useFaults();
        transport.silence(FIRST);
        Script script = script();
        Connection connection = manager().connect(FIRST + ":80", script);
        until("the attempt", () -> !transport.attempts.isEmpty());
        connection.abort();
        connection.abort();
        connection.close();
        untilClosed(script);
        assertFailed(script, Kind.CANCELLED);
        assertFalse(transport.attempts.get(0).isOpen(), "the socket is released");
    }

    @Test
    void aHandlerThatGivesUpInOpenedHasHadOpened() {
        Script script = script().on(TcpEvent.Opened.class, (connection, event) -> connection.abort());
        Peer peer = connected(script);
        untilClosed(script);
        assertEquals(List.of("Opened", "Closed"), script.kinds());
        until("the reset", peer::wasReset);
    }

    // ---- timers on the way

    @Test
    void aTimerFiresWhileResolving() {
        useFaults();
        Script script = script();
        Connection connection = manager().connect("meerkat.example:80", script);
        connection.setTimer(SHORT);
        until("the timer", () -> script.has(TcpEvent.TimerFired.class));
        assertEquals(ConnectionState.RESOLVING, connection.state());
        assertEquals(List.of("TimerFired"), script.kinds());
        connection.abort();
    }

    @Test
    void aTimerFiresWhileConnecting() {
        useFaults();
        transport.silence(FIRST);
        Script script = script();
        Connection connection = manager().connect(FIRST + ":80", script);
        connection.setTimer(SHORT);
        until("the timer", () -> script.has(TcpEvent.TimerFired.class));
        assertEquals(ConnectionState.CONNECTING, connection.state());
        connection.abort();
    }

    /** The example of row M-87: a timer of 1.5 s, set right after connecting, as a connect time-out of one's own. */
    @Test
    void aTimerSetAfterConnectingServesAsConnectTimeOut() {
        useFaults();
        transport.silence(FIRST);
        Script script = script().on(TcpEvent.Opened.class, (connection, event) -> connection.clearTimer())
                .on(TcpEvent.TimerFired.class, (connection, event) -> connection.abort());
        manager().connect(FIRST + ":80", script).setTimer(Duration.ofMillis(1500));
        untilClosed(script);
        assertEquals(List.of("TimerFired", "ConnectFailed", "Closed"), script.kinds());
        assertEquals(Kind.CANCELLED, script.errorKind());
    }

    @Test
    void aTimerClearedInOpenedDoesNotFire() {
        ListenerHandle listener = peerListener();
        Script script = script().on(TcpEvent.Opened.class, (connection, event) -> connection.clearTimer())
                .on(TcpEvent.TimerFired.class, (connection, event) -> connection.abort());
        manager().connect(addressOf(listener), script).setTimer(Duration.ofMillis(1500));
        accept(listener);
        until("the connection", script::isOpened);
        assertEquals(0, manager().statistics().timers());
        assertEquals(Optional.empty(), script.connection().timer());
    }

    // ---- sending before it is established

    @Test
    void whatIsSentBeforeOpenedLeavesAfterIt() {
        useFaults();
        ListenerHandle listener = peerListener();
        Script script = script().on(TcpEvent.Opened.class, (connection, event) -> connection.send(" third"));
        Connection connection = manager().connect("meerkat.example:" + portOf(listener), script);
        connection.send("first");
        until("the look-up", () -> !names.asked.isEmpty());
        connection.send(" second");
        assertEquals("first second".length(), connection.pendingBytes());
        assertFalse(connection.isWritable());
        names.answer(hostOf(listener));
        Peer peer = accept(listener);
        until("all of it", () -> peer.text().equals("first second third"));
    }

    @Test
    void outputShutDownBeforeOpenedEndsAfterIt() {
        ListenerHandle listener = peerListener();
        Script script = script();
        manager().connect(addressOf(listener), script).shutdownOutput();
        Peer peer = accept(listener);
        until("the end of input", peer::hasEnded);
        peer.send("answer").shutdownOutput();
        untilClosed(script);
        assertEquals("answer", script.text());
        assertTrue(script.closeReason().isClean());
    }

    @Test
    void whatWasSentIsLostWhenTheConnectFails() {
        String refusing = closedPort();
        Script script = script();
        Connection connection = manager().connect(refusing, script);
        connection.send(pattern(100_000));
        untilClosed(script);
        assertFailed(script, Kind.REFUSED);
        assertEquals(0, connection.pendingBytes());
        assertEquals(0, manager().statistics().segmentsInUse());
    }
}
