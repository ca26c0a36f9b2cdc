package dev.meerkat.examples.interop;

import dev.meerkat.ConnectOptions;
import dev.meerkat.EventManager;
import dev.meerkat.event.Event;
import dev.meerkat.websocket.WebSocket;
import dev.meerkat.websocket.WebSocketClient;
import dev.meerkat.websocket.WebSocketClientOptions;
import dev.meerkat.websocket.WebSocketEvent;
import dev.meerkat.websocket.WebSocketHandler;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * What the fuzzing server of the Autobahn test suite expects of a client: it asks how many cases there are, runs each
 * on a connection of its own, on which it echoes every message, and asks for the report in the end.
 */
final class AutobahnClient {
    private final WebSocketClient client;
    private final String url;
    private final String agent;

    /**
     * Makes a client.
     *
     * @param manager runs on a thread of its own
     * @param url of the fuzzing server, without a path
     * @param agent what the client is called in the report
     */
    AutobahnClient(EventManager manager, String url, String agent) {
        this.client = WebSocketClient.create(
                manager,
                WebSocketClientOptions.builder()
                        .webSocket(WebSocketRoutes.Servers.OPTIONS)
                        .connect(ConnectOptions.builder()
                                .connection(Interop.LISTEN.connection())
                                .build())
                        .build());
        this.url = url;
        this.agent = URLEncoder.encode(agent, StandardCharsets.UTF_8);
    }

    /** Runs all cases on a manager of its own; answers how many there were. */
    static int run(String url, String agent) throws InterruptedException, ExecutionException {
        try (EventManager manager = EventManager.create()) {
            manager.start();
            return new AutobahnClient(manager, url, agent).runAll();
        }
    }

    private int runAll() throws InterruptedException, ExecutionException {
        int count = Integer.parseInt(call("/getCaseCount", (webSocket, event) -> {}));
        for (int i = 1; i <= count; i++) {
            call("/runCase?case=" + i + "&agent=" + agent, WebSocketRoutes::echo);
        }
        call("/updateReports?agent=" + agent, (webSocket, event) -> {});
        return count;
    }

    /** Waits for the end of a WebSocket; answers the last text that came if the handler has left it. */
    private String call(String path, WebSocketHandler handler) throws InterruptedException, ExecutionException {
        CompletableFuture<String> ended = new CompletableFuture<>();
        client.connect(url + path, new WebSocketHandler() {
            private String text = "";

            @Override
            public void onEvent(WebSocket webSocket, Event event) throws Exception {
                handler.onEvent(webSocket, event);
                if (event instanceof WebSocketEvent.Text message) {
                    text = message.text();
                } else if (event instanceof WebSocketEvent.Refused refused) {
                    ended.completeExceptionally(new IllegalStateException(
                            path + " was refused: " + refused.head().status()));
                } else if (event instanceof WebSocketEvent.Closed closed) {
                    if (path.startsWith("/getCaseCount") && !closed.clean()) {
                        ended.completeExceptionally(new IllegalStateException(path + ": " + closed));
                    }
                    ended.complete(text);
                }
            }
        });
        return ended.get();
    }
}
