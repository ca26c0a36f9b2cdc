package dev.meerkat.testkit.tls;

import dev.meerkat.testkit.internal.DerWriter;
import dev.meerkat.tls.TlsOptions;
import java.io.ByteArrayInputStream;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;

/** Servers that show what no {@link dev.meerkat.tls.TlsIdentity} may be. */
final class Chains {
    private static final String ALIAS = "only";

    private Chains() {}

    /** A server that shows this chain, whatever it is. */
    static TlsOptions server(PrivateKey key, List<X509Certificate> chain) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(new KeyManager[] {new Fixed(key, chain)}, null, null);
            return TlsOptions.of(context);
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    /** The body of the one certificate with the signature of another of the same size. */
    static X509Certificate withSignatureOf(X509Certificate body, X509Certificate signature) {
        try {
            byte[] algorithm = DerWriter.sequence(DerWriter.oid(body.getSigAlgOID()));
            byte[] whole = DerWriter.sequence(
                    body.getTBSCertificate(), algorithm, DerWriter.bits(0, signature.getSignature()));
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(whole));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static final class Fixed extends X509ExtendedKeyManager {
        private final PrivateKey key;
        private final List<X509Certificate> chain;

        Fixed(PrivateKey key, List<X509Certificate> chain) {
            this.key = key;
            this.chain = chain;
        }

        @Override
        public String chooseEngineServerAlias(String keyType, Principal[] issuers, SSLEngine engine) {
            return chain.get(0).getPublicKey().getAlgorithm().equals(keyType) ? ALIAS : null;
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return chain.toArray(X509Certificate[]::new);
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return key;
        }

        @Override
        public String[] getClientAliases(String keyType, Principal[] issuers) {
            return null;
        }

        @Override
        public String chooseClientAlias(String[] keyType, Principal[] issuers, Socket socket) {
            return null;
        }

        @Override
        public String[] getServerAliases(String keyType, Principal[] issuers) {
            return null;
        }

        @Override
        public String chooseServerAlias(String keyType, Principal[] issuers, Socket socket) {
            return null;
        }
    }
}
