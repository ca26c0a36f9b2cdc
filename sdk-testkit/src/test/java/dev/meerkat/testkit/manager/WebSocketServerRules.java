package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.ConnectionClosedException;
import dev.meerkat.WrongThreadException;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.ReceiveBuffer;
import dev.meerkat.internal.websocket.Opcode;
import dev.meerkat.websocket.CloseStatus;
import dev.meerkat.websocket.Message;
import dev.meerkat.websocket.MessageOutput;
import dev.meerkat.websocket.MessageProducer;
import dev.meerkat.websocket.WebSocket;
import dev.meerkat.websocket.WebSocketEvent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Messages and control frames of a server's WebSockets (RFC 6455 §5), on every transport. */
abstract class WebSocketServerRules extends WebSocketRules {
    @Test
    void aTextIsEchoedAndTheClosingHandshakeEndsTheConnection() {
        Peer client = ask(ECHO);
        client.send(text("hello"));
        expect(client, "TEXT hello");
        client.send(close(1000, "bye"));
        until("the end", client::hasEnded);
        assertEquals(List.of("TEXT hello", "CLOSE 1000 bye"), lines(client));
        client.close();
        until("the last event", () -> told.size() == 3);
        assertEquals(List.of("Opened", "Text", "Closed 1000 by PEER"), told);
    }

    @Test
    void messagesOfAllFormsOfLengthAreEchoed() {
        Peer client = ask(ECHO);
        List<String> expected = new ArrayList<>();
        for (int size : new int[] {0, 1, 125, 126, 4_096, 4_097, 65_535, 65_536, 200_000}) {
            client.send(binary(pattern(size)));
            expected.add("BINARY " + size + " bytes");
        }
        until("the echoes", () -> frames(client).size() == expected.size());
        assertEquals(expected, lines(client));
        for (Frame frame : frames(client)) {
            assertArrayEquals(pattern(frame.payload().length), frame.payload());
        }
    }

    @Test
    void aBatchOfMessagesIsAnsweredInOrder() {
        Peer client = ask(ECHO);
        byte[] batch = {};
        String[] expected = new String[100];
        for (int i = 0; i < expected.length; i++) {
            batch = joined(batch, text("message " + i));
            expected[i] = "TEXT message " + i;
        }
        client.send(batch);
        expect(client, expected);
    }

    @Test
    void whatIsSentInATurnLeavesInOneWriteHeadersAndPayloadsTogether() {
        RecordingProbe probe = new RecordingProbe();
        use(options -> {}, runtime -> runtime.withProbe(probe));
        Peer client = ask((webSocket, event) -> {
            ECHO.onEvent(webSocket, event);
            if (event instanceof WebSocketEvent.Binary) {
                webSocket.send(Bytes.copyOf(pattern(20_000)));
            }
        });
        int reads = probe.details("received").size();
        int writes = probe.details("sent").size();
        byte[] batch = binary(pattern(5_000));
        for (int i = 0; i < 31; i++) {
            batch = joined(batch, text("message " + i));
        }
        client.send(batch);
        until("33 frames", () -> frames(client).size() == 33);
        assertEquals(
                probe.details("received").size() - reads, probe.details("sent").size() - writes);
    }

    @Test
    void aPayloadIsLentForTheLengthOfACall() {
        use(options -> {}, runtime -> runtime.withProbe(new RecordingProbe().poisoning()));
        List<ReceiveBuffer> retained = new ArrayList<>();
        Peer client = ask((webSocket, event) -> {
            if (event instanceof WebSocketEvent.Text text) {
                retained.add(text.payload());
            }
        });
        client.send(joined(text("one"), part(Opcode.TEXT, "tw"), masked(Opcode.CONTINUATION, utf8("o"))));
        until("both", () -> retained.size() == 2);
        assertTrue(retained.stream().allMatch(ReceiveBuffer::isEmpty));
    }

    @Test
    void whatThePeerSendsAheadOfTheAnswerIsRead() {
        Peer client = peer(serve(server(telling(ECHO), options -> {})));
        client.send(joined(utf8(ASK), text("early"), text("bird")));
        expect(opened(client), "TEXT early", "TEXT bird");
    }

    @Test
    void fragmentsBecomeOneMessageAndControlFramesComeBetween() {
        Peer client = ask(ECHO);
        client.send(part(Opcode.TEXT, "one,"))
                .send(ping("still there?"))
                .send(part(Opcode.CONTINUATION, "two,"))
                .send(part(Opcode.CONTINUATION, ""))
                .send(masked(Opcode.CONTINUATION, utf8("three")));
        expect(client, "PONG still there?", "TEXT one,two,three");
        assertEquals(List.of("Opened", "Ping", "Text"), told);
    }

