package dev.meerkat.internal.buffer;

import java.nio.ByteBuffer;

/** Output that takes a frame, its head and its payload, in one go. A connection, for protocols within this library. */
public interface HeadedOutput {
    /**
     * Loop thread. Sends a head and a payload, copied, if there is room for both.
     *
     * @param head the bytes of the head, the first one most significant of the {@code headBytes} lowest
     * @param headBytes how many, 1 to 4
     * @param payload its position moves to its limit, if it is taken
     * @param spare how much of the send limit is to stay free
     * @return false if there is no room, and nothing was taken
     * @throws dev.meerkat.ConnectionClosedException if nothing can be sent any more
     */
    boolean offer(int head, int headBytes, ByteBuffer payload, int spare);
}
