package dev.meerkat.examples.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Connection;
import dev.meerkat.testkit.Chunks;
import dev.meerkat.testkit.SimHost;
import dev.meerkat.testkit.SimWorld;
import dev.meerkat.testkit.StreamEnd;
import dev.meerkat.testkit.junit.OnHost;
import dev.meerkat.testkit.junit.SimTest;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;

/** The echo's rules. */
class EchoHandlerTest {
    private static final int MEGABYTE = 1 << 20;

    @BeforeEach
    void listen(@OnHost("server") SimHost server) {
        server.listen(7, Interop.LISTEN, new EchoHandler());
    }

    @SimTest(seeds = 20)
    void everyByteComesBackInOrderHoweverItIsCut(SimWorld world, @OnHost("client") SimHost client) {
        world.link("server", "client")
                .latency(Duration.ofMillis(1), Duration.ofMillis(20))
                .chunks(Chunks.random());
        byte[] bytes = bytes(world, 200_000);
        client.stream("server", 7).send(bytes).expectBytes(bytes);
    }

    @SimTest
    void whoEndsItsDirectionStillGetsEverything(SimWorld world, @OnHost("client") SimHost client) {
        byte[] bytes = bytes(world, 5 * MEGABYTE);
        client.stream("server", 7).send(bytes).closeOutput().expectBytes(bytes).expectEnd();
    }

    @SimTest
    void whoDoesNotReadIsNotReadAndLosesNothing(
            SimWorld world, @OnHost("server") SimHost server, @OnHost("client") SimHost client) {
        byte[] bytes = bytes(world, 20 * MEGABYTE);
        StreamEnd peer = client.stream("server", 7);
        peer.pauseReading();
        peer.send(bytes);
        world.advance(Duration.ofMinutes(5));
        Connection connection = server.manager().connections().get(0);
        assertTrue(connection.isReadingPaused());
        assertTrue(connection.pendingBytes() <= 2 * MEGABYTE, () -> "keeps " + connection.pendingBytes() + " bytes");
        assertTrue(peer.pendingBytes() > 10 * MEGABYTE, () -> "took all but " + peer.pendingBytes() + " bytes");
        peer.resumeReading();
        peer.expectBytes(bytes);
        assertFalse(connection.isReadingPaused());
    }

    @SimTest
    void aSilentPeerIsNotSentAway(SimWorld world, @OnHost("client") SimHost client) {
        StreamEnd peer = client.stream("server", 7);
        peer.expectNothingFor(Duration.ofHours(24));
        peer.send("still here").expectText("still here");
    }

    @SimTest
    void aResetEndsThatConnectionOnly(
            SimWorld world, @OnHost("server") SimHost server, @OnHost("client") SimHost client) {
        StreamEnd lost = client.stream("server", 7);
        StreamEnd other = client.stream("server", 7);
        lost.send("unheard").abort();
        other.send("heard").expectText("heard");
        assertEquals(1, server.manager().connections().size());
    }

    private static byte[] bytes(SimWorld world, int count) {
        byte[] bytes = new byte[count];
        world.random("payload").nextBytes(bytes);
        return bytes;
    }
}
