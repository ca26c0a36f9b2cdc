package dev.meerkat.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.UncheckedIOException;
import java.net.SocketException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** N2: two datagram sockets in memory. */
class DatagramPairTest {
    private final DatagramPair pair = SocketPair.datagram();
    private final DatagramEnd peer = pair.peer();

    @Test
    void datagramsKeepTheirBoundaries() {
        pair.send("one").send("two");
        peer.expectText("one").expectText("two").expectNothing();
        peer.send("three");
        pair.expectText("three");
    }

    @Test
    void anEmptyDatagramArrives() {
        pair.send("");
        peer.expectText("").expectNothing();
    }

    @Test
    void theLargestDatagramArrivesAndALargerOneCannotBeSent() {
        pair.send(new byte[65_507]);
        assertEquals(65_507, peer.receive().payload().length());
        UncheckedIOException e = assertThrows(UncheckedIOException.class, () -> pair.send(new byte[65_508]));
        assertInstanceOf(SocketException.class, e.getCause());
        assertEquals("Message too long", e.getCause().getMessage());
    }

    @Test
    void eachTellsWhereItCameFrom() {
        pair.send("x");
        assertEquals(pair.localAddress(), peer.receive().sender());
    }

    @Test
    void whatIsSentToAClosedSocketIsGone() {
        peer.close();
        pair.send("x").expectNothingFor(Duration.ofSeconds(1));
    }

    @Test
    void waitingIsInVirtualTimeAndSaysWhatCame() {
        pair.clock().schedule(Duration.ofSeconds(59), () -> pair.send("late"));
        AssertionError error = assertThrows(AssertionError.class, () -> peer.expectText("lake"));
        assertTrue(error.getMessage().contains("first difference at offset 2"), error.getMessage());
        assertEquals(Duration.ofSeconds(59), pair.clock().elapsed());
    }
}
