package dev.meerkat.tls;

import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What a handshake agreed on, and who the peer has proved to be. A value: any thread may read it, also when the
 * connection has ended.
 *
 * @param version the version of TLS
 * @param cipherSuite the cipher suite, by its standard name, for instance {@code TLS_AES_128_GCM_SHA256}
 * @param applicationProtocol the protocol that ALPN chose (RFC 7301); empty if there was no negotiation
 * @param serverName the server that the client asked for (SNI, RFC 6066 §3); empty if it asked for none
 * @param peerCertificates the peer's certificate and then those that vouch for it, as the peer sent them; empty if it
 *     sent none, which only a client may
 */
public record TlsSession(
        TlsVersion version,
        String cipherSuite,
        Optional<String> applicationProtocol,
        Optional<String> serverName,
        List<X509Certificate> peerCertificates) {
    // Copies the list.
    public TlsSession {
        Objects.requireNonNull(version, "version");
        Objects.requireNonNull(cipherSuite, "cipherSuite");
        Objects.requireNonNull(applicationProtocol, "applicationProtocol");
        Objects.requireNonNull(serverName, "serverName");
        peerCertificates = List.copyOf(peerCertificates);
    }
}
