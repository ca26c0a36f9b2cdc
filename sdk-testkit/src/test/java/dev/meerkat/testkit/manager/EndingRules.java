package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Connection;
import dev.meerkat.ConnectionClosedException;
import dev.meerkat.ConnectionOptions;
import dev.meerkat.ConnectionState;
import dev.meerkat.event.CloseReason;
import dev.meerkat.event.CloseReason.Initiator;
import dev.meerkat.event.ConnectionError.Kind;
import dev.meerkat.event.TcpEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** How a connection ends: politely, at once, one direction at a time, by the peer, by a reset, by time. */
abstract class EndingRules extends ManagerRules {
    private static final Change<ConnectionOptions.Builder> HALF_CLOSE = options -> options.halfClose(true);

    /** A connection whose peer has small buffers and does not read. */
    private Peer slow(Script script, Change<ConnectionOptions.Builder> change) {
        return accepted(
                        listening(options -> {
                            options.sendBufferBytes(SMALL_PEER.sendBufferBytes());
                            change.apply(options);
                        }),
                        SMALL_PEER,
                        script)
                .stopReading();
    }

    private static void assertClean(Script script, Initiator initiator) {
        assertEquals(CloseReason.clean(initiator), script.closeReason());
        assertTrue(script.closeReason().isClean());
        assertEquals(Optional.of(script.closeReason()), script.connection().closeReason());
    }

    private static void assertFailed(Script script, Initiator initiator, Kind kind) {
        assertEquals(kind, script.errorKind());
        assertEquals(initiator, script.closeReason().initiator());
        assertEquals(Optional.of(script.closeReason()), script.connection().closeReason(), "kept after the end");
    }

    // ---- closing politely

    @Test
    void closedComesOnceAndLast() {
        Script script = script();
        Peer peer = accepted(script);
        assertEquals(Optional.empty(), script.connection().closeReason());
        inTurn(() -> script.connection().close());
        until("the end", peer::hasEnded);
        peer.close();
        untilClosed(script);
        script.connection().close();
        script.connection().abort();
        settle();
        assertEquals(List.of("Opened", "Closed"), script.kinds());
        assertClean(script, Initiator.LOCAL);
    }

    @Test
    void whatWasSentLeavesBeforeTheEnd() {
        Script script = script().on(TcpEvent.Opened.class, (connection, event) -> {
            connection.send("last words");
            connection.close();
        });
        Peer peer = peer(listen(script));
        until("the end", peer::hasEnded);
        assertEquals("last words", peer.text());
        peer.close();
        untilClosed(script);
        assertClean(script, Initiator.LOCAL);
    }

    @Test
    void muchThatWasSentLeavesBeforeTheEndToo() {
        Script script = script();
        Peer peer = slow(script, options -> {});
        byte[] message = pattern(MORE_THAN_FITS);
        inTurn(() -> script.connection().send(message).close());
        settle();
        assertEquals(ConnectionState.CLOSING, script.connection().state());
        peer.startReading();
        until("the end", peer::hasEnded);
        assertArrayEquals(message, peer.received());
        peer.close();
        untilClosed(script);
        assertClean(script, Initiator.LOCAL);
    }

    @Test
    void nothingIsDeliveredAfterClose() {
        Script script = script();
        Peer peer = accepted(listening(options -> options.ticks(true).sentEvents(true)), script);
        Connection connection = script.connection();
        inTurn(() -> {
            connection.setTimer(SHORT);
            connection.send(pattern(100_000)).close();
            assertEquals(Optional.empty(), connection.timer());
            assertEquals(Optional.empty(), connection.setTimer(SHORT), "not armed any more");
        });
        peer.send("too late").shutdownOutput();
        until("the end", peer::hasEnded);
        untilClosed(script);
        assertEquals(List.of("Opened", "Closed"), script.kinds());
    }

