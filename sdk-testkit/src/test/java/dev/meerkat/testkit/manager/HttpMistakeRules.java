package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Acceptor;
import dev.meerkat.ConnectionOptions;
import dev.meerkat.Handler;
import dev.meerkat.ListenOptions;
import dev.meerkat.SendLimitException;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.ReceiveBuffer;
import dev.meerkat.http.BodyInput;
import dev.meerkat.http.BodyOutput;
import dev.meerkat.http.BodyProducer;
import dev.meerkat.http.Headers;
import dev.meerkat.http.HttpError;
import dev.meerkat.http.HttpHandler;
import dev.meerkat.http.HttpServer;
import dev.meerkat.http.HttpServerOptions;
import dev.meerkat.http.Request;
import dev.meerkat.http.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What handlers do wrong costs their answer, perhaps their connection, and never a connection that nobody ends. */
abstract class HttpMistakeRules extends ManagerRules {
    private static final String GET = HttpServerRules.GET;
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final int SEND_LIMIT = 256 * 1024;
    private static final int PIECE = 10_000;
    private static final int PIECES = 100;

    private Acceptor serve(Change<ConnectionOptions.Builder> connection, HttpHandler handler) {
        ConnectionOptions.Builder options = ConnectionOptions.builder();
        connection.apply(options);
        HttpServerOptions http = HttpServerOptions.builder()
                .date(false)
                .answerTimeout(arm.isVirtual() ? SECOND : Duration.ofMillis(50))
                .build();
        return manager()
                .listen(
                        arm.listenAddress(),
                        ListenOptions.builder().connection(options.build()).build(),
                        HttpServer.handler(http, (Handler) handler));
    }

    private Peer client(HttpHandler handler) {
        return peer(serve(options -> {}, handler));
    }

    // ---- bodies of answers

    @Test
    void whereThereIsNoProducerThereIsAnotherAnswer() {
        Peer client = client(request -> Response.stream("text/plain", () -> {
            throw new IllegalStateException("no rows");
        }));
        client.send(GET + GET);
        until("two answers", () -> client.text().split("HTTP/1.1 500 ", -1).length == 3);
        assertEquals(2, takeFailures().size());
    }

    @Test
    void aPieceForWhichThereIsNoRoomIsNotAnnounced() {
        Peer client = peer(serve(
                options -> options.sendLimit(SEND_LIMIT), request -> Response.stream("x", HttpMistakeRules::hasty)));
        client.stopReading().send(GET);
        settle();
        client.startReading();
        until("the end of the body", () -> client.text().endsWith("\r\n0\r\n\r\n"));
        String chunk = Integer.toHexString(PIECE) + "\r\n" + "a".repeat(PIECE) + "\r\n";
        String body = client.text().substring(client.text().indexOf("\r\n\r\n") + 4);
        assertEquals(chunk.repeat(PIECES) + "0\r\n\r\n", body);
    }

    /** Sends as long as it is not told that it was too much. */
    private static BodyProducer hasty() {
        return new BodyProducer() {
            private int sent;

            @Override
            public void produce(BodyOutput output) {
                try {
                    while (sent < PIECES) {
                        output.send("a".repeat(PIECE));
                        sent++;
                    }
                    output.end();
                } catch (SendLimitException full) {
                    // asked again when there is room
                }
            }
        };
    }

    // ---- bodies of requests

    @Test
    void aReaderThatAnswersAndReadsNoFartherDoesNotHoldTheConnection() {
        List<String> told = new ArrayList<>();
        Peer client = client(HttpHandler.streaming(request -> {
            request.body().read(pausing(request, told));
            return HttpServerRules.HELLO;
        }));
        client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nhello");
        until("the end", client::hasEnded);
        client.close();
        until("the end of the body", () -> told.size() == 2);
        assertEquals(List.of("data", "failure"), told);
    }

    @Test
    void aReaderThatNeitherReadsNorAnswersDoesNotHoldTheConnection() {
        List<String> told = new ArrayList<>();
        Peer client = client(HttpHandler.streaming(request -> {
            request.body().read(pausing(request, told));
            return Response.later(new CompletableFuture<>());
        }));
        client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nhello");
        until("the end", client::hasEnded);
        assertTrue(client.text().startsWith("HTTP/1.1 503 "), client.text());
        client.close();
        until("the end of the body", () -> told.size() == 2);
        assertEquals(List.of("data", "failure"), told);
    }

