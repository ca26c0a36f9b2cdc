package dev.meerkat.internal.nio;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A thread that does nothing but wait, for a manager that lives on the thread of an {@link Executor}: it selects, has
 * the executor run a turn, and selects again when that turn is over. The two never work at the same time, save that the
 * executor's thread may call the manager while this one waits; then the wait ends.
 */
public final class ThreadWatch extends ForeignWatch {
    private static final long NANOS_PER_MILLI = 1_000_000;

    /** A turn that could not be run, because another thread drives the manager for instance, is tried again later. */
    private static final Optional<Duration> AFTER_A_FAILURE = Optional.of(Duration.ofMillis(100));

    private final Selector selector;
    private final Semaphore turnIsOver = new Semaphore(0);
    private final Consumer<SelectionKey> collector = this::collect;
    /** Only the executor's thread looks at it. */
    private boolean inTurn;
    /** Handed over by the semaphore. */
    private Optional<Duration> wait = Optional.of(Duration.ZERO);

    private ThreadWatch(Selector selector) {
        this.selector = selector;
    }

    /**
     * Makes one that does not wait yet.
     *
     * @return a new watch
     * @throws IOException if the system is out of descriptors
     */
    public static ThreadWatch open() throws IOException {
        return new ThreadWatch(Selector.open());
    }

    /**
     * Waits and has turns run, until the transport is closed. The body of a thread.
     *
     * @param executor runs the turns
     * @param turn runs one turn and answers how long to wait afterwards
     * @throws IOException if the selector fails
     */
    public void run(Executor executor, Supplier<Optional<Duration>> turn) throws IOException {
        try {
            while (selector.isOpen()) {
                executor.execute(() -> {
                    inTurn = true;
                    wait = AFTER_A_FAILURE;
                    try {
                        wait = turn.get();
                    } finally {
                        inTurn = false;
                        turnIsOver.release();
                    }
                });
                turnIsOver.acquireUninterruptibly();
                select();
            }
        } catch (ClosedSelectorException closedMeanwhile) {
            // the end
        }
    }

    private void select() throws IOException {
        if (wait.isEmpty()) {
            selector.select(collector);
        } else if (wait.get().isZero()) {
            selector.selectNow(collector);
        } else {
            // up, so that no timer is early
            selector.select(collector, (wait.get().toNanos() - 1) / NANOS_PER_MILLI + 1);
        }
    }

    private void collect(SelectionKey key) {
        try {
            note((NioHandle) key.attachment(), key.readyOps());
        } catch (CancelledKeyException closedMeanwhile) {
            // nobody is interested any longer
        }
    }

    /** {@inheritDoc} The other thread does while it selects, which is always but for the turns that it asked for. */
    @Override
    boolean mayPoll() {
        return inTurn;
    }

    @Override
    public boolean note(SelectableChannel channel, int readyOps) {
        throw new UnsupportedOperationException("this manager watches its channels itself");
    }

    @Override
    public void add(NioHandle handle, int ops) throws IOException {
        Keys.register(handle, selector, ops);
        wakeFromOutside();
    }

    @Override
    public void change(NioHandle handle, int ops) {
        Keys.change(handle, ops);
        wakeFromOutside();
    }

    private void wakeFromOutside() {
        if (!inTurn) {
            selector.wakeup();
        }
    }

    @Override
    public void remove(NioHandle handle) {
        // closing the channel cancels its key
    }

    @Override
    public void wake() {
        selector.wakeup();
    }

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
        return Keys.all(selector);
    }
}
