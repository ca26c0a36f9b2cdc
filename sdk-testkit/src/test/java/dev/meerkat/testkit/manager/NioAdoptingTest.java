package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Acceptor;
import dev.meerkat.ConnectOptions;
import dev.meerkat.Connection;
import dev.meerkat.ConnectionLimitException;
import dev.meerkat.ConnectionState;
import dev.meerkat.ListenOptions;
import dev.meerkat.ManagerClosedException;
import dev.meerkat.NotAdoptableException;
import dev.meerkat.Tap;
import dev.meerkat.WrongThreadException;
import dev.meerkat.event.ConnectionError;
import dev.meerkat.tls.TlsMode;
import dev.meerkat.tls.TlsOptions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Channels that others have made. */
class NioAdoptingTest extends ManagerRules {
    private final List<AutoCloseable> mine = new ArrayList<>();

    @Override
    Arm openArm() {
        return new NioArm();
    }

    @AfterEach
    void closeMine() throws Exception {
        for (AutoCloseable each : mine) {
            each.close();
        }
    }

    private <C extends AutoCloseable> C mine(C channel) {
        mine.add(channel);
        return channel;
    }

    private ServerSocketChannel server(Family family) throws IOException {
        ServerSocketChannel channel;
        if (family == Family.UNIX) {
            channel = mine(ServerSocketChannel.open(StandardProtocolFamily.UNIX));
            channel.bind(UnixDomainSocketAddress.of(arm.unixPath("theirs")));
        } else {
            channel = mine(ServerSocketChannel.open());
            channel.bind(new InetSocketAddress("127.0.0.1", 0));
        }
        return channel;
    }

    private SocketChannel connectedTo(ServerSocketChannel server) throws IOException {
        SocketAddress address = server.getLocalAddress();
        return mine(SocketChannel.open(address));
    }

