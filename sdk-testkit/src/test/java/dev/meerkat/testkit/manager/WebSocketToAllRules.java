package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Acceptor;
import dev.meerkat.BroadcastResult;
import dev.meerkat.event.Bytes;
import dev.meerkat.websocket.Message;
import dev.meerkat.websocket.MessageOutput;
import dev.meerkat.websocket.WebSocket;
import dev.meerkat.websocket.WebSocketProtocol;
import dev.meerkat.websocket.WebSocketServer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Messages to all of a protocol are handed out at the end of the turn, and nobody sees that they wait. */
abstract class WebSocketToAllRules extends WebSocketRules {
    private final WebSocketServer server =
            server((webSocket, event) -> telling(NOTHING).onEvent(webSocket, event), options -> {});
    private final WebSocketProtocol protocol = server.protocols().get(0);

    private List<Peer> asked(int count) {
        Acceptor acceptor = serve(server);
        List<Peer> peers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            peers.add(ask(acceptor));
            int size = i + 1;
            until("it is there", () -> protocol.size() == size);
        }
        return peers;
    }

    private WebSocket webSocket(int number) {
        return protocol.webSockets(manager()).get(number);
    }

    @Test
    void allMessagesOfATurnLeaveInOneWriteForEach() {
        RecordingProbe probe = new RecordingProbe();
        use(options -> {}, runtime -> runtime.withProbe(probe));
        List<Peer> peers = asked(3);
        int writes = probe.details("sent").size();
        List<CompletableFuture<BroadcastResult>> results = new ArrayList<>();
        inTurn(() -> {
            for (int i = 0; i < 10; i++) {
                results.add(protocol.send(Message.text("message " + i)));
            }
        });
        for (Peer peer : peers) {
            until("all", () -> frames(peer).size() == 10);
            assertEquals("TEXT message 0", lines(peer).get(0));
            assertEquals("TEXT message 9", lines(peer).get(9));
        }
        assertEquals(writes + 3, probe.details("sent").size());
        for (CompletableFuture<BroadcastResult> result : results) {
            assertEquals(new BroadcastResult(3, 0, 0), result.join());
        }
    }

    @Test
    void whatOneSendsBesidesKeepsItsPlace() {
        List<Peer> peers = asked(2);
        inTurn(() -> {
            protocol.send(Message.text("one"));
            webSocket(0).send("two");
            protocol.send(Message.text("three"));
            webSocket(0).ping(Bytes.utf8("four"));
            protocol.send(Message.text("five"), each -> true);
            protocol.send(Message.text("six"));
        });
        expect(peers.get(0), "TEXT one", "TEXT two", "TEXT three", "PING four", "TEXT five", "TEXT six");
        expect(peers.get(1), "TEXT one", "TEXT three", "TEXT five", "TEXT six");
    }

    @Test
    void whoLeavesInTheSameTurnHasGotIt() {
        List<Peer> peers = asked(4);
        inTurn(() -> {
            protocol.send(Message.text("bye"));
            WebSocket aborted = webSocket(2);
            webSocket(0).close();
            webSocket(1).connection().close();
            aborted.abort();
        });
        expect(peers.get(0), "TEXT bye", "CLOSE 1000");
        until("the end of the second", peers.get(1)::hasEnded);
        assertEquals(List.of("TEXT bye"), lines(peers.get(1)));
        untilAborted(peers.get(2));
        expect(peers.get(3), "TEXT bye");
    }

    @Test
    void whatTakesTheConnectionAwaySendsBehindIt() {
        List<Peer> peers = asked(1);
        inTurn(() -> {
            WebSocket taken = webSocket(0);
            protocol.send(Message.text("last"));
            taken.connection().replaceHandler((connection, event) -> {});
            taken.connection().send(Bytes.copyOf(new byte[] {(byte) 0x82, 1, 7}));
        });
        expect(peers.get(0), "TEXT last", "BINARY 1 bytes");
    }

    @Test
    void whoComesLaterInTheTurnDoesNotGetIt() {
        List<Peer> peers = asked(1);
        int[] opened = new int[1];
        WebSocketServer[] other = new WebSocketServer[1];
        other[0] = server(
                (webSocket, event) -> {
                    if (event.getClass().getSimpleName().equals("Opened")) {
                        opened[0]++;
                        webSocket.protocol().orElseThrow().send(Message.text("number " + opened[0]));
                    }
                },
                options -> {});
        Acceptor acceptor = serve(other[0]);
        Peer first = peer(acceptor);
        Peer second = peer(acceptor);
        first.send(ASK);
        second.send(ASK);
        expect(opened(first), "TEXT number 1", "TEXT number 2");
        expect(opened(second), "TEXT number 2");
        assertTrue(frames(peers.get(0)).isEmpty());
    }

    @Test
    void whatWaitsIsPendingAtOnce() {
        asked(1);
        int[] pending = new int[3];
        inTurn(() -> {
            pending[0] = webSocket(0).pendingBytes();
            protocol.send(Message.text("x".repeat(100)));
            pending[1] = webSocket(0).pendingBytes();
            protocol.send(Message.text("x".repeat(100)));
            pending[2] = webSocket(0).connection().pendingBytes();
        });
        assertArrayEquals(new int[] {0, 102, 204}, pending);
    }

    @Test
    void itWaitsBehindAMessageThatIsSentInPieces() {
        List<Peer> peers = asked(2);
        MessageOutput[] output = new MessageOutput[1];
        inTurn(() -> {
            output[0] = webSocket(0).startMessage(true);
            output[0].send(Bytes.utf8("be"));
            protocol.send(Message.text("news"));
        });
        expect(peers.get(1), "TEXT news");
        inTurn(() -> output[0].end(Bytes.utf8("gun")));
        until("all", () -> frames(peers.get(0)).size() == 3);
        assertEquals(List.of("TEXT more be", "CONTINUATION gun", "TEXT news"), lines(peers.get(0)));
    }

    @Test
    void whoReadsSlowlyGetsEveryByte() {
        List<Peer> peers = asked(2);
        peers.get(1).stopReading();
        List<Integer> sizes = new ArrayList<>();
        for (int round = 0; round < 60; round++) {
            for (int size : new int[] {1, 300, 7_000, 9_000, 16_380, 16_381, 60_000}) {
                sizes.add(size);
            }
        }
        for (int i = 0; i < sizes.size(); i += 3) {
            int from = i;
            inTurn(() -> {
                for (int size : sizes.subList(from, Math.min(from + 3, sizes.size()))) {
                    protocol.send(Message.binary(Bytes.copyOf(pattern(size))));
                }
            });
        }
        int[] pending = new int[1];
        inTurn(() -> pending[0] = webSocket(1).pendingBytes());
        assertTrue(pending[0] > 0, "the system has taken it all");
        peers.get(1).startReading();
        for (Peer peer : peers) {
            until("all", () -> frames(peer).size() == sizes.size());
            List<Frame> frames = frames(peer);
            for (int i = 0; i < frames.size(); i++) {
                assertArrayEquals(pattern(sizes.get(i)), frames.get(i).payload(), "number " + i);
            }
        }
    }

    @Test
    void whatIsSentBeforeTheManagerClosesLeaves() {
        List<Peer> peers = asked(2);
        manager().post(() -> {
            protocol.send(Message.text("closing"));
            manager().close();
        });
        for (Peer peer : peers) {
            until("the end", () -> peer.hasEnded() || peer.wasReset());
            assertEquals("TEXT closing", lines(peer).get(0));
        }
    }
}
