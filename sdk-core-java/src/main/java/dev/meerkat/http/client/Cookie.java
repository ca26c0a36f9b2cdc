package dev.meerkat.http.client;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * A cookie as a {@link CookieJar} keeps it (RFC 6265 §5.3).
 *
 * @param name its name, as it was received; may be empty in what others have set, never here
 * @param value its value, as it was received
 * @param domain the host that set it, or the domain that it named, in lower case
 * @param hostOnly whether it goes to that very host alone, and not to those below
 * @param path the path that a target must begin with, segment by segment
 * @param secure whether it goes by {@code https} only
 * @param httpOnly whether it was to be kept from scripts, of which there are none here
 * @param expires when it ends; empty for one that ends with the jar
 */
public record Cookie(
        String name,
        String value,
        String domain,
        boolean hostOnly,
        String path,
        boolean secure,
        boolean httpOnly,
        Optional<Instant> expires) {
    // Rejects missing parts.
    public Cookie {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(value, "value");
        Objects.requireNonNull(domain, "domain");
        Objects.requireNonNull(path, "path");
        Objects.requireNonNull(expires, "expires");
    }

    /**
     * Whether the cookie has ended.
     *
     * @param now the time of day
     * @return true from the very instant of its end on
     */
    public boolean isExpired(Instant now) {
        return expires.isPresent() && !now.isBefore(expires.get());
    }
}
