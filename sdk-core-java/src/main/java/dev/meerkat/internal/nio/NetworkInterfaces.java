package dev.meerkat.internal.nio;

import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Collections;

/** Finds the interface that a multicast group is joined on. */
final class NetworkInterfaces {
    private NetworkInterfaces() {}

    static NetworkInterface named(String name) throws SocketException {
        NetworkInterface found = NetworkInterface.getByName(name);
        if (found == null) {
            throw new SocketException("No such interface: " + name);
        }
        return found;
    }

    /** The first that is up and knows multicast, or else the loopback interface: the JDK wants one to be named. */
    static NetworkInterface forMulticast() throws SocketException {
        NetworkInterface loopback = null;
        for (NetworkInterface each : Collections.list(NetworkInterface.getNetworkInterfaces())) {
            if (each.isLoopback()) {
                loopback = each;
            } else if (each.isUp() && each.supportsMulticast()) {
                return each;
            }
        }
        if (loopback == null) {
            throw new SocketException("No interface for multicast");
        }
        return loopback;
    }
}
