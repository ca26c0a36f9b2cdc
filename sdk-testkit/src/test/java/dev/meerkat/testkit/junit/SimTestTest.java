package dev.meerkat.testkit.junit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.meerkat.event.TcpEvent;
import dev.meerkat.testkit.FakeClock;
import dev.meerkat.testkit.SimConfig.Verify;
import dev.meerkat.testkit.SimFailure;
import dev.meerkat.testkit.SimHost;
import dev.meerkat.testkit.SimWorld;
import dev.meerkat.testkit.StreamEnd;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ConcurrentSkipListSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.TestExecutionResult.Status;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** I1: the extension for JUnit 5. What is to fail runs in a launcher of its own. */
class SimTestTest {
    @Nested
    class Parameters {
        private SimWorld seenBefore;

        @BeforeEach
        void prepare(SimWorld world) {
            seenBefore = world;
            world.link("cli", "srv").latency(Duration.ofMillis(10));
        }

        @SimTest
        void areTheWorldItsClockAndItsHosts(
                SimWorld world, FakeClock clock, @OnHost("srv") SimHost server, @OnHost("cli") SimHost client) {
            assertSame(seenBefore, world);
            assertSame(world.clock(), clock);
            assertSame(world.host("srv"), server);
            server.listen(7, (connection, event) -> {
                if (event instanceof TcpEvent.Opened) {
                    connection.send("welcome\n");
                }
            });
            StreamEnd end = client.stream("srv", 7);
            assertEquals("welcome", end.receiveLine());
            assertEquals(Duration.ofMillis(40), clock.elapsed());
        }
    }

    @SimTest(seeds = 50, verify = Verify.TWICE)
    void severalSeedsRunInWorldsOfTheirOwn(SimWorld world) {
        assertEquals(Duration.ZERO, world.elapsed());
        world.advance(Duration.ofSeconds(world.random("x").nextInt(100)));
    }

    /** Not found by the build, which runs only what is called ...Test. */
    static class Planted {
        @SimTest(seeds = 5, seed = 10)
        void failsWithTheThirdSeed(SimWorld world) {
            assertTrue(world.seed() != 12, "planted");
        }

        @SimTest(seed = 3)
        void leaks(@OnHost("srv") SimHost server) {
            server.manager().schedule(Duration.ZERO, () -> {
                throw new IllegalStateException("planted");
            });
            server.world().runCurrent();
        }

        @SimTest(verify = Verify.TWICE)
        void dependsOnTheRealClock(SimWorld world) {
            world.at(Duration.ofNanos(System.nanoTime() & 0xFFFF), () -> {});
            world.advance(Duration.ofSeconds(1));
        }

        @SimTest
        void assumesWhatDoesNotHold(SimWorld world) {
            assumeTrue(world.seed() == 17);
        }

        @SimTest(maxVirtual = "PT10S")
        void takesTooLong(SimWorld world) {
            world.at(Duration.ofSeconds(11), () -> {});
            world.untilIdle();
        }
    }

    @Nested
    class Failures {
        @Test
        void bearTheReportAndTheCommandThatRepeatsThem() {
            Recorder recorder = run("failsWithTheThirdSeed");
            assertEquals(
                    List.of("seed 0xa", "seed 0xb", "seed 0xc", "seed 0xd", "seed 0xe"),
                    new ArrayList<>(recorder.runs));
            SimFailure failure = assertInstanceOf(SimFailure.class, recorder.failures.get("seed 0xc"));
            assertEquals(1, recorder.failures.size());
            String command = "rerun: ./mvnw test -Dtest='dev.meerkat.testkit.junit.SimTestTest$Planted"
                    + "#failsWithTheThirdSeed' -Dmeerkat.sim.seed=0xc\n";
            assertTrue(failure.getMessage().contains(command), failure.getMessage());
            assertTrue(failure.getMessage().contains("planted"), failure.getMessage());
        }

        @Test
        void comeAlsoFromWhatIsCheckedInTheEnd() {
            Throwable failure = run("leaks").failures.get("seed 0x3");
            assertTrue(failure.getMessage().contains("thrown in a handler, task or timer"), failure.getMessage());
        }

        @Test
        void comeFromTheRepeatedRunIfItIsAnother() {
            Recorder recorder = run("dependsOnTheRealClock");
            Throwable failure = recorder.failures.get("seed 0x0, repeated");
            assertTrue(failure.getMessage().contains("the run does not repeat itself"), failure.getMessage());
            assertEquals(1, recorder.failures.size());
        }

        @Test
        void doNotComeFromAssumptions() {
            Recorder recorder = run("assumesWhatDoesNotHold");
            assertEquals(1, recorder.runs.size());
            assertEquals(0, recorder.failures.size());
        }

        @Test
        void comeFromTooMuchVirtualTime() {
            Throwable failure = run("takesTooLong").failures.get("seed 0x0");
            assertTrue(
                    failure.getMessage().contains("the run goes on after 10s of virtual time"), failure.getMessage());
        }
    }

    private static Recorder run(String method) {
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(DiscoverySelectors.selectMethod(Planted.class, planted(method)))
                .configurationParameter("junit.jupiter.execution.parallel.enabled", "false")
                .build();
        Recorder recorder = new Recorder();
        LauncherFactory.create().execute(request, recorder);
        return recorder;
    }

    private static Method planted(String name) {
        return Arrays.stream(Planted.class.getDeclaredMethods())
                .filter(method -> method.getName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static final class Recorder implements TestExecutionListener {
        final ConcurrentSkipListSet<String> runs = new ConcurrentSkipListSet<>();
        final ConcurrentSkipListMap<String, Throwable> failures = new ConcurrentSkipListMap<>();

        @Override
        public void executionFinished(TestIdentifier test, TestExecutionResult result) {
            if (test.isTest()) {
                runs.add(test.getDisplayName());
                if (result.getStatus() == Status.FAILED) {
                    failures.put(test.getDisplayName(), result.getThrowable().orElseThrow());
                }
            }
        }
    }
}
