package dev.meerkat.examples.interop;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;

/** A WebSocket client that nobody here wrote. */
interface WebSocketPeer extends AutoCloseable {
    /** Starts to connect. What comes of it is the first thing heard: opened or refused. */
    Session open(String url, List<String> subprotocols) throws Exception;

    @Override
    void close() throws IOException;

    /**
     * What a client has heard.
     *
     * @param what opened, refused, text, binary, ping, pong or closed
     * @param number the length of a message, the code of a close, the status of a refusal or 0 if the client keeps it
     *     to itself
     * @param crc of a message
     * @param text a text, the reason of a close; of {@code opened} the sub-protocol and, behind a semicolon, the
     *     extensions; what is long is left out
     */
    record Heard(String what, int number, long crc, String text) {
        static Heard text(String text) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            return new Heard("text", bytes.length, crcOf(bytes), bytes.length > SHORT ? "-" : text);
        }

        static Heard binary(byte[] bytes) {
            return new Heard("binary", bytes.length, crcOf(bytes), "-");
        }

        static Heard control(String what, byte[] bytes) {
            return new Heard(what, bytes.length, crcOf(bytes), new String(bytes, StandardCharsets.UTF_8));
        }

        static Heard opened(String subprotocol, String extensions) {
            return new Heard("opened", 0, 0, subprotocol + ";" + extensions);
        }

        static Heard refused(int status) {
            return new Heard("refused", status, 0, "-");
        }

        /** Whether it was clean is not what every client says. */
        static Heard closed(int code, String reason) {
            return new Heard("closed", code, 1, reason);
        }
    }

    /** Up to here texts are compared as a whole, and beyond by length and checksum. */
    int SHORT = 1000;

    /** One connection of the client. */
    abstract class Session {
        private final BlockingQueue<Heard> heard = new LinkedBlockingQueue<>();

        final void hear(Heard what) {
            heard.add(what);
        }

        final Heard next() throws InterruptedException {
            Heard next = heard.poll(60, TimeUnit.SECONDS);
            if (next == null) {
                throw new AssertionError("the client has heard nothing for a minute");
            }
            return next;
        }

        abstract void send(String text) throws Exception;

        /** Sends a message of {@link #pattern}. */
        abstract void fill(boolean text, int length) throws Exception;

        abstract void close(int code, String reason) throws Exception;
    }

    /** What long messages are made of; a text is of small letters. */
    static byte[] pattern(boolean text, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (text ? 'a' + (i * 7L + i / 512) % 26 : i * 7 + i / 512);
        }
        return bytes;
    }

    private static long crcOf(byte[] bytes) {
        CRC32 crc = new CRC32();
        crc.update(bytes);
        return crc.getValue();
    }
}
