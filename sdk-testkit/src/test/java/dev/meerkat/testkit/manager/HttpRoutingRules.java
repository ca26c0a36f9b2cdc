package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.event.ReceiveBuffer;
import dev.meerkat.http.BodyInput;
import dev.meerkat.http.BodyOutput;
import dev.meerkat.http.BodyProducer;
import dev.meerkat.http.ErrorPages;
import dev.meerkat.http.EventStream;
import dev.meerkat.http.EventStreamOptions;
import dev.meerkat.http.EventStreamOptions.WhenFull;
import dev.meerkat.http.EventStreams;
import dev.meerkat.http.Headers;
import dev.meerkat.http.HttpError;
import dev.meerkat.http.HttpHandler;
import dev.meerkat.http.HttpServer;
import dev.meerkat.http.HttpServerOptions;
import dev.meerkat.http.RequestBody;
import dev.meerkat.http.Response;
import dev.meerkat.http.ResponseException;
import dev.meerkat.http.Router;
import dev.meerkat.http.ServerSentEvent;
import dev.meerkat.http.filter.AccessLogFormat;
import dev.meerkat.http.filter.BasicAuthentication;
import dev.meerkat.http.filter.Compression;
import dev.meerkat.http.filter.Cors;
import dev.meerkat.http.filter.Decompression;
import dev.meerkat.http.filter.SecurityHeaders;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

/** Routers, filters and streams of events in a server, on every transport. */
abstract class HttpRoutingRules extends ManagerRules {
    private static final HttpServerOptions TIMELESS =
            HttpServerOptions.builder().date(false).build();

    private Peer client(HttpHandler handler) {
        return client(TIMELESS, handler);
    }

    private Peer client(HttpServerOptions options, HttpHandler handler) {
        return peer(manager().listen(arm.listenAddress(), HttpServer.handler(options, handler)));
    }

    private static String request(String line, String... fields) {
        StringBuilder text = new StringBuilder(line).append(" HTTP/1.1\r\nHost: a\r\n");
        for (String field : fields) {
            text.append(field).append("\r\n");
        }
        return text.append("\r\n").toString();
    }

    /** Sends and waits until what has come since ends as it should. */
    private String ask(Peer client, String request, String end) {
        int before = client.receivedCount();
        client.send(request);
        until(
                "an answer that ends with " + end,
                () -> client.text().substring(before).endsWith(end));
        return client.text().substring(before);
    }

    // ---- routes

    @Test
    void requestsFindTheirHandlerOnOneConnection() {
        Peer client = client(Router.create()
                .get("/hello/{name}", request -> Response.text("Hello, " + request.path("name")))
                .post("/sum", request -> Response.text(request.form().all("n").size() + " numbers")));
        assertTrue(ask(client, request("GET /hello/Ann%20Lee"), "\r\n\r\nHello, Ann Lee")
                .startsWith("HTTP/1.1 200 "));
        String sum = request("POST /sum", "Content-Type: application/x-www-form-urlencoded", "Content-Length: 7");
        ask(client, sum + "n=1&n=2", "\r\n\r\n2 numbers");
        String head = ask(client, request("HEAD /hello/x"), "\r\n\r\n");
        assertTrue(head.contains("\r\nContent-Length: 8\r\n"), head);
        String options = ask(client, request("OPTIONS /sum"), "\r\n\r\n");
        assertTrue(options.startsWith("HTTP/1.1 204 ") && options.contains("\r\nAllow: OPTIONS, POST\r\n"), options);
        String wrong = ask(client, request("GET /sum"), "This is not what can be done here.");
        assertTrue(wrong.startsWith("HTTP/1.1 405 ") && wrong.contains("\r\nAllow: OPTIONS, POST\r\n"), wrong);
        assertTrue(
                ask(client, request("GET /nothing"), "There is nothing here.").startsWith("HTTP/1.1 404 "));
        assertTrue(ask(client, request("GET /hello/../x"), "A path has no dot segments.")
                .startsWith("HTTP/1.1 400 "));
    }

