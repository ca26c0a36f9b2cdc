package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.meerkat.UdpOptions;
import dev.meerkat.UdpSocket;
import dev.meerkat.event.UdpEvent;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** In a virtual world durations are exact. */
class SimUdpObservingTest extends UdpObservingRules {
    private static final Duration THRESHOLD = Duration.ofMillis(20);

    private final SimArm world = new SimArm();

    @Override
    Arm openArm() {
        return world;
    }

    private void handlerThatTakes(Duration time) {
        observe(options -> options.slowHandler(THRESHOLD));
        UdpScript script = udp().on(UdpEvent.Received.class, (socket, received) -> world.busy(manager(), time));
        UdpSocket socket = listen(UdpOptions.DEFAULT, script);
        udpPeer().send(socket.localAddress(), "x");
        until("the datagram", () -> script.has(UdpEvent.Received.class));
        settle();
    }

    @Test
    void aHandlerAtTheThresholdIsSlowAndItsTimeIsExact() {
        handlerThatTakes(THRESHOLD);
        assertEquals(List.of("opened 1", "slow Received"), notes.lines);
        assertEquals(List.of(THRESHOLD.toNanos()), notes.slow);
    }

    @Test
    void aHandlerJustBelowTheThresholdIsNot() {
        handlerThatTakes(THRESHOLD.minusNanos(1));
        assertEquals(List.of("opened 1"), notes.lines);
    }
}
