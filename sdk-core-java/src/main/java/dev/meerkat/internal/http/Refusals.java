package dev.meerkat.internal.http;

import dev.meerkat.http.RequestHead;
import dev.meerkat.http.Response;
import dev.meerkat.http.ResponseBody;
import org.jspecify.annotations.Nullable;

/** Answers that a request cannot have, whatever the handler thinks: whose fault that is, and what it gets instead. */
final class Refusals {
    private Refusals() {}

    /**
     * Why the answer is none to this request.
     *
     * @return a sentence, or null if it is one
     */
    static @Nullable String obstacle(ServerRequest request, Response response) {
        if (response.body() instanceof ResponseBody.Upgrade upgrade) {
            return Upgrading.obstacle(request, upgrade);
        }
        RequestHead head = request.head();
        return head.isMethod("CONNECT") && response.status() < 300 ? "this server makes no tunnels" : null;
    }

    /**
     * Whether the peer has not asked for what the handler gives, or cannot have it. What the handler did not do is not
     * its fault.
     */
    static boolean isUnasked(ServerRequest request, Response response) {
        return response.body() instanceof ResponseBody.Upgrade upgrade
                ? !Upgrading.isAskedFor(request, upgrade)
                : obstacle(request, response) != null;
    }

    /** What the peer is told that has not asked for it. */
    static Response instead(ServerRequest request, Response response) {
        String reason = String.valueOf(obstacle(request, response));
        if (response.body() instanceof ResponseBody.Upgrade upgrade) {
            return request.page(Response.error(426, reason))
                    .withHeaders(headers -> headers.toBuilder()
                            .set("Upgrade", upgrade.protocol())
                            .set("Connection", "Upgrade")
                            .build());
        }
        return request.page(Response.error(501, reason));
    }
}
