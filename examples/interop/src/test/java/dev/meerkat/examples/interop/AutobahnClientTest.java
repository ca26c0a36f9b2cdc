package dev.meerkat.examples.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.meerkat.EventManager;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.Event;
import dev.meerkat.http.Router;
import dev.meerkat.websocket.Handshake;
import dev.meerkat.websocket.HandshakeAnswer;
import dev.meerkat.websocket.WebSocket;
import dev.meerkat.websocket.WebSocketEvent;
import dev.meerkat.websocket.WebSocketHandler;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The client mode, against a server that asks as the suite's does. */
@Timeout(60)
class AutobahnClientTest {
    private final List<String> asked = new CopyOnWriteArrayList<>();

    private void count(WebSocket webSocket, Event event) {
        if (event instanceof WebSocketEvent.Opened) {
            webSocket.send("2");
            webSocket.close();
        }
    }

    private void runCase(WebSocket webSocket, Event event) {
        if (event instanceof WebSocketEvent.Opened) {
            webSocket.send(Bytes.utf8("binary"));
            webSocket.send("text");
        } else if (event instanceof WebSocketEvent.Binary binary) {
            asked.add("binary " + binary.bytes().utf8());
        } else if (event instanceof WebSocketEvent.Text text) {
            asked.add("text " + text.text());
            webSocket.close();
        }
    }

    private WebSocketHandler noting(WebSocketHandler handler) {
        return new WebSocketHandler() {
            @Override
            public HandshakeAnswer onHandshake(Handshake handshake) {
                asked.add(handshake.request().head().target());
                return handshake.accept();
            }

            @Override
            public void onEvent(WebSocket webSocket, Event event) throws Exception {
                handler.onEvent(webSocket, event);
            }
        };
    }

    @Test
    void everyCaseIsRunAndThenTheReportAskedFor() throws Exception {
        try (EventManager manager = EventManager.create()) {
            int port = manager.listen(
                            "http://127.0.0.1:0",
                            Router.create()
                                    .webSocket("/getCaseCount", noting(this::count))
                                    .webSocket("/runCase", noting(this::runCase))
                                    .webSocket("/updateReports", noting((webSocket, event) -> {
                                        if (event instanceof WebSocketEvent.Opened) {
                                            webSocket.close();
                                        }
                                    })))
                    .port();
            manager.start();
            assertEquals(2, AutobahnClient.run("ws://127.0.0.1:" + port, "meerkat 1"));
        }
        assertEquals(
                List.of(
                        "/getCaseCount",
                        "/runCase?case=1&agent=meerkat+1",
                        "binary binary",
                        "text text",
                        "/runCase?case=2&agent=meerkat+1",
                        "binary binary",
                        "text text",
                        "/updateReports?agent=meerkat+1"),
                asked);
    }

    @Test
    void aServerThatIsNoneIsAFailure() {
        try (EventManager manager = EventManager.create()) {
            int port = manager.listen("http://127.0.0.1:0", Router.create()).port();
            manager.start();
            assertThrows(ExecutionException.class, () -> AutobahnClient.run("ws://127.0.0.1:" + port, "meerkat"));
        }
    }
}
