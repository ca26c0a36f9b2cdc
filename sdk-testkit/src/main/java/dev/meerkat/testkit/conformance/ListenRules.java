package dev.meerkat.testkit.conformance;

import static dev.meerkat.runtime.Handle.CONNECT;
import static dev.meerkat.runtime.Handle.READ;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.meerkat.runtime.Arrival;
import dev.meerkat.runtime.ListenerHandle;
import dev.meerkat.runtime.SocketOptions;
import dev.meerkat.runtime.StreamHandle;
import dev.meerkat.runtime.Transport.Capability;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import org.junit.jupiter.api.Test;

/** How connections come about, and how not. */
abstract class ListenRules extends Rules {
    private static final SocketOptions SHARED_PORT = new SocketOptions(true, true, 0, 0, 16, true, true);

    @Test // P10
    void connectToAClosedPortIsRefused() throws IOException {
        ListenerHandle listener = listen();
        SocketAddress address = listener.localAddress();
        listener.close();
        StreamHandle client = arena.client().connect(address, SocketOptions.DEFAULT);
        await("readiness to connect", () -> readiness(client) == CONNECT);
        ConnectException refused = assertThrows(ConnectException.class, client::finishConnect);
        assertEquals("Connection refused", refused.getMessage());
        assertFalse(client.isOpen());
        assertDoesNotThrow(client::close);
        settle();
        assertEquals(0, readiness(client));
    }

    @Test // P11
    void connectSucceedsBeforeAnybodyAccepts() throws IOException {
        ListenerHandle listener = listen();
        StreamHandle client = connected(listener);
        send(client, "early");
        expect(accept(listener), "early");
    }

    @Test // P12
    void closingAListenerResetsWhoWasNotAccepted() throws IOException {
        ListenerHandle listener = listen();
        StreamHandle client = connected(listener);
        listener.close();
        awaitReady(client, READ);
        SocketException failure = assertThrows(SocketException.class, () -> read(client));
        assertEquals("Connection reset", failure.getMessage());
    }

    @Test
    void closingAListenerLeavesAcceptedStreamsAlone() throws IOException {
        ListenerHandle listener = listen();
        Ends ends = connect(listener);
        listener.close();
        settle();
        send(ends.client(), "hello");
        expect(ends.server(), "hello");
    }

    @Test // P16
    void portInUseCannotBeBound() throws IOException {
        InetSocketAddress taken = (InetSocketAddress) listen().localAddress();
        BindException failure =
                assertThrows(BindException.class, () -> arena.server().listen(taken, SocketOptions.DEFAULT));
        assertEquals("Address already in use", failure.getMessage());
    }

    @Test
    void portOfAClosedListenerIsFreeAtOnce() throws IOException {
        ListenerHandle listener = listen();
        SocketAddress address = listener.localAddress();
        listener.close();
        assertFalse(listener.isOpen());
        assertEquals(
                address, arena.server().listen(address, SocketOptions.DEFAULT).localAddress());
    }

    @Test
    void addressOfAnotherHostCannotBeBound() throws UnknownHostException {
        byte[] documentationOnly = {(byte) 192, 0, 2, 1};
        InetSocketAddress elsewhere = new InetSocketAddress(InetAddress.getByAddress(documentationOnly), 0);
        assertThrows(BindException.class, () -> arena.server().listen(elsewhere, SocketOptions.DEFAULT));
    }

    @Test // P17
    void unresolvedAddressIsRefused() {
        InetSocketAddress name = InetSocketAddress.createUnresolved("meerkat.invalid", 80);
        assertThrows(UnresolvedAddressException.class, () -> arena.client().connect(name, SocketOptions.DEFAULT));
        assertThrows(UnresolvedAddressException.class, () -> arena.server().listen(name, SocketOptions.DEFAULT));
    }

    @Test
    void portZeroTakesAFreePort() throws IOException {
        InetSocketAddress first = (InetSocketAddress) listen().localAddress();
        InetSocketAddress second = (InetSocketAddress) listen().localAddress();
        assertTrue(first.getPort() > 0);
        assertNotEquals(first.getPort(), second.getPort());
        assertEquals(arena.serverAddress(first.getPort()), first);
    }

