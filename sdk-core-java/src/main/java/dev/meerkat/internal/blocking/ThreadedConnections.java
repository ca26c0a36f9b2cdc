package dev.meerkat.internal.blocking;

import dev.meerkat.BlockingOptions;
import dev.meerkat.ConnectionOptions;
import dev.meerkat.Handler;
import dev.meerkat.runtime.ManagerRuntime;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/** The connections of one manager that have a thread of their own. */
public final class ThreadedConnections {
    private final ManagerRuntime runtime;
    private final LoopSide loop;
    private final ReentrantLock lock = new ReentrantLock();
    /** In the order in which they came. Guarded by the lock: a thread that closes the manager looks for itself. */
    private final LinkedHashSet<Conversation> present = new LinkedHashSet<>();

    /**
     * Makes it, without any.
     *
     * @param runtime threads and time
     * @param loop the manager
     */
    public ThreadedConnections(ManagerRuntime runtime, LoopSide loop) {
        this.runtime = runtime;
        this.loop = loop;
    }

    /**
     * Makes what stands between one connection and its handler. Loop thread.
     *
     * @param handler the program's
     * @param options how it gets its thread
     * @param asked the options of the connection that the program asked for
     * @param room where the thread counts, from now until it has ended
     * @return the handler to give to the connection, this one alone
     */
    public Handler serve(Handler handler, BlockingOptions options, ConnectionOptions asked, ThreadRoom room) {
        Conversation conversation = new Conversation(this, handler, options, asked, room);
        room.enter();
        lock.lock();
        try {
            present.add(conversation);
        } finally {
            lock.unlock();
        }
        return conversation;
    }

    /**
     * The options that such a connection has in truth: it stays open for its thread after the peer has ended its side,
     * and has room for what the thread has handed over when it closes.
     *
     * @param asked what the program asked for
     * @return what to give to the connection
     */
    public static ConnectionOptions real(ConnectionOptions asked) {
        return asked.toBuilder()
                .halfClose(true)
                .sendLimit((int) Math.min((long) asked.sendLimit() + Outgoing.HANDOVER_BYTES, Integer.MAX_VALUE))
                .build();
    }

    /**
     * Tells whether a handler on a thread of its own is so far behind that it would lose a broadcast. Loop thread.
     *
     * @param handler the handler of a connection
     * @return false for a handler that the loop calls
     */
    public static boolean isBehind(Handler handler) {
        return handler instanceof Conversation conversation && conversation.isBehind();
    }

    LoopSide loop() {
        return loop;
    }

    ManagerRuntime runtime() {
        return runtime;
    }

    void ended(Conversation conversation) {
        lock.lock();
        try {
            present.remove(conversation);
        } finally {
            lock.unlock();
        }
    }

    private List<Conversation> snapshot() {
        lock.lock();
        try {
            return List.copyOf(present);
        } finally {
            lock.unlock();
        }
    }

    /** May be called from any thread. If it is one of these, closing the manager does not wait for it. */
    public void excuseCaller() {
        for (Conversation each : snapshot()) {
            each.excuseCaller();
        }
    }

    /** The manager closes: what threads have handed over goes in front of the end. */
    public void flush() {
        for (Conversation each : snapshot()) {
            each.flushAll();
        }
    }

    /** The manager has closed its connections: interrupts every thread, and waits for it as long as its options say. */
    public void close() {
        List<Conversation> left = snapshot();
        for (Conversation each : left) {
            each.interrupt();
        }
        long begun = runtime.time().nanoTime();
        for (Conversation each : left) {
            each.awaitEnd(begun);
        }
    }
}
