package dev.meerkat.testkit;

import dev.meerkat.testkit.internal.Leaks;
import dev.meerkat.testkit.internal.ManagerDriver;
import dev.meerkat.testkit.internal.Mishap;
import dev.meerkat.testkit.internal.RawStream;
import dev.meerkat.testkit.internal.Scheduler;
import dev.meerkat.testkit.internal.Simulation;
import dev.meerkat.testkit.internal.Times;
import java.util.List;

/** What is done and checked when a test in a world is over. */
final class WorldEnd {
    private final Simulation simulation;
    private final List<GrammarChecker> checkers;
    private final Leaks leaks;

    WorldEnd(Simulation simulation, List<GrammarChecker> checkers) {
        this.simulation = simulation;
        this.checkers = checkers;
        this.leaks = new Leaks(simulation);
    }

    void check(long graceNanos) {
        try {
            checkAll(graceNanos);
        } finally {
            simulation.drivers().forEach(ManagerDriver::killThreads);
        }
    }

    private void checkAll(long graceNanos) {
        failOnErrors();
        closeTheTestsSockets();
        settle(graceNanos);
        failOn("left when the test was over:", leaks.unfinished());
        simulation.testEnds().forEach(RawStream::abort);
        closeManagers();
        failOn("left although every manager was closed:", leaks.afterClosing());
        checkers.forEach(GrammarChecker::assertFinished);
        simulation.drivers().forEach(ManagerDriver::checkEnded);
        failOn("broken rules:", simulation.violations());
        failOnErrors();
    }

    /** Instant by instant, because asking every socket after every event would take for ever in a large world. */
    private void settle(long graceNanos) {
        Scheduler scheduler = simulation.scheduler();
        long deadline = Times.plus(scheduler.now(), graceNanos);
        while (!leaks.isSettled() && scheduler.nextTime() <= deadline) {
            scheduler.advanceTo(scheduler.nextTime());
        }
    }

    private void failOnErrors() {
        List<Mishap> mishaps = simulation.mishaps();
        if (!mishaps.isEmpty()) {
            throw new AssertionError(
                    "thrown in a handler, task or timer, and not taken by the test: " + mishaps.get(0),
                    mishaps.get(0).failure());
        }
        List<StackTraceElement> foreign = simulation.scheduler().foreignCall();
        if (!foreign.isEmpty()) {
            AssertionError error = new AssertionError(
                    "another thread called into the world; no seed repeats that. See the stack of the cause");
            Throwable stack = new Throwable("the first call from another thread");
            stack.setStackTrace(foreign.toArray(StackTraceElement[]::new));
            error.initCause(stack);
            throw error;
        }
    }

    private void closeTheTestsSockets() {
        simulation.testEnds().forEach(RawStream::close);
        simulation.network().hosts().forEach(host -> host.closeHeldByTest());
    }

    private void closeManagers() {
        for (ManagerDriver driver : simulation.drivers()) {
            if (!driver.host().isDown()) {
                driver.manager().close();
            }
        }
    }

    private static void failOn(String headline, List<String> lines) {
        if (!lines.isEmpty()) {
            throw new AssertionError(headline + "\n  " + String.join("\n  ", lines));
        }
    }
}
