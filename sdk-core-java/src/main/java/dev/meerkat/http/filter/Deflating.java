package dev.meerkat.http.filter;

import dev.meerkat.event.Bytes;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/** Compresses as it is given bytes: {@code gzip} (RFC 1952) or {@code deflate} (RFC 1950). Holds native memory. */
final class Deflating implements AutoCloseable {
    /** Made at a time: as much as a chunk usefully has. */
    private static final int STEP_BYTES = 8 << 10;

    /** Magic, method, no flags, no time, no extra flags, unknown system. */
    private static final byte[] GZIP_HEADER = {0x1F, (byte) 0x8B, 8, 0, 0, 0, 0, 0, 0, (byte) 0xFF};

    private static final int GZIP_TRAILER_BYTES = 8;

    private final boolean gzip;
    private final Deflater deflater;
    private final CRC32 crc = new CRC32();
    private final ByteBuffer step = ByteBuffer.allocate(STEP_BYTES);
    private boolean begun;
    private boolean closed;

    Deflating(boolean gzip, int level) {
        this.gzip = gzip;
        deflater = new Deflater(level, gzip);
    }

    static Bytes all(Bytes bytes, boolean gzip, int level) {
        ByteArrayOutputStream made = new ByteArrayOutputStream(bytes.length() / 2);
        Consumer<ByteBuffer> output = step -> {
            byte[] part = new byte[step.remaining()];
            step.get(part);
            made.writeBytes(part);
        };
        try (Deflating deflating = new Deflating(gzip, level)) {
            deflating.add(bytes.asByteBuffer(), output);
            deflating.finish(output);
        }
        return Bytes.copyOf(made.toByteArray());
    }

    /**
     * Takes bytes.
     *
     * @param output is given what has been made so far, perhaps nothing; it is overwritten afterwards
     */
    void add(ByteBuffer bytes, Consumer<ByteBuffer> output) {
        if (gzip) {
            crc.update(bytes.duplicate());
        }
        deflater.setInput(bytes);
        while (!deflater.needsInput()) {
            deflate(Deflater.NO_FLUSH, output);
        }
    }

    /** Makes all that was given readable at the other end. */
    void flush(Consumer<ByteBuffer> output) {
        while (deflate(Deflater.SYNC_FLUSH, output)) {
            // there was more than fits in a step
        }
    }

    void finish(Consumer<ByteBuffer> output) {
        deflater.finish();
        while (!deflater.finished()) {
            deflate(Deflater.NO_FLUSH, output);
        }
        if (gzip) {
            ByteBuffer trailer = ByteBuffer.allocate(GZIP_TRAILER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
            trailer.putInt((int) crc.getValue()).putInt((int) deflater.getBytesRead());
            output.accept(trailer.flip());
        }
    }

    /** Whether the step was full, so that there may be more. */
    private boolean deflate(int flush, Consumer<ByteBuffer> output) {
        step.clear();
        if (gzip && !begun) {
            step.put(GZIP_HEADER);
        }
        begun = true;
        deflater.deflate(step, flush);
        boolean full = !step.hasRemaining();
        step.flip();
        if (step.hasRemaining()) {
            output.accept(step);
        }
        return full;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            deflater.end();
        }
    }
}
