package dev.meerkat.http;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a route's path looks like: segments that are literals, captures, or at the end a capture of all the rest.
 *
 * @param text as the program wrote it
 * @param segments one for each slash, in order
 */
record RouteTemplate(String text, List<Segment> segments) {
    private enum Kind {
        LITERAL,
        CAPTURE,
        REST
    }

    /**
     * What stands behind a slash.
     *
     * @param text the literal, or the name of the capture
     */
    record Segment(Kind kind, String text) {
        boolean isLiteral() {
            return kind == Kind.LITERAL;
        }

        boolean isCapture() {
            return kind == Kind.CAPTURE;
        }

        boolean isRest() {
            return kind == Kind.REST;
        }
    }

    static RouteTemplate parse(String text) {
        if (!text.startsWith("/")) {
            throw malformed(text, "to begin with a slash");
        }
        List<Segment> segments = new ArrayList<>();
        for (String part : text.substring(1).split("/", -1)) {
            segments.add(segment(text, part));
        }
        List<String> names = new ArrayList<>();
        for (int i = 0; i < segments.size(); i++) {
            Segment segment = segments.get(i);
            if (segment.isRest() && i < segments.size() - 1) {
                throw malformed(text, "nothing behind {" + segment.text() + "...}");
            }
            if (!segment.isLiteral() && names.contains(segment.text())) {
                throw malformed(text, "each name once, {" + segment.text() + "} comes again");
            }
            names.add(segment.isLiteral() ? "" : segment.text());
        }
        return new RouteTemplate(text, segments);
    }

    /** The template of all that begins with a prefix. */
    static RouteTemplate mount(String prefix) {
        List<Segment> segments =
                new ArrayList<>(prefix.equals("/") ? List.of() : parse(prefix).segments());
        if (!segments.isEmpty() && (segments.get(segments.size() - 1).isRest() || prefix.endsWith("/"))) {
            throw malformed(prefix, "neither a slash nor a capture of all the rest at its end");
        }
        segments.add(new Segment(Kind.REST, ""));
        return new RouteTemplate(prefix.equals("/") ? "" : prefix, segments);
    }

    private static Segment segment(String template, String part) {
        if (part.startsWith("{") && part.endsWith("}")) {
            boolean rest = part.endsWith("...}");
            String name = part.substring(1, part.length() - (rest ? 4 : 1));
            if (!isName(name)) {
                throw malformed(template, "a name of letters, digits, _ and - in braces");
            }
            return new Segment(rest ? Kind.REST : Kind.CAPTURE, name);
        }
        if (hasAny(part, "{}")) {
            throw malformed(template, "braces around a whole segment");
        }
        if (hasAny(part, "%?#\0")) {
            throw malformed(template, "a path as it is after decoding, without query");
        }
        if (part.equals(".") || part.equals("..")) {
            throw malformed(template, "no dot segments, which no request can have");
        }
        return new Segment(Kind.LITERAL, part);
    }

    /** Letters, digits, _ and -, the first of them neither digit nor -. Templates are read at every start: no regex. */
    private static boolean isName(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
            boolean inner = (c >= '0' && c <= '9') || c == '-';
            if (!letter && (i == 0 || !inner)) {
                return false;
            }
        }
        return !text.isEmpty();
    }

    private static boolean hasAny(String text, String characters) {
        for (int i = 0; i < text.length(); i++) {
            if (characters.indexOf(text.charAt(i)) >= 0) {
                return true;
            }
        }
        return false;
    }

    private static IllegalArgumentException malformed(String template, String expected) {
        return new IllegalArgumentException(
                "expected the template " + MalformedTextException.quote(template) + " to have " + expected);
    }

    /** Tells whether one path alone fits. */
    boolean isLiteral() {
        for (Segment segment : segments) {
            if (!segment.isLiteral()) {
                return false;
            }
        }
        return true;
    }

    /** Tells whether it is that of a prefix. */
    boolean isMount() {
        Segment last = segments.get(segments.size() - 1);
        return last.isRest() && last.text().isEmpty();
    }

    /**
     * Takes what was captured out of a path that fits, its segments from an index on, and adds it to an outer match.
     */
    RouteMatch matched(List<String> path, int from, RouteMatch outer) {
        Map<String, String> captures = new LinkedHashMap<>(outer.captures());
        for (int i = 0; i < segments.size(); i++) {
            Segment segment = segments.get(i);
            if (segment.isRest() && !segment.text().isEmpty()) {
                captures.put(segment.text(), rest(path, from + i));
            } else if (segment.isCapture()) {
                captures.put(segment.text(), path.get(from + i));
            }
        }
        return new RouteMatch(outer.template() + text, captures);
    }

    /**
     * Joins segments with slashes; one that was escaped remains so, since it does not separate, and so does the percent
     * sign, so that no two paths become the same.
     */
    private static String rest(List<String> path, int from) {
        StringBuilder rest = new StringBuilder();
        for (int i = from; i < path.size(); i++) {
            rest.append(i == from ? "" : "/")
                    .append(path.get(i).replace("%", "%25").replace("/", "%2F"));
        }
        return rest.toString();
    }
}
