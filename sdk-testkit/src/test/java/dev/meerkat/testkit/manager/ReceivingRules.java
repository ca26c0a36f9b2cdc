package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Connection;
import dev.meerkat.ConnectionState;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.ReceiveBuffer;
import dev.meerkat.event.TcpEvent;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The peer's direction: what is told, what stays, who is held back, and how long bytes may be looked at. */
abstract class ReceivingRules extends ManagerRules {
    private static final byte POISON = (byte) 0xDB;

    /** Has borrowed bytes overwritten on both arms. */
    private void usePoison() {
        use(options -> {}, runtime -> runtime.withProbe(new RecordingProbe().poisoning()));
    }

    private static String text(ByteBuffer view) {
        return StandardCharsets.UTF_8.decode(view).toString();
    }

    // ---- what is told, and what stays

    @Test
    void receivedTellsWhatIsNew() {
        List<String> heard = new ArrayList<>();
        Script script = script().on(TcpEvent.Received.class, (connection, event) -> {
            heard.add(event.count() + " of " + text(event.buffer().view()));
            event.take();
        });
        Peer peer = accepted(script).send("four");
        until("the first", () -> heard.size() == 1);
        peer.send("seventy");
        until("the second", () -> heard.size() == 2);
        assertEquals(List.of("4 of four", "7 of seventy"), heard);
    }

    @Test
    void whatTheHandlerLeavesStaysInFront() {
        List<String> heard = new ArrayList<>();
        Script script = script().on(TcpEvent.Received.class, (connection, event) -> {
            heard.add(event.count() + " of " + text(event.buffer().view()));
            event.buffer().discard(1);
        });
        Peer peer = accepted(script).send("abc");
        until("the first", () -> heard.size() == 1);
        assertEquals(1, manager().statistics().keptBuffers());
        peer.send("de");
        until("the second", () -> heard.size() == 2);
        peer.send("f");
        until("the third", () -> heard.size() == 3);
        assertEquals(List.of("3 of abc", "2 of bcde", "1 of cdef"), heard);
        inTurn(() -> assertEquals("def", script.connection().receiveBuffer().takeText()));
        assertEquals(0, manager().statistics().keptBuffers());
        inTurn(() -> assertTrue(script.connection().receiveBuffer().isEmpty()));
    }

    @Test
    void aConnectionAtRestHoldsNoBuffer() {
        Script script = script();
        accepted(script).send("taken at once");
        until("input", () -> script.text().equals("taken at once"));
        assertEquals(0, manager().statistics().keptBuffers());
    }

    @Test
    void linesAreFoundHoweverTheyAreCut() {
        List<String> lines = new ArrayList<>();
        Script script = script().on(TcpEvent.Received.class, (connection, event) -> {
            ReceiveBuffer buffer = event.buffer();
            for (int end = buffer.indexOf((byte) '\n'); end >= 0; end = buffer.indexOf((byte) '\n')) {
                lines.add(buffer.take(end).utf8());
                buffer.discard(1);
            }
        });
        Peer peer = accepted(script);
        for (String piece : List.of("on", "e\ntwo\nth", "ree", "\n")) {
            int before = script.count(TcpEvent.Received.class);
            peer.send(piece);
            until("a piece", () -> script.count(TcpEvent.Received.class) > before);
        }
        assertEquals(List.of("one", "two", "three"), lines);
    }

    @Test
    void readsAreNoLargerThanTheBufferThatAllReadThrough() {
        use(options -> options.readBytes(1_024));
        Script script = script();
        byte[] input = pattern(10_000);
        accepted(script).send(input);
        until("all of it", () -> script.bytes().length == input.length);
        assertArrayEquals(input, script.bytes());
        assertTrue(script.all(TcpEvent.Received.class).stream().allMatch(event -> event.count() <= 1_024));
    }

