package dev.meerkat.internal.nio;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;

/** What all that watch by a selector do with its keys. A channel's end cancels its key. */
final class Keys {
    private Keys() {}

    static void register(NioHandle handle, Selector selector, int ops) throws IOException {
        handle.key = handle.channel().register(selector, ops, handle);
    }

    /** Nothing happens if the key was cancelled. */
    static void change(NioHandle handle, int ops) {
        SelectionKey key = handle.key;
        if (key != null && key.isValid()) {
            key.interestOps(ops);
        }
    }

    /**
     * A selector of ours and all its channels, in the order to close them. The selector goes first: a channel that is
     * registered nowhere is closed in the kernel at once, with a reset if there is unread input.
     */
    static List<Closeable> all(Selector selector) {
        if (!selector.isOpen()) {
            return List.of();
        }
        List<Closeable> closing = new ArrayList<>();
        closing.add(selector);
        for (SelectionKey key : selector.keys()) {
            closing.add(key.channel());
        }
        return closing;
    }
}
