package dev.meerkat.http.filter;

import dev.meerkat.http.AccessRecord;
import dev.meerkat.http.Headers;
import dev.meerkat.http.Request;
import dev.meerkat.http.RequestHead;
import dev.meerkat.http.RouteMatch;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * How a line of an access log is written.
 *
 * <pre>{@code
 * HttpServerOptions.builder().accessLog(AccessLogFormat.COMBINED.to(System.out::println))
 * }</pre>
 *
 * <p>A line is one line and cannot forge another: quotation marks, backslashes and every byte that is not visible ASCII
 * are escaped. Who asked is what {@link ForwardedFields} says, if they say anything, else the peer of the connection;
 * the user is the one of {@link AuthenticatedUser}. Times are UTC.
 */
public enum AccessLogFormat {
    /** The common log format: {@code 192.0.2.1 - ann [21/Nov/2026:15:34:41 +0000] "GET / HTTP/1.1" 200 13}. */
    COMMON,
    /** The same, followed by {@code Referer} and {@code User-Agent} in quotation marks. */
    COMBINED,
    /**
     * An object of JSON: {@code time}, {@code peer}, {@code user}, {@code method}, {@code target}, {@code version},
     * {@code route}, {@code status}, {@code bytes}, {@code micros}, {@code complete}, {@code referer},
     * {@code userAgent}. What is not known is left out.
     */
    JSON;

    private static final DateTimeFormatter CLF_TIME = DateTimeFormatter.ofPattern(
                    "dd/MMM/yyyy:HH:mm:ss Z", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    /** The longest text of a field that a line holds; a target may have 8 KiB. */
    private static final int LONGEST = 2_048;

    /**
     * Writes a line.
     *
     * @param entry what to write
     * @return without line end
     */
    public String format(AccessRecord entry) {
        return this == JSON ? json(entry) : text(entry);
    }

    /**
     * Makes what {@link dev.meerkat.http.HttpServerOptions#accessLog} wants.
     *
     * @param lines is given each line, on the loop thread; is to return soon
     * @return writes and hands on
     */
    public Consumer<AccessRecord> to(Consumer<String> lines) {
        return entry -> lines.accept(format(entry));
    }

    private String text(AccessRecord entry) {
        StringBuilder line = new StringBuilder(128);
        line.append(peer(entry)).append(" - ");
        StringBuilder user = new StringBuilder();
        append(user, user(entry).orElse("-"), false);
        line.append(user.toString().replace(" ", "\\x20"));
        line.append(" [").append(CLF_TIME.format(entry.started())).append("] \"");
        entry.head()
                .ifPresentOrElse(
                        head -> {
                            append(line, head.method() + " " + head.target(), false);
                            line.append(' ').append(version(head));
                        },
                        () -> line.append('-'));
        line.append("\" ").append(entry.status()).append(' ');
        line.append(entry.bytes() == 0 ? "-" : Long.toString(entry.bytes()));
        if (this == COMBINED) {
            quoted(line, field(entry, "Referer"));
            quoted(line, field(entry, "User-Agent"));
        }
        return line.toString();
    }

    private static void quoted(StringBuilder line, Optional<String> value) {
        line.append(" \"");
        value.ifPresentOrElse(text -> append(line, text, false), () -> line.append('-'));
        line.append('"');
    }

    private static String json(AccessRecord entry) {
        StringBuilder line = new StringBuilder(256).append("{\"time\":\"").append(entry.started());
        line.append("\",\"peer\":\"").append(peer(entry)).append('"');
        member(line, "user", user(entry));
        member(line, "method", entry.head().map(RequestHead::method));
        member(line, "target", entry.head().map(RequestHead::target));
        member(line, "version", entry.head().map(AccessLogFormat::version));
        member(line, "route", attribute(entry, RouteMatch.class).map(RouteMatch::template));
        line.append(",\"status\":").append(entry.status()).append(",\"bytes\":").append(entry.bytes());
        line.append(",\"micros\":").append(entry.duration().toNanos() / 1_000);
        line.append(",\"complete\":").append(entry.complete());
        member(line, "referer", field(entry, "Referer"));
        member(line, "userAgent", field(entry, "User-Agent"));
        return line.append('}').toString();
    }

    private static void member(StringBuilder line, String name, Optional<String> value) {
        value.ifPresent(text -> {
            line.append(",\"").append(name).append("\":\"");
            append(line, text, true);
            line.append('"');
        });
    }

    private static void append(StringBuilder line, String text, boolean json) {
        int end = Math.min(text.length(), LONGEST);
        for (int i = 0; i < end; i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                line.append('\\').append(c);
            } else if (c >= ' ' && c <= '~') {
                line.append(c);
            } else if (json || c > 0xFF) {
                line.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                line.append(String.format(Locale.ROOT, "\\x%02x", (int) c));
            }
        }
        line.append(end < text.length() ? "..." : "");
    }

    private static String version(RequestHead head) {
        return switch (head.version()) {
            case HTTP_1_0 -> "HTTP/1.0";
            case HTTP_1_1 -> "HTTP/1.1";
        };
    }

    private static String peer(AccessRecord entry) {
        Optional<InetAddress> forwarded = attribute(entry, ForwardedPeer.class).flatMap(ForwardedPeer::address);
        SocketAddress peer = entry.peer();
        if (forwarded.isEmpty() && peer instanceof InetSocketAddress inet && inet.getAddress() != null) {
            forwarded = Optional.of(inet.getAddress());
        }
        return forwarded.map(InetAddress::getHostAddress).orElse("-");
    }

    private static Optional<String> user(AccessRecord entry) {
        return attribute(entry, AuthenticatedUser.class)
                .map(AuthenticatedUser::name)
                .filter(name -> !name.isEmpty());
    }

    private static Optional<String> field(AccessRecord entry, String name) {
        Optional<Headers> headers = entry.head().map(RequestHead::headers);
        return headers.flatMap(fields -> fields.first(name));
    }

    private static <T> Optional<T> attribute(AccessRecord entry, Class<T> type) {
        Optional<Request> request = entry.request();
        return request.flatMap(known -> known.attribute(type));
    }
}
