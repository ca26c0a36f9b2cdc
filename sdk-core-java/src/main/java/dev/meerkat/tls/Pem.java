package dev.meerkat.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Certificates and at most one private key, read from PEM text (RFC 7468).
 *
 * <p>Blocks may come in any order and with any text around them, as {@code openssl} prints it. Read are:
 *
 * <pre>
 *  CERTIFICATE, X509 CERTIFICATE   X.509
 *  PRIVATE KEY                     PKCS#8: RSA, RSASSA-PSS, EC on P-256, P-384 or P-521, Ed25519, Ed448
 *  ENCRYPTED PRIVATE KEY           the same, encrypted with PBES2: PBKDF2 and AES or triple DES; see {@link #decrypt}
 *  RSA PRIVATE KEY                 PKCS#1
 *  EC PRIVATE KEY                  SEC1
 * </pre>
 *
 * <p>Blocks of other kinds are skipped, DH PARAMETERS among them, which TLS needs no more; {@link #warnings} names
 * them. A private key of another kind is an error. Where a block is wrong, a {@link MalformedPemException} says which
 * one of which file: {@code server.pem, block 2 (EC PRIVATE KEY, line 31): …}.
 *
 * <p>Immutable.
 */
public final class Pem {
    /**
     * The most bytes of a file or a stream, and characters of a text: 1 MiB, some five times a bundle of all
     * authorities.
     */
    public static final int MAX_BYTES = 1024 * 1024;

    /** The most blocks of a text, 1,000: a bundle of all authorities has some 150. */
    public static final int MAX_BLOCKS = 1_000;

    private final String source;
    private final List<Certified> certificates;
    private final @Nullable PemBlock keyBlock;
    private final @Nullable PrivateKey key;
    private final List<String> warnings;

    /** A certificate, and where it was found. */
    record Certified(PemBlock block, X509Certificate certificate) {}

    private Pem(
            String source,
            List<Certified> certificates,
            @Nullable PemBlock keyBlock,
            @Nullable PrivateKey key,
            List<String> warnings) {
        this.source = source;
        this.certificates = List.copyOf(certificates);
        this.keyBlock = keyBlock;
        this.key = key;
        this.warnings = List.copyOf(warnings);
    }

    /**
     * Reads a file. Blocks until it is read.
     *
     * @param file the file, in ASCII or UTF-8, of at most {@link #MAX_BYTES}
     * @return what it holds
     * @throws UncheckedIOException if the file cannot be read
     * @throws MalformedPemException if a block is wrong, or there is none, or there are two private keys
     */
    public static Pem read(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return read(in, file.toString());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file + ": " + e, e);
        }
    }

    /**
     * Reads a stream to its end. Blocks until it is read; does not close it.
     *
     * @param in the stream, in ASCII or UTF-8, of at most {@link #MAX_BYTES}
     * @return what it holds
     * @throws UncheckedIOException if the stream cannot be read
     * @throws MalformedPemException if a block is wrong, or there is none, or there are two private keys
     */
    public static Pem read(InputStream in) {
        try {
            return read(in, "PEM stream");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the PEM stream: " + e, e);
        }
    }

    private static Pem read(InputStream in, String source) throws IOException {
        byte[] bytes = in.readNBytes(MAX_BYTES + 1);
        if (bytes.length > MAX_BYTES) {
            throw tooLong(source);
        }
        return parse(source, new String(bytes, StandardCharsets.UTF_8));
    }

    /**
     * Reads a stream of characters to its end. Blocks until it is read; does not close it.
     *
     * @param in the stream, of at most {@link #MAX_BYTES} characters
     * @return what it holds
     * @throws UncheckedIOException if the stream cannot be read
     * @throws MalformedPemException if a block is wrong, or there is none, or there are two private keys
     */
    public static Pem read(Reader in) {
        StringBuilder text = new StringBuilder();
        char[] some = new char[8192];
        try {
            for (int n = in.read(some); n >= 0 && text.length() <= MAX_BYTES; n = in.read(some)) {
                text.append(some, 0, n);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the PEM stream: " + e, e);
        }
        return parse("PEM stream", text.toString());
    }

    /**
     * Reads a text.
     *
     * @param text the text, of at most {@link #MAX_BYTES} characters
     * @return what it holds
     * @throws MalformedPemException if a block is wrong, or there is none, or there are two private keys
     */
    public static Pem parse(String text) {
        return parse("PEM text", text);
    }

    private static Pem parse(String source, String text) {
        if (text.length() > MAX_BYTES) {
            throw tooLong(source);
        }
        List<Certified> certificates = new ArrayList<>();
        List<String> warnings = new ArrayList<>();
        PemBlock key = null;
        for (PemBlock block : PemText.split(source, text)) {
            if (block.isKey()) {
                if (key != null) {
                    throw block.malformed("is a second private key; the first is block " + key.number() + " in line "
                            + key.line() + ", and expected is one");
                }
                key = requireKnown(block);
            } else if (block.label().equals(PemBlock.CERTIFICATE)
                    || block.label().equals("X509 CERTIFICATE")) {
                certificates.add(new Certified(block, readCertificate(block)));
            } else {
                note(block, warnings);
            }
        }
        PrivateKey plain = key == null || key.label().equals(PemBlock.ENCRYPTED_KEY) ? null : PemKeys.read(key);
        return new Pem(source, certificates, key, plain, warnings);
    }

    /**
     * Decrypts the private key. A key that is not encrypted stays as it is.
     *
     * @param password the password; neither kept nor changed
     * @return the same certificates with the key decrypted
     * @throws MalformedPemException if the password is wrong, or the key is encrypted in a way that is not read
     */
    public Pem decrypt(char[] password) {
        Objects.requireNonNull(password, "password");
        if (keyBlock == null || key != null) {
            return this;
        }
        return new Pem(source, certificates, keyBlock, PemDecryption.read(keyBlock, password), warnings);
    }

    /**
     * The certificates.
     *
     * @return the certificates, in the order of the text; empty if there is none
     */
    public List<X509Certificate> certificates() {
        return certificates.stream().map(Certified::certificate).toList();
    }

    /**
     * The private key.
     *
     * @return the key; empty if there is none
     * @throws MalformedPemException if it is encrypted, see {@link #decrypt}
     */
    public Optional<PrivateKey> privateKey() {
        if (keyBlock != null && key == null) {
            throw keyBlock.malformed("is encrypted; expected a password for it");
        }
        return Optional.ofNullable(key);
    }

    /**
     * What was skipped, one sentence each.
     *
     * @return the sentences, in the order of the text; empty if everything was read
     */
    public List<String> warnings() {
        return warnings;
    }

    /** Where it was read. */
    String source() {
        return source;
    }

    /** The certificates, and where they were found. */
    List<Certified> certified() {
        return certificates;
    }

    /** Where the private key was found; null if there is none. */
    @Nullable
    PemBlock keyBlock() {
        return keyBlock;
    }

    /** Says what is there, but no secret. */
    @Override
    public String toString() {
        return source + " (" + certificates.size() + " certificates, " + (keyBlock == null ? "no" : "a")
                + " private key)";
    }

    private static MalformedPemException tooLong(String source) {
        return new MalformedPemException(source + ": has more than " + MAX_BYTES + " bytes, the most that are read");
    }

    private static PemBlock requireKnown(PemBlock block) {
        if (!PemKeys.isKnown(block.label())) {
            throw block.malformed("is a kind of private key that is not read; expected PRIVATE KEY (PKCS#8),"
                    + " RSA PRIVATE KEY (PKCS#1), EC PRIVATE KEY (SEC1) or ENCRYPTED PRIVATE KEY (PKCS#8)");
        }
        return block;
    }

    private static X509Certificate readCertificate(PemBlock block) {
        try {
            Der outer = new Der(block.der());
            Der unused = outer.enter(Der.SEQUENCE, "a certificate");
            outer.requireEnd("the certificate");
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(block.der()));
        } catch (Der.DerException | CertificateException e) {
            throw block.malformed("is no X.509 certificate: " + e.getMessage(), e);
        }
    }

    private static void note(PemBlock block, List<String> warnings) {
        switch (block.label()) {
            case "TRUSTED CERTIFICATE" ->
                throw block.malformed("is a certificate in a form of OpenSSL's own;"
                        + " expected CERTIFICATE, as \"openssl x509 -in old.pem -out new.pem\" writes it");
            case "PKCS7", "CMS" ->
                throw block.malformed(
                        "holds certificates in a form that is not read;"
                                + " expected CERTIFICATE, as \"openssl pkcs7 -print_certs -in old.pem -out new.pem\" writes it");
            case "EC PARAMETERS" -> {} // OpenSSL writes it before every EC key, which names its curve, too
            case "DH PARAMETERS", "X9.42 DH PARAMETERS" ->
                warnings.add(block.place() + ": is ignored; the groups of RFC 7919 are used, or elliptic curves");
            default -> warnings.add(block.place() + ": is ignored");
        }
    }
}
