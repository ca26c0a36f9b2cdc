package dev.meerkat.testkit.conformance;

import static dev.meerkat.runtime.Handle.READ;
import static dev.meerkat.runtime.Handle.WRITE;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.meerkat.runtime.SocketOptions;
import dev.meerkat.runtime.StreamHandle;
import dev.meerkat.runtime.Transport.Capability;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import org.junit.jupiter.api.Test;

/** What is left to read and to write when one end has closed, aborted or shut a direction. */
abstract class EndingRules extends Rules {
    @Test // P2
    void firstWriteAfterPeersFinSucceeds() throws IOException {
        eitherWay((ours, peer) -> {
            peer.close();
            awaitReady(ours, READ | WRITE);
            assertEquals(-1, read(ours));
            assertEquals(-1, read(ours));
            assertEquals(5, ours.write(bytes("hello")));
            assertBrokenPipe(awaitFailure("a broken pipe", () -> ours.write(bytes("hello")) < 0));
            assertEquals(-1, read(ours));
        });
    }

    @Test // P3
    void resetIsReadAgainAndAgain() throws IOException {
        assumeTrue(can(Capability.ABORT));
        eitherWay((ours, peer) -> {
            peer.abort();
            awaitReady(ours, READ | WRITE);
            assertReset(assertThrows(SocketException.class, () -> read(ours)));
            assertReset(assertThrows(SocketException.class, () -> read(ours)));
            assertBrokenPipe(assertThrows(IOException.class, () -> ours.write(bytes("hello"))));
        });
    }

    @Test // P3b
    void resetMetByAWriteIsNotReadAnyMore() throws IOException {
        assumeTrue(can(Capability.ABORT));
        eitherWay((ours, peer) -> {
            peer.abort();
            awaitReady(ours, READ | WRITE);
            IOException failure = assertThrows(IOException.class, () -> ours.write(bytes("hello")));
            assertEquals("Connection reset by peer", failure.getMessage());
            assertBrokenPipe(assertThrows(IOException.class, () -> ours.write(bytes("hello"))));
            assertEquals(-1, read(ours));
        });
    }

    @Test // P4
    void closingWithUnreadInputResetsThePeer() throws IOException {
        eitherWay((ours, peer) -> {
            send(ours, "never read");
            awaitReady(peer, READ);
            peer.close();
            awaitReady(ours, READ | WRITE);
            assertReset(assertThrows(SocketException.class, () -> read(ours)));
        });
    }

    @Test
    void closingAfterAllInputWasReadDoesNotReset() throws IOException {
        eitherWay((ours, peer) -> {
            send(ours, "hello");
            expect(peer, "hello");
            send(peer, "last words");
            peer.close();
            expect(ours, "last words");
            await("the end of input", () -> read(ours) < 0);
        });
    }

    @Test // P5
    void whatArrivedBeforeAResetCanBeRead() throws IOException {
        assumeTrue(can(Capability.ABORT));
        eitherWay((ours, peer) -> {
            send(peer, "7 bytes");
            awaitReady(ours, READ);
            peer.abort();
            settle();
            assertEquals(7, read(ours));
            assertReset(awaitFailure("the reset", () -> read(ours) < 0));
        });
    }

    @Test // P6
    void whatWasSentBeforeTheFinIsReadBeforeTheEnd() throws IOException {
        eitherWay((ours, peer) -> {
            send(peer, "7 bytes");
            peer.close();
            awaitReady(ours, READ | WRITE);
            expect(ours, "7 bytes");
            await("the end of input", () -> read(ours) < 0);
        });
    }

    @Test // P7, P18
    void halfCloseStillLetsPeerWrite() throws IOException {
        eitherWay((ours, peer) -> {
            send(peer, "question");
            peer.shutdownOutput();
            expect(ours, "question");
            awaitReady(ours, READ | WRITE);
            assertEquals(-1, read(ours));
            assertThrows(AsynchronousCloseException.class, () -> peer.write(bytes("hello")));
            assertThrows(AsynchronousCloseException.class, () -> peer.write(new ByteBuffer[] {bytes("hello")}, 0, 1));

            send(ours, "answer");
            expect(peer, "answer");
            ours.shutdownOutput();
            await("the end of input", () -> read(peer) < 0);
            assertTrue(ours.isOpen() && peer.isOpen());
        });
    }

    @Test
    void shuttingADirectionTwiceDoesNothing() throws IOException {
        eitherWay((ours, peer) -> {
            ours.shutdownOutput();
            assertDoesNotThrow(ours::shutdownOutput);
            ours.shutdownInput();
            assertDoesNotThrow(ours::shutdownInput);
        });
    }

    @Test // P8
    void afterOwnShutdownOfInputNothingIsRead() throws IOException {
        eitherWay((ours, peer) -> {
            ours.shutdownInput();
            awaitReady(ours, READ | WRITE);
            assertEquals(-1, read(ours));
            send(peer, "hello");
            settle();
            assertEquals(-1, read(ours));
            send(ours, "answer");
            expect(peer, "answer");
        });
    }