    @Test
    void stateFollowsThePoliteWay() {
        Script script = script();
        Peer peer = accepted(listening(options -> options.lingerTimeout(LONG)), script);
        Connection connection = script.connection();
        assertEquals(ConnectionState.OPEN, connection.state());
        inTurn(() -> {
            connection.close();
            assertEquals(ConnectionState.CLOSING, connection.state());
            assertFalse(connection.isOpen());
        });
        until("the end", peer::hasEnded);
        settle();
        assertEquals(ConnectionState.LINGERING, connection.state());
        assertEquals(List.of(connection), manager().connections());
        peer.shutdownOutput();
        untilClosed(script);
        assertEquals(ConnectionState.CLOSED, connection.state());
        assertEquals(List.of(), manager().connections());
    }

    @Test
    void lingeringEndsWithThePeersEnd() {
        Script script = script();
        Peer peer = accepted(listening(options -> options.lingerTimeout(LONG)), script);
        inTurn(() -> script.connection().close());
        until("the end", peer::hasEnded);
        peer.send("still talking").shutdownOutput();
        untilClosed(script);
        assertClean(script, Initiator.LOCAL);
    }

    @Test
    void lingeringEndsWithItsTime() {
        Script script = script();
        Peer peer = accepted(listening(options -> options.lingerTimeout(SHORT)), script);
        inTurn(() -> script.connection().close());
        until("the end", peer::hasEnded);
        untilClosed(script);
        assertClean(script, Initiator.LOCAL);
    }

    @Test
    void withoutLingeringItEndsAtOnce() {
        Script script = script();
        Peer peer = accepted(listening(options -> options.lingerTimeout(Duration.ZERO)), script);
        List<ConnectionState> states = new ArrayList<>();
        inTurn(() -> script.connection().send("bye").close());
        until("Closed", () -> {
            states.add(script.connection().state());
            return script.isClosed();
        });
        assertFalse(states.contains(ConnectionState.LINGERING), states::toString);
        until("the end", peer::hasEnded);
        assertEquals("bye", peer.text());
    }

    /** A socket closed with unread input resets, and the peer may then never read what we sent last. */
    @Test
    void lastWordsReachAPeerThatIsStillTalking() {
        byte[] answer = pattern(300_000);
        Script script = script().on(TcpEvent.Received.class, (connection, event) -> {
            connection.pauseReading();
            connection.send(answer).close();
        });
        Peer peer = accepted(script).stopReading();
        peer.send(pattern(4 << 20));
        until("close", () -> script.has(TcpEvent.Received.class));
        until("the whole question to be read away", peer::hasSentAll);
        peer.startReading();
        until("the end", peer::hasEnded);
        assertArrayEquals(answer, peer.received());
        peer.shutdownOutput();
        untilClosed(script);
        assertClean(script, Initiator.LOCAL);
    }

    @Test
    void thePeersEndBeforeCloseLeavesNothingToLingerFor() {
        Script script = script();
        Peer peer = accepted(listening(options -> options.halfClose(true).lingerTimeout(LONG)), script);
        peer.shutdownOutput();
        until("the end of input", () -> script.has(TcpEvent.InputClosed.class));
        inTurn(() -> script.connection().send("answer").close());
        untilClosed(script);
        until("the end", peer::hasEnded);
        assertEquals("answer", peer.text());
        assertClean(script, Initiator.PEER);
    }

    // ---- the deadline of closing

    @Test
    void whatCannotLeaveInTimeEndsInAReset() {
        Script script = script();
        Peer peer = slow(script, options -> options.closeTimeout(SHORT));
        inTurn(() -> script.connection().send(pattern(MORE_THAN_FITS)).close());
        untilClosed(script);
        assertEquals(Kind.CLOSE_TIMEOUT, script.errorKind());
        peer.startReading();
        untilAborted(peer);
        assertTrue(peer.receivedCount() < MORE_THAN_FITS);
        assertEquals(0, manager().statistics().segmentsInUse());
    }

    @Test
    void closeMayBringItsOwnTimeOut() {
        Script script = script();
        slow(script, options -> options.closeTimeout(LONG));
        inTurn(() -> {
            script.connection().send(pattern(MORE_THAN_FITS));
            script.connection().close(SHORT);
        });
        untilClosed(script);
        assertEquals(Kind.CLOSE_TIMEOUT, script.errorKind());
    }