    @Test
    void aPongTellsHowLongItTook() {
        List<WebSocketEvent.Pong> pongs = new ArrayList<>();
        Peer client = ask((webSocket, event) -> {
            if (event instanceof WebSocketEvent.Opened) {
                webSocket.ping(Bytes.utf8("a"));
                webSocket.ping();
            } else if (event instanceof WebSocketEvent.Pong pong) {
                pongs.add(pong);
            }
        });
        until("two pings", () -> frames(client).size() == 2);
        client.send(masked(Opcode.PONG, utf8("unasked")));
        client.send(masked(Opcode.PONG, frames(client).get(1).payload()));
        client.send(masked(Opcode.PONG, utf8("a")));
        until("three pongs", () -> pongs.size() == 3);
        assertTrue(pongs.get(0).roundTrip().isEmpty());
        assertTrue(pongs.get(1).roundTrip().isPresent());
        assertTrue(pongs.get(2).roundTrip().isEmpty(), "answered by a later one already");
    }

    @Test
    void aMessageOfTheServersOwnLeavesAtOnce() {
        Peer client = ask(onOpened(webSocket -> {
            webSocket.send("one").send(Message.text("two")).send(Bytes.utf8("three"));
            webSocket.pong(Bytes.utf8("beat"));
            webSocket.close(new CloseStatus(CloseStatus.GOING_AWAY, ""));
        }));
        expect(client, "TEXT one", "TEXT two", "BINARY 5 bytes", "PONG beat", "CLOSE 1001");
        client.send(close(1001));
        until("the end", client::hasEnded);
        client.close();
        until("the last event", this::isOver);
        assertEquals("Closed 1001 by LOCAL", last());
    }

    @Test
    void aSharedMessageIsSentToEachAsOneFrame() {
        Message news = Message.text("x".repeat(5_000));
        Peer client = ask(onOpened(webSocket -> webSocket.send(news).send(news)));
        expect(client, "TEXT 5000 bytes", "TEXT 5000 bytes");
    }

    // ---- piece by piece

    @Test
    void aMessageIsSentPieceByPieceAndOthersWaitBehindIt() {
        Peer client = ask(onOpened(webSocket -> {
            MessageOutput output = webSocket.startMessage(true);
            output.send(Bytes.utf8("one,"));
            webSocket.send("behind").send(Message.text("it"));
            webSocket.ping(Bytes.utf8("between"));
            output.send(Bytes.utf8("two,"));
            assertThrows(IllegalStateException.class, () -> webSocket.startMessage(true));
            output.end(Bytes.utf8("three"));
            assertThrows(IllegalStateException.class, output::end);
            webSocket.send("last");
        }));
        expect(
                client,
                "TEXT more one,",
                "PING between",
                "CONTINUATION more two,",
                "CONTINUATION three",
                "TEXT behind",
                "TEXT it",
                "TEXT last");
    }

    @Test
    void piecesOfATextMustBeUtf8Together() {
        Peer client = ask(onOpened(webSocket -> {
            MessageOutput output = webSocket.startMessage(true);
            byte[] euro = utf8("€");
            output.send(Bytes.copyOf(Arrays.copyOf(euro, 1)));
            assertThrows(IllegalArgumentException.class, () -> output.send(Bytes.utf8("x")));
            assertThrows(IllegalArgumentException.class, output::end);
            output.end(Bytes.copyOf(Arrays.copyOfRange(euro, 1, 3)));
        }));
        until("both", () -> frames(client).size() == 2);
        assertEquals(
                "€",
                new String(
                        joined(
                                frames(client).get(0).payload(),
                                frames(client).get(1).payload()),
                        java.nio.charset.StandardCharsets.UTF_8));
    }

