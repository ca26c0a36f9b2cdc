package dev.meerkat.testkit.manager;

import dev.meerkat.Connection;
import dev.meerkat.Handler;
import dev.meerkat.event.Event;
import dev.meerkat.event.TcpEvent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Reads requests as text and answers as a test says, byte for byte, be it HTTP or not. */
class CannedServer implements Handler {
    /** What to do about a request. */
    @FunctionalInterface
    interface Answer {
        void to(Connection connection, String request);
    }

    private final Answer answer;
    private final List<String> requests = new ArrayList<>();
    private final List<Connection> connections = new ArrayList<>();
    private final Map<Connection, StringBuilder> unread = new HashMap<>();
    private int open;
    private int mostOpen;

    CannedServer(Answer answer) {
        this.answer = answer;
    }

    /** Answers every request with 200 and a text. */
    static CannedServer text(String body) {
        return new CannedServer((connection, request) -> connection.send(ok(body)));
    }

    static String ok(String body) {
        return "HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
    }

    /** The requests in their order, with their bodies. */
    List<String> requests() {
        return requests;
    }

    /** The accepted connections in their order. */
    List<Connection> connections() {
        return connections;
    }

    /** What came on the first connection and is no whole request. */
    String unread() {
        return connections.isEmpty() || unread.get(connections.get(0)) == null
                ? ""
                : unread.get(connections.get(0)).toString();
    }

    int mostOpen() {
        return mostOpen;
    }

    int open() {
        return open;
    }

    /** The value of a field of a request; empty if there is none. */
    static String field(String request, String name) {
        for (String line : request.substring(0, request.indexOf("\r\n\r\n")).split("\r\n")) {
            if (line.toLowerCase(Locale.ROOT).startsWith(name.toLowerCase(Locale.ROOT) + ":")) {
                return line.substring(name.length() + 1).strip();
            }
        }
        return "";
    }

    @Override
    public void onEvent(Connection connection, Event event) {
        if (event instanceof TcpEvent.Opened) {
            connections.add(connection);
            mostOpen = Math.max(mostOpen, ++open);
        } else if (event instanceof TcpEvent.Closed) {
            open--;
        } else if (event instanceof TcpEvent.Received received) {
            StringBuilder text = unread.computeIfAbsent(connection, any -> new StringBuilder());
            text.append(new String(received.buffer().takeArray(received.buffer().size()), StandardCharsets.ISO_8859_1));
            for (int end = endOf(text.toString()); end > 0; end = endOf(text.toString())) {
                String request = text.substring(0, end);
                text.delete(0, end);
                requests.add(request);
                answer.to(connection, request);
            }
        }
    }

    private static int endOf(String text) {
        int head = text.indexOf("\r\n\r\n");
        if (head < 0) {
            return -1;
        }
        int body = head + 4;
        String length = field(text, "Content-Length");
        boolean waits = !field(text, "Expect").isEmpty();
        if (!length.isEmpty()) {
            int end = body + Integer.parseInt(length);
            return waits ? body : end <= text.length() ? end : -1;
        }
        if (field(text, "Transfer-Encoding").equals("chunked") && !waits) {
            int last = text.indexOf("0\r\n\r\n", body);
            return last < 0 ? -1 : last + 5;
        }
        return body;
    }
}
