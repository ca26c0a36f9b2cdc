package dev.meerkat.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Connection;
import dev.meerkat.ConnectionOptions;
import dev.meerkat.Handler;
import dev.meerkat.ListenOptions;
import dev.meerkat.Timer;
import dev.meerkat.event.Event;
import dev.meerkat.event.ReceiveBuffer;
import dev.meerkat.event.TcpEvent;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A handler at one end, the test at the other, a fake clock above. */
class HandlerPairTest {
    private static final class ChatHandler implements Handler {
        @Override
        public void onEvent(Connection connection, Event event) {
            if (event instanceof TcpEvent.Opened) {
                connection.send("welcome\n");
                connection.setTimer(Duration.ofSeconds(30));
            } else if (event instanceof TcpEvent.TimerFired) {
                connection.send("bye\n").close();
            }
        }
    }

    private static void echo(Connection connection, Event event) {
        if (event instanceof TcpEvent.Received received) {
            connection.send(received.buffer());
        }
    }

    private final FakeClock clock = new FakeClock();

    @Test
    void greetsAndHangsUpAfterThirtySeconds() {
        FakeClock clock = new FakeClock();
        SocketPair pair = SocketPair.stream(clock, new ChatHandler());
        pair.expectText("welcome\n");
        clock.advance(Duration.ofSeconds(30));
        pair.expectText("bye\n").expectEnd();
    }

    @Test
    void aTimerFiresNeitherEarlyNorLate() {
        SocketPair pair = SocketPair.stream(clock, new ChatHandler());
        pair.expectText("welcome\n").expectNothingFor(Duration.ofSeconds(30).minusNanos(1));
        clock.advance(Duration.ofNanos(1));
        pair.expectText("bye\n").expectEnd().expectNothing();
        assertEquals(Duration.ofSeconds(30), clock.elapsed());
    }

    @Test
    void waitingDrivesTheClockByItself() {
        SocketPair pair = SocketPair.stream(clock, new ChatHandler());
        pair.expectText("welcome\nbye\n").expectEnd();
        assertEquals(Duration.ofSeconds(30), clock.elapsed());
    }

    @Test
    void aHandlerEchoesWhatItReceives() {
        SocketPair pair = SocketPair.stream(HandlerPairTest::echo);
        byte[] bytes = new byte[3 << 20];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i * 7 >> 5);
        }
        pair.send(bytes).expectBytes(bytes).closeOutput();
        pair.expectEnd();
        assertFalse(pair.connection().isOpen());
    }

    @Test
    void anOutboundHandlerTalksToTheTest() {
        List<String> events = new ArrayList<>();
        SocketPair pair = SocketPair.connectedBy(clock, (connection, event) -> {
            events.add(event.getClass().getSimpleName());
            if (event instanceof TcpEvent.Opened) {
                connection.send("hello\n");
            }
        });
        assertEquals("hello", pair.receiveLine());
        pair.close();
        clock.advance(Duration.ofSeconds(2));
        assertEquals(List.of("Opened", "InputClosed", "Closed"), events);
    }

    @Test
    void whatAHandlerThrowsResetsThePeerAndIsHandedOver() {
        SocketPair pair = SocketPair.stream((connection, event) -> {
            if (event instanceof TcpEvent.Received) {
                throw new IllegalStateException("no");
            }
        });
        pair.send("x").expectReset();
        List<Throwable> errors = pair.takeErrors();
        assertEquals(1, errors.size());
        assertEquals("no", errors.get(0).getMessage());
    }

    @Test
    void whatAHandlerThrewIsShownByTheExpectationThatFails() {
        SocketPair pair = SocketPair.stream((connection, event) -> {
            throw new IllegalStateException("no");
        });
        AssertionError error = assertThrows(AssertionError.class, () -> pair.expectText("welcome"));
        assertTrue(
                error.getSuppressed()[0].getMessage().contains("HANDLER failed"),
                error.getSuppressed()[0].getMessage());
    }

    @Test
    void aHandlerThatKeepsBorrowedBytesSeesThemOverwritten() {
        List<ByteBuffer> kept = new ArrayList<>();
        SocketPair pair = SocketPair.stream((connection, event) -> {
            if (event instanceof TcpEvent.Received received) {
                ReceiveBuffer buffer = received.buffer();
                kept.add(buffer.view());
                buffer.discard(buffer.size());
            }
        });
        pair.send("secret").expectNothing();
        ByteBuffer view = kept.get(0);
        byte[] later = new byte[view.remaining()];
        view.get(later);
        assertFalse(new String(later, StandardCharsets.UTF_8).contains("secret"));
    }

    @Test
    void aSlowTestHoldsTheHandlerBack() {
        List<Integer> pending = new ArrayList<>();
        ListenOptions options = ListenOptions.builder()
                .connection(ConnectionOptions.builder()
                        .sendBufferBytes(4096)
                        .receiveBufferBytes(4096)
                        .build())
                .build();
        SocketPair pair = SocketPair.stream(clock, options, (connection, event) -> {
            if (event instanceof TcpEvent.Opened) {
                connection.send(new byte[1 << 20]);
            }
            pending.add(connection.pendingBytes());
        });
        pair.expectBytes(new byte[1 << 20]).expectNothing();
        assertEquals(0, pair.connection().pendingBytes());
    }

    @Test
    void severalPairsShareOneClock() {
        SocketPair first = SocketPair.stream(clock, new ChatHandler());
        clock.advance(Duration.ofSeconds(10));
        SocketPair second = SocketPair.stream(clock, new ChatHandler());
        first.expectText("welcome\nbye\n").expectEnd();
        assertEquals(Duration.ofSeconds(30), clock.elapsed());
        second.expectText("welcome\nbye\n").expectEnd();
        assertEquals(Duration.ofSeconds(40), clock.elapsed());
    }

    @Test
    void aManagersTimersRunOnTheFakeClock() {
        SocketPair pair = SocketPair.stream(clock, (connection, event) -> {});
        List<Long> fired = new ArrayList<>();
        pair.manager()
                .scheduleAtFixedRate(
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(2),
                        Timer.Overrun.SKIP,
                        () -> fired.add(clock.elapsed().toSeconds()));
        clock.advance(Duration.ofSeconds(6));
        assertEquals(List.of(1L, 3L, 5L), fired);
    }

    @Test
    void aManagerInAWorldCannotRunByItself() {
        SocketPair pair = SocketPair.stream(clock, (connection, event) -> {});
        assertThrows(IllegalStateException.class, () -> pair.manager().run());
        assertThrows(IllegalStateException.class, () -> pair.manager().start());
    }
}
