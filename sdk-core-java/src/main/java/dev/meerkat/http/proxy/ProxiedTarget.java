package dev.meerkat.http.proxy;

import java.util.regex.Pattern;

/** Which targets pass a proxy: all that cannot lead out of what it was pointed at. */
final class ProxiedTarget {
    /**
     * A dot segment, however it is spelt: a server may decode before it looks for one, take a backslash for a slash, or
     * cut off what is behind a semicolon.
     */
    private static final Pattern DOTS =
            Pattern.compile("(?:^|/|\\\\|%2f|%5c)(?:\\.|%2e){1,2}(?:$|/|\\\\|;|%2f|%5c|%3b)", Pattern.CASE_INSENSITIVE);

    private ProxiedTarget() {}

    /** Whether a path may lead elsewhere than below where it begins. */
    static boolean hasDotSegment(String path) {
        return DOTS.matcher(path).find();
    }
}
