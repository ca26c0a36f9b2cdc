package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.event.Bytes;
import dev.meerkat.internal.websocket.DeflatePool;
import dev.meerkat.internal.websocket.DeflateTerms;
import dev.meerkat.internal.websocket.FrameEncoder;
import dev.meerkat.internal.websocket.MessageDeflater;
import dev.meerkat.internal.websocket.MessageInflater;
import dev.meerkat.internal.websocket.Opcode;
import dev.meerkat.websocket.CompressionOptions;
import dev.meerkat.websocket.Delivery;
import dev.meerkat.websocket.Message;
import dev.meerkat.websocket.MessageOutput;
import dev.meerkat.websocket.WebSocket;
import dev.meerkat.websocket.WebSocketClient;
import dev.meerkat.websocket.WebSocketClientOptions;
import dev.meerkat.websocket.WebSocketEvent;
import dev.meerkat.websocket.WebSocketHandler;
import dev.meerkat.websocket.WebSocketOptions;
import dev.meerkat.websocket.WebSocketServer;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** permessage-deflate on connections (RFC 7692), on every transport. */
abstract class WebSocketCompressionRules extends WebSocketRules {
    private static final int PACKED = 0x40;

    private static final CompressionOptions ALL =
            CompressionOptions.builder().threshold(0).build();

    private static final CompressionOptions KEPT = CompressionOptions.builder()
            .threshold(0)
            .keepOwnContext(true)
            .keepPeerContext(true)
            .build();

    private static String offering(String extensions) {
        return ASK.replace("\r\n\r\n", "\r\nSec-WebSocket-Extensions: " + extensions + "\r\n\r\n");
    }

    private Peer packed(WebSocketHandler handler, CompressionOptions compression) {
        return packed(handler, compression, options -> {});
    }

    private Peer packed(
            WebSocketHandler handler,
            CompressionOptions compression,
            Change<dev.meerkat.websocket.WebSocketOptions.Builder> change) {
        return opened(peer(serve(server(telling(handler), options -> {
                    options.compression(compression);
                    change.apply(options);
                })))
                .send(offering("permessage-deflate")));
    }

    // ---- the client's half

    private final DeflatePool pool = new DeflatePool(ALL);
    private final MessageDeflater fresh = new MessageDeflater(pool, new DeflateTerms(false, 15, false));

    private byte[] pack(byte[] payload) {
        return pack(fresh, payload);
    }

