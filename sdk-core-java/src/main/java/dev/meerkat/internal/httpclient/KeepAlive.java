package dev.meerkat.internal.httpclient;

import dev.meerkat.http.Headers;
import java.time.Duration;

/** How long a server says that it keeps a connection: {@code Keep-Alive: timeout=5} (RFC 2068 §19.7.1.1). */
final class KeepAlive {
    private static final String TIMEOUT = "timeout=";
    private static final int MOST_DIGITS = 6;

    private KeepAlive() {}

    /** Four fifths of it, since the server began to count before us; the longest time if it does not say. */
    static long nanos(Headers headers) {
        for (String element : headers.elements("Keep-Alive")) {
            if (element.regionMatches(true, 0, TIMEOUT, 0, TIMEOUT.length())) {
                String digits = element.substring(TIMEOUT.length());
                boolean number = !digits.isEmpty()
                        && digits.length() <= MOST_DIGITS
                        && digits.chars().allMatch(c -> c >= '0' && c <= '9');
                if (number) {
                    return Duration.ofSeconds(Long.parseLong(digits)).toNanos() / 5 * 4;
                }
            }
        }
        return Long.MAX_VALUE;
    }
}
