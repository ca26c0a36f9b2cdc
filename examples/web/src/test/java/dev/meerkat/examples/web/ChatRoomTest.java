package dev.meerkat.examples.web;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.meerkat.http.client.ClientRequest;
import dev.meerkat.http.client.ClientResponse;
import dev.meerkat.http.client.HttpClient;
import dev.meerkat.testkit.SimHost;
import dev.meerkat.testkit.SimWorld;
import dev.meerkat.websocket.WebSocket;
import dev.meerkat.websocket.WebSocketClient;
import dev.meerkat.websocket.WebSocketEvent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The chat, with our client, in a world without sockets. */
class ChatRoomTest {
    @TempDir
    Path folder;

    private static WebSocket enter(SimHost who, List<String> read) {
        return WebSocketClient.connect(who.manager(), "ws://site/chat/room", (webSocket, event) -> {
            if (event instanceof WebSocketEvent.Text text) {
                read.add(text.text());
            }
        });
    }

    @Test
    void everybodyReadsWhatAnybodyWrites() {
        SimWorld.run(world -> {
            world.host("site").manager().listen("http://0.0.0.0:80", new WebServer().routes(folder, folder));
            List<String> ada = new ArrayList<>();
            List<String> bob = new ArrayList<>();
            WebSocket first = enter(world.host("ada"), ada);
            world.await("Ada", () -> ada.size() == 1);
            WebSocket second = enter(world.host("bob"), bob);
            world.await("Bob", () -> ada.size() == 2);

            first.send("Ada: hello");
            world.await("what Ada says", () -> bob.contains("Ada: hello"));
            second.send("Bob: bye");
            second.close();
            world.await("that Bob has gone", () -> ada.size() == 5);

            assertEquals(
                    List.of(
                            "somebody has come; 1 are here",
                            "somebody has come; 2 are here",
                            "Ada: hello",
                            "Bob: bye",
                            "somebody has gone"),
                    ada);
            assertEquals(List.of("somebody has come; 2 are here", "Ada: hello"), bob); // who closes hears no more
        });
    }

    @Test
    void thePageIsServedWithWhatItNeeds() {
        SimWorld.run(world -> {
            world.host("site").manager().listen("http://0.0.0.0:80", new WebServer().routes(folder, folder));
            HttpClient client = HttpClient.create(world.host("reader").manager());
            for (String path : new String[] {"/chat", "/chat/chat.css", "/chat/chat.js"}) {
                CompletableFuture<ClientResponse> answer = client.send(ClientRequest.get("http://site" + path));
                world.await(path, answer::isDone);
                assertEquals(200, answer.join().status(), path);
            }
        });
    }
}
