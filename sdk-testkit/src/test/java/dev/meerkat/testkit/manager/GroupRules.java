package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Acceptor;
import dev.meerkat.BroadcastLimitException;
import dev.meerkat.BroadcastResult;
import dev.meerkat.ConnectOptions;
import dev.meerkat.Connection;
import dev.meerkat.ErrorHook;
import dev.meerkat.EventManager;
import dev.meerkat.EventManagerGroup;
import dev.meerkat.GroupAcceptor;
import dev.meerkat.GroupStatistics;
import dev.meerkat.ListenOptions;
import dev.meerkat.ManagerClosedException;
import dev.meerkat.ManagerObserver;
import dev.meerkat.ObserveOptions;
import dev.meerkat.ShutdownResult;
import dev.meerkat.Spread;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.runtime.ManagerRuntime;
import dev.meerkat.tls.TlsOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Several managers side by side, all driven by the test's thread. */
abstract class GroupRules extends ManagerRules {
    private static final int COUNT = 3;

    private @Nullable EventManagerGroup group;

    @AfterEach
    void closeGroup() {
        if (group != null) {
            group.close();
        }
    }

    final EventManagerGroup group(Spread spread) {
        List<EventManager> managers = new ArrayList<>();
        for (int i = 1; i <= COUNT; i++) {
            String name = "loop-" + i;
            managers.add(use(options -> options.name(name)));
        }
        EventManagerGroup made = EventManagerGroup.of(managers, spread);
        group = made;
        return made;
    }

    final GroupAcceptor listening(EventManagerGroup made, Script script) {
        return made.listen(arm.host() + ":0", script);
    }

    private Peer peer(GroupAcceptor acceptor) {
        return peer(acceptor.acceptors().get(0));
    }

    /** So many peers, all accepted. */
    final void peers(GroupAcceptor acceptor, Script script, int count) {
        int before = script.count(TcpEvent.Opened.class);
        for (int i = 0; i < count; i++) {
            peer(acceptor);
        }
        until("all to be accepted", () -> script.count(TcpEvent.Opened.class) == before + count);
    }

    private <T> T answer(CompletableFuture<T> future) {
        until("the answer", future::isDone);
        return future.join();
    }

    // ---- spreading

    @Test
    void oneAcceptorHandsConnectionsOverInTurn() {
        Script script = script();
        EventManagerGroup made = group(Spread.HAND_OVER);
        GroupAcceptor acceptor = listening(made, script);
        assertEquals(Spread.HAND_OVER, acceptor.spread());
        peers(acceptor, script, 2 * COUNT);
        for (Acceptor each : acceptor.acceptors()) {
            assertEquals(2, each.connectionCount());
        }
        for (Connection each : script.connections()) {
            assertSame(each.manager(), each.acceptor().orElseThrow().manager());
        }
    }

    @Test
    void whoIsGoneBeforeHeIsHandedOverHoldsUpNobody() {
        int gone = 5;
        FaultyTransport transport = new FaultyTransport();
        EventManager accepting = use(options -> options.name("loop-1"), transport::install);
        EventManager other = use(options -> options.name("loop-2"));
        group = EventManagerGroup.of(List.of(accepting, other), Spread.HAND_OVER);
        Script script = script();
        GroupAcceptor acceptor = listening(group, script);
        transport.failAccepts(gone, "Software caused connection abort");
        peers(acceptor, script, 2);
        // in the very turn in which the others were found gone, and nobody lost a turn by them
        assertEquals(0, accepting.statistics().timers());
        for (Acceptor each : acceptor.acceptors()) {
            assertEquals(1, each.connectionCount());
        }
    }

    @Test
    void withASharedPortEveryManagerListens() {
        Script script = script();
        EventManagerGroup made = group(Spread.REUSE_PORT);
        GroupAcceptor acceptor = listening(made, script);
        assertEquals(Spread.REUSE_PORT, acceptor.spread());
        assertEquals(
                Set.of(acceptor.port()),
                acceptor.acceptors().stream().map(Acceptor::port).collect(Collectors.toSet()));
        peers(acceptor, script, 30);
        Set<EventManager> reached = new LinkedHashSet<>();
        script.connections().forEach(each -> reached.add(each.manager()));
        assertTrue(reached.size() > 1, () -> "all on " + reached);
    }

