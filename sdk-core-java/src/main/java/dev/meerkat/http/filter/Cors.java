package dev.meerkat.http.filter;

import dev.meerkat.http.HttpFilter;
import dev.meerkat.http.HttpHandler;
import dev.meerkat.http.Request;
import dev.meerkat.http.Response;
import dev.meerkat.internal.check.Tokens;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Lets pages of other origins read answers (the CORS protocol, Fetch standard §3.2).
 *
 * <pre>{@code
 * router.filter(Cors.builder().origins("https://app.example").credentials(true).methods("GET", "PUT").headers("X-Token").build());
 * }</pre>
 *
 * <p>Origins are compared exactly, never by pattern or ending; {@code null}, which any page can be, is none. The
 * browser's question before a request (OPTIONS with {@code Origin} and {@code Access-Control-Request-Method}) is
 * answered here and reaches no handler: 204, or 403 for other origins. Other requests reach the handler whatever their
 * origin is: CORS protects answers from being read, not servers from being asked.
 */
public final class Cors implements HttpFilter {
    private final List<String> origins;
    private final boolean everybody;
    private final boolean credentials;
    private final String methods;
    private final String headers;
    private final String exposed;
    private final String maxAge;

    private Cors(Builder builder) {
        origins = builder.origins;
        everybody = builder.everybody;
        credentials = builder.credentials;
        methods = String.join(", ", builder.methods);
        headers = String.join(", ", builder.headers);
        exposed = String.join(", ", builder.exposed);
        maxAge = Long.toString(builder.maxAge.toSeconds());
    }

    /**
     * Starts with no origin, without credentials, with GET, HEAD and POST and no fields beyond those that pages may
     * always send and read.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public Response filter(Request request, HttpHandler next) throws Exception {
        String origin = request.header("Origin").orElse(null);
        if (request.method().equals("OPTIONS")
                && origin != null
                && request.header("Access-Control-Request-Method").isPresent()) {
            return preflight(origin);
        }
        return HttpFilter.answer(request, next, response -> allowed(response, origin));
    }

    private Response preflight(String origin) {
        if (!mayRead(origin)) {
            return Response.error(403, "This origin may not ask.").withVary("Origin");
        }
        Response response = allow(Response.status(204), origin)
                .withVary("Access-Control-Request-Method")
                .withVary("Access-Control-Request-Headers")
                .withHeader("Access-Control-Allow-Methods", methods)
                .withHeader("Access-Control-Max-Age", maxAge);
        return headers.isEmpty() ? response : response.withHeader("Access-Control-Allow-Headers", headers);
    }

    private Response allowed(Response response, @Nullable String origin) {
        if (origin == null || !mayRead(origin)) {
            return everybody ? response : response.withVary("Origin"); // for caches, whoever asked first
        }
        Response allowed = allow(response, origin);
        return exposed.isEmpty() ? allowed : allowed.withHeader("Access-Control-Expose-Headers", exposed);
    }

    private boolean mayRead(String origin) {
        return everybody || origins.contains(origin);
    }

    private Response allow(Response response, String origin) {
        if (everybody) {
            return response.withHeader("Access-Control-Allow-Origin", "*");
        }
        Response allowed =
                response.withHeader("Access-Control-Allow-Origin", origin).withVary("Origin");
        return credentials ? allowed.withHeader("Access-Control-Allow-Credentials", "true") : allowed;
    }

    /** Collects values. */
    public static final class Builder {
        private List<String> origins = List.of();
        private boolean everybody;
        private boolean credentials;
        private List<String> methods = List.of("GET", "HEAD", "POST");
        private List<String> headers = List.of();
        private List<String> exposed = List.of();
        private Duration maxAge = Duration.ofHours(1);

        private Builder() {}

        /**
         * Sets which origins may read answers.
         *
         * @param values each as browsers send it: scheme, host in lower case, port if it is not the usual one
         * @return this
         */
        public Builder origins(String... values) {
            origins = List.of(values);
            return this;
        }

        /**
         * Lets all origins read answers. Not together with credentials.
         *
         * @return this
         */
        public Builder everybody() {
            everybody = true;
            return this;
        }

        /**
         * Sets whether cookies and the like may be sent along.
         *
         * @param value off by default
         * @return this
         */
        public Builder credentials(boolean value) {
            credentials = value;
            return this;
        }

        /**
         * Sets which methods may be used.
         *
         * @param values GET, HEAD and POST by default
         * @return this
         */
        public Builder methods(String... values) {
            methods = List.of(values);
            return this;
        }

        /**
         * Sets which fields may be sent, beyond those that pages may always send.
         *
         * @param values names of fields
         * @return this
         */
        public Builder headers(String... values) {
            headers = List.of(values);
            return this;
        }

        /**
         * Sets which fields of answers may be read, beyond those that pages may always read.
         *
         * @param values names of fields
         * @return this
         */
        public Builder exposedHeaders(String... values) {
            exposed = List.of(values);
            return this;
        }

        /**
         * Sets how long browsers may remember the answer to their question; an hour by default, none takes much longer.
         *
         * @param value to the second, from zero
         * @return this
         */
        public Builder maxAge(Duration value) {
            maxAge = Objects.requireNonNull(value, "maxAge");
            return this;
        }

        /**
         * Makes the filter.
         *
         * @return the filter
         * @throws IllegalArgumentException if an origin is none, a name is no token, or credentials go to everybody
         */
        public Cors build() {
            for (String origin : origins) {
                if (!origin.matches("[a-z][a-z0-9+.-]*://[a-z0-9._\\[\\]:-]+")) {
                    throw new IllegalArgumentException(
                            "expected an origin such as https://app.example or http://localhost:3000, found " + origin);
                }
            }
            if (everybody && (credentials || !origins.isEmpty())) {
                throw new IllegalArgumentException("everybody goes neither with credentials nor with origins");
            }
            for (List<String> names : List.of(methods, headers, exposed)) {
                Optional<String> bad =
                        names.stream().filter(name -> !Tokens.isToken(name)).findFirst();
                bad.ifPresent(name -> {
                    throw new IllegalArgumentException("expected a token, found " + name);
                });
            }
            if (maxAge.isNegative()) {
                throw new IllegalArgumentException("expected maxAge from zero, found " + maxAge);
            }
            return new Cors(this);
        }
    }
}
