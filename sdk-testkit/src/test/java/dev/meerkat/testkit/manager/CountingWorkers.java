package dev.meerkat.testkit.manager;

import dev.meerkat.runtime.ManagerRuntime;
import dev.meerkat.runtime.Workers;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/** Sound workers that count what they are given. */
final class CountingWorkers implements Workers {
    private final Workers sound;
    private final AtomicInteger count = new AtomicInteger();
    private boolean computeBesideLoop = true;

    CountingWorkers(ManagerRuntime runtime) {
        sound = runtime.workers();
    }

    ManagerRuntime in(ManagerRuntime runtime) {
        return new ManagerRuntime(
                runtime.transport(), runtime.time(), runtime.resolver(), runtime.entropy(), this, runtime.probe());
    }

    /** How many tasks came since the last call. */
    int takeCount() {
        return count.getAndSet(0);
    }

    /** As if there were one processor only. */
    void haveNoProcessor() {
        computeBesideLoop = false;
    }

    @Override
    public boolean computeBesideLoop() {
        return computeBesideLoop;
    }

    @Override
    public <T> CompletableFuture<T> submit(Callable<T> task) {
        count.incrementAndGet();
        return sound.submit(task);
    }

    @Override
    public Thread startLoop(String name, Runnable loop) {
        return sound.startLoop(name, loop);
    }

    @Override
    public void close() {
        sound.close();
    }
}
