package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class NioWritableTest extends WritableRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }

    @Test
    void anyThreadMayHangUp() {
        Script script = script();
        accepted(script);
        long id = script.connection().id();
        CompletableFuture<Boolean> answer = Threads.elsewhere(() -> manager().hangUp(id));
        until("the answer", answer::isDone);
        assertEquals(true, answer.join());
        untilClosed(script);
    }
}
