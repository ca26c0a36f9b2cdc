package dev.meerkat.internal.nio;

import dev.meerkat.runtime.WorkerThread;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A thread of the JDK, virtual or not, that runs code which blocks. */
final class NioThread implements WorkerThread, Runnable {
    private final Consumer<WorkerThread> body;
    private final AtomicBoolean permit = new AtomicBoolean();
    private final CountDownLatch ended = new CountDownLatch(1);
    /** Held while the thread is interrupted, so that it is not once the code has ended and the thread serves others. */
    private final ReentrantLock interrupting = new ReentrantLock();
    /** The thread while it runs the code. */
    private volatile @Nullable Thread thread;

    private boolean cancelled;

    NioThread(Consumer<WorkerThread> body) {
        this.body = body;
    }

    @Override
    public void run() {
        interrupting.lock();
        try {
            if (cancelled) {
                return;
            }
            thread = Thread.currentThread();
        } finally {
            interrupting.unlock();
        }
        try {
            body.accept(this);
        } finally {
            interrupting.lock();
            try {
                thread = null;
                boolean unused = Thread.interrupted();
            } finally {
                interrupting.unlock();
            }
            ended.countDown();
        }
    }

    @Override
    public void park(String what, long nanos) throws InterruptedException {
        if (permit.getAndSet(false)) {
            return;
        }
        if (nanos < 0) {
            LockSupport.park(what);
        } else {
            LockSupport.parkNanos(what, nanos);
        }
        if (Thread.interrupted()) {
            throw new InterruptedException(what);
        }
        permit.set(false);
    }

    @Override
    public void unpark() {
        permit.set(true);
        Thread parked = thread;
        if (parked != null) {
            LockSupport.unpark(parked);
        }
    }

    @Override
    public void interrupt() {
        interrupting.lock();
        try {
            Thread running = thread;
            if (running != null) {
                running.interrupt();
            } else if (ended.getCount() > 0) {
                cancelled = true;
                ended.countDown();
            }
        } finally {
            interrupting.unlock();
        }
    }

    @Override
    public boolean join(long nanos) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return ended.await(nanos, TimeUnit.NANOSECONDS);
                } catch (InterruptedException e) {
                    interrupted = true; // closing goes on; whoever was interrupted learns of it afterwards
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public boolean isCurrent() {
        return Thread.currentThread() == thread;
    }

    @Override
    public StackTraceElement[] stackTrace() {
        Thread running = thread;
        return running == null ? new StackTraceElement[0] : running.getStackTrace();
    }
}