    @Test
    void bothEndsKnowEachOther() throws IOException {
        ListenerHandle listener = listen();
        StreamHandle client = arena.client().connect(listener.localAddress(), SocketOptions.DEFAULT);
        assertEquals(listener.localAddress(), client.remoteAddress(), "the peer is known while connecting");
        await("the connect", () -> readiness(client) == CONNECT && client.finishConnect());
        StreamHandle server = accept(listener);
        assertEquals(listener.localAddress(), client.remoteAddress());
        assertEquals(listener.localAddress(), server.localAddress());
        assertEquals(client.localAddress(), server.remoteAddress());
    }

    @Test
    void connectionsAreAcceptedInTheOrderInWhichTheyCame() throws IOException {
        ListenerHandle listener = listen();
        StreamHandle first = connected(listener);
        StreamHandle second = connected(listener);
        assertEquals(first.localAddress(), accept(listener).remoteAddress());
        assertEquals(second.localAddress(), accept(listener).remoteAddress());
    }

    @Test
    void asManyAsTheBacklogMayWait() throws IOException {
        SocketOptions options = new SocketOptions(true, true, 0, 0, 5, true, false);
        ListenerHandle listener = arena.server().listen(arena.serverAddress(0), options);
        for (int i = 0; i < 5; i++) {
            connected(listener);
        }
        for (int i = 0; i < 5; i++) {
            accept(listener);
        }
    }

    @Test
    void connectBeyondTheBacklogWaitsForRoom() throws IOException {
        SocketOptions options = new SocketOptions(true, true, 0, 0, 1, true, false);
        ListenerHandle listener = arena.server().listen(arena.serverAddress(0), options);
        StreamHandle[] clients = new StreamHandle[8];
        for (int i = 0; i < clients.length; i++) {
            clients[i] = arena.client().connect(listener.localAddress(), SocketOptions.DEFAULT);
        }
        settle();
        int connected = 0;
        for (StreamHandle client : clients) {
            connected += client.finishConnect() ? 1 : 0;
        }
        assertTrue(connected >= 1 && connected < clients.length, connected + " connected with a backlog of 1");
    }

    @Test
    void addressOfOldConnectionsMayBeReused() throws IOException {
        ListenerHandle listener = listen();
        SocketAddress address = listener.localAddress();
        Ends ends = connect(listener);
        // Who closes first keeps the address for a while (TIME_WAIT); let that be the server.
        ends.server().close();
        await("the end of input", () -> read(ends.client()) < 0);
        ends.client().close();
        listener.close();
        settle();
        assertDoesNotThrow(() -> arena.server().listen(address, SocketOptions.DEFAULT));
    }

    @Test
    void severalListenersMayShareAPort() throws IOException {
        assumeTrue(can(Capability.REUSE_PORT));
        ListenerHandle first = arena.server().listen(arena.serverAddress(0), SHARED_PORT);
        ListenerHandle second = arena.server().listen(first.localAddress(), SHARED_PORT);
        StreamHandle client = connected(first);
        StreamHandle[] server = new StreamHandle[1];
        await("one of them to accept", () -> {
            server[0] = first.accept();
            if (server[0] == null) {
                server[0] = second.accept();
            }
            return server[0] != null;
        });
        send(client, "hello");
        expect(server[0], "hello");
    }

    @Test
    void sharingAPortIsOfferedOrRefusedAsTheCapabilitiesSay() throws IOException {
        if (can(Capability.REUSE_PORT)) {
            assertTrue(
                    arena.server().listen(arena.serverAddress(0), SHARED_PORT).isOpen());
        } else {
            assertThrows(
                    UnsupportedOperationException.class,
                    () -> arena.server().listen(arena.serverAddress(0), SHARED_PORT));
        }
    }

    /** Enough that chance alone does not leave one of two out. */
    private static final int MANY = 24;

