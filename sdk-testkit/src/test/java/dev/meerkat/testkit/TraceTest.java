package dev.meerkat.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** O1: the trace speaks of things by stable names, and is the same on every machine. */
class TraceTest {
    @Test
    void linesBearTimeNameKindAndLength() {
        SimWorld.run(world -> {
            world.host("srv").listen(7, Programs::echo);
            world.link("cli", "srv").latency(Duration.ofMillis(1));
            StreamEnd end = world.host("cli").stream("srv", 7);
            end.send("hello").expectText("hello").close();
            world.advance(Duration.ofSeconds(2));
            assertEquals("""
                    0s  srv/listener-1  listen 7
                    0s  cli/socket-1  connect 7
                    0.002s  cli/socket-1  connected
                    0.002s  cli/socket-1  write 5
                    0.003s  srv/socket-1  deliver 5
                    0.003s  srv/socket-1  accept
                    0.003s  srv/conn-1  opened
                    0.003s  srv/socket-1  write 5
                    0.004s  cli/socket-1  deliver 5
                    0.004s  cli/socket-1  fin
                    0.004s  cli/socket-1  close
                    0.005s  srv/conn-1  input-closed
                    0.005s  srv/socket-1  fin
                    0.005s  srv/socket-1  close
                    0.005s  srv/conn-1  closed""", String.join("\n", world.trace()));
        });
    }

    @Test
    void nothingInItChangesFromRunToRun() {
        StringBuilder[] traces = {new StringBuilder(), new StringBuilder()};
        for (StringBuilder trace : traces) {
            SimWorld.run(SimConfig.builder().seed(7).explore(true).build(), world -> {
                world.host("srv").listen(7, Programs::echo);
                for (int i = 0; i < 5; i++) {
                    world.host("cli" + i).stream("srv", 7).send("hello " + i);
                }
                world.advance(Duration.ofSeconds(5));
                trace.append(String.join("\n", world.trace()));
            });
        }
        assertEquals(traces[0].toString(), traces[1].toString());
        assertTrue(traces[0].length() > 1_000);
    }

    /** D1: the simulator's own part of a run, without a manager, has had this hash on every JDK and system so far. */
    @Test
    void theHashOfARunIsTheSameEverywhere() {
        SimWorld.run(SimConfig.builder().seed(0x1234).explore(true).build(), world -> {
            ListenerEnd listener = world.host("srv").listener(7);
            world.link("cli", "srv")
                    .latency(Duration.ofMillis(1), Duration.ofMillis(50))
                    .chunks(Chunks.random())
                    .loss(0.1);
            StreamEnd end = world.host("cli").stream("srv", 7);
            StreamEnd peer = listener.accept();
            for (int i = 0; i < 100; i++) {
                byte[] bytes = new byte[world.random("size").nextInt(300)];
                world.random("payload " + i).nextBytes(bytes);
                end.send(bytes);
                peer.expectBytes(bytes).send(bytes);
                end.expectBytes(bytes);
            }
            assertEquals("cba915c868699544", Long.toHexString(world.hash()));
        });
    }
}
