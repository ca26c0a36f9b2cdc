package dev.meerkat.examples.web;

import dev.meerkat.EventManager;
import dev.meerkat.websocket.ReconnectPolicy;
import dev.meerkat.websocket.ReconnectingWebSocket;
import dev.meerkat.websocket.WebSocketClient;
import dev.meerkat.websocket.WebSocketEvent;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.Charset;
import java.time.Duration;
import java.util.function.Consumer;

/** The chat on a console: what is typed is said, what is said is printed, and a server that was away is found again. */
public final class ChatClient {
    private ChatClient() {}

    static ReconnectingWebSocket join(EventManager manager, String room, Consumer<String> said) {
        return WebSocketClient.create(manager).reconnecting(room, ReconnectPolicy.DEFAULT, (webSocket, event) -> {
            if (event instanceof WebSocketEvent.Text text) {
                said.accept(text.text());
            }
        });
    }

    /**
     * Runs until the input ends.
     *
     * @param args the room; that of a {@link WebServer} on this machine if there is none
     */
    public static void main(String[] args) {
        String room = args.length == 1 ? args[0] : "ws://127.0.0.1:8000/chat/room";
        try (EventManager manager = EventManager.create()) {
            manager.start();
            ReconnectingWebSocket chat = join(manager, room, System.out::println);
            new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset()))
                    .lines()
                    .forEach(chat::send);
            manager.shutdown(Duration.ofSeconds(2)).join();
        }
    }
}
