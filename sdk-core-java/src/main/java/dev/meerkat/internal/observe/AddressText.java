package dev.meerkat.internal.observe;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/** Addresses as people write them, without looking anything up. */
public final class AddressText {
    private AddressText() {}

    /**
     * The text of an address.
     *
     * @param address any address
     * @return for instance {@code 127.0.0.1:80}, {@code [::1]:80} or {@code unix:/run/app.sock}
     */
    public static String of(SocketAddress address) {
        if (!(address instanceof InetSocketAddress inet)) {
            return "unix:" + address;
        }
        InetAddress ip = inet.getAddress();
        String host = ip == null ? inet.getHostString() : ip.getHostAddress();
        return (ip instanceof Inet6Address ? "[" + host + "]" : host) + ":" + inet.getPort();
    }
}
