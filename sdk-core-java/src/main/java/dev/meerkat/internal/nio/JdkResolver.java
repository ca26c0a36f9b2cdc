package dev.meerkat.internal.nio;

import dev.meerkat.runtime.Resolver;
import dev.meerkat.runtime.Workers;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;

/**
 * Looks names up as the JDK does, hence by the system's rules (hosts file, search domains), away from the loop. The
 * order of the addresses is the JDK's. May be called from any thread.
 *
 * <p>A look-up blocks its worker, for many seconds if the name server is dead. So only some run at once, and the rest
 * of the workers stays free for other things; only some may wait; and a look-up whose future was cancelled meanwhile is
 * skipped.
 */
final class JdkResolver implements Resolver {
    /** How many look-ups run at once: half of the fewest workers there are. */
    static final int MAX_RUNNING = 4;

    /** How many look-ups may wait for their turn: as many as tasks may wait for a worker. */
    static final int MAX_WAITING = NioWorkers.MAX_QUEUED;

    /**
     * The JDK does not tell how long an answer holds, but it keeps answers itself, for 30 s unless it was configured
     * otherwise. Who asks sooner hears the same again; who keeps an answer longer hears of a change later than need be.
     */
    static final Duration TIME_TO_LIVE = Duration.ofSeconds(30);

    /** Asks for the addresses of a name: {@link InetAddress#getAllByName}, but for tests. */
    @FunctionalInterface
    interface LookUp {
        InetAddress[] addresses(String name) throws UnknownHostException;
    }

    /** One name that waits for its turn, and who waits for its addresses. */
    private record Waiting(String name, CompletableFuture<Answer> answer) {}

    private final Workers workers;
    private final LookUp lookUp;
    private final ArrayBlockingQueue<Waiting> waiting = new ArrayBlockingQueue<>(MAX_WAITING);
    private final Semaphore mayRun = new Semaphore(MAX_RUNNING);

    JdkResolver(Workers workers) {
        this(workers, InetAddress::getAllByName);
    }

    JdkResolver(Workers workers, LookUp lookUp) {
        this.workers = workers;
        this.lookUp = lookUp;
    }

    @Override
    public CompletableFuture<Answer> resolve(String name) {
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        if (waiting.offer(new Waiting(name, answer))) {
            start();
        } else {
            answer.completeExceptionally(
                    new RejectedExecutionException("too many look-ups are waiting: " + MAX_WAITING));
        }
        return answer;
    }

    /**
     * Sends a worker to the waiting if there are some and one more may run. Called whenever a look-up came or a worker
     * went, so that none is forgotten: whoever finds no permit knows that its holder will come by here.
     */
    private void start() {
        while (!waiting.isEmpty() && mayRun.tryAcquire()) {
            CompletableFuture<Integer> unused = workers.submit(this::answerWaiting)
                    .whenComplete((answered, refused) -> {
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
    private int answerWaiting() {
        int answered = 0;
        for (Waiting next = waiting.poll(); next != null; next = waiting.poll()) {
            if (!next.answer.isDone()) {
                answer(next);
                answered++;
            }
        }
        return answered;
    }

    private void answer(Waiting asked) {
        try {
            InetAddress[] addresses = lookUp.addresses(asked.name);
            asked.answer.complete(new Answer(List.of(addresses), TIME_TO_LIVE));
        } catch (Throwable failure) {
            asked.answer.completeExceptionally(failure);
        }
    }

    /** Workers who refuse one look-up, being closed or overrun, would refuse every other. */
    private void refuseWaiting(Throwable refused) {
        for (Waiting next = waiting.poll(); next != null; next = waiting.poll()) {
            next.answer.completeExceptionally(refused);
        }
    }
}
