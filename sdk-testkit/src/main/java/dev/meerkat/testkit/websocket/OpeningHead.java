package dev.meerkat.testkit.websocket;

import dev.meerkat.testkit.StreamEnd;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * What a peer has said in the opening handshake, written by hand (RFC 6455 §4).
 *
 * @param startLine the request line or the status line
 * @param fields by names in lower case
 */
record OpeningHead(String startLine, Map<String, String> fields) {
    static final OpeningHead NONE = new OpeningHead("", Collections.emptyMap());

    /** The key of RFC 6455 §1.3, so that bytes repeat. */
    private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";

    private static final int KEY_BYTES = 16;
    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    static String request(String authority, String target, String... fields) {
        return "GET " + target + " HTTP/1.1\r\nHost: " + authority + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + KEY + "\r\n" + lines(fields) + "\r\n";
    }

    String answer(String... more) {
        return "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Accept: " + accept(field("sec-websocket-key")) + "\r\n" + lines(more) + "\r\n";
    }

    private static String lines(String... fields) {
        StringBuilder lines = new StringBuilder();
        for (String field : fields) {
            lines.append(field).append("\r\n");
        }
        return lines.toString();
    }

    static OpeningHead readAnswer(StreamEnd stream) {
        OpeningHead head = read(stream);
        if (!head.startLine.startsWith("HTTP/1.1 101")) {
            throw stream.failure("expected the answer 101 to the handshake, but found " + head);
        }
        head.require(stream, "upgrade", "websocket");
        head.require(stream, "connection", "upgrade");
        if (!head.field("sec-websocket-accept").equals(accept(KEY))) {
            throw stream.failure("expected Sec-WebSocket-Accept: " + accept(KEY) + ", but found " + head);
        }
        return head;
    }

    static OpeningHead readRequest(StreamEnd stream) {
        OpeningHead head = read(stream);
        if (!head.startLine.startsWith("GET ") || !head.startLine.endsWith(" HTTP/1.1")) {
            throw stream.failure("expected a request for a WebSocket, but found " + head);
        }
        head.require(stream, "upgrade", "websocket");
        head.require(stream, "connection", "upgrade");
        head.require(stream, "sec-websocket-version", "13");
        if (head.field("host").isEmpty() || !isKey(head.field("sec-websocket-key"))) {
            throw stream.failure("expected a host, and a key of 16 bytes in base64, but found " + head);
        }
        return head;
    }

    private static OpeningHead read(StreamEnd stream) {
        String first = stream.receiveLine();
        Map<String, String> fields = new LinkedHashMap<>();
        for (String line = stream.receiveLine(); !line.isEmpty(); line = stream.receiveLine()) {
            int colon = line.indexOf(':');
            if (colon < 1) {
                throw stream.failure("expected a field of a head, but found the line \"" + line + '"');
            }
            fields.merge(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip(),
                    (before, next) -> before + ", " + next);
        }
        return new OpeningHead(first, fields);
    }

    private String field(String name) {
        return fields.getOrDefault(name, "");
    }

    private void require(StreamEnd stream, String name, String token) {
        for (String each : field(name).split(",", -1)) {
            if (each.strip().equalsIgnoreCase(token)) {
                return;
            }
        }
        throw stream.failure("expected the field " + name + ": " + token + ", but found " + this);
    }

    private static boolean isKey(String value) {
        try {
            return Base64.getDecoder().decode(value).length == KEY_BYTES;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static String accept(String key) {
        try {
            byte[] text = (key + GUID).getBytes(StandardCharsets.US_ASCII);
            return Base64.getEncoder()
                    .encodeToString(MessageDigest.getInstance("SHA-1").digest(text));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("\"" + startLine + '"');
        fields.forEach(
                (name, value) -> text.append("\n  ").append(name).append(": ").append(value));
        return text.toString();
    }
}
