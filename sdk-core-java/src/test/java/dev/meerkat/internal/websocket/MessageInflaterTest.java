package dev.meerkat.internal.websocket;

import static dev.meerkat.internal.websocket.Compressed.KEEPING;
import static dev.meerkat.internal.websocket.Compressed.PLAIN;
import static dev.meerkat.internal.websocket.Compressed.all;
import static dev.meerkat.internal.websocket.Compressed.deflate;
import static dev.meerkat.internal.websocket.Compressed.direct;
import static dev.meerkat.internal.websocket.Compressed.inflate;
import static dev.meerkat.internal.websocket.Compressed.message;
import static dev.meerkat.internal.websocket.Compressed.pool;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.internal.websocket.DeflateException.Kind;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;

class MessageInflaterTest {
    private static byte[] hex(String bytes) {
        return HexFormat.of().parseHex(bytes.replace(" ", ""));
    }

    private static MessageInflater inflater(DeflateTerms terms) {
        return new MessageInflater(pool(), terms, Long.MAX_VALUE, 64 * 1024);
    }

    private static String text(MessageInflater inflater, String payload) throws DeflateException {
        return new String(inflate(inflater, hex(payload)), StandardCharsets.US_ASCII);
    }

    /** Another peer's compressor: what it makes of a message, without the tail. */
    private static byte[] payload(Deflater deflater, byte[] message, int mode) {
        deflater.setInput(message);
        byte[] room = new byte[message.length * 2 + 100];
        int count = deflater.deflate(room, 0, room.length, mode);
        return Arrays.copyOf(room, count - 4);
    }

    @Test
    void theExamplesOfTheRfcAreUnderstood() throws Exception {
        try (MessageInflater inflater = inflater(KEEPING)) {
            assertEquals("Hello", text(inflater, "f2 48 cd c9 c9 07 00"));
            assertEquals("Hello", text(inflater, "f2 00 11 00 00"), "refers to the first one");
            assertEquals("Hello", text(inflater, "00 05 00 fa ff 48 65 6c 6c 6f 00"), "not compressed");
            assertEquals("Hello", text(inflater, "f2 48 05 00 00 00 ff ff ca c9 c9 07 00"), "two blocks");
            assertEquals("", text(inflater, "00"));
            assertEquals("Hello", text(inflater, "f3 48 cd c9 c9 07 00 00"), "a final block");
            assertEquals("Hello", text(inflater, "f2 48 cd c9 c9 07 00"), "and on");
        }
    }

    @Test
    void finalBlocksMayBeAnywhere() throws Exception {
        for (DeflateTerms terms : new DeflateTerms[] {PLAIN, KEEPING}) {
            try (MessageInflater inflater = inflater(terms)) {
                for (int i = 0; i < 2; i++) {
                    assertEquals("Hello", text(inflater, "f3 48 cd c9 c9 07 00"), "without anything behind it");
                    assertEquals("HelloHello", text(inflater, "f3 48 cd c9 c9 07 00 f2 48 cd c9 c9 07 00"));
                    assertEquals("HelloHello", text(inflater, "f2 48 cd c9 c9 07 00 00 00 ff ff f3 48 cd c9 c9 07 00"));
                    assertEquals("", text(inflater, "01"), "the tail itself is one");
                    assertEquals("", text(inflater, "03 00"), "one without content");
                    assertEquals("", text(inflater, "03 00 03 00 00"));
                    assertEquals("Hello", text(inflater, "03 00 f2 48 cd c9 c9 07 00"));
                }
            }
        }
    }

    @Test
    void behindAFinalBlockTheWindowIsEmpty() throws Exception {
        try (MessageInflater inflater = inflater(KEEPING)) {
            assertEquals("Hello", text(inflater, "f3 48 cd c9 c9 07 00 00"));
            DeflateException e = assertThrows(DeflateException.class, () -> text(inflater, "f2 00 11 00 00"));
            assertEquals(Kind.MALFORMED, e.kind());
        }
    }

    @Test
    void aMessageOfNoBytesAtAllIsEmptyAndChangesNothing() throws Exception {
        try (MessageInflater inflater = inflater(KEEPING)) {
            assertEquals("Hello", text(inflater, "f2 48 cd c9 c9 07 00"));
            assertEquals("", text(inflater, ""));
            assertEquals("Hello", text(inflater, "f2 00 11 00 00"));
        }
    }

