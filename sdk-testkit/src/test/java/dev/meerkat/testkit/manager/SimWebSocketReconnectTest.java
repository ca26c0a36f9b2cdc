package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Acceptor;
import dev.meerkat.event.Event;
import dev.meerkat.http.HttpServer;
import dev.meerkat.websocket.ReconnectCause;
import dev.meerkat.websocket.ReconnectPolicy;
import dev.meerkat.websocket.ReconnectingHandler;
import dev.meerkat.websocket.ReconnectingWebSocket;
import dev.meerkat.websocket.WebSocket;
import dev.meerkat.websocket.WebSocketClient;
import dev.meerkat.websocket.WebSocketClientOptions;
import dev.meerkat.websocket.WebSocketEvent;
import dev.meerkat.websocket.WebSocketServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** When a client comes again, to the nanosecond. */
class SimWebSocketReconnectTest extends WebSocketReconnectRules {
    @Override
    Arm openArm() {
        return new SimArm();
    }

    private static ReconnectPolicy.Builder exact() {
        return ReconnectPolicy.builder()
                .firstDelay(Duration.ofSeconds(1))
                .longestDelay(Duration.ofSeconds(5))
                .jitter(0);
    }

    @Test
    void eachDelayIsLongerThanTheOneBefore() {
        server.refusals = 6;
        connect(exact().attempts(6).build());
        Duration before = ((SimArm) arm).now();
        until("the end", () -> client.told.contains("end, unsent 0"));
        assertEquals(List.of(1, 2, 4, 5, 5).stream().map(Duration::ofSeconds).toList(), client.delays);
        assertEquals(Duration.ofSeconds(17), ((SimArm) arm).now().minus(before));
    }

    @Test
    void aServerThatNamesATimeIsWaitedForThatLong() {
        server.refusals = 2;
        server.retryAfter = "3";
        connect(exact().build());
        until("it", () -> client.told.contains("Opened"));
        assertEquals(List.of(Duration.ofSeconds(3), Duration.ofSeconds(3)), client.delays);
    }

    @Test
    void delaysBeginAnewWhenItHasLasted() {
        server.refusals = 2;
        connect(exact().build());
        until("it", () -> client.told.contains("Opened"));
        arm.advance(Duration.ofSeconds(10));
        inTurn(() -> server.refusals = 0);
        arm.advance(Duration.ofSeconds(1));
        assertEquals(List.of(Duration.ofSeconds(1), Duration.ofSeconds(2)), client.delays);
        server.last.abort();
        until("the next", () -> client.delays.size() == 3);
        assertEquals(Duration.ofSeconds(1), client.delays.get(2));
    }

    @Test
    void chanceSpreadsThoseWhoComeBack() {
        server.refusals = 20;
        connect(ReconnectPolicy.builder()
                .firstDelay(Duration.ofSeconds(8))
                .longestDelay(Duration.ofSeconds(8))
                .attempts(21)
                .build());
        until("it", () -> client.told.contains("Opened"));
        assertTrue(client.delays.stream().allMatch(delay -> delay.compareTo(Duration.ofSeconds(8)) <= 0));
        assertEquals(20, new HashSet<>(client.delays).size());
    }

    @Test
    void whatAServerAsksForIsBounded() {
        server.refusals = 1;
        server.retryAfter = "600";
        connect(exact().build());
        until("it", () -> client.told.contains("Opened"));
        assertEquals(List.of(Duration.ofSeconds(5)), client.delays);
    }

    @Test
    void whatAServerAsksForInAnotherWayIsNot() {
        for (String odd : List.of("Sat, 21 Nov 2026 20:00:00 GMT", "-1", "9999999999", "1.5")) {
            client.delays.clear();
            client.told.clear();
            server.refusals = 1;
            server.retryAfter = odd;
            ReconnectingWebSocket webSocket = connect(exact().build());
            until("it", () -> client.told.contains("Opened"));
            assertEquals(List.of(Duration.ofSeconds(1)), client.delays, odd);
            inTurn(webSocket::close);
        }
    }

    /** Whoever lasts a nanosecond less begins where it was. */
    @Test
    void soLongItMustHaveLasted() {
        assertEquals(Duration.ofSeconds(2), delayAfter(Duration.ofSeconds(10).minusNanos(1)));
    }

    @Test
    void andNotLonger() {
        assertEquals(Duration.ofSeconds(1), delayAfter(Duration.ofSeconds(10)));
    }

    /** The delay after a WebSocket that came at the second attempt and lasted that long. */
    private Duration delayAfter(Duration time) {
        server.refusals = 1;
        Duration[] opened = new Duration[1];
        String uri = listen();
        inTurn(() -> WebSocketClient.create(manager()).reconnecting(uri, exact().build(), new ReconnectingHandler() {
            @Override
            public void onEvent(WebSocket webSocket, Event event) {
                if (event instanceof WebSocketEvent.Opened && opened[0] == null) {
                    opened[0] = ((SimArm) arm).now();
                    manager().schedule(time, webSocket::abort);
                }
            }

            @Override
            public void onWaiting(ReconnectCause cause, Duration delay) {
                client.delays.add(delay);
            }
        }));
        until("the delay", () -> client.delays.size() == 2);
        return client.delays.get(1);
    }

