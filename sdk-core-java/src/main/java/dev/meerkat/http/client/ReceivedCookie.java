package dev.meerkat.http.client;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The value of one {@code Set-Cookie}, read as RFC 6265 §5.2 says: what is not understood is left out, so that the rest
 * still holds.
 *
 * @param name not empty
 * @param value may be empty
 * @param expires when it ends, by Max-Age or else by Expires; empty if neither says so
 * @param domain in lower case, without a leading dot; empty if there is none
 * @param path empty if there is none, or one that does not begin with a slash
 * @param secure whether it is for {@code https} only
 * @param httpOnly whether it is to be kept from scripts
 */
record ReceivedCookie(
        String name,
        String value,
        Optional<Instant> expires,
        String domain,
        String path,
        boolean secure,
        boolean httpOnly) {
    /** Four hundred days, the most that RFC 6265bis §5.5 lets a cookie live. */
    private static final Duration LONGEST = Duration.ofDays(400);

    static @Nullable ReceivedCookie parse(String text, Instant now) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if ((c < 0x20 && c != '\t') || c == 0x7F) {
                return null;
            }
        }
        int end = text.indexOf(';');
        String pair = end < 0 ? text : text.substring(0, end);
        int equals = pair.indexOf('=');
        String name = equals < 0 ? "" : pair.substring(0, equals).strip();
        if (name.isEmpty()) {
            return null;
        }
        Attributes attributes = new Attributes(now);
        while (end >= 0) {
            int next = text.indexOf(';', end + 1);
            attributes.read(next < 0 ? text.substring(end + 1) : text.substring(end + 1, next));
            end = next;
        }
        return attributes.cookie(name, pair.substring(equals + 1).strip());
    }

    /** The last of each kind counts. */
    private static final class Attributes {
        private final Instant now;
        private @Nullable Instant expires;
        private @Nullable Instant maxAge;
        private String domain = "";
        private String path = "";
        private boolean secure;
        private boolean httpOnly;

        Attributes(Instant now) {
            this.now = now;
        }

        void read(String attribute) {
            int equals = attribute.indexOf('=');
            String name = (equals < 0 ? attribute : attribute.substring(0, equals))
                    .strip()
                    .toLowerCase(Locale.ROOT);
            String value = equals < 0 ? "" : attribute.substring(equals + 1).strip();
            switch (name) {
                case "expires" -> expires = CookieDate.parse(value).orElse(expires);
                case "max-age" -> maxAge(value);
                case "domain" -> {
                    String lower = value.toLowerCase(Locale.ROOT);
                    domain = lower.startsWith(".") ? lower.substring(1) : lower;
                }
                case "path" -> path = value.startsWith("/") ? value : "";
                case "secure" -> secure = true;
                case "httponly" -> httpOnly = true;
                default -> {
                    // unknown ones are ignored (RFC 6265 5.2)
                }
            }
        }

        private void maxAge(String value) {
            boolean negative = value.startsWith("-");
            String digits = negative ? value.substring(1) : value;
            if (digits.isEmpty() || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
                return;
            }
            long seconds = negative ? 0 : digits.length() > 9 ? LONGEST.toSeconds() : Long.parseLong(digits);
            maxAge = seconds == 0 ? Instant.EPOCH : now.plusSeconds(seconds);
        }

        ReceivedCookie cookie(String name, String value) {
            Instant end = maxAge != null ? maxAge : expires;
            if (end != null && end.isAfter(now.plus(LONGEST))) {
                end = now.plus(LONGEST);
            }
            return new ReceivedCookie(name, value, Optional.ofNullable(end), domain, path, secure, httpOnly);
        }
    }
}
