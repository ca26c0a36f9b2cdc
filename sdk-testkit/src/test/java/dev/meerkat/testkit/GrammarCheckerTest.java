package dev.meerkat.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.meerkat.Connection;
import dev.meerkat.Handler;
import dev.meerkat.event.ConnectionError;
import dev.meerkat.event.Event;
import dev.meerkat.event.TcpEvent;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class GrammarCheckerTest {
    private final List<String> log = new ArrayList<>();
    private final GrammarChecker checker = GrammarChecker.of(Programs.recorder(log));

    @Test
    void theInputEndsOnceAndNothingIsReceivedAfterwards() {
        try (SimWorld world = SimWorld.open(SimConfig.DEFAULT)) {
            world.host("srv").listen(7, Programs::echo);
            Connection connection = world.host("cli").connect("srv:7", (any, event) -> {});
            Event received = new TcpEvent.Received(connection.receiveBuffer(), 1);
            feed(connection, TcpEvent.Opened.INSTANCE, received, TcpEvent.InputClosed.INSTANCE);
            assertThrows(AssertionError.class, () -> checker.onEvent(connection, received));
            assertThrows(AssertionError.class, () -> checker.onEvent(connection, TcpEvent.InputClosed.INSTANCE));
            feed(connection, TcpEvent.Drained.INSTANCE);
        }
        assertEquals(List.of("Opened", "Received", "InputClosed", "Drained"), log);
    }

    @Test
    void aHandshakeThatFailedIsFollowedByTheEndAlone() {
        try (SimWorld world = SimWorld.open(SimConfig.DEFAULT)) {
            world.host("srv").listen(7, Programs::echo);
            Connection connection = world.host("cli").connect("srv:7", (any, event) -> {});
            Event failed =
                    new TcpEvent.HandshakeFailed(ConnectionError.of(ConnectionError.Kind.NOT_TLS, "for the test"));
            assertThrows(AssertionError.class, () -> checker.onEvent(connection, failed)); // outbound: ConnectFailed
            feed(connection, TcpEvent.Opened.INSTANCE, TcpEvent.Secured.INSTANCE, failed);
            assertThrows(AssertionError.class, () -> checker.onEvent(connection, TcpEvent.Drained.INSTANCE));
        }
        assertEquals(List.of("Opened", "Secured", "HandshakeFailed"), log);
    }

    @Test
    void whoIsReplacedIsToldThroughTheCheckerAndOwesNoEnd() {
        List<Connection> replaced = new ArrayList<>();
        GrammarChecker mine = GrammarChecker.of(new Handler() {
            @Override
            public void onEvent(Connection connection, Event event) {}

            @Override
            public void onReplaced(Connection connection) {
                replaced.add(connection);
            }
        });
        try (SimWorld world = SimWorld.open(SimConfig.DEFAULT)) {
            world.host("srv").listen(7, Programs::echo);
            Connection connection = world.host("cli").connect("srv:7", mine);
            world.await("the connection", connection::isOpen);
            connection.replaceHandler((any, event) -> {});
            assertEquals(List.of(connection), replaced);
            mine.assertFinished();
        }
    }

    private void feed(Connection connection, Event... events) {
        for (Event event : events) {
            try {
                checker.onEvent(connection, event);
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }
    }
}
