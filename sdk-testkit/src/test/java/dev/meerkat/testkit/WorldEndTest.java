package dev.meerkat.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Connection;
import dev.meerkat.EventManager;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.runtime.Handle;
import dev.meerkat.runtime.SocketOptions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** O5 and O6: what is left in the end, and what never ends. */
class WorldEndTest {
    private static String reportOf(SimWorld.Body body) {
        return assertThrows(SimFailure.class, () -> SimWorld.run(body)).getMessage();
    }

    private static void assertContains(String report, String expected) {
        assertTrue(report.contains(expected), report);
    }

    @Nested
    class Leaks {
        @Test
        void aConnectionWhosePeerIsGone() {
            String report = reportOf(world -> {
                world.host("srv").listen(7, Programs.HALF_CLOSE, Programs::ignore);
                world.host("cli").stream("srv", 7).close();
            });
            assertContains(report, "left when the test was over:\n  connection whose peer is gone: srv/socket-1");
        }

        @Test
        void aConnectionThatIsNeverReadAgain() {
            String report = reportOf(world -> {
                world.host("srv").listen(7, (connection, event) -> {
                    if (event instanceof TcpEvent.Opened) {
                        connection.pauseReading();
                    }
                });
                world.host("cli").stream("srv", 7).send("x");
            });
            assertContains(report, "connection whose peer is gone: srv/socket-1");
        }

        @Test
        void aWorkerJobThatTakesTooLong() {
            String report = reportOf(world -> {
                EventManager manager = world.host("srv").manager();
                world.host("srv").workersTake(Duration.ofHours(1));
                CompletableFuture<String> unused = manager.runtime().workers().submit(() -> "done");
                world.runCurrent();
            });
            assertContains(report, "srv/manager-1: 1 worker jobs under way");
        }

        @Test
        void aLookUpThatTakesTooLong() {
            String report = reportOf(world -> {
                world.lookupTakes("slow", Duration.ofHours(1));
                CompletableFuture<?> unused =
                        world.host("srv").manager().runtime().resolver().resolve("slow");
            });
            assertContains(report, "srv: look-up of slow");
        }

        @Test
        void aSocketOpenedBehindTheManagersBack() {
            SimWorld world = SimWorld.open(SimConfig.DEFAULT);
            EventManager manager = world.host("srv").manager();
            Handle handle = assertDoesNotThrowIo(
                    () -> manager.runtime().transport().listen(new InetSocketAddress(9), SocketOptions.DEFAULT));
            assertEquals(List.of("srv/listener-1  srv:9"), world.holdings());
            assertTrue(handle.isOpen());
            world.close();
            assertTrue(!handle.isOpen(), "closing the manager closes its transport");
        }

        @Test
        void everythingHeldCanBeListedAtAnyTime() {
            SimWorld.run(world -> {
                EventManager manager = world.host("srv").manager();
                world.host("srv").listen(7, Programs::ignore);
                world.host("srv").datagram(53);
                manager.schedule(Duration.ofSeconds(5), () -> {});
                world.host("cli").stream("srv", 7);
                world.runCurrent();
                assertEquals(
                        List.of(
                                "srv/listener-1  srv:7",
                                "srv/udp-1  srv:53  (the test's)",
                                "srv/socket-1  srv:7 - cli:49152  CONNECTED  unread 0, in flight 0",
                                "cli/socket-1  cli:49152 - srv:7  CONNECTED  unread 0, in flight 0  (the test's)",
                                "srv/manager-1: 1 connections",
                                "srv/manager-1: 1 acceptors",
                                "srv/manager-1: 1 armed timers"),
                        world.holdings());
            });
        }

        @Test
        void soCanTheBytesThatWait() {
            SimWorld.run(world -> {
                EventManager manager = world.host("srv").manager();
                world.host("srv").listen(7, (connection, event) -> {
                    if (event instanceof TcpEvent.Received) {
                        connection.send(new byte[2 << 20]);
                    }
                });
                StreamEnd end = world.host("cli").stream("srv", 7).pauseReading();
                end.send("not read by the handler");
                world.runCurrent();
                manager.post(() -> {});
                String holdings = String.join("\n", world.holdings());
                assertContains(holdings, "srv/manager-1: 1 kept receive buffers");
                assertContains(holdings, "srv/manager-1: 1 posted tasks that did not run");
                assertContains(holdings, "send segments in use");
                end.resumeReading();
                end.expectBytes(new byte[2 << 20]);
            });
        }

        @Test
        void aCleanTestHasNone() {
            SimWorld.run(SimConfig.builder().seeds(300).build(), world -> {
                world.host("srv").listen(7, Programs::echo);
                world.link("cli", "srv").latency(Duration.ofMillis(1), Duration.ofMillis(9));
                for (int i = 0; i < 3; i++) {
                    world.host("cli").stream("srv", 7).send("hello").expectText("hello");
                }
                world.host("peer").connect("srv:7", Programs::ignore);
            });
        }
    }

