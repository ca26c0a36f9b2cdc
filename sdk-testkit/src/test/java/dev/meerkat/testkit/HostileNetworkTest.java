package dev.meerkat.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.meerkat.event.TcpEvent;
import dev.meerkat.testkit.SimConfig.Verify;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** Whatever a link does, a stream brings exactly the bytes that were sent, or it ends. */
class HostileNetworkTest {
    private static final int SEEDS = 300;

    private static void misbehave(SimWorld world, Link link, RandomGenerator random) {
        link.latency(Duration.ofMillis(random.nextInt(3)), Duration.ofMillis(3 + random.nextInt(100)));
        link.loss(random.nextInt(3) * 0.1);
        if (random.nextBoolean()) {
            link.bandwidth(20_000L + random.nextInt(1_000_000));
        }
        if (random.nextBoolean()) {
            link.chunks(random.nextBoolean() ? Chunks.random() : Chunks.of(1 + random.nextInt(2_000)));
        }
        if (random.nextBoolean()) {
            link.partialWrites(Chunks.random());
        }
        for (int i = 0; i < 4; i++) {
            Duration at = Duration.ofMillis(random.nextInt(3_000));
            Duration until = at.plusMillis(random.nextInt(5_000));
            if (random.nextBoolean()) {
                world.at(at, link::partition);
                world.at(until, link::heal);
            } else {
                world.at(at, link::hold);
                world.at(until, link::release);
            }
        }
    }

    private static byte[] payload(RandomGenerator random) {
        byte[] bytes = new byte[random.nextInt(200_000)];
        random.nextBytes(bytes);
        return bytes;
    }

    @Test
    void everyByteOfAnEchoArrivesOnceAndInOrder() {
        SimConfig config = SimConfig.builder().name("echo").seeds(SEEDS).build();
        SimWorld.run(config, world -> {
            RandomGenerator random = world.random("plan");
            world.host("srv").listen(7, Programs.HALF_CLOSE, (connection, event) -> {
                Programs.echo(connection, event);
                if (event instanceof TcpEvent.InputClosed) {
                    connection.close(Duration.ofHours(1));
                }
            });
            StreamEnd end = world.host("cli").stream("srv", 7).within(Duration.ofHours(2));
            misbehave(world, world.link("cli", "srv"), random);
            byte[] bytes = payload(random);
            for (int from = 0; from < bytes.length; ) {
                int count = Math.min(bytes.length - from, 1 + random.nextInt(50_000));
                end.send(Arrays.copyOfRange(bytes, from, from + count));
                from += count;
                world.advance(Duration.ofMillis(random.nextInt(100)));
            }
            end.closeOutput().expectBytes(bytes).expectEnd();
        });
    }

    @Test
    void aReaderThatPausesAtRandomLosesNothing() {
        SimConfig config = SimConfig.builder().name("pausing").seeds(SEEDS).build();
        SimWorld.run(config, world -> {
            RandomGenerator random = world.random("plan");
            ListenerEnd listener = world.host("srv").listener(7);
            StreamEnd end = world.host("cli").stream("srv", 7);
            StreamEnd peer = listener.accept().within(Duration.ofHours(2));
            misbehave(world, world.link("cli", "srv"), random);
            byte[] bytes = payload(random);
            end.send(bytes).close();
            for (int i = 0; i < 20; i++) {
                if (random.nextBoolean()) {
                    peer.pauseReading();
                } else {
                    peer.resumeReading();
                }
                world.advance(Duration.ofMillis(random.nextInt(500)));
            }
            peer.resumeReading();
            assertArrayEquals(bytes, peer.receive(bytes.length).toByteArray());
            peer.expectEnd();
        });
    }

    @Test
    void aStreamThatIsResetBringsABeginningOfWhatWasSent() {
        SimConfig config = SimConfig.builder()
                .name("reset")
                .seeds(SEEDS)
                .verify(Verify.TWICE)
                .build();
        SimWorld.run(config, world -> {
            RandomGenerator random = world.random("plan");
            ByteArrayOutputStream received = new ByteArrayOutputStream();
            List<TcpEvent> last = new ArrayList<>();
            world.host("srv").listen(7, (connection, event) -> {
                if (event instanceof TcpEvent.Received got) {
                    received.writeBytes(got.take().toByteArray());
                } else if (event instanceof TcpEvent.Closed closed) {
                    last.add(closed);
                }
            });
            StreamEnd end = world.host("cli").stream("srv", 7);
            misbehave(world, world.link("cli", "srv"), random);
            byte[] bytes = payload(random);
            world.oneWay("cli", "srv").resetAfter(1 + random.nextInt(100_000));
            end.send(bytes).close();
            world.advance(Duration.ofHours(1));
            assertEquals(1, last.size());
            assertArrayEquals(Arrays.copyOf(bytes, received.size()), received.toByteArray());
        });
    }

    @Test
    void worldsOnEightThreadsAreTheSameAsOnOne() throws InterruptedException {
        ConcurrentHashMap<Long, Long> hashes = new ConcurrentHashMap<>();
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 8; t++) {
            int first = t * 10;
            threads.add(new Thread(() -> {
                for (long seed = first; seed < first + 10; seed++) {
                    hashes.put(seed, hashOf(seed));
                }
            }));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        for (long seed = 0; seed < 80; seed++) {
            assertEquals(hashOf(seed), hashes.get(seed));
        }
    }

    private static long hashOf(long seed) {
        long[] hash = new long[1];
        SimWorld.run(SimConfig.builder().seed(seed).explore(true).build(), world -> {
            world.host("srv").listen(7, Programs::echo);
            StreamEnd end = world.host("cli").stream("srv", 7);
            misbehave(world, world.link("cli", "srv"), world.random("plan"));
            end.send(new byte[10_000]);
            world.advance(Duration.ofMinutes(10));
            hash[0] = world.hash();
        });
        return hash[0];
    }
}
