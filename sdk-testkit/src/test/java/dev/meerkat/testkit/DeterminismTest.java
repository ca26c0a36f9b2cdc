package dev.meerkat.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Connection;
import dev.meerkat.EventManager;
import dev.meerkat.event.TcpEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** D1, D2, D4 and D5: the same seed is the same run, and a run that fails says how to have it again. */
class DeterminismTest {
    private static final SimConfig EXPLORING = SimConfig.builder().explore(true).build();

    /** A run with something of everything; its hashes are kept below. */
    private static long mixedRun(SimConfig config) {
        long[] hash = new long[1];
        SimWorld.run(config, world -> {
            EventManager room = world.host("srv").manager();
            world.host("srv").listen(7, (connection, event) -> {
                if (event instanceof TcpEvent.Received received) {
                    room.broadcast(received.take());
                } else if (event instanceof TcpEvent.Broadcast broadcast) {
                    connection.send(broadcast.bytes());
                } else if (event instanceof TcpEvent.Opened) {
                    connection.setTimer(Duration.ofSeconds(60));
                } else if (event instanceof TcpEvent.TimerFired) {
                    connection.close();
                }
            });
            world.link("cli", "srv")
                    .latency(Duration.ofMillis(5), Duration.ofMillis(80))
                    .loss(0.05);
            world.link("other", "srv").chunks(Chunks.random()).bandwidth(10_000);
            List<StreamEnd> ends = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                ends.add(world.host(i % 2 == 0 ? "cli" : "other").stream("srv", 7));
            }
            for (int i = 0; i < 20; i++) {
                ends.get(world.random("speaker").nextInt(4)).send("line " + i + "\n");
                world.advance(Duration.ofMillis(world.random("pause " + i).nextInt(200)));
            }
            world.advance(Duration.ofMinutes(2));
            hash[0] = world.hash();
        });
        return hash[0];
    }

    @Nested
    class OneSeedOneRun {
        @Test
        void theSameSeedHasTheSameHash() {
            assertEquals(mixedRun(EXPLORING), mixedRun(EXPLORING));
        }

        @Test
        void differentSeedsExploreDifferentRuns() {
            Set<Long> hashes = new HashSet<>();
            for (int seed = 0; seed < 20; seed++) {
                hashes.add(mixedRun(SimConfig.builder().seed(seed).explore(true).build()));
            }
            assertEquals(20, hashes.size());
        }

        @Test
        void aRunThatDependsOnItsSeedAloneIsVerified() {
            SimConfig twice =
                    SimConfig.builder().seeds(20).verify(SimConfig.Verify.TWICE).build();
            mixedRun(twice);
        }
    }

    @Nested
    class WhatDoesNotRepeatItselfIsFound {
        private final SimConfig twice =
                SimConfig.builder().verify(SimConfig.Verify.TWICE).build();

        private SimFailure failureOf(SimWorld.Body body) {
            return assertThrows(SimFailure.class, () -> SimWorld.run(twice, body));
        }

        @Test
        void theRealClock() {
            SimFailure failure = failureOf(world -> {
                ListenerEnd listener = world.host("srv").listener(7);
                StreamEnd end = world.host("cli").stream("srv", 7);
                StreamEnd peer = listener.accept();
                end.send("same");
                peer.expectText("same");
                end.send("at " + System.nanoTime());
                peer.receive(4);
            });
            assertTrue(failure.getMessage().contains("the first event that differs is number"), failure.getMessage());
            assertTrue(failure.getMessage().contains("cli/socket-1  write"), failure.getMessage());
        }

        @Test
        void theOrderOfAnIdentitySet() {
            failureOf(world -> {
                ListenerEnd listener = world.host("srv").listener(7);
                StreamEnd end = world.host("cli").stream("srv", 7);
                listener.accept();
                Set<Object> set = new HashSet<>();
                for (int i = 0; i < 40; i++) {
                    int number = i;
                    set.add(new Object() {
                        @Override
                        public String toString() {
                            return "object " + number + "\n";
                        }
                    });
                }
                set.forEach(object -> end.send(object.toString()));
            });
        }

        @Test
        void aRunThatEndsEarlier() {
            int[] runs = {0};
            SimFailure failure = failureOf(world -> {
                ListenerEnd listener = world.host("srv").listener(7);
                if (runs[0]++ == 0) {
                    world.host("cli").stream("srv", 7);
                    listener.accept();
                }
            });
            assertTrue(failure.getMessage().contains("the run does not repeat itself"), failure.getMessage());
        }

        @Test
        void anotherThread() {
            SimFailure failure = failureOf(world -> {
                EventManager manager = world.host("srv").manager();
                Thread thread = new Thread(() -> manager.post(() -> {}));
                thread.start();
                thread.join();
                world.runCurrent();
            });
            assertTrue(failure.getMessage().contains("another thread called into the world"), failure.getMessage());
        }
    }

    @Nested
    class Order {
        /** Two clients speak at the same instant; answers who was heard first. */
        private static String firstHeard(SimConfig config) {
            StringBuilder heard = new StringBuilder();
            SimWorld.run(config, world -> {
                world.host("srv").listen(7, (connection, event) -> {
                    if (event instanceof TcpEvent.Received received) {
                        heard.append(received.takeText());
                    }
                });
                List<Connection> clients = new ArrayList<>();
                for (String name : List.of("a", "b", "c")) {
                    clients.add(world.host(name).connect("srv:7", Programs::ignore));
                }
                world.advance(Duration.ofSeconds(1));
                world.at(Duration.ofSeconds(2), () -> {
                    clients.get(0).send("a");
                    clients.get(1).send("b");
                    clients.get(2).send("c");
                });
                world.advance(Duration.ofSeconds(2));
            });
            return heard.toString();
        }

        @Test
        void withoutExplorationItIsFirstComeFirstServed() {
            for (int seed = 0; seed < 20; seed++) {
                assertEquals("abc", firstHeard(SimConfig.builder().seed(seed).build()));
            }
        }

        @Test
        void explorationFindsEveryOrder() {
            Set<String> orders = new HashSet<>();
            for (int seed = 0; seed < 100; seed++) {
                orders.add(
                        firstHeard(SimConfig.builder().seed(seed).explore(true).build()));
            }
            assertEquals(Set.of("abc", "acb", "bac", "bca", "cab", "cba"), orders);
        }

        /** Three connections of one manager become readable at the same instant. */
        private static String firstServed(SimConfig config) {
            StringBuilder heard = new StringBuilder();
            SimWorld.run(config, world -> {
                world.host("srv").listen(7, (connection, event) -> {
                    if (event instanceof TcpEvent.Received received) {
                        heard.append(received.takeText());
                    }
                });
                List<StreamEnd> ends = new ArrayList<>();
                for (int i = 0; i < 3; i++) {
                    ends.add(world.host("cli").stream("srv", 7));
                }
                world.link("cli", "srv").chunks(Chunks.whole()).latency(Duration.ofMillis(1));
                world.runCurrent();
                ends.get(0).send("a");
                ends.get(1).send("b");
                ends.get(2).send("c");
                world.advance(Duration.ofSeconds(1));
            });
            return heard.toString();
        }

        @Test
        void explorationShufflesTheReadyConnectionsOfOneLoop() {
            Set<String> orders = new HashSet<>();
            for (int seed = 0; seed < 100; seed++) {
                assertEquals("abc", firstServed(SimConfig.builder().seed(seed).build()));
                orders.add(
                        firstServed(SimConfig.builder().seed(seed).explore(true).build()));
            }
            assertEquals(6, orders.size());
        }

        @Test
        void aPlantedOrderBugIsFoundWithinAHundredSeeds() {
            SimFailure failure = assertThrows(
                    SimFailure.class,
                    () -> SimWorld.run(SimConfig.builder().seeds(100).build(), world -> {
                        // the bug: a reply is sent on two connections, and the reader takes them to come in order
                        StringBuilder seen = new StringBuilder();
                        for (String name : List.of("left", "right")) {
                            world.host(name).listen(7, (connection, event) -> {
                                if (event instanceof TcpEvent.Received received) {
                                    connection.send(received.buffer());
                                }
                            });
                            world.host("cli").connect(name + ":7", (connection, event) -> {
                                if (event instanceof TcpEvent.Opened) {
                                    connection.send(name);
                                } else if (event instanceof TcpEvent.Received received) {
                                    seen.append(received.takeText());
                                }
                            });
                        }
                        world.advance(Duration.ofSeconds(1));
                        assertEquals("leftright", seen.toString());
                    }));
            assertTrue(failure.getMessage().contains("choices out of the ordinary"), failure.getMessage());
            assertNotEquals(0, failure.getMessage().lines().count());
        }
    }

    @Nested
    class TheReport {
        private final SimFailure failure = assertThrows(
                SimFailure.class,
                () -> SimWorld.run(
                        SimConfig.builder()
                                .name("chat")
                                .seed(31)
                                .rerun("./mvnw test -Dtest=Chat -Dmeerkat.sim.seed=%s")
                                .build(),
                        world -> {
                            world.host("srv").listen(7, (connection, event) -> {
                                if (event instanceof TcpEvent.Opened) {
                                    connection.setTimer(Duration.ofSeconds(30));
                                }
                            });
                            world.link("cli", "srv")
                                    .latency(Duration.ofMillis(1))
                                    .refuseConnects(1);
                            StreamEnd refused = world.host("cli").beginStream("srv", 7);
                            refused.expectConnectFailure();
                            world.host("cli").stream("srv", 7)
                                    .within(Duration.ofSeconds(10))
                                    .expectText("welcome");
                        }));

        private final String report = failure.getMessage();

        @Test
        void isTheSameInEveryRun() {
            assertEquals("""
                    chat failed with seed 0x1f
                    rerun: ./mvnw test -Dtest=Chat -Dmeerkat.sim.seed=0x1f

                    cli/socket-2: it did not come within 10s of virtual time; first difference at offset 0, where the bytes end
                      expected (7 bytes) [77 65 6c 63 6f 6d 65] "welcome"
                      found    (0 bytes) [] ""
                    """, report.lines().limit(6).reduce("", (a, b) -> a + b + "\n"));
        }

        @Test
        void saysWhenItWas() {
            assertTrue(report.contains("virtual time 10.004s, wall clock 2000-01-01T00:00:10.004Z, "), report);
        }

        @Test
        void showsTheLastEvents() {
            assertTrue(report.contains("last events:\n"), report);
            assertTrue(report.contains("  0.002s  cli/socket-1  connect failed\n"), report);
            assertTrue(report.contains("  0.005s  srv/conn-1  opened\n"), report);
        }

        @Test
        void showsWhatIsOpenAndPending() {
            assertTrue(report.contains("open connections:\n  srv/conn-1  OPEN"), report);
            assertTrue(report.contains("timer in PT20.001S"), report);
            assertTrue(report.contains("at 30.005s  srv/manager-1: its nearest timer"), report);
        }

        @Test
        void showsLinksAndFaults() {
            assertTrue(report.contains("cli -> srv: latency 0.001s connects REFUSE (connects hit 1)"), report);
        }

        @Test
        void bearsTheSeedAndTheCause() {
            assertEquals(31, failure.seed());
            assertTrue(failure.getCause() instanceof AssertionError);
        }
    }
}
