package dev.meerkat.examples.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.EventManager;
import dev.meerkat.event.Bytes;
import dev.meerkat.http.client.ClientBody;
import dev.meerkat.http.client.ClientRequest;
import dev.meerkat.http.client.ClientResponse;
import dev.meerkat.http.client.HttpClient;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Our client against a server that nobody here wrote. It answers {@code /hello} with a text, {@code /echo} with the
 * body, {@code /none} with 204, {@code /away} with a redirect to {@code /hello}, {@code /close} by closing.
 */
@Timeout(60)
abstract class ForeignServerRules {
    private final EventManager manager = EventManager.create();
    private HttpClient client = HttpClient.create(manager);
    private String base = "";

    /** Starts the server; answers its URI. */
    abstract String start() throws Exception;

    abstract void stop() throws Exception;

    @BeforeEach
    void startAll() throws Exception {
        base = start();
        manager.start();
    }

    @AfterEach
    void stopAll() throws Exception {
        manager.close();
        stop();
    }

    private ClientResponse send(ClientRequest request) throws Exception {
        return client.send(request).get(30, TimeUnit.SECONDS);
    }

    private int connections() throws Exception {
        return manager.submit(() -> client.statistics().connections()).get(30, TimeUnit.SECONDS);
    }

    @Test
    void manyRequestsUseOneConnection() throws Exception {
        for (int i = 0; i < 50; i++) {
            ClientResponse response = send(ClientRequest.get(base + "/hello?" + i));
            assertEquals(200, response.status());
            assertEquals("hello", response.text());
        }
        assertEquals(1, connections());
    }

    @Test
    void manyRequestsAtOnceUseAFew() throws Exception {
        List<CompletableFuture<ClientResponse>> calls = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            calls.add(client.send(ClientRequest.post(base + "/echo", ClientBody.text("number " + i))));
        }
        for (int i = 0; i < 200; i++) {
            assertEquals("number " + i, calls.get(i).get(30, TimeUnit.SECONDS).text());
        }
        assertTrue(connections() <= 8);
    }

    @Test
    void bodiesOfEveryFramingComeBack() throws Exception {
        for (int length : new int[] {0, 1, 65_536, 1_000_003}) {
            byte[] content = new byte[length];
            for (int i = 0; i < length; i++) {
                content[i] = (byte) (i * 31 + i / 256);
            }
            Bytes bytes = Bytes.copyOf(content);
            ClientBody fixed = ClientBody.bytes("application/octet-stream", bytes);
            assertEquals(bytes, send(ClientRequest.post(base + "/echo", fixed)).bytes());
            assertEquals(
                    bytes,
                    send(ClientRequest.put(base + "/echo", fixed).expectingContinue())
                            .bytes());
            ClientBody chunked = ClientBody.stream(
                    "application/octet-stream",
                    -1,
                    () -> output -> output.send(bytes).end());
            assertEquals(
                    bytes, send(ClientRequest.post(base + "/echo", chunked)).bytes());
        }
        assertEquals(1, connections());
    }

    @Test
    void responsesWithoutABodyLeaveTheConnectionUsable() throws Exception {
        assertEquals(204, send(ClientRequest.get(base + "/none")).status());
        ClientResponse head = send(ClientRequest.head(base + "/hello"));
        assertEquals(200, head.status());
        assertEquals(0, head.bytes().length());
        assertEquals("hello", send(ClientRequest.get(base + "/hello")).text());
        assertEquals(1, connections());
    }

    @Test
    void redirectsAreFollowedAndClosedConnectionsReplaced() throws Exception {
        assertEquals("hello", send(ClientRequest.get(base + "/away")).text());
        assertEquals("hello", send(ClientRequest.get(base + "/close")).text());
        assertEquals("hello", send(ClientRequest.get(base + "/hello")).text());
    }
}
