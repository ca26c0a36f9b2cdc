package dev.meerkat.testkit.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.meerkat.http.HttpServer;
import dev.meerkat.testkit.SimWorld;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** O1: the trace of a world tells WebSocket frames, beside the bytes that they are. */
class WebSocketTraceTest {
    private static void chat(SimWorld world) {
        world.host("srv").listen(80, HttpServer.handler(WebSocketEndTest.server()));
        world.link("cli", "srv").latency(Duration.ofMillis(1));
        WebSocketEnd chat = WebSocketEnd.connect(world.host("cli"), "ws://srv/");
        chat.sendText("hello").expectText("hello");
        chat.sendClose(1000).expectClose(1000).expectEnd();
    }

    @Test
    void framesStandBesideTheBytes() {
        SimWorld.run(world -> {
            world.traceWebSockets();
            chat(world);
            List<String> trace = world.trace();
            int first = trace.indexOf("0.004s  cli/socket-1  write 11");
            assertEquals("""
                    0.004s  cli/socket-1  write 11
                    0.004s  cli/socket-1  -> text, masked, 5 bytes: "hello"
                    0.005s  srv/socket-1  deliver 11
                    0.005s  srv/socket-1  <- text, masked, 5 bytes: "hello"
                    0.005s  srv/socket-1  write 7
                    0.005s  srv/socket-1  -> text, 5 bytes: "hello"
                    0.006s  cli/socket-1  deliver 7
                    0.006s  cli/socket-1  <- text, 5 bytes: "hello"
                    0.006s  cli/socket-1  write 8
                    0.006s  cli/socket-1  -> close, masked, 2 bytes: 1000""", String.join("\n", trace.subList(first, first + 10)));
        });
    }

    @Test
    void whoDoesNotAskIsToldNothingAndTheHashIsTheSame() {
        long[] hashes = new long[2];
        SimWorld.run(world -> {
            chat(world);
            hashes[0] = world.hash();
            assertFalse(world.trace().stream().anyMatch(line -> line.contains("text")));
        });
        SimWorld.run(world -> {
            world.traceWebSockets();
            chat(world);
            hashes[1] = world.hash();
        });
        assertEquals(hashes[0], hashes[1]);
    }
}