    @Test
    void aShorterTimeOutReplacesALongerOne() {
        Script script = script();
        slow(script, options -> {});
        inTurn(() -> {
            script.connection().send(pattern(MORE_THAN_FITS));
            script.connection().close(LONG);
            script.connection().close(SHORT);
            script.connection().close(LONG);
            script.connection().close();
            Duration toGo = manager().timeToNextTimer().orElseThrow();
            assertTrue(toGo.compareTo(SHORT) <= 0, toGo::toString);
        });
        untilClosed(script);
        assertEquals(Kind.CLOSE_TIMEOUT, script.errorKind());
    }

    @Test
    void aTimeOutOfZeroStillLetsLeaveWhatCan() {
        Script script = script().on(TcpEvent.Received.class, (connection, event) -> {
            event.take();
            connection.send("answer");
            connection.close(Duration.ZERO);
        });
        Peer peer = accepted(script).send("question");
        until("the end", peer::hasEnded);
        assertEquals("answer", peer.text());
        peer.close();
        untilClosed(script);
        assertClean(script, Initiator.LOCAL);
    }

    @Test
    void aTimeOutOfZeroWithNothingToSendIsAPoliteEnd() {
        Script script = script();
        Peer peer = accepted(listening(options -> options.closeTimeout(Duration.ZERO)), script);
        inTurn(() -> script.connection().close());
        until("the end", peer::hasEnded);
        peer.close();
        untilClosed(script);
        assertClean(script, Initiator.LOCAL);
    }

    @Test
    void aNegativeTimeOutIsMisuse() {
        Script script = script();
        accepted(script);
        assertThrows(IllegalArgumentException.class, () -> script.connection().close(Duration.ofNanos(-1)));
        assertTrue(script.connection().isOpen());
    }

    // ---- aborting

    @Test
    void abortResetsThePeerAndThrowsAwayWhatWaits() {
        Script script = script();
        Peer peer = slow(script, options -> {});
        inTurn(() -> script.connection().send(pattern(MORE_THAN_FITS)));
        settle();
        inTurn(() -> script.connection().abort());
        untilClosed(script);
        assertFailed(script, Initiator.LOCAL, Kind.ABORTED);
        assertEquals(0, script.connection().pendingBytes());
        assertEquals(0, manager().statistics().segmentsInUse());
        peer.startReading();
        untilAborted(peer);
        assertEquals(arm.family() == Family.UNIX, peer.hasEnded());
    }

    @Test
    void closedFollowsAbortInTheSameTurnButNotInsideTheHandler() {
        List<Long> turns = new ArrayList<>();
        Script script = script();
        script.on(TcpEvent.Received.class, (connection, event) -> {
            connection.abort();
            connection.abort();
            turns.add(manager().statistics().turns());
            assertFalse(script.isClosed(), "never nested");
            assertEquals(ConnectionState.CLOSED, connection.state());
        });
        script.on(
                TcpEvent.Closed.class,
                (connection, event) -> turns.add(manager().statistics().turns()));
        Peer peer = accepted(script).send("x");
        untilClosed(script);
        assertEquals(turns.get(0), turns.get(1));
        peer.send("never read");
        settle();
        assertEquals(List.of("Opened", "Received", "Closed"), script.kinds());
    }

    @Test
    void abortWinsOverAPoliteEndUnderWay() {
        Script closing = script();
        slow(closing, options -> {});
        inTurn(() -> closing.connection().send(pattern(MORE_THAN_FITS)).close());
        settle();
        assertEquals(ConnectionState.CLOSING, closing.connection().state());
        inTurn(() -> closing.connection().abort());
        untilClosed(closing);
        assertFailed(closing, Initiator.LOCAL, Kind.ABORTED);

        Script lingering = script();
        Peer peer = accepted(listening(options -> options.lingerTimeout(LONG)), lingering);
        inTurn(() -> lingering.connection().close());
        until("the end", peer::hasEnded);
        settle();
        assertEquals(ConnectionState.LINGERING, lingering.connection().state());
        inTurn(() -> lingering.connection().abort());
        untilClosed(lingering);
        assertFailed(lingering, Initiator.LOCAL, Kind.ABORTED);
    }

    // ---- one direction at a time

