package dev.meerkat.internal.buffer;

import dev.meerkat.event.Bytes;
import dev.meerkat.event.ReceiveBuffer;
import java.nio.ByteBuffer;
import java.util.Objects;

/** No bytes, for ever. Has no state, not even a search, so that every loop may share it. */
enum EmptyReceiveBuffer implements ReceiveBuffer {
    INSTANCE;

    @Override
    public int size() {
        return 0;
    }

    @Override
    public byte get(int index) {
        throw new IndexOutOfBoundsException(index + " of 0 unread bytes");
    }

    @Override
    public ByteBuffer view() {
        return Bytes.EMPTY.asByteBuffer();
    }

    @Override
    public void discard(int count) {
        requireNone(count);
    }

    @Override
    public int takeInto(ByteBuffer target) {
        Objects.requireNonNull(target, "target");
        return 0;
    }

    @Override
    public Bytes take(int count) {
        requireNone(count);
        return Bytes.EMPTY;
    }

    @Override
    public byte[] takeArray(int count) {
        requireNone(count);
        return new byte[0];
    }

    @Override
    public int indexOf(byte value) {
        return -1;
    }

    @Override
    public int indexOf(Bytes delimiter) {
        if (delimiter.isEmpty()) {
            throw new IllegalArgumentException("a delimiter has at least one byte");
        }
        return -1;
    }

    private static void requireNone(int count) {
        if (count != 0) {
            throw new IndexOutOfBoundsException(count + " of 0 unread bytes");
        }
    }
}
