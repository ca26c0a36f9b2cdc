package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Acceptor;
import dev.meerkat.Handler;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.Event;
import dev.meerkat.event.ReceiveBuffer;
import dev.meerkat.http.AccessRecord;
import dev.meerkat.http.BodyOutput;
import dev.meerkat.http.BodyProducer;
import dev.meerkat.http.Headers;
import dev.meerkat.http.HttpError;
import dev.meerkat.http.HttpEvent;
import dev.meerkat.http.HttpHandler;
import dev.meerkat.http.HttpLimits;
import dev.meerkat.http.HttpRule;
import dev.meerkat.http.HttpServer;
import dev.meerkat.http.HttpServerOptions;
import dev.meerkat.http.Request;
import dev.meerkat.http.RequestBody;
import dev.meerkat.http.Response;
import dev.meerkat.http.ResponseException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
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

    // ---- the level of events

    /** Notes the names of all events, and does something about some of them. */
    private Handler events(List<String> heard, Script.Reaction<Event> reaction) {
        return (connection, event) -> {
            heard.add(event.getClass().getSimpleName());
            reaction.to(connection, event);
        };
    }

    private static final String CHUNKED =
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nfoo\r\n3\r\nbar\r\n0\r\nX-Sum: 6\r\n\r\n";

    @Test
    void aHandlerOfEventsHearsThoseOfTheConnectionToo() {
        List<String> heard = new ArrayList<>();
        Peer client = client(events(heard, (connection, event) -> {
            if (event instanceof HttpEvent.RequestReceived received) {
                received.request().respond(HELLO);
            }
        }));
        client.send(GET);
        expect(client, HELLO_TEXT);
        client.send(GET);
        expect(client, HELLO_TEXT + HELLO_TEXT);
        client.close();
        until("the end", () -> heard.contains("Closed"));
        assertEquals(
                List.of(
                        "Opened",
                        "RequestReceived",
                        "MessageEnd",
                        "RequestReceived",
                        "MessageEnd",
                        "InputClosed",
                        "Closed"),
                heard);
    }

    @Test
    void aBodyThatNobodyTakesIsWholeAtTheEnd() {
        List<String> bodies = new ArrayList<>();
        List<Request> requests = new ArrayList<>();
        Peer client = client((connection, event) -> {
            if (event instanceof HttpEvent.RequestReceived received) {
                requests.add(received.request());
            } else if (event instanceof HttpEvent.MessageEnd end) {
                bodies.add(end.body().takeText() + " " + end.trailers());
                requests.get(0).respond(HELLO);
            }
        });
        client.send(CHUNKED);
        expect(client, HELLO_TEXT);
        assertEquals(List.of("foobar [X-Sum: 6]"), bodies);
    }

    @Test
    void aBodyThatIsTakenAsItComesIsEmptyAtTheEnd() {
        List<String> pieces = new ArrayList<>();
        List<Integer> left = new ArrayList<>();
        List<Request> requests = new ArrayList<>();
        Peer client = client((connection, event) -> {
            if (event instanceof HttpEvent.RequestReceived received) {
                requests.add(received.request());
            } else if (event instanceof HttpEvent.BodyReceived received) {
                pieces.add(received.body().takeText());
            } else if (event instanceof HttpEvent.MessageEnd end) {
                left.add(end.body().size());
                requests.get(0).respond(HELLO);
            }
        });
        client.send(CHUNKED);
        expect(client, HELLO_TEXT);
        assertEquals("foobar", String.join("", pieces));
        assertEquals(List.of(0), left);
    }

    @Test
    void whoKeepsMoreThanTheLimitHasTheMessageFailed() {
        HttpServerOptions small = HttpServerOptions.builder()
                .date(false)
                .limits(HttpLimits.builder().bufferedBodyBytes(5).build())
                .build();
        List<HttpEvent.MessageFailed> failures = new ArrayList<>();
        Peer client =
                peer(manager().listen(arm.listenAddress(), HttpServer.handler(small, (Handler) (connection, event) -> {
                    if (event instanceof HttpEvent.MessageFailed failed) {
                        failures.add(failed);
                    }
                })));
        client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\n123456");
        until("the end", client::hasEnded);
        assertTrue(client.text().startsWith("HTTP/1.1 413 "), client.text());
        assertEquals(1, failures.size());
        assertEquals(HttpRule.BODY_TOO_LARGE, failures.get(0).error().rule());
        assertTrue(failures.get(0).partial());
        client.close();
    }

    @Test
    void aMessageThatIsCutOffFails() {
        List<String> heard = new ArrayList<>();
        Peer client = client(events(heard, (connection, event) -> {}));
        client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\n123");
        until("a part of the body", () -> heard.contains("BodyReceived"));
        client.reset();
        until("the end", () -> heard.contains("Closed"));
        assertEquals(List.of("Opened", "RequestReceived", "BodyReceived", "MessageFailed", "Closed"), heard);
    }

    // ---- asking for bodies

    @Test
    void thePeerIsToldToGoOnWhenSomebodyAsksForTheBody() {
        List<Request> requests = new ArrayList<>();
        CompletableFuture<Response> later = new CompletableFuture<>();
        Peer client = client(HttpHandler.streaming(request -> {
            requests.add(request);
            return Response.later(later);
        }));
        client.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
        until("the request", () -> !requests.isEmpty());
        settle();
        assertEquals("", client.text());
        StringBuilder body = new StringBuilder();
        inTurn(() -> requests.get(0).body().read(new RequestBody.Reader() {
            @Override
            public void onData(ReceiveBuffer data) {
                body.append(data.takeText());
            }

            @Override
            public void onEnd(Headers trailers) {
                later.complete(HELLO);
            }

            @Override
            public void onFailure(HttpError error) {
                throw new AssertionError(error);
            }
        }));
        expect(client, "HTTP/1.1 100 Continue\r\n\r\n");
        client.send("hello");
        expect(client, "HTTP/1.1 100 Continue\r\n\r\n" + HELLO_TEXT);
        assertEquals("hello", body.toString());
    }

    @Test
    void whoIsRefusedIsNotToldToGoOn() {
        Peer client = client(HttpHandler.streaming(request -> Response.error(401, "who are you?")));
        client.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
        until("the end", client::hasEnded);
        assertTrue(client.text().startsWith("HTTP/1.1 401 "), client.text());
        assertTrue(client.text().contains("\r\nConnection: close\r\n"), client.text());
        client.close();
    }

    @Test
    void aReaderThatPausesHoldsThePeerBack() {
        List<Request> requests = new ArrayList<>();
        int[] count = {0};
        CompletableFuture<Response> later = new CompletableFuture<>();
        Peer client = client(HttpHandler.streaming(request -> {
            requests.add(request);
            request.body().read(new RequestBody.Reader() {
                @Override
                public void onData(ReceiveBuffer data) {
                    count[0] += data.size();
                    data.discard(data.size());
                    if (count[0] < 2_000_000) {
                        request.body().pause();
                    }
                }

                @Override
                public void onEnd(Headers trailers) {
                    later.complete(HELLO);
                }

                @Override
                public void onFailure(HttpError error) {
                    throw new AssertionError(error);
                }
            });
            return Response.later(later);
        }));
        client.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5000000\r\n\r\n")
                .send(new byte[5_000_000]);
        until("a part of the body", () -> count[0] > 0);
        settle();
        assertTrue(count[0] < 1_000_000, () -> count[0] + " came although it was paused");
        while (count[0] < 2_000_000) {
            inTurn(() -> requests.get(0).body().resume());
            settle();
        }
        expect(client, HELLO_TEXT);
        assertEquals(5_000_000, count[0]);
    }

    // ---- what is sent

    @Test
    void toHeadOnlyTheHeadIsSent() {
        Peer client = client(request -> HELLO);
        client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n" + GET);
        expect(client, HELLO_TEXT.substring(0, HELLO_TEXT.length() - 13) + HELLO_TEXT);
    }

    @Test
    void someAnswersHaveNoBodyAndNoLength() {
        Peer client = client(request -> Response.status(request.number() == 1 ? 204 : 304));
        client.send(GET + GET);
        expect(client, "HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 304 Not Modified\r\n\r\n");
    }

    @Test
    void aStreamIsChunkedForWhoUnderstandsIt() {
        Response stream = Response.stream("x", () -> new BodyProducer() {
            private int next;

            @Override
            public void produce(BodyOutput output) {
                output.send(List.of("one", "two", "three").get(next));
                if (++next == 3) {
                    output.end(Headers.of("X-Count", "3"));
                }
            }
        });
        Peer client = client(request -> stream);
        client.send(GET);
        expect(
                client,
                "HTTP/1.1 200 OK\r\nContent-Type: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                        + "3\r\none\r\n3\r\ntwo\r\n5\r\nthree\r\n0\r\nX-Count: 3\r\n\r\n");
        Peer old = client(request -> stream).send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        until("the end", old::hasEnded);
        assertEquals("HTTP/1.1 200 OK\r\nContent-Type: x\r\nConnection: close\r\n\r\nonetwothree", old.text());
        old.close();
    }

    @Test
    void aPeerOfHttp10KeepsItsConnectionIfItAsks() {
        Peer client = client(request -> HELLO);
        client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        String kept = HELLO_TEXT.replace("\r\n\r\n", "\r\nConnection: keep-alive\r\n\r\n");
        expect(client, kept);
        client.send("GET / HTTP/1.0\r\n\r\n");
        until("the end", client::hasEnded);
        assertEquals(kept + HELLO_TEXT.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"), client.text());
        client.close();
    }

    @Test
    void aProducerIsAskedOnlyWhenThePeerTakesIt() {
        int[] made = {0};
        Peer client = peer(
                        manager()
                                .listen(
                                        arm.listenAddress(),
                                        listening(options -> options.sendBufferBytes(SMALL_PEER.sendBufferBytes())),
                                        HttpServer.handler(
                                                TIMELESS,
                                                HttpHandler.of(request ->
                                                        Response.stream("x", MORE_THAN_FITS * 2L, () -> output -> {
                                                            output.send(new byte[8192]);
                                                            made[0] += 8192;
                                                            if (made[0] == MORE_THAN_FITS * 2) {
                                                                output.end();
                                                            }
                                                        })))),
                        SMALL_PEER)
                .stopReading()
                .send(GET);
        until("the answer", () -> made[0] > 0);
        settle();
        assertTrue(made[0] < MORE_THAN_FITS, () -> made[0] + " bytes were made for a peer that reads nothing");
        client.startReading();
        until("all of it", () -> client.receivedCount() > MORE_THAN_FITS * 2);
        assertEquals(MORE_THAN_FITS * 2, made[0]);
    }

    // ---- handlers

    @Test
    void aHandlerThatThrowsIsAnsweredForAndTheConnectionLives() {
        Peer client = client(request -> {
            if (request.number() == 1) {
                throw new IllegalStateException("for the test");
            }
            return HELLO;
        });
        client.send(GET + GET);
        until("both answers", () -> client.text().endsWith(HELLO_TEXT));
        assertTrue(client.text().startsWith("HTTP/1.1 500 Internal Server Error\r\n"), client.text());
        assertEquals("for the test", takeFailure().thrown().getMessage());
    }

    @Test
    void whatAHandlerThrowsOnPurposeIsItsAnswer() {
        Peer client = client(request -> {
            throw new ResponseException(404, "no such room");
        });
        client.send(GET);
        until("the answer", () -> client.text().endsWith("no such room"));
        assertTrue(client.text().startsWith("HTTP/1.1 404 Not Found\r\n"), client.text());
    }

    @Test
    void nothingIsAnsweredTwice() {
        List<Request> requests = new ArrayList<>();
        Peer client = client((connection, event) -> {
            if (event instanceof HttpEvent.RequestReceived received) {
                requests.add(received.request());
                received.request().respond(HELLO);
                assertThrows(
                        IllegalStateException.class, () -> received.request().respond(HELLO));
            }
        });
        client.send(GET);
        expect(client, HELLO_TEXT);
        inTurn(() ->
                assertThrows(IllegalStateException.class, () -> requests.get(0).respond(HELLO)));
        settle();
        assertEquals(HELLO_TEXT, client.text());
    }

    @Test
    void theNextRequestWaitsForTheAnswerToThisOne() {
        List<CompletableFuture<Response>> answers = new ArrayList<>();
        Peer client = client(request -> {
            CompletableFuture<Response> later = new CompletableFuture<>();
            answers.add(later);
            return Response.later(later);
        });
        client.send(GET + GET);
        until("the first request", () -> answers.size() == 1);
        settle();
        assertEquals(1, answers.size());
        inTurn(() -> answers.get(0).complete(HELLO));
        until("the second request", () -> answers.size() == 2);
        inTurn(() -> answers.get(1).complete(HELLO));
        expect(client, HELLO_TEXT + HELLO_TEXT);
    }

    @Test
    void whoEndsItsSideGetsItsAnswers() {
        List<CompletableFuture<Response>> answers = new ArrayList<>();
        Peer client = client(request -> {
            CompletableFuture<Response> later = new CompletableFuture<>();
            answers.add(later);
            return Response.later(later);
        });
        client.send(GET + GET).shutdownOutput();
        for (int i = 1; i <= 2; i++) {
            int count = i;
            until("request " + i, () -> answers.size() == count);
            settle();
            inTurn(() -> answers.get(count - 1).complete(HELLO));
        }
        until("the end", client::hasEnded);
        assertEquals(HELLO_TEXT + HELLO_TEXT, client.text());
        client.close();
    }

    @Test
    void whenAnAnswerHasLeftIsTold() {
        List<Boolean> told = new ArrayList<>();
        List<AccessRecord> log = new ArrayList<>();
        HttpServerOptions logging =
                HttpServerOptions.builder().date(false).accessLog(log::add).build();
        Peer client = peer(manager().listen(arm.listenAddress(), HttpServer.handler(logging, HttpHandler.of(request -> {
            request.whenSent().thenAccept(told::add);
            return request.number() < 3 ? HELLO : Response.later(new CompletableFuture<>());
        }))));
        client.send(GET + GET);
        until("two answers", () -> told.size() == 2 && log.size() == 2);
        client.send(GET);
        settle();
        client.reset();
        until("the third", () -> told.size() == 3 && log.size() == 3);
        assertEquals(List.of(true, true, false), told);
        assertEquals(
                List.of(200, 200, 0), log.stream().map(AccessRecord::status).toList());
        assertEquals(
                List.of(13L, 13L, 0L), log.stream().map(AccessRecord::bytes).toList());
        assertEquals(
                List.of(true, true, false),
                log.stream().map(AccessRecord::complete).toList());
    }

    @Test
    void aGracefulEndClosesWhoIsIdleAndAnswersTheOthers() {
        List<CompletableFuture<Response>> answers = new ArrayList<>();
        Acceptor acceptor = manager()
                .listen(arm.listenAddress(), HttpServer.handler(TIMELESS, HttpHandler.of(request -> {
                    CompletableFuture<Response> later = new CompletableFuture<>();
                    answers.add(later);
                    return Response.later(later);
                })));
        Peer idle = peer(acceptor);
        Peer busy = peer(acceptor).send(GET);
        until(
                "the request",
                () -> answers.size() == 1 && manager().connections().size() == 2);
        inTurn(() -> manager().shutdown(LONG));
        until("the end of the idle one", idle::hasEnded);
        idle.close();
        settle();
        assertEquals("", busy.text());
        answers.get(0).complete(HELLO);
        until("the end", busy::hasEnded);
        assertEquals(HELLO_TEXT.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"), busy.text());
        busy.close();
    }

    @Test
    void theSchemeSaysWhatIsSpoken() {
        Acceptor acceptor = manager().listen("http://" + arm.host() + ":0", HttpHandler.of(request -> HELLO));
        Peer client = peer(acceptor).send(GET);
        until("the answer", () -> client.text().endsWith("Hello, World!"));
        assertTrue(client.text().contains("\r\nDate: "), client.text());
        assertThrows(
                IllegalArgumentException.class,
                () -> manager().listen("https://" + arm.host() + ":0", HttpHandler.of(request -> HELLO)));
        assertThrows(
                IllegalArgumentException.class,
                () -> HttpServer.handler(HttpServer.handler(HttpHandler.of(request -> HELLO))));
    }

    @Test
    void interimResponsesGoBeforeTheFinalOne() {
        List<String> refused = new ArrayList<>();
        Headers links = Headers.of("Link", "</style.css>; rel=preload");
        Peer client = client(HttpHandler.of(request -> {
                    request.inform(103, links);
                    for (int status : new int[] {99, 101, 200}) {
                        refused.add(assertThrows(
                                        IllegalArgumentException.class, () -> request.inform(status, Headers.EMPTY))
                                .getMessage());
                    }
                    assertThrows(
                            IllegalArgumentException.class,
                            () -> request.inform(103, Headers.of("Content-Length", "3")));
                    return HELLO;
                }))
                .send(GET);
        expect(client, "HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n" + HELLO_TEXT);
        assertEquals(3, refused.size());
    }

    @Test
    void toPeersOfHttp10NoInterimResponseIsSent() {
        Peer client = client(HttpHandler.of(request -> {
                    request.inform(103, Headers.of("Link", "</style.css>; rel=preload"));
                    return HELLO;
                }))
                .send("GET / HTTP/1.0\r\n\r\n");
        until("the end", client::hasEnded);
        assertTrue(client.text().startsWith("HTTP/1.1 200 OK\r\n"), client.text());
    }

    @Test
    void aTunnelIsNotMadeForWhoAsks() {
        Peer client = client(HttpHandler.of(request -> Response.status(200)))
                .send("CONNECT other:443 HTTP/1.1\r\nHost: other:443\r\n\r\n");
        until("the answer", () -> client.text().contains("\r\n\r\n"));
        assertTrue(client.text().startsWith("HTTP/1.1 501 Not Implemented\r\n"), client.text());
    }
}
