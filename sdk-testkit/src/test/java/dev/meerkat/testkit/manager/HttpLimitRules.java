package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Acceptor;
import dev.meerkat.Handler;
import dev.meerkat.ListenOptions;
import dev.meerkat.event.Bytes;
import dev.meerkat.http.BodyOutput;
import dev.meerkat.http.HttpHandler;
import dev.meerkat.http.HttpLimits;
import dev.meerkat.http.HttpServer;
import dev.meerkat.http.HttpServerOptions;
import dev.meerkat.http.HttpTimeouts;
import dev.meerkat.http.Request;
import dev.meerkat.http.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** How much and how slow a peer of an HTTP server may be: what lies within a limit, and what beyond. */
abstract class HttpLimitRules extends ManagerRules {
    static final String GET = HttpServerRules.GET;

    static final Duration NANO = Duration.ofNanos(1);

    final Acceptor serve(Change<HttpServerOptions.Builder> change, Handler handler) {
        return serve(ListenOptions.DEFAULT, change, handler);
    }

    final Acceptor serve(ListenOptions listen, Change<HttpServerOptions.Builder> change, Handler handler) {
        HttpServerOptions.Builder options = HttpServerOptions.builder().date(false);
        change.apply(options);
        return manager().listen(arm.listenAddress(), listen, HttpServer.handler(options.build(), handler));
    }

    static HttpHandler hello() {
        return request -> HttpServerRules.HELLO;
    }

    static HttpTimeouts timeouts(Change<HttpTimeouts.Builder> change) {
        HttpTimeouts.Builder builder = HttpTimeouts.builder();
        change.apply(builder);
        return builder.build();
    }

    static HttpLimits limits(Change<HttpLimits.Builder> change) {
        HttpLimits.Builder builder = HttpLimits.builder();
        change.apply(builder);
        return builder.build();
    }

    static int status(Peer client) {
        return Integer.parseInt(client.text().substring(9, 12));
    }

    static void answered(Peer client, int status) {
        assertTrue(client.text().startsWith("HTTP/1.1 " + status + " "), client.text());
    }

    final Peer connected(Acceptor acceptor) {
        Peer client = peer(acceptor);
        until("the connection", client::isConnected);
        settle();
        return client;
    }

    /** Lets time pass up to a point at which nothing must happen, and one nanosecond farther, at which it must. */
    final void nothingBefore(Duration time, Peer client) {
        if (arm.isVirtual()) {
            String before = client.text();
            arm.advance(time.minus(NANO));
            settleNow();
            assertEquals(before, client.text());
            assertFalse(client.hasEnded() || client.wasReset());
            arm.advance(NANO);
            settleNow();
        }
    }

    /** Without letting time pass. */
    abstract void settleNow();

    // ---- deadlines

    @Test
    void aHeadThatDripsInEndsAtItsDeadline() {
        Peer client = connected(serve(
                options -> options.timeouts(timeouts(t -> t.head(SHORT).keepAlive(LONG))), hello()));
        client.send("GET / HTTP/1.1\r\nHo");
        if (arm.isVirtual()) {
            settleNow();
            arm.advance(SHORT.dividedBy(2));
            client.send("st: a\r\n"); // a drop more is no reprieve
            settleNow();
            nothingBefore(SHORT.minus(SHORT.dividedBy(2)), client);
        }
        until("the end", client::hasEnded);
        answered(client, 408);
        client.close();
    }

    @Test
    void aConnectionThatIsQuietIsClosedWithoutAWord() {
        Peer client = connected(serve(options -> options.timeouts(timeouts(t -> t.keepAlive(SHORT))), hello()));
        if (arm.isVirtual()) {
            client.send(GET);
            settleNow();
            assertEquals(HttpServerRules.HELLO_TEXT, client.text());
            nothingBefore(SHORT, client);
        }
        until("the end", client::hasEnded);
        assertEquals(arm.isVirtual() ? HttpServerRules.HELLO_TEXT : "", client.text());
        client.close();
    }

    @Test
    void whoNeverAnswersIsAnsweredFor() {
        List<Request> requests = new ArrayList<>();
        Peer client = connected(serve(options -> options.answerTimeout(SHORT), HttpHandler.of(request -> {
            requests.add(request);
            return Response.later(new CompletableFuture<>());
        })));
        client.send(GET);
        if (arm.isVirtual()) {
            settleNow();
            nothingBefore(SHORT, client);
        }
        until("the answer", () -> client.text().contains("\r\n\r\n"));
        answered(client, 503);
        inTurn(() -> requests.get(0).respond(HttpServerRules.HELLO)); // too late, and nobody's fault
        settle();
        assertFalse(client.text().contains("Hello"));
        client.send(GET);
        until("the next request", () -> requests.size() == 2);
    }

    @Test
    void whoDoesNotReadItsAnswerIsCutOff() {
        Acceptor acceptor = serve(
                listening(options -> options.sendBufferBytes(SMALL_PEER.sendBufferBytes())),
                options -> options.timeouts(timeouts(t -> t.responseRate(1000).responseGrace(SHORT))),
                HttpHandler.of(request -> Response.bytes("x", Bytes.copyOf(new byte[MORE_THAN_FITS]))));
        Peer client = peer(acceptor, SMALL_PEER).stopReading().send(GET);
        until(
                "the request",
                () -> client.hasSentAll() && manager().connections().size() == 1);
        if (arm.isVirtual()) {
            settleNow();
            assertEquals(1, manager().connections().size());
            arm.advance(SHORT.minus(NANO));
            settleNow();
            assertEquals(1, manager().connections().size());
            arm.advance(NANO);
            settleNow();
            assertEquals(0, manager().connections().size());
        }
        until("the end", () -> manager().connections().isEmpty());
        client.startReading();
        until("the reset", client::wasReset);
    }

