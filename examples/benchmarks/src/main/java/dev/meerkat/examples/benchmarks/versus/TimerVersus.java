package dev.meerkat.examples.benchmarks.versus;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Timers of Meerkat, of Netty's event loop, of Netty's hashed wheel and of the JDK's scheduled executor in one run:
 * what it costs to schedule and cancel many, and how late they fire.
 *
 * <p>The usual fate of a network timer is to be cancelled. So a million are scheduled with deadlines of one to eleven
 * minutes, then all are cancelled; what counts is the processor time of the whole process without its JIT compiler,
 * because some do part of the work on another thread and all leave some to the collector.
 *
 * <p>Arguments: {@code [--timers N] [--rounds N] [--late N timers, one each millisecond]}.
 */
public final class TimerVersus {
    private static final String USAGE = "usage: TimerVersus [--timers N] [--rounds N] [--late N]";
    private static final int WARM_UP_ROUNDS = 3;

    private TimerVersus() {}

    /**
     * Measures and prints two tables.
     *
     * @param args see above
     * @throws Exception if a facility fails
     */
    public static void main(String[] args) throws Exception {
        Arguments arguments = new Arguments(args, USAGE, Map.of("timers", 1e6, "rounds", 7.0, "late", 2000.0));
        System.out.println(Machine.describe());
        try (TimerFacility meerkat = new TimerFacility.OfMeerkat();
                TimerFacility netty = new TimerFacility.OfNettyLoop();
                TimerFacility wheel = new TimerFacility.OfNettyWheel();
                TimerFacility executor = new TimerFacility.OfExecutor()) {
            List<TimerFacility> all = List.of(meerkat, netty, wheel, executor);
            costs(all, arguments.count("timers"), arguments.count("rounds"));
            lateness(all, arguments.count("late"));
        }
    }

    private static void costs(List<TimerFacility> all, int timers, int rounds) throws Exception {
        Random random = new Random(1);
        Duration[] delays = new Duration[timers];
        for (int i = 0; i < timers; i++) {
            delays[i] = Duration.ofMillis(60_000 + random.nextInt(600_000));
        }
        List<Samples> schedule = new ArrayList<>();
        List<Samples> cancel = new ArrayList<>();
        List<Samples> pair = new ArrayList<>();
        all.forEach(each -> {
            schedule.add(new Samples());
            cancel.add(new Samples());
            pair.add(new Samples());
        });
        Object[] handles = new Object[timers];
        for (int round = -WARM_UP_ROUNDS; round < rounds; round++) {
            for (int i = 0; i < all.size(); i++) {
                TimerFacility facility = all.get(i);
                long[] marks = facility.inLoop(() -> {
                    long begin = ProcessCpu.nanos();
                    facility.scheduleAll(delays, handles);
                    long scheduled = ProcessCpu.nanos();
                    facility.cancelAll(handles);
                    return new long[] {begin, scheduled, ProcessCpu.nanos()};
                });
                Arrays.fill(handles, null);
                if (round >= 0) {
                    schedule.get(i).add((marks[1] - marks[0]) / (double) timers);
                    cancel.get(i).add((marks[2] - marks[1]) / (double) timers);
                    pair.get(i).add((marks[2] - marks[0]) / (double) timers);
                }
            }
        }
        System.out.printf("%n%,d timers scheduled, then cancelled; median of %d rounds%n", timers, rounds);
        Table.head("timers", "schedule, CPU ns", "cancel, CPU ns", "pair, CPU ns", "pair, min..max");
        for (int i = 0; i < all.size(); i++) {
            Table.row(
                    all.get(i).title(),
                    Table.number(schedule.get(i).median(), 0),
                    Table.number(cancel.get(i).median(), 0),
                    Table.number(pair.get(i).median(), 0),
                    Table.number(pair.get(i).min(), 0) + ".."
                            + Table.number(pair.get(i).max(), 0));
        }
    }

    private static void lateness(List<TimerFacility> all, int timers) throws Exception {
        System.out.printf("%n%,d timers, one each millisecond; how late they fired%n", timers);
        Table.head("timers", "p50 µs", "p99 µs", "max µs", "early");
        for (TimerFacility each : all) {
            Samples late = each.lateness(timers);
            Table.row(
                    each.title(),
                    Table.number(late.median() / 1000, 0),
                    Table.number(late.at(0.99) / 1000, 0),
                    Table.number(late.max() / 1000, 0),
                    late.min() < 0 ? "by " + Table.number(-late.min() / 1000, 0) + " µs" : "never");
            if (late.min() < 0 && each instanceof TimerFacility.OfMeerkat) {
                throw new AssertionError("a timer of Meerkat fired " + -late.min() + " ns early");
            }
        }
    }
}
