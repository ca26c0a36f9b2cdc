package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Connection;
import dev.meerkat.ConnectionClosedException;
import dev.meerkat.SendLimitException;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.CloseReason.Initiator;
import dev.meerkat.event.ConnectionError.Kind;
import dev.meerkat.runtime.ListenerHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** With real sockets other threads may send, too. */
class NioSendingTest extends SendingRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }

    private static final int LIMIT = 100;

    @Test
    void whatOneThreadSendsKeepsItsOrder() {
        int threads = 4;
        int lines = 500;
        Script script = script();
        Peer peer = accepted(script);
        Connection connection = script.connection();
        List<CompletableFuture<Integer>> senders = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            String name = "thread-" + i;
            senders.add(Threads.start(() -> {
                for (int line = 0; line < lines; line++) {
                    switch (line % 3) {
                        case 0 -> connection.send(Bytes.utf8(name + " " + line + "\n"));
                        case 1 -> connection.send(name + " " + line + "\n");
                        default -> connection.sendf("%s %d%n", name, line);
                    }
                }
                return lines;
            }));
        }
        until("the senders", () -> senders.stream().allMatch(CompletableFuture::isDone));
        senders.forEach(CompletableFuture::join);
        until(
                "every line",
                () -> peer.text().lines().count() == threads * lines
                        && peer.text().endsWith("\n"));
        Map<String, List<String>> byThread = peer.text()
                .lines()
                .collect(Collectors.groupingBy(
                        line -> line.split(" ")[0],
                        Collectors.mapping(line -> line.split(" ")[1], Collectors.toList())));
        List<String> expected = Stream.iterate(0, line -> line + 1)
                .limit(lines)
                .map(String::valueOf)
                .toList();
        assertEquals(threads, byThread.size());
        byThread.forEach((name, found) -> assertEquals(expected, found, name));
    }

    @Test
    void bytesOnTheirWayToTheLoopCountAgainstTheSendLimit() {
        Script script = script();
        Peer peer = accepted(
                listening(options -> options.lowWaterMark(10).highWaterMark(50).sendLimit(LIMIT)), script);
        Connection connection = script.connection();
        Threads.elsewhere(() -> {
            connection.send(Bytes.copyOf(new byte[LIMIT - 1]));
            assertThrows(SendLimitException.class, () -> connection.send(Bytes.copyOf(new byte[2])));
            connection.send(Bytes.copyOf(new byte[1]));
            assertThrows(SendLimitException.class, () -> connection.send("x"));
            return null;
        });
        until("what was accepted", () -> peer.receivedCount() == LIMIT);
        Threads.elsewhere(() -> connection.send(Bytes.copyOf(new byte[LIMIT])));
        until("what was accepted then", () -> peer.receivedCount() == 2 * LIMIT);
    }

    @Test
    void bytesOnTheirWayToTheLoopCountAgainstTheManagersLimit() {
        use(options -> options.mailboxBytesLimit(LIMIT));
        Script one = script();
        Script other = script();
        Peer first = accepted(one);
        Peer second = accepted(other);
        Connection to = one.connection();
        Connection toOther = other.connection();
        Threads.elsewhere(() -> {
            to.send(Bytes.copyOf(new byte[LIMIT - 1]));
            assertThrows(SendLimitException.class, () -> toOther.send(Bytes.copyOf(new byte[2])));
            toOther.send(Bytes.copyOf(new byte[1]));
            assertThrows(SendLimitException.class, () -> to.send("x"));
            return null;
        });
        until("what was accepted", () -> first.receivedCount() == LIMIT - 1 && second.receivedCount() == 1);
        Threads.elsewhere(() -> to.send(Bytes.copyOf(new byte[LIMIT])));
        until("what was accepted then", () -> first.receivedCount() == 2 * LIMIT - 1);
    }

    @Test
    void aFullMailboxIsALimitOfSendingToo() {
        use(options -> options.mailboxLimit(1));
        Script script = script();
        Peer peer = accepted(script);
        Connection connection = script.connection();
        Threads.elsewhere(() -> {
            connection.send("first");
            assertThrows(SendLimitException.class, () -> connection.send("second"));
            return null;
        });
        until("what was accepted", () -> peer.text().equals("first"));
        Threads.elsewhere(() -> connection.send(" third"));
        until("what was accepted then", () -> peer.text().equals("first third"));
    }

    /** What was accepted from another thread cannot be refused any more when it arrives and there is no room. */
    @Test
    void moreFromOtherThreadsThanThePeerTakesEndsTheConnection() {
        Script script = script();
        Peer peer = accepted(
                        listening(options -> options.sendBufferBytes(SMALL_PEER.sendBufferBytes())
                                .sendLimit(MORE_THAN_FITS)),
                        SMALL_PEER,
                        script)
                .stopReading();
        Connection connection = script.connection();
        inTurn(() -> connection.send(new byte[MORE_THAN_FITS]));
        settle();
        Threads.elsewhere(() -> connection.send(Bytes.copyOf(new byte[MORE_THAN_FITS])));
        untilClosed(script);
        assertEquals(Kind.SLOW_RECEIVER, script.errorKind());
        assertEquals(Initiator.MANAGER, script.closeReason().initiator());
        peer.startReading();
        until("the reset", peer::wasReset);
    }

    @Test
    void aSendFromElsewhereIsRefusedWhenTheConnectionHasEnded() {
        Script script = script();
        accepted(script);
        Connection connection = script.connection();
        refusedElsewhere(connection, connection::close, "CLOSING");
        refusedElsewhere(connection, connection::abort, "CLOSED");
    }

    @Test
    void aSendFromElsewhereIsRefusedAfterShutdownOutput() {
        Script script = script();
        accepted(script);
        Connection connection = script.connection();
        refusedElsewhere(connection, connection::shutdownOutput, "shutdownOutput");
    }

    private static void refusedElsewhere(Connection connection, Runnable ending, String named) {
        ending.run();
        for (Function<Connection, Connection> way : List.<Function<Connection, Connection>>of(
                target -> target.send("late"),
                target -> target.send(Bytes.utf8("late")),
                target -> target.sendf("late"))) {
            ConnectionClosedException thrown =
                    Threads.elsewhere(() -> assertThrows(ConnectionClosedException.class, () -> way.apply(connection)));
            assertTrue(thrown.getMessage().contains(named), thrown::getMessage);
        }
    }

    @Test
    void whatIsOnItsWayWhenTheConnectionEndsIsLostQuietly() {
        Script script = script();
        Peer peer = accepted(script);
        Connection connection = script.connection();
        Threads.elsewhere(() -> connection.send("on its way"));
        connection.close();
        until("the end", peer::hasEnded);
        assertEquals("", peer.text());
        peer.close();
        untilClosed(script);
        assertTrue(script.closeReason().isClean());
    }

    @Test
    void whatIsSentFromElsewhereBeforeOpenedLeavesAfterIt() {
        ListenerHandle listener = peerListener();
        Script script = script();
        Connection connection = manager().connect(addressOf(listener), script);
        Threads.elsewhere(() -> connection.send("early"));
        Peer peer = accept(listener);
        until("all of it", () -> peer.text().equals("early"));
    }

    @Test
    void bytesThatWereLostOnTheirWayDoNotCountForEver() {
        use(options -> options.mailboxBytesLimit(LIMIT));
        Script lost = script();
        accepted(lost);
        Connection gone = lost.connection();
        Threads.elsewhere(() -> gone.send(Bytes.copyOf(new byte[LIMIT])));
        gone.abort();
        untilClosed(lost);
        Script script = script();
        Peer peer = accepted(script);
        Connection connection = script.connection();
        Threads.elsewhere(() -> connection.send(Bytes.copyOf(new byte[LIMIT])));
        until("all of it", () -> peer.receivedCount() == LIMIT);
    }
}
