package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.internal.websocket.FrameEncoder;
import dev.meerkat.internal.websocket.Opcode;
import dev.meerkat.websocket.CompressionOptions;
import dev.meerkat.websocket.WebSocket;
import dev.meerkat.websocket.WebSocketEvent;
import dev.meerkat.websocket.WebSocketHandler;
import dev.meerkat.websocket.WebSocketServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * A conversation in every piece in which it may come, cut off at every byte, and mixed at random: what holds always.
 */
class SimWebSocketSeedsTest extends WebSocketRules {
    private static final int SEEDS = 300;

    @Override
    Arm openArm() {
        return new SimArm();
    }

    private static byte[] conversation() {
        return joined(
                utf8(ASK),
                text("hello"),
                part(Opcode.TEXT, "gr\u00fc\u00df"),
                ping("p"),
                masked(Opcode.CONTINUATION, utf8(" dich")),
                binary(pattern(300)),
                close(1000, "bye"));
    }

    @Test
    void aConversationCutAtEveryByteIsTheSame() {
        byte[] bytes = conversation();
        var acceptor = serve(server(telling(ECHO), options -> {}));
        for (int cut = 1; cut < bytes.length; cut++) {
            told.clear();
            Peer client = peer(acceptor).send(Arrays.copyOf(bytes, cut));
            arm.advance(Duration.ofMillis(1));
            client.send(Arrays.copyOfRange(bytes, cut, bytes.length));
            until("the end of cut " + cut, client::hasEnded);
            assertEquals(
                    List.of("TEXT hello", "PONG p", "TEXT gr\u00fc\u00df dich", "BINARY 300 bytes", "CLOSE 1000 bye"),
                    lines(client),
                    "cut at " + cut);
            client.close();
            until("the last event", this::isOver);
            assertEquals(
                    List.of("Opened", "Text", "Ping", "Text", "Binary", "Closed 1000 by PEER"), told, "cut at " + cut);
        }
    }

    @Test
    void aConversationByteByByteIsTheSame() {
        Peer client = peer(serve(server(telling(ECHO), options -> {})));
        for (byte each : conversation()) {
            client.send(new byte[] {each});
            arm.advance(Duration.ofMillis(1));
        }
        until("the end", client::hasEnded);
        client.close();
        until("the last event", this::isOver);
        assertEquals(List.of("Opened", "Text", "Ping", "Text", "Binary", "Closed 1000 by PEER"), told);
    }

    @Test
    void whereverThePeerGoesThereIsOneEnd() {
        byte[] bytes = conversation();
        WebSocketServer server = server(telling(ECHO), options -> {});
        var acceptor = serve(server);
        for (int cut = 1; cut <= bytes.length; cut++) {
            for (boolean reset : new boolean[] {true, false}) {
                told.clear();
                Peer client = peer(acceptor).send(Arrays.copyOf(bytes, cut));
                if (reset) {
                    arm.advance(Duration.ofMillis(1));
                    client.reset();
                } else {
                    client.shutdownOutput();
                    until("the end", () -> client.hasEnded() || client.wasReset());
                    client.close();
                }
                until("nobody", () -> manager().connections().isEmpty());
                boolean opened = told.contains("Opened");
                assertEquals(
                        opened ? 1 : 0,
                        told.stream().filter(each -> each.startsWith("Closed")).count(),
                        told::toString);
                assertTrue(!opened || isOver(), told::toString);
                assertEquals(0, server.protocols().get(0).size());
            }
        }
    }

    /** Does whatever a program may do, at random, and looks at the order of events. */
    private static final class Wild implements WebSocketHandler {
        private final SplittableRandom random;
        private final List<String> heard = new ArrayList<>();
        private boolean opened;
        private boolean closed;

        Wild(SplittableRandom random) {
            this.random = random;
        }

        @Override
        public void onEvent(WebSocket webSocket, dev.meerkat.event.Event event) {
            heard.add(inShort(event));
            assertTrue(!closed, () -> "after Closed: " + heard);
            assertEquals(opened, !(event instanceof WebSocketEvent.Opened), heard::toString);
            opened = true;
            closed = event instanceof WebSocketEvent.Closed;
            if (!webSocket.isOpen()) {
                return;
            }
            switch (random.nextInt(14)) {
                case 0 -> webSocket.close();
                case 1 -> webSocket.abort();
                case 2 -> webSocket.ping();
                case 3 -> webSocket.send("x".repeat(random.nextInt(5_000)));
                case 4 -> webSocket.delivery(dev.meerkat.websocket.Delivery.values()[random.nextInt(2)]);
                case 5, 6 -> {
                    webSocket.pauseReading();
                    webSocket
                            .connection()
                            .manager()
                            .schedule(Duration.ofNanos(random.nextInt(2_000_000)), webSocket::resumeReading);
                }
                case 7 ->
                    webSocket.send(true, output -> {
                        output.send(dev.meerkat.event.Bytes.utf8("piece"));
                        if (random.nextBoolean()) {
                            output.end();
                        }
                    });
                case 8 -> webSocket.connection().close();
                default -> {
                    if (event instanceof WebSocketEvent.Text text) {
                        webSocket.sendText(text.payload());
                    }
                }
            }
        }
    }

    @Test
    void whateverHappensTheOrderOfEventsIsKeptAndNothingIsHeld() {
        for (int seed = 0; seed < SEEDS; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            Wild handler = new Wild(random);
            WebSocketServer server = server(
                    handler,
                    options -> options.fragmentBytes(100)
                            .compression(CompressionOptions.builder()
                                    .threshold(100)
                                    .keepOwnContext(seedBit(random))
                                    .keepPeerContext(seedBit(random))
                                    .build()));
            boolean packs = random.nextBoolean();
            String ask =
                    packs ? ASK.replace("\r\n\r\n", "\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n") : ASK;
            Peer client = peer(serve(server));
            byte[] bytes = utf8(ask);
            for (int i = random.nextInt(1, 8); i > 0; i--) {
                bytes = joined(bytes, frame(random));
            }
            if (random.nextInt(4) == 0) {
                bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            }
            for (int from = 0; from < bytes.length; ) {
                int to = Math.min(bytes.length, from + random.nextInt(1, 120));
                client.send(Arrays.copyOfRange(bytes, from, to));
                from = to;
                arm.advance(Duration.ofNanos(random.nextInt(1_000_000)));
            }
            if (random.nextInt(3) == 0) {
                client.reset();
            } else {
                client.shutdownOutput();
                until("the end of seed " + seed, () -> client.hasEnded() || client.wasReset());
                client.close();
            }
            until("nobody, seed " + seed, () -> manager().connections().isEmpty());
            assertEquals(handler.opened, handler.closed, "seed " + seed + ": " + handler.heard);
            assertEquals(0, server.protocols().get(0).size());
            takeFailures(); // two messages at once, piece by piece, for instance
        }
    }

    private static boolean seedBit(SplittableRandom random) {
        return random.nextBoolean();
    }

    private static byte[] frame(SplittableRandom random) {
        return switch (random.nextInt(7)) {
            case 0 -> ping("ping");
            case 1 -> close(1000);
            case 2 ->
                joined(
                        part(Opcode.TEXT, "one"),
                        part(Opcode.CONTINUATION, ""),
                        masked(Opcode.CONTINUATION, utf8("x".repeat(random.nextInt(300)))));
            case 3 -> binary(pattern(random.nextInt(70_000)));
            case 4 -> masked(FrameEncoder.head(Opcode.PONG, true, false), new byte[random.nextInt(126)]);
            default -> text("t".repeat(random.nextInt(1_000)));
        };
    }
}