    @Test
    void aStreamingHandlerBehindARouterSeesTheBodyAsItComes() {
        List<String> pieces = new ArrayList<>();
        Peer client = client(Router.create().put("/up", HttpHandler.streaming(request -> {
            CompletableFuture<Response> answer = new CompletableFuture<>();
            request.body().read(new BodyInput.Reader() {
                @Override
                public void onData(ReceiveBuffer body) {
                    pieces.add(body.takeText());
                }

                @Override
                public void onEnd(Headers trailers) {
                    answer.complete(Response.text("done"));
                }

                @Override
                public void onFailure(HttpError error) {}
            });
            return Response.later(answer);
        })));
        client.send(request("PUT /up", "Content-Length: 6") + "one");
        until("the first piece", () -> pieces.equals(List.of("one")));
        ask(client, "two", "\r\n\r\ndone");
        assertEquals(List.of("one", "two"), pieces);
    }

    @Test
    void whatFailsNowOrLaterIsAnsweredByTheRouter() throws InterruptedException {
        CompletableFuture<Response> later = new CompletableFuture<>();
        boolean[] asked = {false};
        Peer client = client(Router.create()
                .get("/now", request -> {
                    throw new IllegalStateException("now");
                })
                .get("/later", request -> {
                    asked[0] = true;
                    return Response.later(later);
                })
                .post("/body", request -> {
                    throw new IllegalStateException("body");
                })
                .onError(IllegalStateException.class, (request, failure) -> {
                    assertTrue(manager().inLoop(), "answers are made on the loop thread");
                    return Response.error(409, "failed " + failure.getMessage());
                }));
        assertTrue(ask(client, request("GET /now"), "failed now").startsWith("HTTP/1.1 409 "));
        ask(client, request("POST /body", "Content-Length: 1") + "x", "failed body");
        client.send(request("GET /later"));
        Thread elsewhere = new Thread(() -> later.completeExceptionally(new IllegalStateException("later")));
        until("the request to be handled", () -> asked[0]);
        elsewhere.start();
        elsewhere.join();
        until("the answer", () -> client.text().endsWith("failed later"));
    }

    @Test
    void pagesOfFailuresAreHtmlForWhoPrefersThat() {
        HttpServerOptions options = HttpServerOptions.builder()
                .date(false)
                .errorPage(ErrorPages.html())
                .build();
        Peer client = client(options, Router.create().get("/thrown", request -> {
            throw new ResponseException(403, "<b>no</b>");
        }));
        String page = ask(client, request("GET /thrown", "Accept: text/html"), "</html>\n");
        assertTrue(page.contains("<p>&lt;b&gt;no&lt;/b&gt;</p>"), page);
        ask(client, request("GET /thrown"), "\r\n\r\n<b>no</b>");
    }

    // ---- events

    @Test
    void eventsLeaveAsTheyHappen() {
        EventStreams streams = EventStreams.create();
        Peer client = client(Router.create().get("/events", streams));
        String head = ask(client, request("GET /events"), "\r\n\r\n");
        assertTrue(head.contains("\r\nContent-Type: text/event-stream\r\n"), head);
        assertTrue(head.contains("\r\nCache-Control: no-cache\r\n"), head);
        assertTrue(head.contains("\r\nTransfer-Encoding: chunked\r\n"), head);
        inTurn(() -> streams.publish(ServerSentEvent.of("a\nb").withId("1")));
        until("the first event", () -> client.text().endsWith("\r\ndata: a\ndata: b\nid: 1\n\n\r\n"));
        inTurn(() -> streams.publish(ServerSentEvent.of("c").withName("n")));
        until("the second event", () -> client.text().endsWith("\r\nevent: n\ndata: c\n\n\r\n"));
        inTurn(streams::closeAll);
        until("the end", () -> client.text().endsWith("\r\n0\r\n\r\n"));
        ask(client, request("GET /nothing"), "There is nothing here."); // the connection lives on
    }

