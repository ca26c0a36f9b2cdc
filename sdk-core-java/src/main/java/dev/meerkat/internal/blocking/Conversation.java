package dev.meerkat.internal.blocking;

import dev.meerkat.BlockingOptions;
import dev.meerkat.Connection;
import dev.meerkat.ConnectionClosedException;
import dev.meerkat.ConnectionOptions;
import dev.meerkat.Handler;
import dev.meerkat.ManagerClosedException;
import dev.meerkat.SendLimitException;
import dev.meerkat.Timer;
import dev.meerkat.WrongThreadException;
import dev.meerkat.event.CloseReason;
import dev.meerkat.event.CloseReason.Initiator;
import dev.meerkat.event.ConnectionError;
import dev.meerkat.event.ConnectionError.Kind;
import dev.meerkat.event.Event;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.runtime.WorkerThread;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One connection and the thread that its handler runs on. On the loop's side it is the connection's handler; on the
 * other side it is the loop of that thread, which takes one event after the other. What both touch is in {@link Inbox}
 * and {@link Outgoing}, under one lock that is never held while anything waits.
 *
 * <p>The thread is started by the first event. It ends after {@code Closed}; one that serves a
 * {@link dev.meerkat.BlockingHandler} ends as soon as that has returned.
 */
final class Conversation implements Handler {
    private final ThreadedConnections home;
    private final BlockingOptions options;
    private final ThreadRoom room;
    private final ReentrantLock lock = new ReentrantLock();
    private final Inbox inbox;
    private final Outgoing out;
    /** Whether the thread is told of nothing but bytes and the end. */
    private final boolean streamsOnly;

    /** The thread's: what it calls. */
    private Handler handler;

    private volatile ConnectionOptions asked;
    private volatile @Nullable Connection real;
    private volatile @Nullable WorkerThread thread;
    private volatile @Nullable CloseReason reason;
    private volatile boolean closeAsked;
    /** It closes the manager itself. */
    private volatile boolean excused;

    private volatile boolean threadEnded;
    /** The loop's: reports a thread that goes on after the end. */
    private @Nullable Timer overdue;

    private boolean left;
    /** The name of the connection, for whoever looks at a thread that waits. */
    private String name = "";

    private final EnumMap<Wait, String> waits = new EnumMap<>(Wait.class);

    Conversation(
            ThreadedConnections home,
            Handler handler,
            BlockingOptions options,
            ConnectionOptions asked,
            ThreadRoom room) {
        this.home = home;
        this.handler = handler;
        this.options = options;
        this.asked = asked;
        this.room = room;
        this.streamsOnly = handler instanceof StreamCall;
        this.inbox = new Inbox(this, lock);
        this.out = new Outgoing(this, lock);
    }

    // ---------------------------------------------------------------- the loop's side

    @Override
    public void onEvent(Connection connection, Event event) {
        boolean first = real == null;
        real = connection;
        if (event instanceof TcpEvent.Closed closed) {
            closed(closed);
        } else {
            if (event instanceof TcpEvent.Opened || event instanceof TcpEvent.Drained) {
                out.pump(false);
            }
            inbox.take(event);
        }
        if (first) {
            start(connection);
        }
        wake();
    }

    private void start(Connection connection) {
        name = connection.toString();
        FacadeConnection facade = new FacadeConnection(connection, this);
        try {
            thread = home.runtime().workers().startThread(name, options.executor(), me -> {
                thread = me;
                run(facade);
            });
        } catch (RuntimeException | Error e) {
            threadEnded = true;
            leave();
            throw e; // the connection is aborted, and the failure reported
        }
    }

    private void closed(TcpEvent.Closed event) {
        reason = event.reason();
        out.drop();
        inbox.close(event);
        if (!threadEnded) {
            try {
                overdue = real().manager().schedule(options.stopTimeout(), this::reportStuck);
            } catch (ManagerClosedException e) {
                // then closing the manager waits for the thread, and reports it
            }
        }
    }

    /** Posted by the thread as its last act. */
    private void hasEnded() {
        Timer timer = overdue;
        if (timer != null) {
            timer.cancel();
        }
        leave();
    }

    private void leave() {
        if (!left) {
            left = true;
            home.ended(this);
            room.leave();
        }
    }

    /** Everything that was handed over goes to the connection, whatever the marks say. */
    void flushAll() {
        if (real != null) {
            out.pump(true);
        }
    }

