package dev.meerkat.runtime;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

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
     * Tells whether what a task computes is computed while the loop runs. Where there is one processor only, it is not:
     * then it costs more than it gains to hand over what waits for nothing and is done in a millisecond or two.
     * Whatever may wait or take longer comes here all the same.
     *
     * @return true by default
     */
    default boolean computeBesideLoop() {
        return true;
    }

    /**
     * Starts a thread that runs a loop.
     *
     * @param name the thread's name
     * @param loop what the thread runs; the thread ends with it
     * @return the started thread
     * @throws UnsupportedOperationException if this runtime has no threads because a world drives it
     */
    Thread startLoop(String name, Runnable loop);

    /**
     * Starts a thread for code that blocks, one that is not taken from the pool of {@link #submit}: whoever starts them
     * bounds their number. On the JDK it is a virtual thread from JDK 21 on, a platform thread below; in a virtual
     * world one of that world's, which runs when no other does.
     *
     * @param name the thread's name, unless the executor has named it
     * @param executor whose threads to use; null for those of this runtime. A virtual world does not ask it
     * @param body what the thread runs, given the thread itself, before or after this method returns; it must not throw
     * @return the thread
     * @throws java.util.concurrent.RejectedExecutionException if the executor refuses, or the system has no thread left
     * @throws UnsupportedOperationException if this runtime has no such threads
     */
    default WorkerThread startThread(String name, @Nullable Executor executor, Consumer<WorkerThread> body) {
        throw new UnsupportedOperationException("these workers have no threads for code that blocks");
    }

    /** Ends the idle workers and takes no more tasks. Tasks that have begun are left to finish. */
    void close();
}
