package dev.meerkat.internal.pcap;

import java.net.Inet6Address;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The segments that a stream might have been sent in. Only the bytes and their order are known; handshake, sequence
 * numbers, sizes and acknowledgements are invented, but consistent: an analyser finds neither gap nor repetition, and
 * puts the stream together again.
 */
public final class TcpFlow {
    /** Takes the packets of a flow. */
    @FunctionalInterface
    public interface Sink {
        /**
         * Takes a packet.
         *
         * @param fromNear whether the near end sends it
         * @param packet valid until this returns
         * @param comment for people, or null
         */
        void packet(boolean fromNear, ByteBuffer packet, @Nullable String comment);
    }

    private static final int IPV4_SEGMENT = 1460;
    private static final int IPV6_SEGMENT = 1440;
    private static final int WINDOW = 65_535;
    private static final int WINDOW_SCALE = 7;
    /** A receiver acknowledges at least so often, so that never more is under way than its window of 8 MiB takes. */
    private static final int SEGMENTS_PER_ACK = 64;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final Packets packets;
    private final Sink sink;
    private final End near;
    private final End far;
    private final int segment;
    private boolean reset;

    /** One end: what it sends next, and what it has acknowledged. */
    private static final class End {
        final Endpoint place;
        int seq;
        int acked;
        boolean finished;

        End(Endpoint place, int seq) {
            this.place = place;
            this.seq = seq;
        }
    }

    /**
     * Makes a flow that has not begun.
     *
     * @param near the end that is looked at
     * @param far the other one, of the same family
     * @param seed decides the first sequence numbers
     * @param packets makes the packets
     * @param sink takes them
     */
    public TcpFlow(Endpoint near, Endpoint far, long seed, Packets packets, Sink sink) {
        this.near = new End(near, (int) (seed * 0x9E3779B1L));
        this.far = new End(far, (int) (seed * 0x85EBCA6BL + 1));
        this.packets = packets;
        this.sink = sink;
        this.segment = near.ip() instanceof Inet6Address ? IPV6_SEGMENT : IPV4_SEGMENT;
    }

    private End end(boolean isNear) {
        return isNear ? near : far;
    }

    /**
     * The handshake.
     *
     * @param byNear whether the near end connects
     * @param comment for people, or null
     */
    public void open(boolean byNear, @Nullable String comment) {
        begin(byNear, comment);
        send(!byNear, Packets.SYN | Packets.ACK, NOTHING, 0, null);
        end(!byNear).seq++;
        send(byNear, Packets.ACK, NOTHING, 0, null);
    }

    /**
     * A connect that was refused.
     *
     * @param byNear whether the near end tried to connect
     * @param comment for people, or null
     */
    public void refused(boolean byNear, @Nullable String comment) {
        begin(byNear, comment);
        end(!byNear).seq = 0;
        reset = true;
        send(!byNear, Packets.RST | Packets.ACK, NOTHING, 0, null);
    }

    private void begin(boolean byNear, @Nullable String comment) {
        send(byNear, Packets.SYN, NOTHING, 0, comment);
        end(byNear).seq++;
    }

    /**
     * Bytes of the stream.
     *
     * @param fromNear who sends them
     * @param bytes from its position to its limit; left as it is
     * @param comment for people, on the first segment, or null
     */
    public void data(boolean fromNear, ByteBuffer bytes, @Nullable String comment) {
        if (reset || end(fromNear).finished) {
            return;
        }
        acknowledge(!fromNear);
        ByteBuffer left = bytes.duplicate();
        for (int count = 1; left.hasRemaining(); count++) {
            int length = Math.min(segment, left.remaining());
            int push = length == left.remaining() ? Packets.PSH : 0;
            send(fromNear, Packets.ACK | push, left, length, count == 1 ? comment : null);
            if (count % SEGMENTS_PER_ACK == 0 && left.hasRemaining()) {
                acknowledge(!fromNear);
            }
        }
    }

    /** Answers what came, unless that was done already. */
    private void acknowledge(boolean fromNear) {
        if (end(fromNear).acked != end(!fromNear).seq) {
            send(fromNear, Packets.ACK, NOTHING, 0, null);
        }
    }

    /**
     * The end of one direction. A second one is nothing.
     *
     * @param fromNear who ends it
     * @param comment for people, or null
     */
    public void finish(boolean fromNear, @Nullable String comment) {
        if (reset || end(fromNear).finished) {
            return;
        }
        send(fromNear, Packets.FIN | Packets.ACK, NOTHING, 0, comment);
        end(fromNear).seq++;
        end(fromNear).finished = true;
        acknowledge(!fromNear);
    }

    /**
     * A reset; nothing comes after it.
     *
     * @param fromNear who resets
     * @param comment for people, or null
     */
    public void reset(boolean fromNear, @Nullable String comment) {
        if (!reset && !(near.finished && far.finished)) {
            send(fromNear, Packets.RST | Packets.ACK, NOTHING, 0, comment);
        }
        reset = true;
    }

    private void send(boolean fromNear, int flags, ByteBuffer payload, int length, @Nullable String comment) {
        End from = end(fromNear);
        End to = end(!fromNear);
        int ack = (flags & Packets.ACK) == 0 ? 0 : to.seq;
        byte[] options = (flags & Packets.SYN) == 0
                ? null
                : new byte[] {2, 4, (byte) (segment >> 8), (byte) segment, 1, 3, 3, WINDOW_SCALE};
        ByteBuffer packet = packets.tcp(from.place, to.place, from.seq, ack, flags, WINDOW, options, payload, length);
        from.seq += length;
        from.acked = ack;
        sink.packet(fromNear, packet, comment);
    }
}
