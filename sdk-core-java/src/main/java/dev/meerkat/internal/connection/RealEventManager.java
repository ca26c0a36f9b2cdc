package dev.meerkat.internal.connection;

import dev.meerkat.Acceptor;
import dev.meerkat.BlockingHandler;
import dev.meerkat.BroadcastResult;
import dev.meerkat.CloseHook;
import dev.meerkat.ConnectOptions;
import dev.meerkat.Connection;
import dev.meerkat.ConnectionLimitException;
import dev.meerkat.ConnectionOptions;
import dev.meerkat.ConnectionState;
import dev.meerkat.ErrorHook;
import dev.meerkat.EventManager;
import dev.meerkat.Handler;
import dev.meerkat.ListenOptions;
import dev.meerkat.ManagerClosedException;
import dev.meerkat.ManagerOptions;
import dev.meerkat.ManagerStatistics;
import dev.meerkat.ShutdownResult;
import dev.meerkat.Timer;
import dev.meerkat.UdpHandler;
import dev.meerkat.UdpOptions;
import dev.meerkat.UdpSocket;
import dev.meerkat.event.Bytes;
import dev.meerkat.internal.blocking.StreamCall;
import dev.meerkat.internal.buffer.HandOuts;
import dev.meerkat.internal.buffer.HopBudget;
import dev.meerkat.internal.loop.EventLoop;
import dev.meerkat.internal.loop.Mailbox;
import dev.meerkat.internal.nio.NioRuntime;
import dev.meerkat.runtime.ManagerRuntime;
import dev.meerkat.runtime.Probe;
import java.io.IOException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The event manager: owns the loop, the acceptors and the connections, and closes it all. */
public final class RealEventManager implements EventManager, HopBudget, HandOuts.Owner {
    static {
        Classes.load();
    }

    private final ManagerOptions options;
    private final ManagerRuntime runtime;
    private final EventLoop loop;
    private final SharedMemory memory;
    private final ConnectionTable table = new ConnectionTable();
    private final Ticker ticker;
    private final RealNames names;
    private final Listening listening = new Listening(this);
    private final Outgoing outgoing = new Outgoing(this);
    private final Wheel wheel;
    private final Broadcasts broadcasts = new Broadcasts(this, table);
    private final @Nullable Observation observation;
    private final @Nullable OperatorLog log;
    private final BlockingSide blocking;
    private final UdpSide udp;
    private @Nullable Object attachment;
    private final CloseHooks closeHooks = new CloseHooks(this);
    private final Shutdown shutdown = new Shutdown(this, table);
    private long lastId;
    private long accepted;
    private long bytesReceived;
    private long bytesSent;

    private RealEventManager(ManagerOptions options, ManagerRuntime runtime) {
        this.options = options;
        this.runtime = runtime;
        this.memory = new SharedMemory(
                runtime.transport(),
                options.readBytes(),
                options.pooledBytes(),
                options.mailboxBytesLimit(),
                runtime.probe().poisonsBorrowedBytes());
        this.loop = new EventLoop(
                runtime.transport(),
                runtime.time(),
                new Mailbox(options.mailboxLimit()),
                options.tasksPerTurn(),
                new BiConsumer<>() { // no lambda at a start, decision 0067
                    @Override
                    public void accept(EventLoop.Source source, Throwable failure) {
                        loopFailed(source, failure);
                    }
                });
        this.wheel = new Wheel(this, runtime, loop);
        this.blocking = new BlockingSide(this);
        this.ticker = new Ticker(loop, table, Nanos.of(options.tickInterval()));
        this.log = options.errorHook() == ErrorHook.LOGGED ? OperatorLog.of(options.name(), runtime.time()) : null;
        this.names = new RealNames(this, options.resolver());
        this.udp = new UdpSide(this, Nanos.of(options.tickInterval()));
        this.observation = Observation.of(this, options.observe(), runtime);
        loop.listenToTurns(observation);
    }

