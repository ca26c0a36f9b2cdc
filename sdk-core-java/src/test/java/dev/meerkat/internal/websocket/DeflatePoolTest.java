package dev.meerkat.internal.websocket;

import static dev.meerkat.internal.websocket.Compressed.KEEPING;
import static dev.meerkat.internal.websocket.Compressed.PLAIN;
import static dev.meerkat.internal.websocket.Compressed.all;
import static dev.meerkat.internal.websocket.Compressed.deflate;
import static dev.meerkat.internal.websocket.Compressed.inflate;
import static dev.meerkat.internal.websocket.Compressed.message;
import static dev.meerkat.websocket.CompressionOptions.DEFLATER_BYTES;
import static dev.meerkat.websocket.CompressionOptions.INFLATER_BYTES;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.internal.websocket.DeflateException.Kind;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class DeflatePoolTest {
    private static DeflatePool pool(long bytes) {
        return new DeflatePool(all().contextBytes(bytes).build());
    }

    private static MessageInflater inflater(DeflatePool pool, DeflateTerms terms) {
        return new MessageInflater(pool, terms, Long.MAX_VALUE, 1 << 20);
    }

    private static void begin(MessageInflater inflater) throws DeflateException {
        inflater.inflate(ByteBuffer.wrap(new byte[] {(byte) 0xf2, 0x48}), false, false, (slice, last) -> true);
    }

    /** What is thrown by a context without memory depends on the JDK. */
    private static void assertEnded(Executable use) {
        assertThrows(RuntimeException.class, use);
    }

    @Test
    void connectionsBetweenMessagesHoldNothing() throws Exception {
        DeflatePool pool = pool(64 << 20);
        List<MessageDeflater> deflaters = new ArrayList<>();
        byte[] message = message(new Random(1), 2_000);
        for (int i = 0; i < 10_000; i++) {
            MessageDeflater deflater = new MessageDeflater(pool, PLAIN);
            MessageInflater inflater = inflater(pool, PLAIN);
            assertArrayEquals(message, inflate(inflater, deflate(deflater, message)));
            deflaters.add(deflater);
        }
        assertEquals(DEFLATER_BYTES + INFLATER_BYTES, pool.heldBytes(), "one of each has served them all");
        assertEquals(2, pool.idle());
    }

    @Test
    void whatIsKeptIsHeldUntilItsConnectionEnds() throws Exception {
        DeflatePool pool = pool(64 << 20);
        MessageDeflater deflater = new MessageDeflater(pool, KEEPING);
        assertEquals(0, pool.heldBytes(), "made when it is used");
        MessageInflater inflater = inflater(pool, KEEPING);
        assertEquals(INFLATER_BYTES, pool.heldBytes(), "promised, since the peer may rely on it");
        byte[] message = message(new Random(1), 2_000);
        for (int i = 0; i < 3; i++) {
            assertArrayEquals(message, inflate(inflater, deflate(deflater, message)));
            assertEquals(DEFLATER_BYTES + INFLATER_BYTES, pool.heldBytes());
            assertEquals(0, pool.idle());
        }
        deflater.close();
        deflater.close();
        assertEquals(INFLATER_BYTES, pool.heldBytes());
        inflater.close();
        inflater.close();
        assertEquals(0, pool.heldBytes());
    }

    @Test
    void closingInTheMiddleOfAMessageGivesBackAtOnce() throws Exception {
        DeflatePool pool = pool(64 << 20);
        for (DeflateTerms terms : List.of(PLAIN, KEEPING)) {
            MessageDeflater deflater = new MessageDeflater(pool, terms);
            assertTrue(deflater.begin(1));
            deflater.deflate(ByteBuffer.wrap(new byte[100]), false, (slice, last) -> {});
            deflater.close();
            MessageInflater inflater = inflater(pool, terms);
            begin(inflater);
            inflater.close();
            assertEquals(DEFLATER_BYTES + INFLATER_BYTES, pool.heldBytes());
            assertEquals(2, pool.idle(), "those of the first round");
        }
    }

    @Test
    void allMemoryIsGivenBackInTheEndExactlyOnce() throws Exception {
        Random random = new Random(9);
        for (int round = 0; round < 50; round++) {
            DeflatePool pool = pool((4L + random.nextInt(8)) * DEFLATER_BYTES);
            List<AutoCloseable> open = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                DeflateTerms terms =
                        new DeflateTerms(random.nextBoolean(), 8 + random.nextInt(8), random.nextBoolean());
                MessageDeflater deflater = new MessageDeflater(pool, terms);
                MessageInflater inflater = inflater(pool, terms);
                open.add(deflater);
                open.add(inflater);
                if (deflater.begin(10) && random.nextBoolean()) {
                    deflater.deflate(ByteBuffer.wrap(message(random, 50)), random.nextBoolean(), (slice, last) -> {});
                }
                try {
                    begin(inflater);
                    if (random.nextBoolean()) {
                        inflater.inflate(ByteBuffer.wrap(new byte[] {-1, -1, -1}), false, true, (slice, last) -> true);
                    }
                } catch (DeflateException e) {
                    // Malformed, or there was no room; both leave something behind or not.
                }
                assertTrue(pool.heldBytes() <= pool.options().contextBytes());
                assertTrue(pool.idle() <= 2 * DeflatePool.MOST_IDLE);
                if (random.nextBoolean()) {
                    open.remove(random.nextInt(open.size())).close();
                }
            }
            boolean poolFirst = random.nextBoolean();
            if (poolFirst) {
                pool.close();
            }
            for (AutoCloseable each : open) {
                each.close();
            }
            pool.close();
            assertEquals(0, pool.heldBytes());
            assertEquals(0, pool.idle());
        }
    }

    @Test
    void whatIsEndedIsReallyEnded() {
        DeflatePool pool = pool(64 << 20);
        Deflater deflater = pool.lendDeflater();
        Inflater inflater = pool.lendInflater();
        pool.giveBack(deflater);
        pool.giveBack(inflater);
        assertSame(deflater, pool.lendDeflater());
        assertSame(inflater, pool.lendInflater());
        pool.giveBack(inflater);
        pool.close();
        assertEnded(inflater::getBytesRead);
        assertEquals(0, deflater.getBytesRead(), "lent, and ended when it comes back");
        pool.giveBack(deflater);
        assertEnded(deflater::getBytesRead);
    }

    @Test
    void onlySoManyWaitForTheNextMessage() {
        DeflatePool pool = pool(64 << 20);
        List<Deflater> deflaters = new ArrayList<>();
        List<Inflater> inflaters = new ArrayList<>();
        for (int i = 0; i <= DeflatePool.MOST_IDLE; i++) {
            deflaters.add(pool.lendDeflater());
            inflaters.add(pool.lendInflater());
        }
        deflaters.forEach(pool::giveBack);
        assertEquals(DeflatePool.MOST_IDLE, pool.idle());
        inflaters.forEach(pool::giveBack);
        assertEquals(2 * DeflatePool.MOST_IDLE, pool.idle());
        assertEquals((long) DeflatePool.MOST_IDLE * (DEFLATER_BYTES + INFLATER_BYTES), pool.heldBytes());
    }

    @Test
    void withoutRoomMessagesLeaveUncompressedAndNoneIsDecompressed() throws Exception {
        DeflatePool pool = pool(DEFLATER_BYTES + INFLATER_BYTES);
        MessageDeflater first = new MessageDeflater(pool, PLAIN);
        MessageDeflater second = new MessageDeflater(pool, PLAIN);
        MessageInflater third = inflater(pool, PLAIN);
        MessageInflater fourth = inflater(pool, PLAIN);
        assertTrue(first.begin(1));
        assertFalse(second.begin(1));
        assertNull(pool.compressShared(ByteBuffer.allocate(5_000), 15));
        begin(third);
        DeflateException e = assertThrows(DeflateException.class, () -> begin(fourth));
        assertEquals(Kind.NO_CONTEXT, e.kind());
        assertEquals(1013, e.kind().closeCode());
        first.close();
        assertTrue(second.begin(1));
        third.close();
        begin(inflater(pool, PLAIN));
    }

    @Test
    void whatWaitsMakesRoomForTheOtherKind() throws Exception {
        DeflatePool pool = pool(DEFLATER_BYTES + INFLATER_BYTES);
        Deflater waiting = pool.lendDeflater();
        pool.giveBack(waiting);
        begin(inflater(pool, PLAIN));
        begin(inflater(pool, PLAIN));
        assertEnded(waiting::getBytesRead);
        assertEquals(2 * INFLATER_BYTES, pool.heldBytes());
    }

    @Test
    void halfOfTheMemoryIsForKeepingAndWhoComesLaterKeepsNothing() throws Exception {
        DeflatePool pool = pool(4L * DEFLATER_BYTES + 10);
        MessageDeflater[] deflaters = new MessageDeflater[3];
        byte[] message = message(new Random(1), 2_000);
        int[] lengths = new int[3];
        for (int i = 0; i < 3; i++) {
            deflaters[i] = new MessageDeflater(pool, KEEPING);
            deflate(deflaters[i], message);
            lengths[i] = deflate(deflaters[i], message).length;
        }
        assertEquals(lengths[0], lengths[1]);
        assertTrue(lengths[2] > 4 * lengths[0], "the third begins anew with each message");
        assertFalse(pool.mayKeep());
        deflaters[0].close();
        assertTrue(pool.mayKeep());
        deflate(deflaters[2], message);
        assertEquals(lengths[0], deflate(deflaters[2], message).length, "there is room for it now");
    }

    @Test
    void roomToKeepIsAskedForOneAtATime() {
        DeflatePool pool = pool(20L * INFLATER_BYTES);
        for (int i = 0; i < 10; i++) {
            assertTrue(pool.mayKeep());
            inflater(pool, KEEPING);
        }
        assertFalse(pool.mayKeep());
        assertEquals(10 * INFLATER_BYTES, pool.heldBytes());
        MessageInflater late = inflater(pool, KEEPING); // a client whose handshake was under way
        assertEquals(10 * INFLATER_BYTES, pool.heldBytes());
        assertThrows(DeflateException.class, () -> begin(late));
        late.close();
        assertEquals(10 * INFLATER_BYTES, pool.heldBytes());
    }

    @Test
    void roomForOutputIsSharedButNotByTwoAtATime() {
        DeflatePool pool = pool(64 << 20);
        ByteBuffer first = pool.takeScratch();
        ByteBuffer second = pool.takeScratch();
        assertNotSame(first, second);
        pool.giveScratch(first);
        assertSame(first, pool.takeScratch());
    }
}
