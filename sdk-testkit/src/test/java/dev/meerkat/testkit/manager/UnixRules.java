package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Acceptor;
import dev.meerkat.ConnectOptions;
import dev.meerkat.Connection;
import dev.meerkat.ConnectionOptions;
import dev.meerkat.ErrorHook;
import dev.meerkat.IpAcl;
import dev.meerkat.ListenException;
import dev.meerkat.ListenOptions;
import dev.meerkat.MalformedAddressException;
import dev.meerkat.event.ConnectionError;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.runtime.ListenerHandle;
import dev.meerkat.runtime.SocketOptions;
import dev.meerkat.runtime.StreamHandle;
import java.io.IOException;
import java.net.BindException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What only Unix domain sockets have: files, and peers without an address. */
abstract class UnixRules extends ManagerRules {
    private final String path() {
        return arm.unixPath("socket");
    }

    private Acceptor listen(String path, ListenOptions options, Script script) {
        return manager().listen("unix:" + path, options, script);
    }

    private Acceptor listen(String path, Script script) {
        return listen(path, ListenOptions.DEFAULT, script);
    }

    /** A listening socket of the test's own, on the manager's host. */
    private ListenerHandle localListener(String path, int backlog) throws IOException {
        SocketOptions options = new SocketOptions(true, true, 0, 0, backlog, true, false);
        return arm.localPeers().listen(UnixDomainSocketAddress.of(path), options);
    }

    private StreamHandle localPeer(String path) throws IOException {
        return arm.localPeers().connect(UnixDomainSocketAddress.of(path), SocketOptions.DEFAULT);
    }

    // ---- connecting and listening

    @Test
    void twoProgramsTalkOverAPath() {
        String path = path();
        Script server = script().on(TcpEvent.Received.class, (connection, event) -> connection.send(event.take()));
        Script client = script();
        listen(path, server);
        Connection connection = manager().connect("unix:" + path, client);
        connection.manager().schedule(Duration.ZERO, () -> {});
        until("Opened", client::isOpened);
        connection.send("over a path");
        until("the echo", () -> client.text().equals("over a path"));
        connection.close();
        untilClosed(client);
        untilClosed(server);
        assertEquals(List.of("Opened", "Received", "Closed"), client.kinds());
        assertTrue(client.closeReason().error().isEmpty());
    }

    @Test
    void bothEndsTellThePath() {
        String path = path();
        Script server = script();
        Script client = script();
        Acceptor acceptor = listen(path, server);
        Connection connection = manager().connect("unix:" + path, client);
        SocketAddress there = UnixDomainSocketAddress.of(path);
        SocketAddress nowhere = UnixDomainSocketAddress.of("");
        assertEquals(there, connection.remoteAddress(), "known while connecting");
        until("both", () -> client.isOpened() && server.isOpened());
        assertEquals(there, acceptor.localAddress());
        assertEquals(0, acceptor.port());
        assertEquals("acceptor on unix:" + path, acceptor.toString());
        assertEquals(there, connection.remoteAddress());
        assertEquals(nowhere, connection.localAddress());
        assertEquals(there, server.connection().localAddress());
        assertEquals(nowhere, server.connection().remoteAddress());
        connection.close();
        untilClosed(client);
        untilClosed(server);
        assertEquals(there, connection.remoteAddress(), "kept after the end");
    }

    @Test
    void aRelativePathIsRelative() {
        assertThrows(ListenException.class, () -> manager().listen("unix:no/such/directory/socket", script()));
    }

    @Test
    void optionsOfTcpAreLeftOut() {
        String path = path();
        ConnectionOptions.Builder all = ConnectionOptions.builder()
                .noDelay(true)
                .keepAlive(true)
                .receiveBufferBytes(64 << 10)
                .sendBufferBytes(64 << 10);
        Script server = script();
        Script client = script();
        listen(
                path,
                ListenOptions.builder()
                        .connection(all.build())
                        .reuseAddress(true)
                        .reusePort(true)
                        .build(),
                server);
        manager()
                .connect(
                        "unix:" + path,
                        ConnectOptions.builder().connection(all.build()).build(),
                        client);
        until("both", () -> client.isOpened() && server.isOpened());
    }

    @Test
    void abstractAddressesAreMisuse() {
        for (String address : List.of("unix:@name", "unix:", "unix:/tmp/", "unix://host/path")) {
            assertThrows(MalformedAddressException.class, () -> manager().listen(address, script()), address);
            assertThrows(MalformedAddressException.class, () -> manager().connect(address, script()), address);
        }
        assertEquals(
                0, manager().statistics().acceptors() + manager().connections().size());
    }

    @Test
    void aPathThatIsTooLongIsMisuse() {
        String longest = "x".repeat(106);
        assertThrows(MalformedAddressException.class, () -> manager().connect("unix:" + longest + "x", script()));
        Script script = script();
        manager().connect("unix:" + longest, script); // the longest that is none
        untilClosed(script);
        assertEquals(ConnectionError.Kind.NOT_FOUND, script.errorKind());
    }

