package dev.meerkat.testkit.capture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A pcapng file that was read without mercy: every block, length, option and check sum must be right, and every TCP
 * stream must be whole, in order and acknowledged no further than it was sent.
 */
public final class Capture {
    /** One packet. */
    public record Packet(String interfaceName, long nanos, boolean outbound, String comment, byte[] bytes) {}

    /** A datagram. */
    public record Datagram(String from, String to, String payload, boolean outbound, String comment) {}

    private final List<String> interfaces = new ArrayList<>();
    private final List<Packet> packets = new ArrayList<>();
    private final List<Datagram> datagrams = new ArrayList<>();
    private final Map<String, Stream> streams = new LinkedHashMap<>();

    /** Reads a file. */
    public static Capture read(Path file) {
        try {
            return of(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads the blocks of a file that begins in the middle of streams; the packets are not looked into. */
    public static Capture blocksOf(Path file) throws IOException {
        Capture capture = new Capture();
        capture.blocks(ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN));
        return capture;
    }

    /** Reads the bytes of a file. */
    public static Capture of(byte[] file) {
        Capture capture = new Capture();
        capture.blocks(ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN));
        capture.packets.forEach(capture::ip);
        return capture;
    }

    public List<String> interfaces() {
        return interfaces;
    }

    public List<Packet> packets() {
        return packets;
    }

    public List<Datagram> datagrams() {
        return datagrams;
    }

    /** In the order of their first packets, which is how an analyser numbers them. */
    public List<Stream> streams() {
        return List.copyOf(streams.values());
    }

    // ---- blocks

    private void blocks(ByteBuffer file) {
        for (boolean first = true; file.hasRemaining(); first = false) {
            int start = file.position();
            int type = file.getInt();
            int length = file.getInt();
            assertEquals(0, length % 4, "length of a block");
            assertEquals(length, file.getInt(start + length - 4), "length behind a block");
            assertEquals(first, type == 0x0A0D0D0A, "the section header comes first, and once");
            ByteBuffer body = file.slice(start + 8, length - 12).order(ByteOrder.LITTLE_ENDIAN);
            switch (type) {
                case 0x0A0D0D0A -> {
                    assertEquals(0x1A2B3C4D, body.getInt(), "byte order");
                    assertEquals(1, body.getShort(), "major version");
                    assertEquals(0, body.getShort(), "minor version");
                    assertEquals(-1, body.getLong(), "length of the section");
                    assertTrue(options(body).get(4) != null, "who wrote it");
                }
                case 1 -> {
                    assertEquals(101, body.getShort(), "link type");
                    assertEquals(0, body.getShort(), "reserved");
                    assertEquals(0, body.getInt(), "no limit of a packet's length");
                    Map<Integer, byte[]> options = options(body);
                    assertEquals(9, options.get(9)[0], "nanoseconds");
                    interfaces.add(text(options.get(2)));
                }
                case 6 -> packet(body);
                default -> throw new AssertionError("unknown block " + type);
            }
            file.position(start + length);
        }
    }

    private void packet(ByteBuffer body) {
        String name = interfaces.get(body.getInt());
        long nanos = (body.getInt() & 0xFFFFFFFFL) << 32 | body.getInt() & 0xFFFFFFFFL;
        if (!packets.isEmpty()) {
            assertTrue(nanos >= packets.get(packets.size() - 1).nanos, "time runs forward");
        }
        byte[] bytes = new byte[body.getInt()];
        assertEquals(bytes.length, body.getInt(), "nothing was cut off");
        body.get(bytes);
        pad(body);
        Map<Integer, byte[]> options = options(body);
        int flags =
                ByteBuffer.wrap(options.get(2)).order(ByteOrder.LITTLE_ENDIAN).getInt();
        assertTrue(flags == 1 || flags == 2, "direction");
        byte[] comment = options.get(1);
        packets.add(new Packet(name, nanos, flags == 2, comment == null ? "" : text(comment), bytes));
    }

    private static Map<Integer, byte[]> options(ByteBuffer body) {
        Map<Integer, byte[]> options = new LinkedHashMap<>();
        for (int code = body.getShort(); code != 0; code = body.getShort()) {
            byte[] value = new byte[body.getShort()];
            body.get(value);
            pad(body);
            options.put(code, value);
        }
        assertEquals(0, body.getShort(), "length of the end of options");
        assertEquals(0, body.remaining(), "nothing behind the options");
        return options;
    }

    private static void pad(ByteBuffer body) {
        while (body.position() % 4 != 0) {
            assertEquals(0, body.get(), "padding");
        }
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    // ---- packets

    private void ip(Packet packet) {
        ByteBuffer bytes = ByteBuffer.wrap(packet.bytes);
        boolean v6 = bytes.get(0) >> 4 == 6;
        int header = v6 ? 40 : 20;
        int protocol = bytes.get(v6 ? 6 : 9);
        if (v6) {
            assertEquals(packet.bytes.length - header, bytes.getShort(4) & 0xFFFF, "IPv6 length");
        } else {
            assertEquals(0x45, bytes.get(0), "IPv4 header");
            assertEquals(packet.bytes.length, bytes.getShort(2) & 0xFFFF, "IPv4 length");
            assertEquals(0xFFFF, sum(bytes, 0, header, 0), "IPv4 check sum");
        }
        int addresses = v6 ? 8 : 12;
        int each = v6 ? 16 : 4;
        int payload = packet.bytes.length - header;
        long pseudo = (protocol & 0xFF) + payload + plainSum(bytes, addresses, addresses + 2 * each);
        assertEquals(0xFFFF, sum(bytes, header, packet.bytes.length, pseudo), "check sum of TCP or UDP");
        String from = address(bytes, addresses, each, header);
        String to = address(bytes, addresses + each, each, header + 2);
        ByteBuffer rest = bytes.slice(header, payload);
        if (protocol == 17) {
            assertEquals(payload, rest.getShort(4) & 0xFFFF, "UDP length");
            assertTrue(rest.getShort(6) != 0, "UDP check sum is there");
            datagrams.add(new Datagram(
                    from,
                    to,
                    new String(packet.bytes, header + 8, payload - 8, StandardCharsets.ISO_8859_1),
                    packet.outbound,
                    packet.comment));
        } else {
            assertEquals(6, protocol, "TCP");
            String key = from.compareTo(to) < 0 ? from + " " + to : to + " " + from;
            Stream known = streams.get(key);
            if (known == null || known.mayBeFollowed(rest.get(13))) {
                known = new Stream(from, to);
                streams.put(streams.containsKey(key) ? key + " " + streams.size() : key, known);
            }
            known.segment(from, rest);
        }
    }

    private static String address(ByteBuffer bytes, int at, int length, int portAt) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append(i == 0 ? "" : ".").append(bytes.get(at + i) & 0xFF);
        }
        return text.append(':').append(bytes.getShort(portAt) & 0xFFFF).toString();
    }

    private static int sum(ByteBuffer bytes, int start, int end, long more) {
        long sum = more + plainSum(bytes, start, end);
        while (sum > 0xFFFF) {
            sum = (sum & 0xFFFF) + (sum >>> 16);
        }
        return (int) sum;
    }

    private static long plainSum(ByteBuffer bytes, int start, int end) {
        long sum = 0;
        for (int i = start; i < end; i++) {
            sum += (i - start) % 2 == 0 ? (bytes.get(i) & 0xFF) << 8 : bytes.get(i) & 0xFF;
        }
        return sum;
    }
}
