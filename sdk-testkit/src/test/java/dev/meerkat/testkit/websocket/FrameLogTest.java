package dev.meerkat.testkit.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.http.HttpServer;
import dev.meerkat.testkit.FakeClock;
import dev.meerkat.testkit.SocketPair;
import dev.meerkat.testkit.StreamEnd;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Frames of any connection in readable lines. */
class FrameLogTest {
    private final List<String> lines = new ArrayList<>();
    private final FakeClock clock = new FakeClock();

    private SocketPair tapped() {
        SocketPair pair = SocketPair.stream(clock, HttpServer.handler(WebSocketEndTest.server()));
        pair.connection().addTap(FrameLog.to(lines::add));
        return pair;
    }

    /** Without time and name. */
    private List<String> frames() {
        return lines.stream().map(line -> line.split(" ", 3)[2]).toList();
    }

    @Test
    void framesOfBothDirectionsAreToldBehindTheHandshake() {
        WebSocketEnd chat = WebSocketEnd.client(tapped(), "/");
        chat.send(WireFrame.text("Hel").notFinal(), WireFrame.ping("?"), WireFrame.continuation("lo"));
        chat.expectPong("?").expectText("Hello");
        chat.sendBinary((byte) 0, (byte) 1).expectBinary((byte) 0, (byte) 1);
        chat.sendClose(1000, "bye").expectClose(1000, "bye").expectEnd();
        assertEquals(
                List.of(
                        "<- text, more follows, masked, 3 bytes: \"Hel\"",
                        "<- ping, masked, 1 bytes: \"?\"",
                        "<- continuation, masked, 2 bytes: \"lo\"",
                        "-> pong, 1 bytes: \"?\"",
                        "-> text, 5 bytes: \"Hello\"",
                        "<- binary, masked, 2 bytes: [00 01]",
                        "-> binary, 2 bytes: [00 01]",
                        "<- close, masked, 5 bytes: 1000 \"bye\"",
                        "-> close, 5 bytes: 1000 \"bye\""),
                frames());
        assertTrue(lines.get(0).matches("\\d+\\.\\d{9} \\S+/conn-\\d+ <- .*"), lines.get(0));
    }

    @Test
    void inWhateverPiecesTheyCome() {
        StreamEnd pair = tapped();
        byte[] request = OpeningHead.request("x", "/").getBytes(StandardCharsets.US_ASCII);
        for (byte each : request) {
            pair.send(new byte[] {each});
            clock.advance(Duration.ofNanos(1));
        }
        OpeningHead.readAnswer(pair);
        String text = "\u00fc".repeat(200);
        for (byte each : WireFrame.text(text).masked(5).bytes()) {
            pair.send(new byte[] {each});
            clock.advance(Duration.ofNanos(1));
        }
        WebSocketEnd.openedClient(pair).expectText(text);
        String shown = "\u00fc".repeat(60) + "…\"";
        assertEquals(List.of("<- text, masked, 400 bytes: \"" + shown, "-> text, 400 bytes: \"" + shown), frames());
    }

    @Test
    void whatBreaksRulesIsToldLikeEverythingElse() {
        WebSocketEnd chat = WebSocketEnd.client(tapped(), "/");
        chat.sendAsIs(WireFrame.of(11, "?").reserved(3).notFinal()).expectClose(1002);
        assertEquals("<- opcode 11, more follows, RSV2, RSV3, 1 bytes: \"?\"", frames().get(0));
        assertTrue(frames().get(1).startsWith("-> close, "), frames()::toString);
    }

    @Test
    void aFrameThatStaysABeginningIsToldInTheEnd() {
        WebSocketEnd chat = WebSocketEnd.client(tapped(), "/");
        chat.sendBeginning(WireFrame.text("hello"), 9);
        chat.stream().closeOutput().expectEnd();
        assertEquals(List.of("<- text, masked, 3 of 5 bytes came: \"hel…\""), frames());
    }

    @Test
    void httpIsNotTold() {
        StreamEnd pair = tapped();
        pair.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        assertTrue(pair.receiveLine().startsWith("HTTP/1.1 426"));
        clock.advance(Duration.ofSeconds(1));
        pair.take();
        WebSocketEnd chat = WebSocketEnd.client(pair, "/");
        chat.sendText("now").expectText("now");
        assertEquals(List.of("<- text, masked, 3 bytes: \"now\"", "-> text, 3 bytes: \"now\""), frames());
    }
}
