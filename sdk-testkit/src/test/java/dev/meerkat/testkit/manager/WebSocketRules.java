package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Acceptor;
import dev.meerkat.event.Event;
import dev.meerkat.http.HttpServer;
import dev.meerkat.internal.websocket.FrameEncoder;
import dev.meerkat.internal.websocket.Opcode;
import dev.meerkat.websocket.CloseStatus;
import dev.meerkat.websocket.ClosedBy;
import dev.meerkat.websocket.Message;
import dev.meerkat.websocket.WebSocketEvent;
import dev.meerkat.websocket.WebSocketHandler;
import dev.meerkat.websocket.WebSocketServer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** WebSockets of a server against bytes that were written by hand (RFC 6455), on every transport. */
abstract class WebSocketRules extends ManagerRules {
    static final String ASK = "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

    /** The answer to the key of RFC 6455 1.3. */
    static final String ACCEPT = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

    private static final int KEY = 0x37fa213d;

    /** What the handler was told, in short. */
    final List<String> told = new ArrayList<>();

    final WebSocketHandler telling(WebSocketHandler handler) {
        return (webSocket, event) -> {
            told.add(inShort(event));
            handler.onEvent(webSocket, event);
        };
    }

    private static String inShort(Event event) {
        if (event instanceof WebSocketEvent.Closed closed) {
            return "Closed " + closed.status().code() + " by " + closed.by() + (closed.clean() ? "" : ", not clean");
        }
        return event.getClass().getSimpleName();
    }

    final Acceptor serve(WebSocketServer server) {
        return manager().listen(arm.listenAddress(), HttpServer.handler(HttpServerRules.TIMELESS, server));
    }

    final Peer ask(WebSocketHandler handler) {
        Peer client = peer(serve(WebSocketServer.of(telling(handler)))).send(ASK);
        until("the answer", () -> client.text().contains("\r\n\r\n"));
        assertTrue(client.text().startsWith("HTTP/1.1 101 "), client.text());
        assertTrue(client.text().contains("\r\n" + ACCEPT + "\r\n"), client.text());
        return client;
    }

    static byte[] masked(Opcode opcode, byte[] payload) {
        ByteBuffer frame = ByteBuffer.allocate(payload.length + FrameEncoder.MAX_HEADER_BYTES);
        FrameEncoder.maskedFrame(FrameEncoder.head(opcode, true, false), ByteBuffer.wrap(payload), KEY, frame);
        byte[] bytes = new byte[frame.position()];
        frame.flip().get(bytes);
        return bytes;
    }

    static byte[] text(String text) {
        return masked(Opcode.TEXT, text.getBytes(StandardCharsets.UTF_8));
    }

    static String frame(Opcode opcode, byte[] payload) {
        byte[] frame = new byte[FrameEncoder.headerLength(payload.length, false) + payload.length];
        int at = FrameEncoder.header(FrameEncoder.head(opcode, true, false), payload.length, frame, 0);
        System.arraycopy(payload, 0, frame, at, payload.length);
        return new String(frame, StandardCharsets.ISO_8859_1);
    }

    /** What has come behind the answer to the handshake. */
    static String frames(Peer client) {
        String all = new String(client.received(), StandardCharsets.ISO_8859_1);
        return all.substring(all.indexOf("\r\n\r\n") + 4);
    }

    static final WebSocketHandler ECHO = (webSocket, event) -> {
        if (event instanceof WebSocketEvent.Text text) {
            webSocket.sendText(text.payload());
        } else if (event instanceof WebSocketEvent.Binary binary) {
            webSocket.sendBinary(binary.payload());
        }
    };

    @Test
    void aTextIsEchoedAndTheClosingHandshakeEndsTheConnection() {
        Peer client = ask(ECHO);
        client.send(text("hello"));
        String expected = frame(Opcode.TEXT, "hello".getBytes(StandardCharsets.UTF_8));
        until("the echo", () -> frames(client).equals(expected));
        client.send(masked(Opcode.CLOSE, FrameEncoder.closePayload(1000, "bye")));
        until("the end", client::hasEnded);
        assertEquals(expected + frame(Opcode.CLOSE, FrameEncoder.closePayload(1000, "bye")), frames(client));
        client.close();
        until("the last event", () -> told.size() == 3);
        assertEquals(List.of("Opened", "Text", "Closed 1000 by PEER"), told);
    }

    @Test
    void aMessageOfTheServersOwnLeavesAtOnce() {
        Peer client = ask((webSocket, event) -> {
            if (event instanceof WebSocketEvent.Opened) {
                webSocket.send("one").send(Message.text("two"));
                webSocket.close(new CloseStatus(CloseStatus.GOING_AWAY, ""));
            }
        });
        String expected = frame(Opcode.TEXT, "one".getBytes(StandardCharsets.UTF_8))
                + frame(Opcode.TEXT, "two".getBytes(StandardCharsets.UTF_8))
                + frame(Opcode.CLOSE, FrameEncoder.closePayload(1001, ""));
        until("the close frame", () -> frames(client).equals(expected));
        client.send(masked(Opcode.CLOSE, FrameEncoder.closePayload(1001, "")));
        until("the end", client::hasEnded);
        client.close();
        until("the last event", () -> told.contains("Closed 1001 by " + ClosedBy.LOCAL));
    }

    @Test
    void aTextThatIsNoTextIsAnsweredWithItsCode() {
        Peer client = ask(ECHO);
        client.send(masked(Opcode.TEXT, new byte[] {'a', (byte) 0xff}));
        until("the end", client::hasEnded);
        assertEquals(0x88, frames(client).charAt(0));
        assertEquals(1007, frames(client).charAt(2) << 8 | frames(client).charAt(3));
        client.close();
        until("the last event", () -> told.contains("Closed 1007 by PEER, not clean"));
    }
}