    private void reportStuck() {
        WorkerThread runs = thread;
        if (runs == null || threadEnded) {
            return;
        }
        StackTraceElement[] stack = runs.stackTrace();
        if (stack.length == 0) {
            return; // an executor has not begun with it, or it has just ended
        }
        Connection connection = real();
        IllegalStateException found = new IllegalStateException("the handler of " + connection + " still runs "
                + options.stopTimeout() + " after its connection has ended; the stack is its own");
        found.setStackTrace(stack);
        home.loop().handlerStuck(connection, found);
    }

    // ---------------------------------------------------------------- the manager closes

    void excuseCaller() {
        WorkerThread runs = thread;
        if (runs != null && runs.isCurrent()) {
            excused = true;
        }
    }

    void interrupt() {
        WorkerThread runs = thread;
        if (runs != null && !excused) {
            runs.interrupt();
        }
    }

    void awaitEnd(long begun) {
        WorkerThread runs = thread;
        if (runs == null || excused) {
            return;
        }
        long passed = home.runtime().time().nanoTime() - begun;
        if (!runs.join(Math.max(0, nanos(options.stopTimeout()) - passed))) {
            reportStuck();
        }
    }

    // ---------------------------------------------------------------- the thread's side

    private void run(FacadeConnection facade) {
        try {
            for (Event event = next(); event != null; event = next()) {
                dispatch(facade, event);
            }
        } finally {
            threadEnded = true;
            boolean unused = home.loop().post(this::hasEnded);
        }
    }

    private @Nullable Event next() {
        try {
            return inbox.next();
        } catch (InterruptedException e) {
            failed(TcpEvent.Opened.INSTANCE, e);
            return inbox.awaitEnd();
        }
    }

    private void dispatch(FacadeConnection facade, Event event) {
        try {
            handler.onEvent(facade, event);
        } catch (Throwable e) {
            failed(event, e);
        }
        inbox.settle();
        if (event instanceof TcpEvent.InputClosed && !asked.halfClose()) {
            close(asked.closeTimeout());
        }
        if (event instanceof TcpEvent.Closed || (streamsOnly && event instanceof TcpEvent.Opened)) {
            inbox.endAfterThis();
        }
    }

    private void failed(Event event, Throwable failure) {
        inbox.onlyTheEnd();
        if (reason != null && isTheEndItself(failure)) {
            return;
        }
        Connection connection = real();
        boolean unused = home.loop().post(() -> home.loop().handlerFailed(connection, event, failure));
    }

    /** Whether a failure only says what everybody knows: that the connection has ended. */
    private static boolean isTheEndItself(Throwable failure) {
        for (Throwable each = failure; each != null; each = each.getCause()) {
            boolean timedOut = each instanceof SocketTimeoutException;
            boolean interrupted = each instanceof InterruptedException || each instanceof InterruptedIOException;
            if (each instanceof ConnectionClosedException || (interrupted && !timedOut)) {
                return true;
            }
        }
        return false;
    }

    // ---------------------------------------------------------------- waiting

    boolean isOwnThread() {
        WorkerThread runs = thread;
        return runs != null && runs.isCurrent();
    }

    void requireOwnThread(String what) {
        if (!isOwnThread()) {
            throw new WrongThreadException(what + " was called on thread "
                    + Thread.currentThread().getName() + ", but only the own thread of " + real() + " may");
        }
    }

    /** Any thread. */
    void wake() {
        WorkerThread runs = thread;
        if (runs != null) {
            runs.unpark();
        }
    }

    void park(Wait what, long nanos) throws InterruptedException {
        WorkerThread runs = thread;
        if (runs == null) {
            throw new IllegalStateException("no thread");
        }
        runs.park(waits.computeIfAbsent(what, each -> each + " of " + name), nanos);
    }

    /** Waits until woken; the deadline is one of {@link #deadline}. */
    void parkUntil(Wait what, long deadline, Duration timeout) throws SocketTimeoutException, InterruptedIOException {
        long nanos = -1;
        if (deadline != Long.MAX_VALUE) {
            nanos = deadline - now();
            if (nanos <= 0) {
                throw new SocketTimeoutException(what + " of " + real() + ": nothing within " + timeout);
            }
        }
        try {
            park(what, nanos);
        } catch (InterruptedException e) {
            if (reason == null) {
                Thread.currentThread().interrupt();
                InterruptedIOException thrown = new InterruptedIOException(what + " of " + real() + ": interrupted");
                thrown.initCause(e);
                throw thrown;
            }
        }
    }

