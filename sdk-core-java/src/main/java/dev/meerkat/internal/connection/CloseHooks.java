package dev.meerkat.internal.connection;

import dev.meerkat.CloseHook;
import dev.meerkat.ErrorHook;
import dev.meerkat.ManagerClosedException;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is to run when a manager closes, in the order in which it was registered: a doubly linked list, because hooks
 * come and go as often as coroutines wait. Any thread, but for {@link #run}.
 */
final class CloseHooks {
    /** Five for each connection of a full manager with default options. */
    static final int LIMIT = 1_000_000;

    private final RealEventManager manager;
    private final Node ends = new Node(null);
    private int count;
    private boolean over;

    CloseHooks(RealEventManager manager) {
        this.manager = manager;
        ends.before = ends;
        ends.after = ends;
    }

    synchronized CloseHook add(Runnable task) {
        if (over) {
            throw new ManagerClosedException(manager + " is closed: cannot register what is to run then");
        }
        if (count == LIMIT) {
            throw new IllegalStateException(manager + " has " + LIMIT + " close hooks, the most that are possible");
        }
        Node node = new Node(task);
        Node last = ends.before;
        node.before = last;
        node.after = ends;
        last.after = node;
        ends.before = node;
        count++;
        return node;
    }

    private synchronized boolean remove(Node node) {
        Node before = node.before;
        if (before == node) {
            return false;
        }
        before.after = node.after;
        node.after.before = before;
        node.before = node;
        node.after = node;
        count--;
        return true;
    }

    private synchronized @Nullable Node next() {
        Node first = ends.after;
        if (first == ends) {
            over = true;
            return null;
        }
        return first;
    }

    /** Runs them all, once; those that come meanwhile, too, as long as there are not too many. */
    void run() {
        int most = LIMIT;
        for (Node node = next(); node != null && most > 0; node = next(), most--) {
            if (remove(node)) {
                try {
                    Objects.requireNonNull(node.task).run();
                } catch (Throwable e) {
                    manager.report(ErrorHook.Source.TASK, Optional.empty(), e);
                }
            }
        }
        synchronized (this) {
            over = true;
        }
    }

    private final class Node implements CloseHook {
        private final @Nullable Runnable task;
        private Node before = this;
        private Node after = this;

        Node(@Nullable Runnable task) {
            this.task = task;
        }

        @Override
        public void cancel() {
            boolean unused = remove(this);
        }
    }
}
