package dev.meerkat.internal.httpclient;

import dev.meerkat.http.Headers;
import dev.meerkat.http.ResponseHead;
import dev.meerkat.http.client.ClientBody;
import dev.meerkat.http.client.ClientException;
import dev.meerkat.http.client.ClientException.Kind;
import dev.meerkat.http.client.ClientRequest;
import java.net.URI;
import java.util.Optional;

/** What a redirect asks for (RFC 9110 §15.4): which request comes next, if any. */
final class Redirects {
    /** What describes a body, and goes with it. */
    private static final String[] CONTENT = {
        "Content-Type",
        "Content-Encoding",
        "Content-Language",
        "Content-Location",
        "Content-Range",
        "Digest",
        "Content-Digest",
        "Repr-Digest",
        "Last-Modified"
    };

    /** What was meant for one server's eyes. */
    private static final String[] PRIVATE = {"Authorization", "Cookie", "Host", "Origin"};

    private Redirects() {}

    /**
     * Decides.
     *
     * @param request what was sent
     * @param head what was answered
     * @param insecure whether {@code https} may lead to {@code http}
     * @return the next request, or empty if the answer is not a redirect to be followed
     * @throws ClientException if it is one that must not be followed
     */
    static Optional<ClientRequest> next(ClientRequest request, ResponseHead head, boolean insecure)
            throws ClientException {
        int status = head.status();
        boolean follows = status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
        Optional<String> location = head.headers().first("Location");
        if (!follows || location.isEmpty() || request.upgrade().isPresent()) {
            return Optional.empty();
        }
        URI target = resolve(request.uri(), location.get());
        Origin from = Origin.of(request.uri());
        Origin to = Origin.of(target);
        if (from.secure() && !to.secure() && !insecure) {
            throw refused("from https to http, " + to.hostAndPort());
        }
        String method = method(request.method(), status);
        ClientBody body = request.body();
        Headers headers = request.headers();
        if (!method.equals(request.method())) {
            body = ClientBody.Empty.INSTANCE;
            headers = without(headers, CONTENT);
        } else if (!body.isRepeatable()) {
            throw refused("with a body that can be sent only once, " + status + " keeps it");
        }
        if (!from.equals(to)) {
            headers = without(headers, PRIVATE);
        }
        Headers kept = headers;
        return Optional.of(request.with(method, target, body).withHeaders(any -> kept));
    }

    /** RFC 9110 §15.4.2 to §15.4.4: what everybody does with POST, and what 303 is for. */
    private static String method(String method, int status) {
        boolean toGet = (status == 303 && !method.equals("HEAD")) || (status <= 302 && method.equals("POST"));
        return toGet ? "GET" : method;
    }

    private static URI resolve(URI base, String location) throws ClientException {
        URI target;
        try {
            target = UriReference.resolve(base, location);
            ClientRequest.of("GET", target, ClientBody.Empty.INSTANCE); // checks scheme and authority
        } catch (IllegalArgumentException e) {
            throw new ClientException(
                    Kind.REDIRECT_REFUSED, "a redirect to what cannot be requested: " + e.getMessage(), null, null, e);
        }
        return target;
    }

    private static ClientException refused(String what) {
        return new ClientException(Kind.REDIRECT_REFUSED, "a redirect is not followed: " + what, null, null, null);
    }

    private static Headers without(Headers headers, String[] names) {
        Headers.Builder builder = headers.toBuilder();
        for (String name : names) {
            builder.remove(name);
        }
        return builder.build();
    }
}
