package dev.meerkat.http;

import dev.meerkat.internal.check.Tokens;
import java.util.List;
import java.util.Locale;

/** Names and values that a program gives: refused if they must not go on the wire, then turned into bytes. */
final class FieldText {
    private FieldText() {}

    static String requireName(String name) {
        for (int i = 0; i < name.length(); i++) {
            if (!Tokens.has(name.charAt(i))) {
                throw new MalformedHeadException("the name of a field is a token, but has " + shown(name.charAt(i))
                        + " at " + i + ": " + quoted(name));
            }
        }
        if (name.isEmpty()) {
            throw new MalformedHeadException("the name of a field is empty");
        }
        return name;
    }

    /** Answers the value without the white space around it. */
    static String requireValue(String name, String value) {
        int start = 0;
        int end = value.length();
        while (start < end && isSpace(value.charAt(start))) {
            start++;
        }
        while (end > start && isSpace(value.charAt(end - 1))) {
            end--;
        }
        for (int i = start; i < end; i++) {
            char letter = value.charAt(i);
            if (letter > 0xff || (letter < ' ' && letter != '\t') || letter == 0x7f) {
                throw new MalformedHeadException("the value of field " + name + " has " + shown(letter) + " at " + i
                        + ", where only U+0020 to U+00FF and tabs may be");
            }
        }
        return value.substring(start, end);
    }

    private static boolean isSpace(char letter) {
        return letter == ' ' || letter == '\t';
    }

    /** A character for people, since a control character in a message would be a second attack. */
    static String shown(char letter) {
        return letter > ' ' && letter < 0x7f ? "'" + letter + "'" : String.format(Locale.ROOT, "U+%04X", (int) letter);
    }

    /** A text for people, with nothing in it that could not be printed. */
    static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("'");
        for (int i = 0; i < Math.min(text.length(), 60); i++) {
            char letter = text.charAt(i);
            if (letter >= ' ' && letter < 0x7f) {
                quoted.append(letter);
            } else {
                quoted.append(shown(letter));
            }
        }
        return quoted.append(text.length() > 60 ? "…'" : "'").toString();
    }

    static boolean same(String name, String other) {
        if (name.length() != other.length()) {
            return false;
        }
        for (int i = 0; i < name.length(); i++) {
            if (Grammar.lower(name.charAt(i)) != Grammar.lower(other.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    /** Gives the first field of a name another value and removes the others; false if there is none. */
    static boolean replace(List<String> texts, String name, String value) {
        for (int i = 0; i < texts.size(); i += 2) {
            if (same(texts.get(i), name)) {
                texts.set(i + 1, value);
                remove(texts, name, i + 2);
                return true;
            }
        }
        return false;
    }

    /** Removes the fields of a name, but for those in front of an index. */
    static void remove(List<String> texts, String name, int from) {
        for (int i = texts.size() - 2; i >= from; i -= 2) {
            if (same(texts.get(i), name)) {
                texts.subList(i, i + 2).clear();
            }
        }
    }

    /** Names and values in turn, all of them checked. */
    static Headers encode(List<String> texts) {
        int length = 0;
        for (String text : texts) {
            length += text.length() + 2; // colon and space, or CR LF
        }
        byte[] bytes = new byte[length];
        int[] bounds = new int[2 * texts.size()];
        int at = 0;
        for (int i = 0; i < texts.size(); i++) {
            boolean name = i % 2 == 0;
            bounds[2 * i] = at;
            at = put(texts.get(i), bytes, at);
            bounds[2 * i + 1] = at;
            bytes[at++] = (byte) (name ? ':' : '\r');
            bytes[at++] = (byte) (name ? ' ' : '\n');
        }
        return new Headers(bytes, 0, at, bounds, texts.size() / 2);
    }

    /** Writes characters up to U+00FF as bytes; answers the index behind them. */
    static int put(String text, byte[] bytes, int from) {
        for (int i = 0; i < text.length(); i++) {
            bytes[from + i] = (byte) text.charAt(i);
        }
        return from + text.length();
    }
}
