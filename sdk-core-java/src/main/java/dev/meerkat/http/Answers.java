package dev.meerkat.http;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.UnaryOperator;

/** Answers that handlers give, now or later, by returning or by throwing. */
final class Answers {
    private Answers() {}

    /** Changes what the next handler answers, a {@link ResponseException} too. Other failures pass. */
    static Response of(Request request, HttpHandler next, UnaryOperator<Response> change) throws Exception {
        try {
            return changed(next.onHead(request), change);
        } catch (ResponseException answer) {
            return changed(answer.response(), change);
        }
    }

    private static Response changed(Response response, UnaryOperator<Response> change) {
        if (!(response.body() instanceof ResponseBody.Later later)) {
            return change.apply(response);
        }
        CompletableFuture<Response> answer = new CompletableFuture<>();
        later.response().whenComplete((known, failure) -> {
            Throwable cause = failure;
            while (cause instanceof CompletionException && cause.getCause() != null) {
                cause = cause.getCause();
            }
            try {
                if (cause instanceof ResponseException thrown) {
                    answer.complete(changed(thrown.response(), change));
                } else if (cause != null) {
                    answer.completeExceptionally(cause);
                } else {
                    answer.complete(changed(known, change));
                }
            } catch (RuntimeException failed) {
                answer.completeExceptionally(failed);
            }
        });
        return Response.later(answer);
    }
}
