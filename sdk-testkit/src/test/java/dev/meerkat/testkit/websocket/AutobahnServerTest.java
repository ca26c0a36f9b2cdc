package dev.meerkat.testkit.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.ConnectionOptions;
import dev.meerkat.ListenOptions;
import dev.meerkat.http.HttpServer;
import dev.meerkat.testkit.FakeClock;
import dev.meerkat.testkit.SocketPair;
import dev.meerkat.websocket.WebSocketProtocol;
import dev.meerkat.websocket.WebSocketServer;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Our server under the rules of the Autobahn test suite. */
class AutobahnServerTest {
    private static final ListenOptions LISTEN = ListenOptions.builder()
            .connection(ConnectionOptions.builder().sendLimit(64 << 20).build())
            .build();

    static Stream<AutobahnCase> cases() {
        return AutobahnCases.everything();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void holds(AutobahnCase each) {
        FakeClock clock = new FakeClock();
        WebSocketServer server = WebSocketServer.builder()
                .options(AutobahnCases.ECHO_OPTIONS)
                .protocol(WebSocketProtocol.unnamed(AutobahnCases::echo))
                .build();
        SocketPair pair = SocketPair.stream(clock, LISTEN, HttpServer.handler(server));
        pair.send("GET / HTTP/1.1\r\nHost: autobahn\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                + each.compression()
                        .map(terms -> "Sec-WebSocket-Extensions: " + terms.offer() + "\r\n")
                        .orElse("")
                + "\r\n");
        assertEquals("HTTP/1.1 101 Switching Protocols", pair.receiveLine());
        String accept = "";
        String extensions = "";
        for (String line = pair.receiveLine(); !line.isEmpty(); line = pair.receiveLine()) {
            String[] field = line.split(": ?", 2);
            switch (field[0].toLowerCase(Locale.ROOT)) {
                case "sec-websocket-accept" -> accept = field[1];
                case "sec-websocket-extensions" -> extensions = field[1];
                default -> {}
            }
        }
        assertEquals("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", accept);
        try (DeflateEnd deflate = deflate(each, extensions)) {
            each.script().accept(new AutobahnPeer(clock, Duration.ofNanos(1), pair, true, deflate));
        }
        assertEquals(List.of(), pair.takeErrors());
    }

    /** Every offer of the cases can be accepted, and none of ours is refused for its window. */
    private static @Nullable DeflateEnd deflate(AutobahnCase each, String extensions) {
        if (each.compression().isEmpty()) {
            assertEquals("", extensions);
            return null;
        }
        List<String> words = List.of(extensions.split("; ?"));
        assertEquals("permessage-deflate", words.get(0), "the server has to accept: " + each.compression());
        assertTrue(
                words.stream().noneMatch(word -> word.startsWith("client_max_window_bits=") && !word.endsWith("15")),
                extensions);
        return new DeflateEnd(
                !words.contains("client_no_context_takeover"), !words.contains("server_no_context_takeover"));
    }
}