    /**
     * Makes a manager.
     *
     * @param options its options
     * @param runtime what it runs on, or null for the JDK's sockets and clocks
     * @return a new manager
     */
    public static EventManager create(ManagerOptions options, @Nullable ManagerRuntime runtime) {
        return new RealEventManager(options, runtime != null ? runtime : NioRuntime.create(options.name()));
    }

    /**
     * The loop, for whoever drives it from outside.
     *
     * @return the loop
     */
    public EventLoop loop() {
        return loop;
    }

    // ---------------------------------------------------------------- driving

    @Override
    public int runOnce(Duration maxWait) {
        long nanos = Nanos.of(maxWait);
        if (nanos < 0) {
            throw new IllegalArgumentException("maxWait must not be negative: " + maxWait);
        }
        wheel.requireBlockingPoll(nanos > 0, "runOnce with a wait");
        return turn(nanos);
    }

    /**
     * Runs one turn: {@link #runOnce} for callers that count in nanoseconds.
     *
     * @param maxWaitNanos the longest wait
     * @return how many pieces of work were done
     */
    public int turn(long maxWaitNanos) {
        return wheel.turn(maxWaitNanos);
    }

    @Override
    public void run() {
        wheel.run();
    }

    @Override
    public EventManager start() {
        wheel.start();
        return this;
    }

    @Override
    public void stop() {
        wheel.stop();
    }

    @Override
    public void wake() {
        loop.wake();
    }

    // ---------------------------------------------------------------- closing

    @Override
    public boolean isClosed() {
        return wheel.isClosed();
    }

    @Override
    public void close() {
        wheel.close();
    }

    @Override
    public CompletableFuture<ShutdownResult> shutdown(Duration grace) {
        if (grace.isNegative()) {
            throw new IllegalArgumentException("grace must not be negative: " + grace);
        }
        return shutdown.request(Nanos.of(grace));
    }

    @Override
    public CloseHook onClose(Runnable task) {
        return closeHooks.add(Objects.requireNonNull(task, "task"));
    }

    /** Any thread. Closes at the end of the present turn or the next one, and does not wait for it. */
    void closeSoon() {
        wheel.closeAfterTurn();
        loop.wake();
    }

    boolean isShuttingDown() {
        return shutdown.hasBegun();
    }

    void closeAfterTurn() {
        wheel.closeAfterTurn();
    }

    /** Called once, by whoever closes: nothing of the manager is left afterwards. */
    void endEverything() {
        try {
            loop.runRemainingTasks();
            memory.settle();
            shutdown.closing();
            listening.close();
            blocking.threads().flush();
            table.forEach(connection -> connection.life().endWithManager());
            udp.endWithManager();
            names.close();
            loop.runAllDeferred();
            blocking.threads().close();
            loop.clearTimers();
            closeHooks.run();
        } finally {
            closeRuntime();
            shutdown.closed();
        }
    }

    private void closeRuntime() {
        try {
            runtime.transport().close();
        } catch (IOException e) {
            report(ErrorHook.Source.LOOP, Optional.empty(), e);
        } finally {
            runtime.workers().close();
        }
    }

    // ---------------------------------------------------------------- listening and connecting

    @Override
    public Acceptor listen(String address, ListenOptions listenOptions, Handler handler) {
        return listening.listen(address, listenOptions, handler);
    }

    @Override
    public Acceptor adopt(ServerSocketChannel channel, ListenOptions listenOptions, Handler handler) {
        return listening.adopt(channel, listenOptions, handler);
    }

    @Override
    public Optional<Acceptor> adoptInherited(ListenOptions listenOptions, Handler handler) {
        return listening.adoptInherited(listenOptions, handler);
    }

    @Override
    public Connection connect(String address, ConnectOptions connectOptions, Handler handler) {
        return outgoing.connect(address, connectOptions, handler);
    }

    @Override
    public Connection adopt(SocketChannel channel, ConnectOptions connectOptions, Handler handler) {
        return outgoing.adopt(channel, connectOptions, handler);
    }

