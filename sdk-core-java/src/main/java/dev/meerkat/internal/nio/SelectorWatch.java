package dev.meerkat.internal.nio;

import dev.meerkat.runtime.Transport.ReadySink;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A selector that belongs to the transport: what a manager has unless it is driven from outside. */
final class SelectorWatch implements Watch, Consumer<SelectionKey> {
    /**
     * How long {@link #poll} may spin for the sake of precision. A selector counts milliseconds; rounding down wakes
     * too early, rounding up makes a timer late. Up to a tenth of a millisecond, less than what it costs to be put to
     * sleep and woken twice, asking again and again is the better bargain.
     */
    static final long SPIN_NANOS = 100_000;

    /**
     * How many resets leave at once between two polls, the others with the next poll. A release takes a microsecond,
     * but 0.15 ms when 1,024 sockets are ready, so that eight cost the turn about a millisecond at worst.
     */
    private static final int RELEASES_PER_POLL = 8;

    private static final long NANOS_PER_MILLI = 1_000_000;

    private final Selector selector;

    /** Who receives the ready handles during a poll. */
    private @Nullable ReadySink sink;

    /** How often sockets were released since the last poll. */
    private int releases;

    SelectorWatch(Selector selector) {
        this.selector = selector;
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
    public boolean canWait() {
        return true;
    }

    /** A wait is at most 0.9 ms too long, plus what the system needs to wake a thread, and never too short. */
    @Override
    public void poll(long waitNanos, ReadySink target) throws IOException {
        sink = target;
        releases = 0;
        try {
            if (waitNanos < 0) {
                selector.select(this);
            } else if (waitNanos == 0) {
                selector.selectNow(this);
            } else {
                pollFor(waitNanos);
            }
        } finally {
            sink = null;
        }
    }

    /** Waits whole milliseconds in the kernel; a small rest is spun away, a larger one is rounded up. */
    private void pollFor(long waitNanos) throws IOException {
        long millis = waitNanos / NANOS_PER_MILLI;
        long rest = waitNanos % NANOS_PER_MILLI;
        if (rest > SPIN_NANOS) {
            selector.select(this, millis + 1);
            return;
        }
        if (rest == 0) {
            selector.select(this, millis);
            return;
        }
        long deadline = System.nanoTime() + waitNanos;
        int found = millis == 0 ? selector.selectNow(this) : selector.select(this, millis);
        // Whoever returns with more than the rest to go was woken, and that must not be slept over. A wake-up that
        // falls into the rest is swallowed, which does no harm, because the rest is what it waits at most.
        long left = deadline - System.nanoTime();
        while (found == 0 && left > 0 && left <= SPIN_NANOS) {
            Thread.onSpinWait();
            found = selector.selectNow(this);
            left = deadline - System.nanoTime();
        }
    }

    /** Called by the selector for each ready key. Only notes: a selector must not be asked again from in here. */
    @Override
    public void accept(SelectionKey key) {
        ReadySink told = sink;
        if (told != null) {
            NioHandle handle = (NioHandle) key.attachment();
            told.ready(handle, handle.readiness(key.readyOps()));
        }
    }

    @Override
    public void wake() {
        selector.wakeup();
    }

    /**
     * {@inheritDoc}
     *
     * <p>A channel that is closed while it is registered keeps its descriptor until the selector is asked the next
     * time: until then a listener still owns its port and takes connections in, and no reset has left.
     *
     * <p>What the selector finds is thrown away. Readiness is level-triggered and comes again, but a {@link #wake} that
     * was swallowed would not; hence the wake-up, which costs an empty turn at worst.
     */
    @Override
    public void releaseNow() throws IOException {
        if (selector.isOpen()) {
            selector.selectNow(this); // nobody receives it
            selector.wakeup();
        }
    }

    /**
     * {@inheritDoc}
     *
     * <p>At once, or with the next poll when it was done often enough since the last one. Each time, the selector walks
     * through all that is ready, and when a thousand connections die in one turn, a thousand may be ready.
     */
    @Override
    public void releaseSoon() throws IOException {
        if (releases < RELEASES_PER_POLL) {
            releases++;
            releaseNow();
        }
    }

    @Override
    public List<Closeable> end() {
        return Keys.all(selector);
    }
}
