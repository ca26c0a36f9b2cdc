package dev.meerkat.internal.buffer;

import dev.meerkat.event.Bytes;
import java.nio.ByteBuffer;

/** Output that takes frames in one go. A connection, for protocols within this library. */
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

    /**
     * Loop thread, when the handlers of the turn have been called. Writes at once what also goes to others, if it is
     * open and nothing waits that has to leave before.
     *
     * @param shared a buffer outside of the heap, best; its position moves past what has left
     * @param spare how much of the send limit is to stay free
     * @return whether it was tried: then the rest, if there is one, is to be given to {@link #keep}
     */
    boolean writeShared(ByteBuffer shared, int spare);

    /**
     * Loop thread. Keeps the rest of what was written.
     *
     * @param shared what goes to others, too
     * @param from how much of it has left
     */
    void keep(Bytes shared, int from);

    /**
     * Loop thread. Has {@code Drained} told when something has left and no more waits than the low-water mark says: as
     * if it were above the high one.
     *
     * @return false if nothing waits
     */
    boolean expectDrained();

    /**
     * Any thread.
     *
     * @return how many bytes may wait here
     */
    int sendLimit();
}
