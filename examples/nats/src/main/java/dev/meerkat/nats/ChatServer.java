package dev.meerkat.nats;

import dev.meerkat.EventManager;
import dev.meerkat.http.Router;
import dev.meerkat.topic.Topic;
import dev.meerkat.topic.TopicEvent;
import dev.meerkat.topic.TopicOptions;
import dev.meerkat.websocket.Message;
import dev.meerkat.websocket.WebSocketEvent;
import java.time.Duration;
import java.util.Optional;

/**
 * A chat of as many processes as one likes: whoever is connected to one of them hears whoever is connected to any, and
 * everybody is told when the processes do not hear each other.
 *
 * <pre>
 * nats-server &amp;
 * mvn -q -pl examples/nats -am compile exec:java -Dexec.args="nats://127.0.0.1:4222 8000"
 * mvn -q -pl examples/nats -am compile exec:java -Dexec.args="nats://127.0.0.1:4222 8001"
 * </pre>
 */
public final class ChatServer {
    private ChatServer() {}

    /**
     * Serves.
     *
     * @param arguments the address of NATS, the port (0 takes a free one), and if NATS wants them user and password
     */
    public static void main(String[] arguments) {
        NatsBusOptions.Builder nats = NatsBusOptions.at(arguments[0]).name("chat");
        if (arguments.length == 4) {
            nats.login(arguments[2], arguments[3]);
        }
        try (NatsTopicBus bus = NatsTopicBus.connect(nats.build());
                EventManager manager = EventManager.create()) {
            Topic room = Topic.named(
                    "room",
                    TopicOptions.builder()
                            .bus(bus)
                            .replay(20, 64 << 10)
                            .toWebSockets(ChatServer::inWords)
                            .build());
            int port = manager.listen(
                            "http://127.0.0.1:" + arguments[1],
                            Router.create().webSocket("/chat", (webSocket, event) -> {
                                if (event instanceof WebSocketEvent.Opened) {
                                    room.subscribe(webSocket);
                                } else if (event instanceof WebSocketEvent.Text text) {
                                    room.publish(text.text());
                                }
                            }))
                    .port();
            sayWhenReady(manager, room, port);
            manager.run();
        }
    }

    /** Guests may come before; but what they say then might not be heard by guests of other processes. */
    private static void sayWhenReady(EventManager manager, Topic room, int port) {
        manager.schedule(Duration.ofMillis(10), () -> {
            if (room.statistics().busConnected()) {
                System.out.println("listening on " + port);
            } else {
                sayWhenReady(manager, room, port);
            }
        });
    }

    private static Optional<Message> inWords(TopicEvent event) {
        if (event instanceof TopicEvent.BusLost) {
            return Optional.of(Message.text("(others do not hear you now)"));
        } else if (event instanceof TopicEvent.BusResumed) {
            return Optional.of(Message.text("(others hear you again)"));
        }
        return Optional.empty();
    }
}
