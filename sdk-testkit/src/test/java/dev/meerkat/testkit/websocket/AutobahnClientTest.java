package dev.meerkat.testkit.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.ConnectOptions;
import dev.meerkat.ConnectionOptions;
import dev.meerkat.testkit.SimWorld;
import dev.meerkat.testkit.StreamEnd;
import dev.meerkat.websocket.WebSocketClient;
import dev.meerkat.websocket.WebSocketClientOptions;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Our client under the rules of the Autobahn test suite. */
class AutobahnClientTest {
    private static final Duration HOP = Duration.ofMillis(1);

    private static final WebSocketClientOptions OPTIONS = WebSocketClientOptions.builder()
            .webSocket(AutobahnCases.ECHO_OPTIONS)
            .connect(ConnectOptions.builder()
                    .connection(ConnectionOptions.builder().sendLimit(64 << 20).build())
                    .build())
            .build();

    static Stream<AutobahnCase> cases() {
        return AutobahnCases.everything();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void holds(AutobahnCase each) {
        SimWorld.run(world -> {
            var listener = world.host("server").listener(80);
            WebSocketClient.create(world.host("client").manager(), OPTIONS)
                    .connect("ws://server/", AutobahnCases::echo);
            StreamEnd end = listener.accept();
            assertEquals("GET / HTTP/1.1", end.receiveLine());
            String key = "";
            String offer = "";
            for (String line = end.receiveLine(); !line.isEmpty(); line = end.receiveLine()) {
                String[] field = line.split(": ?", 2);
                switch (field[0].toLowerCase(Locale.ROOT)) {
                    case "sec-websocket-key" -> key = field[1];
                    case "sec-websocket-extensions" -> offer = field[1];
                    default -> {}
                }
            }
            String answer =
                    each.compression().map(AutobahnCase.Compression::answer).orElse("");
            end.send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Accept: " + accept(key) + "\r\n"
                    + (answer.isEmpty() ? "" : "Sec-WebSocket-Extensions: " + agreed(offer, answer) + "\r\n")
                    + "\r\n");
            try (DeflateEnd deflate = deflate(offer, answer)) {
                each.script().accept(new AutobahnPeer(world.clock(), HOP, end, false, deflate));
            }
        });
    }

    /** What the server does itself if the client asks for it, and what it asks of the client. */
    private static String agreed(String offer, String answer) {
        assertTrue(offer.startsWith("permessage-deflate") && offer.contains("client_max_window_bits"), offer);
        boolean forgets = offer.contains("server_no_context_takeover");
        return answer + (forgets && !answer.contains("server_no_context") ? "; server_no_context_takeover" : "");
    }

    private static @Nullable DeflateEnd deflate(String offer, String answer) {
        if (answer.isEmpty()) {
            return null;
        }
        List<String> words = List.of(agreed(offer, answer).split("; ?"));
        return new DeflateEnd(
                !words.contains("server_no_context_takeover"), !words.contains("client_no_context_takeover"));
    }

    private static String accept(String key) throws Exception {
        byte[] text = (key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(StandardCharsets.US_ASCII);
        return Base64.getEncoder()
                .encodeToString(MessageDigest.getInstance("SHA-1").digest(text));
    }
}
