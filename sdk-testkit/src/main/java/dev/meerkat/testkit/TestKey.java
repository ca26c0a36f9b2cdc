package dev.meerkat.testkit;

/** A kind of key pair for test certificates. */
public enum TestKey {
    /** Ed25519, RFC 8410: fast, and its signatures have a constant length, so that a run repeats record by record. */
    ED25519("Ed25519", 0),
    /** ECDSA on P-256. */
    EC_P256("EC", 256),
    /** ECDSA on P-384. */
    EC_P384("EC", 384),
    /** RSA with 2048 bits; making a pair takes a tenth of a second and more. */
    RSA_2048("RSA", 2048);

    private final String algorithm;
    private final int bits;

    TestKey(String algorithm, int bits) {
        this.algorithm = algorithm;
        this.bits = bits;
    }

    /** The JDK's name of the algorithm. */
    String algorithm() {
        return algorithm;
    }

    /** How many bits the key has; 0 if the algorithm says it. */
    int bits() {
        return bits;
    }
}
