package dev.meerkat.http;

import java.util.List;
import java.util.Optional;

/**
 * What tells one state of a resource from another (RFC 9110 §8.8.3). A strong one changes with every byte, a weak one
 * when the difference matters.
 *
 * @param weak whether it is weak
 * @param opaque what stands between the quotation marks: visible characters but quotation marks
 */
public record EntityTag(boolean weak, String opaque) {
    // Checks the characters.
    public EntityTag {
        for (int i = 0; i < opaque.length(); i++) {
            char c = opaque.charAt(i);
            if (c <= ' ' || c == '"' || c == 0x7F || c > 0xFF) {
                throw new MalformedTextException(opaque, i, "a visible character but a quotation mark");
            }
        }
    }

    /**
     * Reads a tag.
     *
     * @param text {@code "…"} or {@code W/"…"}, the W in upper case
     * @return the tag; empty if it is none
     */
    public static Optional<EntityTag> parse(String text) {
        boolean weak = text.startsWith("W/");
        int from = weak ? 2 : 0;
        if (text.length() < from + 2 || text.charAt(from) != '"' || text.charAt(text.length() - 1) != '"') {
            return Optional.empty();
        }
        try {
            return Optional.of(new EntityTag(weak, text.substring(from + 1, text.length() - 1)));
        } catch (MalformedTextException malformed) {
            return Optional.empty();
        }
    }

    /**
     * Strong comparison: both are strong, and the same (RFC 9110 §8.8.3.2).
     *
     * @param other another tag
     * @return whether the two stand for the same bytes
     */
    public boolean isSameBytes(EntityTag other) {
        return !weak && !other.weak && opaque.equals(other.opaque);
    }

    /**
     * Weak comparison: the same, whether weak or strong (RFC 9110 §8.8.3.2).
     *
     * @param other another tag
     * @return whether the two stand for what is as good as the same
     */
    public boolean isEquivalent(EntityTag other) {
        return opaque.equals(other.opaque);
    }

    /** Whether a list such as that of If-Match has the tag, or is an asterisk; malformed elements are passed over. */
    boolean isIn(List<String> elements, boolean strongly) {
        for (String element : elements) {
            Optional<EntityTag> tag = parse(element);
            boolean same = element.equals("*")
                    || (tag.isPresent() && (strongly ? isSameBytes(tag.get()) : isEquivalent(tag.get())));
            if (same) {
                return true;
            }
        }
        return false;
    }

    /** Writes it as the value of a field. */
    @Override
    public String toString() {
        return (weak ? "W/\"" : "\"") + opaque + '"';
    }
}