    @Test
    void aProducerGoesAsFastAsThePeerTakesIt() {
        int pieces = 1_000;
        List<Boolean> ends = new ArrayList<>();
        AtomicReference<WebSocket> known = new AtomicReference<>();
        int[] most = new int[1];
        Peer client = peer(
                serve(server(
                        telling(onOpened(webSocket -> {
                            known.set(webSocket);
                            webSocket.send(false, new MessageProducer() {
                                private int sent;

                                @Override
                                public void produce(MessageOutput output) {
                                    while (output.isWritable()) {
                                        if (sent == pieces) {
                                            output.end();
                                            return;
                                        }
                                        output.send(Bytes.copyOf(pattern(10_000)));
                                        sent++;
                                        most[0] = Math.max(most[0], webSocket.pendingBytes());
                                    }
                                }

                                @Override
                                public void onEnd(boolean complete) {
                                    ends.add(complete);
                                }
                            });
                        })),
                        options -> {})),
                SMALL_PEER);
        client.stopReading().send(ASK);
        until("the mark", () -> known.get() != null && !known.get().isWritable());
        assertTrue(ends.isEmpty());
        client.startReading();
        until("all of it", () -> frames(client).size() == pieces + 1);
        assertEquals(List.of(true), ends);
        assertTrue(most[0] < 100_000, "held " + most[0]);
    }

    @Test
    void whatIsUnderWayIsCutWhenItEnds() {
        List<Boolean> ends = new ArrayList<>();
        Peer client = ask(onOpened(webSocket -> {
            webSocket.send(true, new MessageProducer() {
                @Override
                public void produce(MessageOutput output) {
                    output.send(Bytes.utf8("begun"));
                }

                @Override
                public void onEnd(boolean complete) {
                    ends.add(complete);
                }
            });
            webSocket.send("never");
        }));
        expect(client, "TEXT more begun");
        client.send(close(1000));
        until("the end", client::hasEnded);
        assertEquals(List.of(false), ends);
        assertEquals(List.of("TEXT more begun", "CLOSE 1000"), lines(client));
    }

    // ---- threads and moments

    @Test
    void otherThreadsMaySendAndTheirOrderIsKept() throws InterruptedException {
        AtomicReference<WebSocket> known = new AtomicReference<>();
        Peer client = ask(onOpened(known::set));
        until("Opened", () -> known.get() != null);
        WebSocket webSocket = known.get();
        Thread other = new Thread(() -> {
            webSocket.send("one").send(Bytes.utf8("two")).send(Message.text("three"));
            assertTrue(webSocket.isOpen());
            assertThrows(WrongThreadException.class, webSocket::ping);
            assertThrows(WrongThreadException.class, () -> webSocket.startMessage(true));
            assertThrows(WrongThreadException.class, webSocket::pauseReading);
            webSocket.close();
        });
        other.start();
        other.join();
        expect(client, "TEXT one", "BINARY 3 bytes", "TEXT three", "CLOSE 1000");
        assertThrows(ConnectionClosedException.class, () -> webSocket.send("late"));
        assertFalse(webSocket.isOpen());
    }

    @Test
    void nothingCanBeSentBeforeOpenedNorAfterClose() {
        List<Class<?>> thrown = new ArrayList<>();
        WebSocketEvent.Opened[] opened = new WebSocketEvent.Opened[1];
        var server = dev.meerkat.websocket.WebSocketServer.builder()
                .protocol(dev.meerkat.websocket.WebSocketProtocol.unnamed((webSocket, event) -> {
                            if (event instanceof WebSocketEvent.Opened first) {
                                opened[0] = first;
                                webSocket.close();
                                thrown.add(assertThrows(RuntimeException.class, () -> webSocket.send("x"))
                                        .getClass());
                            } else if (event instanceof WebSocketEvent.Closed) {
                                thrown.add(assertThrows(RuntimeException.class, () -> webSocket.send("x"))
                                        .getClass());
                                told.add("Closed 1");
                            }
                        })
                        .session(webSocket ->
                                "session of " + webSocket.protocol().isPresent()))
                .build();
        endInOrder(ask(serve(server)));
        assertEquals(List.of(ConnectionClosedException.class, ConnectionClosedException.class), thrown);
        assertTrue(opened[0].extensions().isEmpty());
    }

    @Test
    void aConnectionTellsWhetherItSpeaksWebSocket() {
        AtomicReference<WebSocket> known = new AtomicReference<>();
        Peer client = ask(onOpened(known::set));
        until("Opened", () -> known.get() != null);
        assertEquals(known.get(), WebSocket.on(known.get().connection()).orElseThrow());
        Peer other = peer(manager().listen(arm.listenAddress(), (connection, event) -> {}));
        until("both", () -> other.isConnected() && manager().connections().size() == 2);
        assertEquals(
                1,
                manager().connections().stream()
                        .filter(each -> WebSocket.on(each).isPresent())
                        .count());
        endInOrder(client);
    }
}
