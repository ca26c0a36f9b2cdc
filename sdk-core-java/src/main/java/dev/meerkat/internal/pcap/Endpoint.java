package dev.meerkat.internal.pcap;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;

/**
 * One end of a conversation, as a packet needs it.
 *
 * @param ip its IP address
 * @param port its port
 */
public record Endpoint(InetAddress ip, int port) {
    private static final int FIRST_MADE_UP_PORT = 1024;
    private static final int MADE_UP_PORTS = 65_536 - FIRST_MADE_UP_PORT;

    /**
     * The end that an address names. What has no IP address, a socket of the file system for instance, becomes one of
     * 127.0.0.1 with a port that is made up.
     *
     * @param address an address
     * @param like the address of the other end: a wildcard takes its family
     * @param id tells made-up ends from each other; 0 for a listening one, which has port 1
     * @return the end
     */
    public static Endpoint of(SocketAddress address, SocketAddress like, long id) {
        if (!(address instanceof InetSocketAddress inet) || inet.getAddress() == null) {
            int port = id == 0 ? 1 : FIRST_MADE_UP_PORT + (int) (id % MADE_UP_PORTS);
            return new Endpoint(ip(127, 0, 0, 1), port);
        }
        InetAddress ip = inet.getAddress();
        if (ip.isAnyLocalAddress() && like instanceof InetSocketAddress other && other.getAddress() != null) {
            ip = other.getAddress() instanceof Inet6Address ? ip(new int[16]) : ip(0, 0, 0, 0);
        }
        return new Endpoint(ip, inet.getPort());
    }

    private static InetAddress ip(int... octets) {
        byte[] bytes = new byte[octets.length];
        for (int i = 0; i < octets.length; i++) {
            bytes[i] = (byte) octets[i];
        }
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(octets.length + " octets are no address", e);
        }
    }
}
