package dev.meerkat.http;

import dev.meerkat.internal.check.Tokens;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A cookie that a server asks a user agent to keep (RFC 6265 §4.1, and what its revision adds). Immutable.
 *
 * <pre>{@code
 * Response.text("welcome").withCookie(SetCookie.of("__Host-session", id).secure(true).maxAge(Duration.ofHours(8)).build());
 * }</pre>
 *
 * <p>By default a cookie is for all paths of the host that sets it, ends with the session, cannot be read by scripts
 * and is not sent along from other sites' forms. It is not {@code Secure} by default, so that it works without TLS.
 *
 * @param name a token
 * @param value visible ASCII without quotation mark, comma, semicolon and backslash, as a whole perhaps in quotation
 *     marks; anything else can be encoded, for instance by {@link PercentCoding#encodeSegment}
 * @param path below which it is sent, {@code /} by default
 * @param domain to whose hosts it is sent; empty, the default, for the host that sets it alone
 * @param maxAge how long to keep it, to the second; zero removes it; empty, the default, until the session ends
 * @param secure whether it is sent over TLS only; off by default
 * @param httpOnly whether scripts of a page cannot read it; on by default
 * @param sameSite whether it is sent along with requests that other sites cause
 */
public record SetCookie(
        String name,
        String value,
        String path,
        Optional<String> domain,
        Optional<Duration> maxAge,
        boolean secure,
        boolean httpOnly,
        SameSite sameSite) {
    /** The most bytes of name and value, and of one attribute; user agents ignore what is longer (RFC 6265bis §5.6). */
    private static final int NAME_AND_VALUE_LIMIT = 4_096;

    private static final int ATTRIBUTE_LIMIT = 1_024;

    /** Whether a cookie is sent along with requests that other sites cause (RFC 6265bis §5.6.7). */
    public enum SameSite {
        /** Never. */
        STRICT,
        /** When somebody follows a link to this site; the default. */
        LAX,
        /** Always; {@code Secure} is needed then. */
        NONE
    }

    // Checks every value; a bad one is an IllegalArgumentException that names it.
    public SetCookie {
        Objects.requireNonNull(domain, "domain");
        Objects.requireNonNull(sameSite, "sameSite");
        check(Tokens.isToken(name), "a name that is a token", name);
        check(isValue(value), "a value of visible ASCII without quotation mark, comma, semicolon, backslash", value);
        check(name.length() + value.length() <= NAME_AND_VALUE_LIMIT, "name and value of at most 4,096 bytes", name);
        check(path.startsWith("/") && isAttribute(path), "a path that begins with a slash", path);
        domain.ifPresent(host -> check(
                host.matches("[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?") && isAttribute(host), "a host name", host));
        maxAge.ifPresent(age -> check(!age.isNegative(), "a maxAge from zero", age.toString()));
        check(secure || sameSite != SameSite.NONE, "Secure with SameSite=None", name);
        String lower = name.toLowerCase(Locale.ROOT);
        check(secure || !lower.matches("__(secure|host)-.*"), "Secure with this prefix", name);
        check(
                !lower.startsWith("__host-") || (path.equals("/") && domain.isEmpty()),
                "path / and no domain with this prefix",
                name);
    }

    private static void check(boolean asExpected, String expected, String found) {
        if (!asExpected) {
            throw new IllegalArgumentException(
                    "cookie: expected " + expected + ", found " + MalformedTextException.quote(found));
        }
    }

    /** Cookie-value of RFC 6265 §4.1.1. */
    private static boolean isValue(String value) {
        boolean quoted = value.length() > 1 && value.startsWith("\"") && value.endsWith("\"");
        String octets = quoted ? value.substring(1, value.length() - 1) : value;
        return octets.chars().allMatch(c -> c > ' ' && c <= '~' && c != '"' && c != ',' && c != ';' && c != '\\');
    }

    private static boolean isAttribute(String text) {
        return text.length() <= ATTRIBUTE_LIMIT && text.chars().allMatch(c -> c >= ' ' && c <= '~' && c != ';');
    }

    /**
     * Starts from the defaults.
     *
     * @param name a token
     * @param value its value
     * @return a builder
     */
    public static Builder of(String name, String value) {
        return new Builder(name, value);
    }

    /**
     * Has a cookie removed. Path, domain and prefix must be those it was set with.
     *
     * @param name a token
     * @return a builder; the value is empty, the age zero
     */
    public static Builder remove(String name) {
        return new Builder(name, "").maxAge(Duration.ZERO);
    }

    /** Writes it as the value of {@code Set-Cookie}. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(name)
                .append('=')
                .append(value)
                .append("; Path=")
                .append(path);
        domain.ifPresent(host -> text.append("; Domain=").append(host));
        maxAge.ifPresent(age -> text.append("; Max-Age=").append(age.toSeconds()));
        text.append(secure ? "; Secure" : "")
                .append(httpOnly ? "; HttpOnly" : "")
                .append("; SameSite=");
        return text.append(sameSite == SameSite.STRICT ? "Strict" : sameSite == SameSite.LAX ? "Lax" : "None")
                .toString();
    }

    /** Collects values. */
    public static final class Builder {
        private final String name;
        private final String value;
        private String path = "/";
        private @Nullable String domain;
        private @Nullable Duration maxAge;
        private boolean secure;
        private boolean httpOnly = true;
        private SameSite sameSite = SameSite.LAX;

        private Builder(String name, String value) {
            this.name = name;
            this.value = value;
        }

        /**
         * Sets {@link SetCookie#path}.
         *
         * @param prefix begins with a slash
         * @return this
         */
        public Builder path(String prefix) {
            path = prefix;
            return this;
        }

        /**
         * Sets {@link SetCookie#domain}.
         *
         * @param host a host name, without a dot in front
         * @return this
         */
        public Builder domain(String host) {
            domain = host;
            return this;
        }

        /**
         * Sets {@link SetCookie#maxAge}.
         *
         * @param age from zero, which removes the cookie
         * @return this
         */
        public Builder maxAge(Duration age) {
            maxAge = age;
            return this;
        }

        /**
         * Sets {@link SetCookie#secure}.
         *
         * @param only whether it is sent over TLS only
         * @return this
         */
        public Builder secure(boolean only) {
            secure = only;
            return this;
        }

        /**
         * Sets {@link SetCookie#httpOnly}.
         *
         * @param only whether scripts cannot read it
         * @return this
         */
        public Builder httpOnly(boolean only) {
            httpOnly = only;
            return this;
        }

        /**
         * Sets {@link SetCookie#sameSite}.
         *
         * @param when it is sent along
         * @return this
         */
        public Builder sameSite(SameSite when) {
            sameSite = when;
            return this;
        }

        /**
         * Makes the cookie.
         *
         * @return the cookie
         * @throws IllegalArgumentException if a value is not as described, or they do not go together
         */
        public SetCookie build() {
            return new SetCookie(
                    name,
                    value,
                    path,
                    Optional.ofNullable(domain),
                    Optional.ofNullable(maxAge),
                    secure,
                    httpOnly,
                    sameSite);
        }
    }
}
