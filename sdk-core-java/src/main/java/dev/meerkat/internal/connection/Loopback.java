package dev.meerkat.internal.connection;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/** The addresses of {@code localhost}: first the one that a manager that listens there has. */
final class Loopback {
    static final List<InetAddress> BOTH = List.of(of(127, 0, 0, 1), of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1));

    private Loopback() {}

    private static InetAddress of(int... octets) {
        byte[] bytes = new byte[octets.length];
        for (int i = 0; i < octets.length; i++) {
            bytes[i] = (byte) octets[i];
        }
        try {
            return InetAddress.getByAddress("localhost", bytes);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }
}
