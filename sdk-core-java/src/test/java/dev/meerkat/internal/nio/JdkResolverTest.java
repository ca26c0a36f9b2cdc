package dev.meerkat.internal.nio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.runtime.Resolver;
import dev.meerkat.runtime.Resolver.Answer;
import dev.meerkat.runtime.Resolver.HostName;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class JdkResolverTest {
    private final NioWorkers workers = new NioWorkers("test");

    /** A name server with a hand on its lever: every look-up takes one permit. */
    private final Semaphore answers = new Semaphore(0);

    private final Semaphore asked = new Semaphore(0);
    private final ConcurrentLinkedQueue<String> names = new ConcurrentLinkedQueue<>();
    private final JdkResolver resolver = new JdkResolver(
            workers,
            name -> {
                names.add(name);
                asked.release();
                answers.acquireUninterruptibly();
                return new InetAddress[] {address(name, 2), address(name, 1)};
            },
            address -> {
                asked.release();
                answers.acquireUninterruptibly();
                return address.getHostAddress().endsWith(".9") ? address.getHostAddress() : "peer.example";
            });

    @AfterEach
    void close() {
        answers.release(1_000_000);
        workers.close();
    }

    private static InetAddress address(String name, int last) throws UnknownHostException {
        return InetAddress.getByAddress(name, new byte[] {10, 0, 0, (byte) last});
    }

    @Test
    void addressesKeepTheOrderOfTheSystem() throws Exception {
        answers.release();
        Answer answer = resolver.resolve("a").get();
        assertEquals(List.of(address("a", 2), address("a", 1)), answer.addresses());
        assertEquals(JdkResolver.TIME_TO_LIVE, answer.timeToLive());
    }

    @Test
    void unknownNameIsAnUnknownHostException() {
        UnknownHostException failure = new UnknownHostException("nobody");
        JdkResolver nobody = failing(failure);
        assertSame(
                failure,
                assertThrows(
                                ExecutionException.class,
                                () -> nobody.resolve("nobody").get())
                        .getCause());
    }

    private JdkResolver failing(UnknownHostException failure) {
        return new JdkResolver(
                workers,
                name -> {
                    throw failure;
                },
                InetAddress::getHostAddress);
    }

    @Test
    void aNameServerThatFailedForNowIsNotAnUnknownHost() {
        JdkResolver failing = failing(new UnknownHostException("a.example: Temporary failure in name resolution"));
        Throwable cause = assertThrows(
                        ExecutionException.class,
                        () -> failing.resolve("a.example").get())
                .getCause();
        assertSame(IOException.class, cause.getClass());
    }

    @Test
    void anAddressHasTheNameThatLeadsBackToIt() throws Exception {
        answers.release(2);
        assertEquals(
                "peer.example",
                resolver.reverse(address("asked by name", 1)).answer().get().name());
        CompletableFuture<HostName> nameless =
                resolver.reverse(address("asked by name", 9)).answer();
        Throwable cause = assertThrows(ExecutionException.class, nameless::get).getCause();
        assertSame(UnknownHostException.class, cause.getClass(), "the JDK answers the address itself");
    }

    @Test
    void addressesOfADeadNameServerDoNotKeepNamesFromBeingLookedUp() throws Exception {
        List<CompletableFuture<HostName>> dead = new ArrayList<>();
        for (int i = 0; i < 2 * JdkResolver.MAX_REVERSE_RUNNING; i++) {
            dead.add(resolver.reverse(address("peer", i)).answer());
        }
        asked.acquire(JdkResolver.MAX_REVERSE_RUNNING);
        assertFalse(asked.tryAcquire());
        CompletableFuture<Answer> name = resolver.resolve("a.example");
        asked.acquire();
        answers.release(1_000);
        assertEquals(2, name.get().addresses().size());
        for (CompletableFuture<HostName> each : dead) {
            assertEquals("peer.example", each.get().name());
        }
    }

    @Test
    void whatIsAbandonedIsCancelled() {
        Resolver.Lookup.Together lookup = (Resolver.Lookup.Together) resolver.lookUp("a.example");
        lookup.all().abandon().run();
        assertTrue(lookup.all().answer().isCancelled());
    }

    @Test
    void systemKnowsLocalhost() throws Exception {
        Answer answer = new JdkResolver(workers).resolve("localhost").get();
        assertTrue(answer.addresses().stream().allMatch(InetAddress::isLoopbackAddress));
    }

    @Test
    void onlySomeLookUpsRunAtOnceAndTheOthersFollow() throws Exception {
        List<CompletableFuture<Answer>> all = new ArrayList<>();
        for (int i = 0; i < 3 * JdkResolver.MAX_RUNNING; i++) {
            all.add(resolver.resolve("n" + i));
        }
        asked.acquire(JdkResolver.MAX_RUNNING);
        assertEquals("free", workers.submit(() -> "free").get(), "the other workers do other work");
        assertFalse(asked.tryAcquire());

        answers.release();
        asked.acquire();
        answers.release(1_000);
        for (CompletableFuture<Answer> each : all) {
            assertEquals(2, each.get().addresses().size());
        }
        assertEquals(all.size(), names.size());
    }

    @Test
    void cancelledLookUpIsSkipped() throws Exception {
        for (int i = 0; i < JdkResolver.MAX_RUNNING; i++) {
            CompletableFuture<Answer> unused = resolver.resolve("held");
        }
        CompletableFuture<Answer> cancelled = resolver.resolve("cancelled");
        CompletableFuture<Answer> next = resolver.resolve("next");
        cancelled.cancel(false);
        answers.release(1_000);
        next.get();
        assertFalse(names.contains("cancelled"));
    }

    @Test
    void waitingLookUpsHaveABound() throws Exception {
        for (int i = 0; i < JdkResolver.MAX_RUNNING; i++) {
            CompletableFuture<Answer> unused = resolver.resolve("held");
        }
        asked.acquire(JdkResolver.MAX_RUNNING);
        List<CompletableFuture<Answer>> waiting = new ArrayList<>();
        for (int i = 0; i < JdkResolver.MAX_WAITING; i++) {
            waiting.add(resolver.resolve("waiting"));
        }
        CompletableFuture<Answer> tooMany = resolver.resolve("too many");
        assertTrue(tooMany.isDone());
        assertRejected(tooMany);
        answers.release(10_000);
        for (CompletableFuture<Answer> each : waiting) {
            each.get();
        }
    }

    @Test
    void closedWorkersRefuseWhatWaitsAndWhatComes() throws Exception {
        CountDownLatch held = new CountDownLatch(1);
        NioWorkers one = new NioWorkers("one", 1, 10);
        CompletableFuture<Boolean> running = one.submit(() -> {
            held.await();
            return true;
        });
        JdkResolver late = new JdkResolver(one);
        List<CompletableFuture<Answer>> waiting = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            waiting.add(late.resolve("localhost"));
        }
        one.close();
        for (CompletableFuture<Answer> each : waiting) {
            assertRejected(each);
        }
        assertRejected(late.resolve("localhost"));
        held.countDown();
        assertTrue(running.get());
    }

    private static void assertRejected(CompletableFuture<Answer> future) {
        Throwable cause = assertThrows(ExecutionException.class, future::get).getCause();
        assertSame(RejectedExecutionException.class, cause.getClass());
    }
}
