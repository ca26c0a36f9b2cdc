package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Acceptor;
import dev.meerkat.EventManager;
import dev.meerkat.ManagerOptions;
import dev.meerkat.event.Bytes;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

/** What other threads may have waiting for the loop is bounded, in number and in bytes. */
class NioMailboxTest {
    @Test
    void broadcastsOnTheirWayToTheLoopCountAgainstTheManagersBytes() {
        try (EventManager manager = EventManager.create(
                ManagerOptions.builder().mailboxBytesLimit(10).build())) {
            var result = Threads.elsewhere(() -> manager.broadcast(Bytes.utf8("0123456789")));
            var refused = assertThrows(
                    CompletionException.class, () -> Threads.elsewhere(() -> manager.broadcast(Bytes.utf8("x"))));
            assertInstanceOf(RejectedExecutionException.class, refused.getCause());
            manager.runOnce(Duration.ZERO);
            assertTrue(result.isDone());
            assertDoesNotThrow(() -> Threads.elsewhere(() -> manager.broadcast(Bytes.utf8("0123456789"))));
        }
    }

    @Test
    void aFullMailboxTakesOneRequestToCloseAnAcceptorAndNotAThousand() {
        try (EventManager manager =
                EventManager.create(ManagerOptions.builder().mailboxLimit(3).build())) {
            Acceptor acceptor = manager.listen("127.0.0.1:0", (connection, event) -> {});
            for (int i = 0; i < 3; i++) {
                manager.post(() -> {});
            }
            Threads.elsewhere(() -> {
                for (int i = 0; i < 1_000; i++) {
                    acceptor.close();
                }
                return true;
            });
            assertEquals(4, manager.statistics().waitingTasks());
            manager.runOnce(Duration.ZERO);
            assertEquals(0, manager.statistics().acceptors());
        }
    }
}
