package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Acceptor;
import dev.meerkat.ListenOptions;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.ReceiveBuffer;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.http.BodyInput;
import dev.meerkat.http.Headers;
import dev.meerkat.http.HttpError;
import dev.meerkat.http.HttpLimits;
import dev.meerkat.http.client.ClientBody;
import dev.meerkat.http.client.ClientException.Kind;
import dev.meerkat.http.client.ClientRequest;
import dev.meerkat.http.client.ClientResponse;
import dev.meerkat.http.client.HttpClientOptions;
import dev.meerkat.http.proxy.ReverseProxy;
import dev.meerkat.http.proxy.ReverseProxyOptions;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Requests to a proxy are the server's behind it, and its answers the proxy's. */
abstract class ReverseProxyRules extends HttpClientRulesBase {
    private String proxy(String upstream) {
        return proxy(upstream, options -> {});
    }

    private String proxy(String upstream, Change<ReverseProxyOptions.Builder> change) {
        ReverseProxyOptions.Builder options = ReverseProxyOptions.builder();
        change.apply(options);
        Acceptor acceptor = manager().listen("http://" + arm.host() + ":0", ReverseProxy.to(upstream, options.build()));
        return "http://" + arm.host() + ":" + acceptor.port();
    }

    @Test
    void aRequestIsPassedOnAndItsAnswerBack() {
        CannedServer behind = CannedServer.text("behind");
        String uri = proxy(serve(behind) + "/base/");
        ClientResponse response = get(uri + "/path?a=b");
        assertEquals("behind", response.text());
        assertEquals("1.1 meerkat", response.header("Via").orElse(""));
        String request = behind.requests().get(0);
        assertTrue(request.startsWith("GET /base/path?a=b HTTP/1.1\r\nHost: " + arm.host() + ":"), request);
        assertEquals("1.1 meerkat", CannedServer.field(request, "Via"));
    }

    @Test
    void whatBelongsToAConnectionIsNotPassedOn() {
        CannedServer behind = new CannedServer((connection, request) -> connection.send(
                "HTTP/1.1 200 OK\r\nConnection: keep-alive, X-Hop\r\nX-Hop: 1\r\nX-Kept: 2\r\nKeep-Alive: timeout=5\r\n"
                        + "Proxy-Authenticate: Basic\r\nContent-Length: 2\r\n\r\nok"));
        Peer peer = raw(proxy(serve(behind)));
        peer.send("GET / HTTP/1.1\r\nHost: h.test\r\nConnection: X-Mine, keep-alive\r\nX-Mine: 1\r\nX-Other: 2\r\n"
                + "TE: trailers\r\nProxy-Authorization: Basic eA==\r\nKeep-Alive: 1\r\n\r\n");
        until("the answer", () -> peer.text().endsWith("\r\n\r\nok"));
        String request = behind.requests().get(0);
        for (String gone : new String[] {"Connection", "X-Mine", "TE", "Proxy-Authorization", "Keep-Alive"}) {
            assertEquals("", CannedServer.field(request, gone), gone);
        }
        assertEquals("2", CannedServer.field(request, "X-Other"));
        for (String gone : new String[] {"X-Hop", "Keep-Alive", "Proxy-Authenticate"}) {
            assertEquals("", CannedServer.field(peer.text(), gone), gone);
        }
        assertEquals("2", CannedServer.field(peer.text(), "X-Kept"));
    }

    private Peer raw(String uri) {
        int port = Integer.parseInt(uri.substring(uri.lastIndexOf(':') + 1));
        return peer(new InetSocketAddress(arm.host(), port));
    }

