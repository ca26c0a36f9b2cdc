package dev.meerkat.testkit.internal;

import dev.meerkat.internal.pcap.Endpoint;
import dev.meerkat.internal.pcap.Packets;
import dev.meerkat.internal.pcap.PcapNg;
import dev.meerkat.internal.pcap.TcpFlow;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Writes what passes the virtual network as a packet capture. Each host is an interface; a packet is seen where and
 * when it arrives, once, so that an analyser takes none for a repetition. A datagram that is lost is seen where it
 * left.
 */
public final class NetworkCapture {
    /** An analyser still opens it; what comes later is not written. */
    private static final long LARGEST_FILE = 1L << 30;

    private final Scheduler scheduler;
    private final Trace trace;
    private final OutputStream target;
    private final PcapNg section;
    private final Packets packets = new Packets();
    private final Map<SimStream, End> ends = new HashMap<>();

    private long written;
    private boolean closed;

    NetworkCapture(Scheduler scheduler, Trace trace, OutputStream target) {
        this.scheduler = scheduler;
        this.trace = trace;
        this.target = new BufferedOutputStream(target);
        this.section = new PcapNg("Meerkat testkit, virtual network", this::write);
    }

    private void write(ByteBuffer block) {
        written += block.remaining();
        if (closed || written > LARGEST_FILE) {
            return;
        }
        try {
            target.write(block.array(), block.arrayOffset() + block.position(), block.remaining());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void packet(Host seenAt, boolean outbound, ByteBuffer packet, @Nullable String comment) {
        section.packet(section.interfaceOf(seenAt.name()), scheduler.wallTime(), outbound, packet, comment);
    }

    /** Who, and the number of the event in the trace. */
    private String comment(Entity who, String what) {
        return who.name() + what + ", event " + trace.count();
    }

    // ---- streams

    /** One end of a flow: near is the one that connects. */
    private record End(TcpFlow flow, boolean isNear) {}

    void connected(SimStream initiator) {
        TcpFlow flow = flow(initiator, initiator.peerHost());
        ends.put(initiator, new End(flow, true));
        SimStream other = initiator.peer();
        if (other != null) {
            ends.put(other, new End(flow, false));
        }
        flow.open(true, comment(initiator, " connects"));
    }

    void refused(SimStream initiator, Host by) {
        flow(initiator, by).refused(true, comment(initiator, " is refused"));
    }

    private TcpFlow flow(SimStream initiator, Host far) {
        Host near = initiator.boundHost();
        return new TcpFlow(
                Endpoint.of(initiator.address(), initiator.remote(), initiator.id()),
                Endpoint.of(initiator.remote(), initiator.address(), 0),
                initiator.id(),
                packets,
                (fromNear, packet, text) -> packet(fromNear ? far : near, false, packet, text));
    }

    /** A stream that was connected before the capture began is shown with a handshake all the same. */
    private End of(SimStream from, SimStream to) {
        if (!ends.containsKey(from)) {
            connected(from.id() < to.id() ? from : to);
        }
        return Objects.requireNonNull(ends.get(from));
    }

    void delivered(SimStream from, SimStream to, ByteBuffer bytes) {
        End end = of(from, to);
        end.flow.data(end.isNear, bytes, comment(from, ""));
    }

    void finished(SimStream from, SimStream to) {
        End end = of(from, to);
        end.flow.finish(end.isNear, comment(from, " ends"));
    }

    void reset(SimStream from, SimStream to, String why) {
        End end = of(from, to);
        end.flow.reset(end.isNear, comment(from, why));
    }

    // ---- datagrams

    void datagram(
            Host seenAt,
            boolean outbound,
            InetSocketAddress from,
            InetSocketAddress to,
            byte[] payload,
            Entity who,
            String what) {
        ByteBuffer packet = packets.udp(endpoint(from), endpoint(to), ByteBuffer.wrap(payload));
        packet(seenAt, outbound, packet, comment(who, what));
    }

    private static Endpoint endpoint(InetSocketAddress address) {
        return Endpoint.of(address, address, 0);
    }

    /** Completes the file. */
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            target.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
