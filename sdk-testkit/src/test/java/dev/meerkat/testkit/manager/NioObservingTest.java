package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.event.TcpEvent;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class NioObservingTest extends ObservingRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }

    @Test
    void aHandlerAboveTheThresholdIsTold() {
        observe(options -> options.slowHandler(Duration.ofNanos(1)));
        accepted(script());
        assertEquals("slow Opened", notes.lines.get(1));
        assertTrue(notes.slow.get(0) >= 1);
    }

    @Test
    void aHandlerBelowTheThresholdIsNotTold() {
        observe(options -> options.slowHandler(Duration.ofHours(1)));
        Script script = script();
        accepted(script);
        assertTrue(script.has(TcpEvent.Opened.class));
        assertEquals("[opened 1]", notes.lines.toString());
    }
}