    @Test
    void whoThePeerIsIsToldAndWhatItSaysOfOthersIsNot() {
        CannedServer behind = CannedServer.text("");
        String uri = proxy(serve(behind));
        send(ClientRequest.get(uri)
                .withHeader("Host", "public.test")
                .withHeader("X-Forwarded-For", "6.6.6.6")
                .withHeader("Forwarded", "for=6.6.6.6"));
        String request = behind.requests().get(0);
        assertEquals(
                "for=" + arm.host() + ";proto=http;host=\"public.test\"", CannedServer.field(request, "Forwarded"));
        assertEquals(arm.host(), CannedServer.field(request, "X-Forwarded-For"));
        assertEquals("http", CannedServer.field(request, "X-Forwarded-Proto"));
        assertEquals("public.test", CannedServer.field(request, "X-Forwarded-Host"));
        assertFalse(request.contains("6.6.6.6"), request);
    }

    @Test
    void behindAnotherProxyOfOnesOwnTheChainIsContinuedAndTheHostMayBeKept() {
        CannedServer behind = CannedServer.text("");
        String uri = proxy(
                serve(behind),
                options -> options.trustsForwarded(true)
                        .host(ReverseProxyOptions.Host.ORIGINAL)
                        .via("inner"));
        send(ClientRequest.get(uri)
                .withHeader("Host", "public.test")
                .withHeader("X-Forwarded-For", "192.0.2.7")
                .withHeader("Via", "1.1 outer"));
        String request = behind.requests().get(0);
        assertEquals("public.test", CannedServer.field(request, "Host"));
        assertTrue(request.contains("X-Forwarded-For: 192.0.2.7\r\n"), request);
        assertTrue(request.contains("X-Forwarded-For: " + arm.host() + "\r\n"), request);
        assertTrue(request.contains("Via: 1.1 outer\r\nForwarded") || request.contains("Via: 1.1 inner"), request);
    }

    @Test
    void bodiesStreamThroughInBothDirections() {
        byte[] large = pattern(MORE_THAN_FITS * 2);
        client(options -> options.limits(
                HttpLimits.builder().bufferedBodyBytes(large.length).build()));
        CannedServer behind = new CannedServer((connection, request) -> {
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: " + large.length + "\r\n\r\n");
            connection.send(large);
        });
        String uri = proxy(serve(behind));
        ClientResponse response = send(ClientRequest.post(uri, ClientBody.bytes("", Bytes.copyOf(large))));
        assertEquals(Bytes.copyOf(large), response.bytes());
        String request = behind.requests().get(0);
        assertEquals(String.valueOf(large.length), CannedServer.field(request, "Content-Length"));
        assertEquals(large.length, request.length() - request.indexOf("\r\n\r\n") - 4);
        send(ClientRequest.post(
                uri, ClientBody.once("", output -> output.send("chunks").end())));
        assertTrue(behind.requests().get(1).endsWith("6\r\nchunks\r\n0\r\n\r\n"));
    }

    @Test
    void aResponseWithoutALengthIsChunkedAndOneThatIsCutOffIsCutOff() {
        CannedServer behind = new CannedServer((connection, request) ->
                connection.send("HTTP/1.1 200 OK\r\n\r\nuntil the end").close());
        ClientResponse response = get(proxy(serve(behind)));
        assertEquals("until the end", response.text());
        assertEquals("chunked", response.header("Transfer-Encoding").orElse(""));
        CannedServer broken = new CannedServer((connection, request) -> connection
                .send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nbegun")
                .close());
        fails(Kind.CONNECTION_LOST, ClientRequest.get(proxy(serve(broken))));
    }

    @Test
    void headIsAnsweredWithTheLengthAndNoBody() {
        CannedServer behind = new CannedServer(
                (connection, request) -> connection.send("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"));
        ClientResponse response = send(ClientRequest.head(proxy(serve(behind))));
        assertEquals("500", response.header("Content-Length").orElse(""));
        assertEquals(0, response.bytes().length());
    }

