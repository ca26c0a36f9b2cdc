package dev.meerkat.runtime;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;

/** Threads other than the loop's: for work that blocks, and for a loop that runs on a thread of its own. */
public interface Workers {
    /**
     * Runs a task that may block away from the loop.
     *
     * @param task what to run; it must not touch anything that belongs to a loop
     * @param <T> the type of the result
     * @return a future completed on the worker with the task's result or failure; completed exceptionally with a
     *     {@link java.util.concurrent.RejectedExecutionException} if every worker is busy and the queue is full
     */
    <T> CompletableFuture<T> submit(Callable<T> task);

    /**
     * Starts a thread that runs a loop.
     *
     * @param name the thread's name
     * @param loop what the thread runs; the thread ends with it
     * @return the started thread
     * @throws UnsupportedOperationException if this runtime has no threads because a world drives it
     */
    Thread startLoop(String name, Runnable loop);

    /** Ends the idle workers and takes no more tasks. Tasks that have begun are left to finish. */
    void close();
}
