package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.BroadcastLimitException;
import dev.meerkat.BroadcastResult;
import dev.meerkat.ListenOptions;
import dev.meerkat.SendLimitException;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.http.HttpHandler;
import dev.meerkat.http.HttpServer;
import dev.meerkat.http.Response;
import dev.meerkat.internal.websocket.FrameEncoder;
import dev.meerkat.internal.websocket.Opcode;
import dev.meerkat.websocket.Handshake;
import dev.meerkat.websocket.HandshakeAnswer;
import dev.meerkat.websocket.Message;
import dev.meerkat.websocket.WebSocket;
import dev.meerkat.websocket.WebSocketEvent;
import dev.meerkat.websocket.WebSocketHandler;
import dev.meerkat.websocket.WebSocketProtocol;
import dev.meerkat.websocket.WebSocketServer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Whatever a peer, or the program, could have too much of: each bound at n and at n + 1, on every transport. */
abstract class WebSocketLimitRules extends WebSocketRules {
    /** What is kept for a pong and the close frame, as the options' page says. */
    private static final int SPARE = 262;

    @Test
    void aMessageIsAsLongAsItMayBeAndNoLonger() {
        Peer client = ask(ECHO, options -> options.messageBytes(1_000));
        client.send(binary(pattern(1_000)));
        expect(client, "BINARY 1000 bytes");
        client.send(part(Opcode.BINARY, "x".repeat(999)));
        client.send(masked(Opcode.CONTINUATION, utf8("y")));
        until("the echo", () -> frames(client).size() == 2);
        client.send(part(Opcode.BINARY, "x".repeat(999)));
        client.send(new byte[] {0, (byte) 0x82}); // two bytes more: known from the header alone
        until("the end", client::hasEnded);
        assertTrue(lines(client).get(2).startsWith("CLOSE 1009 "), lines(client)::toString);
        client.close();
        until("the last event", this::isOver);
        assertEquals("Closed 1009 by PEER, not clean", last());
    }

    @Test
    void aMessageTooLongIsKnownByItsHeader() {
        Peer client = ask(ECHO, options -> options.messageBytes(1_000));
        byte[] frame = binary(pattern(1_001));
        client.send(java.util.Arrays.copyOf(frame, 4));
        until("the end", client::hasEnded);
        assertTrue(lines(client).get(0).startsWith("CLOSE 1009 "), lines(client)::toString);
    }

    @Test
    void messagesThatHaveNotComeWholeHoldAsMuchAsTheyMayTogether() {
        var acceptor = serve(
                server(telling(ECHO), options -> options.messageBytes(2_000).unfinishedBytes(2_000)));
        List<Consumer<Peer>> ends = List.of(
                client -> {
                    client.send(masked(Opcode.CONTINUATION, utf8("z")));
                    until("the message", () -> frames(client).size() == 1);
                    endInOrder(client);
                },
                this::endInOrder,
                Peer::reset,
                Peer::close,
                client -> {
                    client.send(new byte[] {(byte) 0x81, 1, 'a'}); // not masked
                    until("the end", client::hasEnded);
                    client.close();
                });
        for (Consumer<Peer> end : ends) {
            Peer first = ask(acceptor);
            Peer second = ask(acceptor);
            Peer third = ask(acceptor);
            told.clear();
            first.send(part(Opcode.BINARY, "x".repeat(999)));
            settle();
            second.send(part(Opcode.BINARY, "x".repeat(1_000)));
            settle();
            third.send(part(Opcode.BINARY, "x"));
            settle();
            assertEquals(List.of(), lines(third), "at the limit"); // and nothing is left of the times before
            third.send(more(new byte[1]));
            expect(third, "CLOSE 1013 no memory for messages under way");
            endInOrder(third);
            assertEquals(List.of("Closed 1013 by MANAGER"), told);
            second.send(masked(Opcode.CONTINUATION, new byte[0]));
            until("the second", () -> frames(second).size() == 1);
            endInOrder(second);
            end.accept(first);
            until("nobody", () -> manager().connections().isEmpty());
        }
    }

