package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.ShutdownResult;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
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
        Script script = script();
        Peer peer = accepted(script);
        arm.leaveAlone(manager());
        manager().start();
        CompletableFuture<ShutdownResult> result = manager().shutdown(Duration.ofHours(1));
        peer.close();
        assertEquals(new ShutdownResult(1, 0), result.get(20, TimeUnit.SECONDS));
        assertTrue(manager().isClosed());
    }
}
