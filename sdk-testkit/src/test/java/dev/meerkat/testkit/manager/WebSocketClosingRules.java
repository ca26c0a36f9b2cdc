package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Acceptor;
import dev.meerkat.ListenOptions;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.ConnectionError;
import dev.meerkat.event.Event;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.http.HttpHandler;
import dev.meerkat.http.HttpServer;
import dev.meerkat.http.Response;
import dev.meerkat.internal.websocket.FrameEncoder;
import dev.meerkat.internal.websocket.Opcode;
import dev.meerkat.websocket.CloseStatus;
import dev.meerkat.websocket.Handshake;
import dev.meerkat.websocket.HandshakeAnswer;
import dev.meerkat.websocket.WebSocket;
import dev.meerkat.websocket.WebSocketEvent;
import dev.meerkat.websocket.WebSocketHandler;
import dev.meerkat.websocket.WebSocketRule;
import dev.meerkat.websocket.WebSocketServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** How WebSockets of a server end, whoever begins (RFC 6455 §7), on every transport. */
abstract class WebSocketClosingRules extends WebSocketRules {
    private final List<WebSocketEvent.Closed> ends = new ArrayList<>();

    private WebSocketHandler noting(WebSocketHandler handler) {
        return (webSocket, event) -> {
            if (event instanceof WebSocketEvent.Closed closed) {
                ends.add(closed);
            }
            handler.onEvent(webSocket, event);
        };
    }

    @Test
    void ifBothSayGoodbyeAtOnceItIsOver() {
        Peer client = ask(onText(webSocket -> webSocket.close(new CloseStatus(3001, "ours"))));
        client.send(joined(text("go"), close(3002, "theirs")));
        until("the end", client::hasEnded);
        assertEquals(List.of("CLOSE 3001 ours"), lines(client), "one close frame from each");
        client.close();
        until("the last event", this::isOver);
        assertEquals(List.of("Opened", "Text", "Closed 3001 by LOCAL"), told);
    }

    @Test
    void aCloseFrameWithoutACodeIsAnsweredInKind() {
        Peer client = ask(NOTHING);
        client.send(masked(Opcode.CLOSE, new byte[0]));
        until("the end", client::hasEnded);
        assertEquals(List.of("CLOSE"), lines(client));
        client.close();
        until("the last event", this::isOver);
        assertEquals("Closed 1005 by PEER", last());
    }

    @Test
    void nothingIsDeliveredBehindACloseFrame() {
        Peer client = ask(ECHO);
        client.send(joined(close(1000), text("late"), ping("late"), new byte[] {1, 2, 3}));
        until("the end", client::hasEnded);
        client.close();
        until("the last event", this::isOver);
        assertEquals(List.of("Opened", "Closed 1000 by PEER"), told);
        assertEquals(List.of("CLOSE 1000"), lines(client));
    }

    @Test
    void aPeerThatGoesOnSendingIsNotHeardUntilItAnswers() {
        Peer client = ask(onText(webSocket -> {
            webSocket.close(CloseStatus.of(1001));
            webSocket.close(CloseStatus.of(1011));
        }));
        client.send(joined(text("go"), text("on"), ping("x"), part(Opcode.TEXT, "and ")));
        expect(client, "CLOSE 1001");
        client.send(masked(Opcode.CONTINUATION, new byte[3 << 20])).send(text("more"));
        settle();
        assertFalse(client.hasEnded(), "it may still answer");
        endInOrder(client);
        assertEquals(List.of("Opened", "Text", "Closed 1001 by LOCAL"), told);
    }

    @Test
    void whoNeverAnswersIsAborted() {
        Peer client = ask(noting(onText(webSocket -> webSocket.close(CloseStatus.of(1001), SHORT))));
        client.send(text("go"));
        expect(client, "CLOSE 1001");
        untilAborted(client);
        until("the last event", this::isOver);
        assertEquals("Closed 1001 by LOCAL, not clean", last());
        assertEquals(
                ConnectionError.Kind.CLOSE_TIMEOUT,
                ends.get(0).connectionError().orElseThrow().kind());
    }

    @Test
    void aPausedWebSocketHearsTheAnswerToItsGoodbye() {
        Peer client = ask(onText(webSocket -> {
            webSocket.pauseReading();
            webSocket.connection().manager().schedule(SHORT, webSocket::close);
        }));
        client.send(joined(text("go"), text("unheard"), close(1000)));
        until("the end", client::hasEnded);
        client.close();
        until("the last event", this::isOver);
        assertEquals(List.of("Opened", "Text", "Closed 1000 by LOCAL"), told);
    }

