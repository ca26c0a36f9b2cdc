package dev.meerkat.event;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The bytes of a connection that the handler has not yet taken, in order of arrival. Reading methods that say
 * <em>take</em> or <em>discard</em> remove what they read; the others leave it.
 *
 * <p>Borrowed: a buffer, and every view of it, belongs to the handler only until it returns; in a test the bytes are
 * overwritten then. What is to live longer is taken as a copy. Loop thread only.
 */
public interface ReceiveBuffer {
    /**
     * How many bytes there are.
     *
     * @return the number of unread bytes
     */
    int size();

    /**
     * Tells whether there are none.
     *
     * @return true if the size is 0
     */
    default boolean isEmpty() {
        return size() == 0;
    }

    /**
     * The unread byte at an index.
     *
     * @param index 0 for the oldest, to {@code size() - 1}
     * @return the byte
     * @throws IndexOutOfBoundsException if there is no such byte
     */
    byte get(int index);

    /**
     * A view of all unread bytes, without copying and without removing them.
     *
     * @return a read-only buffer, position at the oldest byte, limit after the newest; borrowed
     */
    ByteBuffer view();

    /**
     * Removes the oldest bytes.
     *
     * @param count how many, 0 to {@link #size()}
     * @throws IndexOutOfBoundsException if there are not that many
     */
    void discard(int count);

    /**
     * Moves bytes into a buffer, as many as fit.
     *
     * @param target filled from its position on
     * @return how many bytes were moved
     */
    int takeInto(ByteBuffer target);

    /**
     * Takes the oldest bytes out.
     *
     * @param count how many, 0 to {@link #size()}
     * @return a copy, which the caller may keep
     * @throws IndexOutOfBoundsException if there are not that many
     */
    Bytes take(int count);

    /**
     * Takes all bytes out.
     *
     * @return a copy, which the caller may keep
     */
    default Bytes take() {
        return take(size());
    }

    /**
     * Takes the oldest bytes out into a new array.
     *
     * @param count how many, 0 to {@link #size()}
     * @return a new array of that length
     * @throws IndexOutOfBoundsException if there are not that many
     */
    byte[] takeArray(int count);

    /**
     * Takes all bytes out and reads them as UTF-8; malformed input becomes U+FFFD.
     *
     * @return the text
     */
    default String takeText() {
        return new String(takeArray(size()), StandardCharsets.UTF_8);
    }

    /**
     * Finds a byte. Asking again for the same byte after more has arrived looks at the new bytes only, so that input
     * which drips in costs no more than input which comes at once.
     *
     * @param value the byte
     * @return its index, or -1 if it is not there yet
     */
    int indexOf(byte value);

    /**
     * Finds a sequence of bytes; like {@link #indexOf(byte)} it never looks twice at what cannot match.
     *
     * @param delimiter the sequence, at least one byte
     * @return the index of its first byte, or -1 if it is not there yet
     * @throws IllegalArgumentException if the sequence is empty
     */
    int indexOf(Bytes delimiter);
}
