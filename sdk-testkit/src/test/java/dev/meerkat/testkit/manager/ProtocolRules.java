package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Connection;
import dev.meerkat.ErrorHook;
import dev.meerkat.Handler;
import dev.meerkat.Protocol;
import dev.meerkat.event.CloseReason.Initiator;
import dev.meerkat.event.ConnectionError.Kind;
import dev.meerkat.event.Event;
import dev.meerkat.event.ProtocolEvent;
import dev.meerkat.event.ReceiveBuffer;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.runtime.ListenerHandle;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** Protocols that a program brings itself, on top of connections and of each other. */
abstract class ProtocolRules extends ManagerRules {
    /** The events of a protocol of lines. */
    sealed interface LineEvent extends ProtocolEvent {
        record Line(int number, String text) implements LineEvent {}
    }

    /** The events of a protocol on top of it. */
    record Command(String verb) implements ProtocolEvent {}

    private final List<String> released = new ArrayList<>();

    /** Counts the lines of its connection. */
    private final class Lines implements Protocol {
        private int count;

        @Override
        public void onEvent(Connection connection, Event event, Handler above) throws Exception {
            if (!(event instanceof TcpEvent.Received received)) {
                above.onEvent(connection, event);
                return;
            }
            ReceiveBuffer buffer = received.buffer();
            for (int end; connection.isOpen() && (end = buffer.indexOf((byte) '\n')) >= 0; ) {
                String line = buffer.take(end).utf8();
                buffer.discard(1);
                above.onEvent(connection, new LineEvent.Line(++count, line));
            }
        }

        @Override
        public void release() {
            released.add("lines after " + count);
        }
    }

    /** Makes commands of lines. */
    private final class Commands implements Protocol {
        @Override
        public void onEvent(Connection connection, Event event, Handler above) throws Exception {
            if (event instanceof LineEvent.Line line) {
                above.onEvent(connection, new Command(line.text().toUpperCase(Locale.ROOT)));
            }
            above.onEvent(connection, event);
        }

        @Override
        public void release() {
            released.add("commands");
        }
    }

    private static Handler noting(List<String> heard) {
        return (connection, event) -> heard.add(
                event instanceof LineEvent.Line line
                        ? connection.id() + " " + line.number() + " " + line.text()
                        : event instanceof Command command
                                ? command.verb()
                                : event.getClass().getSimpleName());
    }

    private Peer client(Handler handler) {
        return peer(manager().listen(arm.host() + ":0", handler));
    }

    @Test
    void aHandlerHearsOfTheProtocolAndOfTheLayerBelow() {
        List<String> heard = new ArrayList<>();
        Peer peer = client(Protocol.handler(Lines::new, noting(heard)));
        peer.send("one\ntw").send("o\n").shutdownOutput();
        until("Closed", () -> heard.contains("Closed"));
        assertEquals(List.of("Opened", "1 1 one", "1 2 two", "InputClosed", "Closed"), heard);
    }

    @Test
    void eachConnectionHasAStateOfItsOwnAndTheAttachmentIsTheUsers() {
        List<String> heard = new ArrayList<>();
        Handler handler = Protocol.handler(Lines::new, noting(heard));
        Peer one = client(handler);
        Peer other = client(handler);
        until("both", () -> heard.size() == 2);
        one.send("a\nb\n");
        until("two lines", () -> heard.size() == 4);
        other.send("c\n");
        until("the third", () -> heard.size() == 5);
        assertEquals("1", heard.get(4).split(" ")[1], "counted by its own connection");
        List<Connection> both = manager().connections();
        assertNotSame(both.get(0).handler(), both.get(1).handler());
        assertNull(both.get(0).attachment(Object.class));
    }

    @Test
    void protocolsStack() {
        List<String> heard = new ArrayList<>();
        Peer peer = client(Protocol.handler(Lines::new, Protocol.handler(Commands::new, noting(heard))));
        peer.send("quit\n").shutdownOutput();
        until("Closed", () -> heard.contains("Closed"));
        assertEquals(List.of("Opened", "QUIT", "1 1 quit", "InputClosed", "Closed"), heard);
        assertEquals(
                List.of("commands", "lines after 1"), released.stream().sorted().toList());
    }

