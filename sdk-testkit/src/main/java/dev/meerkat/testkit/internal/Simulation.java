package dev.meerkat.testkit.internal;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** One virtual world: time, network, trace, and the oracle that decides. What the public classes are views of. */
public final class Simulation {
    /** What the wall clock shows at the beginning when nothing else is asked for. */
    public static final Instant DEFAULT_WALL_START = Instant.parse("2000-01-01T00:00:00Z");

    /** How long a test waits, in virtual time, when nothing else is asked for: 60 s. */
    public static final long DEFAULT_WAIT_NANOS = 60_000_000_000L;

    private static final int LINES_OF_A_SHORT_REPORT = 20;

    private final Trace trace = new Trace();
    private final Oracle oracle;
    private final Scheduler scheduler;
    private final Network network;
    private final Entity self;
    private final List<Mishap> mishaps = new ArrayList<>();
    private final List<RawStream> testEnds = new ArrayList<>();
    private final List<ManagerDriver> drivers = new ArrayList<>();
    private final Names names;
    private final List<String> violations = new ArrayList<>();
    private boolean reported;
    private int pairs;
    private @Nullable String waitingFor;

    /** How waiting ended. */
    public enum Outcome {
        /** What was waited for is there. */
        HAPPENED,
        /** The time is over. */
        TIMED_OUT,
        /** Nothing is left that could ever happen. */
        NOTHING_LEFT
    }

    /**
     * Makes a world.
     *
     * @param seed decides everything that is free to be decided
     * @param explores whether other orders than first come, first served are taken
     * @param wallStart what the wall clock shows at the beginning
     */
    public Simulation(long seed, boolean explores, Instant wallStart) {
        oracle = new Oracle(seed, explores);
        scheduler = new Scheduler(trace, oracle, wallStart);
        network = new Network(scheduler, trace, oracle);
        names = new Names(network);
        self = new Entity(0, "", "world", 0);
    }

    /**
     * What decides.
     *
     * @return the oracle
     */
    public Oracle oracle() {
        return oracle;
    }

    /**
     * What happened.
     *
     * @return the trace
     */
    public Trace trace() {
        return trace;
    }

    /**
     * The time.
     *
     * @return the scheduler
     */
    public Scheduler scheduler() {
        return scheduler;
    }

    /**
     * The network.
     *
     * @return the network
     */
    public Network network() {
        return network;
    }

    /**
     * What names mean.
     *
     * @return the names
     */
    public Names names() {
        return names;
    }

    /**
     * Notes something that concerns the whole world.
     *
     * @param what a short text
     * @param detail a number that belongs to it
     */
    public void record(String what, long detail) {
        trace.record(scheduler.now(), self, what, detail, 0);
    }

    /**
     * Schedules something that a test does.
     *
     * @param time when
     * @param what how to name it in the trace
     * @param body what to do
     * @return the task, which can be cancelled
     */
    public Action at(long time, String what, Runnable body) {
        Action action = new Action(this, what, body);
        scheduler.at(action, time);
        return action;
    }

    /**
     * Lets events happen until something holds.
     *
     * @param condition what to wait for
     * @param limitNanos how long at most
     * @return how it ended; only after {@link Outcome#TIMED_OUT} has all that time passed
     */
    public Outcome await(BooleanSupplier condition, long limitNanos) {
        scheduler.checkMayDrive();
        long deadline = Times.plus(scheduler.now(), limitNanos);
        while (!condition.getAsBoolean()) {
            if (!scheduler.stepUntil(deadline)) {
                if (scheduler.nextTime() == Long.MAX_VALUE) {
                    return Outcome.NOTHING_LEFT;
                }
                scheduler.advanceTo(deadline);
                return Outcome.TIMED_OUT;
            }
        }
        return Outcome.HAPPENED;
    }