    @Test
    void noAnswerIsABadGatewayAndNoneInTimeATimeOut() {
        CannedServer rude = new CannedServer((connection, request) -> connection.abort());
        assertEquals(502, get(proxy(serve(rude))).status());
        CannedServer none = new CannedServer((connection, request) -> connection.send("no HTTP at all\r\n\r\n"));
        assertEquals(502, get(proxy(serve(none))).status());
        CannedServer silent = new CannedServer((connection, request) -> {});
        String slow = proxy(
                serve(silent),
                options -> options.client(
                        HttpClientOptions.builder().headTimeout(SHORT).build()));
        assertEquals(504, get(slow).status());
        String full = proxy(
                serve(silent),
                options -> options.client(HttpClientOptions.builder()
                        .connectionsPerOrigin(1)
                        .waiting(0)
                        .build()));
        CompletableFuture<ClientResponse> first = client().send(ClientRequest.get(full));
        until("the first", () -> silent.requests().size() == 2);
        assertEquals(503, get(full).status());
        first.cancel(true);
        until("the end of it behind the proxy", () -> silent.open() == 0);
    }

    @Test
    void whoHangsUpEndsTheOtherSideToo() {
        CannedServer behind = new CannedServer(
                (connection, request) -> connection.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nbegun"));
        String uri = proxy(serve(behind));
        boolean[] begun = new boolean[1];
        CompletableFuture<String> call = client().send(ClientRequest.get(uri), response -> {
            response.body().read(new BodyInput.Reader() {
                @Override
                public void onData(ReceiveBuffer body) {
                    begun[0] = true;
                }

                @Override
                public void onEnd(Headers trailers) {}

                @Override
                public void onFailure(HttpError error) {}
            });
            return new CompletableFuture<>();
        });
        until("the beginning", () -> begun[0]);
        call.cancel(true);
        until("the end of it behind the proxy", () -> behind.open() == 0);
    }

    @Test
    void aSlowPeerHoldsTheServerBack() {
        long length = 1L << 30;
        byte[] piece = new byte[64 << 10];
        long[] sent = new long[1];
        Script behind = script();
        behind.on(TcpEvent.Received.class, (connection, event) -> {
            event.buffer().discard(event.buffer().size());
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: " + length + "\r\n\r\n");
            connection.requestWritable();
        });
        behind.on(TcpEvent.Writable.class, (connection, event) -> {
            connection.send(piece);
            sent[0] += piece.length;
            connection.requestWritable();
        });
        Acceptor acceptor = manager().listen(arm.host() + ":0", behind);
        String uri = proxy("http://" + arm.host() + ":" + acceptor.port());
        BodyInput[] body = new BodyInput[1];
        CompletableFuture<Integer> call = client().send(ClientRequest.get(uri), response -> {
            body[0] = response.body();
            return new CompletableFuture<>();
        });
        until("the head", () -> body[0] != null);
        settle();
        long before = sent[0];
        settle();
        assertEquals(before, sent[0], "the server is held back");
        assertTrue(before < length / 8, "taken: " + before);
        call.cancel(true);
        untilClosed(behind);
    }

    @Test
    void anUpgradePassesThroughWithWhatComesEarly() {
        CannedServer behind = new CannedServer((connection, request) -> {
            if (request.startsWith("GET")) {
                connection.send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nX-Accept: y\r\n"
                        + "Connection: Upgrade\r\n\r\nearly");
            } else {
                connection.send("late");
            }
        });
        Script upgraded = script().hearingAPart();
        ClientResponse response = send(ClientRequest.get(proxy(serve(behind))).upgrading("echo", upgraded));
        assertEquals(101, response.status());
        assertEquals("y", response.header("X-Accept").orElse(""));
        assertEquals("echo", CannedServer.field(behind.requests().get(0), "Upgrade"));
        until("what came early", () -> upgraded.text().equals("early"));
        inTurn(() -> upgraded.connection().send("ours\r\n\r\n"));
        until("what came late", () -> upgraded.text().equals("earlylate"));
        inTurn(() -> upgraded.connection().close());
        untilClosed(upgraded);
        until("the end behind", () -> behind.open() == 0);
    }

    @Test
    void anUpgradeThatIsRefusedIsAnOrdinaryAnswer() {
        String uri = proxy(serve(CannedServer.text("no")));
        Script upgraded = script().hearingAPart();
        assertEquals(
                "no", send(ClientRequest.get(uri).upgrading("echo", upgraded)).text());
        assertTrue(upgraded.entries().isEmpty());
    }

