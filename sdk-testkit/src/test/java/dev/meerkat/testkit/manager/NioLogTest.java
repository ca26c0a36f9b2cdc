package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Acceptor;
import dev.meerkat.ErrorHook;
import dev.meerkat.EventManager;
import dev.meerkat.EventManagerGroup;
import dev.meerkat.GroupAcceptor;
import dev.meerkat.ListenOptions;
import dev.meerkat.Spread;
import dev.meerkat.event.TcpEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What goes to the system logger while a program has set no error hook. */
class NioLogTest extends ManagerRules {
    private final Logger logger = Logger.getLogger("dev.meerkat");
    private final List<LogRecord> records = new ArrayList<>();
    private final Handler listener = new Handler() {
        @Override
        public void publish(LogRecord record) {
            records.add(record);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @Override
    Arm openArm() {
        return new NioArm();
    }

    @BeforeEach
    void listen() {
        logger.setUseParentHandlers(false);
        logger.addHandler(listener);
        use(options -> options.name("logged").errorHook(ErrorHook.LOGGED));
    }

    @AfterEach
    void stopListening() {
        logger.removeHandler(listener);
        logger.setUseParentHandlers(true);
    }

    @Test
    void aHandlerThatThrowsIsLoggedWithItsCause() {
        RuntimeException cause = new IllegalStateException("on purpose");
        Script script = script().on(TcpEvent.Opened.class, (connection, opened) -> {
            throw cause;
        });
        accepted(script);
        untilClosed(script);
        assertEquals(1, records.size());
        assertEquals(
                "logged/conn-1: a handler threw, its connection was aborted",
                records.get(0).getMessage());
        assertEquals(cause, records.get(0).getThrown());
    }

    @Test
    void aFailureThatItsConnectionSurvivesIsNotLoggedAsAnAbort() {
        RuntimeException cause = new IllegalStateException("on purpose");
        Script script = script().on(TcpEvent.Opened.class, (connection, opened) -> {
            manager().report(connection, cause);
        });
        accepted(script);
        until("the record", () -> !records.isEmpty());
        assertEquals(
                "logged/conn-1: a handler failed, its protocol tells the peer",
                records.get(0).getMessage());
        assertEquals(cause, records.get(0).getThrown());
        assertTrue(script.connection().isOpen());
    }

    @Test
    void anAcceptorAtItsLimitIsLoggedAndThatItGoesOn() {
        Script script = script();
        Acceptor acceptor = listen(ListenOptions.builder().maxConnections(1).build(), script);
        Peer first = peer(acceptor);
        peer(acceptor);
        until("the pause", () -> records.size() == 1);
        assertTrue(records.get(0).getMessage().contains("accepting pauses at a limit"), records.get(0)::getMessage);
        first.close();
        until("the next", () -> script.count(TcpEvent.Opened.class) == 2);
        assertTrue(records.get(1).getMessage().endsWith("accepting goes on"), records.get(1)::getMessage);
    }

    @Test
    void aGroupOfWhichNobodyTakesMoreIsLoggedOnceAndThatItGoesOn() {
        EventManager one = manager();
        EventManager two = use(options -> options.name("other").errorHook(ErrorHook.LOGGED));
        Script script = script();
        try (EventManagerGroup group = EventManagerGroup.of(List.of(one, two), Spread.HAND_OVER)) {
            GroupAcceptor acceptor = group.listen(
                    arm.host() + ":0", ListenOptions.builder().maxConnections(1).build(), script);
            Peer first = peer(acceptor.acceptors().get(0));
            peer(acceptor.acceptors().get(0));
            until("both", () -> script.count(TcpEvent.Opened.class) == 2);
            records.clear();
            peer(acceptor.acceptors().get(0));
            until("the pause", () -> !records.isEmpty());
            first.close();
            until("the next", () -> script.count(TcpEvent.Opened.class) == 3);
            List<String> told = records.stream()
                    .map(LogRecord::getMessage)
                    .filter(line -> line.contains("for a group"))
                    .toList();
            String who = "logged, acceptor for a group on 127.0.0.1:" + acceptor.port() + ": ";
            assertEquals(
                    List.of(
                            who + "no manager of the group takes connections, the next ones wait",
                            who + "accepting goes on"),
                    told.subList(0, 2));
        }
    }

    @Test
    void anAddressThatTakesTooManyHandshakesIsLogged() {
        ListenOptions options = ListenOptions.builder()
                .tls(TestTls.options(manager().wallTime()))
                .maxHandshakesPerAddress(1)
                .build();
        Script script = script();
        Acceptor acceptor = manager().listen("tls://127.0.0.1:0", options, script);
        Peer first = peer(acceptor);
        Peer second = peer(acceptor);
        until("one to be refused", () -> first.wasReset() || second.wasReset());
        assertEquals(1, records.size());
        assertEquals(
                "logged, " + acceptor + ", 127.0.0.1: an address has as many TLS handshakes under way as it may,"
                        + " its next connections are refused",
                records.get(0).getMessage());
    }

    @Test
    void aConnectionThatComesAndGoesIsNotLogged() {
        Script script = script();
        accepted(script).reset();
        untilClosed(script);
        assertEquals(List.of(), records);
    }
}
