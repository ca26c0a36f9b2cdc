package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.ShutdownResult;
import dev.meerkat.event.TcpEvent;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class NioShutdownTest extends ShutdownRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }

    /** From any thread, while the manager runs on its own. */
    @Test
    void anotherThreadMayAskForIt() throws Exception {
        CountDownLatch told = new CountDownLatch(1);
        Script script = script().on(TcpEvent.ShuttingDown.class, (connection, event) -> told.countDown());
        Peer peer = accepted(script);
        arm.leaveAlone(manager());
        manager().start();
        CompletableFuture<ShutdownResult> result = manager().shutdown(Duration.ofHours(1));
        assertTrue(told.await(20, TimeUnit.SECONDS)); // who ends before does not count
        peer.close();
        assertEquals(new ShutdownResult(1, 0), result.get(20, TimeUnit.SECONDS));
        assertTrue(manager().isClosed());
    }
}