    @Test
    void thePeersEndClosesAConnectionWithoutHalfClose() {
        Script script = script();
        script.on(TcpEvent.InputClosed.class, (connection, event) -> {
            assertTrue(connection.isOpen());
            connection.send("answer to " + script.text());
        });
        Peer peer = accepted(script).send("question").shutdownOutput();
        untilClosed(script);
        until("the end", peer::hasEnded);
        assertEquals("answer to question", peer.text());
        assertEquals(List.of("Opened", "Received", "InputClosed", "Closed"), script.kinds());
        assertClean(script, Initiator.PEER);
    }

    @Test
    void withHalfCloseTheConnectionStaysOpenForSending() {
        Script script = script();
        Peer peer = accepted(listening(HALF_CLOSE), script).send("question").shutdownOutput();
        until("the end of input", () -> script.has(TcpEvent.InputClosed.class));
        settle();
        assertTrue(script.connection().isOpen());
        assertTrue(script.connection().isWritable());
        inTurn(() -> script.connection().send("an answer"));
        inTurn(() -> script.connection().send(", and another"));
        until("both", () -> peer.text().equals("an answer, and another"));
        inTurn(() -> script.connection().shutdownOutput());
        untilClosed(script);
        until("the end", peer::hasEnded);
        assertClean(script, Initiator.PEER);
    }

    @Test
    void shutdownOutputLeavesTheOtherDirectionOpen() {
        Script script = script();
        Peer peer = connected(script);
        inTurn(() -> script.connection().send("that was all").shutdownOutput());
        until("the end", peer::hasEnded);
        assertEquals("that was all", peer.text());
        assertTrue(script.connection().isOpen());
        peer.send("thank you");
        until("an answer", () -> script.text().equals("thank you"));
        peer.send(", bye").shutdownOutput();
        untilClosed(script);
        assertEquals("thank you, bye", script.text());
        assertEquals("InputClosed", script.kinds().get(script.kinds().size() - 2));
        assertClean(script, Initiator.LOCAL);
    }

    @Test
    void muchThatWasSentLeavesBeforeTheOutputIsShut() {
        Script script = script();
        Peer peer = slow(script, options -> {});
        byte[] message = pattern(MORE_THAN_FITS);
        inTurn(() -> script.connection().send(message).shutdownOutput());
        peer.startReading();
        until("the end", peer::hasEnded);
        assertArrayEquals(message, peer.received());
        assertTrue(script.connection().isOpen());
    }

    @Test
    void aSecondShutdownOutputDoesNothing() {
        Script script = script();
        Peer peer = accepted(script);
        Connection connection = script.connection();
        inTurn(() -> {
            connection.shutdownOutput();
            connection.shutdownOutput();
        });
        until("the end", peer::hasEnded);
        connection.shutdownOutput();
        assertTrue(connection.isOpen());
    }

    @Test
    void shutdownOutputIsRefusedByAClosingOrClosedConnection() {
        Script script = script();
        Peer peer = accepted(listening(options -> options.lingerTimeout(LONG)), script);
        Connection connection = script.connection();
        inTurn(() -> {
            connection.close();
            assertThrows(ConnectionClosedException.class, connection::shutdownOutput, "closing");
        });
        until("the end", peer::hasEnded);
        settle();
        assertThrows(ConnectionClosedException.class, connection::shutdownOutput, "lingering");
        connection.abort();
        assertThrows(ConnectionClosedException.class, connection::shutdownOutput, "closed");
    }

    @Test
    void closeAfterShutdownOutputLingersForThePeer() {
        Script script = script();
        Peer peer = accepted(listening(options -> options.lingerTimeout(LONG)), script);
        inTurn(() -> script.connection().shutdownOutput());
        until("the end", peer::hasEnded);
        inTurn(() -> script.connection().close());
        settle();
        assertEquals(ConnectionState.LINGERING, script.connection().state());
        peer.send("too late").shutdownOutput();
        untilClosed(script);
        assertEquals("", script.text());
        assertClean(script, Initiator.LOCAL);
    }

