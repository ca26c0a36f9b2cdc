package dev.meerkat.http.proxy;

import dev.meerkat.http.BodyInput;
import dev.meerkat.http.Headers;
import dev.meerkat.http.Request;
import dev.meerkat.http.Response;
import dev.meerkat.http.ResponseBody;
import dev.meerkat.http.client.ClientBody;
import dev.meerkat.http.client.ClientException;
import dev.meerkat.http.client.ClientRequest;
import dev.meerkat.http.client.HttpClient;
import dev.meerkat.http.client.StreamedResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** One request on its way through a proxy, and its answer on the way back. Loop thread. */
final class ProxiedCall {
    private final Request request;
    private final ReverseProxyOptions options;
    private final CompletableFuture<Response> answer = new CompletableFuture<>();
    /** Complete when the body of the response is over. */
    private final CompletableFuture<Boolean> passed = new CompletableFuture<>();

    private @Nullable Relay relay;
    private @Nullable CompletableFuture<Boolean> call;

    ProxiedCall(Request request, ReverseProxyOptions options) {
        this.request = request;
        this.options = options;
    }

    Response begin(HttpClient client, ClientRequest fields) {
        CompletableFuture<Boolean> begun = client.send(complete(fields), this::response);
        call = begun;
        var unusedResult = begun.whenComplete((whole, failure) -> {
            if (failure != null) {
                answer.complete(failed(failure));
            }
        });
        var unusedEnd = request.whenSent().whenComplete((sent, failure) -> {
            if (failure != null || !sent) {
                hangUp();
            }
        });
        return Response.later(answer);
    }

    /** Nobody is there to hear the rest. */
    private void hangUp() {
        if (call != null) {
            call.cancel(false);
        }
        if (relay != null) {
            relay.abandon();
        }
    }

    private void bodyIsOver(boolean whole) {
        if (whole) {
            passed.complete(true);
        } else {
            hangUp();
        }
    }

    private ClientRequest complete(ClientRequest fields) {
        BodyInput body = request.body();
        Headers received = request.head().headers();
        List<String> protocols = ProxiedFields.protocols(received);
        if (body.isEmpty() && !protocols.isEmpty() && received.containsToken("Connection", "upgrade")) {
            Relay switched = new Relay(options.client().idleTimeout());
            relay = switched;
            return fields.upgrading(String.join(", ", protocols), switched.upstream());
        }
        if (body.isEmpty()) {
            return fields;
        }
        ClientBody streamed =
                new ClientBody.Streamed("", body.length().orElse(-1), () -> new BodyRelay(body, whole -> {}), false);
        ClientRequest whole = fields.with(fields.method(), fields.uri(), streamed);
        return fields.target().map(whole::withTarget).orElse(whole);
    }

    /** The head of the answer is here. */
    private CompletionStage<Boolean> response(StreamedResponse response) {
        Headers fields = ProxiedFields.ofResponse(response.head().headers(), options);
        int status = response.status();
        Relay switched = relay;
        if (status == 101 && switched != null) {
            String protocol = response.header("Upgrade").orElse("");
            answer.complete(Response.upgrade(protocol, switched.downstream())
                    .withHeaders(own -> own.toBuilder().addAll(fields).build()));
            passed.complete(true);
            return passed;
        }
        ResponseBody body;
        if (status == 204 || status == 304) {
            body = ResponseBody.Empty.INSTANCE;
        } else if (request.method().equals("HEAD")) { // what a response to GET would be long is for the peer to know
            long length = response.header("Content-Length").map(Long::parseLong).orElse(-1L);
            body = new ResponseBody.Streamed(length, () -> output -> {});
        } else if (response.body().isEmpty()) {
            body = ResponseBody.Empty.INSTANCE;
        } else {
            BodyRelay relayed = new BodyRelay(response.body(), this::bodyIsOver);
            answer.complete(Response.of(
                    status,
                    fields,
                    new ResponseBody.Streamed(response.body().length().orElse(-1), () -> relayed)));
            return passed;
        }
        answer.complete(Response.of(status, fields, body));
        passed.complete(true);
        return passed;
    }

    private static Response failed(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (!(cause instanceof ClientException known)) {
            return Response.error(502, "the server behind this one has not answered");
        }
        return switch (known.kind()) {
            case HEAD_TIMEOUT, SEND_TIMEOUT, CALL_TIMEOUT, BODY_TIMEOUT ->
                Response.error(504, "the server behind this one has not answered in time");
            case TOO_MANY_WAITING, WAIT_TIMEOUT, CLIENT_CLOSED ->
                Response.error(503, "too many requests are under way");
            default -> Response.error(502, "the server behind this one has not answered, or not as it should");
        };
    }
}
