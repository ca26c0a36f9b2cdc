package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Acceptor;
import dev.meerkat.ConnectionOptions;
import dev.meerkat.Handler;
import dev.meerkat.ListenOptions;
import dev.meerkat.SendLimitException;
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
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What handlers do wrong costs their answer, perhaps their connection, and never a connection that nobody ends. */
abstract class HttpMistakeRules extends ManagerRules {
    static final String GET = HttpServerRules.GET;
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final int SEND_LIMIT = 256 * 1024;
    private static final int PIECE = 10_000;
    private static final int PIECES = 100;

    Acceptor serve(Change<ConnectionOptions.Builder> connection, HttpHandler handler) {
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

    Peer client(HttpHandler handler) {
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
    void aFileThatHasGoneMeanwhileIsAnotherAnswer(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("short-lived");
        Files.write(file, new byte[100]);
        Peer client = client(request -> {
            Response response = Response.file(file, "x/y");
            Files.delete(file);
            return response;
        });
        client.send(GET);
        until("the answer", () -> client.text().contains("\r\n\r\n"));
        assertTrue(client.text().startsWith("HTTP/1.1 500 "), client.text());
        assertTrue(takeFailure().thrown().getCause() instanceof NoSuchFileException);
        assertEquals(1, manager().connections().size());
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

    // ---- the last answer

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
