package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Acceptor;
import dev.meerkat.ConnectionClosedException;
import dev.meerkat.SendLimitException;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.Event;
import dev.meerkat.http.HttpServer;
import dev.meerkat.websocket.Handshake;
import dev.meerkat.websocket.HandshakeAnswer;
import dev.meerkat.websocket.ReconnectCause;
import dev.meerkat.websocket.ReconnectPolicy;
import dev.meerkat.websocket.ReconnectingHandler;
import dev.meerkat.websocket.ReconnectingWebSocket;
import dev.meerkat.websocket.WebSocket;
import dev.meerkat.websocket.WebSocketClient;
import dev.meerkat.websocket.WebSocketEvent;
import dev.meerkat.websocket.WebSocketHandler;
import dev.meerkat.websocket.WebSocketServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A client that connects again, on every transport. */
abstract class WebSocketReconnectRules extends ManagerRules {
    /** So short that real time does not matter. */
    static ReconnectPolicy.Builder quick() {
        return ReconnectPolicy.builder().firstDelay(Duration.ofMillis(1)).longestDelay(Duration.ofMillis(1));
    }

    /** Refuses some peers, hangs up on some, and tells what the others say. */
    static final class Server implements WebSocketHandler {
        final List<String> heard = new ArrayList<>();
        int refusals;
        int status = 503;
        String retryAfter = "";
        int hangUps;
        WebSocket last;

        @Override
        public HandshakeAnswer onHandshake(Handshake handshake) {
            if (refusals > 0) {
                refusals--;
                HandshakeAnswer refusal = handshake.refuse(status, "not now");
                return retryAfter.isEmpty() ? refusal : refusal.withHeader("Retry-After", retryAfter);
            }
            return handshake.accept();
        }

        @Override
        public void onEvent(WebSocket webSocket, Event event) {
            last = webSocket;
            if (event instanceof WebSocketEvent.Opened && hangUps > 0) {
                hangUps--;
                webSocket.abort();
            } else if (event instanceof WebSocketEvent.Text text) {
                heard.add(text.text());
            }
        }
    }

    /** Tells what happens to it, and greets each server. */
    static final class Client implements ReconnectingHandler {
        final List<String> told = new ArrayList<>();
        final List<Duration> delays = new ArrayList<>();

        @Override
        public void onEvent(WebSocket webSocket, Event event) {
            if (event instanceof WebSocketEvent.Opened) {
                told.add("Opened");
                webSocket.send("hello");
            }
        }

        @Override
        public void onWaiting(ReconnectCause cause, Duration delay) {
            told.add("waiting after " + cause.attempt());
            delays.add(delay);
        }

        @Override
        public void onEnd(ReconnectCause cause, int messages) {
            told.add("end, unsent " + messages);
        }
    }

    final Server server = new Server();
    final Client client = new Client();

    final String listen() {
        Acceptor acceptor = manager()
                .listen(arm.listenAddress(), HttpServer.handler(HttpServerRules.TIMELESS, WebSocketServer.of(server)));
        return "ws://" + arm.host() + ":" + acceptor.port() + "/";
    }

    final ReconnectingWebSocket connect(ReconnectPolicy policy) {
        String uri = listen();
        ReconnectingWebSocket[] made = new ReconnectingWebSocket[1];
        inTurn(() -> made[0] = WebSocketClient.create(manager()).reconnecting(uri, policy, client));
        return made[0];
    }

    @Test
    void whatWaitsIsSentBehindWhatTheNewConnectionBeginsWith() {
        server.refusals = 2;
        ReconnectingWebSocket webSocket = connect(quick().build());
        inTurn(() -> webSocket.send("one").send("two"));
        until("both", () -> server.heard.contains("two"));
        assertEquals(List.of("hello", "one", "two"), server.heard);
        assertTrue(
                client.told.containsAll(List.of("waiting after 1", "waiting after 2", "Opened")),
                client.told.toString());
        assertEquals(0, webSocket.waiting());
        inTurn(webSocket::close);
        until("the end", () -> client.told.contains("end, unsent 0"));
        assertThrows(ConnectionClosedException.class, () -> webSocket.send("late"));
        assertTrue(webSocket.current().isEmpty());
    }

    @Test
    void whoIsHungUpOnComesAgain() {
        server.hangUps = 3;
        ReconnectingWebSocket webSocket = connect(quick().build());
        until("the fourth", () -> !server.heard.isEmpty());
        assertEquals(3, client.delays.size(), client.told::toString);
        inTurn(() -> webSocket.send("still here"));
        until("the message", () -> server.heard.contains("still here"));
    }

    @Test
    void whoIsRefusedForGoodDoesNotComeAgain() {
        server.refusals = 1;
        server.status = 403;
        connect(quick().build());
        until("the end", () -> !client.told.isEmpty());
        assertEquals(List.of("end, unsent 0"), client.told);
    }

    @Test
    void afterSoManyAttemptsItIsGivenUp() {
        server.refusals = 5;
        ReconnectingWebSocket webSocket = connect(quick().attempts(3).build());
        inTurn(() -> webSocket.send("never"));
        until("the end", () -> client.told.size() == 3);
        assertEquals(List.of("waiting after 1", "waiting after 2", "end, unsent 1"), client.told);
        assertEquals(2, server.refusals);
    }

    @Test
    void soManyMessagesAndBytesWait() {
        server.refusals = Integer.MAX_VALUE;
        ReconnectingWebSocket few =
                connect(ReconnectPolicy.builder().waitingMessages(2).build());
        few.send("1").send("2");
        assertThrows(SendLimitException.class, () -> few.send("3"));
        assertEquals(2, few.waiting());
        ReconnectingWebSocket small =
                connect(ReconnectPolicy.builder().waitingBytes(10).build());
        small.send(Bytes.utf8("123456789"));
        assertThrows(SendLimitException.class, () -> small.send(Bytes.utf8("12")));
        small.send(Bytes.utf8("1"));
        inTurn(few::close);
        inTurn(small::close);
        until(
                "both ends",
                () -> client.told.stream().filter("end, unsent 2"::equals).count() == 2);
    }
}