    private static byte[] more(byte[] payload) {
        return masked(FrameEncoder.head(Opcode.CONTINUATION, false, false), payload);
    }

    @Test
    void aProtocolHasAsManyWebSocketsAsItMay() {
        WebSocketServer server = WebSocketServer.builder()
                .protocol(WebSocketProtocol.unnamed(telling(NOTHING)).connections(2))
                .build();
        WebSocketProtocol protocol = server.protocols().get(0);
        var acceptor = serve(server);
        Peer first = ask(acceptor);
        Peer second = ask(acceptor);
        until("both", () -> protocol.size() == 2);
        for (int i = 0; i < 3; i++) {
            Peer third = peer(acceptor).send(ASK);
            until("the refusal", () -> third.text().contains("\r\n\r\n"));
            assertTrue(third.text().startsWith("HTTP/1.1 503 "), third::text);
            third.close();
        }
        endInOrder(first);
        until("room", () -> protocol.size() == 1);
        ask(acceptor);
        until("both", () -> protocol.size() == 2);
        second.reset();
        until("room", () -> protocol.size() == 1);
        ask(acceptor);
    }

    @Test
    void whatIsForAllIsAsLongAsABroadcastMayBe() {
        int limit = manager().options().broadcastLimit();
        List<Integer> heard = new ArrayList<>();
        WebSocketServer server = server(
                (webSocket, event) -> {
                    if (event instanceof TcpEvent.Broadcast broadcast) {
                        heard.add(broadcast.bytes().length());
                    }
                },
                options -> {});
        WebSocketProtocol protocol = server.protocols().get(0);
        ask(serve(server));
        until("it", () -> protocol.size() == 1);
        Bytes longest = Bytes.copyOf(new byte[limit]);
        Bytes tooLong = Bytes.copyOf(new byte[limit + 1]);
        assertThrows(BroadcastLimitException.class, () -> protocol.broadcast(tooLong));
        assertThrows(BroadcastLimitException.class, () -> protocol.send(Message.binary(tooLong)));
        CompletableFuture<BroadcastResult> told = protocol.broadcast(longest);
        until("the broadcast", told::isDone);
        assertEquals(new BroadcastResult(1, 0, 0), told.join());
        assertEquals(List.of(limit), heard);
    }

    @Test
    void whatOthersSendToAllIsBoundedOnItsWay() {
        Bytes bytes = Bytes.copyOf(new byte[manager().options().broadcastLimit()]);
        int most = (int) (manager().options().mailboxBytesLimit() / bytes.length());
        int[] heard = new int[1];
        WebSocketServer server = server(
                (webSocket, event) -> {
                    if (event instanceof TcpEvent.Broadcast) {
                        heard[0]++;
                    }
                },
                options -> {});
        WebSocketProtocol protocol = server.protocols().get(0);
        ask(serve(server));
        until("it", () -> protocol.size() == 1);
        List<CompletableFuture<BroadcastResult>> results = new ArrayList<>();
        Runnable broadcast = () -> results.add(protocol.broadcast(bytes));
        inTurn(() -> {
            for (int i = 0; i < most; i++) {
                onAnotherThread(broadcast);
            }
            onAnotherThread(broadcast);
            onAnotherThread(() -> results.add(protocol.send(Message.binary(bytes))));
        });
        until("all", () -> results.stream().allMatch(CompletableFuture::isDone));
        assertEquals(most, heard[0]);
        for (int i = 0; i < results.size(); i++) {
            assertEquals(i >= most, results.get(i).isCompletedExceptionally(), "number " + i);
        }
        inTurn(() -> onAnotherThread(broadcast));
        until("one more", () -> heard[0] == most + 1);
    }

