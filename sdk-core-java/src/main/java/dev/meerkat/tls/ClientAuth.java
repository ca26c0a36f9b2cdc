package dev.meerkat.tls;

/** Whether a server asks its clients for a certificate (mutual TLS). */
public enum ClientAuth {
    /** It does not ask. */
    NONE,
    /** It asks; a client without a certificate is let in, one with a certificate that is not trusted is not. */
    WANTED,
    /** It asks; a client without a certificate that is trusted is not let in. */
    REQUIRED
}
