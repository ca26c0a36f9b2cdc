package dev.meerkat.internal.ws;

import dev.meerkat.http.Request;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** From where scripts may come (RFC 6455 §10.2). Any thread. */
public final class Origins {
    /** Compared as a whole; null for everywhere. */
    private final @Nullable Set<String> named;

    private final boolean own;

    /**
     * Makes a rule.
     *
     * @param named those that are named, or null if none was
     * @param own whether scripts of the server's own pages may come
     */
    public Origins(@Nullable Set<String> named, boolean own) {
        this.named = named;
        this.own = own;
    }

    /**
     * Tells whether a handshake may go on.
     *
     * @param request the handshake
     * @return false if it comes from a page that is not let in
     */
    boolean admit(Request request) {
        List<String> sent = request.head().headers().all("Origin");
        if ((named == null && !own) || sent.isEmpty()) {
            return true;
        }
        if (sent.size() > 1) {
            return false;
        }
        String origin = sent.get(0);
        List<String> hosts = request.head().headers().all("Host");
        boolean secure = request.connection().tlsSession().isPresent();
        return isNamed(origin) || (own && hosts.size() == 1 && isSame(origin, hosts.get(0), secure));
    }

    private boolean isNamed(String origin) {
        return named != null && named.stream().anyMatch(each -> each.equalsIgnoreCase(origin));
    }

    /**
     * Tells whether a page comes from the server that it calls: scheme, host and port are the same (RFC 6454 §5).
     *
     * @param origin as the browser has written it (RFC 6454 §6.2)
     * @param host the Host field
     * @param secure whether the connection is under TLS
     * @return whether they are
     */
    static boolean isSame(String origin, String host, boolean secure) {
        String scheme = secure ? "https://" : "http://";
        return !host.isEmpty()
                && origin.regionMatches(true, 0, scheme, 0, scheme.length())
                && place(origin.substring(scheme.length()), secure).equals(place(host, secure));
    }

    /** Host and port, without a port that goes without saying. */
    private static String place(String authority, boolean secure) {
        String lower = authority.toLowerCase(Locale.ROOT);
        String usual = secure ? ":443" : ":80";
        return lower.endsWith(usual) && !lower.equals(usual)
                ? lower.substring(0, lower.length() - usual.length())
                : lower;
    }
}
