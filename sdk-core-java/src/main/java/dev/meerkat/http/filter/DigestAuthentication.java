package dev.meerkat.http.filter;

import dev.meerkat.http.HttpFilter;
import dev.meerkat.http.HttpHandler;
import dev.meerkat.http.Request;
import dev.meerkat.http.Response;
import dev.meerkat.runtime.ManagerRuntime;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Asks for proof of a password that does not travel itself (RFC 7616), with {@code qop=auth}. What it does not protect
 * is everything else: use TLS.
 *
 * <pre>{@code
 * router.filter(DigestAuthentication.of("the office", user -> Optional.ofNullable(passwords.get(user))));
 * }</pre>
 *
 * <p>SHA-256 is offered before MD5, which old clients need and RFC 7616 keeps for them; {@link #sha256Only} leaves it
 * out. A nonce is good for five minutes and each count of it once; what is out of date is answered with
 * {@code stale=true}, so that nobody is asked for the password again. Afterwards the attribute
 * {@link AuthenticatedUser} tells who it is. One filter may serve several managers.
 */
public final class DigestAuthentication implements HttpFilter {
    private final String realm;
    private final Function<String, Optional<String>> passwords;
    private final List<String> algorithms;
    private final DigestNonces nonces;

    private DigestAuthentication(
            String realm, Function<String, Optional<String>> passwords, List<String> algorithms, DigestNonces nonces) {
        this.realm = AuthText.checkRealm(realm);
        this.passwords = passwords;
        this.algorithms = algorithms;
        this.nonces = nonces;
    }

    /**
     * Makes a filter.
     *
     * @param realm what the credentials are for, shown to people and part of the proof; visible ASCII and spaces
     * @param passwords the password of a user; on the loop thread, so it is not to block
     * @return a filter
     * @throws IllegalArgumentException if the realm has other characters
     */
    public static DigestAuthentication of(String realm, Function<String, Optional<String>> passwords) {
        Objects.requireNonNull(passwords, "passwords");
        return new DigestAuthentication(
                realm, passwords, List.of("SHA-256", "MD5"), new DigestNonces(Duration.ofMinutes(5)));
    }

    /**
     * The same without MD5.
     *
     * @return a filter
     */
    public DigestAuthentication sha256Only() {
        return new DigestAuthentication(realm, passwords, List.of("SHA-256"), nonces);
    }

    /**
     * The same with nonces that are good for another time.
     *
     * @param lifetime above zero
     * @return a filter
     * @throws IllegalArgumentException if it is not
     */
    public DigestAuthentication withLifetime(Duration lifetime) {
        if (lifetime.isNegative() || lifetime.isZero()) {
            throw new IllegalArgumentException("expected a lifetime above zero, found " + lifetime);
        }
        return new DigestAuthentication(realm, passwords, algorithms, new DigestNonces(lifetime));
    }

    @Override
    public Response filter(Request request, HttpHandler next) throws Exception {
        ManagerRuntime runtime = request.connection().manager().runtime();
        Optional<String> credentials = AuthText.credentials(request.header("Authorization"), "Digest");
        Map<String, String> fields = credentials.map(AuthText::parameters).orElse(null);
        if (fields == null) {
            return refusal(runtime, false);
        }
        String uri = fields.get("uri");
        if (uri != null && !uri.equals(request.head().target())) {
            return Response.error(400, "The proof is for another target."); // RFC 7616 3.4.6
        }
        String user = proven(fields, request.method());
        if (user == null) {
            return refusal(runtime, false);
        }
        // Only now, so that who knows no password can neither fill the table nor learn what is in it.
        if (!nonces.use(runtime, fields.getOrDefault("nonce", ""), Long.parseLong(fields.getOrDefault("nc", ""), 16))) {
            return refusal(runtime, true);
        }
        request.attribute(AuthenticatedUser.class, new AuthenticatedUser(user, "Digest"));
        return next.onHead(request);
    }

    /** The user's name if the proof is right; for an unknown user as much is computed. */
    private @Nullable String proven(Map<String, String> fields, String method) {
        String user = fields.get("username");
        String algorithm = fields.getOrDefault("algorithm", "MD5");
        String nonce = fields.get("nonce");
        String count = fields.getOrDefault("nc", "");
        String clientNonce = fields.get("cnonce");
        String uri = fields.get("uri");
        String response = fields.getOrDefault("response", "");
        if (user == null
                || nonce == null
                || clientNonce == null
                || uri == null
                || !realm.equals(fields.get("realm"))
                || !"auth".equals(fields.get("qop"))
                || !count.matches("[0-9A-Fa-f]{8}")
                || !algorithms.contains(algorithm)) {
            return null;
        }
        Optional<String> password = passwords.apply(utf8(user));
        String proof = hash(
                algorithm,
                hash(algorithm, user + ":" + realm + ":" + latin(password.orElse(""))) + ":" + nonce + ":" + count + ":"
                        + clientNonce + ":auth:" + hash(algorithm, method + ":" + uri));
        boolean same = AuthText.same(proof, response);
        return same && password.isPresent() ? utf8(user) : null;
    }

    /** Fields are read byte by byte; names and passwords are UTF-8 (RFC 7616 §4), if they are any. */
    private static String utf8(String field) {
        return new String(field.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    private static String latin(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    private static String hash(String algorithm, String latin) {
        try {
            byte[] sum = MessageDigest.getInstance(algorithm).digest(latin.getBytes(StandardCharsets.ISO_8859_1));
            StringBuilder hex = new StringBuilder(2 * sum.length);
            for (byte b : sum) {
                hex.append(Character.forDigit(b >> 4 & 15, 16)).append(Character.forDigit(b & 15, 16));
            }
            return hex.toString();
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("this JDK has no " + algorithm, missing);
        }
    }

    private Response refusal(ManagerRuntime runtime, boolean stale) {
        String nonce = nonces.issue(runtime);
        Response response = Response.error(401, "Name and password are needed.");
        for (String algorithm : algorithms) {
            response = response.addHeader(
                    "WWW-Authenticate",
                    "Digest realm=" + AuthText.quote(realm) + ", qop=\"auth\", algorithm=" + algorithm + ", nonce=\""
                            + nonce + "\", charset=UTF-8" + (stale ? ", stale=true" : ""));
        }
        return response;
    }
}