    private static byte[] pack(MessageDeflater deflater, byte[] payload) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        assertTrue(deflater.begin(payload.length));
        deflater.deflate(ByteBuffer.wrap(payload), true, (slice, last) -> {
            byte[] bytes = new byte[slice.remaining()];
            slice.get(bytes);
            all.writeBytes(bytes);
        });
        return all.toByteArray();
    }

    private byte[] packedText(String text) {
        return masked(FrameEncoder.head(Opcode.TEXT, true, true), pack(utf8(text)));
    }

    private byte[] packedBinary(byte[] bytes) {
        return masked(FrameEncoder.head(Opcode.BINARY, true, true), pack(bytes));
    }

    /** The messages that have come, put together and decompressed. */
    private List<String> messages(Peer client, boolean context) {
        List<String> messages = new ArrayList<>();
        MessageInflater inflater =
                new MessageInflater(pool, new DeflateTerms(false, 15, context), Long.MAX_VALUE, 16 * 1024);
        ByteArrayOutputStream payload = new ByteArrayOutputStream();
        boolean packed = false;
        for (Frame frame : frames(client)) {
            if ((frame.head() & 15) >= 8) {
                continue;
            }
            packed = (frame.head() & 15) == 0 ? packed : (frame.head() & PACKED) != 0;
            payload.writeBytes(frame.payload());
            if ((frame.head() & 0x80) != 0) {
                messages.add(
                        packed ? unpack(inflater, payload.toByteArray()) : payload.toString(StandardCharsets.UTF_8));
                payload.reset();
            }
        }
        inflater.close();
        return messages;
    }

    private static String unpack(MessageInflater inflater, byte[] payload) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        try {
            inflater.inflate(ByteBuffer.wrap(payload), false, true, (slice, last) -> {
                byte[] bytes = new byte[slice.remaining()];
                slice.get(bytes);
                all.writeBytes(bytes);
                return true;
            });
        } catch (dev.meerkat.internal.websocket.DeflateException e) {
            throw new AssertionError(e);
        }
        return all.toString(StandardCharsets.UTF_8);
    }

    private void expectMessages(Peer client, boolean context, String... messages) {
        until("messages", () -> messages(client, context).size() >= messages.length);
        assertEquals(List.of(messages), messages(client, context));
    }

    // ---- agreeing

    @Test
    void whatIsAgreedOnIsAnsweredAndTold() {
        List<WebSocketEvent.Opened> opened = new ArrayList<>();
        WebSocketHandler noting = (webSocket, event) -> {
            if (event instanceof WebSocketEvent.Opened first) {
                opened.add(first);
            }
        };
        String bothForget = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
        Peer client = packed(noting, ALL);
        assertTrue(client.text().contains("\r\nSec-WebSocket-Extensions: " + bothForget + "\r\n"), client::text);
        client = packed(noting, KEPT);
        assertTrue(client.text().contains("\r\nSec-WebSocket-Extensions: permessage-deflate\r\n"), client::text);
        client = packed(noting, CompressionOptions.OFF);
        assertFalse(client.text().contains("Sec-WebSocket-Extensions"), client::text);
        client = ask(noting, options -> options.compression(ALL));
        assertFalse(client.text().contains("Sec-WebSocket-Extensions"), client::text);
        client = opened(peer(serve(server(noting, options -> options.compression(KEPT))))
                .send(offering("x-unknown, permessage-deflate; server_max_window_bits=7, permessage-deflate;"
                        + " server_max_window_bits=9; client_max_window_bits")));
        assertTrue(
                client.text()
                        .contains("\r\nSec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=9\r\n"),
                client::text);
        assertEquals(
                List.of(
                        "Optional[" + bothForget + "]",
                        "Optional[permessage-deflate]",
                        "Optional.empty",
                        "Optional.empty",
                        "Optional[permessage-deflate; server_max_window_bits=9]"),
                opened.stream().map(each -> each.extensions().toString()).toList());
    }

    @Test
    void contextsThatThereIsNoRoomForAreNotKept() {
        CompressionOptions scarce = KEPT.toBuilder()
                .contextBytes(CompressionOptions.DEFLATER_BYTES + CompressionOptions.INFLATER_BYTES)
                .build();
        var acceptor = serve(server(ECHO, options -> options.compression(scarce)));
        List<String> answers = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            Peer client = opened(peer(acceptor).send(offering("permessage-deflate")));
            answers.add(client.text().contains("client_no_context_takeover") ? "forgets" : "keeps");
        }
        assertEquals(List.of("keeps", "keeps", "keeps", "forgets", "forgets"), answers);
    }

    // ---- messages

    @Test
    void compressedMessagesAreEchoedCompressed() {
        for (CompressionOptions compression : List.of(ALL, KEPT)) {
            Peer client = packed(ECHO, compression);
            String long1 = "all work and no play ".repeat(5_000);
            client.send(joined(packedText("hello"), packedText(""), text("plain"), packedText(long1)));
            expectMessages(client, compression.keepOwnContext(), "hello", "", "plain", long1);
            assertTrue(client.receivedCount() < 5_000, "received " + client.receivedCount());
            assertTrue(frames(client).stream()
                    .allMatch(frame -> (frame.head() & 15) == 0 || (frame.head() & PACKED) != 0));
        }
    }

    @Test
    void keptContextsMakeRepetitionsShort() {
        Peer client = packed(ECHO, KEPT);
        MessageDeflater remembering = new MessageDeflater(new DeflatePool(KEPT), new DeflateTerms(true, 15, false));
        String line = "{\"id\": 4711, \"name\": \"somebody\", \"groups\": [\"a\", \"b\"]}";
        for (int i = 0; i < 5; i++) {
            client.send(masked(FrameEncoder.head(Opcode.TEXT, true, true), pack(remembering, utf8(line))));
        }
        expectMessages(client, true, line, line, line, line, line);
        assertTrue(
                frames(client).get(4).payload().length < frames(client).get(0).payload().length / 3);
        remembering.close();
    }

    @Test
    void fragmentsOfACompressedMessageAreOneMessage() {
        Peer client = packed(ECHO, ALL);
        String text = "fragments ".repeat(50);
        byte[] whole = pack(utf8(text));
        client.send(joined(
                masked(FrameEncoder.head(Opcode.TEXT, false, true), Arrays.copyOf(whole, 3)),
                ping("x"),
                masked(FrameEncoder.head(Opcode.CONTINUATION, false, false), new byte[0]),
                masked(
                        FrameEncoder.head(Opcode.CONTINUATION, false, false),
                        Arrays.copyOfRange(whole, 3, whole.length)),
                masked(FrameEncoder.head(Opcode.CONTINUATION, true, false), new byte[0])));
        expectMessages(client, false, text);
    }

    @Test
    void shortMessagesAndThoseThatDoNotFitAreLeftAsTheyAre() {
        CompressionOptions from100 = CompressionOptions.builder().threshold(100).build();
        Peer client = packed(
                onOpened(webSocket -> webSocket
                        .send("x".repeat(99))
                        .send("x".repeat(100))
                        .send(Message.text("x".repeat(99)))
                        .send(Message.text("x".repeat(100)))),
                from100);
        until("four", () -> frames(client).size() == 4);
        assertEquals(
                List.of(false, true, false, true),
                frames(client).stream()
                        .map(frame -> (frame.head() & PACKED) != 0)
                        .toList());
        assertEquals(4, messages(client, false).size());
    }

    @Test
    void aMessageInPiecesIsCompressedAsItIsMade() {
        Peer client = packed(
                onOpened(webSocket -> {
                    MessageOutput output = webSocket.startMessage(true);
                    output.send(Bytes.utf8("one, ".repeat(100)));
                    webSocket.send("behind");
                    output.send(Bytes.EMPTY);
                    webSocket.ping(Bytes.utf8("between"));
                    output.send(Bytes.utf8("two, ".repeat(100)));
                    output.end();
                }),
                ALL);
        expectMessages(client, false, "one, ".repeat(100) + "two, ".repeat(100), "behind");
        assertTrue(lines(client).contains("PING between"));
        assertTrue(client.receivedCount() < 500, "received " + client.receivedCount());
    }

    @Test
    void aSharedMessageIsCompressedOnceAndContextsStayInStep() {
        Message shared = Message.text("shared by all ".repeat(100));
        String own = "words of one's own, to which later ones refer";
        String more = "and on, to which later ones refer";
        WebSocketServer server = server(
                (webSocket, event) -> {
                    if (event instanceof WebSocketEvent.Text text) {
                        webSocket.sendText(text.payload());
                        webSocket.send(shared);
                        webSocket.send(more);
                    }
                },
                options -> options.compression(KEPT));
        var acceptor = serve(server);
        Peer first = opened(peer(acceptor).send(offering("permessage-deflate"))).send(text(own));
        Peer second = opened(peer(acceptor).send(offering("permessage-deflate; server_no_context_takeover")))
                .send(text(own));
        Peer third = opened(peer(acceptor).send(ASK)).send(text(own));
        String[] expected = {own, shared.text(), more};
        expectMessages(first, true, expected);
        expectMessages(second, false, expected);
        expectMessages(third, false, expected);
        assertArrayEquals(frames(first).get(1).payload(), frames(second).get(1).payload());
        assertEquals(1_400, frames(third).get(1).payload().length);
        first.send(text(own));
        expectMessages(first, true, own, shared.text(), more, own, shared.text(), more);
    }

    @Test
    void aClientOffersCompressionAndBothUseIt() {
        for (CompressionOptions compression : List.of(ALL, KEPT)) {
            var acceptor = serve(server(ECHO, options -> options.compression(compression)));
            String uri = "ws://" + arm.host() + ":" + acceptor.port() + "/";
            WebSocketClientOptions options = WebSocketClientOptions.builder()
                    .webSocket(
                            WebSocketOptions.builder().compression(compression).build())
                    .build();
            List<String> got = new ArrayList<>();
            long before = manager().statistics().bytesReceived();
            String line = "all work and no play ".repeat(5_000);
            WebSocketClient client = WebSocketClient.create(manager(), options);
            inTurn(() -> client.connect(uri, (webSocket, event) -> {
                if (event instanceof WebSocketEvent.Opened opened) {
                    got.add(opened.extensions().orElse("none"));
                    webSocket.send(line).send("short").send(Message.text(line));
                    MessageOutput output = webSocket.startMessage(true);
                    output.send(Bytes.utf8("in "));
                    output.end(Bytes.utf8("pieces"));
                } else if (event instanceof WebSocketEvent.Text text) {
                    got.add(text.text());
                    if (got.size() == 5) {
                        webSocket.close();
                    }
                } else if (event instanceof WebSocketEvent.Closed closed) {
                    got.add(inShort(closed));
                }
            }));
            until("the end", () -> got.size() == 6);
            assertTrue(got.get(0).startsWith("permessage-deflate"), got.get(0));
            assertEquals(List.of(line, "short", line, "in pieces", "Closed 1000 by LOCAL"), got.subList(1, 6));
            assertTrue(manager().statistics().bytesReceived() - before < 10_000);
        }
    }

    // ---- who means harm

    private void refused(Peer client, int code) {
        until("the end", client::hasEnded);
        assertTrue(lines(client).get(lines(client).size() - 1).startsWith("CLOSE " + code), lines(client)::toString);
        client.close();
        until("the last event", this::isOver);
        assertEquals("Closed " + code + " by PEER, not clean", last());
        told.clear();
    }

    @Test
    void aMessageIsAsLongAsItMayBeWhenItIsDecompressed() {
        Peer client = packed(ECHO, ALL, options -> options.messageBytes(100_000));
        client.send(packedBinary(new byte[100_000]));
        until("the echo", () -> messages(client, false).size() == 1);
        client.send(packedBinary(new byte[100_001]));
        refused(client, 1009);
    }

    @Test
    void aBombIsSeenBeforeItGoesOff() {
        Peer client = packed(ECHO, ALL, options -> options.messageBytes(1 << 30));
        client.send(packedBinary(new byte[64 << 20]));
        refused(client, 1009);
        Peer other = packed(NOTHING, ALL, options -> options.delivery(Delivery.FRAGMENTS));
        other.send(packedBinary(new byte[64 << 20]));
        refused(other, 1009);
    }

    @Test
    void compressedTextIsUtf8AndCompressedDataIsDeflate() {
        Peer client = packed(ECHO, ALL);
        client.send(
                masked(FrameEncoder.head(Opcode.TEXT, true, true), pack(new byte[] {'a', (byte) 0xc0, (byte) 0x80})));
        refused(client, 1007);
        client = packed(ECHO, ALL);
        client.send(masked(FrameEncoder.head(Opcode.TEXT, true, true), new byte[] {(byte) 0xff, 1, 2, 3}));
        refused(client, 1007);
        client = packed(ECHO, ALL);
        client.send(masked(FrameEncoder.head(Opcode.CONTINUATION, true, true), new byte[0]));
        refused(client, 1002);
    }

    // ---- messages that do not come whole

    private byte[] begun(int length) {
        byte[] all = pack(new byte[length]);
        return masked(FrameEncoder.head(Opcode.BINARY, false, true), Arrays.copyOf(all, all.length - 1));
    }

    @Test
    void halfAMessageHoldsWhatItHasBecome() {
        Peer client = packed(NOTHING, ALL, options -> options.unfinishedBytes(100_000));
        byte[] all = pack(new byte[90_000]);
        client.send(begun(90_000))
                .send(masked(Opcode.CONTINUATION, Arrays.copyOfRange(all, all.length - 1, all.length)));
        until("the message", () -> told.contains("Binary"));
        client.send(begun(200_000));
        expect(client, "CLOSE 1013 no memory for messages under way");
        endInOrder(client);
    }

    @Test
    void halfAMessageKeepsItsContextNoLongerThanItsTime() {
        CompressionOptions one = CompressionOptions.builder()
                .threshold(0)
                .contextBytes(CompressionOptions.DEFLATER_BYTES + CompressionOptions.INFLATER_BYTES)
                .build();
        int room = (CompressionOptions.DEFLATER_BYTES + CompressionOptions.INFLATER_BYTES)
                / CompressionOptions.INFLATER_BYTES;
        WebSocketServer server = server(
                telling(NOTHING),
                options -> options.compression(one).messageTimeout(SHORT).messageRate(Integer.MAX_VALUE));
        var acceptor = serve(server);
        List<Peer> idle = new ArrayList<>();
        for (int i = 0; i < room; i++) {
            idle.add(opened(peer(acceptor).send(offering("permessage-deflate"))));
        }
        idle.forEach(each -> each.send(begun(100)));
        idle.forEach(each -> until("the end", each::hasEnded));
        assertTrue(lines(idle.get(0)).get(0).startsWith("CLOSE 1008 "), lines(idle.get(0))::toString);
        told.clear();
        Peer honest = opened(peer(acceptor).send(offering("permessage-deflate")));
        honest.send(packedText("hello"));
        until("the text", () -> told.contains("Text"));
    }

    // ---- pieces and pauses

    @Test
    void aCompressedMessageComesInPiecesNoLargerThanTheyMayBe() {
        ByteArrayOutputStream got = new ByteArrayOutputStream();
        int[] largest = new int[1];
        Peer client = packed(
                (webSocket, event) -> {
                    if (event instanceof WebSocketEvent.Fragment fragment) {
                        assertEquals(4, fragment.frame().reserved());
                        largest[0] = Math.max(largest[0], fragment.payload().size());
                        got.writeBytes(
                                fragment.payload().takeArray(fragment.payload().size()));
                    }
                },
                ALL,
                options -> options.delivery(Delivery.FRAGMENTS).fragmentBytes(1_000));
        client.send(packedBinary(pattern(50_000)));
        until("the last piece", () -> !told.isEmpty() && last().endsWith("last"));
        assertEquals(1_000, largest[0]);
        assertArrayEquals(pattern(50_000), got.toByteArray());
    }

    @Test
    void whoPausesWithinACompressedPieceGetsOneAtATime() {
        AtomicReference<WebSocket> known = new AtomicReference<>();
        ByteArrayOutputStream got = new ByteArrayOutputStream();
        Peer client = packed(
                (webSocket, event) -> {
                    if (event instanceof WebSocketEvent.Fragment fragment) {
                        got.writeBytes(
                                fragment.payload().takeArray(fragment.payload().size()));
                        known.set(webSocket);
                        webSocket.pauseReading();
                    }
                },
                ALL,
                options -> options.delivery(Delivery.FRAGMENTS).fragmentBytes(1_000));
        client.send(joined(packedBinary(pattern(5_500)), ping("behind")));
        int count = 1;
        while (!told.contains("Ping")) {
            int wanted = ++count;
            until("a piece", () -> told.size() >= wanted);
            settle();
            assertTrue(told.size() <= wanted || told.contains("Ping"), told::toString);
            inTurn(() -> known.get().resumeReading());
            settle();
        }
        assertArrayEquals(pattern(5_500), got.toByteArray());
    }

    @Test
    void whatIsHeldIsToldWhenThePeerHasGone() {
        AtomicReference<WebSocket> known = new AtomicReference<>();
        Peer client = packed(
                (webSocket, event) -> {
                    if (event instanceof WebSocketEvent.Fragment && known.getAndSet(webSocket) == null) {
                        webSocket.pauseReading();
                    }
                },
                ALL,
                options -> options.delivery(Delivery.FRAGMENTS).fragmentBytes(1_000));
        client.send(packedBinary(pattern(2_500))).shutdownOutput();
        until("a piece", () -> known.get() != null);
        settle();
        inTurn(() -> known.get().resumeReading());
        until("the last event", this::isOver);
        assertEquals("Fragment 500/0 last", told.get(told.size() - 2));
    }
}
