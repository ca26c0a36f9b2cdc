package dev.meerkat.http.filter;

import java.util.Objects;

/**
 * Who has proved to be somebody: the attribute that the authentication filters leave on a request.
 *
 * <pre>{@code
 * request.attribute(AuthenticatedUser.class).orElseThrow().name()
 * }</pre>
 *
 * @param name the name of the user
 * @param scheme how it was proved, for instance {@code Basic}
 */
public record AuthenticatedUser(String name, String scheme) {
    // Rejects missing parts.
    public AuthenticatedUser {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(scheme, "scheme");
    }
}