    /** What fails there fails here. */
    private static void onAnotherThread(Runnable task) {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread other = new Thread(() -> {
            try {
                task.run();
            } catch (Throwable e) {
                failure.set(e);
            }
        });
        other.start();
        try {
            other.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        if (failure.get() != null) {
            throw new AssertionError("on another thread", failure.get());
        }
    }

    @Test
    void aPlaceIsGivenBackIfTheHandshakeComesToNothing() throws InterruptedException {
        AtomicReference<CompletableFuture<HandshakeAnswer>> answer = new AtomicReference<>();
        AtomicReference<Handshake> asked = new AtomicReference<>();
        WebSocketServer server = WebSocketServer.builder()
                .protocol(WebSocketProtocol.unnamed(new WebSocketHandler() {
                            @Override
                            public void onEvent(WebSocket webSocket, dev.meerkat.event.Event event) {
                                told.add(inShort(event));
                            }

                            @Override
                            public HandshakeAnswer onHandshake(Handshake handshake) {
                                asked.set(handshake);
                                answer.set(new CompletableFuture<>());
                                return HandshakeAnswer.later(answer.get());
                            }
                        })
                        .connections(1))
                .build();
        boolean[] spoils = new boolean[1];
        HttpHandler spoiling = new HttpHandler() {
            @Override
            public Response handle(dev.meerkat.http.Request request) throws Exception {
                return onHead(request);
            }

            @Override
            public Response onHead(dev.meerkat.http.Request request) throws Exception {
                Response given = server.onHead(request);
                if (spoils[0]) {
                    CompletableFuture<Response> instead = new CompletableFuture<>();
                    answer.get().whenComplete((known, failure) -> instead.complete(Response.text("no")));
                    return Response.later(instead);
                }
                return given;
            }
        };
        var acceptor = manager().listen(arm.listenAddress(), HttpServer.handler(HttpServerRules.TIMELESS, spoiling));

        // the peer goes while it waits
        Peer gone = peer(acceptor).send(ASK);
        until("the handshake", () -> asked.getAndSet(null) != null);
        gone.reset();
        until("its end", () -> manager().connections().isEmpty());
        inTurn(() -> answer.get()
                .complete(new HandshakeAnswer.Accept(java.util.Optional.empty(), dev.meerkat.http.Headers.EMPTY)));

        // somebody answers in its place
        spoils[0] = true;
        Peer spoiled = peer(acceptor).send(ASK);
        until("the handshake", () -> asked.get() != null);
        Handshake second = asked.getAndSet(null);
        inTurn(() -> answer.get().complete(second.accept()));
        until("another answer", () -> spoiled.text().endsWith("no"));
        spoils[0] = false;
        settle();

        // an answer that cannot be given
        Peer wrong = peer(acceptor).send(ASK);
        until("the handshake", () -> asked.getAndSet(null) != null);
        inTurn(() -> answer.get()
                .complete(
                        new HandshakeAnswer.Accept(java.util.Optional.of("unasked"), dev.meerkat.http.Headers.EMPTY)));
        until("a failure", () -> wrong.text().startsWith("HTTP/1.1 500 "));
        takeFailure();

        assertEquals(List.of(), told);
        Peer client = peer(acceptor).send(ASK);
        until("the handshake", () -> asked.get() != null);
        Thread other = new Thread(() -> answer.get().complete(asked.get().accept()));
        other.start();
        other.join();
        opened(client);
        endInOrder(client);
        assertEquals(List.of("Opened", "Closed 1000 by PEER"), told);
        assertEquals(0, server.protocols().get(0).size());
    }

    @Test
    void theSendLimitLeavesRoomForAPongAndTheCloseFrame() {
        int limit = 20_000;
        ListenOptions small = listening(
                options -> options.sendLimit(limit).highWaterMark(limit).lowWaterMark(0));
        List<Integer> room = new ArrayList<>();
        Peer client = ask(serve(
                small,
                server(
                        telling(onText(webSocket -> {
                            int most = limit - SPARE - 4;
                            assertThrows(
                                    SendLimitException.class, () -> webSocket.send(Bytes.copyOf(new byte[most + 1])));
                            assertThrows(
                                    SendLimitException.class,
                                    () -> webSocket.send(Message.binary(Bytes.copyOf(new byte[most + 1]))));
                            webSocket.send(Bytes.copyOf(new byte[most]));
                            assertThrows(SendLimitException.class, () -> webSocket.send(Bytes.EMPTY));
                            assertThrows(SendLimitException.class, webSocket::ping);
                            room.add(limit - webSocket.pendingBytes());
                            webSocket.close();
                        })),
                        options -> {})));
        client.send(joined(text("go")));
        until("both", () -> frames(client).size() == 2);
        assertEquals(List.of("BINARY " + (limit - SPARE - 4) + " bytes", "CLOSE 1000"), lines(client));
        assertEquals(List.of(SPARE), room);
        endInOrder(client);
    }

    @Test
    void othersWaitBehindAMessageWithinTheSendLimit() {
        int limit = 20_000;
        ListenOptions small = listening(
                options -> options.sendLimit(limit).highWaterMark(limit).lowWaterMark(0));
        Peer client = ask(serve(
                small,
                server(
                        telling(onText(webSocket -> {
                            var output = webSocket.startMessage(false);
                            output.send(Bytes.copyOf(new byte[5_000]));
                            webSocket.send(Bytes.copyOf(new byte[10_000]));
                            assertThrows(SendLimitException.class, () -> webSocket.send(Bytes.copyOf(new byte[5_000])));
                            assertThrows(SendLimitException.class, () -> output.send(Bytes.copyOf(new byte[5_000])));
                            output.end(Bytes.copyOf(new byte[4_000]));
                        })),
                        options -> {})));
        client.send(text("go"));
        expect(client, "BINARY more 5000 bytes", "CONTINUATION 4000 bytes", "BINARY 10000 bytes");
    }

    @Test
    void otherThreadsSendWithinTheLimitAndAHoleEndsIt() {
        int limit = 20_000;
        ListenOptions small = listening(
                options -> options.sendLimit(limit).highWaterMark(limit).lowWaterMark(0));
        AtomicReference<WebSocket> known = new AtomicReference<>();
        Peer client = ask(serve(small, server(telling(onOpened(known::set)), options -> {})));
        until("Opened", () -> known.get() != null);
        WebSocket webSocket = known.get();
        inTurn(() -> onAnotherThread(() -> {
            webSocket.send(Bytes.copyOf(new byte[15_000]));
            assertThrows(SendLimitException.class, () -> webSocket.send(Bytes.copyOf(new byte[5_001])));
            webSocket.send(Bytes.copyOf(new byte[5_000]));
        }));
        until("the end", () -> lines(client).stream().anyMatch(line -> line.startsWith("CLOSE")));
        assertEquals(List.of("BINARY 15000 bytes", "CLOSE 1013 too slow"), lines(client));
        endInOrder(client);
        assertEquals("Closed 1013 by MANAGER", last());
    }

    @Test
    void whoPingsAndDoesNotReadIsOwedOnePong() {
        ListenOptions small = listening(
                options -> options.sendLimit(100_000).highWaterMark(1_000).lowWaterMark(100));
        int[] most = new int[1];
        int[] pings = new int[1];
        Peer client = peer(
                serve(
                        small,
                        server(
                                (webSocket, event) -> {
                                    if (event instanceof WebSocketEvent.Opened) {
                                        webSocket.send(Bytes.copyOf(new byte[90_000]));
                                    } else if (event instanceof WebSocketEvent.Ping) {
                                        pings[0]++;
                                        most[0] = Math.max(most[0], webSocket.pendingBytes());
                                    }
                                },
                                options -> {})),
                SMALL_PEER);
        client.send(ASK);
        client.stopReading();
        for (int i = 1; i <= 5_000; i++) {
            client.send(ping("number " + i));
        }
        until("all pings", () -> pings[0] == 5_000);
        assertTrue(most[0] <= 100_000, "held " + most[0]);
        client.startReading();
        until("the last pong", () -> lines(client).contains("PONG number 5000"));
    }
}
