package dev.meerkat.examples.benchmarks.versus;

import dev.meerkat.Connection;
import dev.meerkat.Handler;
import dev.meerkat.event.Event;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.testkit.SimConfig;
import dev.meerkat.testkit.SimWorld;
import java.time.Duration;
import java.util.Map;

/**
 * How fast the simulator is: a busy network, a day of heartbeats, and worlds that begin and end. All of it is done by
 * one thread, so wall time is processor time unless others use the machine; both are printed.
 *
 * <p>Arguments: {@code [--rounds N] [--connections N] [--hours N] [--worlds N]}.
 */
public final class SimSpeed {
    private static final String USAGE = "usage: SimSpeed [--rounds N] [--connections N] [--hours N] [--worlds N]";

    private SimSpeed() {}

    /** One measured run. */
    private record Run(long events, double cpuSeconds, double wallSeconds) {}

    /** What is measured: runs something and tells how many events that took. */
    private interface Body {
        long run();
    }

    /**
     * Measures and prints a table.
     *
     * @param args see above
     */
    public static void main(String[] args) {
        Arguments arguments = new Arguments(
                args, USAGE, Map.of("rounds", 5.0, "connections", 100.0, "hours", 24.0, "worlds", 1000.0));
        int connections = arguments.count("connections");
        int rounds = arguments.count("rounds");
        int worlds = arguments.count("worlds");
        System.out.println(Machine.describe());
        Table.head("what", "CPU", "wall", "events", "events per CPU second");

        Run echo = median(rounds, () -> pingPong(connections));
        row(connections + " connections, 60 s of ping-pong at 1 ms latency", echo, 1, "s");

        Run day = median(rounds, () -> heartbeats(connections, Duration.ofHours(arguments.count("hours"))));
        row(connections + " connections, " + arguments.count("hours") + " h of 30 s heartbeats", day, 1, "s");

        Run births = median(rounds, () -> {
            for (int i = 0; i < worlds; i++) {
                SimWorld.open(SimConfig.DEFAULT).close();
            }
            return 0;
        });
        row("a world made and closed", births, 1e6 / worlds, "µs");

        Run talks = median(rounds, () -> {
            long events = 0;
            for (int i = 0; i < worlds; i++) {
                events += oneTalk();
            }
            return events;
        });
        row("a world with a server and one echoed message", talks, 1e6 / worlds, "µs");
    }

    private static void row(String what, Run run, double scale, String unit) {
        Table.row(
                what,
                Table.number(run.cpuSeconds() * scale, 2) + " " + unit,
                Table.number(run.wallSeconds() * scale, 2) + " " + unit,
                Table.number((double) run.events(), 0),
                run.events() == 0 ? "" : Table.number(run.events() / run.cpuSeconds(), 0));
    }

    /** Runs once more than asked for; the first run warms up. */
    private static Run median(int rounds, Body body) {
        long events = body.run();
        Samples cpu = new Samples();
        Samples wall = new Samples();
        for (int round = 0; round < rounds; round++) {
            long cpuBefore = ProcessCpu.nanos();
            long wallBefore = System.nanoTime();
            events = body.run();
            wall.add((System.nanoTime() - wallBefore) / 1e9);
            cpu.add((ProcessCpu.nanos() - cpuBefore) / 1e9);
        }
        return new Run(events, cpu.median(), wall.median());
    }

    private static long pingPong(int connections) {
        try (SimWorld world = SimWorld.open(SimConfig.DEFAULT)) {
            world.link("client", "server").latency(Duration.ofMillis(1));
            world.host("server").start(manager -> manager.listen(":7", SimSpeed::echo));
            world.host("client").start(manager -> {
                for (int i = 0; i < connections; i++) {
                    manager.connect("server:7", (connection, event) -> {
                        if (event instanceof TcpEvent.Opened) {
                            connection.send("x".repeat(64));
                        } else {
                            echo(connection, event);
                        }
                    });
                }
            });
            world.advance(Duration.ofSeconds(60));
            world.host("client").manager().connections().forEach(Connection::abort);
            return world.eventCount();
        }
    }

    private static long heartbeats(int connections, Duration span) {
        try (SimWorld world = SimWorld.open(SimConfig.DEFAULT)) {
            world.host("server").start(manager -> manager.listen(":7", SimSpeed::echo));
            Handler beating = (connection, event) -> {
                if (event instanceof TcpEvent.Opened) {
                    connection.setTimer(Duration.ofSeconds(30));
                } else if (event instanceof TcpEvent.TimerFired) {
                    connection.send("beat\n").setTimer(Duration.ofSeconds(30));
                } else if (event instanceof TcpEvent.Received received) {
                    received.buffer().discard(received.buffer().size());
                }
            };
            world.host("client").start(manager -> {
                for (int i = 0; i < connections; i++) {
                    manager.connect("server:7", beating);
                }
            });
            world.advance(span);
            world.host("client").manager().connections().forEach(Connection::abort);
            return world.eventCount();
        }
    }

    private static long oneTalk() {
        try (SimWorld world = SimWorld.open(SimConfig.DEFAULT)) {
            world.host("server").listen(7, SimSpeed::echo);
            world.host("client").stream("server", 7)
                    .send("hello")
                    .expectText("hello")
                    .close();
            return world.eventCount();
        }
    }

    private static void echo(Connection connection, Event event) {
        if (event instanceof TcpEvent.Received received) {
            connection.send(received.buffer());
        }
    }
}