    @Test
    void aLargeStreamArrivesWhole() {
        Script script = script();
        byte[] input = pattern(3 << 20);
        accepted(script).send(input);
        until("all of it", () -> script.bytes().length == input.length);
        assertArrayEquals(input, script.bytes());
    }

    @Test
    void aBusyConnectionDoesNotKeepTheOthersWaiting() {
        use(options -> options.readBytes(1_024));
        Script busy = script();
        Peer flood = accepted(busy);
        Script quiet = script();
        Peer small = accepted(quiet);
        flood.send(pattern(500_000));
        until("the flood", () -> busy.has(TcpEvent.Received.class));
        small.send("me too");
        until("the quiet one", () -> quiet.text().equals("me too"));
        assertTrue(busy.bytes().length < 500_000, "served before the flood was over");
        until("the rest of the flood", () -> busy.bytes().length == 500_000);
    }

    // ---- pausing

    @Test
    void aPausedConnectionIsToldNothingUntilItResumes() {
        Script script = script().on(TcpEvent.Opened.class, (connection, event) -> connection.pauseReading());
        Peer peer = accepted(script).send("waits");
        settle();
        assertFalse(script.has(TcpEvent.Received.class));
        assertTrue(script.connection().isReadingPaused());
        script.connection().resumeReading();
        assertFalse(script.connection().isReadingPaused());
        until("input", () -> script.text().equals("waits"));
        peer.send(" no more");
        until("input", () -> script.text().equals("waits no more"));
    }

    @Test
    void pausingHoldsThePeerBackAndLosesNothing() {
        Script script = script().on(TcpEvent.Opened.class, (connection, event) -> connection.pauseReading());
        byte[] input = pattern(MORE_THAN_FITS);
        Peer peer = accepted(
                listening(options -> options.receiveBufferBytes(SMALL_PEER.receiveBufferBytes())), SMALL_PEER, script);
        peer.send(input);
        settle();
        assertFalse(peer.hasSentAll());
        assertFalse(script.has(TcpEvent.Received.class));
        script.connection().resumeReading();
        until("all of it", () -> script.bytes().length == input.length);
        assertArrayEquals(input, script.bytes());
    }

    @Test
    void pausingAfterEveryReadLosesNothing() {
        Script script = script();
        script.on(TcpEvent.Received.class, (connection, event) -> {
            script.take(connection, event);
            connection.pauseReading();
            manager().schedule(Duration.ofNanos(1), connection::resumeReading);
        });
        byte[] input = pattern(1 << 20);
        accepted(script).send(input);
        until("all of it", () -> script.bytes().length == input.length);
        assertArrayEquals(input, script.bytes());
    }

    @Test
    void whatWasLeftIsAnnouncedAgainOnResuming() {
        Script script = script().on(TcpEvent.Received.class, (connection, event) -> connection.pauseReading());
        accepted(script).send("left");
        until("input", () -> script.has(TcpEvent.Received.class));
        List<String> heard = new ArrayList<>();
        script.on(TcpEvent.Received.class, (connection, event) -> heard.add(event.takeText()));
        script.connection().resumeReading();
        until("it again", () -> !heard.isEmpty());
        settle();
        assertEquals(List.of("left"), heard);
    }

    @Test
    void theEndOfInputIsNoticedOnResuming() {
        Script script = script().on(TcpEvent.Opened.class, (connection, event) -> connection.pauseReading());
        accepted(script).send("last").shutdownOutput();
        settle();
        assertEquals(List.of("Opened"), script.kinds());
        assertEquals(ConnectionState.OPEN, script.connection().state());
        script.connection().resumeReading();
        untilClosed(script);
        assertEquals("last", script.text());
        assertEquals(List.of("Opened", "Received", "InputClosed", "Closed"), script.kinds());
    }

    @Test
    void aConnectionMayPauseBeforeItIsEstablished() {
        var listener = peerListener();
        Script script = script();
        Connection connection = manager().connect(addressOf(listener), script);
        connection.pauseReading();
        accept(listener).send("early");
        until("the connection", script::isOpened);
        settle();
        assertFalse(script.has(TcpEvent.Received.class));
        connection.resumeReading();
        until("input", () -> script.text().equals("early"));
    }

