package dev.meerkat.foreign;

import dev.meerkat.ErrorHook;
import dev.meerkat.EventManager;
import dev.meerkat.ManagerOptions;
import dev.meerkat.internal.nio.ForeignWatch;
import dev.meerkat.internal.nio.NioRuntime;
import dev.meerkat.internal.nio.ThreadWatch;
import dev.meerkat.runtime.ManagerRuntime;
import dev.meerkat.runtime.Poller;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * An event manager that is driven by somebody else's loop, on that loop's thread.
 *
 * <p>There are three kinds of foreign loop. One has a {@link Selector}, which the manager can share:
 *
 * <pre>{@code
 * ForeignLoop meerkat = ForeignLoop.sharing(selector);
 * meerkat.manager().listen("tcp://127.0.0.1:7000", handler);
 * while (running) {
 *     Optional<Duration> wait = meerkat.maxWait();
 *     if (wait.isEmpty()) {
 *         selector.select();
 *     } else if (wait.get().isZero()) {
 *         selector.selectNow();
 *     } else {
 *         selector.select(wait.get().toMillis() + 1);
 *     }
 *     for (SelectionKey key : selector.selectedKeys()) {
 *         if (!meerkat.service(key)) {
 *             serveMyOwn(key);
 *         }
 *     }
 *     selector.selectedKeys().clear();
 *     meerkat.turn();
 * }
 * }</pre>
 *
 * <p>Another watches channels in a way of its own, and is told by callbacks which: {@link #with}. The third has a
 * thread and a queue but cannot wait for channels at all, as the event thread of a user interface: {@link #runningOn},
 * and it has nothing more to do.
 *
 * <p>In the first two, whoever drives calls {@link #service} for each ready channel, and {@link #turn} when the time of
 * {@link #maxWait} is over or a wake-up came. Both run the same turn as {@link EventManager#runOnce}. Calls from other
 * threads, such as {@link EventManager#post}, wake the selector or {@link Poller#wake the poller}; none is lost between
 * {@link #maxWait} and the wait.
 *
 * <p>A manager of this kind has neither {@code run} nor {@code start}: they throw {@link IllegalStateException}. With a
 * shared selector, a closed listener keeps its port, and a reset does not leave, until the loop selects next; it is
 * woken for that.
 */
public final class ForeignLoop {
    private final EventManager manager;
    private final ForeignWatch watch;

    private ForeignLoop(EventManager manager, ForeignWatch watch) {
        this.manager = manager;
        this.watch = watch;
    }

    /**
     * A loop that has a selector, with default options.
     *
     * @param selector see {@link #sharing(Selector, ManagerOptions)}
     * @return a new loop with a new manager
     */
    public static ForeignLoop sharing(Selector selector) {
        return sharing(selector, ManagerOptions.DEFAULT);
    }

    /**
     * A loop that has a selector.
     *
     * @param selector stays theirs: the manager registers its channels, with attachments of its own, and never selects
     *     or closes it
     * @param options of the manager
     * @return a new loop with a new manager, which belongs to the calling thread until another one drives it
     */
    public static ForeignLoop sharing(Selector selector, ManagerOptions options) {
        return of(ForeignWatch.sharing(Objects.requireNonNull(selector, "selector")), options);
    }

    /**
     * A loop that watches channels in its own way, with default options.
     *
     * @param poller see {@link #with(Poller, ManagerOptions)}
     * @return a new loop with a new manager
     */
    public static ForeignLoop with(Poller poller) {
        return with(poller, ManagerOptions.DEFAULT);
    }

    /**
     * A loop that watches channels in its own way.
     *
     * @param poller is told which channels to watch
     * @param options of the manager
     * @return a new loop with a new manager, which belongs to the calling thread until another one drives it
     */
    public static ForeignLoop with(Poller poller, ManagerOptions options) {
        return of(ForeignWatch.with(Objects.requireNonNull(poller, "poller")), options);
    }

    private static ForeignLoop of(ForeignWatch watch, ManagerOptions options) {
        ManagerRuntime runtime = NioRuntime.create(options.name(), watch);
        return new ForeignLoop(manager(runtime, options), watch);
    }

    private static EventManager manager(ManagerRuntime runtime, ManagerOptions options) {
        return EventManager.builder().options(options).runtime(runtime).build();
    }

    /**
     * A manager that lives on the thread of an executor, {@code SwingUtilities::invokeLater} for instance. A daemon
     * thread waits for its sockets and timers, and has the executor run a turn when something is due; everything else,
     * handlers above all, runs in those turns. While nothing is due the executor gets no task.
     *
     * <p>A timer may be up to a millisecond late, and as late as the executor's queue makes it.
     *
     * @param executor runs one task after the other, each seeing what the one before did; it need not be a single
     *     thread. If it refuses a task, {@link ManagerOptions#errorHook} is told and the manager is closed
     * @param options of the manager
     * @return a new manager. It belongs to the calling thread until the executor runs its first task; call this method
     *     in the executor, or hand over with {@link EventManager#post}
     * @throws UncheckedIOException if the system is out of descriptors
     */
    public static EventManager runningOn(Executor executor, ManagerOptions options) {
        Objects.requireNonNull(executor, "executor");
        ThreadWatch watch;
        try {
            watch = ThreadWatch.open();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        ManagerRuntime runtime = NioRuntime.create(options.name(), watch);
        EventManager manager = manager(runtime, options);
        Thread unused =
                runtime.workers().startLoop(options.name() + "-wait", () -> waitAndTurn(watch, executor, manager));
        return manager;
    }

    private static void waitAndTurn(ThreadWatch watch, Executor executor, EventManager manager) {
        try {
            watch.run(executor, () -> {
                if (manager.isClosed()) {
                    return Optional.of(Duration.ZERO);
                }
                manager.runOnce(Duration.ZERO);
                return manager.isClosed() ? Optional.of(Duration.ZERO) : manager.maxWait();
            });
        } catch (IOException | RuntimeException e) {
            manager.options().errorHook().onError(ErrorHook.Source.LOOP, Optional.empty(), e);
            manager.close();
        }
    }

    /**
     * The manager that is driven.
     *
     * @return the manager
     */
    public EventManager manager() {
        return manager;
    }

    /**
     * Serves a key that a shared selector found ready; see {@link #service(SelectableChannel, int)}. The key stays
     * among the selected ones, for the caller to remove.
     *
     * @param key a selected key; one that was cancelled meanwhile does no harm
     * @return false if the key is not one of this manager's
     */
    public boolean service(SelectionKey key) {
        return service(key.channel(), key.isValid() ? key.readyOps() : 0);
    }

    /**
     * Serves one ready channel, by a turn of the manager. Handlers run inside.
     *
     * @param channel the channel
     * @param readyOps what it is ready for, as in {@link SelectionKey}
     * @return false if the channel is not one of this manager's; then nothing was done
     * @throws dev.meerkat.WrongThreadException if another thread drives the manager at this moment
     */
    public boolean service(SelectableChannel channel, int readyOps) {
        if (!watch.note(channel, readyOps)) {
            return false;
        }
        turn();
        return true;
    }

    /**
     * Runs a turn of the manager without waiting: tasks, due timers, and what is left to send.
     *
     * @return how many pieces of work were done
     * @throws dev.meerkat.ManagerClosedException if the manager is closed
     * @throws dev.meerkat.WrongThreadException if another thread drives the manager at this moment
     */
    public int turn() {
        return manager.runOnce(Duration.ZERO);
    }

    /**
     * How long the loop may wait before it calls {@link #turn}, if no channel becomes ready and nobody wakes it; see
     * {@link EventManager#maxWait}.
     *
     * @return the longest wait, zero for none, or empty for any
     */
    public Optional<Duration> maxWait() {
        return manager.maxWait();
    }
}
