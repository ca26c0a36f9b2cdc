package dev.meerkat.http;

import java.nio.charset.StandardCharsets;

/** Which byte may stand where (RFC 9110 §5.5; RFC 3986 §3), as tables with an entry for each byte. */
final class Grammar {
    private static final byte TARGET = 1;
    private static final byte HOST = 2;
    private static final byte TEXT = 4;

    /** What each byte is, as bits. */
    private static final byte[] KINDS = new byte[256];

    /** ASCII letters small, all else as it is. */
    private static final byte[] LOWER = new byte[256];

    static {
        mark(HOST, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
        mark(HOST, "-._~%!$&'()*+,;=");
        for (int octet = 0; octet < 256; octet++) {
            if (octet > ' ' && octet < 0x7f && octet != '#') {
                KINDS[octet] |= TARGET;
            }
            if ((octet >= ' ' && octet != 0x7f) || octet == '\t') {
                KINDS[octet] |= TEXT;
            }
            LOWER[octet] = (byte) (octet >= 'A' && octet <= 'Z' ? octet + 32 : octet);
        }
    }

    private Grammar() {}

    private static void mark(int kind, String octets) {
        for (int i = 0; i < octets.length(); i++) {
            KINDS[octets.charAt(i)] |= (byte) kind;
        }
    }

    /** The first index from which on there is no byte that a request's target may have. */
    static int targetEnd(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to && (KINDS[bytes[at] & 0xff] & TARGET) != 0) {
            at++;
        }
        return at;
    }

    /** The first index from which on there is no byte of a field's value or a reason. */
    static int textEnd(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to && (KINDS[bytes[at] & 0xff] & TEXT) != 0) {
            at++;
        }
        return at;
    }

    static boolean isSpace(byte octet) {
        return octet == ' ' || octet == '\t';
    }

    static boolean isDigit(byte octet) {
        return octet >= '0' && octet <= '9';
    }

    static boolean isLetter(byte octet) {
        byte small = lower(octet);
        return small >= 'a' && small <= 'z';
    }

    static byte lower(byte octet) {
        return LOWER[octet & 0xff];
    }

    /** A letter of a text that is not all ASCII, small; what is no ASCII letter stays and equals no ASCII letter. */
    static char lower(char letter) {
        return letter >= 'A' && letter <= 'Z' ? (char) (letter + 32) : letter;
    }

    /** Whether bytes are a text, but for the case of ASCII letters. */
    static boolean same(byte[] bytes, int from, int to, String text) {
        if (to - from != text.length()) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            char wanted = text.charAt(i);
            int found = bytes[from + i] & 0xff;
            if (found != wanted && LOWER[found] != lower(wanted)) {
                return false;
            }
        }
        return true;
    }

    /** The number that 1 to 18 decimal digits are; −1 for anything else. */
    static long number(byte[] bytes, int from, int to) {
        if (from == to || to - from > 18) {
            return -1;
        }
        long number = 0;
        for (int i = from; i < to; i++) {
            if (!isDigit(bytes[i])) {
                return -1;
            }
            number = number * 10 + bytes[i] - '0';
        }
        return number;
    }

    static String text(byte[] bytes, int from, int to) {
        return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
    }

    /** Bytes for people: at most 60, what cannot be printed as hexadecimal. */
    static String shown(byte[] bytes, int from, int to) {
        int end = Math.min(to, from + 60);
        StringBuilder text = new StringBuilder("'");
        for (int i = from; i < end; i++) {
            int octet = bytes[i] & 0xff;
            if (octet >= ' ' && octet < 0x7f) {
                text.append((char) octet);
            } else {
                text.append("\\x")
                        .append(Character.forDigit(octet >> 4, 16))
                        .append(Character.forDigit(octet & 15, 16));
            }
        }
        return text.append(end < to ? "…'" : "'").toString();
    }

    /**
     * Whether bytes are {@code host}, {@code host:port} or, if it is not required, {@code host:} (RFC 3986 §3.2.2). An
     * address in brackets is looked at for its letters only.
     */
    static boolean isAuthority(byte[] bytes, int from, int to, boolean portRequired) {
        int at = from;
        if (at < to && bytes[at] == '[') {
            at++;
            while (at < to && bytes[at] != ']') {
                byte octet = bytes[at++];
                if ((KINDS[octet & 0xff] & HOST) == 0 && octet != ':') {
                    return false;
                }
            }
            if (at == to || at == from + 1) {
                return false;
            }
            at++;
        } else {
            while (at < to && (KINDS[bytes[at] & 0xff] & HOST) != 0) {
                at++;
            }
        }
        if (at == from) {
            return false;
        }
        if (at == to) {
            return !portRequired;
        }
        if (bytes[at] != ':' || to - at > 6 || (portRequired && to - at == 1)) {
            return false;
        }
        int port = 0;
        while (++at < to) {
            if (!isDigit(bytes[at])) {
                return false;
            }
            port = port * 10 + bytes[at] - '0';
        }
        return port <= 65_535;
    }
}
