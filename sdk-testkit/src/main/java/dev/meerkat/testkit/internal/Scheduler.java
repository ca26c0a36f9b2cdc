package dev.meerkat.testkit.internal;

import dev.meerkat.runtime.TimeSource;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Virtual time. It stands still while anything can happen at the present instant, and then moves to exactly the next
 * instant at which something is due: no ticks, no jumps over anything.
 *
 * <p>Within an instant the order is: tasks that are due, by (time, sequence of scheduling); then turns of the runners
 * that have work, first come first served; then what was {@linkplain #afterTurns postponed} until everybody had a turn.
 * When it explores, the first two are mixed and the runner is chosen, which are the freedoms a real machine has.
 *
 * <p>One thread only. Every event at an instant is one link longer a chain than the event that caused it; a chain of
 * {@link #CHAIN_LIMIT} links is a livelock and ends the run. Counting chains instead of events lets a broadcast to a
 * million connections pass and finds two handlers that answer each other for ever.
 */
public final class Scheduler implements TimeSource {
    /** The longest chain of events at one instant. */
    public static final int CHAIN_LIMIT = 100_000;

    /** The most events at one instant, in however many chains. */
    private static final long INSTANT_LIMIT = 20_000_000;

    /** Among how many runners exploration chooses. */
    private static final int RUNNER_CHOICES = 64;

    private static final int LIVELOCK_LINES = 20;

    /** Another time that this one follows: that of a test framework which moves time by itself. */
    public interface Leader {
        /**
         * Tells the time.
         *
         * @return its present, in nanoseconds on this clock
         */
        long now();

        /** Hears that something was scheduled from outside an event: what happens next may have become another. */
        void onScheduled();
    }

    private final Trace trace;
    private final Oracle.Stream instantChoice;
    private final Oracle.Stream runnerChoice;
    private final boolean explores;
    private final Thread owner = Thread.currentThread();
    private final TaskHeap heap = new TaskHeap();
    private final ArrayDeque<Runner> ready = new ArrayDeque<>();
    private final ArrayDeque<SimTask> postponed = new ArrayDeque<>();
    private final ArrayList<Runner> changed = new ArrayList<>();
    private final ForeignCalls foreignCalls = new ForeignCalls();
    private Instant wallStart;
    private long now;
    private long nextSequence;
    private long events;
    private long instantEvents;
    private long eventLimit = Long.MAX_VALUE;
    private long timeLimit = Long.MAX_VALUE;
    private int currentDepth = -1;
    private boolean running;
    /** A thread of this world that runs while the owner waits for it. */
    private @Nullable Thread lent;

    private @Nullable Leader leader;
    private boolean following;

    /**
     * Makes a scheduler, owned by the calling thread, at time 0.
     *
     * @param trace where to report a livelock from
     * @param oracle decides about order
     * @param wallStart what the wall clock shows at time 0
     */
    public Scheduler(Trace trace, Oracle oracle, Instant wallStart) {
        this.trace = trace;
        this.instantChoice = oracle.stream("instant", "world");
        this.runnerChoice = oracle.stream("loop", "world");
        this.explores = oracle.explores();
        this.wallStart = wallStart;
    }

    /**
     * The present instant.
     *
     * @return virtual nanoseconds since the start
     */
    public long now() {
        Leader ahead = leader;
        if (ahead != null && !running && !following) {
            catchUp(ahead);
        }
        return now;
    }

    @Override
    public long nanoTime() {
        return now();
    }

    @Override
    public Instant wallTime() {
        return wallStart.plusNanos(now());
    }

    /**
     * Follows another time from now on. Whoever asks for the time outside an event is told the leader's, though never
     * one beyond what is still to happen; and nobody drives this time but {@link #follow}.
     *
     * @param newLeader whom to follow, or null to be driven as usual
     */
    public void lead(@Nullable Leader newLeader) {
        leader = newLeader;
    }

    /** Lets everything happen that is due by the time of the leader. */
    public void follow() {
        Leader ahead = Objects.requireNonNull(leader, "leader");
        following = true;
        try {
            advanceTo(ahead.now());
        } finally {
            following = false;
        }
    }

    private void catchUp(Leader ahead) {
        if (ready.isEmpty() && postponed.isEmpty() && changed.isEmpty()) {
            moveTo(Math.min(ahead.now(), heap.firstTime()));
        }
    }

    private void moveTo(long time) {
        if (time > now) {
            now = time;
            instantEvents = 0;
        }
    }

    private void tellLeader() {
        Leader ahead = leader;
        if (ahead != null && !running && !following) {
            ahead.onScheduled();
        }
    }

    /**
     * Tells whether anything is scheduled that comes to an end by itself: bytes on their way, a look-up, a job; not
     * just timers.
     *
     * @return whether something is under way
     */
    public boolean hasUnderWay() {
        refreshChanged();
        return !ready.isEmpty() || !postponed.isEmpty() || heap.hasUnderWay();
    }

    /**
     * Sets the wall clock. No timer moves.
     *
     * @param instant what it shows from now on
     */
    public void setWallTime(Instant instant) {
        wallStart = instant.minusNanos(now());
    }

    /**
     * How many events have happened.
     *
     * @return the count of tasks and turns
     */
    public long events() {
        return events;
    }

    /**
     * Limits a run.
     *
     * @param mostEvents how many events may happen
     * @param mostNanos how late they may happen
     */
    public void limits(long mostEvents, long mostNanos) {
        eventLimit = mostEvents;
        timeLimit = mostNanos;
    }

    /**
     * Schedules a task, or moves it if it is scheduled already.
     *
     * @param task what to run
     * @param time when; the present instant if it is in the past
     */
    public void at(SimTask task, long time) {
        task.time = Math.max(time, now());
        task.sequence = nextSequence++;
        task.depth = task.time == now ? currentDepth + 1 : 0;
        heap.put(task);
        tellLeader();
    }

    /**
     * Takes a task out of the queue. It does not run, not even if it is due now.
     *
     * @param task the task
     */
    public void cancel(SimTask task) {
        if (task.isScheduled()) {
            heap.remove(task);
        }
    }

    /**
     * Has a task run at this instant when nothing else is left to do: whoever could react to what just happened has
     * reacted by then. Must not be scheduled or postponed already.
     *
     * @param task what to run
     */
    public void afterTurns(SimTask task) {
        task.time = now();
        task.depth = currentDepth + 1;
        postponed.add(task);
        tellLeader();
    }

    /**
     * Gives a runner a turn at this instant.
     *
     * @param runner who
     */
    public void ready(Runner runner) {
        if (!runner.ready) {
            now(); // it is ready at the leader's time, if there is one
            runner.ready = true;
            runner.depth = currentDepth + 1;
            ready.add(runner);
            tellLeader();
        }
    }

    /**
     * Has a runner look for work before anything else happens. May be called from any thread; but a run in which
     * another thread had a hand cannot be repeated.
     *
     * @param runner who
     */
    public void changed(Runner runner) {
        if (!isOwner()) {
            foreignCalls.add(runner);
        } else if (!runner.changed) {
            runner.changed = true;
            runner.depth = currentDepth + 1;
            now();
            changed.add(runner);
            tellLeader();
        }
    }

    /**
     * Who other than the owner called into this world.
     *
     * @return the stack of the first such call, or an empty list
     */
    public List<StackTraceElement> foreignCall() {
        return foreignCalls.first();
    }

    /**
     * When the next event happens.
     *
     * @return now if there is something to do, or a later instant, or {@link Long#MAX_VALUE} if nothing will ever
     *     happen
     */
    public long nextTime() {
        refreshChanged();
        return ready.isEmpty() && postponed.isEmpty() ? Math.max(now, heap.firstTime()) : now;
    }

    /**
     * Lets one event happen, at the present instant or the next.
     *
     * @return false if there is none
     */
    public boolean step() {
        return stepUntil(Long.MAX_VALUE - 1);
    }

    /**
     * Lets one event happen if it happens early enough.
     *
     * @param latest the last instant that counts
     * @return false if there is none until then; time has not moved
     */
    public boolean stepUntil(long latest) {
        checkMayDrive();
        long next = nextTime();
        if (next > latest) {
            return false;
        }
        if (next > now) {
            if (next > timeLimit) {
                throw new AssertionError("the run goes on after " + Times.text(timeLimit) + " of virtual time");
            }
            now = next;
            instantEvents = 0;
        }
        running = true;
        try {
            runNext();
        } finally {
            running = false;
            currentDepth = -1;
        }
        trace.throwIfStopped();
        return true;
    }

    /**
     * Lets everything happen until an instant, that instant included, and moves time there.
     *
     * @param time the instant; not in the past
     */
    public void advanceTo(long time) {
        if (time < now) {
            throw new IllegalArgumentException(
                    "time does not run backwards: it is " + Times.text(now) + ", asked for " + Times.text(time));
        }
        while (stepUntil(time)) {
            // one event after the other
        }
        moveTo(time);
    }

    /**
     * What is scheduled.
     *
     * @param limit how many tasks at most
     * @return in the order in which they will run
     */
    public List<SimTask> pending(int limit) {
        return Arrays.asList(heap.firstInOrder(limit));
    }

    /**
     * How many tasks are scheduled.
     *
     * @return the count
     */
    public int pendingCount() {
        return heap.size();
    }

    /**
     * Tells whether the calling thread owns this time, or has it lent.
     *
     * @return whether it may call anything here but drive
     */
    public boolean isOwner() {
        Thread caller = Thread.currentThread();
        return caller == owner || caller == lent;
    }

    /**
     * Lends this time to a thread of the world, while whoever has it now waits.
     *
     * @param thread who has it from now on; null for the owner alone
     * @return who had it lent before
     */
    @Nullable
    Thread lend(@Nullable Thread thread) {
        Thread before = lent;
        lent = thread;
        return before;
    }

    /**
     * Fails unless the caller may drive: from the owner's thread, and not from inside an event.
     *
     * @throws IllegalStateException if it may not
     */
    public void checkMayDrive() {
        if (Thread.currentThread() != owner) {
            throw new IllegalStateException("virtual time belongs to the thread that made it, " + owner.getName()
                    + "; called on " + Thread.currentThread().getName());
        }
        if (running) {
            throw new IllegalStateException(
                    "called from inside an event: a handler, task or timer cannot wait for virtual time to pass");
        }
        if (leader != null && !following) {
            throw new IllegalStateException("this world follows another clock, which alone moves its time");
        }
    }

    private void refreshChanged() {
        if (foreignCalls.isPending()) {
            foreignCalls.drainTo(changed);
        }
        if (!changed.isEmpty()) {
            for (int i = 0; i < changed.size(); i++) {
                Runner runner = changed.get(i);
                runner.changed = false;
                int depth = runner.depth;
                runner.refresh();
                runner.depth = depth;
            }
            changed.clear();
        }
    }

    private void runNext() {
        if (events++ >= eventLimit) {
            throw new AssertionError("more than " + eventLimit + " events in one run; it is " + Times.text(now));
        }
        instantEvents++;
        boolean due = heap.firstTime() <= now;
        if (due && explores && !ready.isEmpty() && instantChoice.choose(2) == 1) {
            due = false;
        }
        if (due) {
            runTask(heap.take());
        } else if (!ready.isEmpty()) {
            runTurn(takeReady());
        } else {
            runTask(postponed.remove());
        }
    }

    private void runTask(SimTask task) {
        enter(task.depth);
        task.run();
    }

    private void runTurn(Runner runner) {
        runner.ready = false;
        enter(runner.depth);
        runner.turn();
    }

    private void enter(int depth) {
        currentDepth = depth;
        if (depth >= CHAIN_LIMIT || instantEvents >= INSTANT_LIMIT) {
            throw livelock();
        }
    }

    private Runner takeReady() {
        Runner first = ready.remove();
        if (!explores || ready.isEmpty()) {
            return first;
        }
        int skip = runnerChoice.choose(Math.min(ready.size() + 1, RUNNER_CHOICES));
        for (; skip > 0; skip--) {
            ready.add(first); // whoever is passed over queues up again; exploring, no order is better than another
            first = ready.remove();
        }
        return first;
    }

    private LivelockError livelock() {
        StringBuilder text = new StringBuilder("livelock: ")
                .append(instantEvents)
                .append(" events at ")
                .append(Times.text(now))
                .append(" and time does not move; the last of them:");
        for (Trace.Line line : trace.last(LIVELOCK_LINES)) {
            text.append("\n  ").append(line);
        }
        return new LivelockError(text.toString());
    }
}
