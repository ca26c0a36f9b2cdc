package dev.meerkat.internal.upload;

import dev.meerkat.event.ReceiveBuffer;
import dev.meerkat.http.BodyInput;
import dev.meerkat.http.Headers;
import dev.meerkat.http.HttpError;
import dev.meerkat.http.Request;
import dev.meerkat.http.Response;
import dev.meerkat.internal.multipart.MultipartParser;
import dev.meerkat.multipart.Completion;
import dev.meerkat.multipart.MultipartError;
import dev.meerkat.multipart.MultipartError.Kind;
import dev.meerkat.multipart.MultipartLimits;
import dev.meerkat.multipart.PartEvent;
import dev.meerkat.multipart.PartHandler;
import dev.meerkat.multipart.Upload;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** The multipart body of one request, between the server that reads it and the handler that is told its parts. */
final class RequestUpload implements Upload, BodyInput.Reader {
    private final Request request;
    private final PartHandler handler;
    private final MultipartParser parser;
    private final CompletableFuture<Response> answer = new CompletableFuture<>();
    private @Nullable Object attachment;

    /** Whether the message can say nothing more. */
    private boolean over;

    RequestUpload(Request request, String boundary, MultipartLimits limits, PartHandler handler) {
        this.request = request;
        this.handler = handler;
        this.parser = new MultipartParser(boundary, limits, this::tell);
    }

    /** Tells that the body begins, and reads it. */
    Response begin() throws Exception {
        guarded(() -> parser.start(request.head()));
        request.body().read(this);
        return Response.later(answer);
    }

    private void tell(PartEvent event) throws Exception {
        handler.onEvent(this, event);
        if (event instanceof PartEvent.MultipartEnd end && end.completion() instanceof Completion.Aborted aborted) {
            respond(Uploads.refusal(aborted.error()));
        }
    }

    // ---------------------------------------------------------------- what the body says

    @Override
    public void onData(ReceiveBuffer body) throws Exception {
        if (!parser.hasEnded()) {
            ByteBuffer view = body.view();
            int from = view.position();
            guarded(() -> parser.take(view));
            body.discard(view.position() - from);
        }
        if (parser.hasEnded()) {
            body.discard(body.size());
        }
    }

    @Override
    public void onEnd(Headers trailers) throws Exception {
        over = true;
        guarded(parser::finish);
    }

    @Override
    public void onFailure(HttpError error) {
        over = true;
        abort(MultipartError.of(error));
    }

    private interface Step {
        void run() throws Exception;
    }

    /** What the handler throws ends the body for it, and fails the request. */
    private void guarded(Step step) throws Exception {
        try {
            step.run();
        } catch (Exception | Error e) {
            MultipartError error = MultipartError.of(Kind.HANDLER_FAILED, "the handler of the body failed", e);
            try {
                parser.abort(error);
            } catch (Exception | Error another) {
                e.addSuppressed(another);
            }
            respond(Uploads.refusal(error));
            throw e;
        }
    }

    private void abort(MultipartError error) {
        try {
            guarded(() -> parser.abort(error));
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new CompletionException(e);
        }
    }

    // ---------------------------------------------------------------- what the handler says

    @Override
    public Request request() {
        return request;
    }

    @Override
    public void pause() {
        parser.pause();
        if (!over) {
            request.body().pause();
        }
    }

    @Override
    public void resume() {
        parser.resume();
        if (!over) {
            request.body().resume();
        }
    }

    @Override
    public boolean isPaused() {
        return parser.isPaused();
    }

    @Override
    public void refuse(MultipartError error) {
        abort(error);
        resume(); // what still comes is thrown away
    }

    /** Refuses for a reason of storing, though the body may have ended. */
    void refuseHere(MultipartError error) {
        refuse(error);
        respond(Uploads.refusal(error));
    }

    /** The answer cannot be made; the server reports why. */
    void fail(Throwable failure) {
        answer.completeExceptionally(failure);
    }

    @Override
    public boolean respond(Response response) {
        return answer.complete(response);
    }

    @Override
    public void attach(@Nullable Object object) {
        attachment = object;
    }

    @Override
    public <T> @Nullable T attachment(Class<T> type) {
        return type.cast(attachment);
    }
}