    /**
     * Both directions are asked to end, but the peer never reads what still has to leave: the close time-out ends it.
     */
    @Test
    void outputThatIsBeingShutDoesNotHoldAConnectionForEver() {
        Script script = script();
        Peer peer = slow(script, options -> options.closeTimeout(SHORT));
        inTurn(() -> script.connection().send(pattern(MORE_THAN_FITS)).shutdownOutput());
        settle();
        peer.shutdownOutput();
        until("the end of input", () -> script.has(TcpEvent.InputClosed.class));
        untilClosed(script);
        assertEquals(Kind.CLOSE_TIMEOUT, script.errorKind());
    }

    @Test
    void outputThatIsShutAfterThePeersEndDoesNotHoldAConnectionForEver() {
        Script script = script();
        Peer peer = slow(script, options -> options.halfClose(true).closeTimeout(SHORT));
        peer.shutdownOutput();
        until("the end of input", () -> script.has(TcpEvent.InputClosed.class));
        inTurn(() -> script.connection().send(pattern(MORE_THAN_FITS)).shutdownOutput());
        untilClosed(script);
        assertEquals(Kind.CLOSE_TIMEOUT, script.errorKind());
    }

    @Test
    void closeMayBeCalledInInputClosed() {
        Script script = script().on(
                        TcpEvent.InputClosed.class,
                        (connection, event) -> connection.send("bye").close());
        Peer peer = accepted(listening(HALF_CLOSE), script).shutdownOutput();
        untilClosed(script);
        until("the end", peer::hasEnded);
        assertEquals("bye", peer.text());
        assertEquals(List.of("Opened", "InputClosed", "Closed"), script.kinds());
    }

    @Test
    void abortMayBeCalledInInputClosed() {
        Script script = script().on(TcpEvent.InputClosed.class, (connection, event) -> connection.abort());
        accepted(script).shutdownOutput();
        untilClosed(script);
        assertFailed(script, Initiator.LOCAL, Kind.ABORTED);
    }

    /** Both have input in one and the same turn; whoever is served first ends the other. */
    @Test
    void whoIsEndedByAnotherInTheSameTurnHearsNoInput() {
        Script script = script();
        script.on(
                TcpEvent.Received.class,
                (connection, event) -> script.connections().stream()
                        .filter(other -> other != connection)
                        .forEach(Connection::abort));
        Peer one = accepted(script);
        Peer two = accepted(script);
        settle();
        one.send("x");
        two.send("y");
        until("one of the two", () -> script.has(TcpEvent.Received.class));
        until("the end of the other", () -> script.isClosed());
        settle();
        assertEquals(1, script.count(TcpEvent.Received.class));
        assertEquals(1, script.count(TcpEvent.Closed.class));
    }

    // ---- resets

    private boolean knowsResets() {
        return arm.family() == Family.TCP;
    }

    /** On sockets that know no reset, whoever resets just ends, and then it is as if he had closed. */
    private void assertReset(Script script, Initiator whereThereAreNone) {
        if (knowsResets()) {
            assertFailed(script, Initiator.PEER, Kind.RESET);
        } else {
            assertTrue(
                    script.closeReason().isClean(), () -> script.closeReason().toString());
            assertEquals(whereThereAreNone, script.closeReason().initiator());
        }
    }

    @Test
    void aResetOfAnIdleConnectionIsTold() {
        Script script = script();
        Peer peer = accepted(script);
        peer.reset();
        untilClosed(script);
        assertReset(script, Initiator.PEER);
        if (knowsResets()) {
            assertEquals(List.of("Opened", "Closed"), script.kinds());
            assertTrue(script.closeReason().error().orElseThrow().cause().isPresent());
        } else {
            assertEquals(List.of("Opened", "InputClosed", "Closed"), script.kinds());
        }
    }

    @Test
    void whatArrivedBeforeAResetIsReceived() {
        Script script = script().on(TcpEvent.Opened.class, (connection, event) -> connection.pauseReading());
        Peer peer = accepted(script).send("seven b");
        settle();
        peer.reset();
        settle();
        script.connection().resumeReading();
        untilClosed(script);
        assertEquals("seven b", script.text());
        assertReset(script, Initiator.PEER);
    }

