package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.meerkat.event.ConnectionError.Kind;
import dev.meerkat.event.FileRegion;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class SimFileSendingTest extends FileSendingRules {
    @Override
    Arm openArm() {
        return new SimArm();
    }

    @Test
    void closingATransferThatMovesIsNotCutOffAndOneThatStandsIs() throws IOException {
        FileRegion region = FileRegion.open(file(pattern(MORE_THAN_FITS)));
        Script script = script();
        Peer peer = slow(script, options -> options.closeTimeout(Duration.ofSeconds(10)));
        inTurn(() -> script.connection().send(region).close());
        settle();
        for (int i = 0; i < 3; i++) {
            int before = peer.receivedCount();
            peer.startReading();
            until("a part", () -> peer.receivedCount() > before);
            peer.stopReading();
            settle();
            arm.advance(Duration.ofMillis(9_900));
            assertFalse(sawClosed(script));
        }
        arm.advance(Duration.ofSeconds(10));
        arm.advance(Duration.ofSeconds(10));
        untilClosed(script);
        assertEquals(
                Kind.CLOSE_TIMEOUT, script.closeReason().error().orElseThrow().kind());
    }
}
