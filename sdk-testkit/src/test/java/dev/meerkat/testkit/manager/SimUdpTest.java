package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.meerkat.UdpOptions;
import dev.meerkat.UdpSocket;
import dev.meerkat.runtime.DatagramHandle;
import dev.meerkat.runtime.SocketOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

class SimUdpTest extends UdpRules {
    @Override
    Arm openArm() {
        return new SimArm();
    }

    @Test
    void withoutLoopbackAGroupIsHeardOnOtherHostsAlone() throws IOException {
        InetAddress group = new InetSocketAddress("239.255.77.3", 1).getAddress();
        UdpScript here = udp();
        UdpSocket member = manager().listenUdp("udp://:5000", here);
        member.join(group);
        DatagramHandle there = arm.peers().datagram(new InetSocketAddress(5000), SocketOptions.DEFAULT);
        there.join(group, "");
        RawUdp other = new RawUdp(there);
        UdpOptions options = UdpOptions.builder().multicastLoopback(false).build();
        listen(options, udp()).sendTo(new InetSocketAddress(group, 5000), "away");
        until("the other host to hear it", () -> other.texts().equals(List.of("away")));
        settle();
        assertEquals(List.of(), here.texts());
        listen(udp()).sendTo(new InetSocketAddress(group, 5000), "everywhere");
        until(
                "both to hear it",
                () -> here.texts().equals(List.of("everywhere"))
                        && other.texts().size() == 2);
    }
}
