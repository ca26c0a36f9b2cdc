package dev.meerkat.tls;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Locale;

/**
 * Reads the few shapes of DER (X.690) that private keys are made of, and writes them. Only definite lengths; every
 * length is checked against what is there.
 */
final class Der {
    static final int INTEGER = 0x02;
    static final int BIT_STRING = 0x03;
    static final int OCTET_STRING = 0x04;
    static final int NULL = 0x05;
    static final int OID = 0x06;
    static final int SEQUENCE = 0x30;
    /** A constructed element of the context, number 0. */
    static final int CONTEXT_0 = 0xA0;

    /** The most bytes of an object identifier: those of the algorithms have 3 to 9. */
    private static final int MAX_OID_BYTES = 32;

    private final byte[] bytes;
    private final int end;
    private int position;

    /** Reads from the beginning of these bytes. */
    Der(byte[] bytes) {
        this(bytes, 0, bytes.length);
    }

    private Der(byte[] bytes, int position, int end) {
        this.bytes = bytes;
        this.position = position;
        this.end = end;
    }

    /** What was found is not what was expected. Without a stack trace, because it never leaves. */
    static final class DerException extends Exception {
        private static final long serialVersionUID = 1;

        DerException(String message) {
            super(message, null, false, false);
        }
    }

    boolean hasMore() {
        return position < end;
    }

    boolean isNext(int tag) {
        return nextTag() == tag;
    }

    /** The tag of the next element; 0, which is none, at the end. */
    int nextTag() {
        return hasMore() ? bytes[position] & 255 : 0;
    }

    /** Goes into the next element. */
    Der enter(int tag, String expected) throws DerException {
        int from = readHeader(tag, expected);
        Der content = new Der(bytes, from, position);
        return content;
    }

    /** Takes the content of the next element. */
    byte[] read(int tag, String expected) throws DerException {
        int from = readHeader(tag, expected);
        return Arrays.copyOfRange(bytes, from, position);
    }

    /** Takes the next element with its tag and length. */
    byte[] readWhole(int tag, String expected) throws DerException {
        int from = position;
        int unused = readHeader(tag, expected);
        return Arrays.copyOfRange(bytes, from, position);
    }

    /** Takes an integer from 0 to 2³¹ - 1. */
    int readNumber(String expected) throws DerException {
        int start = position;
        byte[] digits = read(INTEGER, expected);
        long value = digits.length == 0 || digits.length > 5 || digits[0] < 0 ? -1 : 0;
        for (int i = 0; value >= 0 && i < digits.length; i++) {
            value = (value << 8) | (digits[i] & 255);
        }
        if (value < 0 || value > Integer.MAX_VALUE) {
            throw new DerException("expected " + expected + " at byte " + start + ", found a number out of range");
        }
        return (int) value;
    }

    /** Takes an object identifier, as numbers with dots between. */
    String readOid(String expected) throws DerException {
        int start = position;
        byte[] content = read(OID, expected);
        StringBuilder text = new StringBuilder();
        long arc = 0;
        for (byte digit : content) {
            arc = (arc << 7) | (digit & 127);
            if (digit >= 0) {
                if (text.length() == 0) {
                    long first = Math.min(arc / 40, 2);
                    text.append(first).append('.').append(arc - 40 * first);
                } else {
                    text.append('.').append(arc);
                }
                arc = 0;
            }
        }
        boolean isCut = content.length == 0 || content[content.length - 1] < 0;
        if (isCut || content.length > MAX_OID_BYTES) {
            throw new DerException("expected " + expected + " at byte " + start + ", found a broken object identifier");
        }
        return text.toString();
    }

    /** Checks that nothing follows. */
    void requireEnd(String what) throws DerException {
        if (hasMore()) {
            throw new DerException((end - position) + " bytes too many behind " + what);
        }
    }

    /** Reads tag and length, moves behind the element and answers where its content begins. */
    private int readHeader(int tag, String expected) throws DerException {
        int start = position;
        if (!hasMore()) {
            throw new DerException("expected " + expected + " at byte " + start + ", found the end");
        }
        int found = bytes[position++] & 255;
        if (found != tag) {
            throw new DerException(String.format(
                    Locale.ROOT, "expected %s (tag %02X) at byte %d, found tag %02X", expected, tag, start, found));
        }
        int length = hasMore() ? bytes[position++] & 255 : 128;
        if (length >= 128) {
            int count = length - 128;
            if (count == 0 || count > 3 || count > end - position) {
                throw new DerException("the length of " + expected + " at byte " + start + " is broken");
            }
            length = 0;
            for (int i = 0; i < count; i++) {
                length = (length << 8) | (bytes[position++] & 255);
            }
        }
        if (length > end - position) {
            throw new DerException(expected + " at byte " + start + " has " + length + " bytes, of which "
                    + (end - position) + " are there");
        }
        int from = position;
        position += length;
        return from;
    }

    /** Writes an element. */
    static byte[] encode(int tag, byte[]... contents) {
        int length = 0;
        for (byte[] content : contents) {
            length += content.length;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream(length + 5);
        out.write(tag);
        if (length < 128) {
            out.write(length);
        } else {
            int count = (39 - Integer.numberOfLeadingZeros(length)) / 8;
            out.write(128 + count);
            for (int i = count - 1; i >= 0; i--) {
                out.write(length >> (8 * i));
            }
        }
        for (byte[] content : contents) {
            out.writeBytes(content);
        }
        return out.toByteArray();
    }
}
