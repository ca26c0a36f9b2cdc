package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Acceptor;
import dev.meerkat.ConnectionClosedException;
import dev.meerkat.ManagerClosedException;
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
import dev.meerkat.websocket.WebSocketClientOptions;
import dev.meerkat.websocket.WebSocketEvent;
import dev.meerkat.websocket.WebSocketHandler;
import dev.meerkat.websocket.WebSocketServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
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

    // ---- how often

    @Test
    void theLastAttemptThatIsLeftMaySucceed() {
        server.refusals = 2;
        connect(quick().attempts(3).build());
        until("it", () -> client.told.contains("Opened"));
        assertEquals(List.of("waiting after 1", "waiting after 2", "Opened"), client.told);
    }

    @Test
    void whatTheProgramDecidesCounts() {
        server.refusals = 1;
        server.status = 403;
        List<ReconnectCause> causes = new ArrayList<>();
        connect(quick().retry(causes::add).build());
        until("it", () -> client.told.contains("Opened"));
        assertEquals(1, causes.size());
        assertEquals(1, causes.get(0).attempt());
        assertEquals(403, causes.get(0).refused().orElseThrow().head().status());
    }

    @Test
    void aServerThatComesBackIsFoundAgain() {
        Acceptor first = manager()
                .listen(arm.listenAddress(), HttpServer.handler(HttpServerRules.TIMELESS, WebSocketServer.of(server)));
        int port = first.port();
        first.close();
        String uri = "ws://" + arm.host() + ":" + port + "/";
        ReconnectingWebSocket[] made = new ReconnectingWebSocket[1];
        inTurn(() -> made[0] = WebSocketClient.create(manager()).reconnecting(uri, quick().build(), client));
        until("three attempts", () -> client.delays.size() >= 3);
        inTurn(() -> manager()
                .listen(
                        arm.host() + ":" + port,
                        HttpServer.handler(HttpServerRules.TIMELESS, WebSocketServer.of(server))));
        until("it", () -> client.told.contains("Opened"));
        assertTrue(made[0].current().isPresent());
    }

    // ---- closing

    @Test
    void whoIsClosedWhileItWaitsEndsAtOnce() {
        server.refusals = 1;
        ReconnectingWebSocket webSocket = connect(ReconnectPolicy.builder()
                .firstDelay(Duration.ofHours(1))
                .longestDelay(Duration.ofHours(1))
                .jitter(0)
                .build());
        until("the delay", () -> !client.delays.isEmpty());
        inTurn(() -> webSocket.send("never"));
        inTurn(() -> {
            webSocket.close();
            webSocket.close();
        });
        assertEquals(List.of("waiting after 1", "end, unsent 1"), client.told);
        settle();
        assertEquals(0, manager().statistics().timers(), "timers");
    }

    @Test
    void whoIsClosedInTheTurnInWhichItBeganEndsOnce() {
        String uri = listen();
        inTurn(() -> WebSocketClient.create(manager())
                .reconnecting(uri, quick().build(), client)
                .close());
        until("the end", () -> !client.told.isEmpty());
        settle();
        assertEquals(List.of("end, unsent 0"), client.told);
    }

    @Test
    void whatWaitsWhenItIsClosedLeavesAheadOfTheGoodbye() {
        ReconnectingWebSocket webSocket = connect(quick().build());
        until("it", () -> webSocket.current().isPresent());
        inTurn(() -> webSocket.send("last").close());
        until("the end", () -> client.told.contains("end, unsent 0"));
        assertEquals(List.of("hello", "last"), server.heard);
    }

    @Test
    void aManagerThatIsClosedEndsIt() {
        server.refusals = 1;
        ReconnectingWebSocket waiting = connect(ReconnectPolicy.builder()
                .firstDelay(Duration.ofHours(1))
                .longestDelay(Duration.ofHours(1))
                .jitter(0)
                .build());
        until("the delay", () -> !client.delays.isEmpty());
        inTurn(() -> waiting.send("never"));
        ReconnectingWebSocket open = connect(quick().build());
        until("the other", () -> open.current().isPresent());
        manager().close();
        until("both ends", () -> client.told.size() == 4);
        assertTrue(client.told.containsAll(List.of("end, unsent 1", "end, unsent 0")), client.told::toString);
        assertThrows(ConnectionClosedException.class, () -> waiting.send("late"));
        WebSocketClient other = WebSocketClient.create(manager());
        assertThrows(
                ManagerClosedException.class,
                () -> other.reconnecting("ws://127.0.0.1:1/", ReconnectPolicy.DEFAULT, client));
    }

    @Test
    void aManagerThatShutsDownHasNobodyComeBack() {
        ReconnectingWebSocket open = connect(quick().build());
        until("it", () -> open.current().isPresent());
        manager().shutdown(Duration.ofMinutes(1));
        until("the end", () -> client.told.contains("end, unsent 0"));
        assertEquals(List.of("Opened", "end, unsent 0"), client.told);
    }

    // ---- programs that fail

    @Test
    void aHandlerThatThrowsCostsThatWebSocketAlone() {
        String uri = listen();
        int[] opened = new int[1];
        List<String> waits = new ArrayList<>();
        inTurn(() -> WebSocketClient.create(manager()).reconnecting(uri, quick().build(), new ReconnectingHandler() {
            @Override
            public void onEvent(WebSocket webSocket, Event event) {
                if (event instanceof WebSocketEvent.Opened && ++opened[0] < 3) {
                    throw new IllegalStateException("planted in Opened");
                } else if (event instanceof WebSocketEvent.Closed && opened[0] < 3) {
                    throw new IllegalStateException("planted in Closed");
                }
            }

            @Override
            public void onWaiting(ReconnectCause cause, Duration delay) {
                waits.add("waits");
                throw new IllegalStateException("planted in onWaiting");
            }
        }));
        until("the third", () -> opened[0] == 3);
        assertEquals(2, waits.size());
        assertTrue(takeFailures().stream()
                .allMatch(failure -> failure.thrown().getMessage().startsWith("planted")));
    }

    @Test
    void aDecisionThatThrowsIsTheEnd() {
        server.refusals = 1;
        connect(quick().retry(cause -> {
                    throw new IllegalStateException("planted");
                })
                .build());
        until("the end", () -> client.told.contains("end, unsent 0"));
        until("the report", this::hasFailed);
        assertEquals("planted", takeFailure().thrown().getMessage());
    }

    // ---- what waits

    @Test
    void whatTheHandlerBeginsWithGoesAheadWhateverItSendsBeside() {
        server.refusals = 1;
        ReconnectingWebSocket[] made = new ReconnectingWebSocket[1];
        String uri = listen();
        inTurn(() -> {
            made[0] = WebSocketClient.create(manager()).reconnecting(uri, quick().build(), (webSocket, event) -> {
                if (event instanceof WebSocketEvent.Opened) {
                    made[0].send("beside");
                    webSocket.send("first");
                }
            });
            made[0].send("waited");
        });
        until("all", () -> server.heard.size() == 3);
        assertEquals(List.of("first", "waited", "beside"), server.heard);
    }

    @Test
    void whatNoConnectionTakesIsRefusedAtOnce() {
        String uri = listen();
        ReconnectingWebSocket[] made = new ReconnectingWebSocket[1];
        WebSocketClientOptions small = WebSocketClientOptions.builder()
                .connect(connecting(
                        options -> options.sendLimit(4_096).highWaterMark(1_024).lowWaterMark(0)))
                .build();
        inTurn(() -> made[0] = WebSocketClient.create(manager(), small).reconnecting(uri, quick().build(), client));
        assertThrows(SendLimitException.class, () -> made[0].send("x".repeat(4_000)));
        for (int i = 0; i < 20; i++) {
            String text = i + "x".repeat(1_500);
            inTurn(() -> made[0].send(text));
        }
        until("all", () -> server.heard.size() == 21);
        assertEquals(0, made[0].waiting());
    }

    @Test
    void withoutRoomToWaitTheLoopAloneSendsWhileItIsOpen() {
        ReconnectingWebSocket webSocket = connect(quick().waitingMessages(0).build());
        until("it", () -> webSocket.current().isPresent());
        assertThrows(SendLimitException.class, () -> elsewhere(() -> webSocket.send("from elsewhere")));
        inTurn(() -> webSocket.send("here"));
        until("it", () -> server.heard.contains("here"));
        inTurn(webSocket::close);
    }

    private void elsewhere(Runnable task) {
        RuntimeException[] thrown = new RuntimeException[1];
        Thread other = new Thread(() -> {
            try {
                task.run();
            } catch (RuntimeException e) {
                thrown[0] = e;
            }
        });
        other.start();
        try {
            other.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        if (thrown[0] != null) {
            throw thrown[0];
        }
    }

    @Test
    void aFullMailboxKeepsNobodyFromSendingOrClosing() {
        use(options -> options.mailboxLimit(1));
        ReconnectingWebSocket webSocket = connect(quick().build());
        until("it", () -> webSocket.current().isPresent());
        fillMailbox();
        elsewhere(() -> webSocket.send("one").send("two"));
        until("both", () -> server.heard.contains("two"));
        assertEquals(List.of("hello", "one", "two"), server.heard);
        fillMailbox();
        elsewhere(webSocket::close);
        until("the end", () -> client.told.contains("end, unsent 0"));
    }

    private void fillMailbox() {
        assertThrows(RejectedExecutionException.class, () -> {
            for (int i = 0; i < 10; i++) {
                manager().post(() -> {});
            }
        });
    }
}
