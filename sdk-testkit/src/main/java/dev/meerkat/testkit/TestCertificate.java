package dev.meerkat.testkit;

import dev.meerkat.tls.TlsIdentity;
import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;

/** A certificate of a {@link TestCa}, and its private key. Immutable; to be used in tests and nowhere else. */
public final class TestCertificate {
    private static final Base64.Encoder BASE64 = Base64.getMimeEncoder(64, new byte[] {'\n'});

    private final PrivateKey key;
    private final List<X509Certificate> chain;

    TestCertificate(PrivateKey key, List<X509Certificate> chain) {
        this.key = key;
        this.chain = List.copyOf(chain);
    }

    /**
     * The certificate.
     *
     * @return the certificate
     */
    public X509Certificate certificate() {
        return chain.get(0);
    }

    /**
     * The chain that a server sends.
     *
     * @return the certificate, and those between it and the root, which is not among them
     */
    public List<X509Certificate> chain() {
        return chain;
    }

    /**
     * The private key.
     *
     * @return the key
     */
    public PrivateKey key() {
        return key;
    }

    /**
     * What {@link dev.meerkat.tls.TlsOptions} take.
     *
     * @return chain and key
     */
    public TlsIdentity identity() {
        return TlsIdentity.of(key, chain);
    }

    /**
     * Chain and key as PEM text.
     *
     * @return the text; the key is PKCS#8 and not encrypted
     */
    public String pem() {
        return chainPem() + keyPem();
    }

    /**
     * The chain as PEM text.
     *
     * @return the text
     */
    public String chainPem() {
        StringBuilder text = new StringBuilder();
        for (X509Certificate certificate : chain) {
            text.append(pem(certificate));
        }
        return text.toString();
    }

    /**
     * The private key as PEM text.
     *
     * @return the text: PKCS#8, not encrypted
     */
    public String keyPem() {
        return pem("PRIVATE KEY", key.getEncoded());
    }

    static String pem(X509Certificate certificate) {
        try {
            return pem("CERTIFICATE", certificate.getEncoded());
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException(e); // it was made from its bytes
        }
    }

    private static String pem(String label, byte[] der) {
        String base64 = new String(BASE64.encode(der), StandardCharsets.US_ASCII);
        return "-----BEGIN " + label + "-----\n" + base64 + "\n-----END " + label + "-----\n";
    }

    /** Says for whom it is, but no secret. */
    @Override
    public String toString() {
        return "TestCertificate(" + certificate().getSubjectX500Principal() + ")";
    }
}
