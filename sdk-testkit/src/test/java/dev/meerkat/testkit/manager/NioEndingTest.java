package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Connection;
import dev.meerkat.event.ConnectionError.Kind;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** With real sockets other threads may close, too. */
class NioEndingTest extends EndingRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }

    @Test
    void anotherThreadMayClose() {
        Script script = script();
        Peer peer = accepted(script);
        Connection connection = script.connection();
        Threads.elsewhere(() -> {
            connection.close();
            return null;
        });
        until("the end", peer::hasEnded);
        peer.close();
        untilClosed(script);
        assertTrue(script.closeReason().isClean());
    }

    @Test
    void anotherThreadMayCloseWithATimeOut() {
        Script script = script();
        accepted(listening(options -> options.sendBufferBytes(SMALL_PEER.sendBufferBytes())), SMALL_PEER, script)
                .stopReading();
        Connection connection = script.connection();
        inTurn(() -> connection.send(pattern(MORE_THAN_FITS)));
        Threads.elsewhere(() -> {
            connection.close(Duration.ofMillis(1));
            return null;
        });
        untilClosed(script);
        assertEquals(Kind.CLOSE_TIMEOUT, script.errorKind());
    }

    @Test
    void anotherThreadMayAbort() {
        Script script = script();
        Peer peer = accepted(script);
        Connection connection = script.connection();
        Threads.elsewhere(() -> {
            connection.abort();
            return null;
        });
        untilClosed(script);
        assertEquals(Kind.ABORTED, script.errorKind());
        until("the reset", peer::wasReset);
    }

    @Test
    void anotherThreadMayEndWhatHasEnded() {
        Script script = script();
        accepted(script);
        Connection connection = script.connection();
        inTurn(connection::abort);
        untilClosed(script);
        Threads.elsewhere(() -> {
            connection.close();
            connection.abort();
            return null;
        });
        settle();
        assertEquals(2, script.entries().size());
    }
}
