package dev.meerkat.internal.pcap;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Makes IP packets with TCP (RFC 9293) or UDP (RFC 768) in them, for IPv4 (RFC 791) and IPv6 (RFC 8200), with right
 * lengths and check sums. One packet at a time: the next call overwrites it.
 */
public final class Packets {
    /** The largest packet that IPv4 can carry, headers included. */
    public static final int LARGEST = 65_535;

    /** A flag of a segment: the sender has no more data. */
    public static final int FIN = 1;
    /** A flag of a segment: sequence numbers begin. */
    public static final int SYN = 1 << 1;
    /** A flag of a segment: the connection is reset. */
    public static final int RST = 1 << 2;
    /** A flag of a segment: the receiver should pass on what it has. */
    public static final int PSH = 1 << 3;
    /** A flag of a segment: the acknowledgement number counts. */
    public static final int ACK = 1 << 4;

    private static final int IPV4_HEADER = 20;
    private static final int IPV6_HEADER = 40;
    private static final int TCP_HEADER = 20;
    private static final int UDP_HEADER = 8;
    private static final int TCP = 6;
    private static final int UDP = 17;
    private static final int HOPS = 64;
    private static final int DO_NOT_FRAGMENT = 0x4000;
    private static final byte[] NO_OPTIONS = {};

    private final ByteBuffer packet = ByteBuffer.allocate(LARGEST + IPV6_HEADER);
    private int identification;

    /**
     * A TCP segment.
     *
     * @param from the sender
     * @param to the receiver, of the same family
     * @param seq the sequence number
     * @param ack the acknowledgement number
     * @param flags a union of the flags
     * @param window as it stands in the header
     * @param options a multiple of four bytes, or null
     * @param payload the bytes from its position on; the position moves
     * @param length how many of them
     * @return the packet; valid until the next call
     */
    ByteBuffer tcp(
            Endpoint from,
            Endpoint to,
            int seq,
            int ack,
            int flags,
            int window,
            byte @Nullable [] options,
            ByteBuffer payload,
            int length) {
        byte[] more = options == null ? NO_OPTIONS : options;
        int header = TCP_HEADER + more.length;
        int start = ip(from.ip(), to.ip(), TCP, header + length);
        packet.putShort((short) from.port())
                .putShort((short) to.port())
                .putInt(seq)
                .putInt(ack)
                .put((byte) ((header / 4) << 4))
                .put((byte) flags)
                .putShort((short) window)
                .putInt(0)
                .put(more);
        take(payload, length);
        packet.putShort(start + 16, checksum(from.ip(), to.ip(), TCP, start));
        return packet.flip();
    }

    /**
     * A UDP datagram.
     *
     * @param from the sender
     * @param to the receiver, of the same family
     * @param payload the bytes, at most 65,507; the position moves
     * @return the packet; valid until the next call
     */
    public ByteBuffer udp(Endpoint from, Endpoint to, ByteBuffer payload) {
        int length = payload.remaining();
        int start = ip(from.ip(), to.ip(), UDP, UDP_HEADER + length);
        packet.putShort((short) from.port())
                .putShort((short) to.port())
                .putShort((short) (UDP_HEADER + length))
                .putShort((short) 0);
        take(payload, length);
        short sum = checksum(from.ip(), to.ip(), UDP, start);
        packet.putShort(start + 6, sum == 0 ? (short) 0xFFFF : sum); // 0 would mean "none"
        return packet.flip();
    }

    private void take(ByteBuffer payload, int length) {
        ByteBuffer part = payload.duplicate();
        packet.put(part.limit(part.position() + length));
        payload.position(payload.position() + length);
    }

    private int ip(InetAddress from, InetAddress to, int protocol, int length) {
        packet.clear();
        if (from instanceof Inet6Address) {
            packet.putInt(6 << 28)
                    .putShort((short) length)
                    .put((byte) protocol)
                    .put((byte) HOPS)
                    .put(from.getAddress())
                    .put(to.getAddress());
            return IPV6_HEADER;
        }
        packet.put((byte) 0x45)
                .put((byte) 0)
                .putShort((short) (IPV4_HEADER + length))
                .putShort((short) identification++)
                .putShort((short) DO_NOT_FRAGMENT)
                .put((byte) HOPS)
                .put((byte) protocol)
                .putShort((short) 0)
                .put(from.getAddress())
                .put(to.getAddress());
        packet.putShort(10, fold(sum(0, IPV4_HEADER)));
        return IPV4_HEADER;
    }

    /** Over a header made up of both addresses, protocol and length, and everything from {@code start} on. */
    private short checksum(InetAddress from, InetAddress to, int protocol, int start) {
        int end = packet.position();
        long sum = protocol + (end - start) + sum(start, end) + sum(from.getAddress()) + sum(to.getAddress());
        return fold(sum);
    }

    private static long sum(byte[] address) {
        long sum = 0;
        for (int i = 0; i < address.length; i += 2) {
            sum += ((address[i] & 0xFF) << 8) | (address[i + 1] & 0xFF);
        }
        return sum;
    }

    private long sum(int start, int end) {
        long sum = 0;
        int i = start;
        for (; i + 1 < end; i += 2) {
            sum += packet.getShort(i) & 0xFFFF;
        }
        return i < end ? sum + ((packet.get(i) & 0xFF) << 8) : sum;
    }

    private static short fold(long sum) {
        long folded = sum;
        while (folded >>> 16 != 0) {
            folded = (folded & 0xFFFF) + (folded >>> 16);
        }
        return (short) ~folded;
    }
}
