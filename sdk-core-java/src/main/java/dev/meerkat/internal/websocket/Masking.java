package dev.meerkat.internal.websocket;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Masks and unmasks payloads, which is the same (RFC 6455 §5.3): byte i is combined with byte i mod 4 of the key by an
 * exclusive or. Eight bytes at a time; the last eight are taken as one word that may overlap with the one before, and
 * so no byte is taken alone but in payloads shorter than eight.
 *
 * <p>A key is an int whose most significant byte comes first. Buffers may be direct or not, in either byte order;
 * indices are absolute and positions are not touched.
 */
public final class Masking {
    /** The bit of each byte that no ASCII character has. */
    static final long NOT_ASCII = 0x8080_8080_8080_8080L;

    private Masking() {}

    /**
     * Masks bytes in place.
     *
     * @param buffer holds them
     * @param from the index of the first one
     * @param length how many
     * @param key the key, as it is for the first one
     * @return true if all of them are ASCII afterwards, which comes for free
     */
    public static boolean apply(ByteBuffer buffer, int from, int length, int key) {
        return length < Long.BYTES
                ? copyFew(buffer, from, length, key, buffer, from)
                : copyMany(buffer, from, length, key, buffer, from);
    }

    /**
     * Masks bytes while they are copied.
     *
     * @param source holds them; not changed
     * @param from the index of the first one
     * @param length how many
     * @param key the key, as it is for the first one
     * @param target takes them; another buffer, or the same at the same index
     * @param to the index of the first one there
     */
    public static void copy(ByteBuffer source, int from, int length, int key, ByteBuffer target, int to) {
        if (length < Long.BYTES) {
            copyFew(source, from, length, key, target, to);
        } else {
            copyMany(source, from, length, key, target, to);
        }
    }

    /**
     * The key for what follows.
     *
     * @param key the key of the first of these bytes
     * @param length how many
     * @return the key of the byte after them
     */
    public static int after(int key, long length) {
        return Integer.rotateLeft(key, (int) (length & 3) * Byte.SIZE);
    }

    private static boolean copyFew(ByteBuffer source, int from, int length, int key, ByteBuffer target, int to) {
        int rest = key;
        int seen = 0;
        for (int i = 0; i < length; i++) {
            rest = Integer.rotateLeft(rest, Byte.SIZE);
            byte masked = (byte) (source.get(from + i) ^ rest);
            target.put(to + i, masked);
            seen |= masked;
        }
        return (seen & 0x80) == 0;
    }

    private static boolean copyMany(ByteBuffer source, int from, int length, int key, ByteBuffer target, int to) {
        if (source.order() != ByteOrder.BIG_ENDIAN || target.order() != ByteOrder.BIG_ENDIAN) {
            return copyMany(bigEndian(source), from, length, key, bigEndian(target), to);
        }
        long wide = wide(key);
        int last = length - Long.BYTES;
        long lastWord = source.getLong(from + last) ^ wide(after(key, length));
        long seen = lastWord;
        int at = 0;
        for (; at < last; at += Long.BYTES) {
            long word = source.getLong(from + at) ^ wide;
            target.putLong(to + at, word);
            seen |= word;
        }
        target.putLong(to + last, lastWord);
        return (seen & NOT_ASCII) == 0;
    }

    private static ByteBuffer bigEndian(ByteBuffer buffer) {
        return buffer.duplicate();
    }

    private static long wide(int key) {
        return (key & 0xffff_ffffL) * 0x1_0000_0001L;
    }
}
