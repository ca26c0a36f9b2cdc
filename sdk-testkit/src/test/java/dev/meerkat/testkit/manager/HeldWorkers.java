package dev.meerkat.testkit.manager;

import dev.meerkat.runtime.ManagerRuntime;
import dev.meerkat.runtime.Workers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;

/** Workers as slow as a test wants them: a task is run when the test says so, on its thread. */
final class HeldWorkers implements Workers {
    private record Held<T>(Callable<T> task, CompletableFuture<T> result) {
        void run() {
            try {
                result.complete(task.call());
            } catch (Exception e) {
                result.completeExceptionally(e);
            }
        }
    }

    private final ManagerRuntime runtime;
    private List<Held<?>> held = new ArrayList<>();

    HeldWorkers(ManagerRuntime runtime) {
        this.runtime = runtime;
    }

    ManagerRuntime in() {
        return new ManagerRuntime(
                runtime.transport(), runtime.time(), runtime.resolver(), runtime.entropy(), this, runtime.probe());
    }

    int count() {
        return held.size();
    }

    void runAll() {
        List<Held<?>> now = held;
        held = new ArrayList<>();
        now.forEach(Held::run);
    }

    @Override
    public <T> CompletableFuture<T> submit(Callable<T> task) {
        Held<T> next = new Held<>(task, new CompletableFuture<>());
        held.add(next);
        return next.result();
    }

    @Override
    public Thread startLoop(String name, Runnable loop) {
        return runtime.workers().startLoop(name, loop);
    }

    @Override
    public void close() {
        runtime.workers().close();
    }
}
