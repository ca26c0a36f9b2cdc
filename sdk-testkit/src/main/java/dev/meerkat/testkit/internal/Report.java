package dev.meerkat.testkit.internal;

import java.util.ArrayList;
import java.util.List;

/** Everything one wants to know about a run that failed, most useful first. */
public final class Report {
    private static final int EVENTS = 40;
    private static final int PENDING = 20;
    private static final int CHOICES = 40;
    private static final int OPEN = 40;

    private final Simulation simulation;
    private final StringBuilder text = new StringBuilder();

    private Report(Simulation simulation) {
        this.simulation = simulation;
    }

    /**
     * Writes the report.
     *
     * @param simulation the world, as it was when the run failed
     * @param name of the run
     * @param cause what went wrong
     * @param rerun a command, or a line of code, that repeats the run
     * @return the text, many lines
     */
    public static String of(Simulation simulation, String name, String cause, String rerun) {
        return new Report(simulation).write(name, cause, rerun);
    }

    private String write(String name, String cause, String rerun) {
        Scheduler scheduler = simulation.scheduler();
        line(name + " failed with seed 0x"
                + Long.toHexString(simulation.oracle().seed()));
        line("rerun: " + rerun);
        line("");
        line(cause);
        line("");
        line("virtual time " + Times.text(scheduler.now()) + ", wall clock " + scheduler.wallTime() + ", "
                + scheduler.events() + " events, hash "
                + Long.toHexString(simulation.trace().hash()));
        String waiting = simulation.waitingFor();
        if (waiting != null) {
            line("the test waited for " + waiting);
        }
        section("last events", strings(simulation.trace().last(EVENTS)), EVENTS);
        section("thrown in handlers, tasks and timers", strings(simulation.mishaps()), OPEN);
        Leaks holdings = new Leaks(simulation);
        section("open connections", holdings.connections(), OPEN);
        section("threads", holdings.threads(), OPEN);
        section("open sockets", holdings.openSockets(), OPEN);
        pending(scheduler);
        section("managers", managers(), OPEN);
        section("links and faults", links(), OPEN);
        section("faults that have not happened", unusedFaults(), OPEN);
        choices();
        return text.toString();
    }

    private void pending(Scheduler scheduler) {
        List<String> lines = new ArrayList<>();
        for (SimTask task : scheduler.pending(PENDING)) {
            lines.add("at " + Times.text(task.time()) + "  " + task.describe());
        }
        section("pending, of " + scheduler.pendingCount(), lines, PENDING);
    }

    private List<String> managers() {
        List<String> lines = new ArrayList<>();
        for (ManagerDriver driver : simulation.drivers()) {
            String line = driver.describe();
            if (line != null) {
                lines.add(line);
            }
        }
        return lines;
    }

    private List<String> links() {
        List<String> lines = new ArrayList<>();
        for (Route route : simulation.network().routes()) {
            String line = route.describe();
            if (!line.isEmpty()) {
                lines.add(line);
            }
        }
        return lines;
    }

    private List<String> unusedFaults() {
        List<String> lines = new ArrayList<>();
        for (Route route : simulation.network().routes()) {
            lines.addAll(route.unusedFaults());
        }
        return lines;
    }

    private void choices() {
        Oracle oracle = simulation.oracle();
        if (oracle.explores()) {
            section("choices out of the ordinary, of " + oracle.deviations(), strings(oracle.log()), CHOICES);
        }
    }

    private void section(String title, List<String> lines, int limit) {
        if (lines.isEmpty()) {
            return;
        }
        line(title + ":");
        for (String each : lines.subList(0, Math.min(limit, lines.size()))) {
            line("  " + each);
        }
        if (lines.size() > limit) {
            line("  and " + (lines.size() - limit) + " more");
        }
    }

    private static List<String> strings(List<?> things) {
        List<String> lines = new ArrayList<>();
        for (Object thing : things) {
            lines.add(thing.toString());
        }
        return lines;
    }

    private void line(String content) {
        text.append(content).append('\n');
    }
}
