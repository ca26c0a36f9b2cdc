package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.meerkat.Acceptor;
import dev.meerkat.Connection;
import dev.meerkat.http.HttpHandler;
import dev.meerkat.http.HttpServer;
import dev.meerkat.http.Response;
import dev.meerkat.http.client.ClientBody;
import dev.meerkat.http.client.ClientException.Kind;
import dev.meerkat.http.client.ClientRequest;
import dev.meerkat.http.client.ClientResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Our server ends an idle connection in the very turn in which our client uses it again, on every transport. */
abstract class HttpRaceRules extends HttpClientRulesBase {
    private final Connection[] served = new Connection[1];
    private int executed;
    private String uri = "";

    /** A server and a connection to it that the client keeps. */
    private void keepOne() {
        HttpHandler handler = HttpHandler.of(request -> {
            served[0] = request.connection();
            return Response.text(Integer.toString(++executed));
        });
        Acceptor acceptor = manager().listen(arm.host() + ":0", HttpServer.handler(HttpServerRules.TIMELESS, handler));
        uri = "http://" + arm.host() + ":" + acceptor.port();
        assertEquals("1", get(uri).text());
        assertEquals(1, client().statistics().idle());
    }

    /** Both ends decide at once: neither can know of the other. */
    private CompletableFuture<ClientResponse> race(ClientRequest request, Runnable end) {
        List<CompletableFuture<ClientResponse>> call = new ArrayList<>();
        inTurn(() -> {
            end.run();
            call.add(client().send(request));
        });
        return call.get(0);
    }

    @Test
    void whatMayBeRepeatedIsAnswered() {
        keepOne();
        assertEquals(
                "2",
                await(race(ClientRequest.get(uri), () -> served[0].close())).text());
        assertEquals(
                "3",
                await(race(ClientRequest.of("DELETE", uri), () -> served[0].abort()))
                        .text());
        assertEquals(3, executed);
    }

    @Test
    void whatMayNotBeRepeatedFailsAndIsNotExecuted() {
        keepOne();
        ClientRequest post = ClientRequest.post(uri, ClientBody.text("once"));
        assertEquals(
                Kind.CONNECTION_LOST,
                failure(race(post, () -> served[0].close())).kind());
        assertEquals(1, executed);
        assertEquals("2", get(uri).text());
        assertEquals(
                Kind.CONNECTION_LOST,
                failure(race(post, () -> served[0].abort())).kind());
        settle();
        assertEquals(2, executed);
    }

    @Test
    void aRequestThatIsSentBeforeTheEndIsDecidedByWhoSeesItFirst() {
        keepOne();
        List<CompletableFuture<ClientResponse>> call = new ArrayList<>();
        inTurn(() -> {
            call.add(client().send(ClientRequest.get(uri)));
            served[0].close(); // before the request was read
        });
        assertEquals("2", await(call.get(0)).text());
        assertEquals(2, executed);
    }
}
