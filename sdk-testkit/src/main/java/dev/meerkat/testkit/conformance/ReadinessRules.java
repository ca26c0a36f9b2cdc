package dev.meerkat.testkit.conformance;

import static dev.meerkat.runtime.Handle.ACCEPT;
import static dev.meerkat.runtime.Handle.CONNECT;
import static dev.meerkat.runtime.Handle.READ;
import static dev.meerkat.runtime.Handle.WRITE;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.meerkat.runtime.ListenerHandle;
import dev.meerkat.runtime.SocketOptions;
import dev.meerkat.runtime.StreamHandle;
import dev.meerkat.runtime.Transport;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** When a handle is reported, and when not. */
abstract class ReadinessRules extends Rules {
    @Test // P1
    void withNothingSentAStreamIsWritableAndReadsZeroBytes() throws IOException {
        eitherWay((ours, peer) -> {
            assertEquals(WRITE, readinessOf(ours, READ | WRITE));
            assertEquals(0, read(ours));
        });
    }

    @Test
    void whatIsNotServedIsReportedAgain() throws IOException {
        eitherWay((ours, peer) -> {
            send(peer, "hello");
            awaitReady(ours, READ);
            assertEquals(READ, readinessOf(ours, READ));
            assertEquals(1, ours.read(ByteBuffer.allocate(1)));
            assertEquals(READ, readinessOf(ours, READ));
            expect(ours, "ello");
            assertEquals(0, readinessOf(ours, READ));
        });
    }

    @Test
    void acceptedStreamAndListenerReportNothingBeforeTheyAreAsked() throws IOException {
        ListenerHandle listener = arena.server().listen(arena.serverAddress(0), SocketOptions.DEFAULT);
        StreamHandle client = connected(listener);
        settle();
        assertEquals(0, readiness(listener));
        StreamHandle server = accept(listener);
        send(client, "hello");
        settle();
        assertEquals(0, readiness(server));
    }

    @Test
    void finishingAConnectEndsTheInterestInIt() throws IOException {
        StreamHandle client = connected(listen());
        settle();
        assertEquals(0, readiness(client));
        assertEquals(WRITE, readinessOf(client, WRITE));
    }

    @Test
    void connectingStaysReadyUntilItIsFinished() throws IOException {
        StreamHandle client = arena.client().connect(listen().localAddress(), SocketOptions.DEFAULT);
        await("readiness to connect", () -> readiness(client) == CONNECT);
        settle();
        assertEquals(CONNECT, readiness(client));
        client.interest(0);
        settle();
        assertEquals(0, readiness(client));
        client.interest(CONNECT);
        await("readiness to connect", () -> readiness(client) == CONNECT);
        assertTrue(client.finishConnect());
    }

    @Test
    void onlyWhatWasAskedForIsReported() throws IOException {
        eitherWay((ours, peer) -> {
            send(peer, "hello");
            awaitReady(ours, READ | WRITE);
            assertEquals(READ, readinessOf(ours, READ));
            assertEquals(WRITE, readinessOf(ours, WRITE));
            assertEquals(0, readinessOf(ours, 0));
            assertEquals(READ | WRITE, readinessOf(ours, READ | WRITE));
        });
    }

    @Test
    void theLastInterestBeforeAPollCounts() throws IOException {
        eitherWay((ours, peer) -> {
            send(peer, "hello");
            ours.interest(READ);
            ours.interest(0);
            ours.interest(READ | WRITE);
            assertEquals(WRITE, readinessOf(ours, WRITE));
        });
    }

    @Test
    void resetIsNotReportedToWhomDidNotAsk() throws IOException {
        assumeTrue(can(Transport.Capability.ABORT));
        eitherWay((ours, peer) -> {
            ours.interest(0);
            peer.abort();
            settle();
            assertEquals(0, readiness(ours));
            awaitReady(ours, READ | WRITE);
        });
    }

    @Test
    void listenerIsReadyWhileConnectionsWait() throws IOException {
        ListenerHandle listener = listen();
        assertEquals(0, readinessOf(listener, ACCEPT));
        assertNull(listener.accept());
        connected(listener);
        connected(listener);
        awaitReady(listener, ACCEPT);
        accept(listener);
        assertEquals(ACCEPT, readinessOf(listener, ACCEPT));
        accept(listener);
        assertEquals(0, readinessOf(listener, ACCEPT));
        assertNull(listener.accept());
    }

    @Test
    void closingWhatIsReadyInTheSameBatchIsSafe() throws IOException {
        ListenerHandle listener = listen();
        Ends first = connect(listener);
        Ends second = connect(listener);
        send(first.client(), "hello");
        send(second.client(), "hello");
        first.server().interest(READ);
        second.server().interest(READ);
        await("both in one turn", () -> readiness(first.server()) == READ && readiness(second.server()) == READ);

        second.server().close();
        assertDoesNotThrow(() -> second.server().interest(WRITE));
        expect(first.server(), "hello");

        send(first.client(), "again");
        awaitReady(first.server(), READ);
        assertEquals(0, readiness(second.server()));
    }

    @Test
    void interestInAClosedHandleIsForgotten() throws IOException {
        eitherWay((ours, peer) -> {
            send(peer, "hello");
            awaitReady(ours, READ);
            ours.close();
            assertDoesNotThrow(() -> ours.interest(WRITE));
            assertDoesNotThrow(() -> ours.interest(READ));
            settle();
            assertEquals(0, readiness(ours));
        });
    }

    @Test
    void attachmentStaysWithItsHandle() throws IOException {
        eitherWay((ours, peer) -> {
            assertNull(ours.attachment());
            Object state = new Object();
            ours.attach(state);
            assertSame(state, ours.attachment());
            assertNull(peer.attachment());
            ours.close();
            assertSame(state, ours.attachment());
            ours.attach(null);
            assertNull(ours.attachment());
        });
    }

    @Test
    void wakeBeforeAPollEndsIt() throws IOException {
        arena.client().wake();
        assertDoesNotThrow(() -> arena.client().poll(longestWait(), (handle, ops) -> {}));
    }

    @Test
    void wakeSurvivesACloseBeforeThePoll() throws IOException {
        Ends ends = connect();
        arena.client().wake();
        if (can(Transport.Capability.ABORT)) {
            ends.client().abort(); // on some systems only this takes a look at what is ready, and the wake-up with it
        } else {
            ends.client().close();
        }
        assertDoesNotThrow(() -> arena.client().poll(longestWait(), (handle, ops) -> {}));
    }

    /** Without limit where poll can wait; a transport that cannot must at least stand being woken and polled. */
    private long longestWait() {
        return can(Transport.Capability.BLOCKING_POLL) ? -1 : 0;
    }

    @Test
    void closingATransportClosesItsHandles() throws IOException {
        ListenerHandle listener = listen();
        Ends ends = connect(listener);
        ends.server().interest(READ);
        arena.server().close();
        assertFalse(listener.isOpen());
        assertFalse(ends.server().isOpen());
        assertDoesNotThrow(() -> ends.server().interest(WRITE));
        if (arena.server() != arena.client()) {
            await("the end of input", () -> read(ends.client()) < 0);
        }
        assertDoesNotThrow(() -> arena.server().close());
        assertDoesNotThrow(() -> arena.server().wake());
        assertThrows(Exception.class, () -> arena.server().poll(0, (handle, ops) -> {}));
        assertThrows(Exception.class, () -> arena.server().listen(arena.serverAddress(0), SocketOptions.DEFAULT));
        assertThrows(Exception.class, () -> arena.server().connect(arena.serverAddress(1), SocketOptions.DEFAULT));
    }
}
