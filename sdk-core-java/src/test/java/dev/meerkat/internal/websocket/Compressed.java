package dev.meerkat.internal.websocket;

import dev.meerkat.websocket.CompressionOptions;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Messages for tests of compression, and ways through both halves. */
final class Compressed {
    static final DeflateTerms PLAIN = new DeflateTerms(false, 15, false);
    static final DeflateTerms KEEPING = new DeflateTerms(true, 15, true);

    private static final String[] WORDS = {
        "meerkat", " stands", " upright", " and", " watches", ", ", "\n", "{\"price\":", "0.25", "}", " 日本"
    };

    private Compressed() {}

    static CompressionOptions.Builder all() {
        return CompressionOptions.builder().threshold(0);
    }

    static DeflatePool pool() {
        return new DeflatePool(all().build());
    }

    /** Text that compresses, with noise between that does not. */
    static byte[] message(Random random, int length) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        while (out.size() < length) {
            if (random.nextInt(20) == 0) {
                byte[] noise = new byte[random.nextInt(60)];
                random.nextBytes(noise);
                out.writeBytes(noise);
            } else {
                out.writeBytes(WORDS[random.nextInt(WORDS.length)].getBytes(java.nio.charset.StandardCharsets.UTF_8));
            }
        }
        return java.util.Arrays.copyOf(out.toByteArray(), length);
    }

    static ByteBuffer direct(byte[] bytes) {
        return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    }

    /** Compresses a message that has to be, handing it over in pieces. */
    static byte[] deflate(MessageDeflater deflater, byte[] message, int piece) {
        if (!deflater.begin(message.length)) {
            throw new AssertionError("not compressed");
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        List<Boolean> lasts = new ArrayList<>();
        ByteBuffer input = ByteBuffer.wrap(message);
        do {
            input.limit(Math.min(message.length, input.position() + piece));
            boolean end = input.limit() == message.length;
            deflater.deflate(input, end, (slice, last) -> {
                if (!slice.hasRemaining() && !last) {
                    throw new AssertionError("an empty slice");
                }
                out.write(slice.array(), slice.arrayOffset() + slice.position(), slice.remaining());
                lasts.add(last);
            });
            if (input.hasRemaining()) {
                throw new AssertionError("left: " + input);
            }
        } while (input.limit() < message.length);
        if (lasts.indexOf(true) != lasts.size() - 1) {
            throw new AssertionError("last is told once: " + lasts);
        }
        return out.toByteArray();
    }

    static byte[] deflate(MessageDeflater deflater, byte[] message) {
        return deflate(deflater, message, Integer.MAX_VALUE / 2);
    }

    static byte[] inflate(MessageInflater inflater, byte[] payload) throws DeflateException {
        return inflate(inflater, ByteBuffer.wrap(payload), payload.length, true);
    }

    /** Decompresses a payload that comes in pieces; the sink may want each slice for itself. */
    static byte[] inflate(MessageInflater inflater, ByteBuffer payload, int piece, boolean greedy)
            throws DeflateException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        List<Boolean> lasts = new ArrayList<>();
        int end = payload.limit();
        do {
            payload.limit(Math.min(end, payload.position() + Math.max(piece, 1)));
            boolean fin = payload.limit() == end;
            while (!inflater.inflate(payload, false, fin, (slice, last) -> {
                if (!slice.hasRemaining() && !last) {
                    throw new AssertionError("an empty slice");
                }
                out.write(slice.array(), slice.arrayOffset() + slice.position(), slice.remaining());
                lasts.add(last);
                return greedy;
            })) {
                if (greedy) {
                    throw new AssertionError("stopped though all was wanted");
                }
            }
            if (payload.hasRemaining()) {
                throw new AssertionError("left: " + payload);
            }
        } while (payload.limit() < end);
        if (lasts.indexOf(true) != lasts.size() - 1) {
            throw new AssertionError("last is told once: " + lasts);
        }
        return out.toByteArray();
    }

    /** Any receiver: the JDK's decompressor, used as RFC 7692 §7.2.2 says and not by our code. */
    static final class Receiver implements AutoCloseable {
        private final Inflater inflater = new Inflater(true);

        byte[] receive(byte[] payload) throws DataFormatException {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            byte[] room = new byte[4_096];
            for (byte[] part : new byte[][] {payload, {0, 0, -1, -1}}) {
                inflater.setInput(part);
                for (int count = inflater.inflate(room); count > 0; count = inflater.inflate(room)) {
                    out.write(room, 0, count);
                }
            }
            return out.toByteArray();
        }

        void forget() {
            inflater.reset();
        }

        @Override
        public void close() {
            inflater.end();
        }
    }
}
