package dev.meerkat.tls;

import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;

/**
 * Whom we trust: the authorities that a peer's certificate must come from.
 *
 * <p>Whoever they are, the certificate must be valid at the time of the manager's wall clock and meant for its purpose,
 * and a server's must be for its name. Lists of revoked certificates are not asked; to stop trusting one, replace its
 * authority ({@link Reloadable}).
 *
 * <p>Immutable.
 */
public final class TlsTrust {
    /**
     * The authorities of the JDK: its {@code cacerts}, or what the system property {@code javax.net.ssl.trustStore}
     * names. Read once, when the first certificate is to be judged.
     */
    public static final TlsTrust JDK = new TlsTrust(List.of(), false);

    private final List<X509Certificate> authorities;
    private final boolean allowsSelfSigned;

    private TlsTrust(List<X509Certificate> authorities, boolean allowsSelfSigned) {
        this.authorities = authorities;
        this.allowsSelfSigned = allowsSelfSigned;
    }

    /**
     * Trusts the certificates of a PEM file and no others. A certificate that is no authority is pinned: a peer must
     * show exactly it.
     *
     * @param file the file; see {@link Pem}
     * @return the trust
     * @throws java.io.UncheckedIOException if the file cannot be read
     * @throws MalformedPemException if a block is wrong, or there is no certificate
     */
    public static TlsTrust authorities(Path file) {
        return authorities(Pem.read(file));
    }

    /**
     * Trusts the certificates of a PEM text and no others. A certificate that is no authority is pinned: a peer must
     * show exactly it.
     *
     * @param pem the text
     * @return the trust
     * @throws MalformedPemException if there is no certificate
     */
    public static TlsTrust authorities(Pem pem) {
        if (pem.certificates().isEmpty()) {
            throw new MalformedPemException(pem.source() + ": holds no certificate; expected those of the authorities");
        }
        return authorities(pem.certificates());
    }

    /**
     * Trusts these certificates and no others. A certificate that is no authority is pinned: a peer must show exactly
     * it.
     *
     * @param authorities the certificates, 1 to {@link Pem#MAX_BLOCKS}
     * @return the trust
     */
    public static TlsTrust authorities(Collection<X509Certificate> authorities) {
        List<X509Certificate> copy = List.copyOf(authorities);
        if (copy.isEmpty() || copy.size() > Pem.MAX_BLOCKS) {
            throw new IllegalArgumentException("expected 1 to " + Pem.MAX_BLOCKS + " authorities: " + copy.size());
        }
        return new TlsTrust(copy, false);
    }

    /**
     * Also accepts, from a server, exactly a self-signed leaf; see {@link TlsMode#ALLOW_SELF_SIGNED}, and what it warns
     * of.
     *
     * @return the same authorities, and self-signed servers
     */
    public TlsTrust allowSelfSigned() {
        return new TlsTrust(authorities, true);
    }

    /**
     * The authorities.
     *
     * @return their certificates; empty for those of the JDK
     */
    public List<X509Certificate> authorities() {
        return authorities;
    }

    /**
     * Whether a self-signed server is accepted.
     *
     * @return whether it is
     */
    public boolean allowsSelfSigned() {
        return allowsSelfSigned;
    }

    @Override
    public String toString() {
        return (authorities.isEmpty() ? "the JDK's authorities" : authorities.size() + " authorities")
                + (allowsSelfSigned ? " and self-signed servers" : "");
    }
}
