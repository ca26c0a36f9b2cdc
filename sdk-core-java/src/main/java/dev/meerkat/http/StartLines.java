package dev.meerkat.http;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The parts of start lines that are always the same. */
final class StartLines {
    private static final byte[] HTTP_1_0 = "HTTP/1.0".getBytes(StandardCharsets.ISO_8859_1);
    private static final byte[] HTTP_1_1 = "HTTP/1.1".getBytes(StandardCharsets.ISO_8859_1);

    /** By status minus 100, null where there is none; read only. */
    private static final byte[][] REASONS = new byte[500][];

    static {
        reasons(100, "Continue", "Switching Protocols", "Processing", "Early Hints");
        reasons(200, "OK", "Created", "Accepted", "Non-Authoritative Information", "No Content", "Reset Content");
        reasons(206, "Partial Content", "Multi-Status", "Already Reported");
        reasons(226, "IM Used");
        reasons(300, "Multiple Choices", "Moved Permanently", "Found", "See Other", "Not Modified", "Use Proxy");
        reasons(307, "Temporary Redirect", "Permanent Redirect");
        reasons(400, "Bad Request", "Unauthorized", "Payment Required", "Forbidden", "Not Found");
        reasons(405, "Method Not Allowed", "Not Acceptable", "Proxy Authentication Required", "Request Timeout");
        reasons(409, "Conflict", "Gone", "Length Required", "Precondition Failed", "Content Too Large");
        reasons(414, "URI Too Long", "Unsupported Media Type", "Range Not Satisfiable", "Expectation Failed");
        reasons(421, "Misdirected Request", "Unprocessable Content", "Locked", "Failed Dependency", "Too Early");
        reasons(426, "Upgrade Required");
        reasons(428, "Precondition Required", "Too Many Requests");
        reasons(431, "Request Header Fields Too Large");
        reasons(451, "Unavailable For Legal Reasons");
        reasons(500, "Internal Server Error", "Not Implemented", "Bad Gateway", "Service Unavailable");
        reasons(504, "Gateway Timeout", "HTTP Version Not Supported", "Variant Also Negotiates");
        reasons(507, "Insufficient Storage", "Loop Detected");
        reasons(511, "Network Authentication Required");
    }

    private StartLines() {}

    private static void reasons(int first, String... texts) {
        for (int i = 0; i < texts.length; i++) {
            REASONS[first - 100 + i] = texts[i].getBytes(StandardCharsets.ISO_8859_1);
        }
    }

    private static byte[] usual(int status) {
        byte[] known = status < 100 || status > 599 ? null : REASONS[status - 100];
        return known == null ? new byte[0] : known;
    }

    static String reasonOf(int status) {
        byte[] usual = usual(status);
        return Grammar.text(usual, 0, usual.length);
    }

    /** The bytes of a reason; those of the usual one are shared. */
    static byte[] reasonBytes(int status, String reason) {
        byte[] usual = usual(status);
        if (usual.length == reason.length()
                && Grammar.text(usual, 0, usual.length).equals(reason)) {
            return usual;
        }
        String checked = FieldText.requireValue("reason", reason);
        byte[] bytes = new byte[checked.length()];
        FieldText.put(checked, bytes, 0);
        return bytes;
    }

    static void putVersion(HttpVersion version, ByteBuffer to) {
        to.put(version == HttpVersion.HTTP_1_1 ? HTTP_1_1 : HTTP_1_0);
    }
}