    @Test
    void whoIsFullIsPassedOver() {
        Script script = script();
        EventManagerGroup made = group(Spread.HAND_OVER);
        ListenOptions one = ListenOptions.builder().maxConnections(1).build();
        GroupAcceptor acceptor = made.listen(arm.host() + ":0", one, script);
        peers(acceptor, script, COUNT);
        Peer waiting = peer(acceptor);
        settle();
        assertEquals(COUNT, script.count(TcpEvent.Opened.class), "the fourth waits");
        script.connections().get(1).abort();
        until("room for the fourth", () -> script.count(TcpEvent.Opened.class) == COUNT + 1);
        assertTrue(waiting.isConnected());
        assertSame(
                script.connections().get(1).manager(),
                script.connections().get(COUNT).manager());
    }

    /** Notes who pauses and who goes on, of all managers. */
    private static final class Pauses implements ManagerObserver {
        final List<String> lines = new ArrayList<>();
        final List<Acceptor> paused = new ArrayList<>();

        @Override
        public void acceptPaused(Acceptor acceptor, boolean full) {
            if (acceptor.toString().contains("for a group")) {
                lines.add(full ? "nobody takes more" : "the system cannot");
                paused.add(acceptor);
            }
        }

        @Override
        public void acceptResumed(Acceptor acceptor, long nanos) {
            if (acceptor.toString().contains("for a group")) {
                lines.add("goes on");
            }
        }
    }

    private final Pauses pauses = new Pauses();

    private GroupAcceptor handingOver(ListenOptions options, Script script, UnaryOperator<ManagerRuntime> change) {
        List<EventManager> managers = new ArrayList<>();
        for (int i = 1; i <= COUNT; i++) {
            String name = "loop-" + i;
            managers.add(use(
                    each -> each.name(name).observe(ObserveOptions.observedBy(pauses)),
                    i == 1 ? change : runtime -> runtime));
        }
        EventManagerGroup made = EventManagerGroup.of(managers, Spread.HAND_OVER);
        group = made;
        return made.listen(arm.host() + ":0", options, script);
    }

    @Test
    void whoHandsOverTellsThatNobodyTakesMore() {
        Script script = script();
        ListenOptions one = ListenOptions.builder().maxConnections(1).build();
        GroupAcceptor acceptor = handingOver(one, script, runtime -> runtime);
        peers(acceptor, script, COUNT);
        assertEquals(List.of(), pauses.lines);
        peer(acceptor);
        until("the pause", () -> !pauses.lines.isEmpty());
        Acceptor told = pauses.paused.get(0);
        assertEquals(acceptor.port(), told.port());
        assertFalse(told.isAccepting());
        assertEquals(0, told.connectionCount());
        script.connections().get(1).abort();
        until("room for the fourth", () -> script.count(TcpEvent.Opened.class) == COUNT + 1);
        assertEquals(List.of("nobody takes more", "goes on"), pauses.lines.subList(0, 2));
        assertEquals(
                pauses.paused.size(),
                pauses.lines.stream().filter(line -> !line.equals("goes on")).count());
    }

    @Test
    void whoHandsOverTellsThatTheSystemCannotAccept() {
        FaultyTransport transport = new FaultyTransport();
        Script script = script();
        GroupAcceptor acceptor = handingOver(ListenOptions.DEFAULT, script, transport::install);
        transport.failAccepts(2);
        peers(acceptor, script, 1);
        assertEquals(
                List.of("the system cannot", "goes on", "the system cannot", "goes on"),
                pauses.lines,
                "twice it tried");
        assertEquals(ErrorHook.Source.ACCEPT, takeFailure().source(), "reported once");
    }

    @Test
    void whoHandsOverAndPausesIsDoneWithThatWhenItIsClosed() {
        Script script = script();
        ListenOptions one = ListenOptions.builder().maxConnections(1).build();
        GroupAcceptor acceptor = handingOver(one, script, runtime -> runtime);
        peers(acceptor, script, COUNT);
        peer(acceptor);
        until("the pause", () -> pauses.lines.equals(List.of("nobody takes more")));
        acceptor.close();
        until("its end", () -> pauses.lines.equals(List.of("nobody takes more", "goes on")));
    }

    @Test
    void eachManagerMayHaveAHandlerOfItsOwn() {
        List<Script> scripts = new ArrayList<>();
        EventManagerGroup made = group(Spread.HAND_OVER);
        GroupAcceptor acceptor = made.listenEach(arm.host() + ":0", ListenOptions.DEFAULT, manager -> {
            Script script = script();
            scripts.add(script);
            return script;
        });
        for (int i = 0; i < COUNT; i++) {
            peer(acceptor);
        }
        until("one each", () -> scripts.stream().allMatch(Script::isOpened));
    }

