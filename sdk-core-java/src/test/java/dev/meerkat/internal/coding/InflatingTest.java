package dev.meerkat.internal.coding;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.http.Headers;
import dev.meerkat.internal.buffer.ReceiveQueue;
import dev.meerkat.internal.coding.CodingException.Kind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

class InflatingTest {
    private static final byte[] TEXT =
            "the quick meerkat stands upright and watches. ".repeat(50).getBytes(StandardCharsets.US_ASCII);

    private static byte[] gzip(byte[] bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
            zip.write(bytes);
        }
        return out.toByteArray();
    }

    private static byte[] deflate(byte[] bytes, boolean raw) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Deflater deflater = new Deflater(9, raw);
        try (DeflaterOutputStream zip = new DeflaterOutputStream(out, deflater)) {
            zip.write(bytes);
        } finally {
            deflater.end();
        }
        return out.toByteArray();
    }

    private static Inflating inflating(String coding, int ratio) {
        Inflating inflating = Inflating.of(Headers.of("Content-Encoding", coding), ratio);
        assertNotNull(inflating);
        return inflating;
    }

    /** Gives the input in pieces, and little room for the output. */
    private static byte[] inflate(Inflating inflating, byte[] input, int piece, int room) throws CodingException {
        ReceiveQueue lent = new ReceiveQueue();
        lent.lend(ByteBuffer.allocate(0));
        ReceiveQueue queue = lent.keep(1 << 20);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteBuffer step = ByteBuffer.allocate(room);
        for (int from = 0; from < input.length; from += piece) {
            queue.append(ByteBuffer.wrap(input, from, Math.min(piece, input.length - from)));
            while (inflating.inflate(queue, step)) {
                out.write(step.array(), 0, step.position());
                step.clear();
            }
        }
        assertTrue(queue.size() < 10, "left: " + queue.size());
        return out.toByteArray();
    }

    @Test
    void theSameComesOutHoweverItIsCut() throws Exception {
        for (int piece : new int[] {1, 2, 3, 7, 100, 100_000}) {
            for (int room : new int[] {1, 10, 100_000}) {
                for (byte[] zipped : new byte[][] {deflate(TEXT, true), deflate(TEXT, false)}) {
                    Inflating inflating = inflating("deflate", 200);
                    assertArrayEquals(TEXT, inflate(inflating, zipped, piece, room));
                    assertTrue(inflating.isComplete());
                    inflating.close();
                }
                Inflating inflating = inflating("gzip", 200);
                assertArrayEquals(TEXT, inflate(inflating, gzip(TEXT), piece, room));
                assertTrue(inflating.isComplete());
                inflating.close();
            }
        }
    }

    @Test
    void everyOptionalPartOfAGzipHeaderIsPassedOver() throws Exception {
        byte[] plain = gzip(TEXT);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] head = Arrays.copyOf(plain, 10);
        head[3] = 2 | 4 | 8 | 16;
        out.writeBytes(head);
        out.writeBytes(new byte[] {3, 0, 'x', 'y', 'z'});
        out.writeBytes("name\0comment\0".getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(new byte[] {0, 0});
        out.writeBytes(Arrays.copyOfRange(plain, 10, plain.length));
        for (int piece : new int[] {1, 5, 1_000}) {
            assertArrayEquals(TEXT, inflate(inflating("x-gzip", 200), out.toByteArray(), piece, 64));
        }
    }

    @Test
    void severalMembersAreOneBody() throws Exception {
        ByteArrayOutputStream both = new ByteArrayOutputStream();
        both.writeBytes(gzip(TEXT));
        both.writeBytes(gzip("end".getBytes(StandardCharsets.US_ASCII)));
        byte[] expected = (new String(TEXT, StandardCharsets.US_ASCII) + "end").getBytes(StandardCharsets.US_ASCII);
        assertArrayEquals(expected, inflate(inflating("gzip", 200), both.toByteArray(), 11, 64));
    }

    @Test
    void anEmptyBodyIsCompleteAndACutOneIsNot() throws Exception {
        assertTrue(inflating("gzip", 200).isComplete());
        byte[] zipped = gzip(TEXT);
        for (int length = 1; length < zipped.length; length++) {
            Inflating inflating = inflating("gzip", 200);
            byte[] cut = Arrays.copyOf(zipped, length);
            ReceiveQueue queue = new ReceiveQueue();
            queue.lend(ByteBuffer.wrap(cut));
            inflating.inflate(queue, ByteBuffer.allocate(100_000));
            assertFalse(inflating.isComplete() && queue.isEmpty(), "cut at " + length);
            inflating.close();
        }
    }

    @Test
    void whatIsMalformedIsRefused() throws Exception {
        byte[] zipped = gzip(TEXT);
        for (int broken : new int[] {0, 1, 2, 3, 12, zipped.length - 8, zipped.length - 1}) {
            byte[] bytes = zipped.clone();
            bytes[broken] ^= (byte) 0xE4;
            Inflating inflating = inflating("gzip", 200);
            CodingException refused =
                    assertThrows(CodingException.class, () -> inflate(inflating, bytes, 5, 64), "byte " + broken);
            assertEquals(Kind.MALFORMED, refused.kind());
        }
        Inflating behind = inflating("deflate", 200);
        byte[] longer = Arrays.copyOf(deflate(TEXT, false), deflate(TEXT, false).length + 1);
        assertThrows(CodingException.class, () -> inflate(behind, longer, 5, 64));
    }

    @Test
    void growthIsLimitedByRatioBeyondAMebibyte() throws Exception {
        int unsuspected = (int) Inflating.UNSUSPECTED_BYTES;
        assertEquals(unsuspected, inflate(inflating("gzip", 1), gzip(new byte[unsuspected]), 100, 100_000).length);
        CodingException refused = assertThrows(
                CodingException.class,
                () -> inflate(inflating("gzip", 1), gzip(new byte[unsuspected + 1]), 100, 100_000));
        assertEquals(Kind.TOO_LARGE, refused.kind());
        byte[] zipped = gzip(new byte[4 * unsuspected]);
        int ratio = 4 * unsuspected / zipped.length;
        assertEquals(4 * unsuspected, inflate(inflating("gzip", ratio + 20), zipped, 100_000, 100_000).length);
        assertThrows(CodingException.class, () -> inflate(inflating("gzip", ratio / 2), zipped, 100_000, 100_000));
    }

    @Test
    void unknownAndSeveralCodingsAreLeftAlone() {
        assertNull(Inflating.of(Headers.of("Content-Encoding", "br"), 200));
        assertNull(Inflating.of(Headers.of("Content-Encoding", "gzip, gzip"), 200));
        assertNull(Inflating.of(Headers.EMPTY, 200));
    }
}
