package dev.meerkat.http.client;

import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The cookies that servers have set (RFC 6265 §5), for one user. A client keeps none unless it is given a jar; several
 * clients may share one.
 *
 * <p>Whoever may set a cookie for {@code co.uk} sets it for everybody below. Which domains are registries is known to
 * the Public Suffix List (publicsuffix.org), which changes weekly and is not part of this library. Without it a cookie
 * for a whole domain is taken only if the domain has two labels at least, and not for a country's second level such as
 * {@code co.uk} or {@code com.au}; a program that talks to servers which do not trust each other gives
 * {@link Builder#publicSuffixes} the real list. A cookie without {@code Domain}, which goes back to its very host
 * alone, needs no such care.
 *
 * <p>May be used from any thread.
 */
public final class CookieJar {
    /** Second levels under which countries register names for everybody. */
    private static final List<String> SECOND_LEVELS =
            List.of("ac", "co", "com", "edu", "gob", "gov", "go", "mil", "ne", "net", "nom", "or", "org", "sch");

    private final Predicate<String> publicSuffixes;
    private final int limit;
    private final int domainLimit;
    private final int bytesLimit;
    private final Object lock = new Object();
    private final List<Kept> kept = new ArrayList<>();
    private long sequence;

    /** A cookie, with what decides about its order and its eviction. */
    private static final class Kept {
        private final Cookie cookie;
        private final long created;
        private long used;

        Kept(Cookie cookie, long created, long used) {
            this.cookie = cookie;
            this.created = created;
            this.used = used;
        }
    }

    private CookieJar(Builder builder) {
        publicSuffixes = builder.publicSuffixes;
        limit = builder.limit;
        domainLimit = builder.domainLimit;
        bytesLimit = builder.bytesLimit;
    }

    /**
     * Makes an empty jar with the default limits.
     *
     * @return a new jar
     */
    public static CookieJar create() {
        return builder().build();
    }

    /**
     * Starts from the defaults.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Any thread. Keeps what a response has set, as far as it may set it (RFC 6265 §5.3).
     *
     * @param uri where the response came from
     * @param setCookies the values of its {@code Set-Cookie} fields, in order
     * @param now the time of day
     */
    public void store(URI uri, List<String> setCookies, Instant now) {
        Source source = Source.of(uri);
        synchronized (lock) {
            for (String each : setCookies) {
                ReceivedCookie parsed = each.length() > bytesLimit ? null : ReceivedCookie.parse(each, now);
                Optional<Cookie> cookie = parsed == null ? Optional.empty() : accept(parsed, source);
                cookie.ifPresent(accepted -> put(accepted, now));
            }
        }
    }

    /**
     * Any thread. The cookies that go with a request, longer paths first, then older cookies first (RFC 6265 §5.4).
     *
     * @param uri where the request goes
     * @param now the time of day
     * @return the value of {@code Cookie}; empty if none goes with it
     */
    public Optional<String> header(URI uri, Instant now) {
        Source source = Source.of(uri);
        synchronized (lock) {
            kept.removeIf(each -> each.cookie.isExpired(now));
            List<Kept> matching = new ArrayList<>();
            for (Kept each : kept) {
                if (goesTo(each.cookie, source)) {
                    matching.add(each);
                    each.used = ++sequence;
                }
            }
            if (matching.isEmpty()) {
                return Optional.empty();
            }
            matching.sort(
                    Comparator.<Kept>comparingInt(each -> -each.cookie.path().length())
                            .thenComparingLong(each -> each.created));
            StringBuilder text = new StringBuilder();
            for (Kept each : matching) {
                text.append(text.isEmpty() ? "" : "; ")
                        .append(each.cookie.name())
                        .append('=')
                        .append(each.cookie.value());
            }
            return Optional.of(text.toString());
        }
    }

    /**
     * Any thread. What is in the jar.
     *
     * @param now the time of day; what has ended by then is left out
     * @return a list of its own, older cookies first
     */
    public List<Cookie> cookies(Instant now) {
        synchronized (lock) {
            return kept.stream()
                    .filter(each -> !each.cookie.isExpired(now))
                    .map(each -> each.cookie)
                    .toList();
        }
    }

    /**
     * Any thread. Puts a cookie in, in place of the one of the same name, domain and path; for example one that was
     * kept in a file.
     *
     * @param cookie the cookie
     * @param now the time of day
     */
    public void add(Cookie cookie, Instant now) {
        Objects.requireNonNull(cookie, "cookie");
        synchronized (lock) {
            put(cookie, now);
        }
    }

    /**
     * Any thread. Takes cookies out.
     *
     * @param which those for which it says true
     */
    public void removeIf(Predicate<? super Cookie> which) {
        synchronized (lock) {
            kept.removeIf(each -> which.test(each.cookie));
        }
    }

    // ---------------------------------------------------------------- who may set what

    /** What of a URI counts for cookies. */
    private record Source(String host, String path, boolean secure) {
        static Source of(URI uri) {
            String host = uri.getHost();
            if (host == null || uri.getScheme() == null) {
                throw new IllegalArgumentException("expected an absolute URI with a host, found " + uri);
            }
            String path = uri.getRawPath();
            return new Source(
                    host.toLowerCase(Locale.ROOT),
                    path == null || path.isEmpty() ? "/" : path,
                    uri.getScheme().equalsIgnoreCase("https"));
        }

        /** RFC 6265 §5.1.4. */
        String defaultPath() {
            int last = path.lastIndexOf('/');
            return last <= 0 ? "/" : path.substring(0, last);
        }

        boolean isAddress() {
            return host.startsWith("[") || Character.isDigit(host.charAt(host.length() - 1));
        }
    }

    private Optional<Cookie> accept(ReceivedCookie set, Source source) {
        String domain = set.domain();
        boolean hostOnly = domain.isEmpty();
        if (!hostOnly && publicSuffixes.test(domain)) {
            if (!domain.equals(source.host)) {
                return Optional.empty();
            }
            hostOnly = true; // of a registry's own host (RFC 6265 5.3, step 5)
        }
        if (hostOnly) {
            domain = source.host;
        } else if (!domainMatches(source, domain)) {
            return Optional.empty();
        }
        String path = set.path().isEmpty() ? source.defaultPath() : set.path();
        boolean prefixed = startsWith(set.name(), "__Secure-") || startsWith(set.name(), "__Host-");
        if ((set.secure() || prefixed) && !(source.secure && set.secure())) {
            return Optional.empty(); // nobody in clear sets what is for https (RFC 6265bis 5.7)
        }
        if (startsWith(set.name(), "__Host-") && !(hostOnly && set.domain().isEmpty() && path.equals("/"))) {
            return Optional.empty();
        }
        if (!source.secure && overlaysSecure(set.name(), domain, path)) {
            return Optional.empty();
        }
        return Optional.of(new Cookie(
                set.name(), set.value(), domain, hostOnly, path, set.secure(), set.httpOnly(), set.expires()));
    }

    private static boolean startsWith(String name, String prefix) {
        return name.regionMatches(true, 0, prefix, 0, prefix.length());
    }

    private boolean overlaysSecure(String name, String domain, String path) {
        for (Kept each : kept) {
            Cookie cookie = each.cookie;
            if (cookie.secure()
                    && cookie.name().equals(name)
                    && (cookie.domain().equals(domain)
                            || cookie.domain().endsWith("." + domain)
                            || domain.endsWith("." + cookie.domain()))
                    && pathMatches(path, cookie.path())) {
                return true;
            }
        }
        return false;
    }

    private static boolean goesTo(Cookie cookie, Source source) {
        return (cookie.hostOnly() ? source.host.equals(cookie.domain()) : domainMatches(source, cookie.domain()))
                && pathMatches(source.path, cookie.path())
                && (source.secure || !cookie.secure());
    }

    /** RFC 6265 §5.1.3. */
    private static boolean domainMatches(Source source, String domain) {
        return source.host.equals(domain) || (source.host.endsWith("." + domain) && !source.isAddress());
    }

    /** RFC 6265 §5.1.4. */
    private static boolean pathMatches(String target, String path) {
        return target.startsWith(path)
                && (target.length() == path.length() || path.endsWith("/") || target.charAt(path.length()) == '/');
    }

    /** What is known of registries without a list of them. */
    private static boolean looksLikeRegistry(String domain) {
        int dot = domain.lastIndexOf('.');
        if (dot < 0) {
            return true;
        }
        boolean country = domain.length() - dot - 1 == 2;
        return country && SECOND_LEVELS.contains(domain.substring(0, dot));
    }

    // ---------------------------------------------------------------- keeping

    private void put(Cookie cookie, Instant now) {
        long created = ++sequence;
        for (int i = 0; i < kept.size(); i++) {
            Cookie other = kept.get(i).cookie;
            if (other.name().equals(cookie.name())
                    && other.domain().equals(cookie.domain())
                    && other.path().equals(cookie.path())
                    && other.hostOnly() == cookie.hostOnly()) {
                created = kept.remove(i).created; // keeps its place (RFC 6265 5.3, step 11)
                break;
            }
        }
        if (cookie.isExpired(now)) {
            return;
        }
        Kept added = new Kept(cookie, created, ++sequence);
        int at = kept.size();
        while (at > 0 && kept.get(at - 1).created > created) {
            at--;
        }
        kept.add(at, added);
        if (kept.size() > Math.min(limit, domainLimit)) {
            kept.removeIf(each -> each.cookie.isExpired(now));
            evict(each -> each.cookie.domain().equals(cookie.domain()), domainLimit);
            evict(each -> true, limit);
        }
    }

    /** Takes out those that were used longest ago. */
    private void evict(Predicate<Kept> among, int most) {
        List<Kept> candidates = new ArrayList<>(kept.stream().filter(among).toList());
        candidates.sort(Comparator.comparingLong(each -> each.used));
        for (int i = 0; i < candidates.size() - most; i++) {
            kept.remove(candidates.get(i));
        }
    }

    /** Collects options; each method answers the builder itself. */
    public static final class Builder {
        private Predicate<String> publicSuffixes = CookieJar::looksLikeRegistry;
        private int limit = 3_000;
        private int domainLimit = 50;
        private int bytesLimit = 4_096;

        private Builder() {}

        /**
         * Sets who is a registry, below which names belong to different people.
         *
         * @param value given a domain in lower case, says whether it is one, {@code co.uk} for instance; may be called
         *     on any thread
         * @return this builder
         */
        public Builder publicSuffixes(Predicate<String> value) {
            publicSuffixes = Objects.requireNonNull(value, "publicSuffixes");
            return this;
        }

        /**
         * Sets how many cookies are kept; beyond that those go that were used longest ago.
         *
         * @param value at least 1; 3,000 by default (RFC 6265 §6.1)
         * @return this builder
         */
        public Builder limit(int value) {
            limit = positive("limit", value);
            return this;
        }

        /**
         * Sets how many cookies of one domain are kept.
         *
         * @param value at least 1; 50 by default (RFC 6265 §6.1)
         * @return this builder
         */
        public Builder domainLimit(int value) {
            domainLimit = positive("domainLimit", value);
            return this;
        }

        /**
         * Sets how long the value of a {@code Set-Cookie} may be; longer ones are ignored.
         *
         * @param value in characters, at least 1; 4,096 by default (RFC 6265 §6.1)
         * @return this builder
         */
        public Builder bytesLimit(int value) {
            bytesLimit = positive("bytesLimit", value);
            return this;
        }

        private static int positive(String name, int value) {
            if (value < 1) {
                throw new IllegalArgumentException(name + " must be at least 1: " + value);
            }
            return value;
        }

        /**
         * Makes the jar.
         *
         * @return a new, empty jar
         */
        public CookieJar build() {
            return new CookieJar(this);
        }
    }
}