    @Test
    void whoClaimsToSpreadAPortGivesEveryListenerItsShare() throws IOException {
        if (!arena.server().capabilities().contains(Capability.REUSE_PORT)) {
            assertFalse(arena.server().spreadsPort(), "without a port to share there is nothing to spread");
            return;
        }
        assumeTrue(arena.server().spreadsPort());
        ListenerHandle first = arena.server().listen(arena.serverAddress(0), SHARED_PORT);
        ListenerHandle second = arena.server().listen(first.localAddress(), SHARED_PORT);
        int[] shares = new int[2];
        for (int i = 0; i < MANY; i++) {
            connected(first);
            int before = shares[0] + shares[1];
            await("one of them to accept", () -> {
                shares[0] += first.accept() == null ? 0 : 1;
                shares[1] += second.accept() == null ? 0 : 1;
                return shares[0] + shares[1] > before;
            });
        }
        assertEquals(MANY, shares[0] + shares[1]);
        assertTrue(shares[0] > 0 && shares[1] > 0, () -> shares[0] + " and " + shares[1]);
    }

    /** Waits for a connection to hand over; the rule does not count where that is refused. */
    private Arrival arrival(ListenerHandle listener) throws IOException {
        Arrival[] arrived = new Arrival[1];
        await("a connection to hand over", () -> {
            try {
                arrived[0] = listener.acceptForOther();
            } catch (UnsupportedOperationException refused) {
                assumeTrue(false, "hands nothing over");
            }
            return arrived[0] != null;
        });
        return arrived[0];
    }

    @Test
    void whatIsHandedOverIsAStreamLikeOthers() throws IOException {
        ListenerHandle listener = listen();
        StreamHandle client = connected(listener);
        Arrival arrival = arrival(listener);
        assertNull(listener.acceptForOther(), "there was one");
        assertNull(listener.accept(), "there was one");
        send(client, "early");
        settle();
        StreamHandle server = arrival.join(arena.server());
        assertTrue(server.isOpen());
        assertEquals(client.localAddress(), server.remoteAddress());
        assertEquals(listener.localAddress(), server.localAddress());
        settle();
        assertEquals(0, readiness(server), "nobody has asked for anything yet");
        awaitReady(server, READ);
        expect(server, "early");
        send(server, "answer");
        expect(client, "answer");
        listener.close();
        settle();
        send(client, "on");
        expect(server, "on");
    }

    @Test
    void whatIsRefusedIsReset() throws IOException {
        ListenerHandle listener = listen();
        StreamHandle client = connected(listener);
        arrival(listener).refuse();
        SocketException failure = (SocketException) awaitFailure("the reset", () -> read(client) < 0);
        assertEquals("Connection reset", failure.getMessage());
        assertDoesNotThrow(() -> connect(listener), "the next one is served");
    }

    @Test // P15
    void listenerFailsAfterItsOwnClose() throws IOException {
        ListenerHandle listener = listen();
        listener.close();
        assertFalse(listener.isOpen());
        assertThrows(ClosedChannelException.class, listener::accept);
        assertThrowsOrRefuses(listener);
        assertThrows(ClosedChannelException.class, listener::localAddress);
        assertDoesNotThrow(listener::close);
        assertDoesNotThrow(() -> listener.interest(0));
    }

    private static void assertThrowsOrRefuses(ListenerHandle closed) {
        Exception failure = assertThrows(Exception.class, closed::acceptForOther);
        assertTrue(
                failure instanceof ClosedChannelException || failure instanceof UnsupportedOperationException,
                failure::toString);
    }

    @Test
    void bufferSizesAndSwitchesAreTaken() throws IOException {
        SocketOptions options = new SocketOptions(false, false, 64 * 1024, 64 * 1024, 16, false, false);
        ListenerHandle listener = arena.server().listen(arena.serverAddress(0), options);
        StreamHandle client = arena.client().connect(listener.localAddress(), options);
        await("the connect", () -> readiness(client) == CONNECT && client.finishConnect());
        StreamHandle server = accept(listener);
        send(client, "hello");
        expect(server, "hello");
    }
}