    // ---- the receive limit

    private static final int LIMIT = 10;

    @Test
    void theReceiveLimitIsReadAndNoMore() {
        Script script = script().leavingInput();
        Peer peer = accepted(listening(options -> options.receiveLimit(LIMIT)), script)
                .send(pattern(LIMIT + 1));
        until("the limit", () -> script.has(TcpEvent.Received.class));
        settle();
        Connection connection = script.connection();
        assertEquals(1, script.count(TcpEvent.Received.class));
        assertEquals(LIMIT, script.all(TcpEvent.Received.class).get(0).count());
        inTurn(() -> assertEquals(LIMIT, connection.receiveBuffer().size()));
        assertFalse(connection.isReadingPaused());

        script.on(
                TcpEvent.TimerFired.class,
                (any, event) -> connection.receiveBuffer().discard(1));
        connection.setTimer(SHORT);
        until("one more", () -> script.count(TcpEvent.Received.class) == 2);
        assertEquals(1, script.all(TcpEvent.Received.class).get(1).count());
        inTurn(() -> {
            byte[] all = pattern(LIMIT + 1);
            byte[] unread = connection.receiveBuffer().takeArray(LIMIT);
            assertArrayEquals(Arrays.copyOfRange(all, 1, LIMIT + 1), unread);
        });
        peer.send("x");
        until("the next", () -> script.count(TcpEvent.Received.class) == 3);
    }

    @Test
    void exactlyTheReceiveLimitMayBeTakenAtOnce() {
        Script script = script();
        byte[] input = pattern(10 * LIMIT);
        accepted(listening(options -> options.receiveLimit(LIMIT)), script).send(input);
        until("all of it", () -> script.bytes().length == input.length);
        assertArrayEquals(input, script.bytes());
        assertTrue(script.all(TcpEvent.Received.class).stream().allMatch(event -> event.count() <= LIMIT));
    }

    @Test
    void theReceiveLimitHoldsThePeerBack() {
        Script script = script().leavingInput();
        byte[] input = pattern(MORE_THAN_FITS);
        Peer peer = accepted(
                listening(options -> options.receiveLimit(100_000).receiveBufferBytes(SMALL_PEER.receiveBufferBytes())),
                SMALL_PEER,
                script);
        peer.send(input);
        until(
                "the limit",
                () -> script.all(TcpEvent.Received.class).stream()
                                .mapToInt(TcpEvent.Received::count)
                                .sum()
                        == 100_000);
        settle();
        assertFalse(peer.hasSentAll());
        script.on(TcpEvent.Received.class, (connection, event) -> script.take(connection, event));
        inTurn(() -> script.connection().replaceHandler(script)); // announces what waits
        until("all of it", () -> script.bytes().length == input.length);
        assertArrayEquals(input, script.bytes());
    }

    @Test
    void aRaisedLimitLetsReadingGoOn() {
        Script script = script().leavingInput();
        accepted(listening(options -> options.receiveLimit(LIMIT)), script).send(pattern(LIMIT + 5));
        until("the limit", () -> script.has(TcpEvent.Received.class));
        settle();
        Connection connection = script.connection();
        connection.configure(
                connection.options().toBuilder().receiveLimit(LIMIT + 5).build());
        until("the rest", () -> script.count(TcpEvent.Received.class) == 2);
        inTurn(() ->
                assertArrayEquals(pattern(LIMIT + 5), connection.receiveBuffer().takeArray(LIMIT + 5)));
    }