    @Test
    void aNameThatNobodyKnowsAndAServerWithoutTlsAreTriedAgain() {
        String uri = listen();
        List<String> kinds = new ArrayList<>();
        ReconnectingHandler noting = new ReconnectingHandler() {
            @Override
            public void onEvent(WebSocket webSocket, Event event) {}

            @Override
            public void onWaiting(ReconnectCause cause, Duration delay) {
                kinds.add(cause.closed().status().code() + " "
                        + cause.closed().connectionError().orElseThrow().kind());
            }
        };
        inTurn(() -> {
            WebSocketClient client = WebSocketClient.create(manager());
            client.reconnecting("ws://nobody.test/", exact().attempts(2).build(), noting);
            client.reconnecting("wss" + uri.substring(2), exact().attempts(2).build(), noting);
        });
        until("both", () -> kinds.size() == 2);
        assertEquals(
                List.of("1006 UNKNOWN_HOST", "1015 NOT_TLS"),
                kinds.stream().sorted().toList());
    }

    /** A server that comes back finds its clients spread, and has not been asked more often than the delays allow. */
    @Test
    void aStormOfThoseWhoComeBackIsBounded() {
        int clients = 200;
        Acceptor first = manager()
                .listen(arm.listenAddress(), HttpServer.handler(HttpServerRules.TIMELESS, WebSocketServer.of(server)));
        int port = first.port();
        WebSocketClient maker = WebSocketClient.create(
                manager(),
                WebSocketClientOptions.builder().handshakesPerServer(clients).build());
        int[] open = new int[1];
        int[] attempts = new int[1];
        Map<Long, Integer> perTenth = new HashMap<>();
        List<WebSocket> present = new ArrayList<>();
        inTurn(() -> {
            for (int i = 0; i < clients; i++) {
                maker.reconnecting(
                        "ws://" + arm.host() + ":" + port + "/", ReconnectPolicy.DEFAULT, new ReconnectingHandler() {
                            @Override
                            public void onEvent(WebSocket webSocket, Event event) {
                                if (event instanceof WebSocketEvent.Opened) {
                                    open[0]++;
                                    present.add(webSocket);
                                    perTenth.merge(((SimArm) arm).now().toMillis() / 100, 1, Integer::sum);
                                }
                            }

                            @Override
                            public void onWaiting(ReconnectCause cause, Duration delay) {
                                attempts[0]++;
                            }
                        });
            }
        });
        until("all", () -> open[0] == clients);
        inTurn(first::close);
        inTurn(() -> present.forEach(WebSocket::abort));
        arm.advance(Duration.ofMinutes(2));
        int soFar = attempts[0];
        assertTrue(soFar > 5 * clients && soFar < 25 * clients, "attempts " + soFar);
        perTenth.clear();
        open[0] = 0;
        inTurn(() -> manager()
                .listen(
                        arm.host() + ":" + port,
                        HttpServer.handler(HttpServerRules.TIMELESS, WebSocketServer.of(server))));
        arm.advance(Duration.ofSeconds(30));
        assertEquals(clients, open[0], "within the longest delay");
        int most = perTenth.values().stream().mapToInt(Integer::intValue).max().orElseThrow();
        assertTrue(most < clients / 10, "in a tenth of a second " + most);
    }

    /** Links that come and go at random, with every seed of a campaign: at most once, in order, and in the end all. */
    @Test
    void whateverHappensNothingIsDoubledAndOrderIsKept() {
        String uri = listen();
        for (int seed = 0; seed < 200; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            server.heard.clear();
            client.told.clear();
            ReconnectingWebSocket[] made = new ReconnectingWebSocket[1];
            inTurn(() -> made[0] = WebSocketClient.create(manager())
                    .reconnecting(uri, ReconnectPolicy.builder().attempts(50).build(), client));
            int sent = 30 + random.nextInt(30);
            for (int i = 0; i < sent; i++) {
                String text = String.format("%04d", i);
                int what = random.nextInt(10);
                inTurn(() -> {
                    if (what == 0) {
                        server.hangUps = 1 + random.nextInt(2);
                    } else if (what == 1) {
                        server.refusals = 1 + random.nextInt(3);
                    } else if (what == 2 && server.last != null) {
                        server.last.abort();
                    } else if (what == 3) {
                        made[0].current().ifPresent(WebSocket::abort);
                    } else if (what == 4) {
                        made[0].current().ifPresent(WebSocket::close);
                    }
                    made[0].send(text);
                });
                arm.advance(Duration.ofMillis(random.nextInt(1_500)));
            }
            inTurn(() -> {
                server.hangUps = 0;
                server.refusals = 0;
            });
            until("nothing to wait", () -> made[0].waiting() == 0);
            inTurn(() -> made[0].send("last"));
            until("the last", () -> server.heard.contains("last"));
            List<String> heard =
                    server.heard.stream().filter(text -> !text.equals("hello")).toList();
            assertEquals(heard.stream().sorted().distinct().toList(), heard, "seed " + seed);
            inTurn(made[0]::close);
            until("the end", () -> client.told.contains("end, unsent 0"));
        }
    }
}