    @Test
    void theSameComesOutHoweverItIsCut() throws Exception {
        Random random = new Random(17);
        for (DeflateTerms terms : new DeflateTerms[] {PLAIN, KEEPING}) {
            for (int slice : new int[] {1, 7, 1_000, 1 << 20}) {
                for (int level : new int[] {0, 1, 6, 9}) {
                    Deflater peer = new Deflater(level, true);
                    DeflatePool pool = pool();
                    try (MessageInflater inflater = new MessageInflater(pool, terms, Long.MAX_VALUE, slice)) {
                        for (int length : new int[] {1, 30, 1_000, 70_000}) {
                            byte[] message = message(random, length);
                            byte[] payload = payload(peer, message, Deflater.SYNC_FLUSH);
                            int piece = 1 + random.nextInt(payload.length);
                            boolean greedy = random.nextBoolean();
                            ByteBuffer input = random.nextBoolean()
                                    ? direct(payload)
                                    : ByteBuffer.wrap(payload).asReadOnlyBuffer();
                            assertArrayEquals(message, inflate(inflater, input, piece, greedy));
                            if (!terms.peerContext()) {
                                peer.reset();
                            }
                        }
                    } finally {
                        peer.end();
                    }
                    assertEquals(terms.peerContext() ? 0 : 1, pool.idle());
                }
            }
        }
    }

    @Test
    void aMessageMayComeInAnyTwoPieces() throws Exception {
        byte[] message = message(new Random(1), 900);
        Deflater peer = new Deflater(6, true);
        try (MessageInflater inflater = inflater(KEEPING)) {
            int length = 1;
            for (int cut = 0; cut <= length; cut++) {
                byte[] payload = payload(peer, message, Deflater.FULL_FLUSH);
                length = payload.length;
                ByteArrayOutputStream out = new ByteArrayOutputStream();
                MessageInflater.Sink sink = (slice, last) -> {
                    out.write(slice.array(), slice.position(), slice.remaining());
                    return true;
                };
                assertTrue(inflater.inflate(ByteBuffer.wrap(payload, 0, cut), false, false, sink));
                assertTrue(inflater.inflate(ByteBuffer.wrap(payload, cut, length - cut), false, true, sink));
                assertArrayEquals(message, out.toByteArray(), "cut at " + cut);
            }
        } finally {
            peer.end();
        }
    }

    @Test
    void aSinkThatHasEnoughIsLeftAloneUntilItIsAskedAgain() throws Exception {
        byte[] zeros = new byte[10 * DeflatePool.SLICE_BYTES];
        DeflatePool pool = pool();
        byte[] payload = deflate(new MessageDeflater(pool, PLAIN), zeros);
        int[] heard = new int[2];
        MessageInflater.Sink slow = (slice, last) -> {
            heard[0]++;
            heard[1] += slice.remaining();
            return false;
        };
        try (MessageInflater inflater = new MessageInflater(pool, PLAIN, Long.MAX_VALUE, 1 << 20)) {
            ByteBuffer input = ByteBuffer.wrap(payload);
            for (int i = 1; i <= 10; i++) {
                assertFalse(inflater.inflate(input, false, true, slow));
                assertEquals(i, heard[0]);
                assertEquals(i * DeflatePool.SLICE_BYTES, heard[1]);
            }
            assertTrue(inflater.inflate(input, false, true, slow));
            assertEquals(11, heard[0], "the end");
            assertEquals(zeros.length, heard[1]);
        }
    }

    @Test
    void aMessageMayBecomeAsLongAsItsLimitAndNoLonger() throws Exception {
        DeflatePool pool = pool();
        for (int limit : new int[] {0, 1, 100, DeflatePool.SLICE_BYTES, 100_000}) {
            for (DeflateTerms terms : new DeflateTerms[] {PLAIN, KEEPING}) {
                byte[] fits = deflate(new MessageDeflater(pool, PLAIN), new byte[limit]);
                byte[] exceeds = deflate(new MessageDeflater(pool, PLAIN), new byte[limit + 1]);
                try (MessageInflater inflater = new MessageInflater(pool, terms, limit, 1 << 20)) {
                    assertEquals(limit, inflate(inflater, fits).length);
                    assertEquals(limit, inflate(inflater, fits).length, "of each message");
                    int[] heard = new int[1];
                    DeflateException e = assertThrows(
                            DeflateException.class,
                            () -> inflater.inflate(ByteBuffer.wrap(exceeds), false, true, (slice, last) -> {
                                heard[0] += slice.remaining();
                                return true;
                            }));
                    assertEquals(Kind.TOO_LONG, e.kind());
                    assertTrue(heard[0] <= limit);
                }
            }
        }
    }

