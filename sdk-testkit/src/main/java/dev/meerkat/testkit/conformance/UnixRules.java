package dev.meerkat.testkit.conformance;

import static dev.meerkat.runtime.Handle.ACCEPT;
import static dev.meerkat.runtime.Handle.CONNECT;
import static dev.meerkat.runtime.Handle.READ;
import static dev.meerkat.runtime.Handle.WRITE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.meerkat.runtime.ListenerHandle;
import dev.meerkat.runtime.SocketOptions;
import dev.meerkat.runtime.StreamHandle;
import dev.meerkat.runtime.Transport;
import dev.meerkat.runtime.Transport.Capability;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is different about Unix domain sockets. Both ends live in the server's transport. */
abstract class UnixRules extends Rules {
    private static final UnixDomainSocketAddress NOWHERE = UnixDomainSocketAddress.of("");

    private UnixDomainSocketAddress path = NOWHERE;

    @BeforeEach
    void findAPath() {
        Optional<String> unused = can(Capability.UNIX) ? arena.unusedPath() : Optional.empty();
        assumeTrue(unused.isPresent(), "no Unix domain sockets here");
        path = UnixDomainSocketAddress.of(unused.orElseThrow());
    }

    private Transport transport() {
        return arena.server();
    }

    private ListenerHandle listenHere() throws IOException {
        ListenerHandle listener = transport().listen(path, SocketOptions.DEFAULT);
        listener.interest(ACCEPT);
        return listener;
    }

    private StreamHandle connectHere() throws IOException {
        StreamHandle client = transport().connect(path, SocketOptions.DEFAULT);
        await("the connect", () -> readiness(client) == CONNECT && client.finishConnect());
        return client;
    }

    private Ends meetHere() throws IOException {
        ListenerHandle listener = listenHere();
        StreamHandle client = connectHere();
        return new Ends(client, accept(listener));
    }

    @Test
    void bytesGoBothWays() throws IOException {
        Ends ends = meetHere();
        send(ends.client(), "there");
        expect(ends.server(), "there");
        send(ends.server(), "back");
        expect(ends.client(), "back");
    }

    @Test
    void theEndThatConnectedHasNoPath() throws IOException {
        ListenerHandle listener = listenHere();
        StreamHandle client = transport().connect(path, SocketOptions.DEFAULT);
        assertEquals(path, client.remoteAddress());
        await("the connect", () -> readiness(client) == CONNECT && client.finishConnect());
        StreamHandle server = accept(listener);
        assertEquals(path, listener.localAddress());
        assertEquals(path, client.remoteAddress());
        assertEquals(NOWHERE, client.localAddress());
        assertEquals(path, server.localAddress());
        assertEquals(NOWHERE, server.remoteAddress());
    }

    @Test
    void optionsOfTcpAreLeftOut() throws IOException {
        SocketOptions all = new SocketOptions(true, true, 64 << 10, 64 << 10, 16, true, true);
        ListenerHandle listener = transport().listen(path, all);
        StreamHandle client = transport().connect(path, all);
        assertTrue(accept(listener).isOpen() && client.isOpen());
    }

    @Test
    void whereNoFileIsNothingIsFound() {
        SocketException failure =
                assertThrows(SocketException.class, () -> transport().connect(path, SocketOptions.DEFAULT));
        assertEquals("No such file or directory", failure.getMessage());
        UnixDomainSocketAddress deeper = UnixDomainSocketAddress.of(path + "/socket");
        failure = assertThrows(SocketException.class, () -> transport().listen(deeper, SocketOptions.DEFAULT));
        assertEquals("No such file or directory", failure.getMessage());
    }

    @Test
    void aLivingListenerIsNotReplaced() throws IOException {
        listenHere();
        BindException failure =
                assertThrows(BindException.class, () -> transport().listen(path, SocketOptions.DEFAULT));
        assertEquals("Address already in use", failure.getMessage());
        assertTrue(connectHere().isOpen());
    }

    @Test
    void aClosedListenersFileIsGone() throws IOException {
        ListenerHandle listener = listenHere();
        listener.close();
        SocketException failure =
                assertThrows(SocketException.class, () -> transport().connect(path, SocketOptions.DEFAULT));
        assertEquals("No such file or directory", failure.getMessage());
        assertEquals(path, listenHere().localAddress());
    }

    @Test
    void aClosedTransportsFilesAreGone() throws IOException {
        listenHere();
        transport().close();
        if (arena.client() != arena.server()) {
            assertThrows(SocketException.class, () -> arena.client().connect(path, SocketOptions.DEFAULT));
        }
    }

    @Test
    void aFullBacklogIsToldAtOnce() throws IOException {
        SocketOptions small = new SocketOptions(true, true, 0, 0, 1, true, false);
        ListenerHandle listener = transport().listen(path, small);
        StreamHandle first = transport().connect(path, SocketOptions.DEFAULT);
        StreamHandle second = transport().connect(path, SocketOptions.DEFAULT);
        SocketException failure =
                assertThrows(SocketException.class, () -> transport().connect(path, SocketOptions.DEFAULT));
        assertEquals("Resource temporarily unavailable", failure.getMessage());
        assertTrue(accept(listener).isOpen());
        assertTrue(transport().connect(path, SocketOptions.DEFAULT).isOpen());
        assertTrue(first.isOpen() && second.isOpen());
    }

    @Test
    void closingAListenerResetsWhoWasNotAccepted() throws IOException {
        ListenerHandle listener = listenHere();
        StreamHandle client = connectHere();
        listener.close();
        awaitReady(client, READ);
        SocketException failure = assertThrows(SocketException.class, () -> read(client));
        assertEquals("Connection reset", failure.getMessage());
    }

    @Test
    void whatWasWrittenArrivesAlthoughTheWriterAborts() throws IOException {
        Ends ends = meetHere();
        send(ends.client(), "last words");
        ends.client().abort();
        expect(ends.server(), "last words");
        await("the end", () -> read(ends.server()) == -1);
    }

    @Test
    void closingWithUnreadInputIsAReset() throws IOException {
        Ends ends = meetHere();
        send(ends.client(), "x");
        settle();
        ends.server().close();
        IOException failure = awaitFailure("the reset", () -> {
            int unused = read(ends.client());
            return true;
        });
        assertEquals("Connection reset", failure.getMessage());
    }

    @Test
    void whoWritesToAClosedEndLearnsItAtOnce() throws IOException {
        Ends ends = meetHere();
        ends.server().close();
        assertEquals(WRITE, readinessOf(ends.client(), WRITE));
        IOException failure =
                assertThrows(IOException.class, () -> ends.client().write(bytes("anybody there?")));
        assertEquals("Broken pipe", failure.getMessage());
    }

    @Test
    void bothEndsAreKnown() throws IOException {
        Ends ends = meetHere();
        assertEquals(ends.client().peerCredentials(), ends.server().peerCredentials());
        Ends strangers = connect();
        assertEquals(Optional.empty(), strangers.client().peerCredentials());
        assertFalse(ends.server()
                .peerCredentials()
                .map(peer -> peer.user().isEmpty())
                .orElse(false));
    }

    @Test
    void nobodyListensWhereTheFileIsDead() throws IOException {
        Optional<String> dead = arena.deadSocket();
        assumeTrue(dead.isPresent());
        path = UnixDomainSocketAddress.of(dead.orElseThrow());
        ConnectException failure =
                assertThrows(ConnectException.class, () -> transport().connect(path, SocketOptions.DEFAULT));
        assertEquals("Connection refused", failure.getMessage());
        assertEquals(path, listenHere().localAddress());
        assertTrue(connectHere().isOpen());
    }
}
