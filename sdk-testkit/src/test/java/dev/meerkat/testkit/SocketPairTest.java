package dev.meerkat.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** N1, and the expectations of O7, between two ends in the hands of the test. */
class SocketPairTest {
    private final SocketPair pair = SocketPair.stream();
    private final StreamEnd peer = pair.peer();

    private static String messageOf(Runnable expectation) {
        return assertThrows(AssertionError.class, expectation::run).getMessage();
    }

    @Test
    void whatOneEndSaysTheOtherHears() {
        pair.send("hello");
        peer.expectText("hello").send("and you");
        pair.expectText("and you").expectNothing();
    }

    @Test
    void aStreamHasNoBoundaries() {
        pair.send("one").send("two");
        peer.expectText("onet").expectText("wo").expectNothing();
    }

    @Test
    void closingLetsThePeerReadEverythingAndThenTheEnd() {
        pair.send("bye").close();
        peer.expectText("bye").expectEnd();
    }

    @Test
    void closeOutputEndsOneDirectionOnly() {
        pair.send("that was all").closeOutput();
        peer.expectText("that was all").expectEnd().send("still here").close();
        pair.expectText("still here").expectEnd();
    }

    @Test
    void abortResetsThePeer() {
        pair.abort();
        peer.expectReset();
    }

    @Test
    void bytesThatArrivedBeforeTheResetCanBeRead() {
        pair.send("1234567");
        peer.receive(3);
        pair.abort();
        peer.expectText("4567").expectReset();
    }

    @Test
    void closingWithUnreadInputResetsThePeer() {
        peer.pauseReading();
        pair.send("nobody reads this").expectNothing();
        peer.close();
        pair.expectReset();
    }

    @Test
    void aReaderThatPausesHoldsTheWriterBack() {
        SocketPair small = SocketPair.stream(new FakeClock(), 1000);
        small.peer().pauseReading();
        small.send(new byte[5000]);
        small.clock().runCurrent();
        assertEquals(3000, small.pendingBytes());
        small.peer().resumeReading().expectBytes(new byte[5000]);
        assertEquals(0, small.pendingBytes());
    }

    @Test
    void fiveMebibytesPassUnchanged() {
        byte[] bytes = new byte[5 << 20];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i * 31 >> 8);
        }
        pair.send(bytes).close();
        peer.expectBytes(bytes).expectEnd();
    }

    @Nested
    class Messages {
        @Test
        void showTheFirstDifferenceInHexAndText() {
            pair.send("hello wurld");
            String message = messageOf(() -> peer.expectText("hello world"));
            assertTrue(message.contains("first difference at offset 7"), message);
            assertTrue(message.contains("\"hello wurld\""), message);
            assertTrue(message.contains("77 75 72 6c 64"), message);
        }

        @Test
        void sayThatTheInputEnded() {
            pair.send("hel").close();
            String message = messageOf(() -> peer.expectText("hello"));
            assertTrue(message.contains("the input ended"), message);
            assertTrue(message.contains("first difference at offset 3, where the bytes end"), message);
        }

        @Test
        void sayThatNothingIsLeftThatCouldHappen() {
            String message = messageOf(() -> peer.expectText("hello"));
            assertTrue(message.contains("deadlock"), message);
            assertEquals(Duration.ZERO, pair.clock().elapsed());
        }

        @Test
        void sayHowLongWasWaitedInVirtualTime() {
            pair.clock().schedule(Duration.ofHours(1), () -> {});
            String message = messageOf(() -> peer.expectText("hello"));
            assertTrue(message.contains("it did not come within 60s of virtual time"), message);
            assertEquals(Duration.ofSeconds(60), pair.clock().elapsed());
        }

        @Test
        void sayWhatCameInsteadOfTheEnd() {
            pair.send("more").close();
            String message = messageOf(peer::expectEnd);
            assertTrue(message.contains("4 bytes [6d 6f 72 65] \"more\" came first"), message);
        }

        @Test
        void sayWhatArrivedInASilence() {
            pair.clock().schedule(Duration.ofSeconds(2), () -> pair.send("psst"));
            peer.expectNothingFor(Duration.ofSeconds(1));
            String message = messageOf(() -> peer.expectNothingFor(Duration.ofSeconds(1)));
            assertTrue(message.contains("\"psst\" arrived"), message);
        }

        @Test
        void tellAResetFromAnEnd() {
            pair.abort();
            String message = messageOf(peer::expectEnd);
            assertTrue(message.contains("Connection reset"), message);
        }

        @Test
        void bearTheLastEventsAndTheTime() {
            pair.send("x");
            String message = messageOf(() -> peer.expectText("y"));
            assertTrue(message.contains("virtual time 0s\nlast events:\n"), message);
            assertTrue(message.contains("pair-1/socket-1  write 1"), message);
        }
    }

    @Test
    void anExpectationWaitsAsLongAsItIsToldTo() {
        pair.clock().schedule(Duration.ofMinutes(5), () -> pair.send("late"));
        peer.within(Duration.ofMinutes(6)).expectText("late");
        assertEquals(Duration.ofMinutes(5), pair.clock().elapsed());
    }

    @Test
    void linesAndCountsCanBeTaken() {
        pair.send("GET / HTTP/1.1\r\n\r\nbody");
        assertEquals("GET / HTTP/1.1", peer.receiveLine());
        assertEquals("", peer.receiveLine());
        assertArrayEquals(new byte[] {'b', 'o'}, peer.receive(2).toByteArray());
        assertEquals("dy", peer.take().utf8());
    }

    @Test
    void pairsOnOneClockDoNotMeet() {
        SocketPair other = SocketPair.stream(pair.clock());
        pair.send("a");
        other.send("b");
        peer.expectText("a");
        other.peer().expectText("b").expectNothing();
    }
}
