package dev.meerkat.testkit.internal;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Writes the shapes of DER (X.690) that an X.509 certificate is made of. Each method answers one whole element. */
public final class DerWriter {
    /** The first year that a UTCTime cannot say (RFC 5280 §4.1.2.5). */
    private static final int FIRST_GENERALIZED_YEAR = 2050;

    private static final DateTimeFormatter UTC_TIME = DateTimeFormatter.ofPattern("yyMMddHHmmss'Z'", Locale.ROOT);
    private static final DateTimeFormatter GENERALIZED_TIME =
            DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'", Locale.ROOT);

    private DerWriter() {}

    /** An element of any tag, of at most 16 MiB. */
    public static byte[] element(int tag, byte[]... contents) {
        int length = 0;
        for (byte[] content : contents) {
            length += content.length;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream(length + 5);
        out.write(tag);
        if (length < 128) {
            out.write(length);
        } else {
            byte[] digits = BigInteger.valueOf(length).toByteArray();
            int from = digits[0] == 0 ? 1 : 0;
            out.write(128 + digits.length - from);
            out.write(digits, from, digits.length - from);
        }
        for (byte[] content : contents) {
            out.writeBytes(content);
        }
        return out.toByteArray();
    }

    /** A sequence. */
    public static byte[] sequence(byte[]... elements) {
        return element(0x30, elements);
    }

    /** A set of one element, which needs no order. */
    public static byte[] set(byte[] element) {
        return element(0x31, element);
    }

    /** What is tagged explicitly by its context. */
    public static byte[] explicit(int number, byte[] element) {
        return element(0xA0 + number, element);
    }

    /** Bytes that are tagged implicitly by their context. */
    public static byte[] implicit(int number, byte[] content) {
        return element(0x80 + number, content);
    }

    /** The boolean that has to be said, since false is left out. */
    public static byte[] isTrue() {
        return element(0x01, new byte[] {(byte) 0xFF});
    }

    /** An integer. */
    public static byte[] integer(long value) {
        return element(0x02, BigInteger.valueOf(value).toByteArray());
    }

    /** Bits, of which as many at the end do not count. */
    public static byte[] bits(int unused, byte[] bits) {
        return element(0x03, new byte[] {(byte) unused}, bits);
    }

    /** Bytes. */
    public static byte[] octets(byte[] bytes) {
        return element(0x04, bytes);
    }

    /** NULL. */
    public static byte[] none() {
        return element(0x05);
    }

    /** An object identifier, given as numbers with dots between. */
    public static byte[] oid(String text) {
        String[] arcs = text.split("\\.", -1);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        writeArc(out, 40 * Long.parseLong(arcs[0]) + Long.parseLong(arcs[1]));
        for (int i = 2; i < arcs.length; i++) {
            writeArc(out, Long.parseLong(arcs[i]));
        }
        return element(0x06, out.toByteArray());
    }

    private static void writeArc(ByteArrayOutputStream out, long arc) {
        int shift = 7 * ((63 - Long.numberOfLeadingZeros(arc | 1)) / 7);
        for (; shift > 0; shift -= 7) {
            out.write(((int) (arc >> shift) & 127) | 128);
        }
        out.write((int) arc & 127);
    }

    /** Text. */
    public static byte[] utf8(String text) {
        return element(0x0C, text.getBytes(StandardCharsets.UTF_8));
    }

    /** A time, to the second, in the form that its year demands. */
    public static byte[] time(Instant instant) {
        ZonedDateTime time = instant.atZone(ZoneOffset.UTC);
        return time.getYear() < FIRST_GENERALIZED_YEAR
                ? element(0x17, UTC_TIME.format(time).getBytes(StandardCharsets.US_ASCII))
                : element(0x18, GENERALIZED_TIME.format(time).getBytes(StandardCharsets.US_ASCII));
    }
}