    @Test
    void aBombIsFoundBeforeItHasBecomeMuch() throws Exception {
        DeflatePool pool = new DeflatePool(all().inflationRatio(100).build());
        byte[] bomb = deflate(new MessageDeflater(pool, PLAIN), new byte[1 << 28]);
        assertTrue(bomb.length > 200_000);
        try (MessageInflater inflater = new MessageInflater(pool, PLAIN, Long.MAX_VALUE, 1 << 20)) {
            long[] heard = new long[1];
            DeflateException e = assertThrows(
                    DeflateException.class,
                    () -> inflater.inflate(ByteBuffer.wrap(bomb), false, true, (slice, last) -> {
                        heard[0] += slice.remaining();
                        return true;
                    }));
            assertEquals(Kind.INFLATED, e.kind());
            assertTrue(heard[0] <= MessageInflater.UNSUSPECTED_BYTES, () -> heard[0] + " bytes");
        }
    }

    @Test
    void theRatioCountsFromAMebibyteOn() throws Exception {
        for (int extra = 0; extra <= 1; extra++) {
            DeflatePool pool = new DeflatePool(all().inflationRatio(1).build());
            byte[] message = new byte[(int) MessageInflater.UNSUSPECTED_BYTES + extra];
            byte[] payload = deflate(new MessageDeflater(pool, PLAIN), message);
            try (MessageInflater inflater = new MessageInflater(pool, PLAIN, Long.MAX_VALUE, 1 << 20)) {
                if (extra == 0) {
                    assertEquals(message.length, inflate(inflater, payload).length);
                } else {
                    assertThrows(DeflateException.class, () -> inflate(inflater, payload));
                }
            }
        }
        // What did not become shorter is never suspected, however long it is.
        byte[] noise = new byte[3 << 20];
        new Random(1).nextBytes(noise);
        DeflatePool pool = new DeflatePool(all().inflationRatio(1).build());
        byte[] payload = deflate(new MessageDeflater(pool, PLAIN), noise);
        try (MessageInflater inflater = new MessageInflater(pool, PLAIN, Long.MAX_VALUE, 1 << 20)) {
            assertArrayEquals(noise, inflate(inflater, payload));
        }
    }

    @Test
    void corruptBytesAreAViolationOrAnotherMessageAndNothingElse() throws Exception {
        DeflatePool pool = pool();
        byte[] message = message(new Random(11), 2_000);
        byte[] payload = deflate(new MessageDeflater(pool, PLAIN), message);
        int violations = 0;
        for (int at = 0; at < payload.length; at++) {
            for (int bit = 0; bit < 8; bit++) {
                byte[] corrupt = payload.clone();
                corrupt[at] ^= (byte) (1 << bit);
                try (MessageInflater inflater = new MessageInflater(pool, PLAIN, 1 << 20, 1 << 20)) {
                    inflate(inflater, corrupt);
                } catch (DeflateException e) {
                    assertTrue(e.kind() == Kind.MALFORMED || e.kind() == Kind.TOO_LONG, e::getMessage);
                    assertEquals(
                            e.kind() == Kind.MALFORMED ? 1007 : 1009, e.kind().closeCode());
                    violations++;
                }
            }
        }
        assertTrue(violations > payload.length / 2, violations + " of " + payload.length);
        assertTrue(pool.idle() > 0);
        try (MessageInflater inflater = new MessageInflater(pool, PLAIN, 1 << 20, 1 << 20)) {
            assertArrayEquals(message, inflate(inflater, payload), "a context that failed can be used again");
        }
    }

    @Test
    void aMessageThatEndsInTheMiddleOfItsSymbolsIsMalformed() {
        byte[] payload = hex("f2 48 cd c9 c9 07 00");
        for (int length = 1; length < payload.length - 1; length++) {
            byte[] cut = Arrays.copyOf(payload, length);
            try (MessageInflater inflater = inflater(KEEPING)) {
                DeflateException e = assertThrows(DeflateException.class, () -> inflate(inflater, cut));
                assertEquals(Kind.MALFORMED, e.kind());
            }
        }
        try (MessageInflater inflater = inflater(PLAIN)) {
            // A stored block of five bytes of which two came.
            assertThrows(DeflateException.class, () -> inflate(inflater, hex("00 05 00 fa ff 48 65")));
        }
    }