    @Test
    void aResetWhileSendingIsTold() {
        Script script = script();
        Peer peer = slow(script, options -> {});
        inTurn(() -> script.connection().send(pattern(MORE_THAN_FITS)));
        settle();
        peer.reset();
        untilClosed(script);
        assertFailed(script, Initiator.PEER, Kind.RESET);
        assertEquals(0, manager().statistics().segmentsInUse());
    }

    @Test
    void aResetWhileClosingIsTold() {
        Script script = script();
        Peer peer = slow(script, options -> {});
        inTurn(() -> script.connection().send(pattern(MORE_THAN_FITS)).close());
        settle();
        assertEquals(ConnectionState.CLOSING, script.connection().state());
        peer.reset();
        untilClosed(script);
        assertFailed(script, Initiator.PEER, Kind.RESET);
    }

    @Test
    void aResetWhileLingeringIsTold() {
        Script script = script();
        Peer peer = accepted(listening(options -> options.lingerTimeout(LONG)), script);
        inTurn(() -> script.connection().close());
        until("the end", peer::hasEnded);
        settle();
        peer.reset();
        untilClosed(script);
        assertReset(script, Initiator.LOCAL);
    }

    @Test
    void aResetOfAPausedConnectionIsToldOnResuming() {
        Script script = script().on(TcpEvent.Opened.class, (connection, event) -> connection.pauseReading());
        accepted(script).reset();
        settle();
        assertTrue(script.connection().isOpen(), "nobody has looked yet");
        script.connection().resumeReading();
        untilClosed(script);
        assertReset(script, Initiator.PEER);
    }

    @Test
    void aResetOfAPausedConnectionIsToldToASender() {
        Script script = script().on(TcpEvent.Opened.class, (connection, event) -> connection.pauseReading());
        accepted(script).reset();
        settle();
        inTurn(() -> script.connection().send("anybody there?"));
        untilClosed(script);
        assertFailed(script, Initiator.PEER, Kind.RESET);
    }

    @Test
    void aResetAfterThePeersEndIsToldToASender() {
        Script script = script();
        Peer peer = accepted(listening(HALF_CLOSE), script).shutdownOutput();
        until("the end of input", () -> script.has(TcpEvent.InputClosed.class));
        peer.reset();
        settle();
        inTurn(() -> script.connection().send("anybody there?"));
        untilClosed(script);
        assertFailed(script, Initiator.PEER, Kind.RESET);
    }

    @Test
    void aPeerThatIsGoneIsToldToWhoeverGoesOnSending() {
        Script script = script();
        Peer peer = accepted(listening(HALF_CLOSE), script);
        peer.close();
        until("the end of input", () -> script.has(TcpEvent.InputClosed.class));
        until("the end", () -> {
            if (script.connection().isOpen()) {
                script.connection().send("anybody there?");
            }
            return script.isClosed();
        });
        assertFailed(script, Initiator.PEER, Kind.RESET);
    }

    @Test
    void aResetHarmsNobodyElse() {
        Script lost = script();
        Peer peer = accepted(lost);
        Script other = script();
        Peer healthy = accepted(other);
        peer.reset();
        untilClosed(lost);
        healthy.send("well");
        until("the other to be served", () -> other.text().equals("well"));
    }

    // ---- what is left

    @Test
    void nothingIsHeldWhenEverythingHasEnded() {
        Script script = script().leavingInput();
        Peer one = slow(script, options -> options.ticks(true));
        one.send("left");
        until("input", () -> script.has(TcpEvent.Received.class));
        Connection connection = script.connection();
        inTurn(() -> {
            connection.setTimer(LONG);
            connection.send(pattern(MORE_THAN_FITS));
        });
        settle();
        assertTrue(manager().statistics().segmentsInUse() > 0);
        assertEquals(1, manager().statistics().keptBuffers());
        assertTrue(manager().statistics().timers() > 0);
        inTurn(connection::abort);
        untilClosed(script);
        assertEquals(0, manager().statistics().segmentsInUse());
        assertEquals(0, manager().statistics().keptBuffers());
        assertEquals(0, manager().statistics().timers());
        assertEquals(0, manager().statistics().connections());
        assertEquals(0, connection.receiveBuffer().size());
    }
}
