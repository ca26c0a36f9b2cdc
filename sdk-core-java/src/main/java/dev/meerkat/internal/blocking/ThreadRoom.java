package dev.meerkat.internal.blocking;

import org.jspecify.annotations.Nullable;

/** How many threads an acceptor, or the outbound connections of a manager, have and may have. Loop thread only. */
public final class ThreadRoom {
    private final @Nullable Runnable onRoom;
    private int used;

    /**
     * Makes an empty room.
     *
     * @param onRoom is told whenever a thread has ended, if anybody is
     */
    public ThreadRoom(@Nullable Runnable onRoom) {
        this.onRoom = onRoom;
    }

    /**
     * Tells whether one more would be too many.
     *
     * @param limit the most
     * @return whether there is no room
     */
    public boolean isFull(int limit) {
        return used >= limit;
    }

    void enter() {
        used++;
    }

    void leave() {
        used--;
        if (onRoom != null) {
            onRoom.run();
        }
    }
}
