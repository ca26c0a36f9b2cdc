package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.meerkat.Acceptor;
import dev.meerkat.http.client.ClientException;
import dev.meerkat.http.client.ClientException.Kind;
import dev.meerkat.http.client.ClientRequest;
import dev.meerkat.http.client.ClientResponse;
import dev.meerkat.http.client.HttpClient;
import dev.meerkat.http.client.HttpClientOptions;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

/** What rules of the client need: a client, servers that say what a test wants, and calls to wait for. */
abstract class HttpClientRulesBase extends ManagerRules {
    private @Nullable HttpClient client;

    final HttpClient client() {
        HttpClient present = client;
        return present != null ? present : client(options -> {});
    }

    /** Makes a client, which is the one of this test from now on. */
    final HttpClient client(Change<HttpClientOptions.Builder> change) {
        HttpClientOptions.Builder options = HttpClientOptions.builder();
        change.apply(options);
        HttpClient made = HttpClient.create(manager(), options.build());
        client = made;
        return made;
    }

    @AfterEach
    void nothingIsUnderWay() {
        if (client != null && manager().inLoop() && !manager().isClosed()) {
            assertEquals(0, client.statistics().active(), "calls under way");
            assertEquals(0, client.statistics().waiting(), "calls waiting");
        }
    }

    /** Where a server is to be reached. */
    final String serve(CannedServer server) {
        Acceptor acceptor = manager().listen(arm.host() + ":0", server);
        return "http://" + arm.host() + ":" + acceptor.port();
    }

    final <T> T await(CompletableFuture<T> call) {
        until("the call", call::isDone);
        return call.join();
    }

    final ClientResponse get(String uri) {
        return await(client().send(ClientRequest.get(uri)));
    }

    final ClientResponse send(ClientRequest request) {
        return await(client().send(request));
    }

    final ClientException failure(CompletableFuture<?> call) {
        until("the call", call::isDone);
        Throwable cause = assertThrows(CompletionException.class, call::join).getCause();
        return assertInstanceOf(ClientException.class, cause);
    }

    final ClientException fails(Kind kind, ClientRequest request) {
        ClientException failure = failure(client().send(request));
        assertEquals(kind, failure.kind(), failure::toString);
        return failure;
    }
}
