package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Acceptor;
import dev.meerkat.ConnectionClosedException;
import dev.meerkat.SendLimitException;
import dev.meerkat.http.HttpServer;
import dev.meerkat.websocket.ReconnectPolicy;
import dev.meerkat.websocket.ReconnectingWebSocket;
import dev.meerkat.websocket.WebSocketClient;
import dev.meerkat.websocket.WebSocketEvent;
import dev.meerkat.websocket.WebSocketServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class NioWebSocketReconnectTest extends WebSocketReconnectRules {
    private static final int THREADS = 4;
    private static final int EACH = 2_000;

    @Override
    Arm openArm() {
        return new NioArm();
    }

    /** Threads send as fast as they may while the server hangs up again and again. */
    @Test
    void nothingIsDoubledAndEachThreadsOrderIsKeptWhileItComesAndGoes() throws InterruptedException {
        int[] last = new int[THREADS];
        Arrays.fill(last, -1);
        int[] count = new int[1];
        List<String> wrong = new ArrayList<>();
        Acceptor acceptor = manager()
                .listen(
                        arm.listenAddress(),
                        HttpServer.handler(HttpServerRules.TIMELESS, WebSocketServer.of((webSocket, event) -> {
                            if (event instanceof WebSocketEvent.Text text
                                    && text.payload().size() > 5) {
                                String[] parts = text.text().split(" ");
                                int thread = Integer.parseInt(parts[0]);
                                int number = Integer.parseInt(parts[1]);
                                if (number <= last[thread]) {
                                    wrong.add(thread + ": " + number + " behind " + last[thread]);
                                }
                                last[thread] = number;
                                if (++count[0] % 97 == 0) {
                                    webSocket.abort();
                                }
                            }
                        })));
        ReconnectPolicy policy = ReconnectPolicy.builder()
                .firstDelay(Duration.ofMillis(1))
                .longestDelay(Duration.ofMillis(1))
                .waitingMessages(64)
                .build();
        ReconnectingWebSocket[] made = new ReconnectingWebSocket[1];
        inTurn(() -> made[0] = WebSocketClient.create(manager())
                .reconnecting("ws://127.0.0.1:" + acceptor.port() + "/", policy, client));
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            int thread = i;
            Thread sender = new Thread(() -> {
                for (int number = 0; number < EACH; ) {
                    try {
                        made[0].send(thread + " " + number + " behind others");
                        number++;
                    } catch (SendLimitException full) {
                        Thread.yield();
                    } catch (ConnectionClosedException over) {
                        return;
                    }
                }
            });
            threads.add(sender);
            sender.start();
        }
        until("all to be sent", () -> threads.stream().noneMatch(Thread::isAlive) && made[0].waiting() == 0);
        inTurn(made[0]::close);
        until("the end", () -> client.told.contains("end, unsent 0"));
        assertEquals(List.of(), wrong);
        assertTrue(count[0] >= 97, () -> "arrived " + count[0]);
        assertTrue(client.delays.size() > 0, () -> "came back " + client.delays.size());
    }
}