    @Test
    void whoPausesBehindItsGoodbyeHearsTheAnswerToo() {
        Peer client = ask(onText(webSocket -> {
            webSocket.close();
            webSocket.pauseReading(); // as whoever pauses that cannot write would: it is not writable any more
        }));
        client.send(joined(text("go"), text("unheard"), close(1000)));
        until("the end", client::hasEnded);
        client.close();
        until("the last event", this::isOver);
        assertEquals(List.of("Opened", "Text", "Closed 1000 by LOCAL"), told);
    }

    @Test
    void abortingResets() {
        Peer client = ask(noting(onText(WebSocket::abort)));
        client.send(text("go"));
        untilAborted(client);
        until("the last event", this::isOver);
        assertEquals("Closed 1006 by LOCAL, not clean", last());
        assertEquals(
                ConnectionError.Kind.ABORTED,
                ends.get(0).connectionError().orElseThrow().kind());
    }

    @Test
    void whatCannotBeSentIsRefusedAtOnce() {
        AtomicReference<WebSocket> known = new AtomicReference<>();
        Peer client = ask(onOpened(webSocket -> {
            known.set(webSocket);
            for (int code : new int[] {1004, 1005, 1006, 1015, 1016, 2999}) {
                assertThrows(IllegalArgumentException.class, () -> webSocket.close(CloseStatus.of(code)));
            }
            assertThrows(IllegalArgumentException.class, () -> webSocket.close(CloseStatus.of(1000), Duration.ZERO));
            assertThrows(IllegalArgumentException.class, () -> webSocket.ping(Bytes.copyOf(new byte[126])));
            webSocket.ping(Bytes.copyOf(new byte[125]));
        }));
        until("the ping", () -> frames(client).size() == 1);
        assertTrue(known.get().isOpen());
        endInOrder(client);
    }

    // ---- the connection ends without a goodbye

    @Test
    void aPeerThatEndsWithoutAGoodbyeIsHeardToTheLastMessage() {
        Peer client = ask(ECHO);
        client.send(text("last words")).shutdownOutput();
        until("the end", client::hasEnded);
        assertEquals(List.of("TEXT last words"), lines(client));
        until("the last event", this::isOver);
        assertEquals(List.of("Opened", "Text", "Closed 1006 by PEER, not clean"), told);
    }

    @Test
    void thereIsNoHalfAWebSocket() {
        ListenOptions half = listening(options -> options.halfClose(true));
        Peer client = ask(serve(half, server(telling(ECHO), options -> {})));
        client.send(text("x")).shutdownOutput();
        until("the end", client::hasEnded);
        until("the last event", this::isOver);
        assertEquals("Closed 1006 by PEER, not clean", last());
    }

    @Test
    void aResetIsTold() {
        Peer client = ask(NOTHING);
        client.reset();
        until("the last event", this::isOver);
        assertEquals(List.of("Opened", "Closed 1006 by PEER, not clean"), told);
    }

    // ---- rules that are broken

    @Test
    void whoBreaksARuleIsToldWhichAndNoLongerHeard() {
        record Case(byte[] bytes, WebSocketRule rule, int code) {}
        List<Case> cases = List.of(
                new Case(masked(Opcode.TEXT, new byte[] {'a', (byte) 0xff}), WebSocketRule.INVALID_UTF8, 1007),
                new Case(new byte[] {(byte) 0x81, 1, 'a'}, WebSocketRule.UNMASKED, 1002),
                new Case(masked(0xb1, utf8("x")), WebSocketRule.RESERVED_BIT, 1002),
                new Case(masked(0xc1, utf8("x")), WebSocketRule.RESERVED_BIT, 1002),
                new Case(masked(0x83, utf8("x")), WebSocketRule.UNKNOWN_OPCODE, 1002),
                new Case(masked(Opcode.CONTINUATION, utf8("x")), WebSocketRule.UNEXPECTED_CONTINUATION, 1002),
                new Case(joined(part(Opcode.TEXT, "x"), text("y")), WebSocketRule.UNFINISHED_MESSAGE, 1002),
                new Case(masked(0x09, utf8("x")), WebSocketRule.FRAGMENTED_CONTROL, 1002),
                new Case(new byte[] {(byte) 0x89, (byte) 0xfe, 0, 126}, WebSocketRule.CONTROL_TOO_LONG, 1002),
                new Case(new byte[] {(byte) 0x82, (byte) 0xfe, 0, 125}, WebSocketRule.LENGTH_NOT_MINIMAL, 1002),
                new Case(masked(Opcode.CLOSE, new byte[] {3}), WebSocketRule.MALFORMED_CLOSE, 1002),
                new Case(masked(Opcode.CLOSE, new byte[] {3, (byte) 0xed}), WebSocketRule.INVALID_CLOSE_CODE, 1002));
        for (Case each : cases) {
            told.clear();
            ends.clear();
            Peer client = ask(noting(NOTHING));
            client.send(joined(each.bytes, text("unheard")));
            until("the end of " + each.rule, client::hasEnded);
            Frame frame = frames(client).get(0);
            assertEquals(each.code, (frame.payload()[0] & 255) << 8 | frame.payload()[1] & 255, each.rule.toString());
            client.close();
            until("the last event", this::isOver);
            assertEquals("Closed " + each.code + " by PEER, not clean", last());
            assertEquals(each.rule, ends.get(0).error().orElseThrow().rule());
            assertFalse(told.contains("Text"));
        }
    }

