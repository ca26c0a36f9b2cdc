package dev.meerkat.observe;

import dev.meerkat.EventManager;
import dev.meerkat.Tap;
import dev.meerkat.internal.pcap.Endpoint;
import dev.meerkat.internal.pcap.Packets;
import dev.meerkat.internal.pcap.PcapNg;
import dev.meerkat.internal.pcap.TcpFlow;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.Flushable;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * All traffic as a packet capture in the pcapng format, which Wireshark and its kin open. What is known are the bytes,
 * their order and their times; the packets around them are made up, consistently: handshake, sequence and
 * acknowledgement numbers, segments of an Ethernet's size, check sums, FIN or reset. The conversation is the real one,
 * the packets that the network saw need not have been these.
 *
 * <p>Each manager is an interface of its own, named as the manager; the first packet of each read or write bears the
 * connection's name as a comment. Above TLS: what the handler sees in plain text is plain text here too, without any
 * key; so a capture of production traffic is as secret as the traffic. Unix domain sockets appear as TCP between
 * made-up ports of 127.0.0.1, the accepting end being port 1. If both ends of a connection are tapped by the same
 * writer, the one that was established first is written. A connection that is tapped later than at its beginning begins
 * here with a handshake all the same.
 *
 * <pre>{@code
 * try (PcapWriter capture = PcapWriter.toFile(Path.of("debug.pcapng"))) {
 *     ManagerOptions options = ManagerOptions.builder()
 *         .observe(ObserveOptions.tappedBy(capture))
 *         .build();
 *     …
 * }
 * }</pre>
 *
 * <p>May be shared by any number of managers and connections. Writing happens on the loop thread, through a buffer of
 * 64 KiB. If it fails, that is told to the error hook once, the writer writes nothing more, and the connections go on.
 */
public final class PcapWriter implements Tap, Closeable, Flushable {
    /**
     * How much is written.
     *
     * @param bytes how large a file becomes at most; 1 GiB by default, which Wireshark still opens
     * @param files how many files are kept. With 1, the default, the capture ends when the file is full. With more, a
     *     full {@code name} becomes {@code name.1}, that one {@code name.2} and so on, and the oldest is thrown away
     */
    public record Limits(long bytes, int files) {
        /** The defaults. */
        public static final Limits DEFAULT = new Limits(1L << 30, 1);

        /** Room for the beginning of a file and one packet of the largest size. */
        private static final int LEAST_BYTES = 128 << 10;

        /** More file names than anybody looks through. */
        private static final int MOST_FILES = 1000;

        // Rejects files that would hold nothing.
        public Limits {
            if (bytes < LEAST_BYTES) {
                throw new IllegalArgumentException("bytes must be at least " + LEAST_BYTES + ": " + bytes);
            }
            if (files < 1 || files > MOST_FILES) {
                throw new IllegalArgumentException("files must be 1 to " + MOST_FILES + ": " + files);
            }
        }
    }

    private static final int BUFFER_BYTES = 64 << 10;

    /** A socket of one manager. */
    private record Key(EventManager manager, long id) {}

    /** Both ends of a conversation, the smaller first. */
    private record Pair(Endpoint one, Endpoint other) {
        static Pair of(Endpoint near, Endpoint far) {
            boolean swap = near.toString().compareTo(far.toString()) > 0;
            return swap ? new Pair(far, near) : new Pair(near, far);
        }
    }

    /** A connection that is being written. */
    private record Open(TcpFlow flow, Pair pair) {}

    private final @Nullable Path file;
    private final Limits limits;
    private final boolean owned;
    private final Packets packets = new Packets();
    private final Map<Key, Open> open = new HashMap<>();
    private final Map<Pair, Key> pairs = new HashMap<>();
    private OutputStream target;
    private final PcapNg section;
    private long written;
    private boolean over;
    // of the event that is being written
    private int interfaceNumber;
    private Instant time = Instant.EPOCH;

    private PcapWriter(@Nullable Path file, OutputStream target, Limits limits) {
        this.file = file;
        this.owned = file != null;
        this.limits = limits;
        this.target = new BufferedOutputStream(target, BUFFER_BYTES);
        this.section = new PcapNg("Meerkat", this::write);
    }

    /**
     * Captures into a file.
     *
     * @param file overwritten if it exists
     * @return the writer; {@link #close()} completes the file
     * @throws IOException if the file cannot be opened for writing
     */
    public static PcapWriter toFile(Path file) throws IOException {
        return toFile(file, Limits.DEFAULT);
    }

    /**
     * Captures into a file, or into several that take turns.
     *
     * @param file overwritten if it exists
     * @param limits how much is written
     * @return the writer; {@link #close()} completes the file
     * @throws IOException if the file cannot be opened for writing
     */
    public static PcapWriter toFile(Path file, Limits limits) throws IOException {
        Objects.requireNonNull(limits, "limits");
        return new PcapWriter(file, Files.newOutputStream(file), limits);
    }

    /**
     * Captures into a stream, a pipe to an analyser for instance, up to the default limit.
     *
     * @param target where to; {@link #close()} flushes it and does not close it
     * @return the writer
     */
    public static PcapWriter to(OutputStream target) {
        return new PcapWriter(null, target, Limits.DEFAULT);
    }

