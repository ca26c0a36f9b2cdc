package dev.meerkat.testkit.capture;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.event.TcpEvent;
import dev.meerkat.testkit.Chunks;
import dev.meerkat.testkit.DatagramEnd;
import dev.meerkat.testkit.ListenerEnd;
import dev.meerkat.testkit.SimConfig;
import dev.meerkat.testkit.SimWorld;
import dev.meerkat.testkit.StreamEnd;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A capture of a virtual network. */
class WorldCaptureTest {
    private static byte[] pattern(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i * 31 + (i >>> 8) * 7);
        }
        return bytes;
    }

    @Test
    void whatManagersSayToEachOtherIsInTheCaptureOnce() {
        Path file = Captures.file("world-echo");
        byte[] question = pattern(100_000);
        SimWorld.run(SimConfig.builder().seed(7).explore(true).build(), world -> {
            world.capture(file);
            world.link("srv", "cli").latency(Duration.ofMillis(10));
            world.host("srv").listen(7, (connection, event) -> {
                if (event instanceof TcpEvent.Received received) {
                    connection.send(received.buffer());
                }
            });
            int[] received = new int[1];
            world.host("cli").connect("srv:7", (connection, event) -> {
                if (event instanceof TcpEvent.Opened) {
                    connection.send(question);
                } else if (event instanceof TcpEvent.Received some) {
                    received[0] += some.take().length();
                    if (received[0] == question.length) {
                        connection.close();
                    }
                }
            });
            world.await("the echo", () -> received[0] == question.length);
            world.untilIdle();
        });
        Capture capture = Captures.read(file);
        assertEquals(List.of("srv", "cli"), capture.interfaces());
        Stream stream = capture.streams().get(0);
        assertEquals(1, capture.streams().size());
        assertArrayEquals(question, stream.fromClient());
        assertArrayEquals(question, stream.fromServer());
        assertEquals(List.of("> SYN", "< SYN", "> FIN", "< FIN"), stream.marks());
        assertTrue(capture.packets().stream().noneMatch(Capture.Packet::outbound), "seen where it arrives");
        assertTrue(
                capture.packets().get(0).comment().matches("cli/socket-1 connects, event \\d+"),
                capture.packets().get(0).comment());
    }

    @Test
    void timesAreTheWorlds() {
        Path file = Captures.file("world-times");
        SimWorld.run(world -> {
            world.capture(file);
            world.link("srv", "cli").latency(Duration.ofMillis(10));
            ListenerEnd listener = world.host("srv").listener(7);
            StreamEnd client = world.host("cli").stream("srv", 7);
            client.send("x");
            StreamEnd served = listener.accept();
            served.expectText("x");
            client.close();
            served.expectEnd().close();
        });
        Capture capture = Captures.read(file);
        long begun = capture.packets().get(0).nanos();
        Capture.Packet data = capture.packets().stream()
                .filter(packet -> packet.bytes().length == 41)
                .findFirst()
                .orElseThrow();
        assertEquals(Duration.ofMillis(10).toNanos(), data.nanos() - begun);
        assertEquals("srv", data.interfaceName());
    }

    @Test
    void aResetAndARefusalAreSegmentsToo() {
        Path file = Captures.file("world-resets");
        SimWorld.run(world -> {
            world.capture(file);
            ListenerEnd listener = world.host("srv").listener(7);
            StreamEnd client = world.host("cli").stream("srv", 7);
            StreamEnd served = listener.accept();
            client.send("half");
            served.expectText("half");
            served.abort();
            client.expectReset();
            world.host("cli").beginStream("srv", 8).expectConnectFailure();
        });
        Capture capture = Captures.read(file);
        assertEquals(
                List.of("> SYN", "< SYN", "< RST"), capture.streams().get(0).marks());
        assertEquals("half", new String(capture.streams().get(0).fromClient(), StandardCharsets.UTF_8));
        assertEquals(List.of("> SYN", "< RST"), capture.streams().get(1).marks());
    }

    @Test
    void streamsInPiecesOverManySeedsAreWhole() {
        Path file = Captures.file("world-pieces");
        byte[] bytes = pattern(5_000);
        SimWorld.run(SimConfig.builder().seeds(20).build(), world -> {
            world.capture(file);
            world.link("a", "b")
                    .latency(Duration.ofMillis(1), Duration.ofMillis(50))
                    .chunks(Chunks.random());
            ListenerEnd listener = world.host("b").listener(7);
            StreamEnd client = world.host("a").stream("b", 7);
            StreamEnd served = listener.accept();
            client.send(bytes);
            served.send(bytes);
            served.expectBytes(bytes);
            client.expectBytes(bytes);
            served.close();
            client.expectEnd().close();
            world.untilIdle();
            world.close();
            Stream stream = Captures.read(file).streams().get(0);
            assertArrayEquals(bytes, stream.fromClient());
            assertArrayEquals(bytes, stream.fromServer());
        });
    }

    @Test
    void datagramsAreSeenWhereTheyArriveAndLostOnesWhereTheyLeft() {
        Path file = Captures.file("world-datagrams");
        SimWorld.run(world -> {
            world.capture(file);
            DatagramEnd one = world.host("one").datagram(1);
            DatagramEnd two = world.host("two").datagram(2);
            one.sendTo(two.localAddress()).send("hello");
            world.untilIdle();
            world.link("one", "two").partition();
            one.send(new byte[0]);
            world.untilIdle();
        });
        List<Capture.Datagram> found = Captures.read(file).datagrams();
        assertEquals("hello", found.get(0).payload());
        assertEquals("10.0.0.1:1", found.get(0).from());
        assertEquals("10.0.0.2:2", found.get(0).to());
        assertEquals("", found.get(1).payload());
        assertTrue(found.get(1).outbound() && found.get(1).comment().contains("lost"), found::toString);
    }

    @Test
    void aUnixDomainSocketIsShownAsPortsOfTheLoopback() {
        Path file = Captures.file("world-unix");
        SimWorld.run(world -> {
            world.capture(file);
            boolean[] ended = new boolean[1];
            world.host("a").manager().listen("unix:/run/echo.sock", (connection, event) -> {
                if (event instanceof TcpEvent.Received received) {
                    connection.send(received.buffer());
                }
            });
            world.host("a").manager().connect("unix:/run/echo.sock", (connection, event) -> {
                if (event instanceof TcpEvent.Opened) {
                    connection.send("hello");
                } else if (event instanceof TcpEvent.Received) {
                    connection.close();
                } else if (event instanceof TcpEvent.Closed) {
                    ended[0] = true;
                }
            });
            world.await("the end", () -> ended[0]);
            world.untilIdle();
        });
        Stream stream = Captures.read(file).streams().get(0);
        assertEquals("127.0.0.1:1", stream.server());
        assertEquals("hello", new String(stream.fromClient(), StandardCharsets.UTF_8));
        assertEquals("hello", new String(stream.fromServer(), StandardCharsets.UTF_8));
    }

    @Test
    void aWorldHasOneCapture() {
        SimWorld.run(world -> {
            world.capture(Captures.file("world-twice"));
            assertThrows(IllegalStateException.class, () -> world.capture(Captures.file("world-again")));
        });
    }
}
