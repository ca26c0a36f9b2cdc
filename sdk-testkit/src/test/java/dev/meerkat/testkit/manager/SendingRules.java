package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Connection;
import dev.meerkat.ConnectionClosedException;
import dev.meerkat.SendLimitException;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.ReceiveBuffer;
import dev.meerkat.event.TcpEvent;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IllegalFormatException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Our direction: what may be sent, how it leaves, and what the sender is told when the peer is slow. */
abstract class SendingRules extends ManagerRules {
    private final RecordingProbe probe = new RecordingProbe();

    private void useProbe() {
        use(options -> {}, runtime -> runtime.withProbe(probe));
    }

    /** The ways to send a text of ASCII, by their names. */
    private static final Map<String, BiConsumer<Connection, String>> WAYS = ways();

    private static Map<String, BiConsumer<Connection, String>> ways() {
        Map<String, BiConsumer<Connection, String>> ways = new LinkedHashMap<>();
        ways.put("array", (connection, text) -> connection.send(text.getBytes(StandardCharsets.US_ASCII)));
        ways.put(
                "buffer",
                (connection, text) -> connection.send(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII))));
        ways.put("bytes", (connection, text) -> connection.send(Bytes.utf8(text)));
        ways.put("text", Connection::send);
        ways.put("format", (connection, text) -> connection.sendf("%s", text));
        return ways;
    }

    // ---- what arrives

    @Test
    void whatIsSentArrivesInItsOrder() {
        Script script = script();
        Peer peer = accepted(script);
        Connection connection = script.connection();
        inTurn(() -> connection
                .send("array ".getBytes(StandardCharsets.US_ASCII))
                .send(ByteBuffer.wrap("buffer ".getBytes(StandardCharsets.US_ASCII)))
                .send(Bytes.utf8("bytes "))
                .send("text ")
                .sendf("format %d", 1));
        String expected = "array buffer bytes text format 1";
        until("all of it", () -> peer.receivedCount() >= expected.length());
        assertEquals(expected, peer.text());
    }

    @Test
    void whatIsCopiedMayBeChangedAtOnce() {
        Script script = script();
        Peer peer = accepted(script);
        inTurn(() -> {
            byte[] bytes = {'o', 'l', 'd'};
            script.connection().send(bytes).send(ByteBuffer.wrap(bytes));
            Arrays.fill(bytes, (byte) 'x');
        });
        until("all of it", () -> peer.receivedCount() >= 6);
        assertEquals("oldold", peer.text());
    }

    @Test
    void onlyWhatRemainsInABufferIsSentAndItIsConsumed() {
        Script script = script();
        Peer peer = accepted(script);
        ByteBuffer bytes = ByteBuffer.wrap("(inside)".getBytes(StandardCharsets.US_ASCII));
        bytes.position(1).limit(7);
        inTurn(() -> script.connection().send(bytes));
        assertEquals(7, bytes.position());
        until("all of it", () -> peer.receivedCount() >= 6);
        assertEquals("inside", peer.text());
    }

    @Test
    void textIsSentAsUtf8() {
        Script script = script();
        Peer peer = accepted(script);
        inTurn(() -> script.connection().send(new StringBuilder("Erdmännchen \uD83D\uDC3E")));
        int length = "Erdmännchen \uD83D\uDC3E".getBytes(StandardCharsets.UTF_8).length;
        until("all of it", () -> peer.receivedCount() >= length);
        assertEquals("Erdmännchen \uD83D\uDC3E", peer.text());
    }

    @Test
    void formattedTextDoesNotDependOnTheLocale() {
        Script script = script();
        Peer peer = accepted(script);
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
            inTurn(() -> script.connection().sendf("%,.2f %d %S|", 1234.5, 42, "i"));
            Locale.setDefault(Locale.forLanguageTag("tr"));
            inTurn(() -> script.connection().sendf("%,.2f %d %S|", 1234.5, 42, "i"));
        } finally {
            Locale.setDefault(before);
        }
        String expected = "1,234.50 42 I|".repeat(2);
        until("all of it", () -> peer.receivedCount() >= expected.length());
        assertEquals(expected, peer.text());
    }

    @Test
    void theArgumentsOfAFormatMayBeAnArray() {
        Script script = script();
        Peer peer = accepted(script);
        Object[] arguments = {"a", 1, null};
        inTurn(() -> script.connection().sendf("%s-%d-%s", arguments));
        until("all of it", () -> peer.receivedCount() >= 8);
        assertEquals("a-1-null", peer.text());
    }

    @Test
    void aFormatThatDoesNotFitSendsNothing() {
        Script script = script();
        accepted(script);
        inTurn(() -> assertThrows(
                IllegalFormatException.class, () -> script.connection().sendf("%d", "not a number")));
        assertEquals(0, script.connection().pendingBytes());
    }

    @Test
    void aLargeMessageArrivesWhole() {
        Script script = script();
        Peer peer = accepted(script);
        byte[] message = pattern(3 << 20);
        inTurn(() -> script.connection().send(message));
        until("all of it", () -> peer.receivedCount() >= message.length);
        assertArrayEquals(message, peer.received());
        assertEquals(0, script.connection().pendingBytes());
        assertEquals(0, manager().statistics().segmentsInUse());
    }

    // ---- how it leaves

    @Test
    void sendingOnlyAppendsAndOneWriteEndsTheTurn() {
        useProbe();
        Script script = script().on(TcpEvent.Received.class, (connection, event) -> {
            event.take();
            connection
                    .send("one ")
                    .send(Bytes.utf8("two "))
                    .send(pattern(2_000))
                    .send(Bytes.copyOf(pattern(2_000)));
            connection.send("five");
            assertEquals(4_012, connection.pendingBytes());
            assertEquals(List.of(), probe.details("sent"));
        });
        Peer peer = accepted(script).send("go");
        until("all of it", () -> peer.receivedCount() == 4_012);
        assertEquals(List.of(4_012L), probe.details("sent"));
    }

    @Test
    void whatSeveralCallbacksSendInOneTurnLeavesTogether() {
        useProbe();
        Script script = script();
        Peer peer = accepted(script);
        manager().post(() -> script.connection().send("first "));
        manager().post(() -> script.connection().send("second "));
        inTurn(() -> script.connection().send("third"));
        until("all of it", () -> peer.text().equals("first second third"));
        assertEquals(List.of(18L), probe.details("sent"));
    }

    @Test
    void whatIsSentOutsideATurnLeavesWithTheNext() {
        Script script = script();
        Peer peer = accepted(script);
        script.connection().send("from outside");
        until("all of it", () -> peer.text().equals("from outside"));
    }

    @Test
    void sendingNothingWritesNothing() {
        useProbe();
        Script script = script();
        accepted(script);
        inTurn(() -> WAYS.forEach((way, send) -> send.accept(script.connection(), "")));
        settle();
        assertEquals(List.of(), probe.details("sent"));
        assertTrue(script.connection().isOpen());
    }

    @Test
    void largeBytesAreSharedAndNotCopied() {
        Script one = script();
        Script other = script();
        List<Peer> peers = List.of(accepted(one), accepted(other));
        Bytes shared = Bytes.copyOf(pattern(100_000));
        inTurn(() -> {
            one.connection().send(shared);
            other.connection().send(shared);
            assertEquals(0, manager().statistics().segmentsInUse(), "of shared bytes no copy is held");
            one.connection().send(pattern(100_000));
            assertTrue(manager().statistics().segmentsInUse() > 0, "of an array one is");
        });
        until("all of it", () -> peers.get(0).receivedCount() == 200_000);
        until("all of it", () -> peers.get(1).receivedCount() == 100_000);
        assertArrayEquals(shared.toByteArray(), peers.get(1).received());
        assertEquals(0, manager().statistics().segmentsInUse());
    }

    // ---- how much

    private static final int LIMIT = 100;

    @Test
    void theSendLimitIsAcceptedAndNoMore() {
        WAYS.forEach((way, send) -> {
            Script script = script();
            Peer peer = accepted(
                    listening(options ->
                            options.lowWaterMark(10).highWaterMark(50).sendLimit(LIMIT)),
                    script);
            inTurn(() -> {
                Connection connection = script.connection();
                send.accept(connection, "a".repeat(LIMIT - 10));
                assertThrows(SendLimitException.class, () -> send.accept(connection, "b".repeat(11)), way);
                assertEquals(LIMIT - 10, connection.pendingBytes(), way);
                send.accept(connection, "c".repeat(10));
                assertThrows(SendLimitException.class, () -> send.accept(connection, "d"), way);
                assertEquals(LIMIT, connection.pendingBytes(), way);
            });
            settle();
            assertEquals("a".repeat(LIMIT - 10) + "c".repeat(10), peer.text(), way);
        });
    }

    @Test
    void aRefusedBufferIsNotConsumed() {
        Script script = script();
        accepted(listening(options -> options.lowWaterMark(10).highWaterMark(50).sendLimit(LIMIT)), script);
        ByteBuffer tooMuch = ByteBuffer.allocate(LIMIT + 1);
        inTurn(() ->
                assertThrows(SendLimitException.class, () -> script.connection().send(tooMuch)));
        assertEquals(0, tooMuch.position());
        assertTrue(script.connection().isOpen());
    }

    @Test
    void aRefusalNamesWhatWaitsAndTheLimit() {
        Script script = script();
        accepted(listening(options -> options.lowWaterMark(10).highWaterMark(50).sendLimit(LIMIT)), script);
        inTurn(() -> {
            script.connection().send(pattern(60));
            String message = assertThrows(
                            SendLimitException.class, () -> script.connection().send(pattern(41)))
                    .getMessage();
            for (String part : List.of("60", "41", "100")) {
                assertTrue(message.contains(part), message);
            }
        });
    }

    @Test
    void roomComesBackWhenThePeerReads() {
        Script script = script();
        Peer peer = slow(script, options -> options.sendLimit(MORE_THAN_FITS));
        Connection connection = script.connection();
        inTurn(() -> connection.send(pattern(MORE_THAN_FITS)));
        settle();
        int pending = connection.pendingBytes();
        assertTrue(pending > 0 && pending < MORE_THAN_FITS, "pending: " + pending);
        inTurn(() -> {
            connection.send(new byte[MORE_THAN_FITS - pending]);
            assertThrows(SendLimitException.class, () -> connection.send(new byte[1]));
        });
        peer.startReading();
        until("everything to leave", () -> connection.pendingBytes() == 0);
        inTurn(() -> connection.send(new byte[1]));
        until("everything to arrive", () -> peer.receivedCount() == 2 * MORE_THAN_FITS - pending + 1);
    }

    // ---- the marks

    /** A connection whose peer has small buffers and does not read. */
    private Peer slow(Script script, Change<dev.meerkat.ConnectionOptions.Builder> change) {
        return accepted(
                        listening(options -> {
                            options.sendBufferBytes(SMALL_PEER.sendBufferBytes());
                            change.apply(options);
                        }),
                        SMALL_PEER,
                        script)
                .stopReading();
    }

    @Test
    void theHighWaterMarkItselfIsStillWritable() {
        Script script = script();
        Peer peer = accepted(listening(options -> options.highWaterMark(1_000).lowWaterMark(100)), script);
        inTurn(() -> {
            script.connection().send(pattern(1_000));
            assertTrue(script.connection().isWritable());
        });
        until("everything to arrive", () -> peer.receivedCount() == 1_000);
        settle();
        assertFalse(script.has(TcpEvent.Drained.class));
    }

    @Test
    void oneByteAboveTheHighWaterMarkIsNotWritableUntilDrained() {
        Script script = script();
        Peer peer = accepted(listening(options -> options.highWaterMark(1_000).lowWaterMark(100)), script);
        inTurn(() -> {
            script.connection().send(pattern(1_001));
            assertFalse(script.connection().isWritable());
        });
        until("Drained", () -> script.has(TcpEvent.Drained.class));
        assertTrue(script.connection().isWritable());
        until("everything to arrive", () -> peer.receivedCount() == 1_001);
        settle();
        assertEquals(1, script.count(TcpEvent.Drained.class));
    }

    @Test
    void drainedComesAtTheLowWaterMarkAndNotBefore() {
        Script script = script();
        List<Integer> pendingThen = new ArrayList<>();
        script.on(TcpEvent.Drained.class, (connection, event) -> {
            pendingThen.add(connection.pendingBytes());
            assertTrue(connection.isWritable());
        });
        int high = MORE_THAN_FITS / 2;
        Peer peer = slow(script, options -> options.highWaterMark(high).lowWaterMark(1_000));
        Connection connection = script.connection();
        inTurn(() -> connection.send(pattern(MORE_THAN_FITS)));
        settle();
        assertTrue(connection.pendingBytes() > high, "pending: " + connection.pendingBytes());
        assertFalse(connection.isWritable());
        assertFalse(script.has(TcpEvent.Drained.class));
        peer.startReading();
        List<String> early = new ArrayList<>();
        until("everything to leave", () -> {
            int pending = connection.pendingBytes();
            if (pending > 1_000 && (connection.isWritable() || !pendingThen.isEmpty())) {
                early.add("with " + pending + " pending");
            }
            return pending == 0;
        });
        settle();
        assertEquals(List.of(), early);
        assertEquals(1, pendingThen.size());
        assertTrue(pendingThen.get(0) <= 1_000, pendingThen::toString);
    }

    @Test
    void drainedComesOncePerCrossing() {
        Script script = script();
        accepted(listening(options -> options.highWaterMark(1_000).lowWaterMark(100)), script);
        for (int i = 1; i <= 3; i++) {
            int expected = i;
            inTurn(() -> script.connection().send(pattern(600)).send(pattern(600)));
            until("Drained", () -> script.count(TcpEvent.Drained.class) == expected);
            settle();
            assertEquals(expected, script.count(TcpEvent.Drained.class));
        }
    }

    @Test
    void whoWaitsForDrainedNeverMeetsTheLimit() {
        int chunk = 10_000;
        byte[] all = pattern(100 * chunk);
        int[] next = new int[1];
        int[] mostPending = new int[1];
        Consumer<Connection> sendSome = connection -> {
            while (next[0] < all.length && connection.isWritable()) {
                connection.send(ByteBuffer.wrap(all, next[0], chunk));
                next[0] += chunk;
                mostPending[0] = Math.max(mostPending[0], connection.pendingBytes());
            }
            if (next[0] == all.length) {
                connection.close();
            }
        };
        Script script = script().on(TcpEvent.Opened.class, (connection, event) -> sendSome.accept(connection))
                .on(TcpEvent.Drained.class, (connection, event) -> sendSome.accept(connection));
        Peer peer = accepted(
                listening(options -> options.sendBufferBytes(SMALL_PEER.sendBufferBytes())
                        .highWaterMark(3 * chunk)
                        .lowWaterMark(chunk)
                        .sendLimit(4 * chunk)),
                SMALL_PEER,
                script);
        until("the end", peer::hasEnded);
        assertArrayEquals(all, peer.received());
        assertTrue(mostPending[0] <= 4 * chunk, "pending: " + mostPending[0]);
        peer.close();
        untilClosed(script);
    }

    @Test
    void aConnectionThatIsNotOpenForOutputIsNotWritable() {
        Script script = script();
        accepted(script);
        Connection connection = script.connection();
        assertTrue(connection.isWritable());
        connection.shutdownOutput();
        assertFalse(connection.isWritable());
        connection.abort();
        assertFalse(connection.isWritable());
    }

    // ---- notices of what left

    @Test
    void sentIsNotDeliveredUnasked() {
        Script script = script();
        Peer peer = accepted(script);
        inTurn(() -> script.connection().send("quietly"));
        until("all of it", () -> peer.text().equals("quietly"));
        settle();
        assertFalse(script.has(TcpEvent.Sent.class));
    }

    @Test
    void sentCountsAddUpToWhatWasSent() {
        Script script = script();
        Peer peer = slow(script, options -> options.sentEvents(true));
        inTurn(() -> script.connection().send(pattern(MORE_THAN_FITS)));
        until("the first part to leave", () -> script.has(TcpEvent.Sent.class));
        peer.startReading();
        until("everything to arrive", () -> peer.receivedCount() == MORE_THAN_FITS);
        settle();
        List<TcpEvent.Sent> notices = script.all(TcpEvent.Sent.class);
        assertTrue(notices.size() > 1, notices::toString);
        assertTrue(notices.stream().allMatch(notice -> notice.count() > 0), notices::toString);
        assertEquals(
                MORE_THAN_FITS, notices.stream().mapToLong(TcpEvent.Sent::count).sum());
    }

    @Test
    void whatLeavesAtOnceIsCountedToo() {
        Script script = script().on(TcpEvent.Received.class, (connection, event) -> connection.send(event.buffer()));
        Peer peer =
                accepted(listening(options -> options.sentEvents(true)), script).send(pattern(300_000));
        until("the echo", () -> peer.receivedCount() == 300_000);
        settle();
        assertEquals(
                300_000,
                script.all(TcpEvent.Sent.class).stream()
                        .mapToLong(TcpEvent.Sent::count)
                        .sum());
    }

    // ---- when it may not be sent

    private void assertTyped(Script script, String state) {
        WAYS.forEach((way, send) -> {
            ConnectionClosedException thrown = assertThrows(
                    ConnectionClosedException.class, () -> send.accept(script.connection(), "too late"), way);
            assertTrue(thrown.getMessage().contains(state), thrown::getMessage);
        });
    }

    @Test
    void nothingIsSentAfterClose() {
        Script script = script();
        Peer peer = accepted(script);
        inTurn(() -> {
            script.connection().send("last words").close();
            assertTyped(script, "CLOSING");
        });
        until("the end", peer::hasEnded);
        assertEquals("last words", peer.text());
        peer.close();
        untilClosed(script);
        assertTyped(script, "CLOSED");
    }

    @Test
    void nothingIsSentAfterAbort() {
        Script script = script();
        accepted(script);
        inTurn(() -> {
            script.connection().abort();
            assertTyped(script, "CLOSED");
        });
    }

    @Test
    void nothingIsSentAfterShutdownOutput() {
        Script script = script();
        Peer peer = accepted(script);
        inTurn(() -> {
            script.connection().send("that was all").shutdownOutput();
            assertTyped(script, "shutdownOutput");
        });
        until("the end", peer::hasEnded);
        assertTyped(script, "shutdownOutput");
        assertEquals("that was all", peer.text());
        assertTrue(script.connection().isOpen());
    }

    // ---- sending on what was received

    @Test
    void aSmallReceiveBufferIsSentOnAndEmptied() {
        echo(pattern(100), pattern(100));
    }

    @Test
    void aLargeReceiveBufferIsSentOnAndEmptied() {
        echo(pattern(500_000), pattern(500_000));
    }

    private void echo(byte[] sent, byte[] expected) {
        Script script = script().on(TcpEvent.Received.class, (connection, event) -> {
            connection.send(event.buffer());
            assertTrue(event.buffer().isEmpty());
        });
        Peer peer = accepted(script).send(sent);
        until("the echo", () -> peer.receivedCount() >= expected.length);
        assertArrayEquals(expected, peer.received());
        assertEquals(0, manager().statistics().keptBuffers());
    }

    @Test
    void largeInputThatIsSentOnLeavesAtOnceIfNothingWaits() {
        useProbe();
        List<Boolean> atOnce = new ArrayList<>();
        Script script = script().on(TcpEvent.Received.class, (connection, event) -> {
            int size = event.buffer().size();
            if (size < 8_192 || connection.pendingBytes() > 0) {
                event.take();
                return;
            }
            long before = sum(probe.details("sent"));
            connection.send(event.buffer());
            atOnce.add(sum(probe.details("sent")) > before);
        });
        accepted(script).send(pattern(100_000));
        until("large input", () -> !atOnce.isEmpty());
        assertEquals(true, atOnce.get(0));
    }

    private static long sum(List<Long> counts) {
        return counts.stream().mapToLong(Long::longValue).sum();
    }

    @Test
    void inputThatIsSentOnStaysBehindWhatWaits() {
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        Script script = script().on(TcpEvent.Received.class, (connection, event) -> {
            expected.writeBytes(pattern(100));
            byte[] input = new byte[event.buffer().size()];
            event.buffer().view().get(input);
            expected.writeBytes(input);
            expected.writeBytes(pattern(200));
            connection.send(pattern(100)).send(event.buffer()).send(pattern(200));
        });
        Peer peer = accepted(script).send(pattern(50_000));
        until("all of it", () -> expected.size() > 50_000 && peer.receivedCount() == expected.size());
        assertArrayEquals(expected.toByteArray(), peer.received());
    }

    @Test
    void inputIsRelayedToAnotherConnectionHoweverSlow() {
        Script to = script();
        Peer target = slow(to, options -> {});
        Script from = script().on(
                        TcpEvent.Received.class,
                        (connection, event) -> to.connection().send(event.buffer()));
        Peer source = accepted(from);
        byte[] input = pattern(MORE_THAN_FITS);
        source.send(input);
        until(
                "everything to be taken in",
                () -> source.hasSentAll() && to.connection().pendingBytes() > 0);
        settle();
        target.startReading();
        until("everything to arrive", () -> target.receivedCount() >= input.length);
        assertArrayEquals(input, target.received());
        assertEquals(0, manager().statistics().keptBuffers());
    }

    @Test
    void inputThatIsRefusedIsStillThere() {
        Script script = script().on(TcpEvent.Received.class, (connection, event) -> {
            int size = event.buffer().size();
            assertThrows(SendLimitException.class, () -> connection.send(event.buffer()));
            assertEquals(size, event.buffer().size());
            assertEquals(0, connection.pendingBytes());
        });
        accepted(listening(options -> options.lowWaterMark(0).highWaterMark(1).sendLimit(9_999)), script)
                .send(pattern(10_000));
        until("all of it", () -> script.connection().receiveBuffer().size() == 10_000);
        inTurn(() -> assertArrayEquals(
                pattern(10_000), script.connection().receiveBuffer().takeArray(10_000)));
    }

    @Test
    void keptInputIsSentOnFromATimer() {
        Script script = script().leavingInput();
        Peer peer = accepted(script).send("kept");
        until("input", () -> script.has(TcpEvent.Received.class));
        script.connection().setTimer(SHORT);
        script.on(TcpEvent.TimerFired.class, (connection, event) -> {
            ReceiveBuffer kept = connection.receiveBuffer();
            connection.send(kept);
            assertEquals(0, kept.size());
            connection.send(connection.receiveBuffer());
        });
        until("the echo", () -> peer.text().equals("kept"));
        settle();
        assertEquals("kept", peer.text());
        assertEquals(0, manager().statistics().keptBuffers());
    }
}
