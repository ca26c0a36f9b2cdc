package dev.meerkat.internal.nio;

import dev.meerkat.runtime.Poller;
import dev.meerkat.runtime.Transport.ReadySink;
import java.nio.channels.SelectableChannel;
import java.nio.channels.Selector;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Somebody else looks which channels are ready and notes them here; the next turn serves what was noted. */
public abstract sealed class ForeignWatch implements Watch permits SharedSelectorWatch, PollerWatch, ThreadWatch {
    private @Nullable NioHandle[] handles = new NioHandle[16];
    private int[] ops = new int[16];
    private int count;

    /**
     * Their selector.
     *
     * @param selector whose channels somebody else selects
     * @return a new watch
     */
    public static ForeignWatch sharing(Selector selector) {
        return new SharedSelectorWatch(selector);
    }

    /**
     * Their callbacks.
     *
     * @param poller what is told which channels to watch
     * @return a new watch
     */
    public static ForeignWatch with(Poller poller) {
        return new PollerWatch(poller);
    }

    /**
     * Notes that a channel is ready, for the next poll.
     *
     * @param channel the channel
     * @param readyOps what it is ready for, as in {@link java.nio.channels.SelectionKey}
     * @return false if the channel is not one that this transport has
     */
    public abstract boolean note(SelectableChannel channel, int readyOps);

    /** Synchronized, since nothing has checked yet whether the caller is the one who drives. */
    final synchronized void note(NioHandle handle, int readyOps) {
        if (count == ops.length) {
            handles = Arrays.copyOf(handles, count * 2);
            ops = Arrays.copyOf(ops, count * 2);
        }
        handles[count] = handle;
        ops[count++] = readyOps;
    }

    @Override
    public final boolean canWait() {
        return false;
    }

    @Override
    public final void poll(long waitNanos, ReadySink sink) {
        if (!mayPoll()) {
            return;
        }
        synchronized (this) {
            for (int i = 0; i < count; i++) {
                NioHandle handle = handles[i];
                handles[i] = null;
                if (handle != null && handle.isOpen()) {
                    sink.ready(handle, handle.readiness(ops[i])); // only notes, too
                }
            }
            count = 0;
        }
    }

    /** Whether nobody notes at this moment. */
    boolean mayPoll() {
        return true;
    }
}