    @Test
    void abortAfterTheEndOfInputStillResets() throws IOException {
        assumeTrue(can(Capability.ABORT));
        eitherWay((ours, peer) -> {
            peer.shutdownOutput();
            await("the end of input", () -> read(ours) < 0);
            ours.abort();
            assertReset(awaitFailure("the reset", () -> read(peer) < 0));
        });
    }

    @Test
    void whoWasResetMayCloseOrAbort() throws IOException {
        assumeTrue(can(Capability.ABORT));
        for (boolean abort : new boolean[] {true, false}) {
            eitherWay((ours, peer) -> {
                peer.abort();
                assertReset(awaitFailure("the reset", () -> read(ours) < 0));
                if (abort) {
                    ours.abort();
                } else {
                    ours.close();
                }
                assertFalse(ours.isOpen());
                settle();
                assertEquals(0, readiness(ours));
            });
        }
    }

    @Test
    void abortThrowsAwayWhatWasNotYetSent() throws IOException {
        assumeTrue(can(Capability.ABORT));
        eitherWay((ours, peer) -> {
            ByteBuffer chunk = arena.client().allocate(64 * 1024);
            long[] sent = {0};
            for (int taken = 1; taken > 0; sent[0] += taken) {
                taken = ours.write(chunk.clear());
            }
            ours.abort();
            long[] received = {0};
            assertReset(awaitFailure("the reset", () -> {
                int count = peer.read(chunk.clear());
                assertTrue(count >= 0, "the end of input instead of a reset");
                received[0] += count;
                return false;
            }));
            assertTrue(received[0] < sent[0], "all " + sent[0] + " bytes arrived");
        });
    }

    @Test
    void abortIsOfferedOrRefusedAsTheCapabilitiesSay() throws IOException {
        eitherWay((ours, peer) -> {
            if (can(Capability.ABORT)) {
                ours.abort();
                assertFalse(ours.isOpen());
            } else {
                assertThrows(UnsupportedOperationException.class, ours::abort);
            }
        });
    }

    @Test // P15
    void useAfterOwnCloseFails() throws IOException {
        eitherWay((ours, peer) -> {
            assertTrue(ours.isOpen());
            ours.close();
            assertFalse(ours.isOpen());
            assertThrows(ClosedChannelException.class, () -> read(ours));
            assertThrows(ClosedChannelException.class, () -> ours.write(bytes("hello")));
            assertThrows(ClosedChannelException.class, () -> ours.write(new ByteBuffer[] {bytes("hello")}, 0, 1));
            assertThrows(ClosedChannelException.class, ours::shutdownOutput);
            assertThrows(ClosedChannelException.class, ours::shutdownInput);
            assertThrows(ClosedChannelException.class, ours::finishConnect);
            assertThrows(ClosedChannelException.class, ours::localAddress);
            assertThrows(ClosedChannelException.class, ours::remoteAddress);
        });
    }

    @Test
    void closingTwiceDoesNothing() throws IOException {
        eitherWay((ours, peer) -> {
            ours.close();
            assertDoesNotThrow(ours::close);
            if (can(Capability.ABORT)) {
                assertDoesNotThrow(ours::abort);
                peer.abort();
                assertDoesNotThrow(peer::abort);
                assertDoesNotThrow(peer::close);
            }
        });
    }

    @Test
    void manyResetsOfOneTurnAllArrive() throws IOException {
        assumeTrue(can(Capability.ABORT));
        Ends[] all = new Ends[40];
        for (int i = 0; i < all.length; i++) {
            all[i] = connect();
        }
        for (Ends ends : all) {
            ends.server().abort();
        }
        for (Ends ends : all) {
            assertReset(awaitFailure("the reset", () -> read(ends.client()) < 0));
        }
    }

    @Test
    void streamMayBeClosedOrAbortedWhileItConnects() throws IOException {
        var listener = listen();
        StreamHandle closed = arena.client().connect(listener.localAddress(), SocketOptions.DEFAULT);
        closed.close();
        assertFalse(closed.isOpen());
        assertThrows(ClosedChannelException.class, closed::finishConnect);
        if (can(Capability.ABORT)) {
            StreamHandle aborted = arena.client().connect(listener.localAddress(), SocketOptions.DEFAULT);
            aborted.abort();
            assertFalse(aborted.isOpen());
        }
        settle();
        assertEquals(0, readiness(closed));
    }

    private static void assertReset(IOException failure) {
        assertEquals(SocketException.class, failure.getClass());
        assertEquals("Connection reset", failure.getMessage());
    }

    private static void assertBrokenPipe(IOException failure) {
        assertEquals("Broken pipe", failure.getMessage());
    }
}
