package dev.meerkat.examples.web;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.meerkat.testkit.SimWorld;
import dev.meerkat.websocket.ReconnectingWebSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The console's side of the chat, in a world without sockets. */
class ChatClientTest {
    @TempDir
    Path folder;

    @Test
    void whatIsTypedIsSaidAlsoIfTheServerComesLater() {
        SimWorld.run(world -> {
            List<String> ada = new ArrayList<>();
            world.host("site");
            ReconnectingWebSocket first = ChatClient.join(world.host("ada").manager(), "ws://site/chat/room", ada::add);
            first.send("Ada: is anybody there?");
            world.advance(Duration.ofSeconds(10));
            world.host("site").manager().listen("http://0.0.0.0:80", new WebServer().routes(folder, folder));
            world.await("what Ada has said", () -> ada.size() == 2);
            assertEquals(List.of("somebody has come; 1 are here", "Ada: is anybody there?"), ada);
        });
    }
}
