package dev.meerkat.testkit.manager;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;

/** Other threads than the test's. */
final class Threads {
    private Threads() {}

    /** Runs code on a thread of its own. */
    static <T> CompletableFuture<T> start(Callable<T> code) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                result.complete(code.call());
            } catch (Throwable e) {
                result.completeExceptionally(e);
            }
        });
        thread.start();
        return result;
    }

    /** Runs code on a thread of its own, and waits for its end. */
    static <T> T elsewhere(Callable<T> code) {
        return start(code).join();
    }
}