    private static String read(SocketChannel channel, int count) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(count);
        while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
            // blocking
        }
        return new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
    }

    private static void write(SocketChannel channel, String text) throws IOException {
        channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }

    // ---- connections

    @ParameterizedTest
    @EnumSource
    void aConnectedChannelBecomesAConnection(Family family) throws IOException {
        for (boolean blocking : new boolean[] {true, false}) {
            ServerSocketChannel server = server(family);
            SocketChannel theirs = connectedTo(server);
            SocketChannel peer = mine(server.accept());
            theirs.configureBlocking(blocking);
            Script script = script();
            Connection connection = manager().adopt(theirs, script);
            assertEquals(List.of(), script.kinds(), "no event precedes the return");
            assertEquals(ConnectionState.CONNECTING, connection.state());
            assertEquals(server.getLocalAddress(), connection.remoteAddress());
            assertEquals(Optional.empty(), connection.acceptor());
            until("Opened", script::isOpened);
            assertFalse(theirs.isBlocking());
            assertEquals(theirs.getLocalAddress(), connection.localAddress());
            write(peer, "hello");
            until("the text", () -> script.text().equals("hello"));
            connection.send("and back").close();
            until("the end of our side", () -> connection.state() != ConnectionState.OPEN);
            peer.configureBlocking(true);
            until("the answer to leave", () -> connection.state().compareTo(ConnectionState.CLOSING) > 0);
            assertEquals("and back", read(peer, 100));
            peer.close();
            untilClosed(script);
            assertFalse(theirs.isOpen(), "it was the manager's");
        }
    }

    @Test
    void whatHadArrivedBeforeIsReceived() throws IOException {
        ServerSocketChannel server = server(Family.TCP);
        SocketChannel theirs = connectedTo(server);
        SocketChannel peer = mine(server.accept());
        write(peer, "early");
        peer.shutdownOutput();
        Script script = script();
        manager().adopt(theirs, script);
        untilClosed(script);
        assertEquals("early", script.text());
        assertEquals(List.of("Opened", "Received", "InputClosed", "Closed"), script.kinds());
    }

    @Test
    void theOptionsAreThoseOfEveryConnection() throws IOException {
        ServerSocketChannel server = server(Family.TCP);
        SocketChannel theirs = connectedTo(server);
        theirs.setOption(StandardSocketOptions.TCP_NODELAY, false);
        Script script = script();
        Connection connection = manager()
                .adopt(theirs, connecting(options -> options.receiveLimit(77).noDelay(true)), script);
        assertTrue(theirs.getOption(StandardSocketOptions.TCP_NODELAY));
        assertEquals(77, connection.options().receiveLimit());
        until("Opened", script::isOpened);
    }

    @Test
    void anAdoptedConnectionMayBeClosedBeforeItIsTold() throws IOException {
        SocketChannel theirs = connectedTo(server(Family.TCP));
        Script script = script();
        manager().adopt(theirs, script).close();
        untilClosed(script);
        assertEquals(List.of("ConnectFailed", "Closed"), script.kinds());
        assertEquals(ConnectionError.Kind.CANCELLED, script.errorKind());
        assertFalse(theirs.isOpen());
    }

    @Test
    void aManagerThatClosesClosesWhatItAdopted() throws IOException {
        ServerSocketChannel server = server(Family.TCP);
        SocketChannel theirs = connectedTo(server);
        manager().adopt(theirs, script());
        manager().adopt(server, ListenOptions.DEFAULT, script());
        manager().close();
        assertFalse(theirs.isOpen());
        assertFalse(server.isOpen());
    }

    // ---- misuse, after which the channel is as it was

    private void refused(String why, SocketChannel channel) {
        boolean open = channel.isOpen();
        boolean blocking = channel.isBlocking();
        NotAdoptableException thrown =
                assertThrows(NotAdoptableException.class, () -> manager().adopt(channel, script()));
        assertTrue(thrown.getMessage().contains(why), thrown::getMessage);
        assertEquals(open, channel.isOpen());
        assertEquals(blocking, channel.isBlocking());
        assertEquals(0, manager().connections().size());
    }

    private void refused(String why, ServerSocketChannel channel) {
        boolean blocking = channel.isBlocking();
        NotAdoptableException thrown = assertThrows(
                NotAdoptableException.class, () -> manager().adopt(channel, ListenOptions.DEFAULT, script()));
        assertTrue(thrown.getMessage().contains(why), thrown::getMessage);
        assertEquals(blocking, channel.isBlocking());
        assertEquals(0, manager().statistics().acceptors());
    }

    @ParameterizedTest
    @EnumSource
    void aClosedChannelIsRefused(Family family) throws IOException {
        ServerSocketChannel server = server(family);
        SocketChannel theirs = connectedTo(server);
        theirs.close();
        server.close();
        refused("closed", theirs);
        refused("closed", server);
    }

    @Test
    void aChannelThatIsNotConnectedOrBoundIsRefused() throws IOException {
        refused("not connected", mine(SocketChannel.open()));
        refused("not connected", mine(SocketChannel.open(StandardProtocolFamily.UNIX)));
        refused("not bound", mine(ServerSocketChannel.open()));
        refused("not bound", mine(ServerSocketChannel.open(StandardProtocolFamily.UNIX)));
    }

    @Test
    void aChannelThatIsStillConnectingIsRefused() throws IOException {
        ServerSocketChannel server = server(Family.TCP);
        SocketChannel theirs = mine(SocketChannel.open());
        theirs.configureBlocking(false);
        theirs.connect(server.getLocalAddress());
        assertTrue(theirs.isConnectionPending());
        refused("still connecting", theirs);
        assertTrue(theirs.isConnectionPending());
    }

    @Test
    void aChannelThatIsRegisteredElsewhereIsRefused() throws IOException {
        ServerSocketChannel server = server(Family.TCP);
        SocketChannel theirs = connectedTo(server);
        try (Selector selector = Selector.open()) {
            theirs.configureBlocking(false);
            theirs.register(selector, SelectionKey.OP_READ);
            server.configureBlocking(false);
            server.register(selector, SelectionKey.OP_ACCEPT);
            refused("registered", theirs);
            refused("registered", server);
        }
        Script script = script();
        manager().adopt(theirs, script);
        until("it to be free", script::isOpened);
    }

    @Test
    void aChannelThatIsAlreadyAdoptedIsRefused() throws IOException {
        ServerSocketChannel server = server(Family.TCP);
        SocketChannel theirs = connectedTo(server);
        manager().adopt(server, ListenOptions.DEFAULT, script());
        manager().adopt(theirs, script());
        assertThrows(NotAdoptableException.class, () -> manager().adopt(theirs, script()));
        assertThrows(NotAdoptableException.class, () -> manager().adopt(server, ListenOptions.DEFAULT, script()));
    }

    @Test
    void aChannelThatIsShutDownIsRefused() throws IOException {
        SocketChannel theirs = connectedTo(server(Family.TCP));
        theirs.shutdownOutput();
        refused("output is shut down", theirs);
    }

    @Test
    void aManagerWithoutRoomAdoptsNothing() throws IOException {
        use(options -> options.maxConnections(1));
        ServerSocketChannel server = server(Family.TCP);
        manager().adopt(connectedTo(server), script());
        SocketChannel second = connectedTo(server);
        assertThrows(ConnectionLimitException.class, () -> manager().adopt(second, script()));
        assertTrue(second.isOpen());
        assertTrue(second.isBlocking());
    }

    @Test
    void onlyTheOwnerAdopts() throws IOException {
        SocketChannel theirs = connectedTo(server(Family.TCP));
        assertTrue(manager().inLoop());
        CompletionException thrown = assertThrows(
                CompletionException.class,
                () -> Threads.elsewhere(() -> manager().adopt(theirs, script())));
        assertInstanceOf(WrongThreadException.class, thrown.getCause());
        assertTrue(theirs.isBlocking());
        manager().close();
        assertThrows(ManagerClosedException.class, () -> manager().adopt(theirs, script()));
        assertTrue(theirs.isOpen());
    }

    // ---- acceptors

    @ParameterizedTest
    @EnumSource
    void aBoundChannelBecomesAnAcceptor(Family family) throws IOException {
        ServerSocketChannel theirs = server(family);
        SocketAddress address = theirs.getLocalAddress();
        SocketChannel early = connectedTo(theirs);
        Script script = script();
        Acceptor acceptor = manager()
                .adopt(theirs, ListenOptions.builder().maxConnections(1).build(), script);
        assertEquals(address, acceptor.localAddress());
        until("who had come before", script::isOpened);
        assertFalse(acceptor.isAccepting(), "the options hold");
        assertEquals(Optional.of(acceptor), script.connection().acceptor());
        assertEquals(address, script.connection().localAddress());
        write(early, "hello");
        until("the text", () -> script.text().equals("hello"));
        acceptor.close();
        assertFalse(theirs.isOpen());
        if (address instanceof UnixDomainSocketAddress path) {
            assertTrue(arm.permissions(path.toString()).isPresent(), "the file is theirs");
        }
    }

    @Test
    void anAdoptedAcceptorSpeaksTlsIfItsOptionsDo() throws IOException {
        ServerSocketChannel theirs = server(Family.TCP);
        TlsOptions tls = TestTls.options(manager().wallTime());
        Script accepted = script();
        Script made = script();
        Acceptor acceptor =
                manager().adopt(theirs, ListenOptions.builder().tls(tls).build(), accepted);
        manager()
                .connect(
                        "tls://127.0.0.1:" + acceptor.port(),
                        ConnectOptions.builder().tls(tls).build(),
                        made);
        until("both to be opened", () -> accepted.isOpened() && made.isOpened());
        made.connection().send("secret");
        until("the text", () -> accepted.text().equals("secret"));
    }

    @ParameterizedTest
    @EnumSource
    void anAdoptedChannelSpeaksTlsIfItsOptionsDo(Family family) throws IOException {
        ServerSocketChannel theirs = server(family);
        TlsOptions tls = TestTls.options(manager().wallTime());
        Script accepted = script();
        Acceptor unused =
                manager().adopt(theirs, ListenOptions.builder().tls(tls).build(), accepted);
        Script made = script();
        Connection connection = manager()
                .adopt(connectedTo(theirs), ConnectOptions.builder().tls(tls).build(), made);
        assertEquals(List.of(), made.kinds(), "no event precedes the return");
        until("both to be opened", () -> accepted.isOpened() && made.isOpened());
        assertTrue(connection.isSecured());
        connection.send("secret");
        until("the text", () -> accepted.text().equals("secret"));
        assertEquals(List.of("Opened"), made.kinds(), "there was nothing in clear");
    }

    @Test
    void anAdoptedChannelToSomebodyElseThanExpectedFails() throws IOException {
        ServerSocketChannel theirs = server(Family.TCP);
        TlsOptions tls = TestTls.options(manager().wallTime());
        Script accepted = script();
        Acceptor unused =
                manager().adopt(theirs, ListenOptions.builder().tls(tls).build(), accepted);
        Script made = script();
        TlsOptions other = tls.toBuilder().serverName("other.test").build();
        manager().adopt(connectedTo(theirs), ConnectOptions.builder().tls(other).build(), made);
        untilClosed(made);
        assertEquals(List.of("ConnectFailed", "Closed"), made.kinds());
        assertEquals(ConnectionError.Kind.CERTIFICATE_WRONG_HOST, made.errorKind());
        untilClosed(accepted);
    }

    /** Nobody shall speak in clear by mistake, nor with anybody who has some certificate. */
    @Test
    void tlsOptionsThatDoNotSayWhoseCertificateIsExpectedAreMisuse() throws IOException {
        SocketChannel theirs = connectedTo(server(Family.TCP));
        for (TlsOptions tls : List.of(TlsOptions.DEFAULT, TlsOptions.client(TlsMode.VERIFY))) {
            ConnectOptions options = ConnectOptions.builder().tls(tls).build();
            assertTrue(options.hasTls());
            IllegalArgumentException thrown =
                    assertThrows(IllegalArgumentException.class, () -> manager().adopt(theirs, options, script()));
            assertTrue(thrown.getMessage().contains("TlsOptions.serverName"), thrown::getMessage);
        }
        assertFalse(ConnectOptions.DEFAULT.hasTls());
        assertTrue(theirs.isOpen() && theirs.isBlocking(), "still the caller's");
        assertEquals(0, manager().statistics().connections());
    }

    @Test
    void withoutAnInheritedSocketThereIsNothingToAdopt() {
        assertEquals(Optional.empty(), manager().adoptInherited(ListenOptions.DEFAULT, script()));
    }

    // ---- the escape hatch

    @ParameterizedTest
    @EnumSource
    void aConnectionHandsOutItsChannelForOptions(Family family) throws IOException {
        Script script = script();
        ServerSocketChannel server = server(family);
        SocketChannel theirs = connectedTo(server);
        Connection connection = manager().adopt(theirs, script);
        assertEquals(Optional.empty(), connection.channel(), "not established");
        until("Opened", script::isOpened);
        assertEquals(Optional.of(theirs), connection.channel());
        connection.channel().orElseThrow().setOption(StandardSocketOptions.SO_SNDBUF, 64 << 10);
        connection.abort();
        untilClosed(script);
        assertEquals(Optional.empty(), connection.channel(), "closed");
    }

    @Test
    void anAcceptorHandsOutItsChannelForOptions() throws IOException {
        Acceptor acceptor = listen(script());
        assertEquals(acceptor.localAddress(), acceptor.channel().orElseThrow().getLocalAddress());
        assertTrue(acceptor.channel().orElseThrow().supportedOptions().contains(StandardSocketOptions.SO_RCVBUF));
        acceptor.close();
        assertEquals(Optional.empty(), acceptor.channel());
    }

    @Test
    void aTappedConnectionHandsOutItsChannelToo() {
        Script script = script();
        accepted(script);
        script.connection().addTap(new Tap() {
            @Override
            public void received(Wire wire, ByteBuffer bytes) {}

            @Override
            public void sent(Wire wire, ByteBuffer bytes) {}
        });
        assertTrue(script.connection().channel().isPresent());
    }
}
