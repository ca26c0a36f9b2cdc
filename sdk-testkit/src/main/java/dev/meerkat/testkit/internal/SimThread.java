package dev.meerkat.testkit.internal;

import dev.meerkat.runtime.WorkerThread;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A real thread for code that blocks, in a world where nothing happens at the same time. Its turns are events like
 * others: the thread of the test hands it the baton and waits until the thread parks or ends. So exactly one of them
 * runs at any time, time stands still meanwhile, and a seed repeats to the bit.
 *
 * <p>Whoever has the baton may touch everything; handing it over orders what they do.
 */
final class SimThread extends SimTask implements WorkerThread {
    /** Exploring, how long a thread that could run waits for a processor, in steps of 100 microseconds. */
    private static final int EXPLORED_DELAYS = 20;

    private static final long DELAY_STEP = 100_000;

    /** How often a thread is asked to end at the end of the world. */
    private static final int KILLS = 100;

    private final Simulation simulation;
    private final SimWorkers workers;
    private final Entity self;
    private final String name;
    private final Consumer<WorkerThread> body;
    private final Oracle.Stream delays;
    private final Semaphore go = new Semaphore(0);
    private final Semaphore back = new Semaphore(0);
    private final Thread thread;
    private boolean begun;
    private boolean ended;
    private boolean permit;
    /** It is to have a turn: at the present instant, or when it gets a processor. */
    private boolean woken;

    private boolean killed;
    private @Nullable String waitsFor;

    /** Ends the code of a thread when the world is over. */
    private static final class WorldIsOver extends Error {
        private static final long serialVersionUID = 1;

        WorldIsOver() {
            super("the world is over", null, false, false);
        }
    }

    SimThread(Simulation simulation, SimWorkers workers, String name, Consumer<WorkerThread> body) {
        this.simulation = simulation;
        this.workers = workers;
        this.name = name;
        this.body = body;
        this.self = new Entity(simulation.network().nextEntity(), "", "thread " + name, 0);
        this.delays = simulation.oracle().stream("thread", name);
        this.thread = new Thread(null, this::main, name, 0, false);
        thread.setDaemon(true);
    }

    // ---------------------------------------------------------------- who has the baton gives it to this thread

    void wakeUp() {
        if (!woken) {
            woken = true;
            Scheduler scheduler = simulation.scheduler();
            scheduler.at(this, Times.plus(scheduler.now(), delays.choose(EXPLORED_DELAYS) * DELAY_STEP));
        }
    }

    @Override
    protected void run() {
        if (!ended && !workers.isDown()) {
            resume();
        }
    }

    /** Has its turn at once, if it is to have one; without waiting for a processor. */
    boolean runNow() {
        if (!woken || ended || isCurrent()) {
            return false;
        }
        simulation.scheduler().cancel(this);
        resume();
        return true;
    }

    private void resume() {
        Scheduler scheduler = simulation.scheduler();
        simulation.trace().mix(scheduler.now(), self.id(), "thread", 0, 0);
        woken = false;
        Thread before = scheduler.lend(thread);
        if (begun) {
            go.release();
        } else {
            begun = true;
            thread.start();
        }
        try {
            if (back.tryAcquire(workers.patienceMillis(), TimeUnit.MILLISECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            scheduler.lend(before);
        }
        ended = true;
        workers.ended(this);
        AssertionError stuck =
                new AssertionError("thread " + name + " keeps the world waiting: it computes for ever, or"
                        + " waits for something that is not of this world; its stack is the cause");
        Throwable where = new Throwable("thread " + name);
        where.setStackTrace(thread.getStackTrace());
        stuck.initCause(where);
        throw stuck;
    }

    void kill() {
        killed = true;
        simulation.scheduler().cancel(this);
        for (int i = 0; begun && !ended && i < KILLS; i++) {
            resume();
        }
    }

    // ---------------------------------------------------------------- the thread itself

    private void main() {
        try {
            body.accept(this);
        } catch (WorldIsOver e) {
            // it need not go on
        } catch (Throwable e) {
            simulation.mishap(name, "THREAD", e);
        } finally {
            ended = true;
            workers.ended(this);
            back.release();
        }
    }

    @Override
    public void park(String what, long nanos) throws InterruptedException {
        if (killed) {
            throw new WorldIsOver();
        }
        if (!permit && !thread.isInterrupted()) {
            waitsFor = what;
            if (nanos >= 0) {
                Scheduler scheduler = simulation.scheduler();
                scheduler.at(this, Times.plus(scheduler.now(), nanos));
            }
            back.release();
            go.acquireUninterruptibly();
            waitsFor = null;
            if (killed) {
                throw new WorldIsOver();
            }
        }
        permit = false;
        if (Thread.interrupted()) {
            throw new InterruptedException(what);
        }
    }

    // ---------------------------------------------------------------- whoever has the baton

    @Override
    public void unpark() {
        permit = true;
        if (waitsFor != null && !ended) {
            wakeUp();
        }
    }

    @Override
    public void interrupt() {
        if (!begun) {
            ended = true;
            simulation.scheduler().cancel(this);
            workers.ended(this);
        } else if (!ended) {
            thread.interrupt();
            if (waitsFor != null) {
                wakeUp();
            }
        }
    }

    @Override
    public boolean join(long nanos) {
        workers.runThreads();
        return ended;
    }

    @Override
    public boolean isCurrent() {
        return Thread.currentThread() == thread;
    }

    @Override
    public StackTraceElement[] stackTrace() {
        return thread.getStackTrace();
    }

    /** A thread that sleeps only passes time; one that could run is under way. */
    @Override
    boolean isTimer() {
        return !woken;
    }

    @Override
    public String describe() {
        String what = waitsFor;
        String state = what == null ? begun ? "runs" : "has not begun" : "blocked in " + what;
        return "thread " + name + ": " + state;
    }
}