    // ---- what the tap is told

    @Override
    public synchronized void received(Wire wire, ByteBuffer bytes) {
        bytes(wire, false, bytes);
    }

    @Override
    public synchronized void sent(Wire wire, ByteBuffer bytes) {
        bytes(wire, true, bytes);
    }

    private void bytes(Wire wire, boolean fromNear, ByteBuffer bytes) {
        if (over) {
            return;
        }
        if (wire.isDatagram()) {
            at(wire);
            Endpoint near = Endpoint.of(wire.localAddress(), wire.remoteAddress(), wire.id());
            Endpoint far = Endpoint.of(wire.remoteAddress(), wire.localAddress(), 0);
            ByteBuffer packet =
                    fromNear ? packets.udp(near, far, bytes.duplicate()) : packets.udp(far, near, bytes.duplicate());
            section.packet(interfaceNumber, time, fromNear, packet, wire.toString());
            return;
        }
        Open known = open.get(key(wire));
        if (known != null) {
            at(wire);
            known.flow.data(fromNear, bytes, wire.toString());
        }
    }

    @Override
    public synchronized void marked(Wire wire, Mark mark) {
        if (over || wire.isDatagram()) {
            return;
        }
        at(wire);
        switch (mark) {
            case ACCEPTED, CONNECTED -> begin(wire, wire.toString());
            case JOINED -> begin(wire, wire + ": captured from here on, the handshake is made up");
            case INPUT_ENDED -> withFlow(wire, flow -> flow.finish(false, wire.toString()));
            case OUTPUT_ENDED -> withFlow(wire, flow -> flow.finish(true, wire.toString()));
            case FAILED -> withFlow(wire, flow -> flow.reset(false, wire + ": reading or writing failed"));
            case ABORTED -> {
                withFlow(wire, flow -> flow.reset(true, wire + ": aborted"));
                forget(wire);
            }
            case CLOSED -> {
                withFlow(wire, flow -> flow.finish(true, wire.toString()));
                forget(wire);
            }
            case LEFT -> forget(wire);
        }
    }

    private void begin(Wire wire, String comment) {
        boolean inbound = wire.isInbound();
        Endpoint near = Endpoint.of(wire.localAddress(), wire.remoteAddress(), inbound ? 0 : wire.id());
        Endpoint far = Endpoint.of(wire.remoteAddress(), wire.localAddress(), inbound ? wire.id() : 0);
        Pair pair = Pair.of(near, far);
        if (pairs.putIfAbsent(pair, key(wire)) != null) {
            return; // the other end of one that is written already
        }
        TcpFlow flow = new TcpFlow(
                near,
                far,
                wire.id(),
                packets,
                (fromNear, packet, text) -> section.packet(interfaceNumber, time, fromNear, packet, text));
        open.put(key(wire), new Open(flow, pair));
        flow.open(!inbound, comment);
    }

    private void withFlow(Wire wire, Consumer<TcpFlow> what) {
        Open known = open.get(key(wire));
        if (known != null) {
            what.accept(known.flow);
        }
    }

    private void forget(Wire wire) {
        Open known = open.remove(key(wire));
        if (known != null) {
            pairs.remove(known.pair);
        }
    }

    private static Key key(Wire wire) {
        return new Key(wire.manager(), wire.id());
    }

    private void at(Wire wire) {
        time = wire.time();
        interfaceNumber = section.interfaceOf(wire.manager().options().name());
    }

    // ---- the file

    private void write(ByteBuffer block) {
        if (over) {
            return;
        }
        int length = block.remaining();
        boolean done = false;
        try {
            if (written + length > limits.bytes()) {
                byte[] kept = new byte[length]; // the block's buffer is about to be used for the beginning of a file
                block.get(kept);
                if (nextFile()) {
                    section.again();
                    target.write(kept);
                    written += length;
                    done = true;
                }
                return;
            }
            target.write(block.array(), block.arrayOffset() + block.position(), length);
            written += length;
            done = true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            if (!done) {
                end();
            }
        }
    }

    /** Begins another file if there may be one. */
    private boolean nextFile() throws IOException {
        Path name = file;
        if (name == null || limits.files() == 1) {
            target.flush();
            return false;
        }
        target.close();
        for (int i = limits.files() - 1; i > 0; i--) {
            Path from = i == 1 ? name : numbered(name, i - 1);
            if (Files.exists(from)) {
                Files.move(from, numbered(name, i), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        target = new BufferedOutputStream(Files.newOutputStream(name), BUFFER_BYTES);
        written = 0;
        return true;
    }

    private static Path numbered(Path name, int number) {
        return name.resolveSibling(name.getFileName() + "." + number);
    }

    private void end() {
        over = true;
        open.clear();
        pairs.clear();
    }

    /**
     * Writes out what is still in the buffer, for whoever reads along. May be called from any thread.
     *
     * @throws IOException if the target cannot be written to
     */
    @Override
    public synchronized void flush() throws IOException {
        target.flush();
    }

    /**
     * Ends the capture and completes the file. Connections that are still tapped go on. May be called from any thread.
     *
     * @throws IOException if the target cannot be written to
     */
    @Override
    public synchronized void close() throws IOException {
        end();
        target.flush();
        if (owned) {
            target.close();
        }
    }
}
