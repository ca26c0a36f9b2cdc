package dev.meerkat.observe;

import dev.meerkat.EventManager;
import dev.meerkat.Tap;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.time.Instant;

/** A wire that a test makes up. */
record FakeWire(long id, boolean isDatagram, boolean isInbound, SocketAddress localAddress, SocketAddress remoteAddress)
        implements Tap.Wire {
    static final Instant TIME = Instant.ofEpochSecond(1_767_225_600, 250_000_000);

    static FakeWire tcp(long id) {
        return new FakeWire(id, false, true, address(80, 127, 0, 0, 1), address(4000 + (int) id, 127, 0, 0, 1));
    }

    static InetSocketAddress address(int port, int... octets) {
        byte[] bytes = new byte[octets.length];
        for (int i = 0; i < octets.length; i++) {
            bytes[i] = (byte) octets[i];
        }
        try {
            return new InetSocketAddress(InetAddress.getByAddress(bytes), port);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    @Override
    public EventManager manager() {
        throw new UnsupportedOperationException("made up");
    }

    @Override
    public Instant time() {
        return TIME;
    }

    @Override
    public String toString() {
        return "test/conn-" + id;
    }
}
