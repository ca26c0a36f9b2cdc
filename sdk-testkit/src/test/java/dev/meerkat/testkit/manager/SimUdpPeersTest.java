package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.meerkat.UdpPeerHandler.End;
import dev.meerkat.UdpSocket;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class SimUdpPeersTest extends UdpPeersRules {
    private static final Duration NANO = Duration.ofNanos(1);

    @Override
    Arm openArm() {
        return new SimArm();
    }

    @Test
    void peerExpiresAtTheVeryNanosecondAndNotBefore() {
        UdpSocket socket = listen(options -> options.idleTimeout(Duration.ofSeconds(60)));
        RawUdp one = raw();
        RawUdp two = raw();
        one.send(socket.localAddress(), "a");
        until("one peer", () -> peers.size() == 1);
        arm.advance(Duration.ofSeconds(10));
        two.send(socket.localAddress(), "b");
        until("two peers", () -> peers.size() == 2);
        arm.advance(Duration.ofSeconds(20));
        one.send(socket.localAddress(), "c"); // puts its end off to 90 s
        until("a third datagram", () -> received.size() == 3);
        arm.advance(Duration.ofSeconds(40).minus(NANO)); // 70 s, less one nanosecond
        assertEquals(2, peers.size());
        arm.advance(NANO);
        assertEquals(
                List.of(two.address()),
                ended.stream().map(each -> each.peer().address()).toList());
        arm.advance(Duration.ofSeconds(20).minus(NANO));
        assertEquals(1, peers.size());
        arm.advance(NANO);
        assertEquals(List.of(End.IDLE, End.IDLE), ends());
        assertEquals(0, peers.size());
        assertEquals(0, manager().statistics().timers());
    }
}
