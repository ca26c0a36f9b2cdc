package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.event.Bytes;
import dev.meerkat.internal.websocket.FrameEncoder;
import dev.meerkat.internal.websocket.Opcode;
import dev.meerkat.internal.websocket.OpeningHandshake;
import dev.meerkat.websocket.CloseStatus;
import dev.meerkat.websocket.Delivery;
import dev.meerkat.websocket.WebSocket;
import dev.meerkat.websocket.WebSocketClient;
import dev.meerkat.websocket.WebSocketEvent;
import dev.meerkat.websocket.WebSocketHandler;
import dev.meerkat.websocket.WebSocketRule;
import dev.meerkat.websocket.WebSocketServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** What happens to a WebSocket by the passing of time, to the nanosecond. */
class SimWebSocketTimeTest extends WebSocketRules {
    private static final Duration NANO = Duration.ofNanos(1);

    @Override
    Arm openArm() {
        return new SimArm();
    }

    private Duration now() {
        return ((SimArm) arm).now();
    }

    /** Lets time pass, and everything arrive that then comes. */
    private void pass(Duration time) {
        arm.advance(time);
        pump();
    }

    /** Lets a duration pass in two steps: all but a nanosecond of it, at which nothing may have come, and that. */
    private void exactly(Duration time, Peer client, String... lines) {
        List<String> before = lines(client);
        pass(time.minus(NANO));
        assertEquals(before, lines(client), "a nanosecond before");
        pass(NANO);
        assertEquals(
                List.of(lines),
                lines(client).subList(before.size(), lines(client).size()),
                "at " + now());
    }

    // ---- pings

    @Test
    void aSilentPeerIsAskedAndThenGivenUp() {
        List<WebSocketEvent.Closed> ends = new ArrayList<>();
        Peer client = ask((webSocket, event) -> {
            if (event instanceof WebSocketEvent.Closed closed) {
                ends.add(closed);
            }
        });
        exactly(Duration.ofSeconds(30), client, "PING \u0000\u0000\u0000\u0001");
        pass(Duration.ofSeconds(20).minus(NANO));
        assertEquals(List.of("Opened"), told);
        pass(NANO);
        assertEquals(List.of("Opened", "Closed 1006 by MANAGER, not clean"), told);
        assertEquals(
                dev.meerkat.event.ConnectionError.Kind.TIMED_OUT,
                ends.get(0).connectionError().orElseThrow().kind());
        pump();
        assertTrue(client.wasReset());
    }

    @Test
    void whoSlowlyTakesALongAnswerCannotHaveReadThePingBehindIt() {
        Peer client = peer(
                serve(
                        listening(options -> options.sendBufferBytes(SMALL_PEER.sendBufferBytes())),
                        server(
                                telling(onOpened(webSocket -> webSocket.send(Bytes.copyOf(new byte[1 << 20])))),
                                options -> {})),
                SMALL_PEER);
        client.stopReading().send(ASK);
        until("Opened", () -> told.equals(List.of("Opened")));
        pass(Duration.ofSeconds(30));
        for (int i = 0; i < 10; i++) {
            pass(Duration.ofSeconds(15));
            client.startReading().pump();
            client.stopReading();
            pass(Duration.ZERO);
        }
        assertTrue(client.receivedCount() < 1 << 20, "received " + client.receivedCount());
        assertEquals(List.of("Opened"), told);
        pass(Duration.ofSeconds(40));
        assertEquals(List.of("Opened", "Closed 1006 by MANAGER, not clean"), told);
    }

    @Test
    void anyByteIsASignOfLife() {
        Peer client = ask(NOTHING, options -> options.messageBytes(100).messageTimeout(Duration.ZERO));
        pass(Duration.ofSeconds(29));
        byte[] slow = text("slow");
        for (byte each : slow) {
            client.send(new byte[] {each});
            pass(Duration.ofSeconds(29));
        }
        assertEquals(List.of(), lines(client));
        exactly(Duration.ofSeconds(1), client, "PING \u0000\u0000\u0000\u0001");
        pass(Duration.ofSeconds(20).minus(NANO));
        client.send(masked(Opcode.PONG, frames(client).get(0).payload()));
        pass(Duration.ZERO);
        exactly(Duration.ofSeconds(30), client, "PING \u0000\u0000\u0000\u0002");
        assertEquals(List.of("Opened", "Text", "Pong"), told);
    }

