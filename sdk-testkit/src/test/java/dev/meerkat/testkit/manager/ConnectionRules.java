package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Connection;
import dev.meerkat.ConnectionOptions;
import dev.meerkat.ManagerStatistics;
import dev.meerkat.event.TcpEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What a connection carries and tells, and how a manager lists what it has. */
abstract class ConnectionRules extends ManagerRules {
    private List<Peer> accepted(int count, Script script) {
        return Stream.generate(() -> accepted(script)).limit(count).toList();
    }

    // ---- what it carries

    @Test
    void aConnectionCarriesAnAttachment() {
        Script script = script();
        accepted(script);
        Connection connection = script.connection();
        assertNull(connection.attachment(Object.class));
        connection.attach(List.of("ours"));
        assertEquals(List.of("ours"), connection.attachment(List.class));
        assertThrows(ClassCastException.class, () -> connection.attachment(String.class));
        connection.attach(null);
        assertNull(connection.attachment(String.class));
    }

    private enum Flag {
        GREETED,
        KNOWN,
        TRUSTED,
        MUTED,
        COMPRESSING,
        COUNTING,
        LEAVING
    }

    @Test
    void flagsOfOnesOwnAreAnAttachmentToo() {
        Script script = script();
        accepted(script);
        Connection connection = script.connection();
        Set<Flag> flags = EnumSet.allOf(Flag.class);
        connection.attach(flags);
        flags.remove(Flag.MUTED);
        assertEquals(EnumSet.complementOf(EnumSet.of(Flag.MUTED)), connection.attachment(Set.class));
    }

    @Test
    void theAttachmentIsStillThereAtTheEnd() {
        List<String> found = new ArrayList<>();
        Script script = script().on(
                        TcpEvent.Closed.class, (connection, event) -> found.add(connection.attachment(String.class)));
        accepted(script);
        script.connection().attach("ours");
        inTurn(() -> script.connection().abort());
        assertEquals(List.of("ours"), found);
        assertEquals("ours", script.connection().attachment(String.class));
    }

    @Test
    void aConnectionKnowsItsHandler() {
        Script script = script();
        accepted(script);
        assertSame(script, script.connection().handler());
    }

    // ---- when something last happened

    @Test
    void lastIoMovesWithInputAndOutputOnly() {
        Script script = script();
        Instant before = manager().wallTime();
        Peer peer = accepted(script);
        Connection connection = script.connection();
        untilLastIoIsAfter(connection, before); // when it was made
        Instant quiet = afterQuiet(connection);
        peer.send("in");
        until("input", () -> script.text().equals("in"));
        untilLastIoIsAfter(connection, quiet);
        quiet = afterQuiet(connection);
        inTurn(() -> connection.send("out"));
        until("output", () -> peer.text().equals("out"));
        untilLastIoIsAfter(connection, quiet);
    }

    /** Lets time pass without anything happening to a connection. */
    private Instant afterQuiet(Connection connection) {
        boolean[] over = new boolean[1];
        manager().schedule(SHORT, () -> over[0] = true);
        until("time to pass", () -> over[0]);
        Instant now = manager().wallTime();
        assertTrue(connection.lastIo().isBefore(now.minus(SHORT.dividedBy(2))), "nothing happened, still it moved");
        return now;
    }

    /** It is counted back with two clocks; whoever is held up between the two finds it too early, once. */
    private void untilLastIoIsAfter(Connection connection, Instant instant) {
        until("lastIo to have moved", () -> connection.lastIo().isAfter(instant.minusMillis(1)));
    }

    // ---- options

    @Test
    void optionsMayBeExchangedWhileRunning() {
        Script script = script();
        accepted(script);
        Connection connection = script.connection();
        assertEquals(ConnectionOptions.DEFAULT, connection.options());
        ConnectionOptions other = connection(
                options -> options.highWaterMark(100).lowWaterMark(10).sendLimit(1_000));
        inTurn(() -> {
            connection.send(pattern(101));
            assertTrue(connection.isWritable());
            connection.configure(other);
            assertEquals(other, connection.options());
            assertEquals(false, connection.isWritable(), "the new mark holds at once");
            assertThrows(IllegalStateException.class, () -> connection.send(pattern(900)));
        });
        until("Drained", () -> script.has(TcpEvent.Drained.class));
    }

    @Test
    void halfCloseAndTimeOutsHoldFromNowOn() {
        Script script = script();
        Peer peer = accepted(script);
        Connection connection = script.connection();
        connection.configure(connection(options -> options.halfClose(true).lingerTimeout(Duration.ZERO)));
        peer.shutdownOutput();
        until("the end of input", () -> script.has(TcpEvent.InputClosed.class));
        settle();
        assertTrue(connection.isOpen());
        inTurn(connection::close);
        untilClosed(script);
    }