    // ---- who does not answer

    @Test
    void aMissingFileIsNotFound() {
        Script script = script();
        manager().connect("unix:" + path(), script);
        untilClosed(script);
        assertEquals(List.of("ConnectFailed", "Closed"), script.kinds());
        assertEquals(ConnectionError.Kind.NOT_FOUND, script.errorKind());
        assertTrue(script.closeReason().error().orElseThrow().message().startsWith("connecting to unix:/"));
    }

    @Test
    void aMissingDirectoryIsNotFound() {
        Script script = script();
        manager().connect("unix:" + path() + "/socket", script);
        untilClosed(script);
        assertEquals(ConnectionError.Kind.NOT_FOUND, script.errorKind());
    }

    @Test
    void aSocketThatNobodyListensOnIsRefused() {
        String path = path();
        arm.makeStaleSocket(path);
        Script script = script();
        manager().connect("unix:" + path, script);
        untilClosed(script);
        assertEquals(ConnectionError.Kind.REFUSED, script.errorKind());
    }

    @Test
    void aFileThatIsNoSocketIsRefused() {
        String path = path();
        arm.makeFile(path);
        Script script = script();
        manager().connect("unix:" + path, script);
        untilClosed(script);
        assertEquals(ConnectionError.Kind.REFUSED, script.errorKind());
    }

