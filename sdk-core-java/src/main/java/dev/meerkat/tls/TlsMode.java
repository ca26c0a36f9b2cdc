package dev.meerkat.tls;

/** How much a client asks of TLS. */
public enum TlsMode {
    /** Nothing: plain text. There are no {@link TlsOptions} for it; connect to a {@code tcp://} address. */
    NONE,
    /** The server's certificate must be valid, from a trusted authority, and for the server's name. */
    VERIFY,
    /**
     * As {@link #VERIFY}, and besides exactly a self-signed leaf is accepted: a chain of one certificate that is signed
     * with its own key. It must still be valid in time, and for the server's name.
     *
     * <p>For development and for devices. It is no protection against an active attacker, who can make a self-signed
     * certificate, too. To trust one certificate and no other, give it as the authority:
     * {@link TlsTrust#authorities(java.nio.file.Path)}.
     */
    ALLOW_SELF_SIGNED
}
