package dev.meerkat.tls;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/** Checks that certificates follow one another, and says what is wrong in the words of the file. */
final class PemChains {
    private PemChains() {}

    /** Whether the one certificate was signed with the key of the other. */
    static boolean isIssuer(X509Certificate issuer, X509Certificate certificate) {
        if (!issuer.getSubjectX500Principal().equals(certificate.getIssuerX500Principal())) {
            return false;
        }
        try {
            certificate.verify(issuer.getPublicKey());
            return true;
        } catch (GeneralSecurityException notSignedByIt) {
            return false;
        }
    }

    /** Checks that each certifies the one before. */
    static void check(List<Pem.Certified> chain) {
        if (chain.size() > TlsIdentity.MAX_CHAIN) {
            throw chain.get(TlsIdentity.MAX_CHAIN)
                    .block()
                    .malformed("is one certificate too many; a chain has at most " + TlsIdentity.MAX_CHAIN);
        }
        for (int i = 1; i < chain.size(); i++) {
            X509Certificate before = chain.get(i - 1).certificate();
            X509Certificate certificate = chain.get(i).certificate();
            if (!isIssuer(certificate, before)) {
                String found = certificate.equals(before)
                        ? "the same certificate again"
                        : "that of " + certificate.getSubjectX500Principal();
                throw chain.get(i)
                        .block()
                        .malformed("the chain is out of order: expected the certificate of "
                                + before.getIssuerX500Principal() + ", which issued block "
                                + chain.get(i - 1).block().number() + ", found " + found);
            }
        }
    }

    static MalformedPemException doesNotFit(PemBlock keyBlock, PrivateKey key, Pem.Certified leaf) {
        String kind = leaf.certificate().getPublicKey().getAlgorithm();
        String found = key.getAlgorithm().equals(kind) ? "another one" : "one for " + key.getAlgorithm();
        return keyBlock.malformed("does not fit the certificate of "
                + leaf.certificate().getSubjectX500Principal() + " ("
                + leaf.block().place() + "): expected its " + kind
                + " key, found " + found);
    }
}
