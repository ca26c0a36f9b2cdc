package dev.meerkat.runtime;

import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A datagram socket: outcomes as {@link java.nio.channels.DatagramChannel} in non-blocking mode. */
public interface DatagramHandle extends Handle {
    /** The largest payload of a datagram over IPv4, in bytes. */
    int MAX_PAYLOAD_BYTES = 65_507;

    /**
     * Receives one datagram. What does not fit into the target is lost.
     *
     * @param target filled from its position to at most its limit
     * @return the sender, or null if no datagram waits
     * @throws java.net.PortUnreachableException on a connected socket, if an earlier datagram met a closed port
     * @throws IOException for any other failure
     */
    @Nullable
    SocketAddress receive(ByteBuffer target) throws IOException;

    /**
     * Sends one datagram.
     *
     * @param source the payload, position to limit, possibly empty
     * @param target whom to send to
     * @return the number of bytes sent, or 0 if the system has no room now and the source holds more than 0 bytes
     * @throws java.net.SocketException "Message too long" above {@link #MAX_PAYLOAD_BYTES}
     * @throws IOException for any other failure
     */
    int send(ByteBuffer source, SocketAddress target) throws IOException;

    /**
     * Fixes the peer: only its datagrams are received, and an unreachable port is reported.
     *
     * @param remote the only peer from now on
     * @throws IOException if the address cannot be used
     */
    void connect(SocketAddress remote) throws IOException;

    /**
     * The fixed peer, of a socket that was taken over connected too.
     *
     * @return the peer, or null if there is none
     * @throws IOException if the socket is closed
     */
    @Nullable
    SocketAddress connectedTo() throws IOException;

    /**
     * Sends one datagram to the fixed peer.
     *
     * @param source the payload, position to limit
     * @return as {@link #send}
     * @throws IOException as {@link #send}
     */
    int write(ByteBuffer source) throws IOException;

    /**
     * Receives one datagram of the fixed peer.
     *
     * @param target filled from its position to at most its limit
     * @return how many bytes were received, 0 also for an empty datagram or for none
     * @throws java.net.PortUnreachableException if an earlier datagram met a closed port
     * @throws IOException for any other failure
     */
    int read(ByteBuffer target) throws IOException;

    // What follows works where the transport has Capability.MULTICAST.

    /**
     * Allows or forbids to send to broadcast addresses, which is forbidden at first: a {@link java.net.SocketException}
     * "Permission denied".
     *
     * @param allowed whether it is allowed
     * @throws IOException if the system refuses
     */
    default void broadcast(boolean allowed) throws IOException {
        throw new UnsupportedOperationException("broadcast");
    }

    /**
     * Joins a multicast group: what is sent to it and arrives at the interface is received, if the socket is bound to
     * every interface or to the group. Joining twice does nothing.
     *
     * @param group a multicast address
     * @param networkInterface the name of the interface; empty for one that the system chooses
     * @throws java.net.SocketException if there is no such interface
     * @throws IOException if the system refuses
     */
    default void join(InetAddress group, String networkInterface) throws IOException {
        throw new UnsupportedOperationException("multicast");
    }

    /**
     * Leaves a multicast group; does nothing if the socket is not a member.
     *
     * @param group a multicast address
     * @param networkInterface as for {@link #join}
     * @throws IOException if the system refuses
     */
    default void leave(InetAddress group, String networkInterface) throws IOException {
        throw new UnsupportedOperationException("multicast");
    }

    /**
     * Sets the interface by which multicast datagrams leave.
     *
     * @param name its name
     * @throws java.net.SocketException if there is no such interface
     * @throws IOException if the system refuses
     */
    default void multicastInterface(String name) throws IOException {
        throw new UnsupportedOperationException("multicast");
    }

    /**
     * Sets how far multicast datagrams go; 1 at first.
     *
     * @param hops 0 for this host alone, 1 for its network, up to 255
     * @throws IOException if the system refuses
     */
    default void multicastTtl(int hops) throws IOException {
        throw new UnsupportedOperationException("multicast");
    }

    /**
     * Sets whether members of a group on this host receive what this socket sends to it; they do at first.
     *
     * @param enabled whether they do
     * @throws IOException if the system refuses
     */
    default void multicastLoopback(boolean enabled) throws IOException {
        throw new UnsupportedOperationException("multicast");
    }
}
