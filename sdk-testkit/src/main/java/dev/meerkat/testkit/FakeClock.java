package dev.meerkat.testkit;

import dev.meerkat.runtime.TimeSource;
import dev.meerkat.testkit.internal.Action;
import dev.meerkat.testkit.internal.Simulation;
import dev.meerkat.testkit.internal.Times;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Time that only the test moves, and everything that happens in it: timers and loops of the managers on this clock,
 * bytes on their way, what the test itself has planned.
 *
 * <p>Time moves from event to event and never over one. Whoever is called sees {@link #nanoTime()} equal to the instant
 * it was due at, however far {@link #advance} is told to go. Within an instant, what was planned first happens first,
 * and what an event causes at the same instant happens at the same instant, after what was already waiting. A chain of
 * 100,000 events that cause each other while time stands still is a livelock and fails with the last 20 of them.
 *
 * <p>The wall clock starts at 2000-01-01T00:00:00Z. It runs with the monotonic clock but can be set to anything without
 * moving a timer.
 *
 * <p>Belongs to the thread that makes it; no handler, task or timer may call the methods that move time.
 */
public final class FakeClock implements TimeSource {
    private final Simulation simulation;

    /** Makes a clock at time 0. */
    public FakeClock() {
        this(Simulation.DEFAULT_WALL_START);
    }

    /**
     * Makes a clock at time 0.
     *
     * @param wallStart what the wall clock shows at the beginning
     */
    public FakeClock(Instant wallStart) {
        this(new Simulation(0, false, Objects.requireNonNull(wallStart, "wallStart")));
    }

    FakeClock(Simulation simulation) {
        this.simulation = simulation;
    }

    Simulation simulation() {
        return simulation;
    }

    /**
     * The monotonic time.
     *
     * @return nanoseconds since the clock was made
     */
    @Override
    public long nanoTime() {
        return simulation.scheduler().nanoTime();
    }

    @Override
    public Instant wallTime() {
        return simulation.scheduler().wallTime();
    }

    /**
     * The monotonic time as a duration.
     *
     * @return the time since the clock was made
     */
    public Duration elapsed() {
        return Duration.ofNanos(nanoTime());
    }

    /**
     * Sets the wall clock. No timer moves.
     *
     * @param instant what it shows from now on
     */
    public void setWallTime(Instant instant) {
        simulation.scheduler().setWallTime(instant);
    }

    /**
     * Lets everything happen that is due within a span of time, its end included, and moves the clock to that end.
     *
     * @param span how far; {@link Duration#ZERO} is {@link #runCurrent()}
     * @throws IllegalArgumentException if the span is negative
     * @throws IllegalStateException if called from inside a handler, task or timer, or on another thread
     */
    public void advance(Duration span) {
        simulation.scheduler().advanceTo(Times.plus(nanoTime(), Times.nanos(span)));
    }

    /**
     * Lets everything happen that is due until an instant, that instant included, and moves the clock there.
     *
     * @param elapsed the instant, as the time since the clock was made
     * @throws IllegalArgumentException if it is in the past
     */
    public void advanceTo(Duration elapsed) {
        simulation.scheduler().advanceTo(Times.nanos(elapsed));
    }

    /** Lets everything happen that is due at this instant, and what it causes at this instant. Time stands still. */
    public void runCurrent() {
        simulation.scheduler().advanceTo(nanoTime());
    }

    /**
     * Lets one event happen: at this instant if there is one, or else the next, to which time moves.
     *
     * @return false if there is none
     */
    public boolean step() {
        return simulation.scheduler().step();
    }

    /**
     * Lets events happen until none is left, as long as that takes.
     *
     * @throws AssertionError if events are still left after a day of virtual time; what repeats itself never ends
     */
    public void untilIdle() {
        untilIdle(Duration.ofDays(1));
    }

    /**
     * Lets events happen until none is left.
     *
     * @param limit how much virtual time that may take
     * @throws AssertionError if events are still left then
     */
    public void untilIdle(Duration limit) {
        long deadline = Times.plus(nanoTime(), Times.nanos(limit));
        while (simulation.scheduler().stepUntil(deadline)) {
            // one event after the other
        }
        if (nextDeadline().isPresent()) {
            throw simulation.failure("not idle after " + limit + " of virtual time; next: "
                    + simulation.scheduler().pending(1));
        }
    }

    /**
     * Lets events happen until something holds. Asks after each event.
     *
     * @param condition what to wait for
     * @param limit how much virtual time that may take
     * @return whether it holds; if not, the clock has moved by the whole limit
     */
    public boolean runUntil(BooleanSupplier condition, Duration limit) {
        long limitNanos = Times.nanos(limit);
        long deadline = Times.plus(nanoTime(), limitNanos);
        Simulation.Outcome outcome = simulation.await(condition, limitNanos);
        if (outcome == Simulation.Outcome.NOTHING_LEFT) {
            simulation.scheduler().advanceTo(deadline);
        }
        return outcome == Simulation.Outcome.HAPPENED || condition.getAsBoolean();
    }

    /**
     * Has failures of pairs on this clock show WebSocket frames among the last events; see
     * {@link SimWorld#traceWebSockets()}.
     */
    public void traceWebSockets() {
        simulation.network().traceFrames();
    }

    /**
     * When the next event happens.
     *
     * @return the instant as the time since the clock was made, not before {@link #elapsed()}; empty if nothing is left
     */
    public Optional<Duration> nextDeadline() {
        long next = simulation.scheduler().nextTime();
        return next == Long.MAX_VALUE ? Optional.empty() : Optional.of(Duration.ofNanos(next));
    }

    /**
     * Plans something for later.
     *
     * @param delay from now
     * @param body what to do then
     * @return how to call it off
     */
    public Planned schedule(Duration delay, Runnable body) {
        Action action = simulation.at(Times.plus(nanoTime(), Times.nanos(delay)), "planned action", body);
        return new Planned(simulation, action);
    }

    /**
     * How many events have happened: deliveries, turns of loops, deadlines, planned actions.
     *
     * @return the count
     */
    public long eventCount() {
        return simulation.scheduler().events();
    }

    @Override
    public String toString() {
        return "FakeClock at " + Times.text(nanoTime());
    }

    /** Something planned on a clock. */
    public static final class Planned {
        private final Simulation simulation;
        private final Action action;

        private Planned(Simulation simulation, Action action) {
            this.simulation = simulation;
            this.action = action;
        }

        /**
         * Calls it off, also if it is due at this very instant.
         *
         * @return whether it was still going to happen
         */
        public boolean cancel() {
            boolean pending = action.isScheduled();
            simulation.scheduler().cancel(action);
            return pending;
        }
    }
}
