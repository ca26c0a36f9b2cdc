package dev.meerkat.http.filter;

import dev.meerkat.http.HttpFilter;
import dev.meerkat.http.HttpHandler;
import dev.meerkat.http.Request;
import dev.meerkat.http.Response;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Asks for user name and password (RFC 7617). Both travel in clear: use it over TLS. Names and passwords are UTF-8.
 *
 * <pre>{@code
 * router.filter(BasicAuthentication.of("the office", (user, password) -> accounts.check(user, password)));
 * }</pre>
 *
 * <p>Without credentials, or with wrong or malformed ones, the answer is 401 and the handler never runs. Afterwards the
 * attribute {@link AuthenticatedUser} tells who it is.
 */
public final class BasicAuthentication implements HttpFilter {
    private final BiPredicate<String, String> accounts;
    private final Response refusal;

    private BasicAuthentication(String realm, BiPredicate<String, String> accounts) {
        this.accounts = accounts;
        refusal = Response.error(401, "Name and password are needed.")
                .withHeader(
                        "WWW-Authenticate",
                        "Basic realm=" + AuthText.quote(AuthText.checkRealm(realm)) + ", charset=\"UTF-8\"");
    }

    /**
     * Asks a program's accounts.
     *
     * @param realm what the credentials are for, shown to people; visible ASCII and spaces
     * @param accounts whether a user has a password; on the loop thread, so it is not to block; to be compared in
     *     constant time
     * @return a filter
     * @throws IllegalArgumentException if the realm has other characters
     */
    public static BasicAuthentication of(String realm, BiPredicate<String, String> accounts) {
        return new BasicAuthentication(realm, Objects.requireNonNull(accounts, "accounts"));
    }

    /**
     * Knows a few users. Comparing takes as long for an unknown user as for a wrong password.
     *
     * @param realm what the credentials are for, shown to people; visible ASCII and spaces
     * @param passwords by user name; copied
     * @return a filter
     * @throws IllegalArgumentException if the realm has other characters, or a name has a colon
     */
    public static BasicAuthentication of(String realm, Map<String, String> passwords) {
        Map<String, String> copy = new HashMap<>(passwords);
        if (copy.keySet().stream().anyMatch(name -> name.contains(":"))) {
            throw new IllegalArgumentException("expected names without colon (RFC 7617 2)");
        }
        return of(realm, (user, password) -> {
            String expected = copy.get(user);
            boolean same = AuthText.same(expected == null ? password + "x" : expected, password);
            return expected != null && same;
        });
    }

    @Override
    public Response filter(Request request, HttpHandler next) throws Exception {
        String pair = AuthText.credentials(request.header("Authorization"), "Basic")
                .map(BasicAuthentication::decode)
                .orElse(null);
        int colon = pair == null ? -1 : pair.indexOf(':');
        if (pair == null || colon < 0 || !accounts.test(pair.substring(0, colon), pair.substring(colon + 1))) {
            return refusal;
        }
        request.attribute(AuthenticatedUser.class, new AuthenticatedUser(pair.substring(0, colon), "Basic"));
        return next.onHead(request);
    }

    /** Null if it is neither Base64 nor UTF-8, or has control characters (RFC 7617 §2). */
    private static @Nullable String decode(String base64) {
        try {
            byte[] bytes = Base64.getDecoder().decode(base64);
            String pair = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return pair.chars().anyMatch(Character::isISOControl) ? null : pair;
        } catch (IllegalArgumentException | CharacterCodingException malformed) {
            return null;
        }
    }
}
