package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Connection;
import dev.meerkat.ErrorHook;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.CloseReason.Initiator;
import dev.meerkat.event.ConnectionError;
import dev.meerkat.event.ConnectionError.Kind;
import dev.meerkat.event.Event;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.runtime.ListenerHandle;
import dev.meerkat.runtime.Probe;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A handler that throws loses its connection, is reported once, and harms nobody else: whatever the event. */
abstract class FailingRules extends ManagerRules {
    private final Exception broken = new Exception("broken handler");

    /** A handler that throws at one kind of event, every time. */
    private <E extends Event> Script throwingOn(Class<E> kind) {
        return script().on(kind, (connection, event) -> {
            throw broken;
        });
    }

    private void assertLostAt(Class<? extends Event> kind, Script script) {
        untilClosed(script);
        List<String> kinds = script.kinds();
        assertEquals(List.of(kind.getSimpleName(), "Closed"), kinds.subList(kinds.size() - 2, kinds.size()));
        assertHandlerFailed(script, kind.getSimpleName());
    }

    private void assertHandlerFailed(Script script, String where) {
        assertEquals(Kind.HANDLER_FAILED, script.errorKind());
        assertEquals(Initiator.LOCAL, script.closeReason().initiator());
        ConnectionError error = script.closeReason().error().orElseThrow();
        assertSame(broken, error.cause().orElseThrow());
        assertTrue(error.message().contains(where), error::message);
        assertReportedOnce(script.connection());
        assertOthersAreServed();
    }

    private void assertReportedOnce(Connection connection) {
        Failure failure = takeFailure();
        assertEquals(ErrorHook.Source.HANDLER, failure.source());
        assertEquals(Optional.of(connection), failure.connection());
        assertSame(broken, failure.thrown());
    }

    @Test
    void whatFailsInsideCostsOneConnectionAndIsNotTriedForEver() {
        IllegalStateException bug = new IllegalStateException("a bug");
        Probe buggy = new Probe() {
            @Override
            public void event(String kind, long connection, long detail) {
                if (kind.equals("received") && detail == "poisonous".length()) {
                    throw bug;
                }
            }
        };
        use(options -> {}, runtime -> runtime.withProbe(buggy));
        Script script = script();
        Peer peer = accepted(script);
        peer.send("poisonous");
        untilClosed(script);
        assertEquals(Kind.INTERNAL, script.errorKind());
        assertSame(bug, script.closeReason().error().orElseThrow().cause().orElseThrow());
        untilAborted(peer);
        Failure failure = takeFailure(); // once, and not turn by turn
        assertEquals(ErrorHook.Source.LOOP, failure.source());
        assertSame(bug, failure.thrown());
        assertOthersAreServed();
    }

    @Test
    void aFailureThatCannotEvenBeDescribedCostsOneConnection() {
        boolean[] mute = {true};
        RuntimeException failure = new IllegalStateException() {
            private static final long serialVersionUID = 1;

            @Override
            public String toString() {
                if (mute[0]) {
                    throw new IllegalStateException("no words");
                }
                return "mute";
            }
        };
        Script script = script().on(TcpEvent.Received.class, (connection, event) -> {
            throw failure;
        });
        Peer peer = accepted(script).send("x");
        untilClosed(script);
        mute[0] = false;
        assertEquals(Kind.HANDLER_FAILED, script.errorKind());
        assertSame(failure, script.closeReason().error().orElseThrow().cause().orElseThrow());
        untilAborted(peer);
        assertSame(failure, takeFailure().thrown());
        assertOthersAreServed();
    }

    private void assertOthersAreServed() {
        Script healthy = script();
        accepted(healthy).send("served");
        until("another connection to be served", () -> healthy.text().equals("served"));
    }

    @Test
    void onOpenedOfAnInboundConnection() {
        Script script = throwingOn(TcpEvent.Opened.class);
        Peer peer = peer(listen(script));
        assertLostAt(TcpEvent.Opened.class, script);
        untilAborted(peer);
    }

    @Test
    void onOpenedOfAnOutboundConnection() {
        Script script = throwingOn(TcpEvent.Opened.class);
        Peer peer = connected(script);
        assertLostAt(TcpEvent.Opened.class, script);
        untilAborted(peer);
    }

    @Test
    void onReceived() {
        Script script = throwingOn(TcpEvent.Received.class);
        Peer peer = accepted(script).send("x");
        assertLostAt(TcpEvent.Received.class, script);
        untilAborted(peer);
    }

    @Test
    void onReceivedWithBytesKeptFromBefore() {
        Script script = script().leavingInput();
        Peer peer = accepted(script).send("kept");
        until("input", () -> script.has(TcpEvent.Received.class));
        script.on(TcpEvent.Received.class, (connection, event) -> {
            throw broken;
        });
        peer.send("more");
        assertLostAt(TcpEvent.Received.class, script);
        assertEquals(0, manager().statistics().keptBuffers());
    }

