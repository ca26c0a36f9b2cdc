package dev.meerkat.http.filter;

import dev.meerkat.http.Headers;
import dev.meerkat.http.HttpFilter;
import dev.meerkat.http.HttpHandler;
import dev.meerkat.http.Request;
import dev.meerkat.http.Response;

/**
 * Adds fields that tell browsers to be careful. A field that an answer has already is left as it is.
 *
 * <pre>{@code
 * router.filter(SecurityHeaders.strict().with("Content-Security-Policy", "default-src 'self'; img-src *"));
 * }</pre>
 *
 * <p>{@link #strict} sets:
 *
 * <ul>
 *   <li>{@code Content-Security-Policy}: nothing but from this origin, no plug-ins, in nobody's frame
 *   <li>{@code X-Content-Type-Options: nosniff} and {@code X-Frame-Options: DENY}
 *   <li>{@code Referrer-Policy: strict-origin-when-cross-origin}
 *   <li>{@code Cross-Origin-Opener-Policy} and {@code Cross-Origin-Resource-Policy}: {@code same-origin}
 *   <li>over TLS, {@code Strict-Transport-Security} for a year (RFC 6797 §7.2 forbids it elsewhere); TLS that a proxy
 *       in front has ended counts if {@link ForwardedFields} says so
 * </ul>
 */
public final class SecurityHeaders implements HttpFilter {
    private static final String TRANSPORT = "Strict-Transport-Security";

    private final Headers fields;

    private SecurityHeaders(Headers fields) {
        this.fields = fields;
    }

    /**
     * The whole bundle.
     *
     * @return a filter
     */
    public static SecurityHeaders strict() {
        return new SecurityHeaders(Headers.of(
                "Content-Security-Policy",
                "default-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
                "X-Content-Type-Options",
                "nosniff",
                "X-Frame-Options",
                "DENY",
                "Referrer-Policy",
                "strict-origin-when-cross-origin",
                "Cross-Origin-Opener-Policy",
                "same-origin",
                "Cross-Origin-Resource-Policy",
                "same-origin",
                TRANSPORT,
                "max-age=31536000"));
    }

    /**
     * The same with another value of a field, or with a field more.
     *
     * @param name the field
     * @param value its value
     * @return a filter
     * @throws IllegalArgumentException if name or value are not those of a field
     */
    public SecurityHeaders with(String name, String value) {
        return new SecurityHeaders(fields.toBuilder().set(name, value).build());
    }

    /**
     * The same without a field.
     *
     * @param name the field
     * @return a filter
     */
    public SecurityHeaders without(String name) {
        return new SecurityHeaders(fields.toBuilder().remove(name).build());
    }

    @Override
    public Response filter(Request request, HttpHandler next) throws Exception {
        boolean secured = request.attribute(ForwardedPeer.class)
                .flatMap(ForwardedPeer::scheme)
                .map("https"::equals)
                .orElseGet(() -> request.connection().isSecured());
        return HttpFilter.answer(request, next, response -> response.withHeaders(present -> add(present, secured)));
    }

    private Headers add(Headers present, boolean secured) {
        Headers.Builder all = present.toBuilder();
        fields.forEach((name, value) -> {
            if (!present.contains(name) && (secured || !name.equalsIgnoreCase(TRANSPORT))) {
                all.add(name, value);
            }
        });
        return all.build();
    }
}