    @Test
    void whoAsksAgainSaysWhatWasTheLast() {
        EventStreams streams = EventStreams.create(
                EventStreamOptions.DEFAULT,
                stream -> stream.send(
                        ServerSentEvent.of("after " + stream.lastEventId().orElse("nothing"))));
        Peer client = client(Router.create().get("/events", streams));
        ask(client, request("GET /events", "Last-Event-ID: 7"), "data: after 7\n\n\r\n");
        Peer other = client(Router.create().get("/events", streams));
        ask(other, request("GET /events"), "data: after nothing\n\n\r\n");
    }

    @Test
    void silenceIsBrokenByHeartbeats() {
        EventStreamOptions options = EventStreamOptions.DEFAULT.withHeartbeat(
                arm.isVirtual() ? Duration.ofSeconds(15) : Duration.ofMillis(2));
        Peer client = client(request -> EventStream.open(request, options, stream -> {}));
        String head = ask(client, request("GET /"), "\r\n\r\n");
        if (arm.isVirtual()) {
            arm.advance(Duration.ofMillis(14_900));
            settle();
            assertEquals(head, client.text());
            arm.advance(Duration.ofMillis(100));
        }
        until("a heartbeat", () -> client.text().endsWith("4\r\n: \n\n\r\n"));
    }

    @Test
    void aStreamThatItsPeerLeavesIsOver() {
        boolean[] closed = {false};
        EventStream[] opened = new EventStream[1];
        Peer client = client(request -> EventStream.open(request, EventStreamOptions.DEFAULT, stream -> {
            opened[0] = stream;
            stream.onClose(() -> closed[0] = true);
        }));
        ask(client, request("GET /"), "\r\n\r\n");
        client.reset();
        until("the end of the stream", () -> closed[0]);
        assertFalse(opened[0].isOpen());
        assertFalse(opened[0].send(ServerSentEvent.of("x")));
    }

    @Test
    void whoIsTooSlowIsSentAwayOrMissesTheOldest() {
        String big = "x".repeat(60_000);
        for (WhenFull policy : WhenFull.values()) {
            EventStreamOptions options =
                    EventStreamOptions.DEFAULT.withWhenFull(policy).withWaiting(4, 1 << 20);
            EventStream[] opened = new EventStream[1];
            Peer client = client(request -> EventStream.open(request, options, stream -> opened[0] = stream));
            ask(client, request("GET /"), "\r\n\r\n");
            client.stopReading();
            int[] last = {0};
            // What the connection and the system take is not known, but it is not without end.
            while (opened[0].isOpen() && opened[0].dropped() == 0 && last[0] < 1_000) {
                inTurn(() -> opened[0].send(ServerSentEvent.of(big).withId("" + ++last[0])));
            }
            assertTrue(last[0] > 4, "the first four wait at least");
            if (policy == WhenFull.CLOSE) {
                assertFalse(opened[0].isOpen());
                client.startReading();
                until("the end", () -> client.text().endsWith("\r\n0\r\n\r\n"));
                assertTrue(client.text().contains("id: " + (last[0] - 1) + "\n"), "what waited was sent");
                assertFalse(client.text().contains("id: " + last[0] + "\n"));
            } else {
                assertTrue(opened[0].isOpen());
                client.startReading();
                until("the latest", () -> client.text().endsWith("id: " + last[0] + "\n\n\r\n"));
                inTurn(() -> opened[0].close());
                until("the end", () -> client.text().endsWith("\r\n0\r\n\r\n"));
            }
        }
    }

    // ---- filters

