package dev.meerkat.http;

/** The versions of HTTP that a message on a connection of ours may have (RFC 9112 §2.3). */
public enum HttpVersion {
    /** HTTP/1.0: no chunks, and a connection ends after one exchange unless both sides say keep-alive. */
    HTTP_1_0("HTTP/1.0"),
    /** HTTP/1.1: a connection goes on unless somebody says close. A higher minor version is read as this one. */
    HTTP_1_1("HTTP/1.1");

    private final String text;

    HttpVersion(String text) {
        this.text = text;
    }

    /** The version as it stands in a start line, {@code HTTP/1.1} for instance. */
    @Override
    public String toString() {
        return text;
    }
}
