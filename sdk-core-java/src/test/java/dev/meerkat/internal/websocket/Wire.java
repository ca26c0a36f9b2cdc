package dev.meerkat.internal.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.meerkat.internal.websocket.FrameDecoder.Role;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** Feeds a decoder with pieces of a byte stream, as a connection would, and keeps a log of the messages. */
final class Wire {
    static final long LIMIT = 1 << 20;

    /** The key of RFC 6455 §5.7. */
    static final int KEY = 0x37fa213d;

    private final FrameDecoder decoder;
    private final List<String> log = new ArrayList<>();
    private final StringBuilder message = new StringBuilder();
    private byte[] held = {};
    private int mostHeld;
    private ByteBuffer direct = ByteBuffer.allocateDirect(0);

    Wire(FrameDecoder decoder) {
        this.decoder = decoder;
    }

    /** What comes of a stream that is cut at these places. */
    static List<String> read(FrameDecoder decoder, byte[] stream, int... cuts) {
        return new Wire(decoder).run(stream, cuts);
    }

    static List<String> server(byte[] stream, int... cuts) {
        return read(new FrameDecoder(Role.SERVER, LIMIT, false), stream, cuts);
    }

    static List<String> client(byte[] stream, int... cuts) {
        return read(new FrameDecoder(Role.CLIENT, LIMIT, false), stream, cuts);
    }

    /** Whole, cut at every place, byte by byte. */
    static void check(List<String> expected, Role role, long limit, boolean compression, byte[] stream) {
        String shown = HexFormat.of().formatHex(stream, 0, Math.min(stream.length, 200));
        assertEquals(expected, read(new FrameDecoder(role, limit, compression), stream), shown);
        for (int at = 1; at < stream.length; at++) {
            int cut = at;
            assertEquals(
                    expected,
                    read(new FrameDecoder(role, limit, compression), stream, at),
                    () -> "cut at " + cut + ": " + shown);
        }
        assertEquals(
                expected,
                read(new FrameDecoder(role, limit, compression), stream, everyByte(stream.length)),
                () -> "byte by byte: " + shown);
    }

    List<String> run(byte[] stream, int... cuts) {
        int from = 0;
        for (int i = 0; i <= cuts.length; i++) {
            int to = i == cuts.length ? stream.length : cuts[i];
            feed(Arrays.copyOfRange(stream, from, to), i);
            from = to;
        }
        return log;
    }

    int mostHeld() {
        return mostHeld;
    }

    /** What was not taken comes again in front of the piece, in buffers of several kinds. */
    private void feed(byte[] piece, int turn) {
        int length = held.length + piece.length;
        ByteBuffer in = turn % 2 == 0 ? direct(length + 8) : ByteBuffer.allocate(length + 8);
        in.order(turn % 3 == 2 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        in.position(3); // a decoder must not believe that a buffer begins at 0
        in.put(held).put(piece).flip().position(3);
        boolean goesOn = true;
        while (goesOn) {
            goesOn = handle(decoder.decode(in), in);
        }
        held = new byte[in.remaining()];
        in.get(held);
        mostHeld = Math.max(mostHeld, held.length);
    }

    /** One for all pieces, since they are dear to make. */
    private ByteBuffer direct(int size) {
        if (direct.capacity() < size) {
            direct = ByteBuffer.allocateDirect(2 * size);
        }
        return direct.clear();
    }

    /** False if there is no more to ask for. */
    private boolean handle(Signal signal, ByteBuffer in) {
        switch (signal) {
            case NEED_DATA, CLOSED -> {
                return false;
            }
            case MESSAGE -> {
                assertEquals(decoder.payloadLength(), decoder.frameLength());
                assertEquals(0, decoder.frameRemaining());
                log.add(kind() + payload(in));
            }
            case FRAME -> {
                assertEquals(decoder.frameLength(), decoder.frameRemaining());
                if (decoder.isFirst()) {
                    message.setLength(0);
                    message.append(kind());
                } else {
                    message.append('|');
                }
            }
            case PAYLOAD -> message.append(payload(in));
            case FRAME_END -> {
                assertEquals(0, decoder.frameRemaining());
                if (decoder.isFinal()) {
                    log.add(message.toString());
                }
            }
            case PING, PONG -> log.add(signal.name().toLowerCase(java.util.Locale.ROOT) + ' ' + payload(in));
            case CLOSE -> log.add("close " + decoder.closeCode() + ' ' + payload(in));
            case FAILED -> {
                String failed = "failed " + decoder.error().rule() + " at "
                        + decoder.error().position();
                if (!log.contains(failed)) {
                    log.add(failed);
                }
                return false;
            }
        }
        return true;
    }

    private String kind() {
        return (decoder.isCompressed() ? "compressed " : "") + (decoder.isText() ? "text " : "binary ");
    }

    /** One character a byte. */
    private String payload(ByteBuffer in) {
        byte[] payload = new byte[decoder.payloadLength()];
        in.get(decoder.payloadStart(), payload);
        return new String(payload, StandardCharsets.ISO_8859_1);
    }

    static int[] everyByte(int length) {
        int[] cuts = new int[Math.max(0, length - 1)];
        Arrays.setAll(cuts, i -> i + 1);
        return cuts;
    }

    /** Bytes in hexadecimal, with spaces as one likes. */
    static byte[] hex(String text) {
        return HexFormat.of().parseHex(text.replaceAll("\\s", ""));
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    /** A client's frame, by a loop of its own. */
    static byte[] masked(int head, byte[] payload) {
        return concat(
                new byte[] {(byte) head}, length(payload.length, 0x80), hex("37fa213d"), maskedBytes(payload, KEY));
    }

    /** A server's frame. */
    static byte[] plain(int head, byte[] payload) {
        return concat(new byte[] {(byte) head}, length(payload.length, 0), payload);
    }

    static byte[] maskedBytes(byte[] payload, int key) {
        byte[] masked = payload.clone();
        for (int i = 0; i < masked.length; i++) {
            masked[i] ^= (byte) (key >> (24 - 8 * (i % 4)));
        }
        return masked;
    }

    static byte[] length(long length, int mask) {
        if (length < 126) {
            return new byte[] {(byte) (mask | length)};
        }
        ByteBuffer form = ByteBuffer.allocate(length <= 0xffff ? 3 : 9);
        form.put((byte) (mask | (length <= 0xffff ? 126 : 127)));
        return (length <= 0xffff ? form.putShort((short) length) : form.putLong(length)).array();
    }
}