    @Test
    void expectationsAreMetByTheProxy() {
        CannedServer behind = CannedServer.text("thanks");
        String uri = proxy(serve(behind));
        client(options -> options.continueTimeout(Duration.ofHours(1)));
        ClientRequest request = ClientRequest.put(uri, ClientBody.text("body")).expectingContinue();
        assertEquals("thanks", send(request).text());
        assertEquals("", CannedServer.field(behind.requests().get(0), "Expect"));
    }

    /** What the proxy answers to a target as it stands. */
    private String answerTo(String uri, String target) {
        Peer peer = raw(uri);
        peer.send("GET " + target + " HTTP/1.1\r\nHost: h.test\r\n\r\n");
        until("the answer to " + target, () -> peer.text().contains("\r\n\r\n"));
        peer.close();
        return peer.text();
    }

    @Test
    void aPathThatLeadsOutOfWhereTheProxyPointsIsRefused() {
        CannedServer behind = CannedServer.text("x");
        String uri = proxy(serve(behind) + "/app");
        for (String target : new String[] {
            "/../secret",
            "/%2e%2E/secret",
            "/.%2e",
            "/a/..",
            "/a/./b",
            "/..%2Fsecret",
            "/a%2f..",
            "/..%5csecret",
            "/..;x=y/secret",
            "/..%3b/secret"
        }) {
            String answer = answerTo(uri, target);
            assertTrue(answer.startsWith("HTTP/1.1 400"), target + ": " + answer);
        }
        assertEquals(0, behind.requests().size());
        String harmless = answerTo(uri, "/a..b/.../..c?q=/../x");
        assertTrue(harmless.startsWith("HTTP/1.1 200"), harmless);
        String request = behind.requests().get(0);
        assertTrue(request.startsWith("GET /app/a..b/.../..c?q=/../x HTTP/1.1\r\n"), request);
    }

    @Test
    void noOtherKindOfHttpIsUpgradedTo() {
        CannedServer behind = CannedServer.text("ok");
        String uri = proxy(serve(behind));
        for (String protocol : new String[] {"h2c", "H2C", "HTTP/2.0", "TLS/1.0, h2c"}) {
            Peer peer = raw(uri);
            peer.send("GET / HTTP/1.1\r\nHost: h.test\r\nConnection: Upgrade\r\nUpgrade: " + protocol
                    + "\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n");
            until("the answer", () -> peer.text().endsWith("ok"));
            String request = behind.requests().get(behind.requests().size() - 1);
            assertEquals("", CannedServer.field(request, "Upgrade"), protocol);
            assertEquals("", CannedServer.field(request, "HTTP2-Settings"), protocol);
        }
        Peer peer = raw(uri);
        peer.send("GET / HTTP/1.1\r\nHost: h.test\r\nConnection: Upgrade\r\nUpgrade: h2c, websocket\r\n\r\n");
        until("the answer", () -> peer.text().endsWith("ok"));
        String request = behind.requests().get(behind.requests().size() - 1);
        assertEquals("websocket", CannedServer.field(request, "Upgrade"));
    }

    @Test
    void nobodyPretendsToBeSomebodyElseUnderAnotherName() {
        CannedServer behind = CannedServer.text("");
        String address = serve(behind);
        ClientRequest request = ClientRequest.get(proxy(address))
                .withHeader("X-Real-IP", "6.6.6.6")
                .withHeader("X-Client-IP", "6.6.6.6")
                .withHeader("True-Client-IP", "6.6.6.6")
                .withHeader("X_Forwarded_For", "6.6.6.6")
                .withHeader("x_real-ip", "6.6.6.6");
        send(request);
        assertFalse(
                behind.requests().get(0).contains("6.6.6.6"), behind.requests().get(0));
        String trusting = proxy(address, options -> options.trustsForwarded(true));
        send(ClientRequest.get(trusting).withHeader("X-Real-IP", "192.0.2.7").withHeader("X_Real_IP", "6.6.6.6"));
        assertEquals("192.0.2.7", CannedServer.field(behind.requests().get(1), "X-Real-IP"));
        assertFalse(
                behind.requests().get(1).contains("6.6.6.6"), behind.requests().get(1));
    }