    @Override
    public UdpSocket listenUdp(String address, UdpOptions udpOptions, UdpHandler handler) {
        checkThread("EventManager.listenUdp");
        requireOpen("listenUdp");
        return udp.listen(address, udpOptions, handler);
    }

    @Override
    public UdpSocket connectUdp(String address, UdpOptions udpOptions, UdpHandler handler) {
        checkThread("EventManager.connectUdp");
        requireOpen("connectUdp");
        return udp.connect(address, udpOptions, handler);
    }

    @Override
    public UdpSocket adopt(DatagramChannel channel, UdpOptions udpOptions, UdpHandler handler) {
        checkThread("EventManager.adopt");
        requireOpen("adopt");
        return udp.adopt(channel, udpOptions, handler);
    }

    @Override
    public List<UdpSocket> udpSockets() {
        checkThread("EventManager.udpSockets");
        return udp.all();
    }

    @Override
    public Acceptor listenBlocking(String address, ListenOptions listenOptions, BlockingHandler handler) {
        return listen(address, BlockingSide.withThreads(listenOptions), new StreamCall(handler));
    }

    @Override
    public Connection connectBlocking(String address, ConnectOptions connectOptions, BlockingHandler handler) {
        return connect(address, BlockingSide.withThreads(connectOptions), new StreamCall(handler));
    }

    void requireRoom(String consequence) {
        if (isFull()) {
            throw new ConnectionLimitException(this + " holds " + (table.size() + udp.size())
                    + " connections and UDP sockets, the limit of its options; " + consequence);
        }
    }

    boolean isFull() {
        return table.size() + udp.size() >= options.maxConnections();
    }

    /** A connection has ended and is about to tell its handler. */
    void ended(RealConnection connection, @Nullable RealAcceptor acceptor) {
        table.remove(connection);
        if (acceptor != null) {
            acceptor.connectionEnded();
        }
        shutdown.ended();
        listening.roomAgain();
    }

    UdpSide udp() {
        return udp;
    }

    long nextId() {
        return ++lastId;
    }

    BlockingSide blocking() {
        return blocking;
    }

    RealConnection newConnection(
            Handler handler,
            ConnectionOptions connectionOptions,
            @Nullable RealAcceptor acceptor,
            ConnectionState state) {
        return register(new RealConnection(this, ++lastId, acceptor, handler, connectionOptions, state));
    }

    private RealConnection register(RealConnection connection) {
        table.add(connection);
        return connection;
    }

    Listening listening() {
        return listening;
    }

    // ---------------------------------------------------------------- other threads

    @Override
    public void post(Runnable task) {
        requireAccepted(loop.offer(Objects.requireNonNull(task, "task")));
    }

    /** Posts the end of something, unless the mailbox is full. */
    boolean tryPost(Runnable task) {
        return loop.offer(task) != Mailbox.Offer.FULL;
    }

    /** Posts what is bounded otherwise; after the end there is nothing left to do. */
    void postInternal(Runnable task) {
        loop.offerInternal(task);
    }

    /**
     * May be called from any thread. Runs a task later in this turn if the caller is in one, else in the next; no limit
     * refuses it, since whoever calls sees to it that few wait. After the end nothing happens.
     *
     * @param task what to run, never inside of another
     */
    public void later(Runnable task) {
        if (inLoop()) {
            loop.defer(task::run);
        } else {
            loop.offerInternal(task);
        }
    }

    /**
     * Tells the error hook of a failure that concerns no connection. Loop thread.
     *
     * @param failure what a program's code threw
     */
    public void reportTask(Throwable failure) {
        report(ErrorHook.Source.TASK, Optional.empty(), failure);
    }

    private void requireAccepted(Mailbox.Offer offer) {
        switch (offer) {
            case ACCEPTED -> {
                // it will run
            }
            case FULL ->
                throw new RejectedExecutionException(
                        this + ": " + options.mailboxLimit() + " tasks are waiting, the limit of its options");
            case CLOSED -> throw new ManagerClosedException(this + " is closed: cannot post a task");
        }
    }

