package dev.meerkat.internal.tls;

import dev.meerkat.tls.TlsSession;
import dev.meerkat.tls.TlsVersion;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/** Reads out of an engine what programs want to know of its session. */
final class TlsSessions {
    private TlsSessions() {}

    static TlsSession of(SSLEngine engine) {
        SSLSession session = engine.getSession();
        String protocol = engine.getApplicationProtocol();
        return new TlsSession(
                version(session.getProtocol()),
                session.getCipherSuite(),
                Optional.ofNullable(protocol).filter(name -> !name.isEmpty()),
                serverName(session),
                peerCertificates(session));
    }

    private static TlsVersion version(String jdkName) {
        for (TlsVersion version : TlsVersion.values()) {
            if (version.jdkName().equals(jdkName)) {
                return version;
            }
        }
        throw new IllegalStateException("expected a version of TLS that is spoken, found " + jdkName);
    }

    private static Optional<String> serverName(SSLSession session) {
        if (session instanceof ExtendedSSLSession extended) {
            for (SNIServerName name : extended.getRequestedServerNames()) {
                if (name instanceof SNIHostName host) {
                    return Optional.of(host.getAsciiName());
                }
            }
        }
        return Optional.empty();
    }

    private static List<X509Certificate> peerCertificates(SSLSession session) {
        List<X509Certificate> found = new ArrayList<>();
        try {
            for (Certificate certificate : session.getPeerCertificates()) {
                if (certificate instanceof X509Certificate x509) {
                    found.add(x509);
                }
            }
        } catch (SSLPeerUnverifiedException none) {
            // it has shown none
        }
        return found;
    }
}
