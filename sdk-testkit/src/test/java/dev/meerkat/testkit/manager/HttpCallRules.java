package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Acceptor;
import dev.meerkat.Connection;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.ReceiveBuffer;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.http.BodyInput;
import dev.meerkat.http.BodyOutput;
import dev.meerkat.http.BodyProducer;
import dev.meerkat.http.Headers;
import dev.meerkat.http.HttpError;
import dev.meerkat.http.client.ClientBody;
import dev.meerkat.http.client.ClientException;
import dev.meerkat.http.client.ClientException.Kind;
import dev.meerkat.http.client.ClientRequest;
import dev.meerkat.http.client.ClientResponse;
import dev.meerkat.http.client.CookieJar;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

/** What belongs to one call: redirects, cookies, codings, expectations, time-outs, streaming, upgrade. */
abstract class HttpCallRules extends HttpClientRulesBase {
    /** Answers as told by the path: {@code /302/to/somewhere} leads to {@code /to/somewhere}. */
    private static CannedServer redirecting() {
        return new CannedServer((connection, request) -> {
            String path = request.split(" ")[1];
            if (path.matches("/30\\d.*")) {
                connection.send("HTTP/1.1 " + path.substring(1, 4) + " Elsewhere\r\nLocation: " + path.substring(4)
                        + "\r\nContent-Length: 3\r\n\r\nold");
            } else {
                connection.send(CannedServer.ok(request.substring(0, request.indexOf(' ')) + " " + path));
            }
        });
    }

    // ---- redirects

    @Test
    void aRedirectIsFollowedOnTheSameConnection() {
        CannedServer server = redirecting();
        String uri = serve(server);
        ClientResponse response = get(uri + "/302/307/308/new?x");
        assertEquals("GET /new?x", response.text());
        assertEquals(uri + "/new?x", response.uri().toString());
        assertEquals(1, server.connections().size());
    }

    @Test
    void postBecomesGetWhereEverybodyDoesThatAndKeepsItsBodyElsewhere() {
        CannedServer server = redirecting();
        String uri = serve(server);
        ClientBody body = ClientBody.text("body");
        for (String status : List.of("301", "302", "303")) {
            assertEquals(
                    "GET /new",
                    send(ClientRequest.post(uri + "/" + status + "/new", body)).text());
            String last = server.requests().get(server.requests().size() - 1);
            assertEquals("", CannedServer.field(last, "Content-Type"));
            assertFalse(last.endsWith("body"));
        }
        for (String status : List.of("307", "308")) {
            assertEquals(
                    "POST /new",
                    send(ClientRequest.post(uri + "/" + status + "/new", body)).text());
            assertTrue(server.requests().get(server.requests().size() - 1).endsWith("body"));
        }
        assertEquals("PUT /new", send(ClientRequest.put(uri + "/302/new", body)).text());
        assertEquals("GET /new", send(ClientRequest.put(uri + "/303/new", body)).text());
        assertEquals(
                "",
                send(ClientRequest.head(uri + "/303/new").withHeader("X", "y")).text());
    }

    @Test
    void aBodyThatCanBeSentOnceOnlyIsNotRedirectedWithIt() {
        String uri = serve(redirecting());
        ClientBody once = ClientBody.once("", output -> output.send("x").end());
        fails(Kind.REDIRECT_REFUSED, ClientRequest.post(uri + "/307/new", once));
    }

    @Test
    void asManyRedirectsAreFollowedAsAllowedAndNoMore() {
        client(options -> options.redirects(3));
        String uri = serve(redirecting());
        assertEquals("GET /end", get(uri + "/302".repeat(3) + "/end").text());
        fails(Kind.TOO_MANY_REDIRECTS, ClientRequest.get(uri + "/302".repeat(4) + "/end"));
    }