    @Test
    void aLoweredLimitTakesNothingAway() {
        Script script = script().leavingInput();
        Peer peer = accepted(listening(options -> options.receiveLimit(100)), script)
                .send(pattern(50));
        until("input", () -> script.has(TcpEvent.Received.class));
        Connection connection = script.connection();
        connection.configure(
                connection.options().toBuilder().receiveLimit(LIMIT).build());
        peer.send("waits");
        settle();
        assertEquals(1, script.count(TcpEvent.Received.class));
        inTurn(() -> assertArrayEquals(pattern(50), connection.receiveBuffer().takeArray(50)));
        until("the rest", () -> script.count(TcpEvent.Received.class) == 2);
    }

    // ---- another handler

    @Test
    void aNewHandlerIsToldTheUnreadBytesInTheSameTurn() {
        List<Long> turns = new ArrayList<>();
        List<String> heard = new ArrayList<>();
        Script second = script().hearingAPart().on(TcpEvent.Received.class, (connection, event) -> {
            turns.add(manager().statistics().turns());
            heard.add(event.count() + " of " + event.takeText());
        });
        Script first = script().hearingAPart();
        first.on(TcpEvent.Received.class, (connection, event) -> {
            turns.add(manager().statistics().turns());
            event.buffer().discard("upgrade ".length());
            connection.replaceHandler(second);
            assertSame(second, connection.handler());
            assertEquals(List.of(), heard, "not inside this handler");
        });
        Peer peer = accepted(first).send("upgrade more");
        until("the new handler", () -> !heard.isEmpty());
        assertEquals(List.of("4 of more"), heard);
        assertEquals(turns.get(0), turns.get(1));
        peer.send("and more");
        until("the next", () -> heard.size() == 2);
        assertEquals("8 of and more", heard.get(1));
        assertEquals(List.of("Opened", "Received"), first.kinds());
    }

    @Test
    void aNewHandlerHearsNothingIfNothingIsUnread() {
        Script second = script().hearingAPart();
        Script first = script().hearingAPart();
        accepted(first);
        inTurn(() -> first.connection().replaceHandler(second));
        settle();
        assertEquals(List.of(), second.kinds());
        first.connection().abort();
        untilClosed(second);
        assertEquals(List.of("Opened"), first.kinds());
        assertEquals(List.of("Closed"), second.kinds());
    }

    @Test
    void aNewHandlerIsToldWhatIsUnreadSinceLong() {
        Script first = script().hearingAPart().leavingInput();
        accepted(first).send("since long");
        until("input", () -> first.has(TcpEvent.Received.class));
        settle();
        Script second = script().hearingAPart();
        inTurn(() -> first.connection().replaceHandler(second));
        until("the same input", () -> second.text().equals("since long"));
    }

    @Test
    void aPausedConnectionsNewHandlerIsToldOnResuming() {
        Script first = script().hearingAPart().leavingInput();
        accepted(first).send("unread");
        until("input", () -> first.has(TcpEvent.Received.class));
        Script second = script().hearingAPart();
        inTurn(() -> {
            first.connection().pauseReading();
            first.connection().replaceHandler(second);
        });
        settle();
        assertEquals(List.of(), second.kinds());
        inTurn(() -> first.connection().resumeReading());
        until("the unread input", () -> second.text().equals("unread"));
    }

    @Test
    void aNewHandlerAfterTheEndOfInputFindsWhatIsUnread() {
        Script first = script().hearingAPart().leavingInput();
        accepted(listening(options -> options.halfClose(true)), first)
                .send("unread")
                .shutdownOutput();
        until("the end of input", () -> first.has(TcpEvent.InputClosed.class));
        Script second = script().hearingAPart();
        inTurn(() -> first.connection().replaceHandler(second));
        settle();
        assertEquals(List.of(), second.kinds(), "no Received follows the end of input");
        inTurn(() -> assertEquals("unread", first.connection().receiveBuffer().takeText()));
    }

    // ---- borrowing

