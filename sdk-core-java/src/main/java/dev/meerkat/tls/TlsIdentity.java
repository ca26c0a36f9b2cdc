package dev.meerkat.tls;

import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Who we are: a private key, its certificate, and the certificates between that and an authority.
 *
 * <p>Immutable.
 */
public final class TlsIdentity {
    /** The most certificates of a chain, 10: the most that the JDK accepts from a server by default. */
    public static final int MAX_CHAIN = 10;

    private static final byte[] PROBE = {'M', 'e', 'e', 'r', 'k', 'a', 't'};

    private static final PSSParameterSpec PSS_WITH_SHA_256 =
            new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 32, 1);

    private final PrivateKey key;
    private final List<X509Certificate> chain;
    private final List<String> names;

    private final List<String> warnings;

    private TlsIdentity(PrivateKey key, List<X509Certificate> chain, List<String> warnings) {
        this.key = key;
        this.warnings = List.copyOf(warnings);
        this.chain = List.copyOf(chain);
        this.names = CertificateNames.of(chain.get(0)).hostNames();
    }

    /**
     * Reads a file that holds both chain and key. Blocks until it is read.
     *
     * @param chainAndKey a PEM file, see {@link Pem}: our certificate first, then each one that certifies the one
     *     before; the key stands anywhere. The authority itself may be left out
     * @return the identity
     * @throws java.io.UncheckedIOException if the file cannot be read
     * @throws MalformedPemException if a block is wrong, something is missing, the key does not fit the certificate, or
     *     the chain is out of order
     */
    public static TlsIdentity of(Path chainAndKey) {
        return of(Pem.read(chainAndKey));
    }

    /**
     * Reads a file that holds the chain and one that holds the key. Blocks until they are read.
     *
     * @param chain a PEM file, see {@link #of(Path)}; a key in it is not used
     * @param key a PEM file; certificates in it are not used
     * @return the identity
     * @throws java.io.UncheckedIOException if a file cannot be read
     * @throws MalformedPemException if a block is wrong, something is missing, the key does not fit the certificate, or
     *     the chain is out of order
     */
    public static TlsIdentity of(Path chain, Path key) {
        return of(Pem.read(chain), Pem.read(key));
    }

    /**
     * Takes chain and key from one text. An encrypted key is decrypted first:
     * {@code TlsIdentity.of(Pem.read(file).decrypt(password))}.
     *
     * @param chainAndKey the text, see {@link #of(Path)}
     * @return the identity
     * @throws MalformedPemException if something is missing, the key is still encrypted or does not fit the
     *     certificate, or the chain is out of order
     */
    public static TlsIdentity of(Pem chainAndKey) {
        return of(chainAndKey, chainAndKey);
    }

    /**
     * Takes the chain from one text and the key from another.
     *
     * @param chain the text with the chain, see {@link #of(Path)}
     * @param key the text with the key
     * @return the identity
     * @throws MalformedPemException if something is missing, the key is still encrypted or does not fit the
     *     certificate, or the chain is out of order
     */
    public static TlsIdentity of(Pem chain, Pem key) {
        PrivateKey found = key.privateKey()
                .orElseThrow(() -> new MalformedPemException(key.source()
                        + ": holds no private key; expected \"-----BEGIN PRIVATE KEY-----\" or one of its kin"));
        List<Pem.Certified> certified = chain.certified();
        if (certified.isEmpty()) {
            throw new MalformedPemException(
                    chain.source() + ": holds no certificate; expected \"-----BEGIN CERTIFICATE-----\"");
        }
        PemBlock keyBlock = Objects.requireNonNull(key.keyBlock());
        PemChains.check(certified);
        if (!fits(found, certified.get(0).certificate().getPublicKey())) {
            throw PemChains.doesNotFit(keyBlock, found, certified.get(0));
        }
        List<String> warnings = new ArrayList<>(chain.warnings());
        if (key != chain) {
            warnings.addAll(key.warnings());
        }
        return new TlsIdentity(found, chain.certificates(), warnings);
    }

    /**
     * Takes a key and a chain that the program has otherwise, for instance from a key store. The key may live in a
     * device and never show itself.
     *
     * @param key the key
     * @param chain our certificate first, then each one that certifies the one before; 1 to {@link #MAX_CHAIN}
     * @return the identity
     * @throws IllegalArgumentException if the key does not fit the first certificate, or the chain is out of order
     */
    public static TlsIdentity of(PrivateKey key, List<X509Certificate> chain) {
        if (chain.isEmpty() || chain.size() > MAX_CHAIN) {
            throw new IllegalArgumentException("expected 1 to " + MAX_CHAIN + " certificates: " + chain.size());
        }
        for (int i = 1; i < chain.size(); i++) {
            if (!PemChains.isIssuer(chain.get(i), chain.get(i - 1))) {
                throw new IllegalArgumentException("certificate " + (i + 1) + " does not certify certificate " + i);
            }
        }
        if (!fits(key, chain.get(0).getPublicKey())) {
            throw new IllegalArgumentException("the key does not fit the first certificate");
        }
        return new TlsIdentity(key, chain, List.of());
    }

    /**
     * The chain.
     *
     * @return our certificate first
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
     * The host names that the certificate is for. A server with several identities shows a client the one that fits the
     * name it asks for (SNI).
     *
     * @return the DNS names among its subject alternative names, or else its common name; in lower case, perhaps with
     *     {@code *} as the first label
     */
    public List<String> names() {
        return names;
    }

    /**
     * What was skipped in the files it was read from, see {@link Pem#warnings}.
     *
     * @return one sentence each, for the operator; empty if everything was read
     */
    public List<String> warnings() {
        return warnings;
    }

    /** Says whose identity it is, but no secret. */
    @Override
    public String toString() {
        return "TlsIdentity(" + chain.get(0).getSubjectX500Principal() + ", until "
                + chain.get(0).getNotAfter().toInstant() + ")";
    }

    /** Whether what the one signs the other verifies. */
    private static boolean fits(PrivateKey key, PublicKey certified) {
        String algorithm = switch (certified.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> certified.getAlgorithm(); // EdDSA, and RSASSA-PSS below
        };
        try {
            Signature signature = Signature.getInstance(algorithm);
            if (certified instanceof RSAKey rsa && rsa.getParams() != null) {
                signature.setParameter(rsa.getParams());
            } else if (algorithm.equals("RSASSA-PSS")) {
                signature.setParameter(PSS_WITH_SHA_256);
            }
            signature.initSign(key);
            signature.update(PROBE);
            byte[] signed = signature.sign();
            signature.initVerify(certified);
            signature.update(PROBE);
            return signature.verify(signed);
        } catch (GeneralSecurityException wrongKindOfKey) {
            return false;
        }
    }
}