    /**
     * Lets events happen until something holds, and fails if it does not come about.
     *
     * @param what what is waited for, for the message
     * @param condition what to wait for
     * @param limitNanos how long at most
     */
    public void require(String what, BooleanSupplier condition, long limitNanos) {
        waitingFor = what;
        Outcome outcome = await(condition, limitNanos);
        if (outcome != Outcome.HAPPENED) {
            throw failure("waited for " + what + ": " + why(outcome, limitNanos));
        }
        waitingFor = null;
    }

    /**
     * Says why waiting ended without success.
     *
     * @param outcome how it ended
     * @param limitNanos how long it was to last
     * @return part of a sentence
     */
    public static String why(Outcome outcome, long limitNanos) {
        return outcome == Outcome.NOTHING_LEFT
                ? "deadlock, nothing is left that could ever happen"
                : "it did not come within " + Times.text(limitNanos) + " of virtual time";
    }

    /**
     * What the test was waiting for when it failed.
     *
     * @return a description, or null if it was not waiting
     */
    public @Nullable String waitingFor() {
        return waitingFor;
    }

    /** Leaves the list of events to a report that is made anyway. */
    public void reportedElsewhere() {
        reported = true;
    }

    /**
     * Makes the failure of an expectation. Unless a report is made anyway it shows the last events.
     *
     * @param message what was expected and what was found
     * @return the failure, to be thrown
     */
    public AssertionError failure(String message) {
        StringBuilder text = new StringBuilder(message);
        if (!reported) {
            text.append("\nvirtual time ").append(Times.text(scheduler.now()));
            List<Trace.Line> lines = trace.last(LINES_OF_A_SHORT_REPORT);
            text.append(lines.isEmpty() ? "" : "\nlast events:");
            for (Trace.Line line : lines) {
                text.append("\n  ").append(line);
            }
            new Leaks(this).threads().forEach(thread -> text.append("\n").append(thread));
        }
        AssertionError failure = new AssertionError(text.toString());
        for (Mishap mishap : mishaps) {
            failure.addSuppressed(new AssertionError(mishap.toString(), mishap.failure()));
        }
        return failure;
    }

    // ---- what went wrong in handlers

    /**
     * Notes a failure that went to an error hook.
     *
     * @param where on which manager or connection
     * @param source what failed
     * @param thrown what was thrown
     */
    public void mishap(String where, String source, Throwable thrown) {
        mishaps.add(new Mishap(scheduler.now(), where, source, thrown));
        record(where + ": " + source + " failed, " + thrown.getClass().getName(), 0);
    }

    /**
     * Hands over the failures that went to error hooks; they no longer fail the run.
     *
     * @return the failures so far, oldest first
     */
    public List<Mishap> takeMishaps() {
        List<Mishap> taken = new ArrayList<>(mishaps);
        mishaps.clear();
        return taken;
    }

    /**
     * The failures that went to error hooks.
     *
     * @return a copy
     */
    public List<Mishap> mishaps() {
        return new ArrayList<>(mishaps);
    }

    /**
     * Notes a break of a rule that no program may cause.
     *
     * @param rule what was broken, and by whom
     */
    public void violation(String rule) {
        violations.add(Times.text(scheduler.now()) + "  " + rule);
    }

    /**
     * The broken rules.
     *
     * @return a copy
     */
    public List<String> violations() {
        return new ArrayList<>(violations);
    }

    // ---- the test's own ends

    void register(RawStream end) {
        testEnds.add(end);
    }

    /**
     * The ends that the test holds.
     *
     * @return a copy, in the order in which they were made
     */
    public List<RawStream> testEnds() {
        return new ArrayList<>(testEnds);
    }

    void register(ManagerDriver driver) {
        drivers.add(driver);
    }

    /**
     * The drivers of all managers, also of closed ones.
     *
     * @return a copy, in the order in which they were made
     */
    public List<ManagerDriver> drivers() {
        return new ArrayList<>(drivers);
    }

    /**
     * Numbers the pairs of a clock.
     *
     * @return 1, 2, 3 and so on
     */
    public int nextPair() {
        return ++pairs;
    }
}
