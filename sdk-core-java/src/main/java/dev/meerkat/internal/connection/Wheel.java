package dev.meerkat.internal.connection;

import dev.meerkat.ManagerClosedException;
import dev.meerkat.WrongThreadException;
import dev.meerkat.internal.loop.EventLoop;
import dev.meerkat.runtime.ManagerRuntime;
import dev.meerkat.runtime.Transport.Capability;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Who drives a manager, whose it is therefore, and how it comes to rest: closed at the end of a turn if its own thread
 * asks, by whoever asks if nobody drives.
 *
 * <p>Thread ownership: {@link #owner} is whoever drove last, at first the maker; public methods check it.
 * {@link #driver} is held while somebody drives (a turn, a run) or closes, so that two threads never do so at once.
 */
final class Wheel {
    /** How long a thread that closes a foreign manager waits before it looks again whether it may close it itself. */
    private static final long CLOSE_POLL_MILLIS = 10;

    private final RealEventManager manager;
    private final ManagerRuntime runtime;
    private final EventLoop loop;
    private final AtomicReference<@Nullable Thread> driver = new AtomicReference<>();
    private final CountDownLatch terminated = new CountDownLatch(1);
    private volatile Thread owner = Thread.currentThread();
    private volatile boolean stopRequested;
    private volatile boolean closeRequested;
    private boolean started;

    Wheel(RealEventManager manager, ManagerRuntime runtime, EventLoop loop) {
        this.manager = manager;
        this.runtime = runtime;
        this.loop = loop;
    }

    // ---------------------------------------------------------------- driving

    int turn(long maxWaitNanos) {
        take();
        try {
            requireOpen("runOnce");
            return loop.runOnce(maxWaitNanos);
        } finally {
            leave();
        }
    }

    void run() {
        requireBlockingPoll(true, "run");
        take();
        try {
            requireOpen("run");
            // an interrupted thread cannot wait: going on would be a busy loop
            while (!stopRequested && !closeRequested && !Thread.currentThread().isInterrupted()) {
                loop.runOnce(-1);
            }
            stopRequested = false;
        } catch (RuntimeException | Error e) {
            if (started) {
                closeRequested = true; // its thread ends, and what nobody drives must not go on listening
            }
            throw e;
        } finally {
            leave();
        }
    }

    void start() {
        checkThread("EventManager.start");
        requireOpen("start");
        requireBlockingPoll(true, "start");
        if (started) {
            throw new IllegalStateException(manager + " was already started");
        }
        started = true;
        owner = runtime.workers().startLoop(manager.options().name(), new Runnable() {
            @Override
            public void run() { // no lambda at a start, decision 0067
                runOnOwnThread();
            }
        });
    }

    /** Has the caller be the owner while it asks. */
    <T> T held(Supplier<T> question) {
        take();
        try {
            return question.get();
        } finally {
            leave();
        }
    }

    /** Whoever closed the manager before its thread had begun has left nothing to do. */
    private void runOnOwnThread() {
        try {
            run();
        } catch (ManagerClosedException | WrongThreadException e) {
            if (!closeRequested) {
                throw e;
            }
        }
    }

    /** Only one thread drives at a time, and whoever drives owns the manager. */
    private void take() {
        Thread me = Thread.currentThread();
        Thread other = driver.compareAndExchange(null, me);
        if (other == me) {
            throw new IllegalStateException(
                    manager + " is being driven already: a handler, task or timer must not drive it");
        }
        if (other != null) {
            throw new WrongThreadException(
                    "thread " + me.getName() + " cannot drive " + manager + ": thread " + other.getName() + " does");
        }
        owner = me;
    }

    private void leave() {
        if (closeRequested) {
            closeHere();
        }
        driver.set(null);
    }

    void requireBlockingPoll(boolean needed, String what) {
        if (needed && !runtime.transport().capabilities().contains(Capability.BLOCKING_POLL)) {
            throw new IllegalStateException(
                    what + ": " + manager + " is driven from outside, by a virtual world (advance its clock) or by a"
                            + " foreign loop (call its turn)");
        }
    }

    void stop() {
        stopRequested = true;
        loop.wake();
    }

    // ---------------------------------------------------------------- closing

    boolean isClosed() {
        return closeRequested;
    }

    /** Whoever drives closes at the end of this turn. */
    void closeAfterTurn() {
        closeRequested = true;
    }

    void close() {
        closeRequested = true;
        if (driver.get() == Thread.currentThread()) {
            return; // inside a turn: closed at its end
        }
        manager.blocking().threads().excuseCaller();
        loop.wake();
        boolean interrupted = false;
        while (terminated.getCount() > 0) {
            if (driver.compareAndSet(null, Thread.currentThread())) {
                owner = Thread.currentThread();
                leave();
                break;
            }
            try {
                if (terminated.await(CLOSE_POLL_MILLIS, TimeUnit.MILLISECONDS)) {
                    break;
                }
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void closeHere() {
        if (terminated.getCount() == 0) {
            return;
        }
        try {
            manager.endEverything();
        } finally {
            terminated.countDown();
        }
    }

    // ---------------------------------------------------------------- whose it is

    boolean isMine() {
        return Thread.currentThread() == owner;
    }

    void checkThread(String method) {
        Thread caller = Thread.currentThread();
        if (caller != owner) {
            throw new WrongThreadException(method + " was called on thread " + caller.getName() + ", but thread "
                    + owner.getName() + " owns " + manager + "; post a task to it instead");
        }
    }

    void requireOpen(String what) {
        if (closeRequested) {
            throw new ManagerClosedException(manager + " is closed: cannot " + what);
        }
    }
}