    @Test
    void whoReadsABodyThatIsNotThereIsToldItsEnd() {
        Peer client = client(HttpHandler.streaming(request -> {
            List<String> told = new ArrayList<>();
            CompletableFuture<Response> answer = new CompletableFuture<>();
            request.body().read(new BodyInput.Reader() {
                @Override
                public void onData(ReceiveBuffer body) {
                    told.add("data");
                }

                @Override
                public void onEnd(Headers trailers) {
                    told.add("end");
                    answer.complete(Response.text(told.toString()));
                }

                @Override
                public void onFailure(HttpError error) {
                    told.add("failure");
                }
            });
            return Response.later(answer);
        }));
        client.send(GET + "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
        until("two answers", () -> client.text().split("HTTP/1.1 200 ", -1).length == 3);
        assertTrue(client.text().endsWith("\r\n\r\n[end]"), client.text());
    }

    private static BodyInput.Reader pausing(Request request, List<String> told) {
        return new BodyInput.Reader() {
            @Override
            public void onData(ReceiveBuffer body) {
                body.discard(body.size());
                told.add("data");
                request.body().pause();
            }

            @Override
            public void onEnd(Headers trailers) {
                told.add("end");
            }

            @Override
            public void onFailure(HttpError error) {
                told.add("failure");
            }
        };
    }

    // ---- other threads

    @Test
    void anAnswerFromElsewhereArrivesAlthoughTheMailboxIsFull() throws InterruptedException {
        if (arm.isVirtual()) {
            return; // has one thread
        }
        use(options -> options.mailboxLimit(1));
        List<CompletableFuture<Response>> answers = new ArrayList<>();
        List<Request> requests = new ArrayList<>();
        List<BodyOutput> outputs = new ArrayList<>();
        Acceptor acceptor = serve(options -> {}, request -> {
            switch (request.head().target()) {
                case "/later" -> {
                    CompletableFuture<Response> answer = new CompletableFuture<>();
                    answers.add(answer);
                    return Response.later(answer);
                }
                case "/stream" -> {
                    return Response.stream("x", 1, () -> output -> {
                        outputs.add(output);
                        if (outputs.size() == 2) {
                            output.send("x").end();
                        }
                    });
                }
                default -> {
                    return HttpServerRules.HELLO;
                }
            }
        });
        Peer later = peer(acceptor).send("GET /later HTTP/1.1\r\nHost: a\r\n\r\n");
        Peer stream = peer(acceptor).send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n");
        until("the requests", () -> answers.size() == 1 && outputs.size() == 1);
        manager().post(() -> {});
        Thread elsewhere = new Thread(() -> {
            answers.get(0).complete(HttpServerRules.HELLO);
            outputs.get(0).resume();
        });
        elsewhere.start();
        elsewhere.join();
        until(
                "the answers",
                () -> later.text().endsWith("World!") && stream.text().endsWith("x"));
        assertEquals(HttpServerRules.HELLO_TEXT, later.text());
    }

    // ---- the last answer

    @Test
    void theLastAnswerMayTakeAsLongAsAnyOther() {
        if (!arm.isVirtual()) {
            return;
        }
        int length = 4 << 20;
        Peer client = peer(
                serve(
                        options -> options.sendBufferBytes(HttpLimitRules.SMALL_PEER.sendBufferBytes()),
                        request -> Response.bytes("x", Bytes.copyOf(new byte[length]))),
                HttpLimitRules.SMALL_PEER);
        client.stopReading().send("GET / HTTP/1.0\r\n\r\n");
        until("the request", client::hasSentAll);
        settle();
        for (int i = 0; i < 10; i++) {
            arm.advance(Duration.ofSeconds(4)); // less than the grace, and together more than closing may take
            client.startReading();
            client.pump();
            client.stopReading();
            settle();
        }
        client.startReading();
        until("the end", client::hasEnded);
        assertTrue(client.receivedCount() > length, () -> client.receivedCount() + " bytes");
        client.close();
    }

    @Test
    void theLastAnswerIsNotWaitedForForever() {
        Peer client = peer(
                serve(options -> {}, request -> Response.bytes("x", Bytes.copyOf(new byte[8 << 20]))),
                HttpLimitRules.SMALL_PEER);
        client.stopReading().send("GET / HTTP/1.0\r\n\r\n");
        if (arm.isVirtual()) {
            until("the request", client::hasSentAll);
            settle();
            arm.advance(Duration.ofSeconds(6));
            settle();
            assertEquals(0, manager().connections().size());
        }
    }

    @Test
    void whoPromisesAnAnswerAndRespondsBesideIsToldThatOneExcludesTheOther() {
        List<String> told = new ArrayList<>();
        Peer client = client(HttpHandler.streaming(request -> {
            CompletableFuture<Response> later = new CompletableFuture<>();
            manager().post(() -> {
                try {
                    request.respond(HttpServerRules.HELLO);
                } catch (IllegalStateException e) {
                    told.add(String.valueOf(e.getMessage()));
                    later.complete(HttpServerRules.HELLO);
                }
            });
            return Response.later(later);
        }));
        client.send(GET);
        until("the answer", () -> client.text().endsWith("World!"));
        assertTrue(told.get(0).contains("promised a later answer (Response.later)"), told.get(0));
        Peer other = client(HttpHandler.streaming(request -> {
            request.respond(HttpServerRules.HELLO);
            return Response.later(new CompletableFuture<>());
        }));
        other.send(GET);
        until("the failure", this::hasFailed);
        String failure = takeFailures().get(0).toString();
        assertTrue(failure.contains("a later answer (Response.later) would be a second one"), failure);
    }
}
