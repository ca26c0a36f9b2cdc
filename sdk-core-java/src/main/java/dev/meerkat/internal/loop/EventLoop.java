package dev.meerkat.internal.loop;

import dev.meerkat.internal.time.TimerNode;
import dev.meerkat.internal.time.TimerQueue;
import dev.meerkat.runtime.Handle;
import dev.meerkat.runtime.TimeSource;
import dev.meerkat.runtime.Transport;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One turn after the other: posted tasks, ready handles, due timers, deferred work, flushing. It knows no connection,
 * no handler and no protocol; and it owns no thread.
 *
 * <p>Owner thread only, except {@link #offer} and {@link #wake}. Nothing here is ever nested: what a callback causes is
 * queued and comes later in the turn. Every kind of work is bounded per turn; what is left over makes the next turn
 * begin without waiting.
 */
public final class EventLoop implements Transport.ReadySink {
    /** Where a failure of foreign code came from. */
    public enum Source {
        /** A posted task. */
        TASK,
        /** A timer. */
        TIMER,
        /** The loop itself: its transport, or a bug in what serves a handle. */
        LOOP
    }

    /**
     * Deferred work and flushing feed each other: flushing tells a handler that its output drained, and the handler
     * sends more. So many rounds of the two a turn, then the sockets have their turn again.
     */
    private static final int ROUNDS_PER_TURN = 4;

    /** So many failures of the transport in a row, and the loop gives up: turning on would be a busy loop. */
    private static final int POLL_FAILURES = 16;

    /** So many handles that could not even be given up are remembered for another try. */
    private static final int MOST_ABANDONED = 64;

    private final Transport transport;
    private final TimeSource time;
    private final Mailbox mailbox;
    private final int workLimit;
    private final BiConsumer<Source, Throwable> failures;
    private final TimerQueue timers = new TimerQueue();
    private final ArrayDeque<Deferred> deferred = new ArrayDeque<>();
    private ArrayList<Flushable> dirty = new ArrayList<>();
    private ArrayList<Flushable> flushing = new ArrayList<>();
    private @Nullable Handle[] readyHandles = new Handle[64];
    private int[] readyOps = new int[64];
    private int readyCount;
    /** Who has failed and could not be told, with what: made early, since there may be no memory for it later. */
    private final @Nullable ReadyListener[] abandoned = new ReadyListener[MOST_ABANDONED];

    private final @Nullable Throwable[] abandonedFor = new Throwable[MOST_ABANDONED];
    private int abandonedCount;
    /** The time of this turn. */
    private long now;

    private long turns;
    private int pollFailures;
    private @Nullable TurnListener turnListener;
    private boolean inTurn;
    /** Whether the loop waits, or is about to, or nobody drives it: then whoever adds work must wake the transport. */
    private volatile boolean idle = true;

    /**
     * Makes a loop.
     *
     * @param transport sockets, owned by the loop
     * @param time the clock
     * @param mailbox where other threads put their tasks
     * @param workLimit how many pieces of each kind of work a turn does
     * @param failures receives what tasks and timers throw
     */
    public EventLoop(
            Transport transport,
            TimeSource time,
            Mailbox mailbox,
            int workLimit,
            BiConsumer<Source, Throwable> failures) {
        this.transport = transport;
        this.time = time;
        this.mailbox = mailbox;
        this.workLimit = workLimit;
        this.failures = failures;
        this.now = time.nanoTime();
    }

    /**
     * Has somebody hear of the end of every turn.
     *
     * @param listener who, or null for nobody
     */
    public void listenToTurns(@Nullable TurnListener listener) {
        turnListener = listener;
    }

    /**
     * Runs one turn.
     *
     * @param maxWaitNanos the longest wait for something to do; negative for no limit
     * @return how many pieces of work were done
     */
    public int runOnce(long maxWaitNanos) {
        inTurn = true;
        idle = false;
        turns++;
        now = time.nanoTime();
        int work = runTasks();
        poll(work == 0 ? maxWaitNanos : 0); // who had something to do does not wait: a task may have ended it all
        now = time.nanoTime();
        if (work == 0 && readyCount == 0) {
            work = runTasks(); // what ended the wait; to begin a turn for it would ask the system once more, in vain
        }
        work += serveReady();
        work += fireTimers();
        work += settle();
        TurnListener listener = turnListener;
        if (listener != null) {
            listener.turnEnded(now, work);
        }
        inTurn = false;
        idle = true;
        return work;
    }

    private int runTasks() {
        int done = 0;
        for (Runnable task; done < workLimit && (task = mailbox.poll()) != null; done++) {
            try {
                task.run();
            } catch (Throwable e) {
                failures.accept(Source.TASK, e);
            }
        }
        return done;
    }

    private void poll(long maxWaitNanos) {
        long wait = waitNanos(maxWaitNanos);
        if (wait != 0) {
            idle = true; // from here on a producer wakes the transport; look once more at what came just before
            if (!mailbox.isEmpty()) {
                wait = 0;
            }
        }
        try {
            transport.poll(wait, this);
            pollFailures = 0;
        } catch (IOException | RuntimeException | OutOfMemoryError e) { // who asks for too much is ended, not the loop
            pollFailures++;
            failures.accept(Source.LOOP, e);
        }
        idle = false;
    }

    private long waitNanos(long maxWaitNanos) {
        if (maxWaitNanos == 0 || !mailbox.isEmpty() || !deferred.isEmpty() || !dirty.isEmpty()) {
            return 0;
        }
        long deadline = timers.nextDeadline();
        if (deadline == Long.MAX_VALUE) {
            return maxWaitNanos;
        }
        long untilTimer = until(deadline, now);
        return maxWaitNanos < 0 ? untilTimer : Math.min(untilTimer, maxWaitNanos);
    }

    /** Called by the transport for each ready handle, which is noted and served when all have been named. */
    @Override
    public void ready(Handle handle, int ops) {
        if (readyCount == readyOps.length) {
            readyHandles = Arrays.copyOf(readyHandles, readyCount * 2);
            readyOps = Arrays.copyOf(readyOps, readyCount * 2);
        }
        readyHandles[readyCount] = handle;
        readyOps[readyCount++] = ops;
    }

    private int serveReady() {
        int count = readyCount;
        for (int i = 0; i < count; i++) {
            Handle handle = readyHandles[i];
            readyHandles[i] = null;
            // closing a handle detaches it, so one that was closed earlier in this batch is passed over
            if (handle != null && handle.attachment() instanceof ReadyListener listener) {
                try {
                    listener.onReady(readyOps[i]);
                } catch (Throwable e) {
                    failures.accept(Source.LOOP, e);
                    giveUp(handle, listener, e);
                }
            }
        }
        readyCount = 0;
        if (abandonedCount > 0) {
            giveUpAgain();
        }
        return count;
    }

    /**
     * The handle would be ready again at once, and fail again. If the listener cannot even end it, for want of memory
     * perhaps, it is closed here, so that the loop does not turn for it alone, and the listener tries again.
     */
    private void giveUp(Handle handle, ReadyListener listener, Throwable failure) {
        try {
            listener.onFailure(failure);
        } catch (Throwable e) {
            if (abandonedCount < MOST_ABANDONED) {
                abandoned[abandonedCount] = listener;
                abandonedFor[abandonedCount++] = failure;
            } // else time-outs will find it
            silence(handle);
            failures.accept(Source.LOOP, e);
        }
    }

    private static void silence(Handle handle) {
        try {
            handle.interest(0);
            handle.close();
        } catch (Throwable e) {
            // as good as closed; what has failed before is reported
        }
    }

    /** One a turn, the last first; those before are not tried while that fails. */
    private void giveUpAgain() {
        int last = abandonedCount - 1;
        ReadyListener listener = abandoned[last];
        Throwable failure = abandonedFor[last];
        try {
            if (listener != null && failure != null) {
                listener.onFailure(failure);
            }
        } catch (Throwable e) {
            return; // there is still no memory
        }
        abandoned[last] = null;
        abandonedFor[last] = null;
        abandonedCount = last;
    }

    private int fireTimers() {
        int done = 0;
        for (TimerNode due; done < workLimit && (due = timers.pollDue(now)) != null; done++) {
            try {
                due.fire(due.deadlineNanos());
            } catch (Throwable e) {
                failures.accept(Source.TIMER, e);
            }
        }
        return done;
    }

    /** Runs deferred work and flushes, until neither is left or the turn has done enough. */
    private int settle() {
        int done = 0;
        for (int round = 0; round < ROUNDS_PER_TURN && !(deferred.isEmpty() && dirty.isEmpty()); round++) {
            done += runDeferred();
            flush();
        }
        return done;
    }

    private int runDeferred() {
        int done = 0;
        for (Deferred next; done < workLimit && (next = deferred.poll()) != null; done++) {
            try {
                next.runDeferred();
            } catch (Throwable e) {
                failures.accept(Source.LOOP, e);
            }
        }
        return done;
    }

    private void flush() {
        ArrayList<Flushable> batch = dirty;
        dirty = flushing;
        flushing = batch;
        for (int i = 0; i < batch.size(); i++) {
            try {
                batch.get(i).flush();
            } catch (Throwable e) {
                failures.accept(Source.LOOP, e);
            }
        }
        batch.clear();
    }

    /**
     * Queues work for later in this turn, or for the next one.
     *
     * @param work what to run
     */
    public void defer(Deferred work) {
        deferred.add(work);
        wakeIfOutside();
    }

    /**
     * Has something flushed at the end of this turn.
     *
     * @param target what to flush; the caller sees to it that it is queued once
     */
    public void flushLater(Flushable target) {
        dirty.add(target);
        wakeIfOutside();
    }

    /**
     * Arms a timer.
     *
     * @param node the timer
     * @param deadlineNanos when it is to fire
     */
    public void arm(TimerNode node, long deadlineNanos) {
        timers.arm(node, deadlineNanos);
        wakeIfOutside();
    }

    /**
     * Disarms a timer.
     *
     * @param node the timer
     * @return whether it was armed
     */
    public boolean disarm(TimerNode node) {
        return timers.cancel(node);
    }

    /**
     * A deadline some time from now.
     *
     * @param delayNanos how long from now; negative counts as zero
     * @return the deadline; the end of time if it lies beyond
     */
    public long deadlineIn(long delayNanos) {
        return deadline(now(), delayNanos);
    }

    /**
     * A deadline some time from an instant.
     *
     * @param base the instant
     * @param delayNanos how long from then; negative counts as zero
     * @return the deadline; the end of time if it lies beyond
     */
    public static long deadline(long base, long delayNanos) {
        long delay = Math.max(0, delayNanos);
        return delay >= Long.MAX_VALUE - 1 - Math.max(0, base) ? Long.MAX_VALUE - 1 : base + delay;
    }

    /**
     * How long it is until a deadline. Clocks count from anywhere, so the two may lie further apart than a number says.
     *
     * @param deadline the deadline
     * @param now the time
     * @return nanoseconds, 0 if it is over, {@link Long#MAX_VALUE} if it is that far away or farther
     */
    public static long until(long deadline, long now) {
        if (deadline <= now) {
            return 0;
        }
        long left = deadline - now;
        return left < 0 ? Long.MAX_VALUE : left;
    }

    /** Work that is caused outside a turn must end a wait that a driver may be in, and tells a world to run a turn. */
    private void wakeIfOutside() {
        if (!inTurn) {
            transport.wake();
        }
    }

    /**
     * May be called from any thread. Adds a task for the next turn.
     *
     * @param task the task
     * @return what became of it
     */
    public Mailbox.Offer offer(Runnable task) {
        return wakeIfIdle(mailbox.offer(task));
    }

    /**
     * May be called from any thread. Adds a task of the manager's own for the next turn; no limit refuses it.
     *
     * @param task the task
     * @return what became of it
     */
    public Mailbox.Offer offerInternal(Runnable task) {
        return wakeIfIdle(mailbox.offerInternal(task));
    }

    private Mailbox.Offer wakeIfIdle(Mailbox.Offer offer) {
        if (offer == Mailbox.Offer.ACCEPTED && idle) {
            transport.wake();
        }
        return offer;
    }

    /** May be called from any thread. Ends the present wait, or the next one. */
    public void wake() {
        transport.wake();
    }

    /** Refuses later tasks and runs all that were accepted before, and what they cause. */
    public void runRemainingTasks() {
        inTurn = true;
        mailbox.close();
        now = time.nanoTime();
        while (!mailbox.isEmpty()) {
            if (runTasks() == 0) {
                Thread.onSpinWait(); // a producer is between its two steps
            }
        }
        settle();
        inTurn = false;
    }

    /** Runs all deferred work, and what it causes, to the end: for closing. */
    public void runAllDeferred() {
        inTurn = true;
        while (!(deferred.isEmpty() && dirty.isEmpty())) {
            runDeferred();
            flush();
        }
        inTurn = false;
    }

    /** Disarms every timer. */
    public void clearTimers() {
        timers.clear();
    }

    /**
     * Tells whether a turn would have something to do at once: tasks, deferred work or flushing. Due timers are not
     * counted; see {@link #nextDeadlineNanos()}.
     *
     * @return whether there is work
     */
    public boolean hasWork() {
        return !mailbox.isEmpty() || !deferred.isEmpty() || !dirty.isEmpty();
    }

    /**
     * When the next timer is due; exact.
     *
     * @return the deadline, or {@link Long#MAX_VALUE} if none is armed
     */
    public long nextDeadlineNanos() {
        return timers.nextDeadline();
    }

    /**
     * The time of this turn; outside a turn the clock's.
     *
     * @return monotonic nanoseconds
     */
    public long now() {
        return inTurn ? now : time.nanoTime();
    }

    /**
     * Tells whether a turn is being run.
     *
     * @return true inside a callback
     */
    public boolean isInTurn() {
        return inTurn;
    }

    /**
     * Tells whether the transport has failed so often that turning on makes no sense.
     *
     * @return true if the loop is to be closed
     */
    public boolean isBroken() {
        return pollFailures >= POLL_FAILURES;
    }

    /**
     * How many timers are armed.
     *
     * @return the count
     */
    public int armedTimers() {
        return timers.armed();
    }

    /**
     * How many posted tasks wait.
     *
     * @return the count
     */
    public int waitingTasks() {
        return mailbox.size();
    }

    /**
     * How many turns were run.
     *
     * @return the count
     */
    public long turns() {
        return turns;
    }
}
