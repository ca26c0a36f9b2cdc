package dev.meerkat.tls;

import dev.meerkat.tls.Der.DerException;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Decrypts PKCS#8 keys that are encrypted as PBES2 says (RFC 8018 §6.2): PBKDF2, then AES or triple DES in CBC mode.
 */
final class PemDecryption {
    /** The most rounds of PBKDF2, 2,000,000: some seconds; what OWASP recommends is a third of it. */
    static final int MAX_ITERATIONS = 2_000_000;

    private static final String PBES2 = "1.2.840.113549.1.5.13";
    private static final String PBKDF2 = "1.2.840.113549.1.5.12";
    private static final String SCRYPT = "1.3.6.1.4.1.11591.4.11";

    private PemDecryption() {}

    /** How a key is encrypted. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Scheme(String hash, byte[] salt, int iterations, CipherKind cipher, byte[] iv) {}

    private enum CipherKind {
        AES_128("AES", 16),
        AES_192("AES", 24),
        AES_256("AES", 32),
        TRIPLE_DES("DESede", 24);

        private final String algorithm;
        private final int keyBytes;

        CipherKind(String algorithm, int keyBytes) {
            this.algorithm = algorithm;
            this.keyBytes = keyBytes;
        }

        static CipherKind of(String oid) throws DerException {
            return switch (oid) {
                case "2.16.840.1.101.3.4.1.2" -> AES_128;
                case "2.16.840.1.101.3.4.1.22" -> AES_192;
                case "2.16.840.1.101.3.4.1.42" -> AES_256;
                case "1.2.840.113549.3.7" -> TRIPLE_DES;
                default -> throw new DerException("expected AES or triple DES in CBC mode, found the cipher " + oid);
            };
        }
    }

    static PrivateKey read(PemBlock block, char[] password) {
        byte[] plain = null;
        try {
            Der outer = new Der(block.der());
            Der fields = outer.enter(Der.SEQUENCE, "an encrypted key");
            outer.requireEnd("the key");
            Scheme scheme = readScheme(fields.enter(Der.SEQUENCE, "the encryption"));
            plain = decrypt(block, scheme, fields.read(Der.OCTET_STRING, "the encrypted bytes"), password);
            if (!new Der(plain).isNext(Der.SEQUENCE)) {
                throw wrongPassword(block);
            }
            return PemKeys.readPkcs8(block, plain);
        } catch (DerException e) {
            throw block.malformed("cannot be decrypted: " + e.getMessage());
        } finally {
            if (plain != null) {
                Arrays.fill(plain, (byte) 0);
            }
        }
    }

    private static byte[] decrypt(PemBlock block, Scheme scheme, byte[] encrypted, char[] password) {
        PBEKeySpec spec = new PBEKeySpec(password, scheme.salt, scheme.iterations, 8 * scheme.cipher.keyBytes);
        try {
            byte[] key = SecretKeyFactory.getInstance("PBKDF2WithHmac" + scheme.hash)
                    .generateSecret(spec)
                    .getEncoded();
            Cipher cipher = Cipher.getInstance(scheme.cipher.algorithm + "/CBC/PKCS5Padding");
            cipher.init(
                    Cipher.DECRYPT_MODE,
                    new SecretKeySpec(key, scheme.cipher.algorithm),
                    new IvParameterSpec(scheme.iv));
            Arrays.fill(key, (byte) 0);
            return cipher.doFinal(encrypted);
        } catch (GeneralSecurityException e) {
            throw wrongPassword(block);
        } finally {
            spec.clearPassword();
        }
    }

    private static MalformedPemException wrongPassword(PemBlock block) {
        return block.malformed("cannot be decrypted: the password is wrong, or the block is damaged");
    }

    private static Scheme readScheme(Der algorithm) throws DerException {
        String oid = algorithm.readOid("the encryption scheme");
        if (!oid.equals(PBES2)) {
            throw new DerException("expected PBES2, found the scheme " + oid
                    + "; \"openssl pkcs8 -topk8 -in old.pem -out new.pem\" writes PBES2");
        }
        Der parameters = algorithm.enter(Der.SEQUENCE, "the parameters of PBES2");
        Der derivation = parameters.enter(Der.SEQUENCE, "the key derivation");
        String function = derivation.readOid("the key derivation function");
        if (!function.equals(PBKDF2)) {
            throw new DerException("expected PBKDF2, found "
                    + (function.equals(SCRYPT) ? "scrypt, which the JDK does not know" : "the function " + function));
        }
        Der pbkdf2 = derivation.enter(Der.SEQUENCE, "the parameters of PBKDF2");
        byte[] salt = pbkdf2.read(Der.OCTET_STRING, "the salt");
        int iterations = pbkdf2.readNumber("the count of iterations");
        if (salt.length == 0 || iterations < 1 || iterations > MAX_ITERATIONS) {
            throw new DerException("expected a salt and 1 to " + MAX_ITERATIONS + " iterations, found " + salt.length
                    + " bytes of salt and " + iterations + " iterations");
        }
        int keyBytes = pbkdf2.isNext(Der.INTEGER) ? pbkdf2.readNumber("the length of the key") : -1;
        String hash = pbkdf2.isNext(Der.SEQUENCE) ? readHash(pbkdf2.enter(Der.SEQUENCE, "the hash")) : "SHA1";
        Der encryption = parameters.enter(Der.SEQUENCE, "the cipher");
        CipherKind cipher = CipherKind.of(encryption.readOid("the cipher"));
        if (keyBytes >= 0 && keyBytes != cipher.keyBytes) {
            throw new DerException("expected a key of " + cipher.keyBytes + " bytes, found " + keyBytes);
        }
        return new Scheme(
                hash, salt, iterations, cipher, encryption.read(Der.OCTET_STRING, "the initialisation vector"));
    }

    private static String readHash(Der algorithm) throws DerException {
        String oid = algorithm.readOid("the hash");
        return switch (oid) {
            case "1.2.840.113549.2.7" -> "SHA1";
            case "1.2.840.113549.2.8" -> "SHA224";
            case "1.2.840.113549.2.9" -> "SHA256";
            case "1.2.840.113549.2.10" -> "SHA384";
            case "1.2.840.113549.2.11" -> "SHA512";
            default -> throw new DerException("expected a hash of the SHA family, found " + oid);
        };
    }
}
