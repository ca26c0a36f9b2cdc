package dev.meerkat.testkit;

import dev.meerkat.testkit.internal.CertificateWriter;
import dev.meerkat.tls.TlsTrust;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A certification authority for tests. It issues, without a network and without any tool, the certificates that a test
 * of TLS needs: good ones, and those that must be refused.
 *
 * <pre>{@code
 * FakeClock clock = new FakeClock();
 * TestCa ca = TestCa.create(clock.wallTime());
 * TlsOptions server = TlsOptions.server(ca.server("localhost", "127.0.0.1").identity());
 * TlsOptions client = TlsOptions.client(ca.trust());
 * }</pre>
 *
 * <p>What it issues is valid as seen from one instant, and a world may then move its clock until it is not. Keys are
 * random and Ed25519 unless {@link Request#key} says otherwise. Certificates of equal requests have equal lengths, so
 * that a run in a world repeats record by record.
 *
 * <p>Callable from any thread.
 */
public final class TestCa {
    /** How long before the instant of the authority a certificate is valid already. */
    public static final Duration BEFORE = Duration.ofDays(1);

    /** How long after the instant of the authority a certificate is still valid: 90 days, as is usual. */
    public static final Duration AFTER = Duration.ofDays(90);

    private static final Duration AUTHORITY_AFTER = Duration.ofDays(3650);
    private static final Duration FAR = Duration.ofDays(30);
    private static final String WRONG_HOST = "wrong-host.invalid";

    private final Instant now;
    private final KeyPair keys;
    private final X509Certificate certificate;
    /** This certificate and those above it but for the root, which the peer knows; so a root has none. */
    private final List<X509Certificate> path;

    private final X509Certificate root;
    private final AtomicLong serial = new AtomicLong(1000);

    private TestCa(
            Instant now, KeyPair keys, X509Certificate certificate, List<X509Certificate> path, X509Certificate root) {
        this.now = now;
        this.keys = keys;
        this.certificate = certificate;
        this.path = path;
        this.root = root;
    }

    /**
     * Makes a root authority.
     *
     * @param now the instant as seen from which its certificates are valid: the test's wall clock
     * @return the authority, valid for ten years
     */
    public static TestCa create(Instant now) {
        return create(now, "Meerkat Test CA", TestKey.ED25519);
    }

    /**
     * Makes a root authority of another name or key.
     *
     * @param now the instant as seen from which its certificates are valid: the test's wall clock
     * @param name its common name
     * @param key the kind of its key
     * @return the authority, valid for ten years
     */
    public static TestCa create(Instant now, String name, TestKey key) {
        KeyPair keys = pair(key);
        X509Certificate certificate = authority(now, name, keys, name, keys, 1);
        return new TestCa(now, keys, certificate, List.of(), certificate);
    }

    /**
     * Makes an authority below this one.
     *
     * @param name its common name
     * @return the authority; what it issues comes with its certificate
     */
    public TestCa intermediate(String name) {
        KeyPair below = pair(TestKey.ED25519);
        X509Certificate issued =
                authority(now, name, below, CertificateWriter.commonName(certificate), keys, serial.getAndIncrement());
        List<X509Certificate> longer = new ArrayList<>(List.of(issued));
        longer.addAll(path);
        return new TestCa(now, below, issued, List.copyOf(longer), root);
    }

    /**
     * Makes a certificate that nobody but itself has signed.
     *
     * @param now the instant as seen from which it is valid
     * @param names the hosts, see {@link #server}
     * @return the certificate
     */
    public static TestCertificate selfSigned(Instant now, String... names) {
        KeyPair keys = pair(TestKey.ED25519);
        X509Certificate issued = new CertificateWriter(names[0], keys.getPublic())
                .names(List.of(names))
                .forServers(true)
                .validity(now.minus(BEFORE), now.plus(AFTER))
                .sign(1, names[0], keys);
        return new TestCertificate(keys.getPrivate(), List.of(issued));
    }

    /**
     * Issues a certificate for a server.
     *
     * @param names its hosts: DNS names, perhaps with {@code *} as the first label, and IP addresses; at least one. The
     *     first is its common name, too
     * @return the certificate
     */
    public TestCertificate server(String... names) {
        return request(names).issue();
    }

    /**
     * Issues a certificate for a client.
     *
     * @param name its common name
     * @return the certificate
     */
    public TestCertificate client(String name) {
        return request(name).forClients().issue();
    }

    /**
     * Issues a server's certificate that expired a month ago.
     *
     * @param names its hosts, see {@link #server}
     * @return the certificate
     */
    public TestCertificate expired(String... names) {
        return request(names)
                .validity(now.minus(FAR).minus(AFTER), now.minus(FAR))
                .issue();
    }

    /**
     * Issues a server's certificate that becomes valid in a month.
     *
     * @param names its hosts, see {@link #server}
     * @return the certificate
     */
    public TestCertificate notYetValid(String... names) {
        return request(names).validity(now.plus(FAR), now.plus(FAR).plus(AFTER)).issue();
    }

    /**
     * Issues a server's certificate for a host that no test connects to: {@code wrong-host.invalid}.
     *
     * @return the certificate
     */
    public TestCertificate wrongHost() {
        return server(WRONG_HOST);
    }

    /**
     * Begins a certificate that differs from the usual.
     *
     * @param names its hosts, or the name of a client, see {@link #server}
     * @return the request
     */
    public Request request(String... names) {
        if (names.length == 0) {
            throw new IllegalArgumentException("a certificate needs a name");
        }
        return new Request(List.of(names));
    }

    /**
     * The certificate of this authority.
     *
     * @return the certificate
     */
    public X509Certificate certificate() {
        return certificate;
    }

    /**
     * What a peer has to trust: the root above everything that is issued here.
     *
     * @return the trust
     */
    public TlsTrust trust() {
        return TlsTrust.authorities(List.of(root));
    }

    /**
     * The root as PEM text.
     *
     * @return the text
     */
    public String pem() {
        return TestCertificate.pem(root);
    }

    @Override
    public String toString() {
        return "TestCa(" + certificate.getSubjectX500Principal() + ")";
    }

    private static X509Certificate authority(
            Instant now, String name, KeyPair keys, String issuer, KeyPair issuerKeys, long serial) {
        return new CertificateWriter(name, keys.getPublic())
                .forAuthorities()
                .validity(now.minus(BEFORE), now.plus(AUTHORITY_AFTER))
                .sign(serial, issuer, issuerKeys);
    }

    private static KeyPair pair(TestKey key) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(key.algorithm());
            if (key.bits() > 0) {
                generator.initialize(key.bits());
            }
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK cannot make a key for " + key, e);
        }
    }

    /** A certificate that is not issued yet; each method answers the request itself. */
    public final class Request {
        private final List<String> names;
        private Instant from = now.minus(BEFORE);
        private Instant until = now.plus(AFTER);
        private TestKey key = TestKey.ED25519;
        private boolean isForServers = true;

        private Request(List<String> names) {
            this.names = names;
        }

        /**
         * Sets when it is valid.
         *
         * @param first the first instant, in whole seconds
         * @param last the last instant, in whole seconds
         * @return this request
         */
        public Request validity(Instant first, Instant last) {
            from = Objects.requireNonNull(first, "first");
            until = Objects.requireNonNull(last, "last");
            return this;
        }

        /**
         * Sets the kind of key.
         *
         * @param value the kind; Ed25519 by default
         * @return this request
         */
        public Request key(TestKey value) {
            key = Objects.requireNonNull(value, "key");
            return this;
        }

        /**
         * Makes it one for clients, in place of servers.
         *
         * @return this request
         */
        public Request forClients() {
            isForServers = false;
            return this;
        }

        /**
         * Issues it.
         *
         * @return the certificate
         */
        public TestCertificate issue() {
            KeyPair pair = pair(key);
            CertificateWriter writer = new CertificateWriter(names.get(0), pair.getPublic())
                    .forServers(isForServers)
                    .validity(from, until);
            if (isForServers) {
                writer.names(names);
            }
            X509Certificate issued =
                    writer.sign(serial.getAndIncrement(), CertificateWriter.commonName(certificate), keys);
            List<X509Certificate> chain = new ArrayList<>(List.of(issued));
            chain.addAll(path);
            return new TestCertificate(pair.getPrivate(), chain);
        }
    }
}