    @Test
    void aClosedAcceptorLeavesConnectionsAndRefusesNewOnes() {
        for (Spread spread : List.of(Spread.HAND_OVER, Spread.REUSE_PORT)) {
            Script script = script();
            EventManagerGroup made = group(spread);
            GroupAcceptor acceptor = listening(made, script);
            peers(acceptor, script, COUNT);
            acceptor.close();
            acceptor.close();
            settle();
            Peer late = peer(acceptor);
            until("the refusal", () -> late.failure() != null);
            assertFalse(script.isClosed());
            made.close();
        }
    }

    /** So many clients of a manager beside the group, each open on both sides. */
    private void clients(String address, ConnectOptions options, Script served, int count) {
        Script script = script();
        EventManager beside = use(each -> each.name("beside"));
        for (int i = 0; i < count; i++) {
            beside.connect(address, options, script);
        }
        until(
                "all to be open",
                () -> script.count(TcpEvent.Opened.class) == count && served.count(TcpEvent.Opened.class) == count);
    }

    @Test
    void tlsIsServedByWhoIsHandedOverTo() {
        Script script = script();
        EventManagerGroup made = group(Spread.HAND_OVER);
        TlsOptions tls = TestTls.options(manager().wallTime());
        GroupAcceptor acceptor = made.listen(
                "tls://" + arm.host() + ":0", ListenOptions.builder().tls(tls).build(), script);
        ConnectOptions secure = ConnectOptions.builder().tls(tls).build();
        clients("tls://" + arm.host() + ":" + acceptor.port(), secure, script, 2 * COUNT);
        acceptor.acceptors().forEach(each -> assertEquals(2, each.connectionCount()));
        script.connections().forEach(each -> assertTrue(each.isSecured(), each::toString));
    }

    /** Whatever was asked for: there is no port to share. */
    @Test
    void unixSocketsAreHandedOver() {
        for (Spread spread : Spread.values()) {
            Script script = script();
            EventManagerGroup made = group(spread);
            String address = "unix:" + arm.unixPath("group");
            GroupAcceptor acceptor = made.listen(address, script);
            assertEquals(Spread.HAND_OVER, acceptor.spread());
            assertEquals(0, acceptor.port());
            clients(address, ConnectOptions.DEFAULT, script, 2 * COUNT);
            acceptor.acceptors().forEach(each -> assertEquals(2, each.connectionCount()));
            made.close();
        }
    }

    /** Has a manager do nothing until {@link #letGo}. */
    abstract void holdUp(EventManager manager);

    abstract void letGo(EventManager manager);

    @Test
    void whoIsBehindHas256WaitingAndIsThenPassedOver() {
        Script script = script();
        EventManagerGroup made = group(Spread.HAND_OVER);
        GroupAcceptor acceptor = listening(made, script);
        Acceptor first = acceptor.acceptors().get(0);
        Acceptor second = acceptor.acceptors().get(1);
        made.managers().get(2).close();
        takeFailure();
        holdUp(second.manager());
        for (int i = 0; i < 512; i++) {
            peer(acceptor);
        }
        until("every second one", () -> first.connectionCount() == 256);
        settle();
        assertEquals(256, first.connectionCount(), "256 wait for the other");
        peer(acceptor);
        peer(acceptor);
        until("both, whosever turn it is", () -> first.connectionCount() == 258);
        letGo(second.manager());
        until("those that waited", () -> second.connectionCount() == 256);
    }

    // ---- one for all

    @Test
    void aBroadcastReachesAllAndTheCountsAreAddedUp() {
        Script script = script();
        EventManagerGroup made = group(Spread.HAND_OVER);
        peers(listening(made, script), script, 2 * COUNT);
        Bytes message = Bytes.utf8("all of you");
        assertEquals(new BroadcastResult(2 * COUNT, 0, 0), answer(made.broadcast(message)));
        for (TcpEvent.Broadcast each : script.all(TcpEvent.Broadcast.class)) {
            assertSame(message, each.bytes());
        }
        assertEquals(
                new BroadcastResult(2, 0, 0),
                answer(made.broadcast(
                        message, each -> each.manager() == made.managers().get(1))));
        Bytes large = Bytes.copyOf(new byte[manager().options().broadcastLimit() + 1]);
        assertThrows(BroadcastLimitException.class, () -> made.broadcast(large));
    }

