package dev.meerkat.internal.nio;

import dev.meerkat.runtime.Resolver;
import dev.meerkat.runtime.Workers;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
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

    /** One question that waits for its turn, and who waits for the answer. */
    private record Waiting<T>(Callable<T> question, CompletableFuture<T> answer) {
        /** What was abandoned meanwhile is not asked any more. */
        int ask() {
            if (answer.isDone()) {
                return 0;
            }
            try {
                answer.complete(question.call());
            } catch (Throwable failure) {
                answer.completeExceptionally(failure);
            }
            return 1;
        }
    }

    private final Workers workers;
    private final LookUp lookUp;
    private final ArrayBlockingQueue<Waiting<?>> waiting = new ArrayBlockingQueue<>(MAX_WAITING);
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
        return ask(() -> new Answer(List.of(addressesOf(name)), TIME_TO_LIVE));
    }

    @Override
    public Lookup lookUp(String name) {
        return new Lookup.Together(Question.cancellable(resolve(name)));
    }

    @Override
    public Question<HostName> reverse(InetAddress address) {
        return Question.cancellable(ask(() -> hostName(nameless(address).getCanonicalHostName(), address)));
    }

    @Override
    public Question<HostName> canonicalHostName() {
        return Question.cancellable(ask(() -> {
            InetAddress local = InetAddress.getLocalHost();
            return hostName(local.getCanonicalHostName(), local);
        }));
    }

    /** The JDK has one exception for two things; the system's sentence tells them apart. */
    private InetAddress[] addressesOf(String name) throws IOException {
        try {
            return lookUp.addresses(name);
        } catch (UnknownHostException failure) {
            String message = failure.getMessage();
            if (message != null && message.toLowerCase(Locale.ROOT).contains("temporary failure")) {
                throw new IOException(message, failure);
            }
            throw failure;
        }
    }

    /** An address that was looked up by name remembers that name, and would answer it. */
    private static InetAddress nameless(InetAddress address) throws UnknownHostException {
        return InetAddress.getByAddress(address.getAddress());
    }

    /** The JDK answers the address itself if it finds no name, or one that does not lead back to the address. */
    private static HostName hostName(String found, InetAddress address) throws UnknownHostException {
        if (found.equals(address.getHostAddress())) {
            throw new UnknownHostException(found + ": no name");
        }
        return new HostName(found, TIME_TO_LIVE);
    }

    private <T> CompletableFuture<T> ask(Callable<T> question) {
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
        for (Waiting<?> next = waiting.poll(); next != null; next = waiting.poll()) {
            answered += next.ask();
        }
        return answered;
    }

    /** Workers who refuse one look-up, being closed or overrun, would refuse every other. */
    private void refuseWaiting(Throwable refused) {
        for (Waiting<?> next = waiting.poll(); next != null; next = waiting.poll()) {
            next.answer.completeExceptionally(refused);
        }
    }
}