    @Nested
    class Errors {
        @Test
        void whatAHandlerThrowsFailsTheRun() {
            String report = reportOf(world -> {
                world.host("srv").listen(7, (connection, event) -> {
                    throw new IllegalStateException("planted");
                });
                world.host("cli").stream("srv", 7).expectReset();
            });
            assertContains(report, "IllegalStateException: planted");
        }

        @Test
        void whatTheTestTakesDoesNot() {
            SimWorld.run(world -> {
                world.host("srv").listen(7, (connection, event) -> {
                    throw new IllegalStateException("planted");
                });
                world.host("cli").stream("srv", 7).expectReset();
                assertEquals("planted", world.takeErrors().get(0).getMessage());
            });
        }

        @Test
        void whatATimerThrowsFailsTheRun() {
            String report = reportOf(world -> {
                world.host("srv").manager().schedule(Duration.ofSeconds(1), () -> {
                    throw new IllegalStateException("planted");
                });
                world.advance(Duration.ofSeconds(2));
            });
            assertContains(report, "TIMER failed: java.lang.IllegalStateException: planted");
        }

        @Test
        void anAssertionInAHandlerFailsTheRun() {
            String report = reportOf(world -> {
                world.host("srv").listen(7, (connection, event) -> assertEquals(1, 2));
                world.host("cli").stream("srv", 7);
                world.runCurrent();
            });
            assertContains(report, "expected: <1> but was: <2>");
        }
    }

    @Nested
    class WhatNeverEnds {
        @Test
        void waitingForWhatCannotComeIsADeadlock() {
            String report = reportOf(world -> {
                world.host("srv").listen(7, Programs::ignore);
                world.host("cli").stream("srv", 7).receiveLine();
            });
            assertContains(report, "waited for cli/socket-1: a line: deadlock, nothing is left that could ever happen");
            assertContains(report, "virtual time 0s");
        }

        @Test
        void aFutureThatNobodyCompletesIsADeadlock() {
            String report = reportOf(world -> world.await(new CompletableFuture<>()));
            assertContains(report, "waited for a future: deadlock");
        }

        @Test
        void twoHandlersThatAnswerEachOtherForEverAreALivelock() {
            String report = reportOf(world -> {
                world.host("srv").listen(7, Programs::echo);
                world.host("cli").connect("srv:7", (connection, event) -> {
                    if (event instanceof TcpEvent.Opened) {
                        connection.send("ping");
                    }
                    Programs.echo(connection, event);
                });
                world.advance(Duration.ofSeconds(1));
            });
            assertContains(report, "livelock: ");
            assertContains(report, "events at 0s and time does not move");
        }

        @Test
        void tooManyEventsEndTheRun() {
            SimConfig config = SimConfig.builder().maxEvents(1_000).build();
            SimFailure failure = assertThrows(
                    SimFailure.class,
                    () -> SimWorld.run(config, world -> {
                        world.host("srv").listen(7, Programs::echo);
                        world.link("cli", "srv").latency(Duration.ofMillis(1));
                        world.host("cli").connect("srv:7", (connection, event) -> {
                            if (event instanceof TcpEvent.Opened) {
                                connection.send("ping");
                            }
                            Programs.echo(connection, event);
                        });
                        world.advance(Duration.ofHours(1));
                    }));
            assertContains(failure.getMessage(), "more than 1000 events in one run");
        }

        @Test
        void drivingTheWorldFromAHandlerIsRefused() {
            SimWorld.run(world -> {
                List<Throwable> refused = new ArrayList<>();
                world.host("srv").listen(7, (connection, event) -> {
                    if (event instanceof TcpEvent.Opened) {
                        refused.add(
                                assertThrows(IllegalStateException.class, () -> world.advance(Duration.ofSeconds(1))));
                    }
                });
                world.host("cli").stream("srv", 7);
                world.runCurrent();
                assertEquals(1, refused.size());
            });
        }
    }

    @Nested
    class Grammar {
        @Test
        void isCheckedForEveryConnection() {
            SimWorld.run(world -> {
                List<String> accepted = new ArrayList<>();
                List<String> refused = new ArrayList<>();
                world.host("srv").listen(7, Programs.recorder(accepted));
                Connection connection = world.host("cli").connect("srv:8", Programs.recorder(refused));
                connection.setTimer(Duration.ZERO);
                world.host("cli").stream("srv", 7).abort();
                world.advance(Duration.ofSeconds(1));
                assertEquals(List.of("TimerFired", "ConnectFailed"), refused.subList(0, 2));
                assertEquals("Opened", accepted.get(0));
                assertTrue(accepted.get(1).startsWith("Closed by PEER"), accepted::toString);
            });
        }
    }

    @FunctionalInterface
    private interface IoSupplier<T> {
        T get() throws IOException;
    }

    private static <T> T assertDoesNotThrowIo(IoSupplier<T> supplier) {
        try {
            return supplier.get();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
