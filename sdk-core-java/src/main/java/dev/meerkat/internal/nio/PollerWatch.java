package dev.meerkat.internal.nio;

import dev.meerkat.runtime.Poller;
import java.io.Closeable;
import java.nio.channels.SelectableChannel;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;

/** Somebody else's loop, told by callbacks which channels to watch. */
final class PollerWatch extends ForeignWatch {
    /** What the poller knows of a channel. */
    private static final class Watched {
        final NioHandle handle;
        int ops;

        Watched(NioHandle handle, int ops) {
            this.handle = handle;
            this.ops = ops;
        }
    }

    private final Poller poller;
    /** Looked at by whoever notes, who may be the wrong thread; hence synchronized. */
    private final IdentityHashMap<SelectableChannel, Watched> watched = new IdentityHashMap<>();

    PollerWatch(Poller poller) {
        this.poller = poller;
    }

    @Override
    public synchronized boolean note(SelectableChannel channel, int readyOps) {
        Watched found = watched.get(channel);
        if (found == null) {
            return false;
        }
        // a poller that is late may report what it was told not to watch for any longer
        note(found.handle, readyOps & found.ops);
        return true;
    }

    @Override
    public synchronized void add(NioHandle handle, int ops) {
        watched.put(handle.channel(), new Watched(handle, ops));
        poller.add(handle.channel(), ops);
    }

    @Override
    public synchronized void change(NioHandle handle, int ops) {
        Watched found = watched.get(handle.channel());
        if (found == null) {
            return;
        }
        int before = found.ops;
        found.ops = ops;
        int more = ops & ~before;
        int fewer = before & ~ops;
        if (more != 0) {
            poller.enable(handle.channel(), more);
        }
        if (fewer != 0) {
            poller.disable(handle.channel(), fewer);
        }
    }

    @Override
    public synchronized void remove(NioHandle handle) {
        if (watched.remove(handle.channel()) != null) {
            poller.remove(handle.channel());
        }
    }

    @Override
    public void wake() {
        poller.wake();
    }

    /** {@inheritDoc} They were watched by nobody we know of. */
    @Override
    public void releaseNow() {}

    @Override
    public void releaseSoon() {}

    @Override
    public synchronized List<Closeable> end() {
        List<Closeable> closing = new ArrayList<>(watched.keySet());
        watched.clear();
        for (Closeable channel : closing) {
            poller.remove((SelectableChannel) channel);
        }
        return closing;
    }
}