    @Test
    void withoutRedirectsTheProgramGetsTheResponse() {
        client(options -> options.redirects(0));
        ClientResponse response = get(serve(redirecting()) + "/302/end");
        assertEquals(302, response.status());
        assertEquals("old", response.text());
    }

    @Test
    void whatIsForOneOriginDoesNotGoToAnother() {
        CannedServer other = CannedServer.text("other");
        String elsewhere = serve(other);
        CannedServer server = new CannedServer(
                (connection, request) -> connection.send("HTTP/1.1 307 Elsewhere\r\nContent-Length: 0\r\nLocation: "
                        + (request.startsWith("GET /here") ? "/there" : elsewhere) + "\r\n\r\n"));
        send(ClientRequest.get(serve(server) + "/here")
                .withHeader("Authorization", "Basic c2VjcmV0")
                .withHeader("Cookie", "a=b")
                .withHeader("Accept", "text/plain"));
        assertEquals("Basic c2VjcmV0", CannedServer.field(server.requests().get(1), "Authorization"));
        String last = other.requests().get(0);
        assertEquals("", CannedServer.field(last, "Authorization"));
        assertEquals("", CannedServer.field(last, "Cookie"));
        assertEquals("text/plain", CannedServer.field(last, "Accept"));
    }

    @Test
    void aRedirectToWhatIsNoHttpIsRefused() {
        CannedServer server = new CannedServer((connection, request) ->
                connection.send("HTTP/1.1 302 Elsewhere\r\nContent-Length: 0\r\nLocation: file:///etc/passwd\r\n\r\n"));
        fails(Kind.REDIRECT_REFUSED, ClientRequest.get(serve(server)));
    }

    @Test
    void theBodyOfARedirectIsThrownAwayWithinBounds() {
        CannedServer server = new CannedServer((connection, request) -> {
            if (request.startsWith("GET /new")) {
                connection.send(CannedServer.ok("new"));
            } else {
                int length = request.startsWith("GET /small") ? 64 << 10 : 1 << 20;
                connection.send("HTTP/1.1 302 Elsewhere\r\nLocation: /new\r\nContent-Length: " + length + "\r\n\r\n"
                        + "x".repeat(length));
            }
        });
        String uri = serve(server);
        assertEquals("new", get(uri + "/small").text());
        assertEquals(1, server.connections().size());
        assertEquals("new", get(uri + "/large").text());
        assertEquals(2, server.connections().size());
    }

    // ---- cookies

    @Test
    void cookiesAreKeptInAJarAndSentBack() {
        CookieJar jar = CookieJar.create();
        client(options -> options.cookies(jar));
        CannedServer server = new CannedServer((connection, request) -> connection.send(
                "HTTP/1.1 200 OK\r\nSet-Cookie: id=7; Path=/; HttpOnly\r\nSet-Cookie: other=x; Path=/other\r\n"
                        + "Content-Length: 0\r\n\r\n"));
        String uri = serve(server);
        get(uri);
        get(uri);
        get(uri + "/other/place");
        assertEquals("", CannedServer.field(server.requests().get(0), "Cookie"));
        assertEquals("id=7", CannedServer.field(server.requests().get(1), "Cookie"));
        assertEquals("other=x; id=7", CannedServer.field(server.requests().get(2), "Cookie"));
        assertEquals(2, jar.cookies(manager().wallTime()).size());
    }

    // ---- codings

