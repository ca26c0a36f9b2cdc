package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.meerkat.http.client.ClientException.Kind;
import dev.meerkat.http.client.ClientRequest;
import dev.meerkat.http.client.ClientResponse;
import dev.meerkat.http.client.HttpClient;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class NioHttpClientTest extends HttpClientRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }

    @Test
    void aCallForWhichTheMailboxHasNoRoomFailsAndThoseBeforeItDoNot() throws InterruptedException {
        use(options -> options.mailboxLimit(2));
        ClientRequest request = ClientRequest.get(serve(CannedServer.text("x")));
        HttpClient client = client();
        List<CompletableFuture<ClientResponse>> calls = new ArrayList<>();
        elsewhere(() -> {
            for (int i = 0; i < 4; i++) {
                calls.add(client.send(request));
            }
        });
        assertEquals(4, calls.size());
        assertEquals(Kind.TOO_MANY_WAITING, failure(calls.get(2)).kind());
        assertEquals(Kind.TOO_MANY_WAITING, failure(calls.get(3)).kind());
        assertEquals("x", await(calls.get(0)).text());
        assertEquals("x", await(calls.get(1)).text());
    }

    @Test
    void aClientIsClosedAlthoughTheMailboxIsFull() throws InterruptedException {
        use(options -> options.mailboxLimit(1));
        CannedServer server = CannedServer.text("x");
        String uri = serve(server);
        get(uri);
        HttpClient client = client();
        assertEquals(1, client.statistics().idle());
        manager().post(() -> {});
        elsewhere(client::closeIdle);
        until("the end of the idle connection", () -> server.open() == 0);
        CompletableFuture<ClientResponse> call = client.send(ClientRequest.get(serve(new CannedServer((c, r) -> {}))));
        manager().post(() -> {});
        elsewhere(client::close);
        assertEquals(Kind.CLIENT_CLOSED, failure(call).kind());
    }

    private static void elsewhere(Runnable task) throws InterruptedException {
        Thread thread = new Thread(task);
        thread.start();
        thread.join();
    }
}
