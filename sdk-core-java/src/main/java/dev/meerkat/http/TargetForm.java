package dev.meerkat.http;

/** The four forms that the target of a request can have (RFC 9112 §3.2). */
public enum TargetForm {
    /** {@code /path?query}, the usual one. */
    ORIGIN,
    /** {@code http://host/path?query}, to a proxy; a server must understand it too. */
    ABSOLUTE,
    /** {@code host:port}, of CONNECT and nothing else. */
    AUTHORITY,
    /** {@code *}, of OPTIONS and nothing else: the server as a whole. */
    ASTERISK
}