    @Override
    public <T> CompletableFuture<T> submit(Callable<T> task) {
        Objects.requireNonNull(task, "task");
        CompletableFuture<T> result = new CompletableFuture<>();
        post(
                new Runnable() { // no lambda at a start, decision 0067
                    @Override
                    public void run() {
                        try {
                            result.complete(task.call());
                        } catch (Throwable e) {
                            result.completeExceptionally(e);
                        }
                    }
                });
        return result;
    }

    @Override
    public <T> CompletableFuture<T> submitBlocking(Callable<T> task) {
        Objects.requireNonNull(task, "task");
        requireOpen("submitBlocking");
        CompletableFuture<T> result = new CompletableFuture<>();
        CompletableFuture<T> unused = runtime.workers().submit(task).whenComplete((value, failure) -> {
            Mailbox.Offer offer = loop.offerInternal(() -> {
                if (failure == null) {
                    result.complete(value);
                } else {
                    result.completeExceptionally(failure);
                }
            });
            if (offer == Mailbox.Offer.CLOSED) {
                result.completeExceptionally(
                        new ManagerClosedException(this + " was closed before the task had ended"));
            }
        });
        return result;
    }

    @Override
    public CompletableFuture<BroadcastResult> broadcast(Bytes message, Predicate<Connection> filter) {
        return broadcasts.broadcast(message, filter);
    }

    // ---------------------------------------------------------------- timers

    @Override
    public Timer schedule(Duration delay, Runnable task) {
        checkThread("EventManager.schedule");
        requireOpen("schedule");
        return ScheduledTask.once(this, Nanos.of(delay), Objects.requireNonNull(task, "task"));
    }

    @Override
    public Timer scheduleAtFixedRate(Duration initialDelay, Duration period, Timer.Overrun overrun, Runnable task) {
        checkThread("EventManager.scheduleAtFixedRate");
        requireOpen("scheduleAtFixedRate");
        long periodNanos = Nanos.of(period);
        if (periodNanos <= 0) {
            throw new IllegalArgumentException("period must be positive: " + period);
        }
        return ScheduledTask.atFixedRate(
                this,
                Nanos.of(initialDelay),
                periodNanos,
                Objects.requireNonNull(overrun, "overrun"),
                Objects.requireNonNull(task, "task"));
    }

    @Override
    public Optional<Duration> timeToNextTimer() {
        checkThread("EventManager.timeToNextTimer");
        long deadline = loop.nextDeadlineNanos();
        return deadline == Long.MAX_VALUE
                ? Optional.empty()
                : Optional.of(Duration.ofNanos(EventLoop.until(deadline, loop.now())));
    }

    @Override
    public Optional<Duration> maxWait() {
        return wheel.held(
                () -> loop.hasWork() ? Optional.of(Duration.ZERO) : timeToNextTimer()); // who asks is about to drive
    }

    // ---------------------------------------------------------------- what connections share

    Shutdown shutdown() {
        return shutdown;
    }

    void countAccepted() {
        accepted++;
    }

    void countReceived(int count) {
        bytesReceived += count;
    }

    void countSent(long count) {
        bytesSent += count;
    }

    SharedMemory memory() {
        return memory;
    }

    Ticker newTicker(long intervalNanos) {
        return new Ticker(loop, table, intervalNanos);
    }

    Ticker ticker() {
        return ticker;
    }

    Probe probe() {
        return runtime.probe();
    }

    /** The log, unless a hook of the program's has taken its place. */
    @Nullable
    OperatorLog log() {
        return log;
    }

    /** Who is told what happens, if anybody is. */
    @Nullable
    Observation observation() {
        return observation;
    }

    /** The same, for those who could not have asked if there were nobody. */
    Observation observed() {
        return Objects.requireNonNull(observation);
    }

    @Override
    public void report(Connection connection, Throwable failure) {
        checkThread("EventManager.report");
        if (log == null) {
            report(ErrorHook.Source.HANDLER, Optional.of(connection), failure);
        } else {
            log.reported(connection, failure);
        }
    }

