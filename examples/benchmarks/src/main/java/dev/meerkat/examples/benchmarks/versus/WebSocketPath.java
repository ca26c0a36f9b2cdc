package dev.meerkat.examples.benchmarks.versus;

import com.sun.management.ThreadMXBean;
import dev.meerkat.Connection;
import dev.meerkat.Handler;
import dev.meerkat.event.Event;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.examples.benchmarks.jmh.NullWorld;
import dev.meerkat.http.HttpServer;
import dev.meerkat.websocket.WebSocketEvent;
import dev.meerkat.websocket.WebSocketHandler;
import dev.meerkat.websocket.WebSocketServer;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * What a WebSocket message and its echo cost without the system: a text of 125 bytes, masked, as the load generator
 * sends it. Processor time and allocation of the one thread that does everything, in turns.
 *
 * <pre>
 *   one             64 peers that always have a message, through a transport that does nothing: all that is ours
 *   thirty-two      the same with 32 messages in each read
 *   bytes           as many bytes as in thirty-two echoed as they are, by a handler of TCP
 * </pre>
 *
 * <p>Arguments: {@code [--messages N a round] [--rounds N]}.
 */
public final class WebSocketPath {
    private static final String USAGE = "usage: WebSocketPath [--messages N] [--rounds N]";
    private static final int WARM_UP_ROUNDS = 5;
    private static final int PEERS = 64;
    private static final int TOGETHER = 32;
    private static final int TEXT_BYTES = 125;
    private static final byte[] ASK = String.join(
                    "\r\n",
                    "GET / HTTP/1.1",
                    "Host: a",
                    "Connection: Upgrade",
                    "Upgrade: websocket",
                    "Sec-WebSocket-Version: 13",
                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                    "",
                    "")
            .getBytes(StandardCharsets.ISO_8859_1);
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private WebSocketPath() {}

    private record Contestant(String title, NullWorld world, int together, Samples nanos, Samples bytes) {
        Contestant(String title, NullWorld world, int together) {
            this(title, world, together, new Samples(), new Samples());
        }
    }

    /**
     * Measures and prints a table.
     *
     * @param args see above
     */
    public static void main(String[] args) {
        Arguments arguments = new Arguments(args, USAGE, Map.of("messages", 2_000_000.0, "rounds", 9.0));
        System.out.println(Machine.describe());
        measure(
                List.of(
                        new Contestant("one", world(ASK, frames(1), echo()), 1),
                        new Contestant("thirty-two", world(ASK, frames(TOGETHER), echo()), TOGETHER),
                        new Contestant("bytes", world(new byte[1], frames(TOGETHER), WebSocketPath::bytes), TOGETHER)),
                arguments.count("messages"),
                arguments.count("rounds"));
    }

    private static void measure(List<Contestant> all, int count, int rounds) {
        for (int round = -WARM_UP_ROUNDS; round < rounds; round++) {
            for (Contestant each : all) {
                long bytes = THREADS.getCurrentThreadAllocatedBytes();
                long begin = THREADS.getCurrentThreadCpuTime();
                int served = 0;
                while (served < count) {
                    int unused = each.world.turn();
                    served += PEERS * each.together;
                }
                long nanos = THREADS.getCurrentThreadCpuTime() - begin;
                if (round >= 0) {
                    each.nanos.add(nanos / (double) served);
                    each.bytes.add((THREADS.getCurrentThreadAllocatedBytes() - bytes) / (double) served);
                }
            }
        }
        Table.head("path", "CPU ns a message", "min..max", "bytes allocated a message");
        for (Contestant each : all) {
            Table.row(
                    each.title,
                    Table.number(each.nanos.median(), 1),
                    Table.number(each.nanos.min(), 1) + ".." + Table.number(each.nanos.max(), 1),
                    Table.number(each.bytes.median(), 1));
        }
    }

    private static NullWorld world(byte[] first, byte[] then, Handler handler) {
        return new NullWorld(PEERS, first, then, manager -> manager.listen("tcp://127.0.0.1:0", handler));
    }

    private static Handler echo() {
        WebSocketHandler echo = (webSocket, event) -> {
            if (event instanceof WebSocketEvent.Text text) {
                webSocket.sendText(text.payload());
            }
        };
        return HttpServer.handler(WebSocketServer.of(echo));
    }

    private static void bytes(Connection connection, Event event) {
        if (event instanceof TcpEvent.Received received) {
            connection.send(received.buffer());
        }
    }

    private static byte[] frames(int count) {
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        byte[] key = {0x37, (byte) 0xfa, 0x21, 0x3d};
        for (int i = 0; i < count; i++) {
            frames.write(0x81);
            frames.write(0x80 | TEXT_BYTES);
            frames.writeBytes(key);
            for (int at = 0; at < TEXT_BYTES; at++) {
                frames.write((char) (0x61 + at % 26) ^ key[at % 4]);
            }
        }
        return frames.toByteArray();
    }
}