    long deadline(Duration timeout) {
        long nanos = nanos(timeout);
        if (nanos == 0) {
            return Long.MAX_VALUE;
        }
        long now = now();
        long delay = Math.min(nanos, Long.MAX_VALUE / 4); // so that what is left never overflows, whatever "now" is
        return now > Long.MAX_VALUE - 1 - delay ? Long.MAX_VALUE - 1 : now + delay;
    }

    long now() {
        return home.runtime().time().nanoTime();
    }

    static long nanos(Duration duration) {
        try {
            return duration.toNanos();
        } catch (ArithmeticException tooLong) {
            return Long.MAX_VALUE;
        }
    }

    /** Runs something on the loop and waits for its answer; on other threads than the own one the rules are its own. */
    <T> T call(Supplier<T> question) {
        if (!isOwnThread()) {
            return question.get();
        }
        Hop<T> hop = new Hop<>(this, question);
        if (!home.loop().post(hop)) {
            throw closedException("ask");
        }
        return hop.await();
    }

    /** As {@link #call}, without an answer. */
    void tell(Runnable task) {
        boolean unused = call(() -> {
            task.run();
            return true;
        });
    }

    /**
     * What was sent goes in front of the handshake. What has arrived and was handed over can no longer be part of it,
     * and must not be taken for something that came encrypted.
     */
    void startTls(Runnable start) {
        tell(() -> {
            if (inbox.hasUnread()) {
                throw new IllegalStateException(real() + ": cannot start TLS while bytes are unread that came before");
            }
            flushAll();
            start.run();
        });
    }

    // ---------------------------------------------------------------- ending

    void close(Duration timeout) {
        Connection connection = real();
        if (connection.manager().inLoop()) {
            flushAll();
            connection.close(timeout);
            return;
        }
        if (isOwnThread()) {
            inbox.onlyTheEnd();
        }
        if (closeAsked) {
            connection.close(timeout);
            return;
        }
        closeAsked = true;
        boolean unused = home.loop().post(() -> {
            flushAll();
            connection.close(timeout);
        });
    }

    /** Anybody asks for a reset: the own thread tells nothing more of what came before. */
    void aborted() {
        if (isOwnThread()) {
            inbox.onlyTheEnd();
        }
        closeAsked = true;
    }

    /** Others have sent so much to the connection that this thread's bytes have no room. Loop thread. */
    void overrun(SendLimitException failure) {
        home.loop().handlerFailed(real(), TcpEvent.Drained.INSTANCE, failure);
    }

    void sleep(Duration time) throws InterruptedException {
        long nanos = nanos(time);
        if (nanos <= 0) {
            return;
        }
        long deadline = deadline(time);
        for (long left = nanos; left > 0; left = deadline - now()) {
            if (reason != null) {
                throw closedException("sleep");
            }
            park(Wait.SLEEP, left);
        }
    }

    ConnectionClosedException closedException(String what) {
        CloseReason why = reason;
        if (why == null && real().manager().isClosed()) {
            why = CloseReason.failed(
                    Initiator.MANAGER, ConnectionError.of(Kind.MANAGER_CLOSED, "the event manager was closed"));
        }
        String text = real() + ": cannot " + what;
        return why == null
                ? new ConnectionClosedException(text + " after close() or shutdownOutput()")
                : new ConnectionClosedException(text + ", the connection has ended: " + why, why);
    }

    // ---------------------------------------------------------------- what the parts ask

    Inbox inbox() {
        return inbox;
    }

    Outgoing out() {
        return out;
    }

    Connection real() {
        Connection connection = real;
        if (connection == null) {
            throw new IllegalStateException("not begun");
        }
        return connection;
    }

    boolean streamsOnly() {
        return streamsOnly;
    }

    boolean isBehind() {
        return !streamsOnly && inbox.isFull();
    }

    boolean isCloseAsked() {
        return closeAsked;
    }

    Optional<CloseReason> reason() {
        return Optional.ofNullable(reason);
    }

    BlockingOptions options() {
        return options;
    }

    ConnectionOptions asked() {
        return asked;
    }

    void asked(ConnectionOptions value) {
        asked = value;
    }

    Handler handler() {
        return handler;
    }

    void handler(Handler replacement) {
        handler = replacement;
    }

    boolean post(Runnable task) {
        return home.loop().post(task);
    }

    boolean poisons() {
        return home.runtime().probe().poisonsBorrowedBytes();
    }
}
