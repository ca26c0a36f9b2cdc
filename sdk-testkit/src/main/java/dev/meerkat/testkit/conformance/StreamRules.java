package dev.meerkat.testkit.conformance;

import static dev.meerkat.runtime.Handle.READ;
import static dev.meerkat.runtime.Handle.WRITE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.event.FileRegion;
import dev.meerkat.runtime.StreamHandle;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** What reading and writing do while both directions are open. */
abstract class StreamRules extends Rules {
    @Test // P19
    void writesHaveNoBoundaries() throws IOException {
        eitherWay((ours, peer) -> {
            send(peer, "a".repeat(50));
            send(peer, "b".repeat(50));
            settle();
            awaitReady(ours, READ);
            assertEquals(100, ours.read(ByteBuffer.allocate(200)));
        });
    }

    @Test // P20
    void fullBufferReadsZeroBytesEvenAtTheEndOfInput() throws IOException {
        eitherWay((ours, peer) -> {
            assertEquals(0, ours.read(ByteBuffer.allocate(0)));
            send(peer, "hello");
            peer.close();
            awaitReady(ours, READ);
            assertEquals(0, ours.read(ByteBuffer.allocate(0)));
            expect(ours, "hello");
            await("the end of input", () -> read(ours) < 0);
            assertEquals(0, ours.read(ByteBuffer.allocate(0)));
            assertEquals(-1, read(ours));
        });
    }

    @Test
    void readingFillsFromPositionToLimit() throws IOException {
        eitherWay((ours, peer) -> {
            send(peer, "hello");
            awaitReady(ours, READ);
            ByteBuffer target = bytes("........").position(2).limit(5);
            await("three bytes", () -> {
                ours.read(target);
                return !target.hasRemaining();
            });
            assertEquals(5, target.position());
            assertEquals(bytes("..hel..."), target.clear());
            expect(ours, "lo");
        });
    }

    @Test
    void writingTakesFromPositionToLimit() throws IOException {
        eitherWay((ours, peer) -> {
            ByteBuffer source = bytes("--hello--").position(2).limit(7);
            await("the write", () -> {
                ours.write(source);
                return !source.hasRemaining();
            });
            assertEquals(7, source.position());
            send(ours, "!");
            expect(peer, "hello!");
        });
    }

    @Test
    void writingNothingTakesNothing() throws IOException {
        eitherWay((ours, peer) -> {
            assertEquals(0, ours.write(ByteBuffer.allocate(0)));
            assertEquals(0, ours.write(new ByteBuffer[] {ByteBuffer.allocate(0)}, 0, 1));
            assertEquals(0, ours.write(new ByteBuffer[] {bytes("x")}, 0, 0));
            send(ours, "hello");
            expect(peer, "hello");
        });
    }

    @Test
    void gatheringWriteTakesTheChosenBuffersInOrder() throws IOException {
        eitherWay((ours, peer) -> {
            ByteBuffer[] sources = {
                bytes("not me"),
                bytes("one "),
                ByteBuffer.allocate(0),
                bytes("two "),
                bytes("xthree").position(1),
                bytes("nor me")
            };
            assertEquals(13, ours.write(sources, 1, 4));
            expect(peer, "one two three");
            assertEquals(0, sources[0].position());
            for (int i = 1; i < 5; i++) {
                assertEquals(0, sources[i].remaining());
            }
            assertEquals(0, sources[5].position());
            send(ours, "!");
            expect(peer, "!");
        });
    }

    @Test
    void gatheringWriteStopsWhereTheRoomEnds() throws IOException {
        eitherWay((ours, peer) -> {
            ByteBuffer[] sources = new ByteBuffer[16];
            for (int i = 0; i < sources.length; i++) {
                sources[i] = arena.client().allocate(1 << 20);
            }
            long taken = ours.write(sources, 0, sources.length);
            long moved = 0;
            boolean partial = false;
            for (ByteBuffer source : sources) {
                assertTrue(!partial || source.position() == 0, "a buffer was begun before the one in front was done");
                moved += source.position();
                partial |= source.hasRemaining();
            }
            assertTrue(partial, "16 MiB fit into a socket");
            assertTrue(taken > 0);
            assertEquals(moved, taken);
            drain(peer, taken);
        });
    }

    @Test // P9
    void fullStreamIsWritableAgainOnlyWhenMuchRoomIsFree() throws IOException {
        eitherWay((ours, peer) -> {
            long sent = fill(ours);
            assertTrue(sent > 0);
            assertEquals(0, readinessOf(ours, WRITE));

            drain(peer, 1);
            assertEquals(0, readinessOf(ours, WRITE), "one free byte made it writable");

            drain(peer, sent - 1);
            awaitReady(ours, WRITE);
            send(ours, "more");
            expect(peer, "more");
        });
    }

