package dev.meerkat.internal.nio;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;

/** The selector of somebody else's loop, which also holds that loop's own channels. */
final class SharedSelectorWatch extends ForeignWatch {
    private final Selector selector;

    SharedSelectorWatch(Selector selector) {
        this.selector = selector;
    }

    @Override
    public boolean note(SelectableChannel channel, int readyOps) {
        SelectionKey key = channel.keyFor(selector);
        if (key == null || !isOurs(key)) {
            return false;
        }
        note((NioHandle) key.attachment(), readyOps);
        return true;
    }

    private boolean isOurs(SelectionKey key) {
        return key.attachment() instanceof NioHandle handle && handle.transport.watch() == this;
    }

    @Override
    public void add(NioHandle handle, int ops) throws IOException {
        Keys.register(handle, selector, ops);
    }

    @Override
    public void change(NioHandle handle, int ops) {
        Keys.change(handle, ops);
    }

    @Override
    public void remove(NioHandle handle) {
        // closing the channel cancels its key
    }

    @Override
    public void wake() {
        selector.wakeup();
    }

    /**
     * {@inheritDoc} Their loop does, when it selects next; ours must not select in its stead, and lose what is found.
     */
    @Override
    public void releaseNow() {
        selector.wakeup();
    }

    @Override
    public void releaseSoon() {
        selector.wakeup();
    }

    @Override
    public List<Closeable> end() {
        List<Closeable> closing = new ArrayList<>();
        if (selector.isOpen()) {
            for (SelectionKey key : selector.keys()) {
                if (isOurs(key)) {
                    closing.add(key.channel());
                }
            }
            closing.add(selector::wakeup);
        }
        return closing;
    }
}
