package dev.meerkat.examples.blocking;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.meerkat.Acceptor;
import dev.meerkat.EventManager;
import dev.meerkat.testkit.SimWorld;
import dev.meerkat.testkit.StreamEnd;
import dev.meerkat.testkit.junit.SimTest;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The same blocking code over a virtual network, five minutes of silence included, and over a real socket. */
class KeyValueStoreTest {
    private static StreamEnd enter(SimWorld world, String guest) {
        return world.host(guest).stream("store", 7000);
    }

    private static void open(SimWorld world) {
        world.host("store").manager().listenBlocking(":7000", KeyValueStore.LISTEN, new KeyValueStore()::serve);
    }

    @SimTest
    void whatOneGuestSetsAnotherGets(SimWorld world) {
        open(world);
        StreamEnd alice = enter(world, "alice");
        StreamEnd bob = enter(world, "bob");
        alice.send("set colour deep blue\n").expectText("ok\n");
        bob.send("get colour\nget si").expectText("deep blue\n");
        bob.send("ze\ndel colour\ndel colour\nset x\n")
                .expectText("nothing\nok\nnothing\nexpected: set KEY VALUE, get KEY, del KEY or quit\n");
        bob.send("quit\n").expectEnd();
        alice.send("get colour\n").closeOutput().expectText("nothing\n").expectEnd();
    }

    @SimTest
    void whoIsSilentForFiveMinutesIsSentHome(SimWorld world) {
        open(world);
        StreamEnd guest = enter(world, "guest");
        guest.send("get x\n").expectText("nothing\n");
        Duration before = world.elapsed();
        guest.expectNothingFor(Duration.ofMinutes(5).minusNanos(1));
        guest.expectText("bye\n").expectEnd();
        assertEquals(Duration.ofMinutes(5), world.elapsed().minus(before));
    }

    @Test
    void servesARealSocketToo() throws Exception {
        try (EventManager manager = EventManager.create()) {
            Acceptor acceptor =
                    manager.listenBlocking("tcp://127.0.0.1:0", KeyValueStore.LISTEN, new KeyValueStore()::serve);
            manager.start();
            try (Socket guest = new Socket(InetAddress.getLoopbackAddress(), acceptor.port())) {
                guest.getOutputStream().write("set a b c\nget a\nquit\n".getBytes(UTF_8));
                assertEquals("ok\nb c\n", new String(guest.getInputStream().readAllBytes(), UTF_8));
            }
        }
    }
}
