package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Acceptor;
import dev.meerkat.ListenOptions;
import dev.meerkat.event.Event;
import dev.meerkat.http.HttpServer;
import dev.meerkat.internal.websocket.FrameEncoder;
import dev.meerkat.internal.websocket.Opcode;
import dev.meerkat.websocket.CloseStatus;
import dev.meerkat.websocket.WebSocket;
import dev.meerkat.websocket.WebSocketEvent;
import dev.meerkat.websocket.WebSocketHandler;
import dev.meerkat.websocket.WebSocketOptions;
import dev.meerkat.websocket.WebSocketProtocol;
import dev.meerkat.websocket.WebSocketServer;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;

/** What rules of WebSockets of a server need: a client that was written by hand, and what its peer has said. */
abstract class WebSocketRules extends ManagerRules {
    static final String ASK = "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

    /** The answer to the key of RFC 6455 1.3. */
    static final String ACCEPT = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

    private static final int KEY = 0x37fa213d;

    static final WebSocketHandler ECHO = (webSocket, event) -> {
        if (event instanceof WebSocketEvent.Text text) {
            webSocket.sendText(text.payload());
        } else if (event instanceof WebSocketEvent.Binary binary) {
            webSocket.sendBinary(binary.payload());
        }
    };

    static final WebSocketHandler NOTHING = (webSocket, event) -> {};

    /** What the handler was told, in short. */
    final List<String> told = new ArrayList<>();

    @BeforeEach
    void forgetWhatWasTold() {
        told.clear();
    }

    // ---- the server

    final WebSocketHandler telling(WebSocketHandler handler) {
        return (webSocket, event) -> {
            told.add(inShort(event));
            handler.onEvent(webSocket, event);
        };
    }

    static String inShort(Event event) {
        if (event instanceof WebSocketEvent.Closed closed) {
            return "Closed " + closed.status().code() + " by " + closed.by() + (closed.clean() ? "" : ", not clean");
        }
        if (event instanceof WebSocketEvent.Fragment fragment) {
            return "Fragment " + fragment.payload().size() + "/" + fragment.remainingBytes()
                    + (fragment.last() ? " last" : "");
        }
        return event.getClass().getSimpleName();
    }

    final boolean isOver() {
        return !told.isEmpty() && told.get(told.size() - 1).startsWith("Closed ");
    }

    final String last() {
        return told.get(told.size() - 1);
    }

    static WebSocketServer server(WebSocketHandler handler, Change<WebSocketOptions.Builder> change) {
        WebSocketOptions.Builder options = WebSocketOptions.builder();
        change.apply(options);
        return WebSocketServer.builder()
                .protocol(WebSocketProtocol.unnamed(handler).options(options.build()))
                .build();
    }

    final Acceptor serve(WebSocketServer server) {
        return serve(ListenOptions.DEFAULT, server);
    }

    final Acceptor serve(ListenOptions options, WebSocketServer server) {
        return manager().listen(arm.listenAddress(), options, HttpServer.handler(HttpServerRules.TIMELESS, server));
    }

    // ---- the client

    final Peer ask(WebSocketHandler handler) {
        return ask(handler, options -> {});
    }

    final Peer ask(WebSocketHandler handler, Change<WebSocketOptions.Builder> change) {
        return ask(serve(server(telling(handler), change)));
    }

    final Peer ask(Acceptor acceptor) {
        return opened(peer(acceptor).send(ASK));
    }

    final Peer opened(Peer client) {
        until("the answer", () -> client.text().contains("\r\n\r\n"));
        assertTrue(client.text().startsWith("HTTP/1.1 101 "), client.text());
        assertTrue(client.text().contains("\r\n" + ACCEPT + "\r\n"), client.text());
        return client;
    }

    static byte[] masked(Opcode opcode, byte[] payload) {
        return masked(FrameEncoder.head(opcode, true, false), payload);
    }

    static byte[] masked(int head, byte[] payload) {
        ByteBuffer frame = ByteBuffer.allocate(payload.length + FrameEncoder.MAX_HEADER_BYTES);
        FrameEncoder.maskedFrame(head, ByteBuffer.wrap(payload), KEY, frame);
        byte[] bytes = new byte[frame.position()];
        frame.flip().get(bytes);
        return bytes;
    }

