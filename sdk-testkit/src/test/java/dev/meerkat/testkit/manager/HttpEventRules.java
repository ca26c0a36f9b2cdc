package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Connection;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.http.HttpEvent;
import dev.meerkat.http.HttpRule;
import dev.meerkat.http.client.ClientRequest;
import dev.meerkat.http.client.HttpClientConnection;
import dev.meerkat.runtime.ListenerHandle;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** HTTP on one connection of a client, as events. */
abstract class HttpEventRules extends ManagerRules {
    private Peer server;
    private Connection connection;
    /** What the handler of events has seen of bodies. */
    private final List<String> bodies = new ArrayList<>();

    /** Connects, and sends a request when the connection is there. */
    private Script ask(ClientRequest request) {
        Script script = script();
        script.on(
                TcpEvent.Opened.class,
                (own, event) -> HttpClientConnection.of(own).send(request));
        script.on(
                HttpEvent.MessageEnd.class, (own, end) -> bodies.add(end.body().takeText()));
        ListenerHandle listener = peerListener();
        connection = manager().connect("http://" + addressOf(listener), script);
        server = accept(listener);
        until("the request", () -> server.text().contains("\r\n\r\n"));
        return script;
    }

    private Script get() {
        return ask(ClientRequest.get("/"));
    }

    private static List<String> kinds(Script script) {
        return script.kinds().stream()
                .filter(kind -> !kind.equals("InputClosed"))
                .toList();
    }

    @Test
    void aResponseIsAHeadItsBodyAndItsEnd() {
        Script script = get();
        server.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
        until("the end", () -> script.has(HttpEvent.MessageEnd.class));
        assertEquals(List.of("Opened", "ResponseReceived", "BodyReceived", "MessageEnd"), script.kinds());
        assertEquals(List.of("hello"), bodies);
        assertEquals(
                200, script.all(HttpEvent.ResponseReceived.class).get(0).head().status());
        assertTrue(server.text().startsWith("GET / HTTP/1.1\r\nHost: "), server::text);
        assertTrue(HttpClientConnection.of(connection).isReady());
    }

    @Test
    void aResponseWithoutALengthEndsBeforeClosed() {
        Script script = get();
        server.send("HTTP/1.1 200 OK\r\n\r\nuntil the end").shutdownOutput();
        untilClosed(script);
        assertEquals(
                List.of("Opened", "ResponseReceived", "BodyReceived", "MessageEnd", "Closed"),
                kinds(script).stream().distinct().toList());
        assertEquals(List.of("until the end"), bodies);
        assertTrue(script.closeReason().isClean());
    }

    @Test
    void aResponseThatIsCutOffFailsBeforeClosed() {
        Script script = get();
        server.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel").shutdownOutput();
        untilClosed(script);
        assertEquals(List.of("Opened", "ResponseReceived", "BodyReceived", "MessageFailed", "Closed"), kinds(script));
        HttpEvent.MessageFailed failed =
                script.all(HttpEvent.MessageFailed.class).get(0);
        assertEquals(HttpRule.INCOMPLETE_MESSAGE, failed.error().rule());
        assertTrue(failed.partial());
    }

    @Test
    void aResetWithinAResponseFailsItOnce() {
        Script script = get();
        server.send("HTTP/1.1 200 OK\r\n\r\nuntil a reset is not whole");
        until("the body", () -> script.has(HttpEvent.BodyReceived.class));
        server.reset();
        untilClosed(script);
        assertEquals(1, script.count(HttpEvent.MessageFailed.class));
        assertFalse(script.has(HttpEvent.MessageEnd.class));
    }

