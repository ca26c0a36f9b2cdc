package dev.meerkat.internal.http;

import dev.meerkat.EventManager;
import dev.meerkat.http.HttpDate;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoField;

/**
 * What a server adds to every head behind the fields of the response, made once a second: {@code Server}, {@code Date},
 * {@code Connection} and the empty line.
 */
final class ServerDate {
    private static final long SECOND = 1_000_000_000L;

    private final EventManager manager;
    private final String server;
    private final boolean date;

    private long validUntilNanos;
    private byte[] plain = {};
    private byte[] keepAlive = {};
    private byte[] close = {};

    ServerDate(EventManager manager, String serverName, boolean date) {
        this.manager = manager;
        this.server = serverName.isEmpty() ? "" : "Server: " + serverName + "\r\n";
        this.date = date;
        refresh(manager.nanoTime());
    }

    private void refresh(long now) {
        String fields = server;
        if (date) {
            Instant wall = manager.wallTime();
            validUntilNanos = Nanos.after(now, SECOND - wall.get(ChronoField.NANO_OF_SECOND));
            fields += "Date: " + HttpDate.format(wall) + "\r\n";
        } else {
            validUntilNanos = Nanos.NEVER;
        }
        plain = ascii(fields + "\r\n");
        keepAlive = ascii(fields + "Connection: keep-alive\r\n\r\n");
        close = ascii(fields + "Connection: close\r\n\r\n");
    }

    /** Says what time it is. */
    void look(long now) {
        if (now >= validUntilNanos) {
            refresh(now);
        }
    }

    /** The end of a head, for a connection that goes on as it does by default. */
    byte[] plain() {
        return plain;
    }

    /** The same for one that goes on although that is not its default, as with HTTP/1.0. */
    byte[] keepAlive() {
        return keepAlive;
    }

    /** The same for one that ends behind this response. */
    byte[] close() {
        return close;
    }

    /**
     * The same for a response that brings some of it itself.
     *
     * @param connection the value of Connection, or empty for none
     */
    byte[] without(boolean hasServer, boolean hasDate, String connection) {
        String fields = hasServer ? "" : server;
        if (date && !hasDate) {
            fields += "Date: " + HttpDate.format(manager.wallTime()) + "\r\n";
        }
        return ascii(fields + (connection.isEmpty() ? "" : "Connection: " + connection + "\r\n") + "\r\n");
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