    @Test
    void whoFindsTheBacklogFullWaitsForRoom() throws IOException {
        String path = path();
        ListenerHandle listener = localListener(path, 1);
        List<StreamHandle> crowd = new ArrayList<>();
        assertThrows(IOException.class, () -> {
            for (int i = 0; i < 16; i++) {
                crowd.add(localPeer(path));
            }
        });
        Script script = script();
        manager().connect("unix:" + path, script);
        settle();
        assertEquals(List.of(), script.kinds());
        until("everybody before it to be accepted", () -> {
            try {
                return listener.accept() == null;
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        until("room", script::isOpened);
        assertEquals(2, crowd.size(), "one more than the backlog, as Linux has it");
    }

    @Test
    void whoFindsTheBacklogFullDoesNotWaitForEver() throws IOException {
        String path = path();
        localListener(path, 1);
        assertThrows(IOException.class, () -> {
            for (int i = 0; i < 16; i++) {
                localPeer(path);
            }
        });
        Script script = script();
        ConnectOptions options = ConnectOptions.builder().connectTimeout(SHORT).build();
        manager().connect("unix:" + path, options, script);
        untilClosed(script);
        assertEquals(ConnectionError.Kind.CONNECT_TIMEOUT, script.errorKind());
    }

    @Test
    void whoWaitsForRoomMayGiveUp() throws IOException {
        String path = path();
        localListener(path, 1);
        assertThrows(IOException.class, () -> {
            for (int i = 0; i < 16; i++) {
                localPeer(path);
            }
        });
        Script script = script();
        Connection connection = manager().connect("unix:" + path, script);
        settle();
        connection.close();
        untilClosed(script);
        assertEquals(ConnectionError.Kind.CANCELLED, script.errorKind());
        assertEquals(0, manager().statistics().timers());
    }

    // ---- the file

    @Test
    void theFileIsThereWhileSomebodyListens() {
        String path = path();
        Acceptor acceptor = listen(path, script());
        assertTrue(arm.permissions(path).isPresent());
        acceptor.close();
        assertEquals(Optional.empty(), arm.permissions(path));
    }

    @Test
    void aManagerThatClosesRemovesItsFiles() {
        String path = path();
        listen(path, script());
        manager().close();
        assertEquals(Optional.empty(), arm.permissions(path));
    }

    @Test
    void aDeadServersFileIsReplaced() {
        String path = path();
        arm.makeStaleSocket(path);
        Script server = script();
        Script client = script();
        listen(path, server);
        manager().connect("unix:" + path, client);
        until("both", () -> client.isOpened() && server.isOpened());
    }

    @Test
    void aLivingServersFileIsNot() {
        String path = path();
        Script first = script();
        Script client = script();
        listen(path, first);
        ListenException thrown = assertThrows(ListenException.class, () -> listen(path, script()));
        assertInstanceOf(BindException.class, thrown.getCause());
        assertTrue(thrown.getMessage().contains("unix:" + path), thrown::getMessage);
        manager().connect("unix:" + path, client);
        until("the first to be reached", () -> client.isOpened() && first.isOpened());
    }

    @Test
    void aFileThatIsNoSocketIsNeverReplaced() {
        String path = path();
        arm.makeFile(path);
        ListenException thrown = assertThrows(ListenException.class, () -> listen(path, script()));
        assertInstanceOf(BindException.class, thrown.getCause());
        assertTrue(thrown.getMessage().endsWith("the file exists and is not a socket"), thrown::getMessage);
        assertTrue(arm.permissions(path).isPresent());
    }

    @Test
    void aMissingDirectoryCannotBeListenedIn() {
        String path = path() + "/socket";
        ListenException thrown = assertThrows(ListenException.class, () -> listen(path, script()));
        assertTrue(thrown.getMessage().endsWith("No such file or directory"), thrown::getMessage);
        ListenOptions mode =
                ListenOptions.builder().socketFilePermissions("rw-------").build();
        thrown = assertThrows(ListenException.class, () -> listen(path, mode, script()));
        assertTrue(thrown.getMessage().endsWith("No such file or directory"), thrown::getMessage);
    }

    @Test
    void whatOthersPutInItsPlaceIsNotRemoved() {
        String path = path();
        Acceptor first = listen(path, script());
        arm.deleteFile(path);
        Script second = script();
        Script client = script();
        listen(path, second);
        first.close();
        assertTrue(arm.permissions(path).isPresent());
        manager().connect("unix:" + path, client);
        until("the second to be reached", () -> client.isOpened() && second.isOpened());
    }

    @Test
    void theFileHasTheModeThatWasAskedFor() {
        for (String mode : List.of("rw-------", "rw-rw----", "rw-rw-rw-")) {
            String path = path();
            Script server = script();
            Script client = script();
            Acceptor acceptor = listen(
                    path, ListenOptions.builder().socketFilePermissions(mode).build(), server);
            assertEquals(Optional.of(mode), arm.permissions(path));
            assertEquals(UnixDomainSocketAddress.of(path), acceptor.localAddress());
            Connection connection = manager().connect("unix:" + path, client);
            until("both", () -> client.isOpened() && server.isOpened());
            assertEquals(acceptor.localAddress(), connection.remoteAddress());
            assertEquals(acceptor.localAddress(), server.connection().localAddress());
            acceptor.close();
            assertEquals(Optional.empty(), arm.permissions(path));
        }
    }

    @Test
    void aModeDoesNotChangeWhatIsReplaced() {
        ListenOptions mode =
                ListenOptions.builder().socketFilePermissions("rw-------").build();
        String stale = path();
        arm.makeStaleSocket(stale);
        listen(stale, mode, script());
        assertEquals(Optional.of("rw-------"), arm.permissions(stale));
        assertThrows(ListenException.class, () -> listen(stale, mode, script()));
        String file = path();
        arm.makeFile(file);
        assertThrows(ListenException.class, () -> listen(file, mode, script()));
        assertTrue(arm.permissions(file).isPresent());
    }

    // ---- who it is

    @Test
    void bothEndsLearnWhoTheOtherIs() {
        String path = path();
        Script server = script();
        Script client = script();
        listen(path, server);
        Connection connection = manager().connect("unix:" + path, client);
        assertEquals(Optional.empty(), connection.peerCredentials(), "nobody yet");
        until("both", () -> client.isOpened() && server.isOpened());
        assertEquals(me(), connection.peerCredentials().orElseThrow().user());
        assertEquals(me(), server.connection().peerCredentials().orElseThrow().user());
        assertFalse(connection.peerCredentials().orElseThrow().group().isEmpty());
        connection.abort();
        untilClosed(client);
        assertEquals(Optional.empty(), connection.peerCredentials(), "nobody any more");
    }

    /** As whom this program runs. */
    abstract String me();

    @Test
    void aTcpPeerHasNoCredentials() {
        Script script = script();
        accepted(script);
        assertEquals(Optional.empty(), script.connection().peerCredentials());
    }

    @Test
    void aFilterJudgesAPeerWithoutAnAddress() {
        String path = path();
        List<SocketAddress> asked = new ArrayList<>();
        ListenOptions options = ListenOptions.builder()
                .filter(remote -> {
                    asked.add(remote);
                    return false;
                })
                .build();
        listen(path, options, script());
        Script client = script();
        manager().connect("unix:" + path, client);
        untilClosed(client);
        assertEquals(List.of(UnixDomainSocketAddress.of("")), asked);
    }

    @Test
    void anAccessListOfIpAddressesLetsNobodyInWhoHasNone() {
        String path = path();
        listen(path, ListenOptions.builder().filter(IpAcl.parse("+0.0.0.0/0")).build(), script());
        Script client = script();
        manager().connect("unix:" + path, client);
        untilClosed(client);
    }

    @Test
    void aFilterThatThrowsRefuses() {
        String path = path();
        ListenOptions options = ListenOptions.builder()
                .filter(remote -> {
                    throw new IllegalStateException("undecided");
                })
                .build();
        listen(path, options, script());
        Script client = script();
        manager().connect("unix:" + path, client);
        untilClosed(client);
        assertEquals(ErrorHook.Source.FILTER, takeFailure().source());
    }
}
