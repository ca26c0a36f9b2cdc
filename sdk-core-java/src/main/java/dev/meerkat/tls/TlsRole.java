package dev.meerkat.tls;

/** Which side of a TLS handshake an end plays. It need not be the side that connected. */
public enum TlsRole {
    /** It speaks first, names the server it wants and verifies its certificate. */
    CLIENT,
    /** It waits, and shows a certificate. */
    SERVER
}
