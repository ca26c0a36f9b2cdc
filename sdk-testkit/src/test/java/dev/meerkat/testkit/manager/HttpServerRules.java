package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Handler;
import dev.meerkat.event.Bytes;
import dev.meerkat.http.HttpHandler;
import dev.meerkat.http.HttpServer;
import dev.meerkat.http.HttpServerOptions;
import dev.meerkat.http.Response;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Requests and answers of HTTP/1.1 on a connection, on every transport. */
abstract class HttpServerRules extends ManagerRules {
    /** Answers do not depend on the time of day. */
    static final HttpServerOptions TIMELESS =
            HttpServerOptions.builder().date(false).build();

    static final Response HELLO = Response.bytes("text/plain", Bytes.utf8("Hello, World!"));

    static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    static final String HELLO_TEXT =
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\nHello, World!";

    final Peer client(Handler handler) {
        return peer(manager().listen(arm.listenAddress(), HttpServer.handler(TIMELESS, handler)));
    }

    final Peer client(HttpHandler handler) {
        return client((Handler) handler);
    }

    final void expect(Peer client, String text) {
        until("the answer", () -> client.receivedCount() >= text.length());
        assertEquals(text, client.text());
    }

    // ---- answers

    @Test
    void oneRequestHasOneAnswer() {
        Peer client = client(request -> HELLO);
        client.send(GET);
        expect(client, HELLO_TEXT);
        settle();
        assertEquals(HELLO_TEXT, client.text());
    }

    @Test
    void aConnectionServesSeveralRequests() {
        Peer client = client(request -> Response.text(Long.toString(request.number())));
        for (int i = 1; i <= 3; i++) {
            int number = i;
            client.send(GET);
            until("answer " + i, () -> client.text().endsWith("\r\n\r\n" + number));
        }
    }

    @Test
    void pipelinedRequestsAreAnsweredInTheirOrder() {
        List<String> targets = new ArrayList<>();
        Peer client = client(request -> {
            targets.add(request.head().target());
            return HELLO;
        });
        StringBuilder requests = new StringBuilder();
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            requests.append("GET /").append(i).append(" HTTP/1.1\r\nHost: a\r\n\r\n");
            expected.add("/" + i);
        }
        client.send(requests.toString());
        expect(client, HELLO_TEXT.repeat(40));
        assertEquals(expected, targets);
    }

    @Test
    void aBodyIsGatheredForAHandlerOfRequests() {
        Peer client = client(request -> Response.bytes("text/plain", request.bytes()));
        client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello");
        until("the answer", () -> client.text().endsWith("\r\n\r\nhello"));
        client.send(
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nfoo\r\n3\r\nbar\r\n0\r\n\r\n");
        until("the answer", () -> client.text().endsWith("\r\n\r\nfoobar"));
    }

    @Test
    void whatIsNotHttpIsAnsweredAndTheConnectionCloses() {
        Peer client = client(request -> HELLO);
        client.send("hello\r\n\r\n");
        until("the end", client::hasEnded);
        assertTrue(client.text().startsWith("HTTP/1.1 400 Bad Request\r\n"), client.text());
    }
}
