package dev.meerkat.internal.http;

import dev.meerkat.Connection;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.ReceiveBuffer;
import dev.meerkat.http.BodyInput;
import dev.meerkat.http.Headers;
import dev.meerkat.http.HttpError;
import dev.meerkat.http.HttpHandler;
import dev.meerkat.http.Parameters;
import dev.meerkat.http.Request;
import dev.meerkat.http.RequestBody;
import dev.meerkat.http.RequestHead;
import dev.meerkat.http.Response;
import dev.meerkat.http.ResponseException;
import dev.meerkat.internal.coding.Inflating;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A request as it would have come without compression: its body is decompressed on the way, its head says nothing of
 * it.
 */
public final class DecodedRequest implements Request {
    private final Request request;
    private final RequestHead head;
    private final DecodedBody body;
    private final int bufferedLimit;
    private @Nullable Bytes gathered;

    private DecodedRequest(Request request, Inflating inflating, long limit) {
        this.request = request;
        head = request.head()
                .withHeaders(request.head().headers().toBuilder()
                        .remove("Content-Encoding")
                        .remove("Content-Length")
                        .build());
        body = new DecodedBody(request, inflating, limit);
        bufferedLimit = (int) Math.min(limit, Integer.MAX_VALUE - 8);
    }

    /**
     * Decompresses a request.
     *
     * @param request one whose body nobody has asked for
     * @param ratio how many times larger the body may become
     * @param limit the most bytes it may have then
     * @return null if it is compressed in a way that is not known here
     */
    public static @Nullable Request of(Request request, int ratio, long limit) {
        Inflating inflating = Inflating.of(request.head().headers(), ratio);
        return inflating == null ? null : new DecodedRequest(request, inflating, limit);
    }

    @Override
    public RequestHead head() {
        return head;
    }

    @Override
    public RequestBody body() {
        return body;
    }

    @Override
    public Bytes bytes() {
        Bytes known = gathered;
        if (known == null) {
            throw new IllegalStateException("the body has not been gathered: use Request.gather");
        }
        return known;
    }

    @Override
    public String text() {
        return BodyText.of(this);
    }

    @Override
    public Parameters form() {
        return BodyText.form(this);
    }

    @Override
    public Response gather(HttpHandler handler) throws Exception {
        return gather(bufferedLimit, handler);
    }

    @Override
    public Response gather(int limit, HttpHandler handler) throws Exception {
        if (limit < 0) {
            throw new IllegalArgumentException("expected a limit from 0, found " + limit);
        }
        if (gathered != null) {
            return handler.handle(this);
        }
        CompletableFuture<Response> answer = new CompletableFuture<>();
        body.collect(limit, new BodyInput.Reader() {
            @Override
            public void onData(ReceiveBuffer decoded) {
                // left where it is, until the end
            }

            @Override
            public void onEnd(Headers trailers) {
                Bytes all = body.takeAll();
                if (all.length() > limit) {
                    answer.completeExceptionally(
                            new ResponseException(413, "decompressed, the body is longer than " + limit + " bytes"));
                    return;
                }
                gathered = all;
                try {
                    answer.complete(handler.handle(DecodedRequest.this));
                } catch (Throwable failure) {
                    answer.completeExceptionally(failure);
                }
            }

            @Override
            public void onFailure(HttpError error) {
                answer.completeExceptionally(new ResponseException(error.status(), error.message()));
            }
        });
        return Response.later(answer);
    }

    @Override
    public void answerWith(HttpHandler handler) {
        request.answerWith(HttpHandler.streaming(encoded -> handler.onHead(this)));
    }

    @Override
    public Connection connection() {
        return request.connection();
    }

    @Override
    public long number() {
        return request.number();
    }

    @Override
    public void respond(Response response) {
        request.respond(response);
    }

    @Override
    public void inform(int status, Headers headers) {
        request.inform(status, headers);
    }

    @Override
    public boolean isAnswered() {
        return request.isAnswered();
    }

    @Override
    public CompletionStage<Boolean> whenSent() {
        return request.whenSent();
    }

    @Override
    public void onUnwanted(Runnable task) {
        request.onUnwanted(task);
    }

    @Override
    public <T> void attribute(Class<T> type, @Nullable T value) {
        request.attribute(type, value);
    }

    @Override
    public <T> Optional<T> attribute(Class<T> type) {
        return request.attribute(type);
    }
}
