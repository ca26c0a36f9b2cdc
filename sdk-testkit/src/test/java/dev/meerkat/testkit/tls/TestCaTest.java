package dev.meerkat.testkit.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.testkit.TestCa;
import dev.meerkat.testkit.TestCertificate;
import dev.meerkat.testkit.TestKey;
import dev.meerkat.tls.CertificateNames;
import dev.meerkat.tls.Pem;
import dev.meerkat.tls.TlsIdentity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the test authority issues is X.509 for others, too. */
class TestCaTest {
    private static final Instant NOW = Instant.parse("2030-06-01T12:00:00Z");

    private final TestCa ca = TestCa.create(NOW);

    @TempDir
    Path folder;

    /** Runs openssl and answers what it said. */
    private String openssl(String... arguments) throws IOException, InterruptedException {
        String[] command = new String[arguments.length + 1];
        command[0] = "openssl";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return "exit " + process.waitFor() + "\n" + said;
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text);
    }

    private String verify(Instant at, String purpose, String... more) throws Exception {
        var arguments = new java.util.ArrayList<>(List.of(
                "verify",
                "-x509_strict",
                "-attime",
                "" + at.getEpochSecond(),
                "-purpose",
                purpose,
                "-CAfile",
                "ca.pem"));
        arguments.addAll(List.of(more));
        arguments.add("leaf.pem");
        return openssl(arguments.toArray(String[]::new));
    }

    @ParameterizedTest
    @EnumSource(TestKey.class)
    void opensslVerifiesEveryKindOfKey(TestKey key) throws Exception {
        TestCa root = TestCa.create(NOW, "root", key);
        write("ca.pem", root.pem());
        write(
                "leaf.pem",
                root.request("localhost", "127.0.0.1").key(key).issue().pem());
        String said = verify(NOW, "sslserver", "-verify_hostname", "localhost");
        assertEquals("exit 0\nleaf.pem: OK\n", said);
        assertEquals("exit 0\nleaf.pem: OK\n", verify(NOW, "sslserver", "-verify_ip", "127.0.0.1"));
    }

    @Test
    void opensslVerifiesAChainAndAClient() throws Exception {
        TestCa below = ca.intermediate("below");
        write("ca.pem", ca.pem());
        write("below.pem", below.server("www.example.org").chainPem().split("(?<=-----END CERTIFICATE-----\n)", 2)[1]);
        write("leaf.pem", below.client("alice").pem());
        assertEquals("exit 0\nleaf.pem: OK\n", verify(NOW, "sslclient", "-untrusted", "below.pem"));
        assertTrue(verify(NOW, "sslserver", "-untrusted", "below.pem").contains("unsuitable certificate purpose"));
    }

    @Test
    void opensslRefusesWhatMustBeRefused() throws Exception {
        write("ca.pem", ca.pem());
        write("leaf.pem", ca.expired("localhost").pem());
        assertTrue(verify(NOW, "sslserver").contains("certificate has expired"));
        write("leaf.pem", ca.notYetValid("localhost").pem());
        assertTrue(verify(NOW, "sslserver").contains("certificate is not yet valid"));
        write("leaf.pem", ca.wrongHost().pem());
        assertTrue(verify(NOW, "sslserver", "-verify_hostname", "localhost").contains("hostname mismatch"));
        write("leaf.pem", TestCa.selfSigned(NOW, "localhost").pem());
        assertTrue(verify(NOW, "sslserver").contains("self-signed certificate"));
    }

    @Test
    void theKeyIsReadByOpenssl() throws Exception {
        for (TestKey key : TestKey.values()) {
            write("key.pem", ca.request("localhost").key(key).issue().keyPem());
            assertTrue(openssl("pkey", "-in", "key.pem", "-noout", "-check").contains("Key is valid"));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"1999-12-31T23:59:59Z", "2049-12-31T23:59:59Z", "2050-01-01T00:00:00Z", "2120-02-29T01:02:03Z"})
    void datesAreExactToTheSecond(Instant date) throws Exception {
        X509Certificate issued = ca.request("localhost")
                .validity(date, date.plusSeconds(1))
                .issue()
                .certificate();
        assertEquals(date, issued.getNotBefore().toInstant());
        assertEquals(date.plusSeconds(1), issued.getNotAfter().toInstant());
        write("leaf.pem", ca.request("localhost").validity(date, date).issue().chainPem());
        String said = openssl("x509", "-in", "leaf.pem", "-noout", "-startdate", "-dateopt", "iso_8601");
        if (said.startsWith("exit 0")) { // older ones do not know this form
            assertEquals("exit 0\nnotBefore=" + date.toString().replace('T', ' ') + "\n", said);
        }
    }

    @Test
    void validityCountsFromTheGivenInstant() {
        X509Certificate issued = ca.server("localhost").certificate();
        assertEquals(NOW.minus(TestCa.BEFORE), issued.getNotBefore().toInstant());
        assertEquals(NOW.plus(TestCa.AFTER), issued.getNotAfter().toInstant());
    }

    @Test
    void theNamesAreReadBack() {
        CertificateNames names = CertificateNames.of(
                ca.server("Example.org", "*.example.org", "10.0.0.1", "::1").certificate());
        assertEquals(List.of("example.org", "*.example.org"), names.dnsNames());
        assertEquals(2, names.addresses().size());
        assertEquals("Example.org", names.commonName().orElseThrow());
    }

    @Test
    void equalRequestsGiveEqualLengths() throws CertificateException {
        int length = ca.server("localhost").certificate().getEncoded().length;
        for (int i = 0; i < 20; i++) {
            assertEquals(length, ca.server("localhost").certificate().getEncoded().length);
        }
    }

    @Test
    void noTwoCertificatesHaveTheSameNumber() {
        assertTrue(!ca.server("a")
                .certificate()
                .getSerialNumber()
                .equals(ca.server("a").certificate().getSerialNumber()));
    }

    @Test
    void thePemTextIsAnIdentity() {
        TestCertificate server = ca.intermediate("below").server("localhost");
        TlsIdentity read = TlsIdentity.of(Pem.parse(server.pem()));
        assertEquals(server.chain(), read.chain());
        assertEquals(server.key(), read.key());
    }

    @Test
    void aCertificateNeedsAName() {
        assertThrows(IllegalArgumentException.class, ca::server);
    }
}