    @Test
    void aPongTellsTheRoundTripToTheNanosecond() {
        List<Duration> trips = new ArrayList<>();
        Peer client = ask((webSocket, event) -> {
            if (event instanceof WebSocketEvent.Pong pong) {
                trips.add(pong.roundTrip().orElseThrow());
            }
        });
        pass(Duration.ofSeconds(30));
        pass(Duration.ofMillis(123));
        client.send(masked(Opcode.PONG, frames(client).get(0).payload()));
        pass(Duration.ZERO);
        assertEquals(List.of(Duration.ofMillis(123)), trips);
    }

    @Test
    void whoDoesNotListenDoesNotJudge() {
        AtomicReference<WebSocket> known = new AtomicReference<>();
        Peer client = ask(onOpened(webSocket -> {
            known.set(webSocket);
            webSocket.pauseReading();
        }));
        pass(Duration.ofHours(1));
        assertEquals(120, lines(client).size()); // pings that may find a reset, and need no answer
        assertEquals(List.of("Opened"), told);
        inTurn(() -> known.get().resumeReading());
        pass(Duration.ofSeconds(29));
        assertEquals(120, lines(client).size());
        pass(Duration.ofSeconds(1));
        assertEquals(121, lines(client).size());
    }

    @Test
    void withoutAnIntervalNobodyIsAsked() {
        Peer client = ask(NOTHING, options -> options.pingInterval(Duration.ZERO));
        pass(Duration.ofDays(1));
        assertEquals(List.of(), lines(client));
        assertEquals(List.of("Opened"), told);
        assertEquals(0, manager().statistics().timers());
    }

    // ---- without messages

    @Test
    void anIdleWebSocketIsClosedAtTheInstant() {
        Peer client =
                ask(ECHO, options -> options.idleTimeout(Duration.ofSeconds(30)).pingInterval(Duration.ZERO));
        exactly(Duration.ofSeconds(30), client, "CLOSE 1001 idle");
        endInOrder(client);
        assertEquals("Closed 1001 by MANAGER", last());
        assertEquals(0, manager().statistics().timers());
    }

    @Test
    void messagesInEitherDirectionCountAndControlFramesDoNot() {
        AtomicReference<WebSocket> known = new AtomicReference<>();
        Peer client = ask(
                onOpened(known::set),
                options -> options.idleTimeout(Duration.ofSeconds(30))
                        .messageTimeout(Duration.ZERO)
                        .pingInterval(Duration.ZERO));
        pass(Duration.ofSeconds(20));
        client.send(text("x"));
        pass(Duration.ofSeconds(20));
        client.send(part(Opcode.TEXT, "part"));
        pass(Duration.ofSeconds(20));
        inTurn(() -> known.get().send("ours"));
        Duration sent = now();
        pass(Duration.ofSeconds(10));
        client.send(ping("")).send(masked(Opcode.PONG, new byte[0]));
        pass(Duration.ZERO);
        inTurn(() -> known.get().ping(Bytes.EMPTY));
        pass(Duration.ZERO);
        int before = frames(client).size();
        pass(sent.plus(Duration.ofSeconds(30)).minus(now()).minus(NANO));
        assertEquals(before, frames(client).size());
        pass(NANO);
        assertEquals("CLOSE 1001 idle", lines(client).get(before));
    }

    // ---- in the middle of a message

    private static final String TOO_SLOW =
            "CLOSE 1008 a message took longer than PT30S, and came with less than 240 bytes a second";

    /** What must have come of a message in its time for another one. */
    private static final int ENOUGH = 30 * 240;

    private Peer unasked(WebSocketHandler handler) {
        return ask(handler, options -> options.pingInterval(Duration.ZERO));
    }

    private static byte[] announcing(int length) {
        return Arrays.copyOf(masked(Opcode.BINARY, new byte[length]), 14);
    }