    @Test
    void aTextIsUtf8AndIsStoppedAtTheFirstByteThatIsNot() throws Exception {
        DeflatePool pool = pool();
        byte[] text = "déjà vu 日本 😀".getBytes(StandardCharsets.UTF_8);
        MessageDeflater deflater = new MessageDeflater(pool, PLAIN);
        for (int slice : new int[] {1, 2, 3, 100}) {
            for (int length = 0; length <= text.length; length++) {
                byte[] cut = Arrays.copyOf(text, length);
                boolean whole =
                        Arrays.equals(cut, new String(cut, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8));
                byte[] payload = deflate(deflater, cut);
                try (MessageInflater inflater = new MessageInflater(pool, PLAIN, Long.MAX_VALUE, slice)) {
                    MessageInflater.Sink sink = (piece, last) -> true;
                    inflater.inflate(ByteBuffer.wrap(payload), false, true, sink); // a binary message may be anything
                    if (whole) {
                        inflater.inflate(ByteBuffer.wrap(payload), true, true, sink);
                    } else {
                        DeflateException e = assertThrows(
                                DeflateException.class,
                                () -> inflater.inflate(ByteBuffer.wrap(payload), true, true, sink));
                        assertEquals(Kind.NOT_UTF8, e.kind());
                        assertEquals(1007, e.kind().closeCode());
                    }
                }
            }
            for (int at = 0; at < text.length; at++) {
                byte[] wrong = text.clone();
                wrong[at] = (byte) 0xff;
                byte[] payload = deflate(deflater, wrong);
                try (MessageInflater inflater = new MessageInflater(pool, PLAIN, Long.MAX_VALUE, slice)) {
                    int[] heard = new int[1];
                    DeflateException e = assertThrows(
                            DeflateException.class,
                            () -> inflater.inflate(ByteBuffer.wrap(payload), true, true, (piece, last) -> {
                                heard[0] += piece.remaining();
                                return true;
                            }));
                    assertTrue(e.getMessage().endsWith(" " + at), e::getMessage);
                    assertEquals(at / slice * slice, heard[0]);
                }
            }
        }
    }

    @Test
    void aReferenceToWhatNeverCameIsMalformed() {
        try (MessageInflater inflater = inflater(KEEPING)) {
            assertThrows(DeflateException.class, () -> inflate(inflater, hex("f2 00 11 00 00")));
        }
    }

    @Test
    void ourOwnHalvesUnderstandEachOtherOnAllTerms() throws Exception {
        Random random = new Random(23);
        for (boolean own : new boolean[] {false, true}) {
            for (boolean peer : new boolean[] {false, true}) {
                if (own && !peer) {
                    continue; // then the sender would refer to what the receiver forgets
                }
                for (int bits = 8; bits <= 15; bits++) {
                    DeflatePool pool = pool();
                    try (MessageDeflater deflater = new MessageDeflater(pool, new DeflateTerms(own, bits, false));
                            MessageInflater inflater = new MessageInflater(
                                    pool, new DeflateTerms(false, 15, peer), Long.MAX_VALUE, 1 << 20)) {
                        for (int i = 0; i < 20; i++) {
                            byte[] message = message(random, random.nextInt(20_000));
                            assertArrayEquals(message, inflate(inflater, deflate(deflater, message)));
                        }
                    }
                }
            }
        }
    }

    @Test
    void aSinkMayCloseWhatTellsItAndIsToldNoMore() throws Exception {
        for (DeflateTerms terms : new DeflateTerms[] {PLAIN, KEEPING}) {
            DeflatePool pool = pool();
            byte[] payload = deflate(new MessageDeflater(pool, PLAIN), new byte[100_000]);
            MessageInflater inflater = new MessageInflater(pool, terms, Long.MAX_VALUE, 1_000);
            int[] told = new int[1];
            assertTrue(inflater.inflate(ByteBuffer.wrap(payload), false, true, (slice, last) -> {
                told[0]++;
                assertThrows(
                        IllegalStateException.class,
                        () -> inflater.inflate(ByteBuffer.allocate(0), false, true, (s, l) -> true));
                inflater.close();
                return true;
            }));
            assertEquals(1, told[0]);
            assertEquals(terms.peerContext() ? 1 : 2, pool.idle());
            pool.close();
            assertEquals(0, pool.heldBytes());
        }
    }

    @Test
    void whatIsClosedIsNotUsed() {
        MessageInflater inflater = inflater(KEEPING);
        inflater.close();
        inflater.close();
        assertThrows(IllegalStateException.class, () -> inflate(inflater, hex("00")));
    }
}
