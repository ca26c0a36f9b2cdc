package dev.meerkat.tls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.interfaces.ECPrivateKey;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PemTest {
    private static final String SEC1 = Samples.text("prime256v1-sec1");
    private static final String CERTIFICATE = Samples.block(SEC1, "CERTIFICATE");
    private static final String KEY = Samples.block(SEC1, "EC PRIVATE KEY");

    private static String refusal(String text) {
        return assertThrows(MalformedPemException.class, () -> Pem.parse(text)).getMessage();
    }

    private static void assertSays(String found, String... expected) {
        for (String part : expected) {
            assertTrue(found.contains(part), () -> "expected \"" + part + "\" in: " + found);
        }
    }

    @Nested
    class Keys {
        @ParameterizedTest
        @CsvSource({
            "rsa-pkcs1, RSA",
            "rsa-pkcs8, RSA",
            "rsa-pss, RSASSA-PSS",
            "prime256v1-sec1, EC",
            "prime256v1-pkcs8, EC",
            "secp384r1-sec1, EC",
            "secp384r1-pkcs8, EC",
            "secp521r1-sec1, EC",
            "secp521r1-pkcs8, EC",
            "ed25519, EdDSA"
        })
        void everyFormIsReadAndFitsItsCertificate(String name, String algorithm) {
            TlsIdentity identity = TlsIdentity.of(Samples.file(name));
            assertEquals(algorithm, identity.key().getAlgorithm());
            assertEquals(List.of(name + ".test"), identity.names());
        }

        @ParameterizedTest
        @CsvSource({"rsa-pkcs1, rsa-pkcs8", "prime256v1-sec1, prime256v1-pkcs8", "secp521r1-sec1, secp521r1-pkcs8"})
        void theOldFormsHoldTheSameKeyAsPkcs8(String old, String pkcs8) {
            assertEquals(Samples.secret(Pem.parse(Samples.text(pkcs8))), Samples.secret(Pem.parse(Samples.text(old))));
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "encrypted-aes256-sha256",
                    "encrypted-aes192-sha384",
                    "encrypted-aes128-sha1",
                    "encrypted-aes128-sha224",
                    "encrypted-des3-sha512"
                })
        void encryptedKeysAreReadWithTheirPassword(String name) {
            Pem pem = Pem.read(Samples.file(name));
            assertSays(
                    assertThrows(MalformedPemException.class, pem::privateKey).getMessage(),
                    name + ".pem, block 2 (ENCRYPTED PRIVATE KEY, line ",
                    "is encrypted; expected a password");
            char[] password = Samples.PASSWORD.clone();
            Pem decrypted = pem.decrypt(password);
            assertArrayEquals(Samples.PASSWORD, password);
            assertEquals(Pem.parse(Samples.text("prime256v1-pkcs8")).privateKey(), decrypted.privateKey());
            assertEquals(List.of(name + ".test"), TlsIdentity.of(decrypted).names());
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "Swordfish", "swordfish ", "sw\u00F6rdfish"})
        void aWrongPasswordIsSaid(String password) {
            Pem pem = Pem.read(Samples.file("encrypted-aes256-sha256"));
            assertSays(
                    assertThrows(MalformedPemException.class, () -> pem.decrypt(password.toCharArray()))
                            .getMessage(),
                    "block 2 (ENCRYPTED PRIVATE KEY",
                    "the password is wrong");
        }

        @Test
        void whatIsNotEncryptedNeedsNoPassword() {
            Pem pem = Pem.parse(KEY);
            assertEquals(pem.privateKey(), pem.decrypt(Samples.PASSWORD).privateKey());
            assertTrue(Pem.parse(CERTIFICATE)
                    .decrypt(Samples.PASSWORD)
                    .privateKey()
                    .isEmpty());
        }

        @ParameterizedTest
        @CsvSource({
            "encrypted-scrypt, scrypt",
            "encrypted-pbes1, expected PBES2",
        })
        void otherEncryptionsAreNamed(String name, String expected) {
            Pem pem = Pem.read(Samples.file(name));
            assertSays(
                    assertThrows(MalformedPemException.class, () -> pem.decrypt(Samples.PASSWORD))
                            .getMessage(),
                    name + ".pem, block 2",
                    expected);
        }

        @ParameterizedTest
        @CsvSource({
            "encrypted-legacy, legacy way (Proc-Type)",
            "secp256k1, 'expected the curve P-256, P-384 or P-521, found 1.3.132.0.10'",
            "explicit-curve, 'expected the name of a curve, found its explicit parameters'",
            "dsa, found DSA"
        })
        void otherKeysAreNamed(String name, String expected) {
            MalformedPemException refused =
                    assertThrows(MalformedPemException.class, () -> Pem.read(Samples.file(name)));
            assertSays(refused.getMessage(), name + ".pem, block 2 (", expected);
        }

        @ParameterizedTest
        @ValueSource(strings = {"OPENSSH PRIVATE KEY", "DSA PRIVATE KEY", "ANY PRIVATE KEY"})
        void keysInOtherFormsAreNamed(String label) {
            String text = KEY.replace("EC PRIVATE KEY", label);
            assertSays(refusal(text), "block 1 (" + label + ", line 1)", "expected PRIVATE KEY (PKCS#8)");
        }

        @ParameterizedTest
        @CsvSource({
            "EC PRIVATE KEY, PRIVATE KEY",
            "EC PRIVATE KEY, RSA PRIVATE KEY",
        })
        void aKeyUnderAnotherLabelIsSaid(String label, String other) {
            assertSays(refusal(KEY.replace(label, other)), "block 1 (" + other, "is no private key of this form");
        }

        @Test
        void twoKeysAreOneTooMany() {
            assertSays(
                    refusal(CERTIFICATE + KEY + "\n" + KEY),
                    "block 3 (EC PRIVATE KEY, line ",
                    "is a second private key; the first is block 2 in line ");
        }

        @Test
        void theKeyIsNeverShown() {
            Pem pem = Pem.read(Samples.file("prime256v1-sec1"));
            byte[] secret =
                    ((ECPrivateKey) pem.privateKey().orElseThrow()).getS().toByteArray();
            String shown = pem + " " + TlsIdentity.of(pem) + " " + pem.keyBlock() + " " + pem.certified();
            assertFalse(shown.contains(Arrays.toString(secret)));
            assertFalse(shown.contains("der=") || shown.contains("MHcCAQ"), shown);
        }
    }

    @Nested
    class Texts {
        @Test
        void anyOrderIsAccepted() {
            TlsIdentity one = TlsIdentity.of(Pem.parse(CERTIFICATE + KEY));
            TlsIdentity other = TlsIdentity.of(Pem.parse(KEY + CERTIFICATE));
            assertEquals(one.key(), other.key());
            assertEquals(one.chain(), other.chain());
        }

        @ParameterizedTest
        @ValueSource(strings = {"\n", "\r\n", "\r"})
        void everyLineEndIsAccepted(String lineEnd) {
            TlsIdentity unused = TlsIdentity.of(Pem.parse(SEC1.replace("\n", lineEnd)));
        }

        @Test
        void blanksAndAByteOrderMarkAreAccepted() {
            TlsIdentity unused = TlsIdentity.of(Pem.parse("\uFEFF" + CERTIFICATE + KEY.replace("\n", " \t\n  ")));
        }

        @Test
        void theLastLineMayHaveNoEnd() {
            assertEquals(1, Pem.parse(CERTIFICATE.strip()).certificates().size());
        }

        @Test
        void textAroundBlocksIsIgnored() {
            String chatty =
                    "subject=CN = x\n--- a line\n" + CERTIFICATE + "Gr\u00FC\u00DFe: 1, BEGIN, END\n\n" + KEY + "bye";
            TlsIdentity unused = TlsIdentity.of(Pem.parse(chatty));
        }

        @Test
        void linesMayHaveAnyLength() {
            String base64 = CERTIFICATE.replaceAll("-----[A-Z ]+-----", "").replace("\n", "");
            Pem.parse("-----BEGIN CERTIFICATE-----\n" + base64 + "\n-----END CERTIFICATE-----");
            Pem.parse("-----BEGIN CERTIFICATE-----\n" + base64.replaceAll("(.)", "$1\n") + "-----END CERTIFICATE-----");
        }

        @Test
        void parametersAreIgnoredWithAWarning() {
            Pem pem = Pem.read(Samples.file("with-dh-parameters"));
            TlsIdentity identity = TlsIdentity.of(pem);
            assertEquals(1, pem.warnings().size());
            assertEquals(pem.warnings(), identity.warnings());
            assertSays(pem.warnings().get(0), "with-dh-parameters.pem, block 3 (DH PARAMETERS, line ", "is ignored");
            assertEquals(List.of(), Pem.parse(SEC1).warnings(), "EC PARAMETERS are nothing to warn of");
        }

        @Test
        void otherBlocksAreIgnoredWithAWarning() {
            Pem pem = Pem.parse(CERTIFICATE + CERTIFICATE.replace("CERTIFICATE", "X509 CRL"));
            assertEquals(1, pem.certificates().size());
            assertSays(pem.warnings().get(0), "block 2 (X509 CRL, line ");
        }

        @Test
        void formsOfOpensslsOwnAreNamed() {
            assertSays(
                    refusal(CERTIFICATE.replace("CERTIFICATE", "TRUSTED CERTIFICATE")),
                    "block 1 (TRUSTED CERTIFICATE, line 1)",
                    "openssl x509");
            assertSays(refusal(CERTIFICATE.replace("CERTIFICATE", "PKCS7")), "openssl pkcs7");
        }

        @Test
        void nothingIsNoPem() {
            assertSays(refusal(""), "PEM text: holds no PEM block");
            assertSays(refusal("hello"), "expected \"-----BEGIN CERTIFICATE-----\"");
        }

        @Test
        void theBinaryFormIsNamed(@TempDir Path folder) throws IOException {
            Path file = folder.resolve("server.der");
            byte[] der = Pem.parse(CERTIFICATE).certified().get(0).block().der();
            Files.write(file, der);
            assertSays(
                    assertThrows(MalformedPemException.class, () -> Pem.read(file))
                            .getMessage(),
                    "looks like DER");
        }

        @Test
        void aMissingEndIsSaid() {
            String cut = CERTIFICATE + KEY.substring(0, KEY.length() - 40);
            assertSays(refusal(cut), "block 2 (EC PRIVATE KEY, line ", "is the file cut short?");
        }

        @Test
        void anotherLabelAtTheEndIsSaid() {
            assertSays(
                    refusal(KEY.replace("END EC", "END RSA")),
                    "block 1 (EC PRIVATE KEY, line 1)",
                    "expected \"-----END EC PRIVATE KEY-----\" in line 5");
            assertSays(refusal(KEY.substring(0, 70) + "\n" + CERTIFICATE), "found another label");
            assertSays(refusal("\n-----END X-----"), "line 2: an END without a BEGIN");
        }

        @Test
        void whatIsNotBase64IsSaidWithItsPlace() {
            String[] lines = KEY.split("\n");
            lines[2] = lines[2].substring(0, 10) + "*" + lines[2].substring(11);
            assertSays(
                    refusal("\n" + String.join("\n", lines)),
                    "block 1 (EC PRIVATE KEY, line 2)",
                    "line 4 is not Base64: U+002A at column 11");
            assertSays(refusal(KEY.replaceFirst("=?=\n", "\n")), "no whole number of groups");
            assertSays(refusal("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----"), "is empty");
        }

        @Test
        void aTextInOneLineIsSaid() {
            assertSays(refusal(KEY.replace("\n", "\\n")), "line 1: expected", "line ends are written as \\n");
            assertSays(refusal(KEY.replace("\n", " ")), "line 1: expected");
        }

        @Test
        void aBrokenCertificateIsSaid() {
            assertSays(
                    refusal(KEY + KEY.replace("EC PRIVATE KEY", "CERTIFICATE")),
                    "block 2 (CERTIFICATE, line 6)",
                    "is no X.509 certificate");
        }

        @Test
        void everyCutOfAFileIsRefusedOrWhole() {
            for (int end = 0; end < SEC1.length(); end++) {
                String cut = SEC1.substring(0, end);
                try {
                    assertTrue(Pem.parse(cut).certificates().size() <= 1);
                } catch (MalformedPemException expected) {
                    assertTrue(expected.getMessage().startsWith("PEM text"));
                }
            }
        }

        @Test
        void everyWrongByteOfAKeyIsRefusedOrRead() {
            byte[] der = Pem.parse(KEY).keyBlock().der();
            for (int i = 0; i < der.length; i++) {
                for (int bit = 0; bit < 8; bit++) {
                    byte[] wrong = der.clone();
                    wrong[i] ^= (byte) (1 << bit);
                    try {
                        PemKeys.read(new PemBlock("x", 1, "EC PRIVATE KEY", 1, wrong));
                    } catch (MalformedPemException expected) {
                        assertTrue(expected.getMessage().startsWith("x, block 1 (EC PRIVATE KEY, line 1): "));
                    }
                }
            }
        }
    }

    @Nested
    class Sources {
        @Test
        void aFileAStreamAReaderAndATextAreTheSame(@TempDir Path folder) throws IOException {
            Path file = Files.writeString(folder.resolve("server.pem"), SEC1);
            byte[] bytes = SEC1.getBytes(StandardCharsets.UTF_8);
            var expected = Pem.parse(SEC1).privateKey();
            assertEquals(expected, Pem.read(file).privateKey());
            assertEquals(expected, Pem.read(new ByteArrayInputStream(bytes)).privateKey());
            assertEquals(expected, Pem.read(new StringReader(SEC1)).privateKey());
        }

        @Test
        void chainAndKeyMayStandInTwoFiles(@TempDir Path folder) throws IOException {
            Path chain = Files.writeString(folder.resolve("chain.pem"), CERTIFICATE);
            Path key = Files.writeString(folder.resolve("key.pem"), KEY);
            assertEquals(
                    TlsIdentity.of(Pem.parse(SEC1)).chain(),
                    TlsIdentity.of(chain, key).chain());
            assertSays(
                    assertThrows(MalformedPemException.class, () -> TlsIdentity.of(chain))
                            .getMessage(),
                    "chain.pem: holds no private key");
            assertSays(
                    assertThrows(MalformedPemException.class, () -> TlsIdentity.of(key))
                            .getMessage(),
                    "key.pem: holds no certificate");
        }

        @Test
        void aMissingFileIsNamed(@TempDir Path folder) {
            Path missing = folder.resolve("missing.pem");
            assertSays(
                    assertThrows(UncheckedIOException.class, () -> TlsOptions.server(missing))
                            .getMessage(),
                    "missing.pem");
        }

        @Test
        void aStreamThatFailsIsAnIoFailure() {
            InputStream failing = new InputStream() {
                @Override
                public int read() throws IOException {
                    throw new IOException("gone");
                }
            };
            assertThrows(UncheckedIOException.class, () -> Pem.read(failing));
            assertThrows(
                    UncheckedIOException.class,
                    () -> Pem.read(new InputStreamReader(failing, StandardCharsets.US_ASCII)));
        }
    }

    @Nested
    class Limits {
        private String ofLength(int length) {
            return CERTIFICATE + " ".repeat(length - CERTIFICATE.length());
        }

        @Test
        void theLongestTextIsReadAndALongerOneIsNot() {
            String longest = ofLength(Pem.MAX_BYTES);
            String longer = ofLength(Pem.MAX_BYTES + 1);
            assertEquals(1, Pem.parse(longest).certificates().size());
            assertEquals(1, Pem.read(new StringReader(longest)).certificates().size());
            assertEquals(1, Pem.read(stream(longest)).certificates().size());
            assertSays(refusal(longer), "has more than 1048576 bytes");
            assertThrows(MalformedPemException.class, () -> Pem.read(new StringReader(longer)));
            assertThrows(MalformedPemException.class, () -> Pem.read(stream(longer)));
        }

        @Test
        void anEndlessStreamIsNotReadToItsEnd() {
            Reader endless = new Reader() {
                @Override
                public int read(char[] buffer, int offset, int length) {
                    return length;
                }

                @Override
                public void close() {}
            };
            assertThrows(MalformedPemException.class, () -> Pem.read(endless));
        }

        @Test
        void theMostBlocksAreReadAndOneMoreIsNot() {
            String small = "-----BEGIN X-----\nAAAA\n-----END X-----\n";
            assertEquals(
                    Pem.MAX_BLOCKS,
                    Pem.parse(small.repeat(Pem.MAX_BLOCKS)).warnings().size());
            assertSays(refusal(small.repeat(Pem.MAX_BLOCKS + 1)), "line 3001: more than 1000 blocks");
        }

        @Test
        void theMostIterationsAreDoneAndOneMoreIsNot() {
            PemBlock most = withIterations(PemDecryption.MAX_ITERATIONS);
            assertSays(
                    assertThrows(MalformedPemException.class, () -> PemDecryption.read(most, Samples.PASSWORD))
                            .getMessage(),
                    "the password is wrong");
            PemBlock more = withIterations(PemDecryption.MAX_ITERATIONS + 1);
            assertSays(
                    assertThrows(MalformedPemException.class, () -> PemDecryption.read(more, Samples.PASSWORD))
                            .getMessage(),
                    "1 to 2000000 iterations, found");
        }

        /** A block that takes so many rounds and holds nothing. */
        private PemBlock withIterations(int count) {
            byte[] salt = new byte[8];
            byte[] iterations = {Der.INTEGER, 3, (byte) (count >> 16), (byte) (count >> 8), (byte) count};
            byte[] pbkdf2 = {Der.OID, 9, 0x2A, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xF7, 0x0D, 1, 5, 12};
            byte[] pbes2 = {Der.OID, 9, 0x2A, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xF7, 0x0D, 1, 5, 13};
            byte[] aes = {Der.OID, 9, 0x60, (byte) 0x86, 0x48, 1, 0x65, 3, 4, 1, 2};
            byte[] derivation = Der.encode(
                    Der.SEQUENCE, pbkdf2, Der.encode(Der.SEQUENCE, Der.encode(Der.OCTET_STRING, salt), iterations));
            byte[] cipher = Der.encode(Der.SEQUENCE, aes, Der.encode(Der.OCTET_STRING, new byte[16]));
            byte[] der = Der.encode(
                    Der.SEQUENCE,
                    Der.encode(Der.SEQUENCE, pbes2, Der.encode(Der.SEQUENCE, derivation, cipher)),
                    Der.encode(Der.OCTET_STRING, new byte[32]));
            return new PemBlock("x", 1, PemBlock.ENCRYPTED_KEY, 1, der);
        }

        private InputStream stream(String text) {
            return new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII));
        }
    }
}
