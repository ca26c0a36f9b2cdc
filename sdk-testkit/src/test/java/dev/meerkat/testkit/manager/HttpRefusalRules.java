package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Acceptor;
import dev.meerkat.http.HttpHandler;
import dev.meerkat.http.HttpLimits;
import dev.meerkat.http.HttpRule;
import dev.meerkat.http.HttpServer;
import dev.meerkat.http.HttpServerOptions;
import dev.meerkat.http.Request;
import dev.meerkat.http.Response;
import dev.meerkat.rules.RefusedRequests;
import dev.meerkat.rules.RefusedRequests.Refused;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Every request that breaks a rule has the status of the rule for an answer, and is the connection's last. */
abstract class HttpRefusalRules extends ManagerRules {
    static final HttpLimits SMALL = HttpLimits.builder()
            .startLineBytes(RefusedRequests.START_LINE_BYTES)
            .headerCount(RefusedRequests.HEADER_COUNT)
            .headerBytes(RefusedRequests.HEADER_BYTES)
            .bodyBytes(RefusedRequests.BODY_BYTES)
            .trailerCount(RefusedRequests.TRAILER_COUNT)
            .trailerBytes(RefusedRequests.TRAILER_BYTES)
            .chunkLineBytes(RefusedRequests.CHUNK_LINE_BYTES)
            .chunkExtensionBytes(RefusedRequests.CHUNK_EXTENSION_BYTES)
            .build();

    private static final String BEHIND = "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n";

    private final List<String> served = new ArrayList<>();

    private Acceptor serve() {
        HttpServerOptions options =
                HttpServerOptions.builder().date(false).limits(SMALL).build();
        return manager().listen(arm.listenAddress(), HttpServer.handler(options, HttpHandler.of(request -> {
            served.add(request.head().target());
            return HttpServerRules.HELLO;
        })));
    }

    private void isRefused(Peer client, Refused sample) {
        until("the end of " + sample, client::hasEnded);
        String text = client.text();
        String start = "HTTP/1.1 " + HttpRule.valueOf(sample.rule()).status() + " ";
        assertTrue(text.startsWith(start), () -> sample + ": " + text);
        assertTrue(text.contains("\r\nConnection: close\r\n"), () -> sample + ": " + text);
        assertFalse(text.contains("\nHTTP/1.1 "), () -> sample + ": " + text);
        assertFalse(client.wasReset(), sample::toString);
        assertEquals(List.of(), served, sample::toString);
        client.close();
    }

    @Test
    void whatBreaksARuleHasItsStatusAndIsTheLast() {
        Acceptor acceptor = serve();
        RefusedRequests.all().forEach(sample -> {
            Peer client = peer(acceptor).send(bytes(sample.stream()));
            isRefused(client, sample);
        });
    }

    @Test
    void soItIsWhenItComesByteByByte() {
        Acceptor acceptor = serve();
        RefusedRequests.all().forEach(sample -> {
            Peer client = peer(acceptor);
            for (byte each : bytes(sample.stream())) {
                client.send(new byte[] {each});
                if (arm.isVirtual()) {
                    arm.advance(Duration.ZERO);
                }
            }
            isRefused(client, sample);
        });
    }

    @Test
    void whatIsBehindIsNoRequest() {
        Acceptor acceptor = serve();
        RefusedRequests.heads().forEach(sample -> {
            Peer client = peer(acceptor).send(bytes(sample.stream() + BEHIND));
            isRefused(client, sample);
        });
    }

    private static byte[] bytes(String stream) {
        return stream.chars().allMatch(c -> c < 256)
                ? stream.getBytes(StandardCharsets.ISO_8859_1)
                : stream.getBytes(StandardCharsets.UTF_8);
    }

    // ---- the page of a failure

    private Peer client(HttpServerOptions.Builder options, HttpHandler handler) {
        return peer(manager()
                .listen(
                        arm.listenAddress(),
                        HttpServer.handler(options.date(false).build(), handler)));
    }

    private static Response page(Optional<Request> request, Response plain) {
        String target = request.map(known -> known.head().target()).orElse("nobody knows what");
        return Response.text("page of " + plain.status() + " for " + target).withStatus(plain.status());
    }

    @Test
    void failuresHaveThePageOfTheOptions() {
        for (String[] expected : new String[][] {
            {"GET /a b HTTP/1.1\r\n\r\n", "400", "page of 400 for nobody knows what"},
            {"GET /throws HTTP/1.1\r\nHost: a\r\n\r\n", "500", "page of 500 for /throws"},
            {"GET /own HTTP/1.1\r\nHost: a\r\n\r\n", "404", "the handler's own"},
            {"GET /late HTTP/1.1\r\nHost: a\r\n\r\n", "503", "page of 503 for /late"}
        }) {
            HttpServerOptions.Builder options =
                    HttpServerOptions.builder().answerTimeout(SHORT).errorPage(HttpRefusalRules::page);
            Peer client = client(
                    options, HttpHandler.of(request -> switch (request.head().path()) {
                        case "/throws" -> throw new IllegalStateException("on purpose");
                        case "/own" -> Response.text("the handler's own").withStatus(404);
                        default -> Response.later(new CompletableFuture<>());
                    }));
            client.send(expected[0]);
            until("the page", () -> client.text().endsWith("\r\n\r\n" + expected[2]));
            assertTrue(client.text().startsWith("HTTP/1.1 " + expected[1] + " "), client.text());
            client.close();
            takeFailures();
        }
    }

    @Test
    void aPageThatCannotBeMadeLeavesThePlainAnswer() {
        for (HttpServerOptions.Builder options : List.of(
                HttpServerOptions.builder().errorPage((request, plain) -> {
                    throw new IllegalStateException("no page");
                }),
                HttpServerOptions.builder()
                        .errorPage((request, plain) -> Response.stream("x", () -> output -> output.end())))) {
            Peer client = client(options, HttpHandler.of(request -> HttpServerRules.HELLO));
            client.send("no HTTP\r\n\r\n");
            until("the end", client::hasEnded);
            assertTrue(client.text().startsWith("HTTP/1.1 400 "), client.text());
            assertEquals(1, takeFailures().size());
            client.close();
        }
    }
}
