package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.meerkat.Connection;
import dev.meerkat.event.CloseReason.Initiator;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.runtime.SocketOptions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is left to be told when something else happens to the connection in the same turn. */
abstract class SameTurnRules extends ManagerRules {
    private static final SocketOptions LARGE_PEER = new SocketOptions(true, false, 1 << 22, 0, 1, false, false);

    @Test
    void whatWaitedForResumingComesBeforeTheEndOfInput() {
        Script script = script().leavingInput();
        Peer peer = accepted(script);
        peer.send("kept");
        until("the first announcement", () -> script.has(TcpEvent.Received.class));
        Connection connection = script.connection();
        connection.pauseReading();
        peer.shutdownOutput();
        settle();
        script.on(TcpEvent.Received.class, script::take);
        inTurn(connection::resumeReading);
        untilClosed(script);
        assertEquals("kept", script.text());
        assertEquals(List.of("Opened", "Received", "Received", "InputClosed", "Closed"), script.kinds());
    }

    @Test
    void aNewHandlerHearsOfUnreadBytesBeforeTheEndOfInput() {
        Script script = script().leavingInput();
        Peer peer = accepted(script);
        peer.send("kept");
        until("the first announcement", () -> script.has(TcpEvent.Received.class));
        Connection connection = script.connection();
        script.on(TcpEvent.Received.class, script::take);
        manager().post(() -> connection.replaceHandler(script));
        peer.shutdownOutput();
        untilClosed(script);
        assertEquals("kept", script.text());
    }

    @Test
    void aHandlerThatPausesAgainIsToldNothing() {
        Script script = script().leavingInput();
        accepted(script).send("kept");
        until("the first announcement", () -> script.has(TcpEvent.Received.class));
        Connection connection = script.connection();
        connection.pauseReading();
        inTurn(() -> {
            connection.resumeReading();
            connection.pauseReading();
        });
        settle();
        assertEquals(1, script.count(TcpEvent.Received.class));
        connection.resumeReading();
        until("the second announcement", () -> script.count(TcpEvent.Received.class) == 2);
    }

    @Test
    void afterTheEndOfInputNothingIsAnnounced() {
        Script script = script().leavingInput();
        Peer peer = accepted(listening(options -> options.halfClose(true)), script);
        peer.send("kept").shutdownOutput();
        until("the end of input", () -> script.has(TcpEvent.InputClosed.class));
        Connection connection = script.connection();
        int before = script.count(TcpEvent.Received.class);
        inTurn(() -> connection.replaceHandler(script));
        settle();
        assertEquals(before, script.count(TcpEvent.Received.class));
        assertEquals(4, connection.receiveBuffer().size(), "but it is all there");
        connection.close();
    }

    @Test
    void whatFitsLeavesThoughTheManagerCloses() {
        byte[] much = pattern(600_000);
        Script script = script();
        Peer peer = accepted(listening(options -> options.sendBufferBytes(1 << 22)), LARGE_PEER, script);
        Connection connection = script.connection();
        inTurn(() -> {
            connection.send(much);
            manager().close();
        });
        assertEquals(Initiator.MANAGER, script.closeReason().initiator());
        until("the end of output", peer::hasEnded);
        assertArrayEquals(much, peer.received());
    }

    @Test
    void whatFitsLeavesThoughThereIsNoTimeToClose() {
        byte[] much = pattern(600_000);
        Script script = script();
        Peer peer = accepted(listening(options -> options.sendBufferBytes(1 << 22)), LARGE_PEER, script);
        Connection connection = script.connection();
        inTurn(() -> connection.send(much).close(Duration.ZERO));
        until("the end of output", peer::hasEnded);
        assertArrayEquals(much, peer.received());
        peer.close();
    }
}