    @Test
    void behindWhatCannotBeUnderstoodAGoodbyeIsNotHeardEither() {
        Peer client = opened(peer(serve(server(telling(noting(NOTHING)), options -> {})))
                .send(ASK.replace("\r\n\r\n", "\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n")));
        client.send(joined(
                masked(FrameEncoder.head(Opcode.TEXT, true, true), new byte[] {(byte) 0xff, 1, 2, 3}), close(1000)));
        until("the end", client::hasEnded);
        client.close();
        until("the last event", this::isOver);
        assertEquals(List.of("Opened", "Closed 1007 by PEER, not clean"), told);
        assertEquals(
                WebSocketRule.MALFORMED_COMPRESSION,
                ends.get(0).error().orElseThrow().rule());
    }

    @Test
    void whoBreaksARuleWhileItIsClosingIsNotWaitedFor() {
        Peer client = ask(onText(WebSocket::close));
        client.send(joined(text("go"), new byte[] {(byte) 0x81, 1, 'a'}));
        until("the end", client::hasEnded);
        client.close();
        until("the last event", this::isOver);
        assertEquals("Closed 1000 by LOCAL, not clean", last());
    }

    // ---- the program fails

    @Test
    void aHandlerThatFailsEndsItsWebSocketAndIsReportedOnce() {
        for (Throwable failure : List.of(
                new IllegalStateException("expected"), new AssertionError("expected"), new StackOverflowError())) {
            told.clear();
            Peer client = ask((webSocket, event) -> {
                if (event instanceof WebSocketEvent.Text) {
                    throwIt(failure);
                }
            });
            client.send(joined(text("one"), text("two")));
            expect(client, "CLOSE 1011");
            endInOrder(client);
            assertEquals(List.of("Opened", "Text", "Closed 1011 by LOCAL"), told);
            assertEquals(failure, takeFailure().thrown());
        }
        endInOrder(ask(NOTHING));
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void throwIt(Throwable failure) throws T {
        throw (T) failure;
    }

    @Test
    void aSessionThatCannotBeMadeEndsItsWebSocket() {
        var server = dev.meerkat.websocket.WebSocketServer.builder()
                .protocol(dev.meerkat.websocket.WebSocketProtocol.unnamed(telling(NOTHING))
                        .session(webSocket -> {
                            throw new IllegalStateException("expected");
                        }))
                .build();
        Peer client = ask(serve(server));
        expect(client, "CLOSE 1011");
        endInOrder(client);
        assertEquals("expected", takeFailure().thrown().getMessage());
        assertEquals(0, server.protocols().get(0).size());
    }

    @Test
    void aHandlerThatFailsOnItsLastEventIsReported() {
        Peer client = ask((webSocket, event) -> {
            if (event instanceof WebSocketEvent.Closed) {
                throw new IllegalStateException("expected");
            }
        });
        endInOrder(client);
        assertEquals("expected", takeFailure().thrown().getMessage());
    }

    // ---- the manager goes

    @Test
    void aShutdownSaysGoodbyeBehindWhatTheHandlerSays() {
        Peer client = ask((webSocket, event) -> {
            if (event instanceof TcpEvent.ShuttingDown) {
                webSocket.send("see you");
            }
        });
        var result = manager().shutdown(Duration.ofSeconds(30));
        expect(client, "TEXT see you", "CLOSE 1001");
        endInOrder(client);
        assertEquals(List.of("Opened", "ShuttingDown", "Closed 1001 by MANAGER"), told);
        until("the manager's end", result::isDone);
    }

    @Test
    void aShutdownWaitsNoLongerThanItsGrace() {
        Peer client = ask(NOTHING);
        var result = manager().shutdown(SHORT);
        expect(client, "CLOSE 1001");
        until("the manager's end", result::isDone);
        assertEquals("Closed 1001 by MANAGER, not clean", last());
    }

    @Test
    void whoBecomesAWebSocketWhenTheManagerIsEndingAlreadyIsToldSoToo() {
        CompletableFuture<HandshakeAnswer> answer = new CompletableFuture<>();
        AtomicReference<Handshake> asked = new AtomicReference<>();
        WebSocketHandler handler = telling(NOTHING);
        Peer client = peer(serve(server(
                        new WebSocketHandler() {
                            @Override
                            public HandshakeAnswer onHandshake(Handshake handshake) {
                                asked.set(handshake);
                                return HandshakeAnswer.later(answer);
                            }

                            @Override
                            public void onEvent(WebSocket webSocket, Event event) throws Exception {
                                handler.onEvent(webSocket, event);
                            }
                        },
                        options -> {})))
                .send(ASK);
        until("the question", () -> asked.get() != null);
        var result = manager().shutdown(Duration.ofSeconds(30));
        settle();
        inTurn(() -> answer.complete(asked.get().accept()));
        expect(opened(client), "CLOSE 1001");
        endInOrder(client);
        assertEquals(List.of("Opened", "ShuttingDown", "Closed 1001 by MANAGER"), told);
        until("the manager's end", result::isDone);
    }

    @Test
    void whoLosesItsConnectionToAnotherHandlerHearsOfItThoughTheManagerEndsAtOnce() {
        AtomicReference<WebSocket> known = new AtomicReference<>();
        Peer unused = ask(onOpened(known::set));
        manager().post(() -> known.get().connection().replaceHandler((connection, event) -> {}));
        manager().close(); // runs what was posted, and no timers
        assertEquals(List.of("Opened", "Closed 1006 by LOCAL, not clean"), told);
        assertEquals(0, known.get().protocol().orElseThrow().size());
    }

    @Test
    void anAnswerThatIsGivenTwiceOpensOneWebSocket() {
        WebSocketServer server = server(telling(ECHO), options -> {});
        AtomicReference<Response> first = new AtomicReference<>();
        Acceptor acceptor = manager()
                .listen(arm.listenAddress(), HttpServer.handler(HttpServerRules.TIMELESS, HttpHandler.of(request -> {
                    if (first.get() == null) {
                        first.set(server.handle(request));
                    }
                    return first.get();
                })));
        Peer client = ask(acceptor);
        untilAborted(peer(acceptor).send(ASK));
        assertEquals(1, server.protocols().get(0).size());
        client.send(text("still here"));
        expect(client, "TEXT still here");
        endInOrder(client);
        assertEquals(List.of("Opened", "Text", "Closed 1000 by PEER"), told);
        assertEquals(0, server.protocols().get(0).size());
    }

    // ---- and below

    @Test
    void whoClosesTheConnectionBelowEndsTheWebSocketToo() {
        List<Boolean> open = new ArrayList<>();
        Peer client = ask(onText(webSocket -> {
            webSocket.connection().close();
            open.add(webSocket.isOpen());
            webSocket.close();
        }));
        client.send(text("go"));
        until("the end", client::hasEnded);
        client.close();
        until("the last event", this::isOver);
        assertEquals(List.of(false), open);
        assertEquals("Closed 1006 by LOCAL, not clean", last());
        assertEquals(List.of(), lines(client));
    }

    @Test
    void whoGivesTheConnectionToAnotherHandlerEndsTheWebSocket() {
        StringBuilder raw = new StringBuilder();
        AtomicReference<WebSocket> known = new AtomicReference<>();
        Peer client = ask(onText(webSocket -> {
            known.set(webSocket);
            webSocket.connection().replaceHandler((connection, event) -> {
                if (event instanceof TcpEvent.Received received) {
                    raw.append(received.buffer().takeText());
                }
            });
            assertFalse(webSocket.isOpen());
        }));
        client.send(text("go"));
        until("the last event", this::isOver);
        assertEquals(List.of("Opened", "Text", "Closed 1006 by LOCAL, not clean"), told);
        assertEquals(0, known.get().protocol().orElseThrow().size());
        client.send("something else");
        until("the other handler", () -> raw.toString().equals("something else"));
        client.close();
        settle();
        assertEquals(3, told.size(), told::toString);
    }

    @Test
    void aReasonIsShortenedToWhatFits() {
        Peer client = ask(NOTHING);
        client.send(close(1000, "x".repeat(CloseStatus.MOST_REASON_BYTES)));
        expect(client, "CLOSE 1000 " + "x".repeat(CloseStatus.MOST_REASON_BYTES));
    }
}