    @Test
    void connectionsAndStatisticsAreThoseOfAll() {
        Script script = script();
        EventManagerGroup made = group(Spread.HAND_OVER);
        GroupAcceptor acceptor = listening(made, script);
        peers(acceptor, script, 2 * COUNT);
        peer(acceptor).send("12345");
        until("five bytes", () -> script.has(TcpEvent.Received.class));
        assertEquals(Set.copyOf(script.connections()), Set.copyOf(answer(made.connections())));
        GroupStatistics statistics = answer(made.statistics());
        assertEquals(2 * COUNT + 1, statistics.sum().connections());
        assertEquals(2 * COUNT + 1, statistics.sum().accepted());
        assertEquals(5, statistics.sum().bytesReceived());
        assertEquals(
                List.of(3, 2, 2),
                statistics.managers().stream().map(each -> each.connections()).toList());
    }

    @Test
    void workGoesToTheManagersInTurn() {
        EventManagerGroup made = group(Spread.HAND_OVER);
        List<EventManager> turns = new ArrayList<>();
        for (int i = 0; i < COUNT; i++) {
            turns.add(made.next());
        }
        assertEquals(made.managers(), turns);
        assertEquals(
                List.of("loop-1", "loop-2", "loop-3"),
                turns.stream().map(each -> each.options().name()).toList());
        List<String> ran = new ArrayList<>();
        made.post(() -> ran.add("one"));
        made.postAll(() -> ran.add("all"));
        until("the tasks", () -> ran.size() == COUNT + 1);
        Script script = script();
        Connection first = answer(made.connect(addressOf(peerListener()), ConnectOptions.DEFAULT, script));
        Connection second = answer(made.connect(addressOf(peerListener()), ConnectOptions.DEFAULT, script));
        assertNotSame(first.manager(), second.manager());
    }

    // ---- one of them ends

    @Test
    void aManagerThatIsClosedIsReportedAndTheOthersGoOn() {
        for (Spread spread : List.of(Spread.HAND_OVER, Spread.REUSE_PORT)) {
            Script script = script();
            EventManagerGroup made = group(spread);
            GroupAcceptor acceptor = listening(made, script);
            made.managers().get(0).close(); // of those that hand over, it is the one that accepts
            Failure failure = takeFailure();
            assertEquals(ErrorHook.Source.GROUP, failure.source(), "nothing is wrong with a loop");
            assertTrue(failure.thrown().getMessage().contains("2 others"), failure.thrown()::getMessage);
            settle();
            peers(acceptor, script, 4);
            assertFalse(made.isClosed());
            assertNotSame(made.managers().get(0), made.next());
            assertEquals(new BroadcastResult(4, 0, 0), answer(made.broadcast(Bytes.utf8("x"))));
            assertEquals(4, answer(made.connections()).size());
            assertEquals(4, answer(made.statistics()).sum().connections());
            made.close();
        }
    }

    @Test
    void whenTheLastIsGoneTheGroupIsClosed() {
        EventManagerGroup made = group(Spread.HAND_OVER);
        made.managers().forEach(EventManager::close);
        assertEquals(COUNT, takeFailures().size());
        assertTrue(made.isClosed());
        assertThrows(ManagerClosedException.class, made::next);
        assertThrows(ManagerClosedException.class, () -> listening(made, script()));
        assertEquals(new BroadcastResult(0, 0, 0), answer(made.broadcast(Bytes.utf8("x"))));
    }

    // ---- the end

    @Test
    void aGracefulEndIsThatOfAllAndCountsThemTogether() {
        for (Spread spread : List.of(Spread.HAND_OVER, Spread.REUSE_PORT)) {
            int[] told = new int[1];
            Script script = script().on(TcpEvent.ShuttingDown.class, (connection, event) -> {
                if (told[0]++ < 4) {
                    connection.abort();
                }
            });
            EventManagerGroup made = group(spread);
            GroupAcceptor acceptor = listening(made, script);
            peers(acceptor, script, 6);
            CompletableFuture<ShutdownResult> result = made.shutdown(Duration.ofMillis(30));
            assertTrue(made.isClosed());
            until("four to end", () -> script.count(TcpEvent.Closed.class) >= 4);
            assertEquals(new ShutdownResult(4, 2), answer(result));
            Peer late = peer(acceptor);
            until("the refusal", () -> late.failure() != null);
        }
    }

    @Test
    void closingInsideAHandlerClosesAll() {
        Script script = script().on(TcpEvent.Received.class, (connection, event) -> {
            event.take();
            group.close();
        });
        EventManagerGroup made = group(Spread.HAND_OVER);
        GroupAcceptor acceptor = listening(made, script);
        peers(acceptor, script, COUNT);
        peer(acceptor).send("x");
        until("the end of all", () -> script.count(TcpEvent.Closed.class) == COUNT + 1);
        assertTrue(made.managers().stream().allMatch(EventManager::isClosed));
    }
}
