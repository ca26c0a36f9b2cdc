package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.internal.websocket.Opcode;
import dev.meerkat.websocket.Delivery;
import dev.meerkat.websocket.FrameHead;
import dev.meerkat.websocket.WebSocket;
import dev.meerkat.websocket.WebSocketEvent;
import dev.meerkat.websocket.WebSocketHandler;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** In what units messages are delivered, and when, on every transport. */
abstract class WebSocketDeliveryRules extends WebSocketRules {
    private final ByteArrayOutputStream got = new ByteArrayOutputStream();
    private final List<FrameHead> heads = new ArrayList<>();

    private WebSocketHandler collecting(WebSocketHandler handler) {
        return (webSocket, event) -> {
            if (event instanceof WebSocketEvent.Fragment fragment) {
                heads.add(fragment.frame());
                got.writeBytes(fragment.payload().takeArray(fragment.payload().size()));
            }
            handler.onEvent(webSocket, event);
        };
    }

    @Test
    void piecesComeAsTheyArriveAndTellWhatIsLeftOfTheirFrame() {
        Peer client = ask(
                collecting(NOTHING),
                options -> options.delivery(Delivery.FRAGMENTS)
                        .fragmentBytes(1_000)
                        .messageBytes(10));
        client.send(joined(
                part(Opcode.TEXT, "a".repeat(2_500)),
                part(Opcode.CONTINUATION, ""),
                ping(""),
                masked(Opcode.CONTINUATION, utf8("b".repeat(1_000)))));
        until("the last piece", () -> told.contains("Fragment 1000/0 last"));
        assertEquals(
                List.of(
                        "Opened",
                        "Fragment 1000/1500",
                        "Fragment 1000/500",
                        "Fragment 500/0",
                        "Fragment 0/0",
                        "Ping",
                        "Fragment 1000/0 last"),
                told);
        assertEquals(new FrameHead(1, false, 0, 2_500), heads.get(0));
        assertEquals(new FrameHead(0, true, 0, 1_000), heads.get(4));
        assertEquals("a".repeat(2_500) + "b".repeat(1_000), got.toString(java.nio.charset.StandardCharsets.UTF_8));
        client.send(text(""));
        until("an empty message", () -> last().equals("Fragment 0/0 last"));
    }

    @Test
    void aPieceIsNeverLargerThanItMayBe() {
        for (int most : new int[] {1, 2, 100, 4_096}) {
            told.clear();
            got.reset();
            int[] largest = new int[1];
            Peer client = ask(
                    (webSocket, event) -> {
                        if (event instanceof WebSocketEvent.Fragment fragment) {
                            largest[0] = Math.max(largest[0], fragment.payload().size());
                            collecting(NOTHING).onEvent(webSocket, event);
                        }
                    },
                    options -> options.delivery(Delivery.FRAGMENTS).fragmentBytes(most));
            client.send(binary(pattern(4_097)));
            until("all of it", () -> got.size() == 4_097);
            assertEquals(most, largest[0]);
            assertArrayEquals(pattern(4_097), got.toByteArray());
            endInOrder(client);
        }
    }

    @Test
    void aTextThatEndsWithinACharacterHasNoLastPiece() {
        Peer client = ask(collecting(NOTHING), options -> options.delivery(Delivery.FRAGMENTS));
        client.send(part(Opcode.TEXT, "x"));
        client.send(masked(Opcode.CONTINUATION, new byte[] {'y', (byte) 0xe2}));
        until("the end", client::hasEnded);
        client.close();
        until("the last event", this::isOver);
        assertFalse(told.stream().anyMatch(each -> each.endsWith("last")), told::toString);
        assertEquals("Closed 1007 by PEER, not clean", last());
    }