    /** A frame that more of the same message follows. */
    static byte[] part(Opcode opcode, String payload) {
        return masked(FrameEncoder.head(opcode, false, false), utf8(payload));
    }

    static byte[] text(String text) {
        return masked(Opcode.TEXT, utf8(text));
    }

    static byte[] binary(byte[] bytes) {
        return masked(Opcode.BINARY, bytes);
    }

    static byte[] ping(String payload) {
        return masked(Opcode.PING, utf8(payload));
    }

    static byte[] close(int code) {
        return close(code, "");
    }

    static byte[] close(int code, String reason) {
        return masked(Opcode.CLOSE, FrameEncoder.closePayload(code, reason));
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static byte[] joined(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    // ---- what the client has got

    /** A frame as a client has got it. */
    record Frame(int head, byte[] payload) {
        String text() {
            return new String(payload, StandardCharsets.UTF_8);
        }

        /** In a readable line: the opcode, what is special, and the payload if it is short. */
        @Override
        public String toString() {
            int code = head & 15;
            String name = switch (code) {
                case 0 -> "CONTINUATION";
                case 1 -> "TEXT";
                case 2 -> "BINARY";
                case 8 -> "CLOSE";
                case 9 -> "PING";
                case 10 -> "PONG";
                default -> "OPCODE " + code;
            };
            String marks = ((head & 0x40) == 0 ? "" : " packed") + ((head & 0x80) == 0 ? " more" : "");
            if (code == 8 && payload.length >= 2) {
                String reason = new String(payload, 2, payload.length - 2, StandardCharsets.UTF_8);
                int number = (payload[0] & 255) << 8 | payload[1] & 255;
                return "CLOSE " + number + (reason.isEmpty() ? "" : " " + reason);
            }
            String shown = code == 2 || payload.length > 40 ? payload.length + " bytes" : text();
            return name + marks + (shown.isEmpty() ? "" : " " + shown);
        }
    }

    /** The frames behind the answer to the handshake, the complete ones. */
    static List<Frame> frames(Peer client) {
        byte[] all = client.received();
        String text = new String(all, StandardCharsets.ISO_8859_1);
        List<Frame> frames = new ArrayList<>();
        int at = text.indexOf("\r\n\r\n") + 4;
        while (at + 2 <= all.length) {
            int head = all[at] & 255;
            long length = all[at + 1] & 255;
            int start = at + 2;
            if (length == 126 && at + 4 <= all.length) {
                length = ByteBuffer.wrap(all).getShort(at + 2) & 0xffff;
                start = at + 4;
            } else if (length == 127 && at + 10 <= all.length) {
                length = ByteBuffer.wrap(all).getLong(at + 2);
                start = at + 10;
            } else if (length >= 126) {
                break;
            }
            if (start + length > all.length) {
                break;
            }
            byte[] payload = new byte[(int) length];
            System.arraycopy(all, start, payload, 0, payload.length);
            frames.add(new Frame(head, payload));
            at = start + payload.length;
        }
        return frames;
    }

    static List<String> lines(Peer client) {
        return frames(client).stream().map(Frame::toString).toList();
    }

    /** Waits for as many frames as there are lines, and compares them. */
    final void expect(Peer client, String... lines) {
        until("frames " + List.of(lines), () -> frames(client).size() >= lines.length);
        assertEquals(List.of(lines), lines(client));
    }

    /** The client says goodbye, or answers ours, and the connection ends. */
    final void endInOrder(Peer client) {
        client.send(close(CloseStatus.NORMAL));
        until("the end", client::hasEnded);
        client.close();
        until("the last event", this::isOver);
    }

    /** Does something with the one WebSocket when it is told of a text. */
    static WebSocketHandler onText(Consumer<WebSocket> action) {
        return (webSocket, event) -> {
            if (event instanceof WebSocketEvent.Text) {
                action.accept(webSocket);
            }
        };
    }

    static WebSocketHandler onOpened(Consumer<WebSocket> action) {
        return (webSocket, event) -> {
            if (event instanceof WebSocketEvent.Opened) {
                action.accept(webSocket);
            }
        };
    }
}