    @Test
    void aViewThatIsKeptIsOverwrittenWhenTheHandlerReturns() {
        usePoison();
        List<ByteBuffer> views = new ArrayList<>();
        List<Bytes> copies = new ArrayList<>();
        List<byte[]> arrays = new ArrayList<>();
        Script script = script().on(TcpEvent.Received.class, (connection, event) -> {
            views.add(event.buffer().view());
            copies.add(event.buffer().take(2));
            arrays.add(event.buffer().takeArray(2));
            event.take();
        });
        accepted(script).send("secret");
        until("input", () -> !views.isEmpty());
        assertPoisoned(views.get(0), 6);
        assertEquals("se", copies.get(0).utf8());
        assertArrayEquals(new byte[] {'c', 'r'}, arrays.get(0));
    }

    @Test
    void aViewOfKeptBytesIsOverwrittenToo() {
        usePoison();
        Script script = script().leavingInput();
        accepted(script).send("secret");
        until("input", () -> script.has(TcpEvent.Received.class));
        List<ByteBuffer> views = new ArrayList<>();
        inTurn(() -> views.add(script.connection().receiveBuffer().view()));
        settle();
        assertPoisoned(views.get(0), 6);
        inTurn(() ->
                assertEquals("secret", script.connection().receiveBuffer().takeText(), "the bytes themselves stay"));
    }

    @Test
    void aViewOfKeptAndNewBytesIsOverwrittenToo() {
        usePoison();
        List<ByteBuffer> views = new ArrayList<>();
        Script script = script().on(
                        TcpEvent.Received.class,
                        (connection, event) -> views.add(event.buffer().view()));
        Peer peer = accepted(script).send("sec");
        until("input", () -> views.size() == 1);
        assertPoisoned(views.get(0), 3);
        peer.send("ret");
        until("more", () -> views.size() == 2);
        assertPoisoned(views.get(1), 6);
        inTurn(() -> assertEquals("secret", script.connection().receiveBuffer().takeText()));
    }

    private static void assertPoisoned(ByteBuffer view, int length) {
        assertEquals(length, view.remaining());
        for (int i = 0; i < length; i++) {
            assertEquals(POISON, view.get(i), "byte " + i);
        }
    }

    @Test
    void viewsAreReadOnly() {
        List<Boolean> readOnly = new ArrayList<>();
        Script script = script().on(TcpEvent.Received.class, (connection, event) -> {
            readOnly.add(event.buffer().view().isReadOnly());
            event.take();
        });
        accepted(script).send("x");
        until("input", () -> !readOnly.isEmpty());
        assertEquals(List.of(true), readOnly);
    }

    // ---- the end of input

    @Test
    void whatIsUnreadAtTheEndOfInputMayStillBeTaken() {
        List<String> unread = new ArrayList<>();
        Script script = script().leavingInput();
        script.on(
                TcpEvent.InputClosed.class,
                (connection, event) -> unread.add(connection.receiveBuffer().takeText()));
        accepted(script).send("unread").shutdownOutput();
        untilClosed(script);
        assertEquals(List.of("unread"), unread);
    }

    @Test
    void theEndOfInputWaitsBehindAFullReceiveBuffer() {
        Script script = script().leavingInput();
        accepted(listening(options -> options.receiveLimit(LIMIT)), script)
                .send(pattern(LIMIT))
                .shutdownOutput();
        until("the limit", () -> script.has(TcpEvent.Received.class));
        settle();
        assertFalse(script.has(TcpEvent.InputClosed.class));
        inTurn(() -> script.connection().receiveBuffer().discard(1));
        until("the end of input", () -> script.has(TcpEvent.InputClosed.class));
    }

    @Test
    void everythingIsReceivedBeforeTheEndOfInput() {
        Script script = script();
        byte[] input = pattern(500_000);
        accepted(script).send(input).shutdownOutput();
        untilClosed(script);
        assertArrayEquals(input, script.bytes());
        List<String> kinds = script.kinds();
        assertEquals("InputClosed", kinds.get(kinds.size() - 2));
        assertNotEquals(0, script.count(TcpEvent.Received.class));
    }
}