    @Test
    void aMessageHasItsTimeFromItsFirstByteOn() {
        List<WebSocketEvent.Closed> ends = new ArrayList<>();
        WebSocketHandler noting = (webSocket, event) -> {
            if (event instanceof WebSocketEvent.Closed closed) {
                ends.add(closed);
            }
        };
        for (byte[] begun : List.of(
                new byte[] {(byte) 0x82}, // of a header
                announcing(100_000),
                Arrays.copyOf(masked(Opcode.BINARY, new byte[100_000]), 1_000),
                part(Opcode.TEXT, ""),
                joined(part(Opcode.TEXT, "a"), masked(FrameEncoder.head(Opcode.CONTINUATION, false, false), utf8("b"))),
                Arrays.copyOf(ping("of a control frame, too"), 4))) {
            told.clear();
            Peer client = unasked(noting);
            pass(Duration.ofSeconds(100));
            client.send(joined(text("whole"), begun));
            pass(Duration.ZERO);
            exactly(Duration.ofSeconds(30), client, TOO_SLOW);
            client.close();
            pass(Duration.ofSeconds(20));
            assertEquals(List.of("Opened", "Text", "Closed 1008 by PEER, not clean"), told);
            assertEquals(
                    WebSocketRule.MESSAGE_TOO_SLOW,
                    ends.get(ends.size() - 1).error().orElseThrow().rule());
        }
        assertEquals(0, manager().statistics().timers());
    }

    @Test
    void whoSendsAtTheRateMayTakeAsLongAsItWants() {
        Peer client = unasked(ECHO);
        int length = 20 * ENOUGH;
        byte[] frame = masked(Opcode.BINARY, pattern(length));
        client.send(Arrays.copyOf(frame, 14));
        pass(Duration.ZERO);
        for (int at = 14; at < frame.length; at += ENOUGH) {
            assertEquals(List.of("Opened"), told);
            client.send(Arrays.copyOfRange(frame, at, Math.min(frame.length, at + ENOUGH)));
            pass(Duration.ofSeconds(30));
        }
        expect(client, "BINARY " + length + " bytes");
        pass(Duration.ofHours(1));
        endInOrder(client);
    }

    @Test
    void aByteLessThanEnoughIsTooSlow() {
        Peer client = unasked(NOTHING);
        byte[] frame = masked(Opcode.BINARY, new byte[100_000]);
        client.send(Arrays.copyOf(frame, 14 + ENOUGH));
        pass(Duration.ofSeconds(31));
        client.send(Arrays.copyOfRange(frame, 14 + ENOUGH, 14 + 2 * ENOUGH - 1)).send(new byte[0]);
        assertEquals(List.of(), lines(client));
        pass(Duration.ofSeconds(30));
        assertEquals(List.of(TOO_SLOW), lines(client));
    }

    @Test
    void whatStandsBetweenThePartsOfAMessageKeepsItNotGoing() {
        Peer client = unasked(NOTHING);
        client.send(part(Opcode.BINARY, "x"));
        for (int i = 0; i < 30; i++) {
            client.send(ping("y".repeat(125))).send(masked(Opcode.PONG, new byte[125]));
            client.send(masked(FrameEncoder.head(Opcode.CONTINUATION, false, false), new byte[0]));
            pass(Duration.ofSeconds(1));
        }
        assertEquals(TOO_SLOW, lines(client).get(lines(client).size() - 1));
    }

    @Test
    void aMessageThatIsDeliveredByFragmentsHasItsTimeToo() {
        Peer client =
                ask(NOTHING, options -> options.pingInterval(Duration.ZERO).delivery(Delivery.FRAGMENTS));
        client.send(part(Opcode.TEXT, "x".repeat(ENOUGH)));
        pass(Duration.ofSeconds(31));
        assertEquals(List.of(), lines(client));
        client.send(masked(FrameEncoder.head(Opcode.CONTINUATION, false, false), new byte[ENOUGH - 1]));
        pass(Duration.ofSeconds(30));
        assertEquals(List.of(TOO_SLOW), lines(client));
    }

    @Test
    void whoPausesInTheMiddleOfAMessageJudgesNobodyMeanwhile() {
        AtomicReference<WebSocket> known = new AtomicReference<>();
        Peer client = unasked(onOpened(known::set));
        client.send(part(Opcode.TEXT, "x"));
        pass(Duration.ofSeconds(20));
        inTurn(() -> known.get().pauseReading());
        pass(Duration.ofHours(1));
        inTurn(() -> known.get().resumeReading());
        exactly(Duration.ofSeconds(30), client, TOO_SLOW);
    }

