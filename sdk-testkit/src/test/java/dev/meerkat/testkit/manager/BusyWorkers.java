package dev.meerkat.testkit.manager;

import dev.meerkat.runtime.ManagerRuntime;
import dev.meerkat.runtime.Workers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;

/** Workers that are all busy: they refuse what comes, or have it wait for good. */
final class BusyWorkers implements Workers {
    private final Workers others;
    private final boolean full;
    private final List<Callable<?>> waiting = new ArrayList<>();
    private int refused;

    private BusyWorkers(Workers others, boolean full) {
        this.others = others;
        this.full = full;
    }

    /** The queue is full, too. */
    static BusyWorkers full(ManagerRuntime runtime) {
        return new BusyWorkers(runtime.workers(), true);
    }

    /** The queue has room. */
    static BusyWorkers busy(ManagerRuntime runtime) {
        return new BusyWorkers(runtime.workers(), false);
    }

    ManagerRuntime in(ManagerRuntime runtime) {
        return new ManagerRuntime(
                runtime.transport(), runtime.time(), runtime.resolver(), runtime.entropy(), this, runtime.probe());
    }

    synchronized int refused() {
        return refused;
    }

    synchronized int waiting() {
        return waiting.size();
    }

    /** Runs what waits, as far as it may still be run; nobody hears of the result. */
    synchronized void runLate() throws Exception {
        for (Callable<?> task : waiting) {
            Object unused = task.call();
        }
    }

    @Override
    public synchronized <T> CompletableFuture<T> submit(Callable<T> task) {
        if (full) {
            refused++;
            return CompletableFuture.failedFuture(new RejectedExecutionException("every worker is busy"));
        }
        waiting.add(task);
        return new CompletableFuture<>();
    }

    @Override
    public Thread startLoop(String name, Runnable loop) {
        return others.startLoop(name, loop);
    }

    @Override
    public void close() {
        others.close();
    }
}
