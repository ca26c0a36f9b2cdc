package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Acceptor;
import dev.meerkat.Connection;
import dev.meerkat.SendLimitException;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.ReceiveBuffer;
import dev.meerkat.http.BodyInput;
import dev.meerkat.http.BodyOutput;
import dev.meerkat.http.Headers;
import dev.meerkat.http.HttpError;
import dev.meerkat.http.HttpLimits;
import dev.meerkat.http.client.ClientBody;
import dev.meerkat.http.client.ClientException;
import dev.meerkat.http.client.ClientException.Kind;
import dev.meerkat.http.client.ClientRequest;
import dev.meerkat.http.client.ClientResponse;
import dev.meerkat.http.client.ResponseReader;
import dev.meerkat.http.client.StreamedResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The client's calls and its connections: what is kept, what waits, what is tried again. */
abstract class HttpClientRules extends HttpClientRulesBase {
    // ---- a call

    /** Takes what comes, and pauses then. */
    private static BodyInput.Reader pausing(BodyInput body, List<String> told) {
        return new BodyInput.Reader() {
            @Override
            public void onData(ReceiveBuffer data) {
                told.add(data.take(data.size()).utf8());
                body.pause();
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

    @Test
    void aReaderThatHasPausedHearsThatTheServerHasGone() {
        for (boolean abort : new boolean[] {false, true}) {
            CannedServer server = new CannedServer(
                    (connection, request) -> connection.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"));
            List<String> told = new ArrayList<>();
            CompletableFuture<String> call = client().send(ClientRequest.get(serve(server)), response -> {
                response.body().read(pausing(response.body(), told));
                return new CompletableFuture<>();
            });
            until("data", () -> told.size() == 1);
            inTurn(() -> {
                if (abort) {
                    server.connections().get(0).abort();
                } else {
                    server.connections().get(0).close();
                }
            });
            assertEquals(Kind.CONNECTION_LOST, failure(call).kind());
            assertEquals(List.of("hello", "failure"), told);
        }
    }

    @Test
    void aCallIsARequestAndItsResponse() {
        CannedServer server = CannedServer.text("hello");
        String uri = serve(server);
        ClientResponse response = get(uri + "/rooms?open=1#top");
        assertEquals(200, response.status());
        assertEquals("hello", response.text());
        assertEquals(uri + "/rooms?open=1#top", response.uri().toString());
        String host = uri.substring("http://".length());
        assertEquals(
                "GET /rooms?open=1 HTTP/1.1\r\nHost: " + host + "\r\nAccept-Encoding: gzip, deflate\r\n\r\n",
                server.requests().get(0));
    }

    @Test
    void aBodyHasALengthOrIsChunked() {
        CannedServer server = CannedServer.text("");
        String uri = serve(server);
        send(ClientRequest.post(uri, ClientBody.text("hi")));
        send(ClientRequest.post(uri, ClientBody.once("text/plain", output -> {
            output.send("one").send("two").end();
        })));
        send(ClientRequest.of("POST", uri));
        assertTrue(server.requests().get(0).endsWith("Content-Length: 2\r\n\r\nhi"), server.requests()::toString);
        assertTrue(
                server.requests()
                        .get(1)
                        .endsWith("Transfer-Encoding: chunked\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"),
                server.requests()::toString);
        assertTrue(server.requests().get(2).endsWith("Content-Length: 0\r\n\r\n"), server.requests()::toString);
        assertEquals(
                "text/plain; charset=utf-8",
                CannedServer.field(server.requests().get(0), "Content-Type"));
    }

    @Test
    void aFileIsABodyAsOftenAsItIsSent(@TempDir Path directory) throws IOException {
        byte[] pattern = pattern(300_000);
        Path file = Files.write(directory.resolve("file"), pattern);
        CannedServer server = CannedServer.text("x");
        ClientRequest request = ClientRequest.put(serve(server), ClientBody.file("application/octet-stream", file));
        send(request);
        send(request);
        for (String received : server.requests()) {
            assertTrue(received.endsWith("\r\n\r\n" + new String(pattern, StandardCharsets.ISO_8859_1)));
            assertEquals("300000", CannedServer.field(received, "Content-Length"));
        }
        assertEquals(2, server.requests().size());
    }

    @Test
    void aLargeBodyLeavesAsTheServerTakesIt() {
        byte[] pattern = pattern(MORE_THAN_FITS * 2);
        String[] received = new String[1];
        CannedServer server = new CannedServer((connection, request) -> {
            received[0] = request.substring(request.indexOf("\r\n\r\n") + 4);
            connection.send(CannedServer.ok("thanks"));
        });
        ClientResponse response = send(
                ClientRequest.put(serve(server), ClientBody.bytes("application/octet-stream", Bytes.copyOf(pattern))));
        assertEquals("thanks", response.text());
        assertEquals(new String(pattern, StandardCharsets.ISO_8859_1), received[0]);
    }

    @Test
    void aLargeResponseIsCollectedUpToTheLimitAndNotBeyond() {
        int limit = 200_000;
        client(options ->
                options.limits(HttpLimits.builder().bufferedBodyBytes(limit).build()));
        CannedServer server = new CannedServer((connection, request) ->
                connection.send(CannedServer.ok("x".repeat(request.startsWith("GET /more") ? limit + 1 : limit))));
        String uri = serve(server);
        assertEquals(limit, get(uri).bytes().length());
        fails(Kind.BODY_TOO_LARGE, ClientRequest.get(uri + "/more"));
        assertEquals(limit, get(uri).bytes().length());
    }

    @Test
    void aResponseWithoutALengthEndsWithTheConnection() {
        CannedServer server = new CannedServer((connection, request) ->
                connection.send("HTTP/1.1 200 OK\r\n\r\nall of it").close());
        assertEquals("all of it", get(serve(server)).text());
    }

    @Test
    void aResponseThatIsCutOffIsALostConnection() {
        CannedServer server = new CannedServer((connection, request) -> connection
                .send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfive!")
                .close());
        fails(Kind.CONNECTION_LOST, ClientRequest.get(serve(server)));
        CannedServer silent = new CannedServer((connection, request) -> connection.close());
        fails(Kind.CONNECTION_LOST, ClientRequest.get(serve(silent)));
        CannedServer rude = new CannedServer((connection, request) -> connection.abort());
        fails(Kind.CONNECTION_LOST, ClientRequest.get(serve(rude)));
    }

    @Test
    void aResponseThatIsNoneIsABadResponse() {
        CannedServer server = new CannedServer((connection, request) -> connection.send("SSH-2.0-OpenSSH\r\n\r\n"));
        fails(Kind.BAD_RESPONSE, ClientRequest.get(serve(server)));
    }

    @Test
    void nobodyThereIsAFailedConnect() {
        Connection[] none = new Connection[1];
        Acceptor acceptor = manager().listen(arm.host() + ":0", (connection, event) -> none[0] = connection);
        int port = acceptor.port();
        acceptor.close();
        fails(Kind.CONNECT_FAILED, ClientRequest.get("http://" + arm.host() + ":" + port));
    }

    // ---- keeping connections

    @Test
    void aConnectionIsKeptForTheNextRequestEvenFromWithinTheAnswer() {
        CannedServer server = CannedServer.text("x");
        String uri = serve(server);
        List<Integer> statuses = new ArrayList<>();
        CompletableFuture<ClientResponse> chain = client().send(ClientRequest.get(uri));
        for (int i = 0; i < 5; i++) {
            chain = chain.thenCompose(response -> {
                statuses.add(response.status());
                return client().send(ClientRequest.get(uri));
            });
        }
        await(chain);
        assertEquals(6, server.requests().size());
        assertEquals(1, server.connections().size());
        assertEquals(1, client().statistics().idle());
    }

    @Test
    void aConnectionThatSaysCloseIsNotKept() {
        CannedServer server = new CannedServer((connection, request) -> connection
                .send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx")
                .close());
        String uri = serve(server);
        get(uri);
        get(uri);
        assertEquals(2, server.connections().size());
        assertEquals(0, client().statistics().idle());
    }

    @Test
    void bytesBehindAResponseArriveNowhere() {
        CannedServer server = new CannedServer(
                (connection, request) -> connection.send(CannedServer.ok("first") + CannedServer.ok("smuggled")));
        String uri = serve(server);
        assertEquals("first", get(uri).text());
        assertEquals("first", get(uri).text());
        assertEquals(2, server.connections().size());
    }

    @Test
    void bytesThatNobodyAskedForEndAnIdleConnection() {
        CannedServer server = CannedServer.text("asked");
        String uri = serve(server);
        get(uri);
        inTurn(() -> server.connections().get(0).send(CannedServer.ok("unasked")));
        until("the end of the connection", () -> client().statistics().connections() == 0);
        assertEquals("asked", get(uri).text());
        assertEquals(2, server.connections().size());
    }

    @Test
    void thereAreNoMoreConnectionsToAnOriginThanAllowed() {
        client(options -> options.connectionsPerOrigin(2));
        CannedServer server = CannedServer.text("x");
        String uri = serve(server);
        List<CompletableFuture<ClientResponse>> calls = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            calls.add(client().send(ClientRequest.get(uri + "/" + i)));
        }
        assertEquals(2, client().statistics().connections());
        assertEquals(5, client().statistics().waiting());
        calls.forEach(this::await);
        assertEquals(2, server.mostOpen());
        assertEquals(7, server.requests().size());
    }

    @Test
    void whoWaitsIsServedInOrderWhateverHisOrigin() {
        client(options -> options.connections(1));
        CannedServer one = CannedServer.text("one");
        CannedServer other = CannedServer.text("other");
        String first = serve(one);
        String second = serve(other);
        List<String> order = new ArrayList<>();
        List<CompletableFuture<?>> calls = new ArrayList<>();
        for (String uri : List.of(first, second, first, second)) {
            calls.add(client().send(ClientRequest.get(uri)).thenAccept(response -> order.add(response.text())));
        }
        calls.forEach(this::await);
        assertEquals(List.of("one", "other", "one", "other"), order);
        assertEquals(1, one.mostOpen());
        assertEquals(1, client().statistics().connections());
    }

    @Test
    void asManyWaitAsMayAndOneMoreIsRefusedAtOnce() {
        client(options -> options.connectionsPerOrigin(1).waiting(2));
        String uri = serve(CannedServer.text("x"));
        List<CompletableFuture<ClientResponse>> calls = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            calls.add(client().send(ClientRequest.get(uri)));
        }
        CompletableFuture<ClientResponse> tooMany = client().send(ClientRequest.get(uri));
        assertTrue(tooMany.isDone());
        assertEquals(Kind.TOO_MANY_WAITING, failure(tooMany).kind());
        calls.forEach(this::await);
    }

    @Test
    void anIdleConnectionMakesRoomForAnotherOrigin() {
        client(options -> options.connections(1));
        CannedServer one = CannedServer.text("one");
        CannedServer other = CannedServer.text("other");
        assertEquals("one", get(serve(one)).text());
        assertEquals("other", get(serve(other)).text());
        assertEquals(1, client().statistics().connections());
        until("the end of the first", () -> one.open() == 0);
    }

    @Test
    void ofIdleConnectionsTheLastUsedIsTakenFirst() {
        CannedServer server = CannedServer.text("x");
        String uri = serve(server);
        CompletableFuture<ClientResponse> first = client().send(ClientRequest.get(uri));
        CompletableFuture<ClientResponse> second = client().send(ClientRequest.get(uri));
        await(first);
        await(second);
        long last = await(client().send(ClientRequest.get(uri), this::connectionOf));
        for (int i = 0; i < 4; i++) {
            assertEquals(last, await(client().send(ClientRequest.get(uri), this::connectionOf)));
        }
        assertEquals(2, client().statistics().idle());
    }

    private CompletableFuture<Long> connectionOf(StreamedResponse response) {
        return CompletableFuture.completedFuture(response.connection().id());
    }

    // ---- trying again

    @Test
    void anIdempotentRequestIsTriedAgainWhenAKeptConnectionHasEnded() {
        CannedServer server = hangsUpOnTheSecond(2);
        String uri = serve(server);
        get(uri);
        assertEquals("3", get(uri).text());
        assertEquals(3, server.requests().size());
        assertEquals(2, server.connections().size());
    }

    @Test
    void itIsTriedAgainOnceOnly() {
        CannedServer server = hangsUpOnTheSecond(2, 3);
        String uri = serve(server);
        get(uri);
        fails(Kind.CONNECTION_LOST, ClientRequest.get(uri));
        assertEquals(3, server.requests().size());
    }

    @Test
    void whatMayNotBeDoneTwiceIsNotTriedAgain() {
        CannedServer server = hangsUpOnTheSecond(2);
        String uri = serve(server);
        get(uri);
        fails(Kind.CONNECTION_LOST, ClientRequest.post(uri, ClientBody.text("pay")));
        assertEquals(2, server.requests().size());
    }

    @Test
    void nothingIsTriedAgainOnceAByteOfTheAnswerHasCome() {
        int[] count = new int[1];
        CannedServer server = new CannedServer((connection, request) -> {
            if (++count[0] == 2) {
                connection.send("H").close();
            } else {
                connection.send(CannedServer.ok("x"));
            }
        });
        String uri = serve(server);
        get(uri);
        fails(Kind.CONNECTION_LOST, ClientRequest.get(uri));
        assertEquals(2, server.requests().size());
    }

    @Test
    void whatCannotBeSentTwiceIsNotTriedAgain() {
        CannedServer server = hangsUpOnTheSecond(2);
        String uri = serve(server);
        get(uri);
        fails(
                Kind.CONNECTION_LOST,
                ClientRequest.put(
                        uri, ClientBody.once("", output -> output.send("x").end())));
        assertEquals(2, server.requests().size());
    }

    @Test
    void aFirstConnectionIsNotTriedAgain() {
        CannedServer server = hangsUpOnTheSecond(1);
        fails(Kind.CONNECTION_LOST, ClientRequest.get(serve(server)));
        assertEquals(1, server.requests().size());
    }

    /** Answers with the number of the request, but hangs up on some. */
    private static CannedServer hangsUpOnTheSecond(Integer... numbers) {
        int[] count = new int[1];
        return new CannedServer((connection, request) -> {
            count[0]++;
            if (List.of(numbers).contains(count[0])) {
                connection.abort();
            } else {
                connection.send(CannedServer.ok(String.valueOf(count[0])));
            }
        });
    }

    // ---- giving up

    @Test
    void aCancelledCallEndsItsConnectionAndNoOther() {
        CannedServer server = new CannedServer((connection, request) -> {
            if (!request.startsWith("GET /never")) {
                connection.send(CannedServer.ok("x"));
            }
        });
        String uri = serve(server);
        CompletableFuture<ClientResponse> never = client().send(ClientRequest.get(uri + "/never"));
        CompletableFuture<ClientResponse> other = client().send(ClientRequest.get(uri));
        await(other);
        until("both requests", () -> server.requests().size() == 2);
        assertTrue(never.cancel(true));
        settle();
        assertEquals(1, client().statistics().connections());
        assertEquals(0, client().statistics().active());
        assertEquals("x", get(uri).text());
        assertEquals(2, server.connections().size());
    }

    @Test
    void whatIsCancelledWhileItWaitsIsNeverSent() {
        client(options -> options.connectionsPerOrigin(1));
        CannedServer server = CannedServer.text("x");
        String uri = serve(server);
        CompletableFuture<ClientResponse> first = client().send(ClientRequest.get(uri));
        CompletableFuture<ClientResponse> second = client().send(ClientRequest.get(uri + "/cancelled"));
        second.cancel(true);
        assertEquals(0, client().statistics().waiting());
        await(first);
        settle();
        assertEquals(1, server.requests().size());
    }

    @Test
    void aClientThatIsClosedFailsItsCallsAndClosesItsConnections() {
        CannedServer server = new CannedServer((connection, request) -> {});
        String uri = serve(server);
        client(options -> options.connectionsPerOrigin(1));
        CompletableFuture<ClientResponse> asked = client().send(ClientRequest.get(uri));
        CompletableFuture<ClientResponse> waiting = client().send(ClientRequest.get(uri));
        until("the request", () -> server.requests().size() == 1);
        client().close();
        assertEquals(Kind.CLIENT_CLOSED, failure(asked).kind());
        assertEquals(Kind.CLIENT_CLOSED, failure(waiting).kind());
        fails(Kind.CLIENT_CLOSED, ClientRequest.get(uri));
        until("the end", () -> server.open() == 0);
        assertFalse(manager().isClosed());
    }

    @Test
    void aManagerThatIsClosedClosesItsClients() {
        CannedServer server = new CannedServer((connection, request) -> {});
        CompletableFuture<ClientResponse> call = client().send(ClientRequest.get(serve(server)));
        until("the request", () -> server.requests().size() == 1);
        manager().close();
        assertEquals(Kind.CLIENT_CLOSED, failure(call).kind());
    }

    @Test
    void whatNobodyReadsIsThrownAwayWithinBounds() {
        int bound = 64 << 10;
        CannedServer server = new CannedServer((connection, request) ->
                connection.send(CannedServer.ok("x".repeat(request.startsWith("GET /more") ? 4 * bound : bound))));
        String uri = serve(server);
        assertEquals(
                200,
                await(client().send(ClientRequest.get(uri), ResponseReader.head()))
                        .status());
        until("the rest to be thrown away", () -> client().statistics().active() == 0);
        assertEquals(1, client().statistics().idle());
        await(client().send(ClientRequest.get(uri + "/more"), ResponseReader.head()));
        until("the rest to be given up", () -> client().statistics().active() == 0);
        assertEquals(0, client().statistics().idle());
    }

    @Test
    void aCallMayHaveADeadline() {
        CannedServer server = new CannedServer((connection, request) -> {});
        fails(Kind.CALL_TIMEOUT, ClientRequest.get(serve(server)).withTimeout(SHORT));
        assertEquals(Duration.ofMillis(50), SHORT);
    }

    @Test
    void whoeverEndsTooEarlyIsBlamedForIt() {
        String[] beginnings = {
            "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
            "HTTP/1.1 200 OK\r\nContent-Le",
            ""
        };
        for (String beginning : beginnings) {
            CannedServer server = new CannedServer(
                    (connection, request) -> connection.send(beginning).close());
            ClientException failure = fails(Kind.CONNECTION_LOST, ClientRequest.get(serve(server)));
            assertTrue(
                    String.valueOf(failure.getMessage()).startsWith("the server closed the connection, before "),
                    failure::toString);
        }
    }

    @Test
    void aPieceForWhichThereIsNoRoomIsNotAnnounced() {
        int limit = 256 << 10;
        int pieces = 100;
        String piece = "a".repeat(16_000);
        for (long length : new long[] {-1, (long) pieces * piece.length()}) {
            CannedServer server = CannedServer.text("thanks");
            int[] sent = new int[1];
            int[] refused = new int[1];
            ClientBody body = new ClientBody.Streamed(
                    "",
                    length,
                    () -> output -> {
                        Connection own = output.connection();
                        own.configure(own.options().toBuilder().sendLimit(limit).build());
                        try {
                            while (sent[0] < pieces) {
                                output.send(piece);
                                sent[0]++;
                            }
                            output.end();
                        } catch (SendLimitException full) {
                            refused[0]++; // asked again when there is room
                        }
                    },
                    false);
            assertEquals("thanks", send(ClientRequest.post(serve(server), body)).text());
            assertTrue(refused[0] > 0, "never full");
            String request = server.requests().get(0);
            String received = request.substring(request.indexOf("\r\n\r\n") + 4);
            String chunk = Integer.toHexString(piece.length()) + "\r\n" + piece + "\r\n";
            assertEquals(length < 0 ? chunk.repeat(pieces) + "0\r\n\r\n" : piece.repeat(pieces), received);
        }
    }

    @Test
    void aBodyGoesOnAlthoughTheMailboxIsFull() throws InterruptedException {
        if (arm.isVirtual()) {
            return; // has one thread
        }
        use(options -> options.mailboxLimit(1));
        CannedServer server = CannedServer.text("thanks");
        BodyOutput[] output = new BodyOutput[1];
        ClientBody body = ClientBody.once("", asked -> {
            if (output[0] == null) {
                output[0] = asked;
            } else {
                asked.send("body").end();
            }
        });
        CompletableFuture<ClientResponse> call = client().send(ClientRequest.post(serve(server), body));
        until("the first question", () -> output[0] != null);
        manager().post(() -> {});
        Throwable[] thrown = new Throwable[1];
        Thread elsewhere = new Thread(() -> output[0].resume());
        elsewhere.setUncaughtExceptionHandler((thread, failure) -> thrown[0] = failure);
        elsewhere.start();
        elsewhere.join();
        assertNull(thrown[0]);
        assertEquals("thanks", await(call).text());
    }

    @Test
    void aCallEndsAlthoughTheMailboxIsFull() throws InterruptedException {
        if (arm.isVirtual()) {
            return; // has one thread
        }
        use(options -> options.mailboxLimit(1));
        CompletableFuture<String> made = new CompletableFuture<>();
        boolean[] asked = new boolean[1];
        ClientRequest request = ClientRequest.get(serve(CannedServer.text("body")));
        CompletableFuture<String> call = client().send(request, response -> {
            asked[0] = true;
            return made;
        });
        until("the head", () -> asked[0]);
        manager().post(() -> {});
        Thread elsewhere = new Thread(() -> made.complete("made"));
        elsewhere.start();
        elsewhere.join();
        assertEquals("made", await(call));
        until("the end of it", () -> client().statistics().active() == 0);
    }

    @Test
    void whatIsNotAsciiInAUriIsSentAsUtf8() {
        CannedServer server = CannedServer.text("");
        String uri = serve(server);
        send(ClientRequest.get(uri + "/\u00fc?\u20ac=%20"));
        assertTrue(server.requests().get(0).startsWith("GET /%C3%BC?%E2%82%AC=%20 HTTP/1.1\r\n"));
        assertThrows(IllegalArgumentException.class, () -> ClientRequest.get("http://\u00fc.test/"));
    }
}
