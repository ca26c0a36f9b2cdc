package dev.meerkat.internal.connection;

import dev.meerkat.BroadcastLimitException;
import dev.meerkat.BroadcastResult;
import dev.meerkat.CloseHook;
import dev.meerkat.ConnectOptions;
import dev.meerkat.Connection;
import dev.meerkat.ErrorHook;
import dev.meerkat.EventManager;
import dev.meerkat.EventManagerGroup;
import dev.meerkat.GroupAcceptor;
import dev.meerkat.GroupStatistics;
import dev.meerkat.Handler;
import dev.meerkat.ListenOptions;
import dev.meerkat.ManagerClosedException;
import dev.meerkat.ManagerOptions;
import dev.meerkat.ManagerStatistics;
import dev.meerkat.ShutdownResult;
import dev.meerkat.Spread;
import dev.meerkat.event.Bytes;
import dev.meerkat.internal.nio.NioRuntime;
import dev.meerkat.internal.nio.NioWorkers;
import dev.meerkat.runtime.Workers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Managers side by side. It has no lock and no thread of its own: it asks each, and adds up the answers. */
public final class RealGroup implements EventManagerGroup {
    private final List<RealEventManager> managers;
    private final Spread spread;
    private final @Nullable Workers workers;
    private final AtomicInteger turn = new AtomicInteger();
    private final AtomicInteger living;
    private volatile boolean ending;

    private RealGroup(List<RealEventManager> managers, Spread spread, @Nullable Workers workers) {
        this.managers = List.copyOf(managers);
        this.spread = spread;
        this.workers = workers;
        this.living = new AtomicInteger(managers.size());
        for (RealEventManager each : managers) {
            CloseHook unused = each.onClose(
                    new Runnable() { // no lambda at a start, decision 0067
                        @Override
                        public void run() {
                            closed(each);
                        }
                    });
        }
    }

    /**
     * Makes a group on the JDK's sockets.
     *
     * @param asked how many managers, or 0 for as many as processors
     * @param options of each; the names are numbered
     * @param spread how connections come to them
     * @return a new group
     */
    public static EventManagerGroup create(int asked, ManagerOptions options, Spread spread) {
        int count = asked > 0 ? asked : NioRuntime.processors();
        Workers shared = new NioWorkers(options.name());
        List<RealEventManager> made = new ArrayList<>();
        boolean done = false;
        try {
            for (int i = 1; i <= count; i++) {
                String name = options.name() + "-" + i;
                made.add((RealEventManager) EventManager.builder()
                        .options(options.toBuilder().name(name).build())
                        .runtime(NioRuntime.create(shared))
                        .build());
            }
            done = true;
            return new RealGroup(made, spread, shared);
        } finally {
            if (!done) {
                made.forEach(EventManager::close);
                shared.close();
            }
        }
    }

    /**
     * Makes a group of managers that there are.
     *
     * @param managers at least one
     * @param spread how connections come to them
     * @return a new group
     */
    public static EventManagerGroup of(List<EventManager> managers, Spread spread) {
        if (managers.isEmpty()) {
            throw new IllegalArgumentException("a group needs at least one manager");
        }
        return new RealGroup(managers.stream().map(RealEventManager.class::cast).toList(), spread, null);
    }

    /** On the manager's thread, as the last thing that it does. */
    private void closed(RealEventManager manager) {
        int left = living.decrementAndGet();
        if (!ending && !manager.isShuttingDown()) {
            manager.report(
                    ErrorHook.Source.GROUP,
                    Optional.empty(),
                    new ManagerClosedException(
                            manager + " was closed while its group goes on with " + left + " others"));
        }
        Workers shared = workers;
        if (left == 0 && shared != null) {
            shared.close();
        }
    }

    // ---------------------------------------------------------------- whose turn it is

    @Override
    public List<EventManager> managers() {
        return List.copyOf(managers);
    }

    @Override
    public RealEventManager next() {
        for (int i = 0; i < managers.size(); i++) {
            RealEventManager manager = managers.get(Math.floorMod(turn.getAndIncrement(), managers.size()));
            if (!manager.isClosed()) {
                return manager;
            }
        }
        throw new ManagerClosedException("every manager of " + this + " is closed");
    }

    private List<RealEventManager> living() {
        List<RealEventManager> living = new ArrayList<>();
        for (RealEventManager each : managers) {
            if (!each.isClosed()) {
                living.add(each);
            }
        }
        return living;
    }

    @Override
    public EventManagerGroup start() {
        for (RealEventManager each : managers) {
            each.start();
        }
        return this;
    }

    /** Nothing new is to begin. */
    boolean isEnding() {
        return ending;
    }

    // ---------------------------------------------------------------- listening and connecting

    @Override
    public GroupAcceptor listen(String address, ListenOptions options, Handler handler) {
        Objects.requireNonNull(handler, "handler");
        return listenEach(
                address,
                options,
                new Function<>() { // no lambda at a start, decision 0067
                    @Override
                    public Handler apply(EventManager manager) {
                        return handler;
                    }
                });
    }

