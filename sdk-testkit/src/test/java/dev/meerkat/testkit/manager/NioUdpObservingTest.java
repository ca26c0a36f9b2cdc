package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.UdpOptions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class NioUdpObservingTest extends UdpObservingRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }

    @Test
    void aHandlerAboveTheThresholdIsTold() {
        observe(options -> options.slowHandler(Duration.ofNanos(1)));
        listen(UdpOptions.DEFAULT, udp());
        assertEquals(List.of("opened 1", "slow Opened"), notes.lines);
        assertTrue(notes.slow.get(0) >= 1);
    }

    @Test
    void aHandlerBelowTheThresholdIsNotTold() {
        observe(options -> options.slowHandler(Duration.ofHours(1)));
        listen(UdpOptions.DEFAULT, udp());
        assertEquals(List.of("opened 1"), notes.lines);
    }
}
