package dev.meerkat.examples.benchmarks.jmh;

import dev.meerkat.topic.Topic;
import dev.meerkat.websocket.Message;
import dev.meerkat.websocket.WebSocketEvent;
import dev.meerkat.websocket.WebSocketProtocol;
import dev.meerkat.websocket.WebSocketServer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What it costs to send one message of 256 bytes to WebSockets, system calls left out: by a topic, by a protocol, and
 * by a loop over them. Divided by the receivers it is what each costs; if it falls with their number, the rest is
 * shared.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class TopicBenchmark {
    private static final String ROW = "{\"symbol\": \"meerkat\", \"price\": 21.5} ";

    /** About how many bytes a message has; it is compressed from 1 KiB on. */
    @Param({"256", "2048"})
    public int size;

    /** How many WebSockets there are. */
    @Param({"10", "100", "1000"})
    public int receivers;

    /** Whether they have agreed on compression. */
    @Param({"false", "true"})
    public boolean compressed;

    private final Topic topic = Topic.named("room");
    private int number;
    private @Nullable NullWorld world;
    private @Nullable WebSocketProtocol protocol;

    /** Has the peers connect and subscribe; then they are silent. */
    @Setup
    public void setUp() {
        WebSocketServer server = WebSocketServer.of((webSocket, event) -> {
            if (event instanceof WebSocketEvent.Opened) {
                webSocket.connection().pauseReading();
                topic.subscribe(webSocket);
            }
        });
        protocol = server.protocols().get(0);
        String request = "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                + (compressed ? "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n" : "\r\n");
        NullWorld made = NullWorld.asking(
                receivers,
                request.getBytes(StandardCharsets.US_ASCII),
                manager -> manager.listen("http://127.0.0.1:0", server));
        while (protocol.size() < receivers) {
            made.turn();
        }
        world = made;
    }

    /** Closes the manager. */
    @TearDown
    public void tearDown() {
        Objects.requireNonNull(world).close();
    }

    private Message message() {
        return Message.text(number++ + ROW.repeat(size / ROW.length()));
    }

    /** By a topic. */
    @Benchmark
    public int topic() {
        topic.publish(message());
        return Objects.requireNonNull(world).turn();
    }

    /** By the protocol. */
    @Benchmark
    public int protocol() {
        var unused = Objects.requireNonNull(protocol).send(message());
        return Objects.requireNonNull(world).turn();
    }
}