    @Test
    void sentEventsMayBeSwitchedOn() {
        Script script = script();
        accepted(script);
        Connection connection = script.connection();
        inTurn(() -> connection.send("not told"));
        connection.configure(connection(options -> options.sentEvents(true)));
        inTurn(() -> connection.send("told"));
        until("Sent", () -> script.has(TcpEvent.Sent.class));
        assertEquals(4, script.all(TcpEvent.Sent.class).get(0).count());
    }

    // ---- the list

    @Test
    void connectionsAreListedInTheOrderInWhichTheyWereMade() {
        Script script = script();
        accepted(3, script);
        assertEquals(script.connections(), manager().connections());
        assertEquals(3, manager().statistics().connections());
    }

    @Test
    void closingWhileWalkingTheListIsSafe() {
        Script script = script();
        accepted(10, script);
        List<Connection> walked = new ArrayList<>();
        inTurn(() -> {
            for (Connection each : manager().connections()) {
                walked.add(each);
                manager().connections().forEach(Connection::abort);
                assertEquals(List.of(), manager().connections());
            }
        });
        assertEquals(script.connections(), walked);
        until("all of them", () -> script.count(TcpEvent.Closed.class) == 10);
        assertEquals(0, manager().statistics().connections());
    }

    @Test
    void theListIsTheCallersOwn() {
        Script script = script();
        accepted(2, script);
        manager().connections().clear();
        assertEquals(2, manager().connections().size());
    }

    @Test
    void aConnectionIsFoundByItsIdWhileItLives() {
        Script script = script();
        accepted(100, script);
        List<Connection> all = script.connections();
        for (int i = 0; i < all.size(); i++) {
            if (i % 7 != 0) {
                all.get(i).abort();
            }
        }
        for (int i = 0; i < all.size(); i++) {
            Connection each = all.get(i);
            Optional<Connection> expected = i % 7 == 0 ? Optional.of(each) : Optional.empty();
            assertEquals(expected, manager().connection(each.id()));
        }
        until("the ends", () -> script.count(TcpEvent.Closed.class) == 85);
        for (int i = 0; i < all.size(); i++) {
            Connection each = all.get(i);
            Optional<Connection> expected = i % 7 == 0 ? Optional.of(each) : Optional.empty();
            assertEquals(expected, manager().connection(each.id()));
        }
        assertEquals(Optional.empty(), manager().connection(0));
        assertEquals(Optional.empty(), manager().connection(Long.MAX_VALUE));
        assertEquals(15, manager().connections().size());
    }

    @Test
    void whoIsToldItsEndIsNoLongerListed() {
        List<Integer> listed = new ArrayList<>();
        Script script = script().on(TcpEvent.Closed.class, (connection, event) -> {
            listed.add(manager().connections().size());
            listed.add(manager().connection(connection.id()).isPresent() ? 1 : 0);
        });
        accepted(script);
        inTurn(() -> script.connection().abort());
        assertEquals(List.of(0, 0), listed);
    }

    // ---- names and counts

    @Test
    void aConnectionIsNamedByItsManagerAndItsId() {
        use(options -> options.name("suricate"));
        Script script = script();
        accepted(script);
        assertEquals(
                "suricate/conn-" + script.connection().id(), script.connection().toString());
    }

    @Test
    void everyCountGoesBackToWhereItWas() {
        ManagerStatistics before = manager().statistics();
        assertEquals(new ManagerStatistics(0, 0, 0, 0, before.turns(), 0, 0, 0, 0, 0, 0, 0), before);
        Script script = script().leavingInput();
        var acceptor = listen(script);
        Peer peer = peer(acceptor).send("kept");
        until("input", () -> script.has(TcpEvent.Received.class));
        peer.stopReading();
        script.connection().setTimer(LONG);
        manager().post(() -> {});
        ManagerStatistics during = manager().statistics();
        assertEquals(1, during.connections());
        assertEquals(1, during.acceptors());
        assertEquals(1, during.timers());
        assertEquals(1, during.waitingTasks());
        assertEquals(1, during.keptBuffers());
        inTurn(() -> {
            script.connection().send(pattern(100));
            assertEquals(1, manager().statistics().segmentsInUse());
            script.connection().abort();
        });
        acceptor.close();
        settle();
        ManagerStatistics after = manager().statistics();
        assertEquals(
                new ManagerStatistics(
                        0,
                        0,
                        0,
                        0,
                        after.turns(),
                        0,
                        1,
                        0,
                        0,
                        after.accepted(),
                        after.bytesReceived(),
                        after.bytesSent()),
                after);
        assertTrue(after.turns() > before.turns());
    }

    @Test
    void theManagerKeepsNoMoreSegmentsThanItMay() {
        use(options -> options.pooledBytes(0));
        Script script = script();
        Peer peer = accepted(script);
        inTurn(() -> script.connection().send(pattern(200_000)));
        until("all of it", () -> peer.receivedCount() == 200_000);
        assertEquals(0, manager().statistics().segmentsPooled());
    }
}
