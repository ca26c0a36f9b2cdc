package dev.meerkat.examples.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.testkit.Chunks;
import dev.meerkat.testkit.FakeClock;
import dev.meerkat.testkit.SimWorld;
import dev.meerkat.testkit.SocketPair;
import dev.meerkat.testkit.StreamEnd;
import dev.meerkat.testkit.junit.SimTest;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The chat room's rules. No socket, no sleep; half a minute of silence takes no time. */
class JavaChatTest {
    private static final String LONGEST_LINE = "x".repeat(ChatHandler.LINE_LIMIT);

    @Test
    void greetsAndHangsUpAfterThirtySeconds() {
        FakeClock clock = new FakeClock();
        SocketPair guest = SocketPair.stream(clock, new ChatHandler());
        guest.expectText("welcome\n");
        guest.expectNothingFor(Duration.ofSeconds(30).minusNanos(1));
        clock.advance(Duration.ofNanos(1));
        guest.expectText("bye\n").expectEnd();
        assertEquals(Duration.ofSeconds(30), clock.elapsed());
    }

    @Test
    void everyLineBuysAnotherThirtySecondsAndHalfALineBuysNothing() {
        FakeClock clock = new FakeClock();
        SocketPair guest = SocketPair.stream(clock, new ChatHandler());
        clock.advance(Duration.ofSeconds(29));
        guest.send("still here\n").expectText("welcome\n1: still here\n");
        clock.advance(Duration.ofSeconds(29));
        guest.send("no line e").expectNothingFor(Duration.ofMillis(999));
        guest.expectText("bye\n").expectEnd();
        assertEquals(Duration.ofSeconds(59), clock.elapsed());
    }

    @SimTest
    void everybodyHearsEverybody(SimWorld world) {
        open(world);
        world.link("room", "bob").latency(Duration.ofMillis(80));
        StreamEnd alice = enter(world, "alice");
        StreamEnd bob = enter(world, "bob");
        alice.send("hello\n");
        alice.expectText("1: hello\n");
        bob.expectText("1: hello\n").send("hello you\nand all\n");
        alice.expectText("2: hello you\n2: and all\n");
        bob.expectText("2: hello you\n2: and all\n");
    }

    @SimTest
    void aLineMayComeByteByByteAndEndAsOnWindows(SimWorld world) {
        open(world);
        world.oneWay("alice", "room").chunks(Chunks.oneByte()).latency(Duration.ofMillis(1));
        StreamEnd alice = enter(world, "alice");
        StreamEnd bob = enter(world, "bob");
        alice.send("grüß dich\r\n\r\n\n");
        bob.expectText("1: grüß dich\n1: \n1: \n");
    }

    @SimTest
    void theLongestLineIsHeardAndAByteMoreEndsTheTalk(SimWorld world) {
        open(world);
        StreamEnd alice = enter(world, "alice");
        StreamEnd bob = enter(world, "bob");
        alice.send(LONGEST_LINE + "\n" + LONGEST_LINE + "\r\n");
        bob.expectText(("1: " + LONGEST_LINE + "\n").repeat(2));
        alice.send("the last\n" + LONGEST_LINE + "y");
        alice.expectText(("1: " + LONGEST_LINE + "\n").repeat(2) + "line too long\n")
                .expectEnd();
        bob.expectText("1: the last\n").expectNothing();
    }

    @SimTest
    void whoDoesNotReadHarmsNobodyAndHearsLaterWhatHeDidNotMiss(SimWorld world) {
        open(world);
        StreamEnd alice = enter(world, "alice");
        StreamEnd bob = enter(world, "bob");
        StreamEnd sleeper = enter(world, "sleeper");
        sleeper.pauseReading();
        String speech = (LONGEST_LINE + "\n").repeat(50);
        String heard = ("1: " + LONGEST_LINE + "\n").repeat(50);
        for (int i = 0; i < 100; i++) {
            alice.send(speech).expectText(heard);
            bob.expectText(heard);
        }
        sleeper.resumeReading();
        world.advance(Duration.ofSeconds(1));
        int kept = 0;
        for (; sleeper.receivedBytes() > 0; kept++) {
            assertEquals("1: " + LONGEST_LINE, sleeper.receiveLine());
        }
        assertTrue(kept > 1_000 && kept < 5_000, "kept " + kept + " lines of 5,000 for the one who did not read");
        alice.send("good morning\n");
        sleeper.expectText("1: good morning\n");
    }

    @SimTest
    void whoNeverReadsIsGoneTenSecondsAfterTheGoodbye(SimWorld world) {
        open(world);
        StreamEnd alice = enter(world, "alice");
        StreamEnd sleeper = enter(world, "sleeper");
        sleeper.pauseReading();
        for (int i = 0; i < 29; i++) {
            alice.send((LONGEST_LINE + "\n").repeat(200)).expectText(("1: " + LONGEST_LINE + "\n").repeat(200));
            world.advance(Duration.ofSeconds(1));
        }
        assertEquals(2, world.host("room").manager().connections().size());
        world.advance(Duration.ofSeconds(11));
        assertEquals(1, world.host("room").manager().connections().size());
    }

    @SimTest
    void aResetInMidLineIsNobodyElsesBusiness(SimWorld world) {
        open(world);
        StreamEnd alice = enter(world, "alice");
        StreamEnd bob = enter(world, "bob");
        alice.send("half a li");
        world.runCurrent();
        alice.abort();
        bob.expectNothingFor(Duration.ofSeconds(1));
        bob.send("anybody?\n").expectText("2: anybody?\n");
        StreamEnd carol = enter(world, "carol");
        carol.send("me\n");
        bob.expectText("3: me\n");
    }

    @SimTest(seeds = 50)
    void nobodyMissesALineWhateverTheNetworkDoesToIt(SimWorld world) {
        open(world);
        for (String name : new String[] {"alice", "bob", "carol"}) {
            world.link("room", name)
                    .latency(Duration.ofMillis(1), Duration.ofMillis(200))
                    .chunks(Chunks.random());
        }
        StreamEnd alice = enter(world, "alice");
        StreamEnd bob = enter(world, "bob");
        StreamEnd carol = enter(world, "carol");
        for (int i = 0; i < 20; i++) {
            alice.send("line " + i + "\n");
            bob.expectText("1: line " + i + "\n");
            carol.expectText("1: line " + i + "\n");
        }
    }

    private static void open(SimWorld world) {
        world.host("room").listen(7000, ChatHandler.LISTEN, new ChatHandler());
    }

    private static StreamEnd enter(SimWorld world, String name) {
        return world.host(name).stream("room", 7000).expectText("welcome\n");
    }
}