    @Test
    void aClientWaitsForTheEndOfAMessageNoLongerThanAServer() {
        List<String> heard = new ArrayList<>();
        dev.meerkat.runtime.ListenerHandle listener = peerListener();
        WebSocketClient.create(manager())
                .connect("ws://" + addressOf(listener) + "/", (webSocket, event) -> heard.add(inShort(event)));
        Peer server = accept(listener);
        until("the question", () -> server.text().contains("\r\n\r\n"));
        String key = server.text().split("Sec-WebSocket-Key: ")[1].split("\r")[0];
        server.send("HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
                + OpeningHandshake.accept(key) + "\r\n\r\n");
        until("Opened", () -> heard.size() == 1);
        server.send(new byte[] {(byte) 0x82, 100, 1});
        pass(Duration.ofSeconds(31));
        server.close();
        pass(Duration.ofSeconds(20));
        assertEquals(List.of("Opened", "Closed 1008 by PEER, not clean"), heard);
    }

    // ---- closing

    @Test
    void theClosingHandshakeHasItsTime() {
        Peer client = ask(onText(webSocket -> webSocket.close(CloseStatus.of(1000))));
        client.send(text("go"));
        pass(Duration.ZERO);
        pass(Duration.ofSeconds(10).minus(NANO));
        assertEquals(List.of("Opened", "Text"), told);
        pass(NANO);
        assertEquals("Closed 1000 by LOCAL, not clean", last());
    }

    @Test
    void aPeerThatGoesOnForEverIsNotWaitedForLonger() {
        Peer client = ask(onText(WebSocket::close));
        client.send(text("go"));
        for (int i = 0; i < 9; i++) {
            pass(Duration.ofSeconds(1));
            client.send(binary(pattern(100_000))).send(ping("x"));
        }
        pass(Duration.ofSeconds(1));
        assertEquals(List.of("Opened", "Text", "Closed 1000 by LOCAL, not clean"), told);
    }

    @Test
    void theGraceOfAShutdownIsTheEndOfAGoodbye() {
        Peer client = ask(NOTHING);
        var done = manager().shutdown(Duration.ofSeconds(3));
        pass(Duration.ZERO);
        assertEquals(List.of("CLOSE 1001"), lines(client));
        pass(Duration.ofSeconds(3).minus(NANO));
        assertEquals(List.of("Opened", "ShuttingDown"), told);
        pass(NANO);
        until("the end", done::isDone);
        assertEquals("Closed 1001 by MANAGER, not clean", last());
    }

    // ---- a day

    @Test
    void aDayOfHeartbeatsOfAHundredConnections() {
        int count = 100;
        int hours = 24;
        int[] pongs = new int[1];
        WebSocketServer server = server(
                (webSocket, event) -> {
                    if (event instanceof WebSocketEvent.Pong) {
                        pongs[0]++;
                    } else if (event instanceof WebSocketEvent.Closed) {
                        told.add(inShort(event));
                    }
                },
                options -> {});
        var acceptor = serve(server);
        List<Peer> clients = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            clients.add(ask(acceptor));
        }
        int timers = manager().statistics().timers();
        int[] answered = new int[count];
        byte[][] answers = new byte[2 * 60 * hours + 1][];
        for (int i = 1; i < answers.length; i++) {
            answers[i] = masked(
                    Opcode.PONG, java.nio.ByteBuffer.allocate(4).putInt(i).array());
        }
        int head = clients.get(0).receivedCount();
        for (int beat = 1; beat < answers.length; beat++) {
            arm.advance(Duration.ofSeconds(30));
            for (int i = 0; i < count; i++) {
                Peer client = clients.get(i);
                client.pump();
                answered[i] += (client.receivedCount() - head) / 6 - answered[i];
                assertEquals(beat, answered[i], "pings");
                client.send(answers[beat]);
            }
        }
        pass(Duration.ZERO);
        assertEquals(count * 2 * 60 * hours, pongs[0]);
        assertEquals(List.of(), told);
        assertEquals(timers, manager().statistics().timers());
        assertEquals(0, manager().statistics().segmentsInUse());
        assertEquals(0, manager().statistics().keptBuffers());
    }
}
