package dev.meerkat.internal.httpclient;

import dev.meerkat.EventManager;
import dev.meerkat.ManagerClosedException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;

/** What must be done on the loop in another turn, whatever waits in its mailbox. */
final class Later {
    private Later() {}

    /** Any thread. Runs a task on the loop, unless the manager is closed before; false if it is closed already. */
    static boolean run(EventManager manager, Runnable task) {
        try {
            try {
                manager.post(task);
            } catch (RejectedExecutionException full) {
                anyway(manager, task);
            }
            return true;
        } catch (ManagerClosedException closed) {
            return false; // everything of it has ended
        }
    }

    private static void anyway(EventManager manager, Runnable task) {
        if (manager.inLoop()) {
            manager.schedule(Duration.ofNanos(1), task); // which no mailbox bounds
            return;
        }
        // by way of a worker, since what that has done is told on the loop in any case
        CompletableFuture<Void> unused = manager.<Void>submitBlocking(() -> null)
                .whenComplete((nothing, failure) -> {
                    if (!(failure instanceof ManagerClosedException)) {
                        task.run();
                    }
                });
    }
}
