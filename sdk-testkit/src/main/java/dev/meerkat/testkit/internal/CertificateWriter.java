package dev.meerkat.testkit.internal;

import static dev.meerkat.testkit.internal.DerWriter.bits;
import static dev.meerkat.testkit.internal.DerWriter.element;
import static dev.meerkat.testkit.internal.DerWriter.explicit;
import static dev.meerkat.testkit.internal.DerWriter.implicit;
import static dev.meerkat.testkit.internal.DerWriter.integer;
import static dev.meerkat.testkit.internal.DerWriter.isTrue;
import static dev.meerkat.testkit.internal.DerWriter.none;
import static dev.meerkat.testkit.internal.DerWriter.octets;
import static dev.meerkat.testkit.internal.DerWriter.oid;
import static dev.meerkat.testkit.internal.DerWriter.sequence;
import static dev.meerkat.testkit.internal.DerWriter.set;
import static dev.meerkat.testkit.internal.DerWriter.time;
import static dev.meerkat.testkit.internal.DerWriter.utf8;

import dev.meerkat.Address;
import dev.meerkat.tls.CertificateNames;
import java.io.ByteArrayInputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Writes one X.509 certificate (RFC 5280 §4.1) and signs it. */
public final class CertificateWriter {
    private static final String COMMON_NAME = "2.5.4.3";
    private static final String SUBJECT_KEY = "2.5.29.14";
    private static final String KEY_USAGE = "2.5.29.15";
    private static final String ALTERNATIVE_NAMES = "2.5.29.17";
    private static final String BASIC_CONSTRAINTS = "2.5.29.19";
    private static final String AUTHORITY_KEY = "2.5.29.35";
    private static final String EXTENDED_KEY_USAGE = "2.5.29.37";
    private static final String SERVERS = "1.3.6.1.5.5.7.3.1";
    private static final String CLIENTS = "1.3.6.1.5.5.7.3.2";

    private static final int VERSION_3 = 2;
    private static final int DNS_NAME = 2;
    private static final int IP_ADDRESS = 7;

    /** Bits 5 and 6: may sign certificates and revocation lists. */
    private static final byte[] SIGNS_CERTIFICATES = bits(1, new byte[] {0b0000_0110});
    /** Bit 0: may sign handshakes. */
    private static final byte[] SIGNS_HANDSHAKES = bits(7, new byte[] {(byte) 0b1000_0000});

    private final String subject;
    private final PublicKey key;
    private final List<byte[]> extensions = new ArrayList<>();
    private Instant from = Instant.EPOCH;
    private Instant until = Instant.EPOCH;

    /** Begins a certificate for a name and a key. */
    public CertificateWriter(String subject, PublicKey key) {
        this.subject = subject;
        this.key = key;
    }

    /** The common name of the subject of a certificate that was written here. */
    public static String commonName(X509Certificate certificate) {
        return CertificateNames.of(certificate).commonName().orElseThrow();
    }

    /** Sets when it is valid. */
    public CertificateWriter validity(Instant first, Instant last) {
        from = first;
        until = last;
        return this;
    }

    /** Lets it issue others. */
    public CertificateWriter forAuthorities() {
        add(BASIC_CONSTRAINTS, true, sequence(isTrue()));
        add(KEY_USAGE, true, SIGNS_CERTIFICATES);
        return this;
    }

    /** Makes it a server's or a client's. */
    public CertificateWriter forServers(boolean servers) {
        add(KEY_USAGE, true, SIGNS_HANDSHAKES);
        add(EXTENDED_KEY_USAGE, false, sequence(oid(servers ? SERVERS : CLIENTS)));
        return this;
    }

    /** Sets the hosts that it is for. */
    public CertificateWriter names(List<String> names) {
        byte[][] encoded = new byte[names.size()][];
        for (int i = 0; i < encoded.length; i++) {
            String name = names.get(i);
            Optional<InetAddress> address =
                    name.startsWith("*") ? Optional.empty() : new Address("tls", name, 0).literal();
            encoded[i] = address.map(literal -> implicit(IP_ADDRESS, literal.getAddress()))
                    .orElseGet(() -> implicit(DNS_NAME, name.getBytes(StandardCharsets.US_ASCII)));
        }
        add(ALTERNATIVE_NAMES, false, sequence(encoded));
        return this;
    }

    /** Signs it. */
    public X509Certificate sign(long serial, String issuer, KeyPair issuerKeys) {
        String algorithm = issuerKeys.getPrivate().getAlgorithm();
        add(SUBJECT_KEY, false, octets(identifier(key)));
        add(AUTHORITY_KEY, false, sequence(implicit(0, identifier(issuerKeys.getPublic()))));
        byte[] body = sequence(
                explicit(0, integer(VERSION_3)),
                integer(serial),
                signatureAlgorithm(algorithm),
                name(issuer),
                sequence(time(from), time(until)),
                name(subject),
                key.getEncoded(),
                explicit(3, sequence(extensions.toArray(byte[][]::new))));
        try {
            Signature signature = Signature.getInstance(
                    switch (algorithm) {
                        case "RSA" -> "SHA256withRSA";
                        case "EC" -> "SHA256withECDSA";
                        default -> algorithm;
                    });
            signature.initSign(issuerKeys.getPrivate());
            signature.update(body);
            byte[] whole = sequence(body, signatureAlgorithm(algorithm), bits(0, signature.sign()));
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(whole));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a test certificate could not be made", e);
        }
    }

    private void add(String oid, boolean critical, byte[] value) {
        extensions.add(critical ? sequence(oid(oid), isTrue(), octets(value)) : sequence(oid(oid), octets(value)));
    }

    private static byte[] name(String commonName) {
        return sequence(set(sequence(oid(COMMON_NAME), utf8(commonName))));
    }

    private static byte[] signatureAlgorithm(String algorithm) {
        return switch (algorithm) {
            case "RSA" -> sequence(oid("1.2.840.113549.1.1.11"), none());
            case "EC" -> sequence(oid("1.2.840.10045.4.3.2"));
            default -> sequence(oid("1.3.101.112"));
        };
    }

    /** The first 20 bytes of a hash of the key (RFC 7093 §2). */
    private static byte[] identifier(PublicKey key) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(element(0x03, key.getEncoded()));
            return Arrays.copyOf(hash, 20);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
