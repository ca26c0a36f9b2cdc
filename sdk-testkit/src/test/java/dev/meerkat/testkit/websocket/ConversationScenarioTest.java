package dev.meerkat.testkit.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.meerkat.http.HttpServer;
import dev.meerkat.testkit.Chunks;
import dev.meerkat.testkit.SimConfig;
import dev.meerkat.testkit.SimWorld;
import dev.meerkat.websocket.WebSocket;
import dev.meerkat.websocket.WebSocketClient;
import dev.meerkat.websocket.WebSocketEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** Frames in whatever pieces they come and leave, at both ends, as a seed decides. */
class ConversationScenarioTest {
    private static final int SEEDS = 100;
    private static final int MESSAGES = 15;

    private static void converse(SimWorld world) {
        RandomGenerator random = world.random("messages");
        world.host("srv").listen(80, HttpServer.handler(WebSocketEndTest.server()));
        world.link("cli", "srv")
                .latency(Duration.ofMillis(1), Duration.ofMillis(20))
                .chunks(Chunks.random())
                .partialWrites(Chunks.random());
        List<String> said = new ArrayList<>();
        List<String> heard = new ArrayList<>();
        WebSocket client = WebSocketClient.connect(world.host("cli").manager(), "ws://srv/", (webSocket, event) -> {
            if (event instanceof WebSocketEvent.Opened) {
                for (int i = 0; i < MESSAGES; i++) {
                    String text = (i + "\u00fc").repeat(random.nextInt(1 << random.nextInt(11)));
                    said.add(text);
                    webSocket.send(text);
                    webSocket.ping();
                }
            } else if (event instanceof WebSocketEvent.Text text) {
                heard.add(text.text());
            }
        });
        world.await("everything", () -> heard.size() == MESSAGES);
        assertEquals(said, heard);
        client.close();
        world.advance(Duration.ofSeconds(1));
    }

    @Test
    void everySeedIsTheSameConversation() {
        SimWorld.run(SimConfig.builder().seeds(SEEDS).explore(true).build(), ConversationScenarioTest::converse);
    }
}