    @Test
    void whoDoesNotReadAStreamIsCutOff() {
        Acceptor acceptor = serve(
                listening(options -> options.sendBufferBytes(SMALL_PEER.sendBufferBytes())),
                options -> options.timeouts(timeouts(t -> t.responseRate(1000).responseGrace(SHORT))),
                HttpHandler.of(request -> Response.stream("x", () -> HttpLimitRules::noEnd)));
        Peer client = peer(acceptor, SMALL_PEER).stopReading().send(GET);
        until(
                "the request",
                () -> client.hasSentAll() && manager().connections().size() == 1);
        if (arm.isVirtual()) {
            settleNow();
            arm.advance(SHORT.minus(NANO));
            settleNow();
            assertEquals(1, manager().connections().size());
            arm.advance(NANO);
            settleNow();
            assertEquals(0, manager().connections().size());
        }
        until("the end", () -> manager().connections().isEmpty());
    }

    private static void noEnd(BodyOutput output) {
        output.send(new byte[10_000]);
    }

    // ---- numbers

    @Test
    void aConnectionEndsAfterItsLastRequest() {
        Peer client = connected(serve(options -> options.limits(limits(l -> l.requestsPerConnection(2))), hello()));
        client.send(GET + GET + GET);
        until("the end", client::hasEnded);
        String last = HttpServerRules.HELLO_TEXT.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
        assertEquals(HttpServerRules.HELLO_TEXT + last, client.text());
        client.close();
    }

    @Test
    void soManyPipelinedRequestsAreAnsweredBeforeOthersHaveTheirTurn() {
        List<String> order = new ArrayList<>();
        HttpHandler noting = HttpHandler.of(request -> {
            if (request.number() == 1) {
                manager().post(() -> order.add("next turn"));
            }
            order.add("request " + request.number());
            return HttpServerRules.HELLO;
        });
        Peer client = connected(serve(options -> options.limits(limits(l -> l.pipelineDepth(2))), noting));
        client.send(GET + GET + GET);
        until("three answers", () -> client.text().equals(HttpServerRules.HELLO_TEXT.repeat(3)));
        assertEquals(List.of("request 1", "request 2", "next turn", "request 3"), order);
    }

    @Test
    void oneAddressHasSoManyConnections() {
        Acceptor acceptor = serve(options -> options.limits(limits(l -> l.connectionsPerIp(2))), hello());
        Peer first = connected(acceptor).send(GET);
        Peer second = connected(acceptor).send(GET);
        until("answers", () -> first.receivedCount() > 0 && second.receivedCount() > 0);
        Peer third = connected(acceptor);
        until("the refusal", third::hasEnded);
        answered(third, 503);
        third.close();
        first.close();
        until("room", () -> manager().connections().size() == 1);
        Peer fourth = connected(acceptor).send(GET);
        until("an answer", () -> fourth.receivedCount() > 0);
        answered(fourth, 200);
    }

    @Test
    void aBodyIsGatheredUpToItsLimit() {
        Acceptor acceptor = serve(
                options -> options.limits(limits(l -> l.bufferedBodyBytes(10))),
                HttpHandler.of(request -> Response.bytes("x", request.bytes())));
        for (boolean chunked : new boolean[] {false, true}) {
            Peer within = connected(acceptor).send(post("0123456789", chunked));
            until("the body", () -> within.text().endsWith("0123456789"));
            Peer beyond = connected(acceptor).send(post("0123456789a", chunked));
            until("the answer", () -> beyond.text().contains("\r\n\r\n"));
            answered(beyond, 413);
            beyond.send(GET); // so little is thrown away, and the connection goes on
            until("the next answer", () -> beyond.text().lastIndexOf("HTTP/1.1 200") > 0);
        }
    }

    static String post(String body, boolean chunked) {
        return "POST / HTTP/1.1\r\nHost: a\r\n"
                + (chunked
                        ? "Transfer-Encoding: chunked\r\n\r\n" + Integer.toHexString(body.length()) + "\r\n" + body
                                + "\r\n0\r\n\r\n"
                        : "Content-Length: " + body.length() + "\r\n\r\n" + body);
    }

    @Test
    void aBodyThatNobodyReadsIsThrownAwayWithinBounds() {
        Acceptor acceptor = serve(options -> {}, HttpHandler.streaming(request -> HttpServerRules.HELLO));
        Peer within = connected(acceptor).send(post("x".repeat(256 * 1024), true) + GET);
        until("both answers", () -> within.text().equals(HttpServerRules.HELLO_TEXT.repeat(2)));
        Peer beyond = connected(acceptor).send(post("x".repeat(256 * 1024 + 1), false) + GET);
        until("the end", beyond::hasEnded);
        assertEquals(HttpServerRules.HELLO_TEXT.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"), beyond.text());
        assertFalse(beyond.wasReset());
        beyond.close();
        Peer chunked = connected(acceptor).send(post("x".repeat(300 * 1024), true) + GET);
        until("the end", chunked::hasEnded);
        assertEquals(HttpServerRules.HELLO_TEXT, chunked.text());
        chunked.close();
    }

    @Test
    void whoUploadsMuchReadsTheEarlyAnswer() {
        Acceptor acceptor = serve(
                options -> options.limits(limits(l -> l.bodyBytes(1000))),
                HttpHandler.of(request -> HttpServerRules.HELLO));
        Peer client = connected(acceptor);
        client.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5000000\r\n\r\n");
        client.send(new byte[5_000_000]);
        until("the end", client::hasEnded);
        answered(client, 413);
        assertFalse(client.wasReset());
        client.close();
    }
}
