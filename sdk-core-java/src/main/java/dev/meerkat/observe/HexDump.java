package dev.meerkat.observe;

import dev.meerkat.Tap;
import dev.meerkat.internal.observe.AddressText;
import dev.meerkat.internal.observe.HexLines;
import java.io.Closeable;
import java.io.Flushable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Objects;

/**
 * All traffic as text, for looking into a protocol that does not work. One line tells what happened: seconds since
 * 1970, the connection, our address, the direction, the peer's address, how many bytes. Then come the bytes.
 *
 * <pre>
 * 1767225600.250000000 meerkat/conn-1 127.0.0.1:7000 &lt;+ 127.0.0.1:40312 0
 * 1767225600.250120417 meerkat/conn-1 127.0.0.1:7000 &lt;- 127.0.0.1:40312 14
 * 0000  48 65 6c 6c 6f 2c 20 77  6f 72 6c 64 0d 0a        Hello, world..
 * 1767225600.250190022 meerkat/conn-1 127.0.0.1:7000 -&gt; 127.0.0.1:40312 4
 * 0000  62 79 65 0a                                       bye.
 * 1767225600.250200143 meerkat/conn-1 127.0.0.1:7000 -- 127.0.0.1:40312 0 output ended
 * </pre>
 *
 * <p>Directions: {@code <-} received, {@code ->} sent, {@code <+} accepted, {@code +>} connected, {@code --} anything
 * else, which the end of the line names. Timers and ticks are no traffic and never appear. Above TLS: what the handler
 * sees in plain text is plain text here too, so a dump of production traffic is as secret as the traffic.
 *
 * <pre>{@code
 * ManagerOptions options = ManagerOptions.builder()
 *     .observe(ObserveOptions.tappedBy(HexDump.stderr()))
 *     .build();
 * }</pre>
 *
 * <p>May be shared by any number of managers and connections; each event is written in one piece and, if the target can
 * be flushed, flushed. Writing happens on the loop thread. If it fails, that is told to the error hook once, the dump
 * writes nothing more, and the connections go on.
 */
public final class HexDump implements Tap, Closeable {
    /**
     * How much is written.
     *
     * @param bytesPerEvent how many bytes of one read or write are shown, 64 KiB by default: what a kernel hands over
     *     in one go; a line tells how many were left out
     * @param characters how many characters the whole dump may have; the event that goes beyond is the last. 1 Gi by
     *     default: 220 MB of traffic, a file that an editor still opens
     */
    public record Limits(int bytesPerEvent, long characters) {
        /** The defaults. */
        public static final Limits DEFAULT = new Limits(64 << 10, 1L << 30);

        // Rejects limits below one.
        public Limits {
            if (bytesPerEvent < 1 || characters < 1) {
                throw new IllegalArgumentException(
                        "limits must be at least 1: bytesPerEvent " + bytesPerEvent + ", characters " + characters);
            }
        }
    }

    private final Appendable target;
    private final Limits limits;
    private final boolean owned;
    private final StringBuilder text = new StringBuilder();
    private long written;
    private boolean over;

    private HexDump(Appendable target, Limits limits, boolean owned) {
        this.target = Objects.requireNonNull(target, "target");
        this.limits = Objects.requireNonNull(limits, "limits");
        this.owned = owned;
    }

    /**
     * Dumps to a file, behind what it already holds.
     *
     * @param file made if it does not exist
     * @return the dump; {@link #close()} closes the file
     * @throws IOException if the file cannot be opened for writing
     */
    public static HexDump toFile(Path file) throws IOException {
        return toFile(file, Limits.DEFAULT);
    }

    /**
     * Dumps to a file, behind what it already holds.
     *
     * @param file made if it does not exist
     * @param limits how much is written
     * @return the dump; {@link #close()} closes the file
     * @throws IOException if the file cannot be opened for writing
     */
    public static HexDump toFile(Path file, Limits limits) throws IOException {
        return new HexDump(
                Files.newBufferedWriter(
                        file, StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND),
                limits,
                true);
    }

    /**
     * Dumps to the standard output.
     *
     * @return the dump
     */
    public static HexDump stdout() {
        return to(System.out);
    }

    /**
     * Dumps to the standard error output.
     *
     * @return the dump
     */
    public static HexDump stderr() {
        return to(System.err);
    }

    /**
     * Dumps to anything that takes text.
     *
     * @param target where to; {@link #close()} does not close it
     * @return the dump
     */
    public static HexDump to(Appendable target) {
        return to(target, Limits.DEFAULT);
    }

    /**
     * Dumps to anything that takes text.
     *
     * @param target where to; {@link #close()} does not close it
     * @param limits how much is written
     * @return the dump
     */
    public static HexDump to(Appendable target, Limits limits) {
        return new HexDump(target, limits, false);
    }

    @Override
    public synchronized void received(Wire wire, ByteBuffer bytes) {
        event(wire, "<-", bytes, "");
    }

    @Override
    public synchronized void sent(Wire wire, ByteBuffer bytes) {
        event(wire, "->", bytes, "");
    }

    @Override
    public synchronized void marked(Wire wire, Mark mark) {
        switch (mark) {
            case ACCEPTED -> event(wire, "<+", NOTHING, "");
            case CONNECTED -> event(wire, "+>", NOTHING, "");
            case JOINED -> event(wire, "--", NOTHING, " dump begins");
            case LEFT -> event(wire, "--", NOTHING, " dump ends");
            case INPUT_ENDED -> event(wire, "--", NOTHING, " input ended");
            case OUTPUT_ENDED -> event(wire, "--", NOTHING, " output ended");
            case CLOSED -> event(wire, "--", NOTHING, " closed");
            case ABORTED -> event(wire, "--", NOTHING, " aborted");
            case FAILED -> event(wire, "--", NOTHING, " failed");
        }
    }

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private void event(Wire wire, String direction, ByteBuffer bytes, String word) {
        if (over) {
            return;
        }
        text.setLength(0);
        seconds(wire.time());
        text.append(' ')
                .append(wire)
                .append(' ')
                .append(AddressText.of(wire.localAddress()))
                .append(' ')
                .append(direction)
                .append(' ')
                .append(AddressText.of(wire.remoteAddress()))
                .append(' ')
                .append(bytes.remaining())
                .append(word)
                .append('\n');
        HexLines.append(text, bytes, limits.bytesPerEvent());
        written += text.length();
        if (written > limits.characters()) {
            over = true;
            text.append("--- the dump ends here, at its limit of ")
                    .append(limits.characters())
                    .append(" characters\n");
        }
        write();
    }

    private void seconds(Instant time) {
        String nanos = Integer.toString(time.getNano());
        text.append(time.getEpochSecond())
                .append('.')
                .append("0".repeat(9 - nanos.length()))
                .append(nanos);
    }

    private void write() {
        boolean done = false;
        try {
            target.append(text);
            if (target instanceof Flushable flushable) {
                flushable.flush();
            }
            done = true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            over |= !done;
            if (text.capacity() > LARGEST_KEPT) {
                text.setLength(0);
                text.trimToSize();
            }
        }
    }

    /** The text of a large event is not held for ever. */
    private static final int LARGEST_KEPT = 64 << 10;

    /**
     * Ends the dump: nothing more is written, and the file is closed if there is one. Connections that are still tapped
     * go on. May be called from any thread.
     *
     * @throws IOException if the file cannot be closed
     */
    @Override
    public synchronized void close() throws IOException {
        over = true;
        if (owned && target instanceof Closeable closeable) {
            closeable.close();
        }
    }
}
