package dev.meerkat.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.cert.X509Certificate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RFC 9525 §6.3, and RFC 6125 §6.4 for the common name. */
class CertificateNamesTest {
    private static CertificateNames namesOf(String sample) {
        X509Certificate first = Pem.read(Samples.file(sample)).certificates().get(0);
        return CertificateNames.of(first);
    }

    @ParameterizedTest
    @CsvSource({
        "example.org, example.org, true",
        "example.org, www.example.org, false",
        "*.example.org, www.example.org, true",
        "*.example.org, example.org, false",
        "*.example.org, .example.org, false",
        "*.example.org, a.b.example.org, false",
        "*.example.org, www.example.com, false",
        "*.example.org, www.anexample.org, false",
        "*.org, example.org, false",
        "*., a., false",
        "*, localhost, false",
        "w*.example.org, www.example.org, false",
        "*www.example.org, www.example.org, false",
        "www.*.org, www.example.org, false",
        "*.*.org, www.example.org, false",
        "*.example.org, *.example.org, true"
    })
    void aWildcardStandsForOneWholeLabelWithTwoBehindIt(String pattern, String name, boolean fits) {
        assertEquals(fits, CertificateNames.matches(pattern, name));
    }

    @Test
    void alternativeNamesDecideWhereThereAreAny() {
        CertificateNames names = namesOf("ed25519");
        assertEquals("ed25519.test", names.commonName().orElseThrow());
        assertTrue(names.isFor("ed25519.test"));
        assertFalse(names.isFor("test"));
    }

    @Test
    void theCommonNameDecidesOnlyWhereThereIsNoOther() {
        CertificateNames names = namesOf("chain");
        assertTrue(names.dnsNames().isEmpty());
        assertTrue(names.isFor("leaf"));
        assertEquals("leaf", names.toString());
    }

    @Test
    void whatPeopleWriteIsBroughtIntoTheFormOfCertificates() {
        assertEquals("xn--bcher-kva.example", CertificateNames.normalize("B\u00FCcher.example."));
        assertEquals("www.example.org", CertificateNames.normalize("WWW.Example.ORG"));
    }

    @Test
    void whatIsNoNameIsForNobody() {
        CertificateNames names = namesOf("ed25519");
        assertFalse(names.isFor(""));
        assertFalse(names.isFor("."));
        assertFalse(names.isFor("x".repeat(300) + ".ed25519.test"));
        assertFalse(names.isFor("ed25519.test\u0000.example.org"));
    }
}
