package dev.meerkat.testkit.websocket;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/** The fuzzing end's compression (RFC 7692 §7.2): what is between two flushes of the JDK's deflate. */
final class DeflateEnd implements AutoCloseable {
    private static final byte[] TAIL = {0, 0, (byte) 0xFF, (byte) 0xFF};

    private final Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
    private final Inflater inflater = new Inflater(true);
    private final boolean keepsOwn;
    private final boolean keepsTheirs;
    private final byte[] buffer = new byte[64 * 1024];

    DeflateEnd(boolean keepsOwn, boolean keepsTheirs) {
        this.keepsOwn = keepsOwn;
        this.keepsTheirs = keepsTheirs;
    }

    byte[] compress(byte[] message) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        deflater.setInput(message);
        int count = buffer.length;
        while (count == buffer.length) {
            count = deflater.deflate(buffer, 0, buffer.length, Deflater.SYNC_FLUSH);
            out.write(buffer, 0, count);
        }
        if (!keepsOwn) {
            deflater.reset();
        }
        byte[] all = out.toByteArray();
        return all.length < TAIL.length ? new byte[] {0} : Arrays.copyOf(all, all.length - TAIL.length);
    }

    byte[] decompress(byte[] message) {
        byte[] all = Arrays.copyOf(message, message.length + TAIL.length);
        System.arraycopy(TAIL, 0, all, message.length, TAIL.length);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        inflater.setInput(all);
        try {
            while (!inflater.needsInput() && !inflater.finished()) {
                out.write(buffer, 0, inflater.inflate(buffer));
            }
            int count = inflater.inflate(buffer);
            while (count > 0) {
                out.write(buffer, 0, count);
                count = inflater.inflate(buffer);
            }
        } catch (DataFormatException e) {
            throw new AssertionError("not compressed as agreed: " + e.getMessage(), e);
        }
        if (!keepsTheirs) {
            inflater.reset();
        }
        return out.toByteArray();
    }

    @Override
    public void close() {
        deflater.end();
        inflater.end();
    }
}
