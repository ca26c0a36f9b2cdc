package dev.meerkat.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * An element of a list of preferences and its weight (RFC 9110 §12.4.2).
 *
 * @param value what stands before the weight, in lower case, but for its parameters
 * @param weight in thousandths, 0 to 1,000; 0 means "not acceptable"
 */
record Weighted(String value, int weight) {
    /**
     * Reads elements. What is malformed is left out: preferences are advice (RFC 9110 §12.1), and a server that refuses
     * a request for bad advice helps nobody.
     */
    static List<Weighted> parse(List<String> elements) {
        List<Weighted> parsed = new ArrayList<>();
        for (String element : elements) {
            int weightAt = weightIndex(element);
            int weight = weightAt < 0 ? 1_000 : weight(element, weightAt);
            String value = (weightAt < 0 ? element : element.substring(0, element.lastIndexOf(';', weightAt))).strip();
            if (weight >= 0 && !value.isEmpty()) {
                parsed.add(new Weighted(value.toLowerCase(Locale.ROOT), weight));
            }
        }
        return parsed;
    }

    /** Where behind {@code ;q=} the weight begins, outside quoted strings; -1 if there is none. */
    private static int weightIndex(String element) {
        boolean quoted = false;
        for (int i = 0; i < element.length(); i++) {
            char c = element.charAt(i);
            if (quoted && c == '\\') {
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (c == ';' && !quoted) {
                int name = TextGrammar.skipSpace(element, i + 1);
                if (element.regionMatches(true, name, "q=", 0, 2)) {
                    return name + 2;
                }
            }
        }
        return -1;
    }

    /** Reads a weight, which ends with the text or a parameter behind it; -1 if it is malformed. */
    private static int weight(String text, int from) {
        int end = text.indexOf(';', from);
        String weight = text.substring(from, end < 0 ? text.length() : end).strip();
        if (!weight.matches("0(\\.[0-9]{0,3})?|1(\\.0{0,3})?")) {
            return -1;
        }
        String digits = weight.replace(".", "") + "000";
        return Integer.parseInt(digits.substring(0, 4));
    }
}
