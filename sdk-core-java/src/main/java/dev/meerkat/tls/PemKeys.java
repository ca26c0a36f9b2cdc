package dev.meerkat.tls;

import dev.meerkat.tls.Der.DerException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;

/**
 * Makes private keys of blocks: PKCS#8 (RFC 5958), PKCS#1 (RFC 8017 appendix A.1.2), SEC1 (RFC 5915). The JDK reads
 * PKCS#8 alone, so the others are wrapped in it.
 */
final class PemKeys {
    private static final String PKCS8 = "PRIVATE KEY";
    private static final String PKCS1 = "RSA PRIVATE KEY";
    private static final String SEC1 = "EC PRIVATE KEY";

    private static final String RSA_OID = "1.2.840.113549.1.1.1";
    private static final String EC_OID = "1.2.840.10045.2.1";

    private static final byte[] VERSION_0 = {Der.INTEGER, 1, 0};
    /** The object identifier of RSA, and its NULL parameters. */
    private static final byte[] RSA_ALGORITHM = {
        Der.SEQUENCE, 13, Der.OID, 9, 0x2A, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xF7, 0x0D, 1, 1, 1, Der.NULL, 0
    };
    /** The object identifier of elliptic curves; the curve follows. */
    private static final byte[] EC_ALGORITHM = {Der.OID, 7, 0x2A, (byte) 0x86, 0x48, (byte) 0xCE, 0x3D, 2, 1};

    private PemKeys() {}

    /** Whether blocks of this label can be read. */
    static boolean isKnown(String label) {
        return label.equals(PKCS8) || label.equals(PKCS1) || label.equals(SEC1) || label.equals(PemBlock.ENCRYPTED_KEY);
    }

    /** Reads a block that is not encrypted. */
    static PrivateKey read(PemBlock block) {
        try {
            byte[] pkcs8 = switch (block.label()) {
                case PKCS1 -> wrapPkcs1(block.der());
                case SEC1 -> wrapSec1(block.der());
                default -> block.der();
            };
            return readPkcs8(block, pkcs8);
        } catch (DerException e) {
            throw block.malformed("is no private key of this form: " + e.getMessage());
        }
    }

    /** Reads PKCS#8; only its first three fields, since not every JDK knows those that RFC 5958 added. */
    static PrivateKey readPkcs8(PemBlock block, byte[] der) throws DerException {
        Der outer = new Der(der);
        Der fields = outer.enter(Der.SEQUENCE, "a PKCS#8 key");
        outer.requireEnd("the key");
        int version = fields.readNumber("the version 0 or 1");
        if (version > 1) {
            throw new DerException("expected the version 0 or 1, found " + version);
        }
        byte[] algorithm = fields.readWhole(Der.SEQUENCE, "the algorithm");
        byte[] key = fields.readWhole(Der.OCTET_STRING, "the key");
        Der parts = new Der(algorithm).enter(Der.SEQUENCE, "the algorithm");
        String oid = parts.readOid("the identifier of the algorithm");
        if (oid.equals(EC_OID)) {
            checkCurve(parts);
        }
        String name = nameOf(oid);
        try {
            PKCS8EncodedKeySpec encoded = new PKCS8EncodedKeySpec(Der.encode(Der.SEQUENCE, VERSION_0, algorithm, key));
            return KeyFactory.getInstance(name).generatePrivate(encoded);
        } catch (GeneralSecurityException e) {
            throw block.malformed("is no valid " + name + " key: " + e.getMessage(), e);
        }
    }

    private static String nameOf(String oid) throws DerException {
        return switch (oid) {
            case RSA_OID -> "RSA";
            case "1.2.840.113549.1.1.10" -> "RSASSA-PSS";
            case EC_OID -> "EC";
            case "1.3.101.112" -> "Ed25519";
            case "1.3.101.113" -> "Ed448";
            case "1.2.840.10040.4.1" ->
                throw new DerException("expected RSA, EC or Ed25519, found DSA, which TLS no longer uses");
            default -> throw new DerException("expected RSA, EC or Ed25519, found the algorithm " + oid);
        };
    }

    private static void checkCurve(Der parameters) throws DerException {
        if (parameters.isNext(Der.SEQUENCE)) {
            throw new DerException("expected the name of a curve, found its explicit parameters");
        }
        String curve = parameters.readOid("the name of a curve");
        switch (curve) {
            case "1.2.840.10045.3.1.7", "1.3.132.0.34", "1.3.132.0.35" -> {}
            default -> throw new DerException("expected the curve P-256, P-384 or P-521, found " + curve);
        }
    }

    private static byte[] wrapPkcs1(byte[] der) throws DerException {
        Der outer = new Der(der);
        Der fields = outer.enter(Der.SEQUENCE, "a PKCS#1 key");
        outer.requireEnd("the key");
        int version = fields.readNumber("the version 0");
        if (version != 0) {
            throw new DerException("expected the version 0, found " + version + ", a key of several primes");
        }
        return Der.encode(Der.SEQUENCE, VERSION_0, RSA_ALGORITHM, Der.encode(Der.OCTET_STRING, der));
    }

    private static byte[] wrapSec1(byte[] der) throws DerException {
        Der outer = new Der(der);
        Der fields = outer.enter(Der.SEQUENCE, "a SEC1 key");
        outer.requireEnd("the key");
        int version = fields.readNumber("the version 1");
        if (version != 1) {
            throw new DerException("expected the version 1, found " + version);
        }
        byte[] unused = fields.read(Der.OCTET_STRING, "the secret");
        Der parameters = fields.enter(Der.CONTEXT_0, "the curve");
        if (parameters.isNext(Der.SEQUENCE)) {
            throw new DerException("expected the name of a curve, found its explicit parameters");
        }
        byte[] curve = parameters.readWhole(Der.OID, "the name of a curve");
        byte[] algorithm = Der.encode(Der.SEQUENCE, EC_ALGORITHM, curve);
        return Der.encode(Der.SEQUENCE, VERSION_0, algorithm, Der.encode(Der.OCTET_STRING, der));
    }
}
