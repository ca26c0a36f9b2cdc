package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.meerkat.Acceptor;
import dev.meerkat.ConnectOptions;
import dev.meerkat.Connection;
import dev.meerkat.ListenOptions;
import dev.meerkat.ObserveOptions;
import dev.meerkat.Tap;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.observe.HexDump;
import dev.meerkat.observe.PcapWriter;
import dev.meerkat.testkit.capture.Captures;
import dev.meerkat.testkit.capture.Stream;
import dev.meerkat.tls.TlsOptions;
import dev.meerkat.tls.TlsRole;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who watches an encrypted connection sees what the handler sees: plaintext, and not a byte of the handshake. */
abstract class TlsObservingRules extends ManagerRules {
    /** What a tap was shown of the accepted end. */
    private static final class Watcher implements Tap {
        final List<String> seen = new ArrayList<>();

        @Override
        public void received(Wire wire, ByteBuffer bytes) {
            note(wire, "<" + StandardCharsets.ISO_8859_1.decode(bytes));
        }

        @Override
        public void sent(Wire wire, ByteBuffer bytes) {
            note(wire, ">" + StandardCharsets.ISO_8859_1.decode(bytes));
        }

        @Override
        public void marked(Wire wire, Mark mark) {
            note(wire, mark.name());
        }

        private void note(Wire wire, String what) {
            if (wire.isInbound()) {
                seen.add(what);
            }
        }
    }

    private void observe(Tap tap) {
        use(options -> options.name("captured").observe(ObserveOptions.tappedBy(tap)));
    }

    /** "question" and "answer" over tls://, then the end. */
    private void conversation() {
        TlsOptions tls = TestTls.options(manager().wallTime());
        Script server = script().on(TcpEvent.Received.class, (connection, received) -> {
            assertEquals("question", received.takeText());
            connection.send("answer");
        });
        Script client = script().on(TcpEvent.Opened.class, (connection, opened) -> connection.send("question"));
        Acceptor acceptor = manager()
                .listen(
                        "tls://" + arm.host() + ":0",
                        ListenOptions.builder().tls(tls).build(),
                        server);
        Connection unused = manager()
                .connect(
                        "tls://" + arm.host() + ":" + acceptor.port(),
                        ConnectOptions.builder().tls(tls).build(),
                        client);
        until("the answer", () -> client.text().equals("answer"));
        inTurn(() -> client.connection().close());
        untilClosed(client);
        untilClosed(server);
    }

    /** The same, agreed on in clear and then by startTls. */
    private void upgraded() {
        TlsOptions tls = TestTls.options(manager().wallTime());
        Script server = script().on(TcpEvent.Received.class, (connection, received) -> {
            if (connection.isSecured()) {
                assertEquals("question", received.takeText());
                connection.send("answer");
            } else {
                assertEquals("STARTTLS", received.takeText());
                connection.send("go").startTls(tls, TlsRole.SERVER);
            }
        });
        Script client = script();
        client.on(TcpEvent.Opened.class, (connection, opened) -> connection.send("STARTTLS"))
                .on(TcpEvent.Received.class, (connection, received) -> {
                    if (connection.isSecured()) {
                        client.take(connection, received);
                    } else {
                        assertEquals("go", received.buffer().take(2).utf8()); // what follows may be a record
                        connection.startTls(tls, TlsRole.CLIENT);
                        connection.send("question");
                    }
                });
        Acceptor acceptor = listen(server);
        manager().connect(arm.host() + ":" + acceptor.port(), client);
        until("the answer", () -> client.text().equals("answer"));
        inTurn(() -> client.connection().close());
        untilClosed(client);
        untilClosed(server);
    }

    @Test
    void aTapSeesPlaintextAndNothingOfTheHandshake() {
        Watcher watcher = new Watcher();
        observe(watcher);
        conversation();
        assertEquals(
                List.of("ACCEPTED", "<question", ">answer", "INPUT_ENDED", "OUTPUT_ENDED", "CLOSED"),
                inAnyOrderOfEnding(watcher.seen));
    }

    @Test
    void aTapSeesWhatIsSentInClearAndThenPlaintextAgain() {
        Watcher watcher = new Watcher();
        observe(watcher);
        upgraded();
        assertEquals(
                List.of(
                        "ACCEPTED",
                        "<STARTTLS",
                        ">go",
                        "<question",
                        ">answer",
                        "INPUT_ENDED",
                        "OUTPUT_ENDED",
                        "CLOSED"),
                inAnyOrderOfEnding(watcher.seen));
    }

    /** The two directions may end in either order. */
    private static List<String> inAnyOrderOfEnding(List<String> seen) {
        List<String> sorted = new ArrayList<>(seen);
        int output = sorted.indexOf("OUTPUT_ENDED");
        if (output >= 0 && output + 1 < sorted.size() && sorted.get(output + 1).equals("INPUT_ENDED")) {
            sorted.add(output + 1, sorted.remove(output));
        }
        return sorted;
    }

    @Test
    void aHexDumpHoldsPlaintextOnly() {
        StringBuilder dump = new StringBuilder();
        observe(HexDump.to(dump));
        conversation();
        List<String> lines = dump.toString()
                .lines()
                .filter(line -> !line.contains("/conn-"))
                .map(line -> line.substring(line.lastIndexOf("  ") + 2))
                .toList();
        assertEquals(
                List.of("answer", "answer", "question", "question"),
                lines.stream().sorted().toList());
    }

    @Test
    void aPacketCaptureHoldsPlaintextOnlyAlsoAfterStartTls() throws IOException {
        String arms = arm.isVirtual() ? "-virtual" : "-real";
        assertStreams("tls" + arms, this::conversation, "question", "answer");
        assertStreams("start-tls" + arms, this::upgraded, "STARTTLSquestion", "goanswer");
    }

    private void assertStreams(String name, Runnable what, String asked, String answered) throws IOException {
        Path file = Captures.file(name);
        try (PcapWriter writer = PcapWriter.toFile(file, PcapWriter.Limits.DEFAULT)) {
            observe(writer);
            what.run();
            writer.flush();
        }
        List<Stream> streams = Captures.read(file).streams();
        assertEquals(1, streams.size());
        assertArrayEquals(
                asked.getBytes(StandardCharsets.US_ASCII), streams.get(0).fromClient());
        assertArrayEquals(
                answered.getBytes(StandardCharsets.US_ASCII), streams.get(0).fromServer());
    }
}
