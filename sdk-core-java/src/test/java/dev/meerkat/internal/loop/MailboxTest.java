package dev.meerkat.internal.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.internal.loop.Mailbox.Offer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class MailboxTest {
    @Test
    void handsOutTasksInOrder() {
        Mailbox mailbox = new Mailbox(10);
        Runnable first = () -> {};
        Runnable second = () -> {};
        mailbox.offer(first);
        mailbox.offer(second);
        assertSame(first, mailbox.poll());
        assertSame(second, mailbox.poll());
        assertNull(mailbox.poll());
        assertTrue(mailbox.isEmpty());
    }

    @Test
    void acceptsAsManyAsItsLimitAndNotOneMore() {
        Mailbox mailbox = new Mailbox(3);
        for (int i = 0; i < 3; i++) {
            assertEquals(Offer.ACCEPTED, mailbox.offer(() -> {}));
        }
        assertEquals(Offer.FULL, mailbox.offer(() -> {}));
        assertEquals(3, mailbox.size());
        assertNotNull(mailbox.poll());
        assertEquals(Offer.ACCEPTED, mailbox.offer(() -> {}));
    }

    @Test
    void internalTasksPassTheLimit() {
        Mailbox mailbox = new Mailbox(1);
        mailbox.offer(() -> {});
        assertEquals(Offer.ACCEPTED, mailbox.offerInternal(() -> {}));
    }

    @Test
    void closedItRefusesNewTasksAndStillHandsOutTheOldOnes() {
        Mailbox mailbox = new Mailbox(3);
        Runnable before = () -> {};
        mailbox.offer(before);
        mailbox.close();
        assertEquals(Offer.CLOSED, mailbox.offer(() -> {}));
        assertEquals(Offer.CLOSED, mailbox.offerInternal(() -> {}));
        assertSame(before, mailbox.poll());
        assertTrue(mailbox.isEmpty());
    }

    /** Four producers at once: nothing is lost, nothing comes twice, each producer's tasks stay in order. */
    @Test
    void keepsEveryTaskOfConcurrentProducersInTheirOrder() throws InterruptedException {
        int producers = 4;
        int each = 50_000;
        Mailbox mailbox = new Mailbox(producers * each);
        int[] seen = new int[producers];
        CountDownLatch start = new CountDownLatch(1);
        List<Thread> threads = new ArrayList<>();
        for (int p = 0; p < producers; p++) {
            int producer = p;
            Thread thread = new Thread(() -> {
                awaitQuietly(start);
                for (int i = 0; i < each; i++) {
                    int expected = i;
                    mailbox.offer(() -> assertEquals(expected, seen[producer]++));
                }
            });
            threads.add(thread);
            thread.start();
        }
        start.countDown();
        for (int taken = 0; taken < producers * each; ) {
            Runnable task = mailbox.poll();
            if (task == null) {
                Thread.onSpinWait();
            } else {
                task.run();
                taken++;
            }
        }
        for (Thread thread : threads) {
            thread.join();
        }
        for (int count : seen) {
            assertEquals(each, count);
        }
        assertTrue(mailbox.isEmpty());
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
