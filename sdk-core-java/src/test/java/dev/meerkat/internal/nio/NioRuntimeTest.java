package dev.meerkat.internal.nio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.runtime.ManagerRuntime;
import dev.meerkat.runtime.TimeSource;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class NioRuntimeTest {
    @Test
    void workersBearTheNameOfTheRuntime() throws Exception {
        ManagerRuntime runtime = NioRuntime.create("chat");
        assertEquals(
                "chat-worker-1",
                runtime.workers().submit(() -> Thread.currentThread().getName()).get());
        close(runtime);
    }

    @Test
    void sharedWorkersOutliveARuntime() throws Exception {
        NioWorkers workers = new NioWorkers("group");
        ManagerRuntime first = NioRuntime.create(workers);
        ManagerRuntime second = NioRuntime.create(workers);
        assertNotSame(first.transport(), second.transport());
        close(first);
        assertFalse(second.resolver().resolve("localhost").get().addresses().isEmpty());
        close(second);
        assertEquals("done", workers.submit(() -> "done").get());
        workers.close();
    }

    @Test
    void clocksAreThoseOfTheMachine() {
        TimeSource time = SystemTime.INSTANCE;
        long first = time.nanoTime();
        assertTrue(time.nanoTime() - first >= 0);
        assertTrue(Duration.between(time.wallTime(), Instant.now()).abs().compareTo(Duration.ofMinutes(1)) < 0);
    }

    @Test
    void randomNumbersDoNotRepeatWithinAStreamOrBetweenTwo() {
        RandomGenerator first = SystemEntropy.INSTANCE.stream("mask");
        RandomGenerator second = SystemEntropy.INSTANCE.stream("mask");
        Set<Long> seen = new HashSet<>();
        for (int i = 0; i < 200; i++) { // three blocks and a bit
            assertTrue(seen.add(first.nextLong()));
            assertTrue(seen.add(second.nextLong()));
        }
        byte[] key = new byte[16];
        first.nextBytes(key);
        byte[] next = new byte[16];
        first.nextBytes(next);
        assertNotEquals(HexFormat.of().formatHex(key), HexFormat.of().formatHex(next));
    }

    private static void close(ManagerRuntime runtime) throws IOException {
        runtime.transport().close();
        runtime.workers().close();
    }
}