    @Override
    public HandOuts handOuts() {
        return memory.handOuts(loop);
    }

    @Override
    public boolean reserveHop(int bytes) {
        return memory.reserveHop(bytes);
    }

    @Override
    public void releaseHop(int bytes) {
        memory.releaseHop(bytes);
    }

    void report(ErrorHook.Source source, Optional<Connection> connection, Throwable failure) {
        try {
            ErrorHook hook = log == null ? options.errorHook() : log;
            hook.onError(source, connection, failure);
        } catch (Throwable ignored) {
            // the hook is the last resort; there is nobody left to tell
        }
    }

    private void loopFailed(EventLoop.Source source, Throwable failure) {
        report(sourceOf(source), Optional.empty(), failure);
        if (loop.isBroken()) {
            wheel.closeAfterTurn();
        }
    }

    private static ErrorHook.Source sourceOf(EventLoop.Source source) {
        return switch (source) {
            case TASK -> ErrorHook.Source.TASK;
            case TIMER -> ErrorHook.Source.TIMER;
            case LOOP -> ErrorHook.Source.LOOP;
        };
    }

    // ---------------------------------------------------------------- asking

    @Override
    public List<Connection> connections() {
        checkThread("EventManager.connections");
        return table.snapshot();
    }

    @Override
    public Optional<Connection> nextConnection(long afterId) {
        checkThread("EventManager.nextConnection");
        return Optional.ofNullable(table.findAfter(afterId));
    }

    @Override
    public int requestWritable(Predicate<? super Connection> filter) {
        checkThread("EventManager.requestWritable");
        int asked = 0;
        for (Connection connection : table.snapshot()) {
            if (((RealConnection) connection).telling().takesOutput() && filter.test(connection)) {
                connection.requestWritable();
                asked++;
            }
        }
        return asked;
    }

    @Override
    public CompletableFuture<Boolean> hangUp(long id) {
        return inLoop() ? CompletableFuture.completedFuture(hangUpHere(id)) : submit(() -> hangUpHere(id));
    }

    private boolean hangUpHere(long id) {
        Optional<Connection> found = connection(id);
        found.ifPresent(Connection::abort);
        return found.isPresent();
    }

    @Override
    public Optional<Connection> connection(long id) {
        checkThread("EventManager.connection");
        RealConnection found = table.find(id);
        return found == null || found.state() == ConnectionState.CLOSED ? Optional.empty() : Optional.of(found);
    }

    @Override
    public long nanoTime() {
        checkThread("EventManager.nanoTime");
        return loop.now();
    }

    @Override
    public Instant wallTime() {
        return runtime.time().wallTime();
    }

    @Override
    public boolean inLoop() {
        return wheel.isMine();
    }

    void checkThread(String method) {
        wheel.checkThread(method);
    }

    void requireListening(String what) {
        requireOpen(what);
        if (shutdown.hasBegun()) {
            throw new ManagerClosedException(this + " is shutting down: cannot " + what);
        }
    }

    void requireOpen(String what) {
        wheel.requireOpen(what);
    }

    @Override
    public RealNames names() {
        return names;
    }

    @Override
    public ManagerStatistics statistics() {
        checkThread("EventManager.statistics");
        return new ManagerStatistics(
                table.size(),
                listening.count(),
                loop.armedTimers(),
                loop.waitingTasks(),
                loop.turns(),
                memory.segments().inUse(),
                memory.segments().pooled(),
                memory.keptBuffers(),
                udp.size(),
                accepted,
                bytesReceived,
                bytesSent);
    }

    @Override
    public ManagerOptions options() {
        return options;
    }

    @Override
    public ManagerRuntime runtime() {
        return runtime;
    }

    @Override
    public void attach(@Nullable Object newAttachment) {
        checkThread("EventManager.attach");
        attachment = newAttachment;
    }

    @Override
    public <T> @Nullable T attachment(Class<T> type) {
        checkThread("EventManager.attachment");
        return type.cast(attachment);
    }

    @Override
    public String toString() {
        return "event manager " + options.name();
    }
}