    @Override
    public GroupAcceptor listenEach(String address, ListenOptions options, Function<EventManager, Handler> handlers) {
        Objects.requireNonNull(handlers, "handlers");
        List<RealEventManager> present = living();
        if (present.isEmpty() || ending) {
            throw new ManagerClosedException(this + " is closed: cannot listen");
        }
        if (isHalfMine(present)) {
            throw new IllegalStateException(this + ": a loop thread must not wait for the others; listen elsewhere");
        }
        return RealGroupAcceptor.listen(present, address, options, handlers, spread, this);
    }

    private static boolean isHalfMine(List<RealEventManager> present) {
        int mine = 0;
        for (RealEventManager each : present) {
            mine += each.inLoop() ? 1 : 0;
        }
        return mine > 0 && mine < present.size();
    }

    /** Has a manager's thread do something, and waits for it unless it is this one. */
    static <T> T on(RealEventManager manager, Callable<T> task) {
        try {
            return manager.inLoop() ? task.call() : manager.submit(task).join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new CompletionException(e);
        }
    }

    @Override
    public CompletableFuture<Connection> connect(String address, ConnectOptions options, Handler handler) {
        RealEventManager manager = next();
        return ask(manager, () -> manager.connect(address, options, handler));
    }

    private static <T> CompletableFuture<T> ask(RealEventManager manager, Callable<T> question) {
        if (!manager.inLoop()) {
            return manager.submit(question);
        }
        try {
            return CompletableFuture.completedFuture(question.call());
        } catch (Exception e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    // ---------------------------------------------------------------- all of them

    @Override
    public void post(Runnable task) {
        next().post(task);
    }

    @Override
    public void postAll(Runnable task) {
        Objects.requireNonNull(task, "task");
        RejectedExecutionException refusal = null;
        for (RealEventManager each : living()) {
            try {
                each.post(task);
            } catch (ManagerClosedException closedMeanwhile) {
                // as if it had been closed before
            } catch (RejectedExecutionException full) {
                refusal = full;
            }
        }
        if (refusal != null) {
            throw refusal;
        }
    }

    @Override
    public CompletableFuture<BroadcastResult> broadcast(Bytes message, Predicate<Connection> filter) {
        Objects.requireNonNull(filter, "filter");
        for (RealEventManager each : managers) {
            if (message.length() > each.options().broadcastLimit()) {
                throw new BroadcastLimitException("a broadcast of " + message.length()
                        + " bytes is larger than the limit of " + each.options().broadcastLimit() + " bytes");
            }
        }
        return merged(
                new BroadcastResult(0, 0, 0),
                each -> each.broadcast(message, filter),
                (a, b) -> new BroadcastResult(
                        a.delivered() + b.delivered(), a.dropped() + b.dropped(), a.closed() + b.closed()));
    }

    @Override
    public CompletableFuture<List<Connection>> connections() {
        return merged(List.<Connection>of(), each -> ask(each, each::connections), (a, b) -> {
            List<Connection> both = new ArrayList<>(a);
            both.addAll(b);
            return both;
        });
    }

    @Override
    public CompletableFuture<GroupStatistics> statistics() {
        List<CompletableFuture<ManagerStatistics>> answers = new ArrayList<>();
        for (RealEventManager each : managers) {
            answers.add(answer(each, ManagerStatistics.ZERO, manager -> ask(manager, manager::statistics)));
        }
        return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                .thenApply(all -> GroupStatistics.of(
                        answers.stream().map(CompletableFuture::join).toList()));
    }

    @Override
    public CompletableFuture<ShutdownResult> shutdown(Duration grace) {
        ending = true;
        return merged(new ShutdownResult(0, 0), each -> each.shutdown(grace), ShutdownResult::plus);
    }

    /** Asks everybody; the answer comes when all have answered, whatever the others' answer is. */
    private <T> CompletableFuture<T> merged(
            T zero, Function<RealEventManager, CompletableFuture<T>> question, BinaryOperator<T> plus) {
        List<CompletableFuture<T>> answers = new ArrayList<>();
        for (RealEventManager each : managers) {
            answers.add(answer(each, zero, question));
        }
        return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                .thenApply(all -> answers.stream().map(CompletableFuture::join).reduce(zero, plus));
    }

    private static <T> CompletableFuture<T> answer(
            RealEventManager manager, T zero, Function<RealEventManager, CompletableFuture<T>> question) {
        try {
            return question.apply(manager);
        } catch (ManagerClosedException nothingToAsk) {
            return CompletableFuture.completedFuture(zero);
        } catch (RejectedExecutionException full) {
            return CompletableFuture.failedFuture(full);
        }
    }

    // ---------------------------------------------------------------- closing

    @Override
    public boolean isClosed() {
        return ending || living.get() == 0;
    }

    @Override
    public void close() {
        ending = true;
        boolean onLoop = isHalfMine(managers);
        for (RealEventManager each : managers) {
            if (onLoop && !each.inLoop()) {
                each.closeSoon(); // waiting for each other, two loops would wait for ever
            } else {
                each.close();
            }
        }
    }

    @Override
    public String toString() {
        return "group of " + managers.size() + " managers, " + managers.get(0) + " the first";
    }
}
