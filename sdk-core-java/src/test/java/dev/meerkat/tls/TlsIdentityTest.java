package dev.meerkat.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class TlsIdentityTest {
    private static String refusal(Pem chain, Pem key) {
        return assertThrows(MalformedPemException.class, () -> TlsIdentity.of(chain, key))
                .getMessage();
    }

    private static Pem sample(String name) {
        return Pem.read(Samples.file(name));
    }

    @Test
    void aChainIsReadInItsOrder() {
        TlsIdentity identity = TlsIdentity.of(sample("chain"));
        assertEquals(
                List.of("CN=leaf", "CN=below", "CN=root"),
                identity.chain().stream()
                        .map(one -> one.getSubjectX500Principal().getName())
                        .toList());
        assertEquals(List.of("leaf"), identity.names(), "without alternative names the common name counts");
    }

    @Test
    void aChainOutOfOrderIsSaid() {
        Pem pem = sample("chain-out-of-order");
        String said = refusal(pem, pem);
        assertTrue(said.contains("chain-out-of-order.pem, block 2 (CERTIFICATE, line "), said);
        assertTrue(
                said.contains("expected the certificate of CN=root, which issued block 1, found that of CN=leaf"),
                said);
    }

    @Test
    void aCertificateTwiceIsSaid() {
        String leaf = Samples.block(Samples.text("chain"), "CERTIFICATE");
        Pem twice = Pem.parse(leaf + Samples.text("chain"));
        assertTrue(refusal(twice, twice).contains("found the same certificate again"));
    }

    @Test
    void aKeyOfAnotherCertificateIsSaid() {
        String said = refusal(sample("prime256v1-sec1"), sample("secp384r1-sec1"));
        assertTrue(said.contains("secp384r1-sec1.pem, block 3 (EC PRIVATE KEY, line "), said);
        assertTrue(said.contains("does not fit the certificate of CN=prime256v1-sec1.test"), said);
        assertTrue(said.contains("expected its EC key, found another one"), said);
        assertTrue(
                refusal(sample("rsa-pkcs1"), sample("ed25519")).contains("expected its RSA key, found one for EdDSA"));
        assertTrue(refusal(sample("chain"), sample("ed25519")).contains("expected its EdDSA key, found another one"));
    }

    @Test
    void partsOfAProgramAreCheckedToo() {
        TlsIdentity whole = TlsIdentity.of(sample("chain"));
        List<X509Certificate> turned = new ArrayList<>(whole.chain());
        Collections.reverse(turned);
        assertEquals(whole.chain(), TlsIdentity.of(whole.key(), whole.chain()).chain());
        assertThrows(IllegalArgumentException.class, () -> TlsIdentity.of(whole.key(), turned));
        assertThrows(IllegalArgumentException.class, () -> TlsIdentity.of(whole.key(), List.of()));
        TlsIdentity other = TlsIdentity.of(sample("ed25519"));
        assertThrows(IllegalArgumentException.class, () -> TlsIdentity.of(other.key(), whole.chain()));
    }

    @Test
    void theLongestChainIsTakenAndALongerOneIsNot() {
        TlsIdentity whole = TlsIdentity.of(sample("chain"));
        X509Certificate root = whole.chain().get(2);
        List<X509Certificate> chain = new ArrayList<>(whole.chain());
        while (chain.size() < TlsIdentity.MAX_CHAIN) {
            chain.add(root); // it certifies itself, so the order is right
        }
        assertEquals(chain, TlsIdentity.of(whole.key(), chain).chain());
        chain.add(root);
        assertThrows(IllegalArgumentException.class, () -> TlsIdentity.of(whole.key(), chain));
        String text = Samples.text("chain");
        String rootText =
                text.substring(text.lastIndexOf("-----BEGIN CERTIFICATE"), text.indexOf("-----BEGIN PRIVATE"));
        Pem longer = Pem.parse(text + rootText.repeat(TlsIdentity.MAX_CHAIN - 2));
        assertTrue(refusal(longer, longer).contains("is one certificate too many; a chain has at most 10"));
    }
}
