package dev.meerkat.http.client;

import dev.meerkat.Address;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Who stands between a client and the servers. Immutable. Names of servers are looked up by the proxy, not here.
 *
 * @param kind how it is spoken to
 * @param host its name or address
 * @param port its port
 * @param credentials who we are; null if it does not ask
 */
public record ClientProxy(
        Kind kind, String host, int port, @Nullable Credentials credentials) {
    /** How a proxy is spoken to. */
    public enum Kind {
        /** HTTP: absolute targets for {@code http}, CONNECT for {@code https} (RFC 9110 §7.6, §9.3.6). */
        HTTP,
        /** SOCKS 5 (RFC 1928), for both schemes. */
        SOCKS5
    }

    /**
     * User and password: of the scheme Basic for an HTTP proxy (RFC 7617), of RFC 1929 for SOCKS. Both go in clear.
     *
     * @param user 1 to 255 bytes in UTF-8, without a colon
     * @param password 0 to 255 bytes in UTF-8; for SOCKS 1 at least
     */
    public record Credentials(String user, String password) {
        private static final int MAX_BYTES = 255;

        // Checks lengths and characters.
        public Credentials {
            requireLength("user", user, 1);
            requireLength("password", password, 0);
            if (user.indexOf(':') >= 0) {
                throw new IllegalArgumentException("a user name has no colon (RFC 7617 2)");
            }
        }

        private static void requireLength(String what, String text, int least) {
            int length = text.getBytes(StandardCharsets.UTF_8).length;
            if (length < least || length > MAX_BYTES || text.chars().anyMatch(c -> c < 0x20 || c == 0x7F)) {
                throw new IllegalArgumentException(what + " must be " + least + " to " + MAX_BYTES
                        + " bytes in UTF-8 without control characters, found " + length + " bytes");
            }
        }

        /** Names the user alone. */
        @Override
        public String toString() {
            return "Credentials[" + user + "]";
        }
    }

    // Rejects missing parts.
    public ClientProxy {
        Objects.requireNonNull(kind, "kind");
        Address address = new Address("tcp", host, port);
        host = address.host();
        if (host.isEmpty() || port == 0) {
            throw new IllegalArgumentException("expected host:port of a proxy, found " + host + ":" + port);
        }
        if (kind == Kind.SOCKS5 && credentials != null && credentials.password().isEmpty()) {
            throw new IllegalArgumentException("a password for SOCKS has one byte at least (RFC 1929 2)");
        }
    }

    /**
     * An HTTP proxy.
     *
     * @param address {@code host:port}
     * @return the proxy
     * @throws dev.meerkat.MalformedAddressException if the address does not follow the grammar
     */
    public static ClientProxy http(String address) {
        Address parsed = Address.parse(address).requireScheme("tcp", "http");
        return new ClientProxy(Kind.HTTP, parsed.host(), parsed.port(), null);
    }

    /**
     * A SOCKS 5 proxy.
     *
     * @param address {@code host:port}
     * @return the proxy
     * @throws dev.meerkat.MalformedAddressException if the address does not follow the grammar
     */
    public static ClientProxy socks5(String address) {
        Address parsed = Address.parse(address).requireScheme("tcp", "socks5");
        return new ClientProxy(Kind.SOCKS5, parsed.host(), parsed.port(), null);
    }

    /**
     * The same with credentials. They are sent to the proxy only, never to a server.
     *
     * @param user as of {@link Credentials}
     * @param password as of {@link Credentials}
     * @return the proxy
     * @throws IllegalArgumentException if one of them is otherwise
     */
    public ClientProxy withCredentials(String user, String password) {
        return new ClientProxy(kind, host, port, new Credentials(user, password));
    }
}