    private static byte[] gzip(byte[] bytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** The chunks behind the last head, put together and decompressed. */
    private static String gunzipped(byte[] received) throws IOException {
        String text = new String(received, StandardCharsets.ISO_8859_1);
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        int at = text.lastIndexOf("\r\n\r\n", text.length() - 8) < 0 ? 0 : text.indexOf("\r\n\r\n") + 4;
        while (true) {
            int lineEnd = text.indexOf("\r\n", at);
            int length = Integer.parseInt(text.substring(at, lineEnd), 16);
            if (length == 0) {
                break;
            }
            body.write(received, lineEnd + 2, length);
            at = lineEnd + 2 + length + 2;
        }
        try (GZIPInputStream gzip = new GZIPInputStream(new ByteArrayInputStream(body.toByteArray()))) {
            return new String(gzip.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void aBodyIsCompressedWhileItIsMade() throws IOException {
        Peer client = client(Router.create()
                .filter(Compression.create())
                .get(
                        "/lines",
                        request -> Response.stream("text/plain", () -> new BodyProducer() {
                            private int line;

                            @Override
                            public void produce(BodyOutput output) {
                                output.send("line " + ++line + "\n");
                                if (line == 20_000) {
                                    output.end();
                                }
                            }
                        })));
        String head = ask(client, request("GET /lines", "Accept-Encoding: gzip"), "\r\n0\r\n\r\n");
        assertTrue(head.contains("\r\nContent-Encoding: gzip\r\n"), head.substring(0, 200));
        String lines = gunzipped(client.received());
        assertTrue(lines.startsWith("line 1\nline 2\n") && lines.endsWith("line 20000\n"));
        assertTrue(client.receivedCount() < lines.length() / 3);
    }

    @Test
    void eventsLeaveCompressedAsTheyHappen() throws IOException {
        EventStreams streams = EventStreams.create();
        Peer client = client(Router.create()
                .filter(Compression.create().types("text/event-stream"))
                .get("/events", streams));
        ask(client, request("GET /events", "Accept-Encoding: gzip"), "\r\n\r\n");
        int before = client.receivedCount();
        inTurn(() -> streams.publish(ServerSentEvent.of("one")));
        until("the event", () -> client.receivedCount() > before);
        inTurn(streams::closeAll);
        until("the end", () -> client.text().endsWith("\r\n0\r\n\r\n"));
        assertEquals("data: one\n\n", gunzipped(client.received()));
    }

    @Test
    void bodiesOfRequestsAreDecompressedWithinBounds() {
        Router router = Router.create()
                .filter(Decompression.create().limit(100_000))
                .post(
                        "/text",
                        request -> Response.text(request.text().length() + " "
                                + request.header("Content-Encoding").orElse("plain")))
                .post("/count", HttpHandler.streaming(request -> {
                    CompletableFuture<Response> answer = new CompletableFuture<>();
                    request.body().read(new BodyInput.Reader() {
                        private int count;

                        @Override
                        public void onData(ReceiveBuffer body) {
                            count += body.size();
                            body.discard(body.size());
                        }

                        @Override
                        public void onEnd(Headers trailers) {
                            answer.complete(Response.text("counted " + count));
                        }

                        @Override
                        public void onFailure(HttpError error) {
                            answer.complete(Response.error(error.status(), "failed " + error.rule()));
                        }
                    });
                    return Response.later(answer);
                }));
        byte[] most = new byte[100_000];
        Arrays.fill(most, (byte) 'x');
        byte[] more = Arrays.copyOf(most, 100_001);
        byte[] broken = gzip(most);
        broken[broken.length - 3] ^= 1;
        for (String path : List.of("/text", "/count")) {
            boolean text = path.equals("/text");
            assertEquals(text ? "200 100000 plain" : "200 counted 100000", post(router, path, "gzip", gzip(most)));
            assertTrue(post(router, path, "gzip", gzip(more)).startsWith("413 "));
            assertTrue(post(router, path, "gzip", broken).startsWith("400 "));
            assertTrue(post(router, path, "gzip", Arrays.copyOf(broken, 20)).startsWith("400 "));
            assertTrue(post(router, path, "br", gzip(most)).startsWith("415 "));
            assertTrue(post(router, path, "gzip, gzip", gzip(gzip(most))).startsWith("415 "));
            assertEquals(
                    text ? "200 3 identity" : "200 counted 3", post(router, path, "identity", new byte[] {1, 2, 3}));
        }
    }

    @Test
    void aBombIsNotUnpacked() {
        Router router = Router.create()
                .filter(Decompression.create().limit(1L << 40))
                .post(
                        "/text",
                        request -> Response.text("unpacked " + request.bytes().length()));
        assertTrue(post(router, "/text", "gzip", gzip(new byte[20 << 20])).startsWith("413 "));
        assertEquals("200 unpacked " + (1 << 20), post(router, "/text", "gzip", gzip(new byte[1 << 20])));
    }

    @Test
    void aReaderOfADecompressedBodyCanPause() {
        RequestBody[] bodies = new RequestBody[1];
        int[] count = {0};
        Router router = Router.create().filter(Decompression.create()).post("/", HttpHandler.streaming(request -> {
            CompletableFuture<Response> answer = new CompletableFuture<>();
            bodies[0] = request.body();
            request.body().read(new BodyInput.Reader() {
                @Override
                public void onData(ReceiveBuffer body) {
                    count[0] += body.size();
                    body.discard(body.size());
                    bodies[0].pause();
                }

                @Override
                public void onEnd(Headers trailers) {
                    answer.complete(Response.text("end"));
                }

                @Override
                public void onFailure(HttpError error) {
                    answer.complete(Response.error(error.status(), error.message()));
                }
            });
            return Response.later(answer);
        }));
        byte[] packed = gzip(new byte[100_000]);
        Peer client = client(router);
        client.send(request("POST /", "Content-Encoding: gzip", "Content-Length: " + packed.length));
        client.send(packed);
        until("the first step", () -> count[0] > 0);
        settle();
        assertEquals(16 << 10, count[0], "one step at a time");
        while (!client.text().endsWith("\r\n\r\nend")) {
            int before = count[0];
            inTurn(() -> bodies[0].resume());
            until("a step or the end", () -> count[0] > before || client.text().endsWith("\r\n\r\nend"));
            settle();
            assertTrue(count[0] - before <= 16 << 10, "one step at a time");
        }
        assertEquals(100_000, count[0]);
    }

    /** Status and body of the answer. */
    private String post(Router router, String path, String coding, byte[] body) {
        Peer client = client(router);
        client.send(request(
                "POST " + path, "Content-Encoding: " + coding, "Content-Length: " + body.length, "Connection: close"));
        client.send(body);
        until("the end", () -> client.hasEnded() || client.wasReset());
        String text = client.text();
        return text.substring(9, 12) + " " + text.substring(text.indexOf("\r\n\r\n") + 4);
    }

    @Test
    void filtersStackAsTheyAreWritten() {
        List<String> lines = new ArrayList<>();
        HttpServerOptions options = HttpServerOptions.builder()
                .accessLog(AccessLogFormat.COMMON.to(lines::add))
                .build();
        Map<String, String> passwords = Map.of("ann", "secret");
        Peer client = client(
                options,
                Router.create()
                        .filter(
                                SecurityHeaders.strict(),
                                Cors.builder().origins("https://app.example").build(),
                                BasicAuthentication.of("r", passwords))
                        .get("/", request -> Response.text("in")));
        String out = ask(client, request("GET /"), "Name and password are needed.");
        assertTrue(out.startsWith("HTTP/1.1 401 ") && out.contains("\r\nX-Content-Type-Options: nosniff\r\n"), out);
        String preflight = request("OPTIONS /", "Origin: https://app.example", "Access-Control-Request-Method: GET");
        assertTrue(ask(client, preflight, "\r\n\r\n").startsWith("HTTP/1.1 204 "));
        ask(client, request("GET /", "Authorization: Basic YW5uOnNlY3JldA=="), "\r\n\r\nin");
        until("the log", () -> lines.size() == 3);
        assertTrue(lines.get(2).matches("\\S+ - ann \\[\\S+ \\+0000] \"GET / HTTP/1.1\" 200 2"), lines.get(2));
        assertTrue(lines.get(0).matches("\\S+ - - \\[\\S+ \\+0000] \"GET / HTTP/1.1\" 401 \\d+"), lines.get(0));
    }
}
