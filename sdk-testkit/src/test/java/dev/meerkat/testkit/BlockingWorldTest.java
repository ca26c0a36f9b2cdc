package dev.meerkat.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.BlockingConnection;
import dev.meerkat.BlockingHandler;
import dev.meerkat.BlockingOptions;
import dev.meerkat.ConnectOptions;
import dev.meerkat.ListenOptions;
import dev.meerkat.event.TcpEvent;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Blocking code in a virtual world: real threads, of which exactly one runs at a time. */
@Timeout(60)
class BlockingWorldTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private static void echoLines(BlockingConnection connection) throws IOException, InterruptedException {
        BufferedReader in = new BufferedReader(new InputStreamReader(connection.in(), UTF_8));
        for (String line; (line = in.readLine()) != null; ) {
            connection.sleep(Duration.ofMillis(line.length()));
            connection.send(line + "\n");
        }
    }

    private static void clientsOfABlockingServer(SimWorld world) {
        world.host("srv").manager().listenBlocking(":7", BlockingWorldTest::echoLines);
        world.link("srv", "cli").latency(Duration.ofMillis(1), Duration.ofMillis(9));
        List<String> answers = new ArrayList<>();
        for (int client = 0; client < 5; client++) {
            String name = "client " + client;
            world.host("cli").manager().connectBlocking("srv:7", ConnectOptions.DEFAULT, connection -> {
                BufferedReader in = new BufferedReader(new InputStreamReader(connection.in(), UTF_8));
                for (int i = 0; i < 3; i++) {
                    connection.send(name + " " + i + "\n");
                    answers.add(in.readLine()); // a plain list: no two threads ever run at the same time
                }
            });
        }
        world.await("the answers", () -> answers.size() == 15);
        for (int client = 0; client < 5; client++) {
            for (int i = 0; i < 3; i++) {
                assertTrue(answers.contains("client " + client + " " + i), answers::toString);
            }
        }
    }

    @Test
    void theSameSeedMakesTheSameRunThoughThreadsAreReal() {
        SimConfig config = SimConfig.builder()
                .seeds(100)
                .explore(true)
                .verify(SimConfig.Verify.TWICE)
                .build();
        Set<Long> hashes = new HashSet<>();
        SimWorld.run(config, world -> {
            clientsOfABlockingServer(world);
            hashes.add(world.hash());
        });
        assertEquals(100, hashes.size(), "every seed takes another way, and the same both times");
    }

    @Test
    void virtualTimeStandsStillWhileAThreadComputes() {
        SimWorld.run(world -> {
            List<Duration> times = new ArrayList<>();
            world.host("srv").manager().listenBlocking(":7", connection -> {
                times.add(world.elapsed());
                long sum = 0;
                for (int i = 0; i < 1_000_000; i++) {
                    sum += i;
                }
                assertNotEquals(0, sum);
                times.add(world.elapsed());
                connection.sleep(SECOND);
                times.add(world.elapsed());
            });
            world.host("cli").stream("srv", 7).expectEnd();
            assertEquals(times.get(0), times.get(1));
            assertEquals(times.get(0).plus(SECOND), times.get(2));
        });
    }

    @Test
    void aReadTimeOutIsExact() {
        SimWorld.run(world -> {
            BlockingOptions options =
                    BlockingOptions.builder().readTimeout(Duration.ofMinutes(1)).build();
            List<Duration> times = new ArrayList<>();
            world.host("srv")
                    .manager()
                    .listenBlocking(
                            ":7", ListenOptions.builder().blocking(options).build(), connection -> {
                                times.add(world.elapsed());
                                assertThrows(
                                        java.net.SocketTimeoutException.class,
                                        () -> connection.in().read());
                                times.add(world.elapsed());
                            });
            world.host("cli").stream("srv", 7).within(Duration.ofHours(1)).expectEnd();
            assertEquals(times.get(0).plus(Duration.ofMinutes(1)), times.get(1));
        });
    }

    @Test
    void aDeadlockIsReportedWithWhatEachThreadWaitsFor() {
        BlockingHandler mute = connection -> connection.in().read();
        SimFailure failure = assertThrows(
                SimFailure.class,
                () -> SimWorld.run(world -> {
                    world.host("srv").manager().listenBlocking(":7", mute);
                    world.host("cli").manager().connectBlocking("srv:7", ConnectOptions.DEFAULT, mute);
                    world.await("an answer", () -> false);
                }));
        String report = failure.getMessage();
        assertTrue(report.contains("deadlock, nothing is left that could ever happen"), report);
        assertTrue(report.contains("thread srv/conn-1: blocked in read of srv/conn-1"), report);
        assertTrue(report.contains("thread cli/conn-1: blocked in read of cli/conn-1"), report);
    }

    @Test
    void everyThreadHasEndedWhenTheWorldIsOver() {
        List<Thread> threads = new ArrayList<>();
        SimWorld.run(world -> {
            world.host("srv").manager().listenBlocking(":7", connection -> {
                threads.add(Thread.currentThread());
                connection.in().readAllBytes();
            });
            world.host("cli").manager().connectBlocking("srv:7", ConnectOptions.DEFAULT, connection -> {
                threads.add(Thread.currentThread());
                connection.sleep(Duration.ofDays(1));
            });
            world.host("gone").manager().connectBlocking("srv:7", ConnectOptions.DEFAULT, connection -> {
                threads.add(Thread.currentThread());
                connection.sleep(Duration.ofDays(1));
            });
            world.advance(SECOND);
            world.host("gone").vanish();
        });
        assertEquals(4, threads.size());
        for (Thread thread : threads) {
            assertFalse(isAliveSoon(thread), thread::getName);
        }
    }

    /** A thread that has given the baton back for good needs a moment to end. */
    private static boolean isAliveSoon(Thread thread) {
        try {
            thread.join(10_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return thread.isAlive();
    }

    @Test
    void aVanishedHostsThreadsStandStill() {
        SimWorld.run(world -> {
            List<Duration> ticks = new ArrayList<>();
            world.host("srv").manager().listenBlocking(":7", connection -> {
                while (true) {
                    connection.sleep(SECOND);
                    ticks.add(world.elapsed());
                }
            });
            world.host("cli").stream("srv", 7);
            world.advance(SECOND.multipliedBy(3));
            int before = ticks.size();
            world.host("srv").vanish();
            world.advance(SECOND.multipliedBy(3));
            assertEquals(before, ticks.size());
        });
    }

    @Test
    void ordinaryHandlersOnThreadsKeepTheGrammar() {
        SimConfig config = SimConfig.builder().seeds(50).explore(true).build();
        SimWorld.run(config, world -> {
            ListenOptions options =
                    ListenOptions.builder().blocking(BlockingOptions.DEFAULT).build();
            world.host("srv").listen(7, options, (connection, event) -> {
                if (event instanceof TcpEvent.Received received) {
                    ((BlockingConnection) connection).sleep(Duration.ofMillis(3));
                    connection.send(received.buffer());
                }
            });
            StreamEnd client = world.host("cli").stream("srv", 7);
            client.send("one").expectText("one");
            client.send("two").closeOutput().expectText("two").expectEnd();
        });
    }
}
