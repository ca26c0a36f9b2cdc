package dev.meerkat.examples.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.ConnectOptions;
import dev.meerkat.EventManager;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.Event;
import dev.meerkat.websocket.CloseStatus;
import dev.meerkat.websocket.CompressionOptions;
import dev.meerkat.websocket.WebSocket;
import dev.meerkat.websocket.WebSocketClient;
import dev.meerkat.websocket.WebSocketClientOptions;
import dev.meerkat.websocket.WebSocketEvent;
import dev.meerkat.websocket.WebSocketHandler;
import dev.meerkat.websocket.WebSocketOptions;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/**
 * Our client against a WebSocket server that nobody here wrote. It echoes at {@code /plain}; speaks {@code chat.v2} if
 * that is asked for; says "one two three" in three fragments at {@code /fragments}; pings with "are you there" at
 * {@code /pinging} and tells of the pong; closes with 4002 at {@code /closing}; is told of an end at {@code /telling};
 * ends without a close frame at {@code /aborting}; refuses with 403 at {@code /refused}.
 */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class WebSocketServerRules {
    private final EventManager manager = EventManager.create();
    private String base = "";

    /** Starts the server; answers its URI without a path. */
    abstract String start() throws Exception;

    abstract void stop() throws Exception;

    /** What the server was told of the last end at {@code /telling}: code and reason. */
    abstract String told() throws Exception;

    /** Where the server compresses, in every way it can. */
    abstract String[] deflatePaths();

    /** The longest message that the server can echo, at most 64 MiB. */
    int mostBytes() {
        return 64 << 20;
    }

    @BeforeAll
    final void startAll() throws Exception {
        base = start();
        manager.start();
    }

    @AfterAll
    final void stopAll() throws Exception {
        manager.close();
        stop();
    }

    /** One of our WebSockets and what it has heard. */
    final class Client implements WebSocketHandler {
        private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        private final WebSocket webSocket;
        private volatile String extensions = "";

        Client(String path, WebSocketClientOptions options) {
            webSocket = WebSocketClient.create(manager, options).connect(base + path, this);
        }

        @Override
        public void onEvent(WebSocket from, Event event) {
            if (event instanceof WebSocketEvent.Opened opened) {
                extensions = opened.extensions().orElse("");
                heard.add("opened " + opened.subprotocol().orElse("-"));
            } else if (event instanceof WebSocketEvent.Text text) {
                heard.add("text " + inShort(text.payload().take().toByteArray()));
            } else if (event instanceof WebSocketEvent.Binary binary) {
                heard.add("binary " + inShort(binary.bytes().toByteArray()));
            } else if (event instanceof WebSocketEvent.Pong pong) {
                heard.add("pong " + pong.payload().utf8() + (pong.roundTrip().isPresent() ? "" : " unasked"));
            } else if (event instanceof WebSocketEvent.Refused refused) {
                heard.add("refused " + refused.head().status() + " "
                        + refused.body().utf8());
            } else if (event instanceof WebSocketEvent.Closed closed) {
                heard.add("closed " + closed.status().code() + " "
                        + closed.status().reason() + " " + closed.by() + (closed.clean() ? "" : " unclean"));
            }
        }

        String next() throws InterruptedException {
            String next = heard.poll(60, TimeUnit.SECONDS);
            if (next == null) {
                throw new AssertionError("the client has heard nothing for a minute");
            }
            return next;
        }

        void comesBack(int... lengths) throws Exception {
            for (int length : lengths) {
                byte[] text = WebSocketPeer.pattern(true, length);
                onLoop(() -> webSocket.send(new String(text, StandardCharsets.US_ASCII)));
                assertEquals("text " + inShort(text), next());
                byte[] binary = WebSocketPeer.pattern(false, length);
                onLoop(() -> webSocket.send(Bytes.copyOf(binary)));
                assertEquals("binary " + inShort(binary), next());
            }
        }

        /** What comes from elsewhere may be 16 MiB long. */
        void onLoop(Callable<?> what) throws Exception {
            manager.submit(what).get(60, TimeUnit.SECONDS);
        }

        void end() throws InterruptedException {
            webSocket.close();
            assertEquals("closed 1000  LOCAL", next());
        }
    }

    private static String inShort(byte[] bytes) {
        if (bytes.length <= WebSocketPeer.SHORT) {
            return new String(bytes, StandardCharsets.UTF_8);
        }
        CRC32 crc = new CRC32();
        crc.update(bytes);
        return bytes.length + " bytes " + crc.getValue();
    }

    final WebSocketClientOptions options() {
        return WebSocketClientOptions.builder()
                .webSocket(WebSocketRoutes.Servers.OPTIONS)
                .connect(ConnectOptions.builder()
                        .connection(Interop.LISTEN.connection())
                        .build())
                .build();
    }

    final Client open(String path) throws Exception {
        Client client = new Client(path, options());
        assertEquals("opened -", client.next());
        return client;
    }

    @Test
    void everyFormOfLengthComesBack() throws Exception {
        Client client = open("/plain");
        assertEquals("", client.extensions);
        client.comesBack(0, 1, 125, 126, 127, 65_535, 65_536, 1 << 20, mostBytes());
        client.end();
    }

    @Test
    void compressedMessagesComeBack() throws Exception {
        for (String path : deflatePaths()) {
            for (boolean keep : new boolean[] {false, true}) {
                WebSocketOptions base = WebSocketRoutes.Servers.OPTIONS;
                CompressionOptions compression = base.compression().toBuilder()
                        .keepOwnContext(keep)
                        .keepPeerContext(keep)
                        .build();
                Client client = new Client(
                        path,
                        options().toBuilder()
                                .webSocket(base.toBuilder()
                                        .compression(compression)
                                        .build())
                                .build());
                assertEquals("opened -", client.next());
                assertTrue(client.extensions.startsWith("permessage-deflate"), client.extensions);
                client.comesBack(0, 1, 125, 126, 65_535, 65_536, 1 << 20, 1000, 1000);
                client.end();
            }
        }
    }

    @Test
    void manyAtOnceComeBackInOrder() throws Exception {
        Client client = open("/plain");
        for (int i = 0; i < 2000; i++) {
            client.webSocket.send("number " + i);
        }
        for (int i = 0; i < 2000; i++) {
            assertEquals("text number " + i, client.next());
        }
        client.end();
    }

    @Test
    void fragmentsAreOneMessage() throws Exception {
        Client client = open("/fragments");
        assertEquals("text one two three", client.next());
        client.end();
    }

    @Test
    void piecesArriveAsOneMessage() throws Exception {
        Client client = open("/plain");
        client.onLoop(() -> {
            client.webSocket
                    .startMessage(true)
                    .send(Bytes.utf8("one "))
                    .send(Bytes.utf8("two "))
                    .end(Bytes.utf8("zwölf"));
            return true;
        });
        assertEquals("text one two zwölf", client.next());
        client.end();
    }

    @Test
    void theServerChoosesASubprotocol() throws Exception {
        Client client = new Client(
                "/plain",
                options().toBuilder().subprotocols("chat.v9", "chat.v2").build());
        assertEquals("opened chat.v2", client.next());
        client.end();
    }

    @Test
    void pingsAreAnsweredOnBothSides() throws Exception {
        Client client = open("/pinging");
        assertEquals("text pong are you there", client.next());
        client.onLoop(() -> {
            client.webSocket.ping(Bytes.utf8("and you"));
            return true;
        });
        assertEquals("pong and you", client.next());
        client.end();
    }

    @Test
    void theServerHearsWhyWeClose() throws Exception {
        Client client = open("/telling");
        client.webSocket.close(new CloseStatus(4001, "müde"));
        assertEquals("closed 4001 müde LOCAL", client.next());
        assertEquals("4001 müde", told());
    }

    @Test
    void weHearWhyTheServerCloses() throws Exception {
        Client client = open("/closing");
        assertEquals("closed 4002 said so PEER", client.next());
    }

    @Test
    void anEndWithoutACloseFrameIsUnclean() throws Exception {
        Client client = open("/aborting");
        String closed = client.next();
        assertTrue(closed.startsWith("closed 1006") && closed.endsWith("unclean"), closed);
    }

    @Test
    void aRefusalSaysWithWhat() throws Exception {
        Client client = new Client("/refused", options());
        assertEquals("refused 403 go away", client.next());
        assertTrue(client.next().startsWith("closed 1006"));
    }
}
