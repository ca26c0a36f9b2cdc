package dev.meerkat.internal.httpio;

import dev.meerkat.EventManager;
import dev.meerkat.ManagerClosedException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;

/**
 * What must be done on the loop in another turn, whatever waits in its mailbox: there is one such thing at a time for
 * each request or call, so that their number is bounded without it.
 */
public final class Later {
    private Later() {}

    /**
     * Any thread. Runs a task on the loop when whatever runs there now has returned, unless the manager is closed
     * before.
     *
     * @param manager whose loop
     * @param task what is to be done
     * @return false if the manager is closed already
     */
    public static boolean run(EventManager manager, Runnable task) {
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