    @Test
    void oneDirectionMayBeFullWhileTheOtherFlows() throws IOException {
        eitherWay((ours, peer) -> {
            fill(ours);
            send(peer, "hello");
            expect(ours, "hello");
        });
    }

    @Test
    void allocatedMemoryIsZeroedAndUsable() throws IOException {
        eitherWay((ours, peer) -> {
            ByteBuffer memory = arena.client().allocate(1_000);
            assertEquals(1_000, memory.remaining());
            while (memory.hasRemaining()) {
                assertEquals(0, memory.get());
            }
            memory.clear().put(bytes("hello")).flip();
            assertEquals(5, ours.write(memory));
            memory.clear();
            awaitReady(peer, READ);
            assertEquals(5, peer.read(memory));
            assertEquals((byte) 'h', memory.get(0));
        });
    }

    @Test
    void hundredKilobytesMakeTheRoundTripInOddPieces() throws IOException {
        eitherWay((ours, peer) -> {
            byte[] sent = new byte[100_000];
            for (int i = 0; i < sent.length; i++) {
                sent[i] = (byte) (i * 31 + i / 251);
            }
            int[] pieces = {1, 4_099, 2, 997, 7, 13, 16_411, 101};
            ByteBuffer source = ByteBuffer.wrap(sent);
            ByteBuffer echo = ByteBuffer.allocate(3_001);
            ByteBuffer received = ByteBuffer.allocate(sent.length);
            int[] step = {0};
            ours.interest(READ | WRITE);
            peer.interest(READ);
            await("the round trip", () -> {
                int piece = pieces[step[0]++ % pieces.length];
                if ((readiness(ours) & WRITE) != 0) {
                    source.limit(Math.min(sent.length, source.position() + piece));
                    ours.write(source);
                    ours.interest(source.position() < sent.length ? READ | WRITE : READ);
                }
                if ((readiness(peer) & READ) != 0) {
                    peer.read(echo);
                }
                if (echo.position() > 0) {
                    echo.flip();
                    peer.write(echo);
                    echo.compact();
                }
                peer.interest(echo.position() > 0 ? READ | WRITE : READ);
                if ((readiness(ours) & READ) != 0) {
                    received.limit(Math.min(sent.length, received.position() + 2 * piece));
                    ours.read(received);
                }
                return received.position() == sent.length;
            });
            assertArrayEquals(sent, received.array());
        });
    }

    @Test
    void aPartOfAFileIsTakenAsItIsOrNotAtAll() throws IOException {
        byte[] content = new byte[300_000];
        for (int i = 0; i < content.length; i++) {
            content[i] = (byte) (i * 31 + i / 251);
        }
        eitherWay((ours, peer) -> {
            Path path = Files.createTempFile("meerkat", ".file");
            try (FileRegion whole = FileRegion.open(Files.write(path, content))) {
                FileChannel file = whole.file();
                file.position(17);
                long[] done = {0};
                boolean[] refused = {false};
                ByteBuffer received = ByteBuffer.allocate(200_000);
                await("a part of the file", () -> {
                    if (done[0] < received.capacity() && !refused[0]) {
                        long taken = ours.transferFrom(file, 50_000 + done[0], received.capacity() - done[0]);
                        refused[0] = taken < 0;
                        done[0] += Math.max(0, taken);
                    }
                    peer.read(received);
                    return refused[0] || !received.hasRemaining();
                });
                if (refused[0]) {
                    assertEquals(0, received.position(), "taken and refused");
                } else {
                    assertArrayEquals(Arrays.copyOfRange(content, 50_000, 250_000), received.array());
                    assertEquals(0, ours.transferFrom(file, content.length, 1), "behind the end of the file");
                    assertEquals(0, ours.transferFrom(file, content.length + 1, 1), "behind the end of the file");
                    assertEquals(10, ours.transferFrom(file, content.length - 10, 1_000), "more than there is");
                    drain(peer, 10);
                }
                assertEquals(17, file.position(), "the file's own position");
                send(ours, "more");
                expect(peer, "more");
            } finally {
                Files.delete(path);
            }
        });
    }

    /** Writes until nothing more is taken, also after what was taken had time to move on; returns how many bytes. */
    private long fill(StreamHandle stream) throws IOException {
        ByteBuffer chunk = arena.client().allocate(64 * 1024);
        long sum = 0;
        long before;
        do {
            before = sum;
            for (int taken = 1; taken > 0; sum += taken) {
                taken = stream.write(chunk.clear());
            }
            settle();
        } while (sum > before);
        return sum;
    }

    /** Reads exactly so many bytes and forgets them. */
    private void drain(StreamHandle stream, long bytes) throws IOException {
        ByteBuffer target = arena.client().allocate(64 * 1024);
        long[] left = {bytes};
        await("input to drain", () -> {
            target.clear().limit((int) Math.min(target.capacity(), left[0]));
            left[0] -= stream.read(target);
            return left[0] == 0;
        });
    }
}