    @Test
    void deliveryChangesWithTheNextMessage() {
        Peer client = ask(
                (webSocket, event) -> {
                    if (event instanceof WebSocketEvent.Text text) {
                        switch (text.text()) {
                            case "pieces" -> webSocket.delivery(Delivery.FRAGMENTS);
                            default -> webSocket.sendText(text.payload());
                        }
                    } else if (event instanceof WebSocketEvent.Fragment fragment && fragment.last()) {
                        webSocket.delivery(Delivery.MESSAGES);
                    } else if (event instanceof WebSocketEvent.Fragment) {
                        webSocket.delivery(Delivery.MESSAGES);
                    }
                },
                options -> options.messageBytes(10));
        client.send(joined(
                text("pieces"),
                part(Opcode.TEXT, "longer than ten"),
                masked(Opcode.CONTINUATION, utf8(", in pieces")),
                text("short"),
                text("pieces"),
                text("longer than ten"),
                text("x")));
        until("all", () -> told.size() == 8);
        assertEquals(
                List.of(
                        "Opened",
                        "Text",
                        "Fragment 15/0",
                        "Fragment 11/0 last",
                        "Text",
                        "Text",
                        "Fragment 15/0 last",
                        "Text"),
                told);
        client.send(text("longer than ten"));
        until("the end", client::hasEnded);
        assertTrue(lines(client).get(lines(client).size() - 1).startsWith("CLOSE 1009"), lines(client)::toString);
    }

    // ---- pausing

    @Test
    void whoPausesInTheMiddleOfABatchGetsTheRestWhenItResumes() {
        AtomicReference<WebSocket> known = new AtomicReference<>();
        Peer client = ask(onText(webSocket -> {
            known.set(webSocket);
            webSocket.pauseReading();
        }));
        client.send(joined(text("one"), text("two"), ping("x"), text("three")));
        until("one", () -> told.size() == 2);
        settle();
        assertEquals(List.of("Opened", "Text"), told);
        inTurn(() -> known.get().resumeReading());
        until("two", () -> told.size() == 3);
        settle();
        assertEquals(List.of("Opened", "Text", "Text"), told);
        inTurn(() -> known.get().resumeReading());
        until("three", () -> told.size() == 5);
        assertEquals(List.of("Opened", "Text", "Text", "Ping", "Text"), told);
    }

    @Test
    void whoPausesAndResumesAtOnceMissesNothing() {
        Peer client = ask((webSocket, event) -> {
            if (event instanceof WebSocketEvent.Text text) {
                webSocket.pauseReading();
                webSocket.resumeReading();
                webSocket.sendText(text.payload());
            }
        });
        client.send(joined(text("one"), text("two"), java.util.Arrays.copyOf(text("three"), 5)));
        expect(client, "TEXT one", "TEXT two");
        client.send(java.util.Arrays.copyOfRange(text("three"), 5, text("three").length));
        expect(client, "TEXT one", "TEXT two", "TEXT three");
    }

    @Test
    void piecesArePausedOneByOne() {
        AtomicReference<WebSocket> known = new AtomicReference<>();
        Peer client = ask(
                collecting((webSocket, event) -> {
                    if (event instanceof WebSocketEvent.Fragment) {
                        known.set(webSocket);
                        webSocket.pauseReading();
                    }
                }),
                options -> options.delivery(Delivery.FRAGMENTS).fragmentBytes(1_000));
        client.send(binary(pattern(3_500)));
        for (int i = 2; i <= 5; i++) {
            int count = i;
            until("a piece", () -> told.size() == count);
            settle();
            assertEquals(count, told.size(), told::toString);
            inTurn(() -> known.get().resumeReading());
        }
        assertArrayEquals(pattern(3_500), got.toByteArray());
    }

    @Test
    void pausingHoldsThePeerBack() {
        AtomicReference<WebSocket> known = new AtomicReference<>();
        Peer client = ask(onOpened(webSocket -> {
            known.set(webSocket);
            webSocket.pauseReading();
        }));
        until("Opened", () -> known.get() != null);
        byte[] message = binary(pattern(60_000));
        for (int i = 0; i < 200; i++) {
            client.send(message);
        }
        settle();
        assertFalse(client.hasSentAll());
        inTurn(() -> known.get().resumeReading());
        until("all messages", () -> told.size() == 201);
    }
}
