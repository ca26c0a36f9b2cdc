package dev.meerkat.internal.nio;

import dev.meerkat.runtime.Workers;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;

/**
 * Questions that block whoever asks them, asked by a share of the workers. May be used from any thread.
 *
 * <p>Only some are asked at once, so that the rest of the workers stays free; only some may wait; and one whose future
 * was cancelled meanwhile is skipped.
 */
final class QuestionQueue {
    /** How many questions may wait for their turn: as many as tasks may wait for a worker. */
    static final int MAX_WAITING = NioWorkers.MAX_QUEUED;

    /** One question that waits for its turn, and who waits for the answer. */
    private record Waiting<T>(Callable<T> question, CompletableFuture<T> answer) {
        void ask() {
            if (answer.isDone()) {
                return;
            }
            try {
                answer.complete(question.call());
            } catch (Throwable failure) {
                answer.completeExceptionally(failure);
            }
        }
    }

    private final Workers workers;
    private final ArrayBlockingQueue<Waiting<?>> waiting = new ArrayBlockingQueue<>(MAX_WAITING);
    private final Semaphore mayRun;

    QuestionQueue(Workers workers, int maxRunning) {
        this.workers = workers;
        this.mayRun = new Semaphore(maxRunning);
    }

    <T> CompletableFuture<T> ask(Callable<T> question) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        if (waiting.offer(new Waiting<>(question, answer))) {
            start();
        } else {
            answer.completeExceptionally(
                    new RejectedExecutionException("too many look-ups are waiting: " + MAX_WAITING));
        }
        return answer;
    }

    /**
     * Sends a worker to the waiting if there are some and one more may run. Called whenever a question came or a worker
     * went, so that none is forgotten: whoever finds no permit knows that its holder will come by here.
     */
    private void start() {
        while (!waiting.isEmpty() && mayRun.tryAcquire()) {
            CompletableFuture<Boolean> unused = workers.submit(this::askAll).whenComplete((done, refused) -> {
                mayRun.release();
                if (refused == null) {
                    start();
                } else {
                    refuseWaiting(refused);
                }
            });
        }
    }

    /** Runs on a worker. Never fails, so that a failed submission means that no worker was to be had. */
    private boolean askAll() {
        for (Waiting<?> next = waiting.poll(); next != null; next = waiting.poll()) {
            next.ask();
        }
        return true;
    }

    /** Workers who refuse one question, being closed or overrun, would refuse every other. */
    private void refuseWaiting(Throwable refused) {
        for (Waiting<?> next = waiting.poll(); next != null; next = waiting.poll()) {
            next.answer.completeExceptionally(refused);
        }
    }
}
