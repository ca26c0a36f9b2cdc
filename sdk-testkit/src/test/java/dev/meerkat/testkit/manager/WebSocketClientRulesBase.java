package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.meerkat.event.Event;
import dev.meerkat.internal.websocket.FrameEncoder;
import dev.meerkat.internal.websocket.Opcode;
import dev.meerkat.internal.websocket.OpeningHandshake;
import dev.meerkat.runtime.ListenerHandle;
import dev.meerkat.websocket.WebSocket;
import dev.meerkat.websocket.WebSocketClient;
import dev.meerkat.websocket.WebSocketClientOptions;
import dev.meerkat.websocket.WebSocketEvent;
import dev.meerkat.websocket.WebSocketHandler;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What rules of clients need: a server that was written by hand, and what the client was told. */
abstract class WebSocketClientRulesBase extends WebSocketRules {
    /** The last event of the last WebSocket that has ended. */
    WebSocketEvent.Closed closed;

    /** What somebody was refused with. */
    WebSocketEvent.Refused refused;

    private ListenerHandle listener;

    /** Notes events in short: messages and refusals by what they say. */
    final WebSocketHandler noting(WebSocketHandler handler) {
        return (webSocket, event) -> {
            note(event);
            handler.onEvent(webSocket, event);
        };
    }

    private void note(Event event) {
        if (event instanceof WebSocketEvent.Closed last) {
            closed = last;
        } else if (event instanceof WebSocketEvent.Refused answer) {
            refused = answer;
            told.add("Refused " + answer.head().status());
            return;
        } else if (event instanceof WebSocketEvent.HandshakeFailed failed) {
            told.add("HandshakeFailed " + failed.error().rule());
            return;
        }
        told.add(inShort(event));
    }

    static WebSocketClientOptions options(Change<WebSocketClientOptions.Builder> change) {
        WebSocketClientOptions.Builder builder = WebSocketClientOptions.builder();
        change.apply(builder);
        return builder.build();
    }

    final WebSocketClient client(Change<WebSocketClientOptions.Builder> change) {
        WebSocketClient[] made = new WebSocketClient[1];
        inTurn(() -> made[0] = WebSocketClient.create(manager(), options(change)));
        return made[0];
    }

    final WebSocket connect(WebSocketClient client, String uri) {
        return connect(client, uri, NOTHING);
    }

    final WebSocket connect(WebSocketClient client, String uri, WebSocketHandler handler) {
        WebSocket[] made = new WebSocket[1];
        inTurn(() -> made[0] = client.connect(uri, noting(handler)));
        return made[0];
    }

    /** Waits for the last event, and that nothing comes behind it. */
    final void over(String... events) {
        until("the end", this::isOver);
        settle();
        assertEquals(List.of(events), told);
    }

    /** The URI of a server that was written by hand. */
    final String listenByHand() {
        listener = peerListener();
        return "ws://" + addressOf(listener) + "/chat";
    }

    final void stopListening() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The next one who asks the server by hand. */
    final Peer asked() {
        Peer server = accept(listener);
        until("the request", () -> server.text().contains("\r\n\r\n"));
        return server;
    }

    /** The value of a field of the request; empty if it has none. */
    static String field(Peer server, String name) {
        for (String line : server.text().split("\r\n")) {
            if (line.regionMatches(true, 0, name + ": ", 0, name.length() + 2)) {
                return line.substring(name.length() + 2);
            }
        }
        return "";
    }

    /** Yes, in the words of RFC 6455 4.2.2. */
    static String yes(Peer server, String... fields) {
        StringBuilder more = new StringBuilder();
        for (String field : fields) {
            more.append(field).append("\r\n");
        }
        return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Accept: " + OpeningHandshake.accept(field(server, "Sec-WebSocket-Key")) + "\r\n"
                + more + "\r\n";
    }

    static byte[] unmasked(Opcode opcode, byte[] payload) {
        ByteBuffer frame = ByteBuffer.allocate(payload.length + FrameEncoder.MAX_HEADER_BYTES);
        FrameEncoder.header(FrameEncoder.head(opcode, true, false), payload.length, frame);
        frame.put(payload);
        byte[] bytes = new byte[frame.position()];
        frame.flip().get(bytes);
        return bytes;
    }

    /** A frame of a client. */
    record ClientFrame(Opcode opcode, boolean masked, int key, byte[] payload) {
        String text() {
            return new String(payload, StandardCharsets.UTF_8);
        }
    }

    /** The whole frames behind the request. */
    static List<ClientFrame> clientFrames(Peer server) {
        byte[] all = server.received();
        ByteBuffer in = ByteBuffer.wrap(all);
        in.position(new String(all, StandardCharsets.ISO_8859_1).indexOf("\r\n\r\n") + 4);
        List<ClientFrame> frames = new ArrayList<>();
        while (in.remaining() >= 6) {
            int head = in.get() & 255;
            int second = in.get() & 255;
            int length = second & 127;
            if (length == 126) {
                length = in.getShort() & 0xffff;
            } else if (length == 127) {
                length = (int) in.getLong();
            }
            int key = in.getInt();
            if (in.remaining() < length) {
                return frames;
            }
            byte[] payload = new byte[length];
            in.get(payload);
            for (int i = 0; i < length; i++) {
                payload[i] ^= (byte) (key >>> (24 - 8 * (i & 3)));
            }
            frames.add(new ClientFrame(Opcode.of(head & 15), (second & 128) != 0, key, payload));
        }
        return frames;
    }
}
