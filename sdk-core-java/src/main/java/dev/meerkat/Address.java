package dev.meerkat;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * Where to listen or to connect, written {@code [scheme://][host]:port}, just {@code port}, or {@code unix:path}. For
 * example
 *
 * <pre>{@code
 * Address.parse("8000");                       // tcp, every interface
 * Address.parse("udp://1.2.3.4:53").host();    // "1.2.3.4"
 * Address.parse("[::1]:80").literal();         // the IPv6 loopback address, without asking anybody
 * Address.parse("google.com:80").literal();    // empty: somebody has to look up the name
 * Address.parse("https://google.com").port();  // 443; http, https, ws and wss have a port of their own
 * Address.parse("unix:/run/app.sock").path();  // "/run/app.sock"
 * }</pre>
 *
 * <p>What follows {@code unix:} is the path as it is, without any escaping: absolute ({@code unix:/run/app.sock}, also
 * written {@code unix:///run/app.sock}) or relative to the directory in which the JVM was started
 * ({@code unix:app.sock}). A host that is called {@code unix} is written {@code tcp://unix:80}.
 *
 * <p>Against {@link java.net.InetSocketAddress}: it has a scheme, and making one never looks up a name.
 *
 * @param scheme a letter, then letters, digits, {@code +}, {@code -} and {@code .} (RFC 3986 §3.1), in lower case;
 *     {@code tcp} if the text names none
 * @param host an IPv4 address in four decimal numbers without leading zeros; an IPv6 address without brackets and zone,
 *     as RFC 5952 writes it; a name of letters, digits, hyphens and underscores in labels of at most 63 and altogether
 *     at most 253 characters (RFC 1123 §2.1), in lower case; or empty for every interface
 * @param port 0 to 65535
 * @param path the file of a Unix domain socket: not empty if the scheme is {@code unix}, then without control
 *     characters, not beginning with {@code @} and at most 106 bytes in UTF-8, the longest that the JDK takes on Linux
 *     (other systems take a few less and say so themselves); host and port are then empty and 0. Empty with every other
 *     scheme
 */
public record Address(String scheme, String host, int port, String path) {
    private static final String DEFAULT_SCHEME = "tcp";
    private static final String UNIX = "unix";

    /** 108 bytes of {@code sun_path}; the JDK keeps two. */
    private static final int MAX_PATH_BYTES = 106;

    private static final int HTTP_PORT = 80;
    private static final int HTTPS_PORT = 443;
    private static final int MAX_PORT = 65_535;
    private static final int MAX_PORT_DIGITS = 5;
    private static final int MAX_NAME_CHARACTERS = 253;
    private static final int MAX_LABEL_CHARACTERS = 63;

    /**
     * Checks the parts and brings them into the form described above.
     *
     * @throws MalformedAddressException if a part is not as described
     */
    public Address {
        String part = scheme;
        try {
            scheme = readScheme(scheme, 0, scheme.length());
            part = host;
            host = host.indexOf(':') >= 0 ? readIpv6(host, 0, host.length()) : readHost(host, 0, host.length());
            part = path;
            if (scheme.equals(UNIX)) {
                checkPath(path, 0);
            }
        } catch (GrammarException e) {
            throw new MalformedAddressException(
                    "malformed part " + GrammarException.quote(part) + " of an address: " + e.explain(part));
        }
        if (port < 0 || port > MAX_PORT) {
            throw new MalformedAddressException("expected a port from 0 to " + MAX_PORT + ", found " + port);
        }
        if (scheme.equals(UNIX) ? !host.isEmpty() || port != 0 : !path.isEmpty()) {
            throw new MalformedAddressException("expected either the scheme unix and a path, or another scheme with"
                    + " host and port; found scheme " + scheme + ", host " + GrammarException.quote(host) + ", port "
                    + port + ", path " + GrammarException.quote(path));
        }
    }

    /**
     * Makes an address that has no path.
     *
     * @param scheme as described above, and not {@code unix}
     * @param host as described above
     * @param port 0 to 65535
     * @throws MalformedAddressException if a part is not as described
     */
    public Address(String scheme, String host, int port) {
        this(scheme, host, port, "");
    }

    /**
     * Makes the address of a Unix domain socket.
     *
     * @param path the file, absolute or relative to the directory in which the JVM was started
     * @return the address {@code unix:path}
     * @throws MalformedAddressException if the path is not as described above
     */
    public static Address unix(String path) {
        return new Address(UNIX, "", 0, path);
    }

    /**
     * Reads an address. Spaces, signs and user names are not part of the grammar, nor paths but behind {@code unix:};
     * IPv6 addresses stand in brackets.
     *
     * @param text {@code [scheme://][host]:port}, digits only for the port, which {@code http}, {@code https},
     *     {@code ws} and {@code wss} may leave out with its colon; or {@code unix:path}
     * @return the address; its scheme is {@code tcp} if the text has none, its host empty if the text has none
     * @throws MalformedAddressException if the text does not follow the grammar; the message names the place, what was
     *     found there and what was expected
     */
    public static Address parse(String text) {
        try {
            return read(text);
        } catch (GrammarException e) {
            throw new MalformedAddressException(
                    "malformed address " + GrammarException.quote(text) + ": " + e.explain(text));
        }
    }

    /**
     * Checks that the scheme is one of several.
     *
     * @param supported the schemes that the caller understands, in lower case, at least one
     * @return this address
     * @throws MalformedAddressException if the scheme is none of them; the message names it and them
     */
    public Address requireScheme(String... supported) {
        if (!Arrays.asList(supported).contains(scheme)) {
            throw new MalformedAddressException("address \"" + this + "\": expected the scheme "
                    + String.join(" or ", supported) + ", found " + scheme
                    + (scheme.equals("udp") ? "; datagrams have calls of their own, listenUdp and connectUdp" : ""));
        }
        return this;
    }

    /**
     * The IP address, if the host is one. Never asks a name service.
     *
     * @return the address, where an IPv4-mapped IPv6 address counts as IPv4; empty if the host is a name or empty
     */
    public Optional<InetAddress> literal() {
        try {
            if (host.indexOf(':') >= 0) {
                return Optional.of(IpText.toInetAddress(IpText.parseIpv6(host, 0, host.length())));
            }
            if (endsInNumber(host, 0, host.length())) {
                return Optional.of(IpText.toInetAddress(IpText.parseIpv4(host, 0, host.length(), IpText.IPV4_BYTES)));
            }
            return Optional.empty();
        } catch (GrammarException e) {
            throw new AssertionError("checked when this address was made: " + host, e);
        }
    }

    /**
     * Tells whether listening here means listening on every interface.
     *
     * @return true if the host is empty, {@code 0.0.0.0} or {@code ::}; false for a Unix domain socket
     */
    public boolean isWildcard() {
        if (host.isEmpty()) {
            return !isUnix();
        }
        Optional<InetAddress> literal = literal();
        return literal.isPresent() && literal.get().isAnyLocalAddress();
    }

    /**
     * Tells whether this is the address of a Unix domain socket.
     *
     * @return whether the scheme is {@code unix}, hence whether there is a path
     */
    public boolean isUnix() {
        return scheme.equals(UNIX);
    }

    /**
     * Writes the address in its one canonical form, which {@link #parse} reads.
     *
     * @return {@code scheme://host:port}, an IPv6 host in brackets; or {@code unix:path}
     */
    @Override
    public String toString() {
        if (isUnix()) {
            return UNIX + (path.startsWith("//") ? "://" : ":") + path;
        }
        return scheme + "://" + (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }

    private static Address read(String text) throws GrammarException {
        if (text.regionMatches(true, 0, UNIX + ":", 0, UNIX.length() + 1)) {
            return unix(readPath(text, UNIX.length() + 1));
        }
        String scheme = DEFAULT_SCHEME;
        int start = 0;
        int separator = text.indexOf("://");
        if (separator >= 0) {
            scheme = readScheme(text, 0, separator);
            start = separator + 3;
        } else if (!text.isEmpty() && text.chars().allMatch(c -> IpText.isDigit((char) c))) {
            return new Address(scheme, "", readPort(text, 0));
        }
        if (text.startsWith("[", start)) {
            int close = text.indexOf(']', start);
            if (close < 0) {
                throw new GrammarException(text.length(), text.length(), "']' behind the IPv6 address");
            }
            String host = readIpv6(text, start + 1, close);
            return new Address(scheme, host, readPort(text, close + 1, scheme));
        }
        int colon = text.indexOf(':', start);
        int end = colon < 0 ? text.length() : colon;
        if (colon >= 0 && text.indexOf(':', colon + 1) >= 0) {
            throw new GrammarException(colon, text.length(), "':' only once, or brackets around an IPv6 address");
        }
        String host = readHost(text, start, end);
        return new Address(scheme, host, readPort(text, end, scheme));
    }

    /** The port behind a colon; or that of the scheme, if it has one and nothing follows the host. */
    private static int readPort(String text, int from, String scheme) throws GrammarException {
        if (text.startsWith(":", from)) {
            return readPort(text, from + 1);
        }
        int known = from == text.length() ? portOf(scheme) : -1;
        if (known < 0) {
            throw new GrammarException(from, from + 1, "':' and a port");
        }
        return known;
    }

    private static int portOf(String scheme) {
        return switch (scheme) {
            case "http", "ws" -> HTTP_PORT;
            case "https", "wss" -> HTTPS_PORT;
            default -> -1;
        };
    }

    private static int readPort(String text, int from) throws GrammarException {
        int port = 0;
        for (int i = from; i < text.length(); i++) {
            if (!IpText.isDigit(text.charAt(i))) {
                throw new GrammarException(i, i + 1, "a digit of the port");
            }
            // Longer ones are refused below; until then they only must not overflow.
            port = i - from < MAX_PORT_DIGITS ? 10 * port + text.charAt(i) - '0' : MAX_PORT + 1;
        }
        if (from == text.length() || port > MAX_PORT) {
            throw new GrammarException(from, text.length(), "a port from 0 to " + MAX_PORT);
        }
        return port;
    }

    /** A path as it is, or behind the empty authority of RFC 3986 §3.2. */
    private static String readPath(String text, int from) throws GrammarException {
        int start = text.startsWith("//", from) ? from + 2 : from;
        if (start > from && !text.startsWith("/", start)) {
            throw new GrammarException(start, text.length(), "'/' and the rest of an absolute path");
        }
        checkPath(text, start);
        return text.substring(start);
    }

    private static void checkPath(String text, int from) throws GrammarException {
        if (from == text.length()) {
            throw new GrammarException(from, from + 1, "a path");
        }
        if (text.charAt(from) == '@') {
            throw new GrammarException(
                    from,
                    text.length(),
                    "a path (the JDK has no abstract addresses; a file whose name begins with '@' is written \"./@\")");
        }
        for (int i = from; i < text.length(); i++) {
            if (Character.isISOControl(text.charAt(i))) {
                throw new GrammarException(i, i + 1, "a path without control characters");
            }
        }
        if (text.endsWith("/")) {
            throw new GrammarException(text.length(), text.length(), "the name of a file behind '/'");
        }
        int bytes = text.substring(from).getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MAX_PATH_BYTES) {
            throw new GrammarException(
                    from, text.length(), "a path of at most " + MAX_PATH_BYTES + " bytes, this one has " + bytes);
        }
    }

    private static String readScheme(String text, int from, int to) throws GrammarException {
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            if (!isLetter(c) && !IpText.isDigit(c) && c != '+' && c != '-' && c != '.') {
                throw new GrammarException(i, i + 1, "a letter, digit, '+', '-' or '.' of the scheme");
            }
        }
        if (from == to || !isLetter(text.charAt(from))) {
            throw new GrammarException(from, from + 1, "a scheme, which begins with a letter");
        }
        return text.substring(from, to).toLowerCase(Locale.ROOT);
    }

    private static String readIpv6(String text, int from, int to) throws GrammarException {
        return IpText.formatIpv6(IpText.parseIpv6(text, from, to));
    }

    private static String readHost(String text, int from, int to) throws GrammarException {
        if (from < to && endsInNumber(text, from, to)) {
            return IpText.formatIpv4(IpText.parseIpv4(text, from, to, IpText.IPV4_BYTES), 0);
        }
        checkName(text, from, to);
        return text.substring(from, to).toLowerCase(Locale.ROOT);
    }

    /**
     * Whether the last label is a number, decimal or hexadecimal: then the host is meant as an IPv4 address, and if it
     * is not one it is nothing. Some resolvers would read {@code 0x7f.1} or {@code 127.1} as the loopback address.
     */
    private static boolean endsInNumber(String text, int from, int to) {
        int end = to > from && text.charAt(to - 1) == '.' ? to - 1 : to;
        int start = Math.max(from, text.lastIndexOf('.', end - 1) + 1);
        boolean hexadecimal = text.regionMatches(true, start, "0x", 0, 2);
        for (int i = hexadecimal ? start + 2 : start; i < end; i++) {
            if (!(hexadecimal ? IpText.isHexDigit(text.charAt(i)) : IpText.isDigit(text.charAt(i)))) {
                return false;
            }
        }
        return start < end;
    }

    /** RFC 1123 §2.1; underscores because they are in use, a dot at the end because it says "do not search". */
    private static void checkName(String text, int from, int to) throws GrammarException {
        int label = from;
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            if (c == '.') {
                checkLabel(text, label, i);
                label = i + 1;
            } else if (!isLetter(c) && !IpText.isDigit(c) && c != '-' && c != '_') {
                boolean ascii = c < 0x80;
                throw new GrammarException(
                        i,
                        i + 1,
                        ascii
                                ? "a letter, digit, '-', '_' or '.' of the host"
                                : "a host in ASCII, or its \"xn--\" form");
            }
        }
        if (label < to) {
            checkLabel(text, label, to);
        }
        int length = label == to ? to - from - 1 : to - from;
        if (length > MAX_NAME_CHARACTERS) {
            throw new GrammarException(from, to, "a host of at most " + MAX_NAME_CHARACTERS + " characters");
        }
    }

    private static void checkLabel(String text, int from, int to) throws GrammarException {
        if (from == to) {
            throw new GrammarException(from, from + 1, "a letter or digit before '.'");
        }
        if (text.charAt(from) == '-') {
            throw new GrammarException(from, from + 1, "a letter or digit before '-'");
        }
        if (text.charAt(to - 1) == '-') {
            throw new GrammarException(to, to + 1, "a letter or digit behind '-'");
        }
        if (to - from > MAX_LABEL_CHARACTERS) {
            throw new GrammarException(from, to, "a label of at most " + MAX_LABEL_CHARACTERS + " characters");
        }
    }

    private static boolean isLetter(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }
}