    @Test
    void aTargetGoesOnAsItCame() {
        CannedServer behind = CannedServer.text("x");
        String uri = proxy(serve(behind) + "/base");
        for (String target : new String[] {
            "/?f=a|b",
            "/a|b",
            "/{id}?{}",
            "/a^`b",
            "/100%?x=5%",
            "/%2?%zz",
            "/a[0]?b[1]=%7c",
            "//double//slash?",
            "/a%2Fb;c=d?e=%C3%A4+f"
        }) {
            String answer = answerTo(uri, target);
            assertTrue(answer.startsWith("HTTP/1.1 200"), target + ": " + answer);
            String request = behind.requests().get(behind.requests().size() - 1);
            assertTrue(request.startsWith("GET /base" + target + " HTTP/1.1\r\n"), request);
        }
        answerTo(uri, "http://h.test/of|absolute?{form}");
        String request = behind.requests().get(behind.requests().size() - 1);
        assertTrue(request.startsWith("GET /base/of|absolute?{form} HTTP/1.1\r\n"), request);
    }

    @Test
    void aBodyGoesWithItsTargetAsItCame() {
        CannedServer behind = CannedServer.text("x");
        Peer peer = raw(proxy(serve(behind)));
        peer.send("POST /a|b HTTP/1.1\r\nHost: h.test\r\nContent-Length: 2\r\n\r\nhi");
        until("the answer", () -> peer.text().endsWith("x"));
        assertTrue(
                behind.requests().get(0).startsWith("POST /a|b HTTP/1.1\r\n"),
                behind.requests().get(0));
    }

    /** Two connections that were switched to another protocol through a proxy; the peer says the words. */
    private Peer switched(Script behind) {
        behind.on(TcpEvent.Received.class, (connection, event) -> {
            String text = event.buffer().take(event.buffer().size()).utf8();
            if (text.startsWith("GET")) {
                connection.send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n");
            } else {
                heard.append(text);
            }
        });
        ListenOptions halfClosing = listening(options -> options.halfClose(true));
        Acceptor acceptor = manager().listen(arm.host() + ":0", halfClosing, behind);
        Peer peer = raw(proxy("http://" + arm.host() + ":" + acceptor.port()));
        peer.send(HttpUpgradeRules.ASK);
        until("the other protocol", () -> peer.text().endsWith("\r\n\r\n"));
        return peer;
    }

    private final StringBuilder heard = new StringBuilder();

    @Test
    void eachDirectionOfAnUpgradeEndsByItself() {
        Script behind = script();
        Peer peer = switched(behind);
        peer.send("question").shutdownOutput();
        until("the end of the question", () -> behind.has(TcpEvent.InputClosed.class));
        assertEquals("question", heard.toString());
        settle();
        assertFalse(peer.hasEnded());
        inTurn(() -> behind.connection().send("answer").shutdownOutput());
        until("the end of the answer", peer::hasEnded);
        assertTrue(peer.text().endsWith("\r\n\r\nanswer"), peer.text());
        peer.close();
        untilClosed(behind);
        until("the end of both", () -> manager().connections().isEmpty());
    }

    @Test
    void theServerBehindMayEndItsDirectionFirst() {
        Script behind = script();
        Peer peer = switched(behind);
        inTurn(() -> behind.connection().send("greeting").shutdownOutput());
        until("the end of the greeting", peer::hasEnded);
        assertTrue(peer.text().endsWith("\r\n\r\ngreeting"), peer.text());
        peer.send("thanks").shutdownOutput();
        untilClosed(behind);
        assertEquals("thanks", heard.toString());
        peer.close();
        until("the end of both", () -> manager().connections().isEmpty());
    }
}
