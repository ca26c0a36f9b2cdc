package dev.meerkat.http;

import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** What a request says, decoded; what cannot be decoded is answered with 400. */
final class RequestTexts {
    private RequestTexts() {}

    static String path(RequestHead head) {
        return decoded(() -> PercentCoding.decodePath(head.path()));
    }

    static Parameters query(RequestHead head) {
        return decoded(() -> Parameters.parse(head.query().orElse("")));
    }

    static Map<String, String> cookies(RequestHead head) {
        return Cookies.parse(head.headers().all("Cookie"));
    }

    static String captured(Optional<RouteMatch> match, String name) {
        return match.map(route -> route.captures().get(name))
                .orElseThrow(() -> new IllegalArgumentException("no route of this request captures "
                        + MalformedTextException.quote(name) + ", but "
                        + match.map(RouteMatch::template).orElse("there is no route")));
    }

    /** Decodes what a peer has sent. */
    static <T> T decoded(Supplier<T> decoder) {
        try {
            return decoder.get();
        } catch (MalformedTextException malformed) {
            throw new ResponseException(400, String.valueOf(malformed.getMessage()));
        }
    }
}
