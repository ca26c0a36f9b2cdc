package dev.meerkat.event;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A sequence of bytes that never changes. Any number of connections and threads may share one without a copy, which is
 * what a broadcast does. Against {@code byte[]}: it cannot be changed behind a sender's back. Against
 * {@code ByteBuffer}: it has no position to fight over.
 */
public final class Bytes {
    /** No bytes at all. */
    public static final Bytes EMPTY = new Bytes(new byte[0]);

    private final byte[] content;

    private Bytes(byte[] content) {
        this.content = content;
    }

    /**
     * Copies an array.
     *
     * @param source the array
     * @return its bytes
     */
    public static Bytes copyOf(byte[] source) {
        return source.length == 0 ? EMPTY : new Bytes(source.clone());
    }

    /**
     * Copies what remains in a buffer, whose position moves to its limit.
     *
     * @param source the buffer
     * @return its remaining bytes
     */
    public static Bytes copyOf(ByteBuffer source) {
        if (!source.hasRemaining()) {
            return EMPTY;
        }
        byte[] content = new byte[source.remaining()];
        source.get(content);
        return new Bytes(content);
    }

    /**
     * Encodes a text as UTF-8. An unpaired surrogate becomes a question mark.
     *
     * @param text the text
     * @return its bytes
     */
    public static Bytes utf8(CharSequence text) {
        return text.length() == 0 ? EMPTY : new Bytes(text.toString().getBytes(StandardCharsets.UTF_8));
    }

    /**
     * The number of bytes.
     *
     * @return the length
     */
    public int length() {
        return content.length;
    }

    /**
     * Tells whether there are none.
     *
     * @return true if the length is 0
     */
    public boolean isEmpty() {
        return content.length == 0;
    }

    /**
     * The byte at an index.
     *
     * @param index 0 to {@code length() - 1}
     * @return the byte
     * @throws IndexOutOfBoundsException if there is no such byte
     */
    public byte get(int index) {
        return content[index];
    }

    /**
     * A view for reading, position 0, limit at the length; made anew on each call, without copying.
     *
     * @return a read-only buffer
     */
    public ByteBuffer asByteBuffer() {
        return ByteBuffer.wrap(content).asReadOnlyBuffer();
    }

    /**
     * Copies the bytes out.
     *
     * @return a new array
     */
    public byte[] toByteArray() {
        return content.clone();
    }

    /**
     * Reads the bytes as UTF-8; malformed input becomes U+FFFD.
     *
     * @return the text
     */
    public String utf8() {
        return new String(content, StandardCharsets.UTF_8);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Bytes that && Arrays.equals(content, that.content);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(content);
    }

    /** Shows the length and the first bytes in hexadecimal, for logs and test failures. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("Bytes[").append(content.length);
        int shown = Math.min(content.length, 16);
        for (int i = 0; i < shown; i++) {
            text.append(i == 0 ? ": " : " ").append(Character.forDigit(content[i] >> 4 & 15, 16));
            text.append(Character.forDigit(content[i] & 15, 16));
        }
        return text.append(shown < content.length ? " …]" : "]").toString();
    }
}
