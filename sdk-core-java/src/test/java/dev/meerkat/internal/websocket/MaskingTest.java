package dev.meerkat.internal.websocket;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Against a loop that takes byte by byte. */
class MaskingTest {
    private static final int AROUND = 9;

    private static ByteBuffer[] buffers(byte[] content) {
        ByteBuffer[] buffers = new ByteBuffer[4];
        for (int i = 0; i < buffers.length; i++) {
            buffers[i] = (i % 2 == 0 ? ByteBuffer.allocate(content.length) : ByteBuffer.allocateDirect(content.length))
                    .put(content)
                    .clear()
                    .order(i < 2 ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
        }
        return buffers;
    }

    private static byte[] content(ByteBuffer buffer) {
        byte[] content = new byte[buffer.capacity()];
        buffer.get(0, content);
        return content;
    }

    private static byte[] expected(byte[] content, int from, int length, int key) {
        byte[] expected = content.clone();
        for (int i = 0; i < length; i++) {
            expected[from + i] ^= (byte) (key >>> (24 - 8 * (i & 3)));
        }
        return expected;
    }

    @Test
    void everyByteIsMaskedWithItsByteOfTheKeyAndNoOtherIsTouched() {
        SplittableRandom random = new SplittableRandom(1);
        for (int length = 0; length <= 70; length++) {
            for (int from = 0; from < AROUND; from++) {
                byte[] content = new byte[length + 2 * AROUND];
                random.nextBytes(content);
                int key = random.nextInt();
                byte[] expected = expected(content, from, length, key);
                for (ByteBuffer buffer : buffers(content)) {
                    Masking.apply(buffer, from, length, key);
                    assertArrayEquals(expected, content(buffer), length + " from " + from + " in " + buffer);
                    assertEquals(0, buffer.position());
                }
            }
        }
    }

    @Test
    void copyingLeavesTheSourceAlone() {
        SplittableRandom random = new SplittableRandom(2);
        for (int length = 0; length <= 70; length++) {
            byte[] content = new byte[length + 5];
            random.nextBytes(content);
            int key = random.nextInt();
            byte[] whole = expected(content, 3, length, key);
            byte[] expected = new byte[length + 20];
            System.arraycopy(whole, 3, expected, 7, length);
            for (ByteBuffer source : buffers(content)) {
                for (ByteBuffer target : buffers(new byte[length + 20])) {
                    Masking.copy(source.asReadOnlyBuffer().order(source.order()), 3, length, key, target, 7);
                    assertArrayEquals(expected, content(target), length + " " + source + " " + target);
                    assertArrayEquals(content, content(source));
                }
            }
        }
    }

    @Test
    void maskingTwiceChangesNothing() {
        byte[] content = Wire.bytes("a text that is longer than a few words of eight bytes");
        ByteBuffer buffer = ByteBuffer.wrap(content.clone());
        Masking.apply(buffer, 1, content.length - 1, 0xdeadbeef);
        Masking.apply(buffer, 1, content.length - 1, 0xdeadbeef);
        assertArrayEquals(content, buffer.array());
    }

    @Test
    void piecesAreMaskedAsTheWhole() {
        SplittableRandom random = new SplittableRandom(3);
        for (int round = 0; round < 500; round++) {
            byte[] content = new byte[random.nextInt(1, 100)];
            random.nextBytes(content);
            int key = random.nextInt();
            ByteBuffer buffer = ByteBuffer.wrap(content.clone());
            int rest = key;
            for (int at = 0; at < content.length; ) {
                int length = random.nextInt(1, content.length - at + 1);
                Masking.apply(buffer, at, length, rest);
                rest = Masking.after(rest, length);
                at += length;
            }
            assertArrayEquals(expected(content, 0, content.length, key), buffer.array());
        }
    }

    @Test
    void itTellsWhetherTheResultIsAscii() {
        for (int length = 0; length < 40; length++) {
            byte[] ascii = Wire.maskedBytes(new byte[length], Wire.KEY);
            for (ByteBuffer buffer : buffers(ascii)) {
                assertEquals(true, Masking.apply(buffer, 0, length, Wire.KEY));
            }
            for (int at = 0; at < length; at++) {
                byte[] other = ascii.clone();
                other[at] ^= (byte) 0x80;
                for (ByteBuffer buffer : buffers(other)) {
                    assertEquals(false, Masking.apply(buffer, 0, length, Wire.KEY), at + " of " + length);
                }
            }
        }
    }
}
