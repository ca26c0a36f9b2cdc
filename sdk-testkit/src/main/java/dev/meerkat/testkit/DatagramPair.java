package dev.meerkat.testkit;

import dev.meerkat.runtime.SocketOptions;
import dev.meerkat.testkit.internal.Host;
import dev.meerkat.testkit.internal.SimDatagram;
import dev.meerkat.testkit.internal.Simulation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;

/** Two datagram sockets that send to each other. The pair itself is one of them; {@link #peer()} is the other. */
public final class DatagramPair extends DatagramEnd {
    private final FakeClock clock;
    private final DatagramEnd peer;

    private DatagramPair(FakeClock clock, SimDatagram near, SimDatagram far) {
        super(clock.simulation(), near);
        this.clock = clock;
        this.peer = new DatagramEnd(clock.simulation(), far).sendTo(near.boundAddress());
        sendTo(far.boundAddress());
    }

    static DatagramPair create(FakeClock clock) {
        Simulation simulation = clock.simulation();
        Host host = simulation.network().host("pair-" + simulation.nextPair());
        try {
            return new DatagramPair(clock, bind(host), bind(host));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static SimDatagram bind(Host host) throws IOException {
        return host.datagram(new InetSocketAddress(host.ipv4(), 0), SocketOptions.DEFAULT, null);
    }

    /**
     * The clock of the pair.
     *
     * @return the clock
     */
    public FakeClock clock() {
        return clock;
    }

    /**
     * The other end.
     *
     * @return the end that receives what this one sends
     */
    public DatagramEnd peer() {
        return peer;
    }
}
