package dev.meerkat.tls;

import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.RSAPrivateKey;
import java.util.Objects;

/** The texts that generate.sh beside them has made with openssl. */
final class Samples {
    static final char[] PASSWORD = "swordfish".toCharArray();

    private Samples() {}

    static String text(String name) {
        try (InputStream in = Samples.class.getResourceAsStream(name + ".pem")) {
            return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    static Path file(String name) {
        try {
            return Path.of(Objects.requireNonNull(Samples.class.getResource(name + ".pem"))
                    .toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    /** The number that makes a key private, for a JDK's key is not equal to itself in another encoding. */
    static Object secret(Pem pem) {
        PrivateKey key = pem.privateKey().orElseThrow();
        if (key instanceof ECPrivateKey curve) {
            return curve.getS();
        }
        return key instanceof RSAPrivateKey rsa ? rsa.getPrivateExponent() : key;
    }

    /** One block of a text, from BEGIN to END. */
    static String block(String text, String label) {
        String end = "-----END " + label + "-----\n";
        int from = text.indexOf("-----BEGIN " + label + "-----");
        return text.substring(from, text.indexOf(end, from) + end.length());
    }
}
