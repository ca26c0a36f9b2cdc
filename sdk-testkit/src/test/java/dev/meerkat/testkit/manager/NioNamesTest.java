package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.EventManager;
import dev.meerkat.ResolverOptions;
import dev.meerkat.event.ConnectionError.Kind;
import dev.meerkat.runtime.ListenerHandle;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** On real threads: answers come from anywhere, the loop alone tells them. */
class NioNamesTest extends NamesRules {
    private final Names names = new Names();

    @Override
    Arm openArm() {
        return new NioArm();
    }

    @Test
    void anAnswerFromAnyThreadIsToldOnTheLoop() {
        EventManager manager = use(options -> {}, names::install);
        arm.leaveAlone(manager);
        manager.start();
        Thread loop = manager.submit(Thread::currentThread).join();
        CompletableFuture<Thread> told = manager.names()
                .addresses("meerkat.example")
                .thenApply(any -> {
                    return Thread.currentThread();
                });
        manager.submit(() -> 0).join(); // by then the look-up has begun
        assertFalse(told.isDone());
        Threads.elsewhere(() -> names.pending().complete(Names.holding(Duration.ZERO, "192.0.2.1")));
        assertSame(loop, told.join());
        manager.close();
    }

    @Test
    void aResolverThatNeverAnswersHoldsUpNobodyElse() {
        use(
                options -> options.resolver(
                        ResolverOptions.builder().lookupTimeout(SHORT).build()),
                names::install);
        Script hanging = script();
        manager().connect("hangs.example:80", hanging);
        until("the look-up", () -> names.asked.size() == 1);
        ListenerHandle listener = peerListener();
        Script other = script();
        manager().connect("localhost:" + portOf(listener), other);
        until("the other connection", other::isOpened);
        untilClosed(hanging);
        assertEquals(Kind.LOOKUP_TIMEOUT, hanging.errorKind());
        assertTrue(names.pending().isCancelled());
    }

    @Test
    void theSystemKnowsTheNameOfThisHostOrSaysThatItHasNone() {
        CompletableFuture<Optional<String>> name = manager().canonicalHostName();
        until("the name", name::isDone);
        assertFalse(name.join().map(String::isEmpty).orElse(false));
    }
}