    @Test
    void onSent() {
        Script script = throwingOn(TcpEvent.Sent.class);
        accepted(listening(options -> options.sentEvents(true)), script);
        inTurn(() -> script.connection().send("x"));
        assertLostAt(TcpEvent.Sent.class, script);
    }

    @Test
    void onDrained() {
        Script script = throwingOn(TcpEvent.Drained.class);
        accepted(listening(options -> options.highWaterMark(10).lowWaterMark(1)), script);
        inTurn(() -> script.connection().send(pattern(11)));
        assertLostAt(TcpEvent.Drained.class, script);
    }

    @Test
    void onInputClosed() {
        Script script = throwingOn(TcpEvent.InputClosed.class);
        accepted(script).shutdownOutput();
        assertLostAt(TcpEvent.InputClosed.class, script);
    }

    @Test
    void onBroadcast() {
        Script script = throwingOn(TcpEvent.Broadcast.class);
        accepted(script);
        manager().broadcast(Bytes.EMPTY);
        assertLostAt(TcpEvent.Broadcast.class, script);
    }

    @Test
    void onTimerFired() {
        Script script = throwingOn(TcpEvent.TimerFired.class);
        accepted(script);
        script.connection().setTimer(SHORT);
        assertLostAt(TcpEvent.TimerFired.class, script);
    }

    @Test
    void onTimerFiredBeforeTheConnectionIsEstablished() {
        Names names = new Names();
        use(options -> {}, names::install);
        Script script = throwingOn(TcpEvent.TimerFired.class);
        manager().connect("meerkat.example:80", script).setTimer(SHORT);
        untilClosed(script);
        assertEquals(List.of("TimerFired", "ConnectFailed", "Closed"), script.kinds());
        assertTrue(names.pending().isCancelled());
        assertHandlerFailed(script, "TimerFired");
    }

    @Test
    void onTick() {
        use(options -> options.tickInterval(SHORT));
        Script script = throwingOn(TcpEvent.Tick.class);
        accepted(listening(options -> options.ticks(true)), script);
        assertLostAt(TcpEvent.Tick.class, script);
    }

    @Test
    void onConnectFailedClosedStillFollows() {
        ListenerHandle listener = peerListener();
        String refusing = addressOf(listener);
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Script script = throwingOn(TcpEvent.ConnectFailed.class);
        manager().connect(refusing, script);
        untilClosed(script);
        assertEquals(List.of("ConnectFailed", "Closed"), script.kinds());
        assertEquals(arm.family() == Family.UNIX ? Kind.NOT_FOUND : Kind.REFUSED, script.errorKind());
        assertReportedOnce(script.connection());
    }

    @Test
    void onClosedNothingMoreComes() {
        Script script = throwingOn(TcpEvent.Closed.class);
        accepted(script);
        inTurn(() -> script.connection().abort());
        untilClosed(script);
        settle();
        assertEquals(List.of("Opened", "Closed"), script.kinds());
        assertReportedOnce(script.connection());
        assertOthersAreServed();
    }

    @Test
    void errorsAreNoDifferent() {
        StackOverflowError overflow = new StackOverflowError("too deep");
        Script script = script().on(TcpEvent.Received.class, (connection, event) -> {
            throw overflow;
        });
        accepted(script).send("x");
        untilClosed(script);
        assertEquals(Kind.HANDLER_FAILED, script.errorKind());
        assertSame(overflow, takeFailure().thrown());
        assertOthersAreServed();
    }

    @Test
    void aPoliteEndUnderWayBecomesAnAbort() {
        Script script = script().on(TcpEvent.Received.class, (connection, event) -> {
            connection.send("half an answer").close();
            throw broken;
        });
        Peer peer = accepted(script).send("x");
        assertLostAt(TcpEvent.Received.class, script);
        untilAborted(peer);
        assertEquals("", peer.text());
    }

    @Test
    void theReasonOfAnAbortStays() {
        Script script = script().on(TcpEvent.Received.class, (connection, event) -> {
            connection.abort();
            throw broken;
        });
        accepted(script).send("x");
        untilClosed(script);
        assertEquals(Kind.ABORTED, script.errorKind());
        assertReportedOnce(script.connection());
    }

    @Test
    void anErrorHookThatThrowsChangesNothing() {
        use(options -> options.errorHook((source, connection, failure) -> {
            throw new IllegalStateException("broken hook");
        }));
        Script script = throwingOn(TcpEvent.Received.class);
        accepted(script).send("x");
        untilClosed(script);
        assertEquals(Kind.HANDLER_FAILED, script.errorKind());
        assertOthersAreServed();
    }

    @Test
    void whatTheHookAsksOfTheConnectionIsAnswered() {
        Script script = throwingOn(TcpEvent.Received.class);
        boolean[] asked = new boolean[1];
        use(options -> options.errorHook((source, connection, failure) -> {
            Connection lost = connection.orElseThrow();
            asked[0] = lost == script.connection() && lost.id() > 0;
            lost.abort(); // to no harm
        }));
        accepted(script).send("x");
        untilClosed(script);
        assertTrue(asked[0]);
    }
}
