package dev.meerkat.internal.websocket;

import static dev.meerkat.internal.websocket.Compressed.KEEPING;
import static dev.meerkat.internal.websocket.Compressed.PLAIN;
import static dev.meerkat.internal.websocket.Compressed.all;
import static dev.meerkat.internal.websocket.Compressed.deflate;
import static dev.meerkat.internal.websocket.Compressed.message;
import static dev.meerkat.internal.websocket.Compressed.pool;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.event.Bytes;
import dev.meerkat.internal.websocket.Compressed.Receiver;
import dev.meerkat.websocket.CompressionOptions;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MessageDeflaterTest {
    private static final byte[] HELLO = "Hello".getBytes(StandardCharsets.US_ASCII);

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    @Test
    void theExamplesOfTheRfcComeOut() {
        try (MessageDeflater deflater = new MessageDeflater(pool(), KEEPING)) {
            assertEquals("f248cdc9c90700", hex(deflate(deflater, HELLO)));
            assertEquals("f200110000", hex(deflate(deflater, HELLO)), "refers to the first one");
            assertEquals("00", hex(deflate(deflater, new byte[0])), "refers to nothing, and changes nothing");
            assertEquals("02130000", hex(deflate(deflater, HELLO)));
        }
        try (MessageDeflater deflater = new MessageDeflater(pool(), PLAIN)) {
            assertEquals("f248cdc9c90700", hex(deflate(deflater, HELLO)));
            assertEquals("f248cdc9c90700", hex(deflate(deflater, HELLO)), "refers to nothing before");
        }
    }

    @Test
    void everyReceiverUnderstandsWhatComesOutHoweverItWentIn() throws Exception {
        Random random = new Random(7692);
        for (DeflateTerms terms : List.of(PLAIN, KEEPING, new DeflateTerms(true, 9, false))) {
            for (int level = 1; level <= 9; level++) {
                DeflatePool pool = new DeflatePool(all().level(level).build());
                try (MessageDeflater deflater = new MessageDeflater(pool, terms);
                        Receiver receiver = new Receiver()) {
                    for (int length : new int[] {0, 1, 2, 5, 100, 1_000, 40_000, 0, 300, 200_000}) {
                        byte[] message = message(random, length);
                        int piece = 1 + random.nextInt(length / 10 + 1);
                        assertArrayEquals(message, receiver.receive(deflate(deflater, message, piece)));
                        if (!terms.ownContext()) {
                            receiver.forget();
                        }
                    }
                }
            }
        }
    }

    @Test
    void aMessageMayBeHandedOverInAnyTwoPieces() throws Exception {
        byte[] message = message(new Random(1), 300);
        try (MessageDeflater deflater = new MessageDeflater(pool(), KEEPING);
                Receiver receiver = new Receiver()) {
            for (int cut = 0; cut <= message.length; cut++) {
                assertTrue(deflater.begin(message.length));
                ByteArrayOutputStream out = new ByteArrayOutputStream();
                MessageDeflater.Sink sink =
                        (slice, last) -> out.write(slice.array(), slice.position(), slice.remaining());
                deflater.deflate(ByteBuffer.wrap(message, 0, cut).asReadOnlyBuffer(), false, sink);
                deflater.deflate(Compressed.direct(Arrays.copyOfRange(message, cut, message.length)), true, sink);
                assertArrayEquals(message, receiver.receive(out.toByteArray()), "cut at " + cut);
            }
        }
    }

    @Test
    void eachPieceOfAStreamCanBeReadBeforeTheNextOneComes() throws Exception {
        DeflatePool pool = pool();
        try (MessageDeflater deflater = new MessageDeflater(pool, PLAIN);
                MessageInflater inflater = new MessageInflater(pool, PLAIN, Long.MAX_VALUE, 4_096)) {
            assertTrue(deflater.begin(Long.MAX_VALUE));
            List<String> heard = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                boolean end = i == 4;
                ByteArrayOutputStream out = new ByteArrayOutputStream();
                deflater.deflate(
                        ByteBuffer.wrap(("piece " + i).getBytes(StandardCharsets.US_ASCII)),
                        end,
                        (slice, last) -> out.write(slice.array(), slice.position(), slice.remaining()));
                inflater.inflate(ByteBuffer.wrap(out.toByteArray()), true, end, (slice, last) -> {
                    heard.add(StandardCharsets.US_ASCII.decode(slice) + (last ? "." : ""));
                    return true;
                });
            }
            assertEquals(List.of("piece 0", "piece 1", "piece 2", "piece 3", "piece 4."), heard);
        }
    }

    @Test
    void whatIsShortGoesUncompressed() {
        DeflatePool pool = new DeflatePool(CompressionOptions.DEFAULT);
        try (MessageDeflater deflater = new MessageDeflater(pool, PLAIN)) {
            assertFalse(deflater.begin(1_023));
            assertEquals(0, pool.heldBytes());
            assertTrue(deflater.begin(1_024));
        }
        assertEquals(null, pool.compressShared(ByteBuffer.allocate(1_023), 15));
        assertNotNull(pool.compressShared(ByteBuffer.allocate(1_024), 15));
    }

    @Test
    void whatCompressesToOneSliceComesInOne() {
        try (MessageDeflater deflater = new MessageDeflater(pool(), PLAIN)) {
            for (int length : new int[] {0, 1, 16_000, 1 << 20}) {
                assertTrue(deflater.begin(length));
                List<Integer> slices = new ArrayList<>();
                deflater.deflate(ByteBuffer.allocate(length), true, (slice, last) -> slices.add(slice.remaining()));
                assertEquals(1, slices.size(), slices::toString);
            }
        }
    }

    @Test
    void outputOfAnyLengthIsCutIntoSlicesWithoutLosingItsTail() throws Exception {
        // Noise is stored, so that each length around the room for output occurs.
        byte[] noise = new byte[40_000];
        new Random(5).nextBytes(noise);
        try (MessageDeflater deflater = new MessageDeflater(pool(), PLAIN);
                Receiver receiver = new Receiver()) {
            for (int around : new int[] {DeflatePool.SLICE_BYTES, 2 * DeflatePool.SLICE_BYTES}) {
                for (int length = around - 40; length < around + 10; length++) {
                    byte[] message = Arrays.copyOf(noise, length);
                    assertArrayEquals(message, receiver.receive(deflate(deflater, message)));
                    receiver.forget();
                }
            }
        }
    }

    @Test
    void nothingRefersFurtherBackThanThePeersWindow() {
        Random random = new Random(2);
        for (boolean kept : new boolean[] {false, true}) {
            for (int bits = 8; bits <= 15; bits++) {
                int window = 1 << bits;
                // Noise that comes again within a window, or behind it where the compressor would still find it.
                assertEquals(window / 4 * 3, furthest(random, kept, bits, window / 4 * 3));
                assertTrue(furthest(random, kept, bits, window / 2 * 3) <= window, () -> "a window of " + window);
            }
        }
    }

    /** How far back a peer has to look, if the same noise comes again and again. */
    private static int furthest(Random random, boolean kept, int bits, int period) {
        byte[] noise = new byte[period];
        random.nextBytes(noise);
        int at = 0;
        Distances peer = new Distances();
        try (MessageDeflater deflater = new MessageDeflater(pool(), new DeflateTerms(kept, bits, false))) {
            for (int i = 0; i < 40; i++) {
                byte[] message = new byte[random.nextInt(period * 2)];
                for (int j = 0; j < message.length; j++) {
                    message[j] = noise[at++ % noise.length];
                }
                byte[] payload = deflate(deflater, message, 1 + random.nextInt(5_000));
                assertArrayEquals(message, peer.message(payload));
            }
        }
        return peer.furthest();
    }

    /**
     * The rule of decision 0072: whoever was sent a shared message has it in his window, and a context that is kept for
     * him begins anew.
     */
    @Test
    void sharedAndOwnMessagesMayComeInAnyOrder() throws Exception {
        for (int seed = 0; seed < 100; seed++) {
            Random random = new Random(seed);
            int bits = random.nextBoolean() ? 15 : 8 + random.nextInt(8);
            DeflatePool pool = pool();
            Distances slow = new Distances();
            try (MessageDeflater deflater = new MessageDeflater(pool, new DeflateTerms(true, bits, false));
                    Receiver receiver = new Receiver()) {
                byte[] topic = message(random, 3_000);
                for (int i = 0; i < 40; i++) {
                    int from = random.nextInt(1_000);
                    byte[] message = Arrays.copyOfRange(topic, from, from + 200 + random.nextInt(1_800));
                    byte[] payload;
                    switch (random.nextInt(4)) {
                        case 0 -> {
                            Bytes shared = pool.compressShared(ByteBuffer.wrap(message), bits);
                            assertNotNull(shared);
                            deflater.sharedSent();
                            payload = shared.toByteArray();
                        }
                        case 1 -> {
                            continue; // a message that was not compressed is in no window
                        }
                        default -> payload = deflate(deflater, message, 1 + random.nextInt(2_000));
                    }
                    assertArrayEquals(message, receiver.receive(payload), "seed " + seed + ", message " + i);
                    assertArrayEquals(message, slow.message(payload));
                }
            }
            assertTrue(slow.furthest() <= 1 << bits, "seed " + seed + ": " + slow.furthest());
        }
    }

    @Test
    void aContextIsOfUseAgainAfterASharedMessage() {
        DeflatePool pool = pool();
        byte[] message = message(new Random(3), 500);
        try (MessageDeflater deflater = new MessageDeflater(pool, KEEPING)) {
            deflater.sharedSent();
            int alone = deflate(deflater, message).length;
            assertTrue(deflate(deflater, message).length < alone / 4);
            deflater.sharedSent();
            assertEquals(
                    alone, deflate(deflater, message).length, "may not refer to what is older than the shared one");
            assertTrue(deflate(deflater, message).length < alone / 4);
        }
    }

    @Test
    void whatDoesNotBecomeShorterIsNotShared() {
        byte[] noise = new byte[5_000];
        new Random(4).nextBytes(noise);
        DeflatePool pool = pool();
        assertEquals(null, pool.compressShared(ByteBuffer.wrap(noise), 15));
        assertEquals(null, pool.compressShared(ByteBuffer.allocate(0), 15));
        assertEquals(1, pool.idle());
    }

    @Test
    void aSinkMaySendToOthersWhileItIsTold() throws Exception {
        DeflatePool pool = pool();
        byte[] noise = new byte[50_000];
        new Random(6).nextBytes(noise);
        try (MessageDeflater outer = new MessageDeflater(pool, KEEPING);
                MessageDeflater inner = new MessageDeflater(pool, KEEPING);
                Receiver receiver = new Receiver()) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            assertTrue(outer.begin(noise.length));
            outer.deflate(ByteBuffer.wrap(noise), true, (slice, last) -> {
                deflate(inner, HELLO);
                out.write(slice.array(), slice.position(), slice.remaining());
            });
            assertArrayEquals(noise, receiver.receive(out.toByteArray()));
        }
    }

    @Test
    void howLongAPieceMayBecomeIsKnownBefore() {
        byte[] noise = new byte[100_000];
        new Random(7).nextBytes(noise);
        for (int bits : new int[] {8, 9, 12, 15}) {
            for (int level : new int[] {1, 6, 9}) {
                DeflatePool pool = new DeflatePool(all().level(level).build());
                try (MessageDeflater deflater = new MessageDeflater(pool, new DeflateTerms(true, bits, false))) {
                    for (int length = 0; length < noise.length; length += 1 + length / 20) {
                        assertTrue(deflater.begin(length));
                        for (boolean end : new boolean[] {false, true}) {
                            long[] made = new long[1];
                            deflater.deflate(
                                    ByteBuffer.wrap(noise, 0, length),
                                    end,
                                    (slice, last) -> made[0] += slice.remaining());
                            assertTrue(made[0] <= deflater.mostBytes(length), length + " -> " + made[0]);
                        }
                    }
                }
            }
        }
    }

    @Test
    void aSinkMayCloseWhatTellsItAndIsToldNoMore() {
        byte[] noise = new byte[100_000];
        new Random(8).nextBytes(noise);
        for (DeflateTerms terms : List.of(PLAIN, KEEPING, new DeflateTerms(false, 8, false))) {
            DeflatePool pool = pool();
            MessageDeflater deflater = new MessageDeflater(pool, terms);
            assertTrue(deflater.begin(noise.length));
            int[] told = new int[1];
            deflater.deflate(ByteBuffer.wrap(noise), true, (slice, last) -> {
                told[0]++;
                deflater.close();
            });
            assertEquals(1, told[0]);
            assertEquals(terms.ownContext() ? 0 : 1, pool.idle());
            pool.close();
            assertEquals(0, pool.heldBytes());
        }
    }

    @Test
    void callsOutOfTurnAreRefused() {
        MessageDeflater deflater = new MessageDeflater(pool(), KEEPING);
        ByteBuffer input = ByteBuffer.wrap(HELLO);
        assertThrows(IllegalStateException.class, () -> deflater.deflate(input, true, (slice, last) -> {}));
        assertTrue(deflater.begin(5));
        assertThrows(IllegalStateException.class, () -> deflater.begin(5));
        assertThrows(IllegalStateException.class, deflater::sharedSent);
        deflater.deflate(input, true, (slice, last) -> {});
        assertThrows(IllegalStateException.class, () -> deflater.deflate(input, true, (slice, last) -> {}));
        assertTrue(deflater.begin(5));
        deflater.deflate(ByteBuffer.wrap(HELLO), true, (slice, last) -> {
            assertThrows(IllegalStateException.class, () -> deflater.deflate(input, true, (s, l) -> {}));
        });
        deflater.close();
        assertThrows(IllegalStateException.class, () -> deflater.begin(5));
        assertThrows(IllegalStateException.class, () -> deflater.deflate(input, true, (slice, last) -> {}));
        deflater.close();
    }
}
