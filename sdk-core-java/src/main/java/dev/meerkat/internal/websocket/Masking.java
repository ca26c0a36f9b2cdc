package dev.meerkat.internal.websocket;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Masks and unmasks payloads, which is the same (RFC 6455 §5.3): byte i is combined with byte i mod 4 of the key by an
 * exclusive or. Eight bytes at a time; the last eight are taken as one word that may overlap with the one before, and
 * so no byte is taken alone but in payloads shorter than eight.
 *
 * <p>A key is an int whose most significant byte comes first. Buffers may be direct or not, in either byte order;
 * indices are absolute, positions are not touched, and the order is what it was before.
 */
public final class Masking {
    /** The bit of each byte that no ASCII character has. */
    static final long NOT_ASCII = 0x8080_8080_8080_8080L;

    /**
     * What is copied is masked while it is in the cache that is next to the processor; a multiple of the key's length.
     */
    private static final int BLOCK = 8192;

    private static final boolean LITTLE_ENDIAN = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

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
        if (length < Long.BYTES) {
            return copyFew(buffer, from, length, key, buffer, from);
        }
        ByteOrder order = buffer.order();
        buffer.order(ByteOrder.nativeOrder());
        int last = from + length - Long.BYTES;
        long lastWord = buffer.getLong(last) ^ wide(after(key, length));
        long seen = lastWord | words(buffer, from, last, wide(key));
        buffer.putLong(last, lastWord);
        buffer.order(order);
        return (seen & NOT_ASCII) == 0;
    }

    /**
     * In the order of this machine, so that no word is turned around, and with an index that is that of the buffer, so
     * that the compiler unrolls the loop and checks bounds once: three times as fast as without the one or the other.
     */
    private static long words(ByteBuffer buffer, int from, int to, long key) {
        long seen = 0;
        for (int at = from; at < to; at += Long.BYTES) {
            long word = buffer.getLong(at) ^ key;
            buffer.putLong(at, word);
            seen |= word;
        }
        return seen;
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
            for (int done = 0; done < length; done += BLOCK) {
                int block = Math.min(length - done, BLOCK);
                target.put(to + done, source, from + done, block);
                apply(target, to + done, block, key);
            }
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

    /** A key twice, in the order of this machine. */
    private static long wide(int key) {
        long twice = (key & 0xffff_ffffL) * 0x1_0000_0001L;
        return LITTLE_ENDIAN ? Long.reverseBytes(twice) : twice;
    }
}
