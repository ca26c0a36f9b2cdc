package dev.meerkat.internal.nio;

import dev.meerkat.runtime.Transport.ReadySink;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;

/**
 * Who watches the sockets of a {@link NioTransport}: a selector of its own, or somebody else's loop. Operations are
 * those of {@link java.nio.channels.SelectionKey}. Belongs to the loop thread, but for {@link #wake}.
 */
interface Watch {
    /** Begins to watch. */
    void add(NioHandle handle, int ops) throws IOException;

    /** Watches for other operations. Nothing happens to a handle that is no longer watched. */
    void change(NioHandle handle, int ops);

    /** Ends it. Comes before the channel is closed, and may come again. */
    void remove(NioHandle handle);

    /** Whether {@link #poll} can wait. */
    boolean canWait();

    /** Tells what is ready; see {@link dev.meerkat.runtime.Transport#poll}. */
    void poll(long waitNanos, ReadySink sink) throws IOException;

    /** Any thread. Ends the present wait or the next one. */
    void wake();

    /** Makes the system let go of channels that were closed. */
    void releaseNow() throws IOException;

    /** As {@link #releaseNow}, now or at the next poll. */
    void releaseSoon() throws IOException;

    /** Ends all watching; answers what is to be closed, in order. */
    List<Closeable> end();
}