    private static byte[] gzip(byte[] bytes) {
        try {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
                zip.write(bytes);
            }
            return out.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] deflate(byte[] bytes) {
        try {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            try (DeflaterOutputStream zip = new DeflaterOutputStream(out)) {
                zip.write(bytes);
            }
            return out.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static CannedServer coded(String coding, byte[] body) {
        return new CannedServer((connection, request) -> {
            connection.send("HTTP/1.1 200 OK\r\nContent-Encoding: " + coding + "\r\nContent-Length: " + body.length
                    + "\r\n\r\n");
            connection.send(body);
        });
    }

    @Test
    void aCompressedBodyArrivesDecompressed() {
        byte[] text = pattern(300_000);
        ClientResponse response = get(serve(coded("gzip", gzip(text))));
        assertEquals(Bytes.copyOf(text), response.bytes());
        assertEquals(List.of(), response.head().headers().all("Content-Encoding"));
        assertEquals(List.of(), response.head().headers().all("Content-Length"));
        assertEquals(
                Bytes.copyOf(text), get(serve(coded("Deflate", deflate(text)))).bytes());
    }

    @Test
    void whoAsksForACodingHimselfGetsItAsItIs() {
        byte[] zipped = gzip(pattern(1_000));
        CannedServer server = coded("gzip", zipped);
        ClientResponse response = send(ClientRequest.get(serve(server)).withHeader("Accept-Encoding", "gzip"));
        assertEquals(Bytes.copyOf(zipped), response.bytes());
        client(options -> options.decompress(false));
        CannedServer plain = coded("gzip", zipped);
        assertEquals(Bytes.copyOf(zipped), get(serve(plain)).bytes());
        assertEquals("", CannedServer.field(plain.requests().get(0), "Accept-Encoding"));
    }

    @Test
    void aBodyThatGrowsTooMuchFails() {
        byte[] bomb = gzip(new byte[8 << 20]);
        client(options -> options.inflationRatio(2_000));
        assertEquals(8 << 20, get(serve(coded("gzip", bomb))).bytes().length());
        client(options -> options.inflationRatio(200));
        fails(Kind.INFLATED_TOO_LARGE, ClientRequest.get(serve(coded("gzip", bomb))));
    }

    @Test
    void aBodyThatIsNotCompressedAsItSaysFails() {
        fails(Kind.BAD_CODING, ClientRequest.get(serve(coded("gzip", "plain text".getBytes(StandardCharsets.UTF_8)))));
        byte[] zipped = gzip(pattern(1_000));
        byte[] cut = Arrays.copyOf(zipped, zipped.length - 1);
        fails(Kind.BAD_CODING, ClientRequest.get(serve(coded("gzip", cut))));
        zipped[zipped.length - 5] ^= 1;
        fails(Kind.BAD_CODING, ClientRequest.get(serve(coded("gzip", zipped))));
    }

    // ---- expectations and early answers

    @Test
    void aBodyWaitsUntilTheServerHasAgreed() {
        CannedServer server = new CannedServer((connection, request) -> {
            if (request.startsWith("PUT")) {
                assertEquals("100-continue", CannedServer.field(request, "Expect"));
                connection.send("HTTP/1.1 100 Continue\r\n\r\n" + CannedServer.ok("thanks"));
            }
        });
        List<String> produced = new ArrayList<>();
        ClientBody body = ClientBody.stream("", 4, () -> output -> {
            produced.add("body");
            output.send("body").end();
        });
        assertEquals(
                "thanks",
                send(ClientRequest.put(serve(server), body).expectingContinue()).text());
        assertEquals(List.of("body"), produced);
    }

    @Test
    void aBodyIsNeverSentToAServerThatRefusesIt() {
        CannedServer server = new CannedServer((connection, request) ->
                connection.send("HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n"));
        boolean[] done = new boolean[2];
        ClientBody body = ClientBody.stream("", 4, () -> new BodyProducer() {
            @Override
            public void produce(BodyOutput output) {
                done[0] = true;
            }

            @Override
            public void onDone(boolean sent) {
                done[1] = !sent;
            }
        });
        assertEquals(
                417,
                send(ClientRequest.put(serve(server), body).expectingContinue()).status());
        assertFalse(done[0]);
        assertTrue(done[1]);
        assertEquals(0, client().statistics().idle(), "the body was announced and never came");
    }

    @Test
    void aBodyIsSentAllTheSameToAServerThatKeepsSilent() {
        client(options -> options.continueTimeout(SHORT));
        CannedServer server = new CannedServer((connection, request) -> {});
        String uri = serve(server);
        CompletableFuture<ClientResponse> call =
                client().send(ClientRequest.put(uri, ClientBody.text("body")).expectingContinue());
        until("the head", () -> server.requests().size() == 1);
        until("the body", () -> server.unread().equals("body"));
        inTurn(() -> server.connections().get(0).send(CannedServer.ok("thanks")));
        assertEquals("thanks", await(call).text());
    }

    @Test
    void anAnswerMayComeBeforeTheBodyIsSent() {
        CannedServer server = new CannedServer((connection, request) -> {});
        String uri = serve(server);
        boolean[] done = new boolean[1];
        ClientBody body = ClientBody.stream("", -1, () -> new BodyProducer() {
            private boolean begun;

            @Override
            public void produce(BodyOutput output) {
                if (!begun) {
                    begun = true;
                    output.send("begun");
                }
            }

            @Override
            public void onDone(boolean sent) {
                done[0] = !sent;
            }
        });
        CompletableFuture<ClientResponse> call = client().send(ClientRequest.post(uri, body));
        until("the beginning", () -> server.unread().endsWith("begun\r\n"));
        inTurn(() -> server.connections().get(0).send("HTTP/1.1 413 Too Large\r\nContent-Length: 5\r\n\r\nlarge"));
        ClientResponse response = await(call);
        assertEquals(413, response.status());
        assertEquals("large", response.text());
        assertTrue(done[0]);
        assertEquals(0, client().statistics().connections());
        until("the end", () -> server.open() == 0);
    }

    @Test
    void bothSidesMayStreamAtOnce() {
        CannedServer server = new CannedServer((connection, request) -> {});
        String uri = serve(server);
        BodyOutput[] up = new BodyOutput[1];
        CompletableFuture<ClientResponse> call =
                client().send(ClientRequest.post(uri, ClientBody.once("", output -> up[0] = output)));
        until("the head", () -> up[0] != null && !server.connections().isEmpty());
        Connection there = server.connections().get(0);
        inTurn(() -> there.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n"));
        inTurn(() -> up[0].send("one"));
        until("the first", () -> server.unread().contains("one"));
        inTurn(() -> there.send("1\r\nb\r\n"));
        inTurn(() -> up[0].end());
        until("the end", () -> server.requests().size() == 1);
        inTurn(() -> there.send("0\r\n\r\n"));
        assertEquals("ab", await(call).text());
        assertEquals(1, client().statistics().idle());
    }

    @Test
    void aProducerThatThrowsOrGivesUpFailsItsCallAlone() {
        String uri = serve(CannedServer.text("x"));
        ClientException thrown = fails(Kind.PROGRAM_FAILED, ClientRequest.post(uri, ClientBody.once("", output -> {
            throw new IOException("the disk");
        })));
        assertTrue(thrown.getMessage().contains("the disk"), thrown::getMessage);
        fails(Kind.PROGRAM_FAILED, ClientRequest.post(uri, ClientBody.once("", output -> output.abort("no"))));
        fails(
                Kind.PROGRAM_FAILED,
                ClientRequest.post(uri, ClientBody.stream("", 2, () -> output -> output.send("longer"))));
        assertEquals("x", get(uri).text());
    }

    // ---- time-outs

    @Test
    void aHeadThatDoesNotComeIsATimeOut() {
        client(options -> options.headTimeout(SHORT));
        fails(Kind.HEAD_TIMEOUT, ClientRequest.get(serve(new CannedServer((connection, request) -> {}))));
    }

    @Test
    void aHeadThatDripsIsATimeOutToo() {
        client(options -> options.headTimeout(SHORT));
        CannedServer server = new CannedServer((connection, request) -> drip(connection, "HTTP/1.1 200 OK\r\nX: "));
        fails(Kind.HEAD_TIMEOUT, ClientRequest.get(serve(server)));
    }

    private static void drip(Connection connection, String text) {
        if (connection.isOpen()) {
            connection.send(text);
            connection.manager().schedule(SHORT.dividedBy(5), () -> drip(connection, "x"));
        }
    }

    @Test
    void aBodyThatStallsIsATimeOut() {
        client(options -> options.idleTimeout(SHORT));
        CannedServer server = new CannedServer(
                (connection, request) -> connection.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nbegun"));
        fails(Kind.BODY_TIMEOUT, ClientRequest.get(serve(server)));
    }

    @Test
    void aServerThatTakesNoMoreOfTheRequestIsATimeOut() {
        client(options -> options.idleTimeout(SHORT));
        Script silent = script();
        silent.on(TcpEvent.Opened.class, (connection, event) -> connection.pauseReading());
        Acceptor acceptor = manager().listen(arm.host() + ":0", silent);
        ClientBody body = ClientBody.bytes("", Bytes.copyOf(new byte[16 << 20]));
        fails(Kind.SEND_TIMEOUT, ClientRequest.put("http://" + arm.host() + ":" + acceptor.port(), body));
        inTurn(() -> silent.connection().abort());
        untilClosed(silent);
    }

    @Test
    void whoWaitsTooLongForAConnectionIsTold() {
        client(options -> options.connectionsPerOrigin(1).waitTimeout(SHORT));
        CannedServer server = new CannedServer((connection, request) -> {});
        String uri = serve(server);
        CompletableFuture<ClientResponse> first = client().send(ClientRequest.get(uri));
        fails(Kind.WAIT_TIMEOUT, ClientRequest.get(uri));
        first.cancel(true);
        settle();
    }

    @Test
    void anIdleConnectionIsClosedAfterItsTime() {
        client(options -> options.idleKeep(SHORT));
        CannedServer server = CannedServer.text("x");
        get(serve(server));
        assertEquals(1, client().statistics().idle());
        until("the end", () -> client().statistics().connections() == 0 && server.open() == 0);
    }

    // ---- reading as it comes

    /** Notes what it is told, and takes everything. */
    private static final class Noting implements BodyInput.Reader {
        private final StringBuilder text = new StringBuilder();
        private final CompletableFuture<String> whole = new CompletableFuture<>();
        private final List<String> notes = new ArrayList<>();

        @Override
        public void onData(ReceiveBuffer body) {
            text.append(body.takeText());
        }

        @Override
        public void onEnd(Headers trailers) {
            notes.add("end");
            whole.complete(text.toString());
        }

        @Override
        public void onFailure(HttpError error) {
            notes.add("failure " + error.rule());
        }
    }

    @Test
    void aReaderThatPausesHoldsTheServerBack() {
        int length = MORE_THAN_FITS * 4;
        CannedServer server = new CannedServer((connection, request) -> {
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: " + length + "\r\n\r\n");
            connection.send(new byte[length]);
        });
        String uri = serve(server);
        Noting reader = new Noting();
        BodyInput[] body = new BodyInput[1];
        client(options -> options.idleTimeout(SHORT));
        CompletableFuture<String> call = client().send(ClientRequest.get(uri), response -> {
            body[0] = response.body();
            body[0].read(reader);
            body[0].pause();
            return reader.whole;
        });
        until("the head", () -> body[0] != null);
        settle();
        Connection there = server.connections().get(0);
        assertTrue(there.pendingBytes() > 0, "the server could send everything");
        assertEquals(0, reader.text.length());
        boolean[] late = new boolean[1];
        manager().schedule(SHORT.multipliedBy(3), () -> late[0] = true);
        until("more than the time-out of a body", () -> late[0]);
        assertFalse(call.isDone(), "what the program holds back does not count");
        inTurn(() -> body[0].resume());
        assertEquals(length, await(call).length());
        assertEquals(List.of("end"), reader.notes);
    }

    @Test
    void aReaderThatComesLaterFindsEverything() {
        CannedServer server = CannedServer.text("all of it");
        Noting reader = new Noting();
        BodyInput[] body = new BodyInput[1];
        CompletableFuture<String> call = client().send(ClientRequest.get(serve(server)), response -> {
            body[0] = response.body();
            return reader.whole;
        });
        until("the head", () -> body[0] != null);
        settle();
        inTurn(() -> body[0].read(reader));
        assertEquals("all of it", await(call));
        assertThrows(IllegalStateException.class, () -> body[0].read(reader));
        assertEquals(1, client().statistics().idle());
    }

    @Test
    void aPausedReaderOfACompressedBodyIsToldNothing() {
        byte[] zipped = gzip("x".repeat(200_000).getBytes(StandardCharsets.US_ASCII));
        BodyInput[] body = new BodyInput[1];
        int[] portions = new int[1];
        Noting reader = new Noting();
        CompletableFuture<String> call = client().send(ClientRequest.get(serve(coded("gzip", zipped))), response -> {
            body[0] = response.body();
            body[0].read(new BodyInput.Reader() {
                @Override
                public void onData(ReceiveBuffer portion) {
                    portions[0]++;
                    reader.onData(portion);
                    body[0].pause();
                }

                @Override
                public void onEnd(Headers trailers) {
                    reader.onEnd(trailers);
                }

                @Override
                public void onFailure(HttpError error) {
                    reader.onFailure(error);
                }
            });
            return reader.whole;
        });
        for (int i = 1; !call.isDone(); i++) {
            int expected = i;
            until("a portion", () -> portions[0] == expected || call.isDone());
            settle();
            assertTrue(portions[0] <= expected);
            inTurn(() -> body[0].resume());
        }
        assertEquals("x".repeat(200_000), await(call));
        assertTrue(portions[0] > 5);
    }

    @Test
    void aReaderIsToldOfAFailureAndTheCallFails() {
        CannedServer server = new CannedServer((connection, request) -> connection
                .send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nbegun")
                .close());
        Noting reader = new Noting();
        CompletableFuture<String> call = client().send(ClientRequest.get(serve(server)), response -> {
            response.body().read(reader);
            return reader.whole;
        });
        assertEquals(Kind.CONNECTION_LOST, failure(call).kind());
        assertEquals(List.of("failure INCOMPLETE_MESSAGE"), reader.notes);
    }

    @Test
    void aReaderThatThrowsFailsItsCallAlone() {
        String uri = serve(CannedServer.text("x"));
        CompletableFuture<String> call = client().send(ClientRequest.get(uri), response -> {
            throw new IOException("no reader");
        });
        ClientException failure = failure(call);
        assertEquals(Kind.PROGRAM_FAILED, failure.kind());
        assertEquals("no reader", failure.getCause().getMessage());
        assertEquals("x", get(uri).text());
    }

    // ---- another protocol

    @Test
    void anUpgradeTakesTheConnectionOutOfThePool() {
        CannedServer server = new CannedServer(
                (connection, request) -> connection.send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: "
                        + CannedServer.field(request, "Upgrade") + "\r\nConnection: Upgrade\r\n\r\nearly"));
        Script upgraded = script().hearingAPart();
        ClientResponse response = send(ClientRequest.get(serve(server)).upgrading("echo", upgraded));
        assertEquals(101, response.status());
        assertEquals("echo", response.header("upgrade").orElseThrow().toLowerCase(Locale.ROOT));
        until("what came early", () -> upgraded.text().equals("early"));
        assertEquals(0, client().statistics().connections());
        inTurn(() -> upgraded.connection().send("GET / HTTP/1.1\r\n\r\n"));
        until("what is ours", () -> server.requests().size() == 2);
        inTurn(() -> upgraded.connection().close());
        untilClosed(upgraded);
    }
}