    @Test
    void itsStateIsReleasedOnceHoweverTheConnectionEnds() {
        List<String> heard = new ArrayList<>();
        Handler handler = Protocol.handler(Lines::new, noting(heard));
        client(handler);
        until("Opened", () -> heard.contains("Opened"));
        assertEquals(List.of(), released);
        manager().connections().get(0).abort();
        until("Closed", () -> heard.contains("Closed"));
        assertEquals(List.of("lines after 0"), released);

        Peer polite = client(handler);
        until("Opened", () -> heard.size() == 3);
        polite.close();
        until("Closed", () -> heard.size() == 5);
        assertEquals(2, released.size());
    }

    @Test
    void itsStateIsReleasedThoughTheHandlerAboveFailsOnClosed() {
        client(Protocol.handler(Lines::new, (connection, event) -> {
            if (event instanceof TcpEvent.Opened) {
                connection.abort();
            } else {
                throw new IllegalStateException("on " + event.getClass().getSimpleName());
            }
        }));
        until("the release", () -> !released.isEmpty());
        assertEquals(ErrorHook.Source.HANDLER, takeFailure().source());
        assertEquals(1, released.size());
    }

    @Test
    void aProtocolThatFailsCostsItsConnection() {
        List<String> heard = new ArrayList<>();
        Kind[] kind = new Kind[1];
        client(Protocol.handler(
                        () -> (connection, event, above) -> {
                            if (event instanceof TcpEvent.Received) {
                                throw new IllegalStateException("no such word");
                            }
                            if (event instanceof TcpEvent.Closed closed) {
                                kind[0] = closed.reason().error().orElseThrow().kind();
                                assertEquals(Initiator.LOCAL, closed.reason().initiator());
                            }
                            above.onEvent(connection, event);
                        },
                        noting(heard)))
                .send("x");
        until("Closed", () -> heard.contains("Closed"));
        assertEquals(Kind.HANDLER_FAILED, kind[0]);
        assertEquals("no such word", takeFailure().thrown().getMessage());
    }

    /** As after the answer to an upgrade: another protocol goes on with the very next byte. */
    @Test
    void aProtocolIsReplacedOnALivingConnectionAndNoByteIsLost() {
        List<String> heard = new ArrayList<>();
        StringBuilder raw = new StringBuilder();
        Handler after = (connection, event) -> {
            if (event instanceof TcpEvent.Received received) {
                raw.append(received.takeText());
            }
        };
        Peer peer = client(Protocol.handler(Lines::new, (connection, event) -> {
            heard.add(event.getClass().getSimpleName());
            if (event instanceof LineEvent.Line line && line.text().equals("raw")) {
                connection.replaceHandler(
                        Protocol.handler(() -> (same, lower, above) -> above.onEvent(same, lower), after));
            }
        }));
        peer.send("one\nraw\n");
        until("the new protocol", () -> released.size() == 1);
        peer.send("rest without end");
        until("the rest", () -> raw.toString().equals("rest without end"));
        assertEquals(List.of("Opened", "Line", "Line"), heard);
        assertEquals(List.of("lines after 2"), released);
        peer.close();
        settle();
        assertEquals(1, released.size());
    }

    @Test
    void whoIsReplacedByItselfIsNotTold() {
        int[] told = new int[1];
        Handler handler = new Handler() {
            @Override
            public void onEvent(Connection connection, Event event) {
                if (event instanceof TcpEvent.Opened) {
                    connection.replaceHandler(this);
                    assertSame(this, connection.handler());
                }
            }

            @Override
            public void onReplaced(Connection connection) {
                told[0]++;
            }
        };
        client(handler);
        until("the connection", () -> manager().connections().size() == 1);
        settle();
        assertEquals(0, told[0]);
        inTurn(() -> manager().connections().get(0).replaceHandler((connection, event) -> {}));
        assertEquals(1, told[0]);
    }

    @Test
    void outboundConnectionsTellTheirFailureThroughIt() {
        List<String> heard = new ArrayList<>();
        ListenerHandle listener = peerListener();
        String address = addressOf(listener);
        manager().connect(address, Protocol.handler(Lines::new, noting(heard)));
        Peer peer = accept(listener);
        peer.send("hello\n");
        until("a line", () -> heard.size() == 2);
        assertEquals("Opened", heard.get(0));
        assertTrue(heard.get(1).endsWith("1 hello"), heard::toString);
        peer.reset();
        until("Closed", () -> heard.contains("Closed"));

        heard.clear();
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        manager().connect(address, Protocol.handler(Lines::new, noting(heard)));
        until("Closed", () -> heard.contains("Closed"));
        assertEquals(List.of("ConnectFailed", "Closed"), heard);
        assertEquals(2, released.size());
    }
}