    @Test
    void whatTheHandlerLeavesOfABodyIsKeptAndWhatItTakesIsGone() {
        Script script = get();
        List<String> seen = new ArrayList<>();
        script.on(HttpEvent.BodyReceived.class, (own, event) -> {
            seen.add(event.body().size() + ":" + event.count());
            if (event.body().size() > 4) {
                event.body().discard(3);
            }
        });
        server.send(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n3\r\ncde\r\n1\r\nf\r\n0\r\nA: b\r\n\r\n");
        until("the end", () -> script.has(HttpEvent.MessageEnd.class));
        assertEquals(List.of("2:2", "5:3", "3:1"), seen);
        assertEquals(List.of("def"), bodies);
        assertEquals(
                "b", script.all(HttpEvent.MessageEnd.class).get(0).trailers().value(0));
    }

    @Test
    void interimResponsesComeBeforeTheFinalOne() {
        Script script = get();
        server.send("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n");
        until("the end", () -> script.has(HttpEvent.MessageEnd.class));
        assertEquals(List.of("Opened", "InformationReceived", "ResponseReceived", "MessageEnd"), script.kinds());
    }

    @Test
    void aResponseToHeadHasNoBodyWhateverItSays() {
        Script script = ask(ClientRequest.head("/"));
        server.send("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n");
        until("the end", () -> script.has(HttpEvent.MessageEnd.class));
        assertEquals(List.of(""), bodies);
        assertTrue(HttpClientConnection.of(connection).isReady());
    }

    @Test
    void bytesThatNobodyAskedForFailAndEndTheConnection() {
        Script script = script();
        ListenerHandle listener = peerListener();
        manager().connect("http://" + addressOf(listener), script);
        server = accept(listener);
        server.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        untilClosed(script);
        assertEquals(List.of("Opened", "MessageFailed", "Closed"), kinds(script));
        HttpEvent.MessageFailed failed =
                script.all(HttpEvent.MessageFailed.class).get(0);
        assertEquals(HttpRule.UNEXPECTED_RESPONSE, failed.error().rule());
        assertFalse(failed.partial());
    }

    @Test
    void bytesBehindAResponseEndTheConnectionAndAreNoResponse() {
        Script script = get();
        server.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n2");
        untilClosed(script);
        assertEquals(List.of("1"), bodies);
        assertEquals(1, script.count(HttpEvent.ResponseReceived.class));
    }

    @Test
    void anUpgradeThatNobodyAskedForFails() {
        Script script = get();
        server.send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n");
        untilClosed(script);
        assertEquals(
                HttpRule.UNEXPECTED_UPGRADE,
                script.all(HttpEvent.MessageFailed.class).get(0).error().rule());
    }

    @Test
    void anUpgradeHandsTheConnectionOverWithWhatCameEarly() {
        Script upgraded = script().hearingAPart();
        Script script = ask(ClientRequest.get("/").upgrading("echo", upgraded)).hearingAPart();
        assertTrue(server.text().contains("Connection: Upgrade\r\nUpgrade: echo\r\n"), server::text);
        server.send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\nearly");
        until("what came early", () -> upgraded.text().equals("early"));
        assertEquals(List.of("Opened", "ResponseReceived", "MessageEnd"), script.kinds());
        assertEquals(List.of("Opened", "Received"), upgraded.kinds());
        server.send(" and late");
        inTurn(() -> connection.send("ours"));
        until(
                "the rest",
                () -> upgraded.text().equals("early and late") && server.text().endsWith("ours"));
        assertThrows(IllegalStateException.class, () -> HttpClientConnection.of(connection));
        server.close();
        untilClosed(upgraded);
    }

    @Test
    void anUpgradeThatIsRefusedIsAnOrdinaryResponse() {
        Script upgraded = script().hearingAPart();
        Script script = ask(ClientRequest.get("/").upgrading("echo", upgraded));
        server.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno");
        until("the end", () -> script.has(HttpEvent.MessageEnd.class));
        assertEquals(List.of("no"), bodies);
        assertEquals(List.of(), upgraded.kinds());
    }

    @Test
    void oneRequestAtATime() {
        Script script = get();
        inTurn(() -> {
            HttpClientConnection http = HttpClientConnection.of(connection);
            assertFalse(http.isReady());
            assertThrows(IllegalStateException.class, () -> http.send(ClientRequest.get("/2")));
        });
        server.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        until("the end", () -> script.has(HttpEvent.MessageEnd.class));
        inTurn(() -> HttpClientConnection.of(connection).send(ClientRequest.get("/2")));
        until("the next request", () -> server.text().contains("GET /2 "));
    }

    @Test
    void aRequestMayBeSentBeforeTheConnectionIsThere() {
        Script script = script();
        ListenerHandle listener = peerListener();
        connection = manager().connect("http://" + addressOf(listener), script);
        HttpClientConnection.of(connection).send(ClientRequest.get("/early"));
        server = accept(listener);
        until("the request", () -> server.text().startsWith("GET /early "));
        server.send("HTTP/1.1 204 No Content\r\n\r\n");
        until("the end", () -> script.has(HttpEvent.MessageEnd.class));
    }
}
