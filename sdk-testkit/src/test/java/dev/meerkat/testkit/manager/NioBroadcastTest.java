package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.meerkat.BroadcastLimitException;
import dev.meerkat.BroadcastResult;
import dev.meerkat.Connection;
import dev.meerkat.EventManager;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.TcpEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

/** With real sockets other threads broadcast, too, several at once. */
class NioBroadcastTest extends BroadcastRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }

    @Test
    void severalThreadsMayBroadcastAtOnce() {
        int threads = 3;
        int messages = 100;
        Script script = script();
        accepted(script);
        accepted(script);
        EventManager manager = manager();
        List<CompletableFuture<List<CompletableFuture<BroadcastResult>>>> senders = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            String name = "thread-" + i;
            senders.add(Threads.start(() -> {
                List<CompletableFuture<BroadcastResult>> results = new ArrayList<>();
                for (int message = 0; message < messages; message++) {
                    results.add(manager.broadcast(Bytes.utf8(name + " " + message)));
                }
                return results;
            }));
        }
        until("every message", () -> script.count(TcpEvent.Broadcast.class) == 2 * threads * messages);
        senders.forEach(sender ->
                sender.join().forEach(result -> assertEquals(new BroadcastResult(2, 0, 0), result.join())));
        List<String> first = heardBy(script, script.connections().get(0));
        assertEquals(first, heardBy(script, script.connections().get(1)), "the same order for all");
        for (int i = 0; i < threads; i++) {
            String name = "thread-" + i + " ";
            List<String> expected = new ArrayList<>();
            for (int message = 0; message < messages; message++) {
                expected.add(name + message);
            }
            assertEquals(
                    expected,
                    first.stream().filter(each -> each.startsWith(name)).toList());
        }
    }

    private static List<String> heardBy(Script script, Connection connection) {
        return script.eventsOf(connection).stream()
                .filter(TcpEvent.Broadcast.class::isInstance)
                .map(event -> ((TcpEvent.Broadcast) event).bytes().utf8())
                .toList();
    }

    @Test
    void theResultComesOnTheLoopThread() {
        accepted(script());
        EventManager manager = manager();
        Thread[] completing = new Thread[1];
        Threads.elsewhere(
                () -> manager.broadcast(Bytes.EMPTY).thenAccept(result -> completing[0] = Thread.currentThread()));
        until("the result", () -> completing[0] != null);
        assertEquals(Thread.currentThread(), completing[0]);
    }

    @Test
    void theLimitHoldsElsewhereToo() {
        EventManager manager = use(options -> options.broadcastLimit(1).mailboxLimit(1));
        Threads.elsewhere(() -> {
            assertThrows(BroadcastLimitException.class, () -> manager.broadcast(Bytes.utf8("ab")));
            manager.broadcast(Bytes.utf8("a"));
            assertThrows(RejectedExecutionException.class, () -> manager.broadcast(Bytes.utf8("b")));
            return null;
        });
    }
}
