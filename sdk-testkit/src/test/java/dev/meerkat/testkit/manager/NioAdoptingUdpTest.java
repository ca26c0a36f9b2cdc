package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.ConnectionLimitException;
import dev.meerkat.ConnectionState;
import dev.meerkat.ManagerClosedException;
import dev.meerkat.NotAdoptableException;
import dev.meerkat.UdpOptions;
import dev.meerkat.UdpSocket;
import dev.meerkat.event.ConnectionError;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Datagram channels that others have made. */
class NioAdoptingUdpTest extends ManagerRules {
    private final List<DatagramChannel> mine = new ArrayList<>();

    @Override
    Arm openArm() {
        return new NioArm();
    }

    @AfterEach
    void closeMine() throws IOException {
        for (DatagramChannel each : mine) {
            each.close();
        }
    }

    private DatagramChannel unbound() throws IOException {
        DatagramChannel channel = DatagramChannel.open();
        mine.add(channel);
        return channel;
    }

    private DatagramChannel bound() throws IOException {
        return unbound().bind(new InetSocketAddress("127.0.0.1", 0));
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String receive(DatagramChannel channel) throws IOException {
        ByteBuffer target = ByteBuffer.allocate(100);
        channel.receive(target);
        return StandardCharsets.UTF_8.decode(target.flip()).toString();
    }

    private UdpSocket adopt(DatagramChannel channel, UdpScript script) {
        return manager().adopt(channel, UdpOptions.DEFAULT, script);
    }

    @Test
    void aBoundChannelBecomesASocketThatSendsToAnybody() throws IOException {
        for (boolean blocking : new boolean[] {true, false}) {
            DatagramChannel theirs = bound();
            DatagramChannel other = bound();
            other.send(bytes("early"), theirs.getLocalAddress());
            theirs.configureBlocking(blocking);
            UdpScript script = new UdpScript();
            UdpSocket socket = adopt(theirs, script);
            assertEquals(List.of(), script.kinds(), "no event precedes the return");
            assertEquals(ConnectionState.CONNECTING, socket.state());
            assertEquals(Optional.empty(), socket.remoteAddress());
            assertEquals(theirs.getLocalAddress(), socket.localAddress());
            until("what had arrived before", () -> script.texts().equals(List.of("early")));
            assertEquals(List.of("Opened", "Received"), script.kinds());
            assertEquals(other.getLocalAddress(), script.datagrams.get(0).sender());
            assertFalse(theirs.isBlocking());
            assertEquals(Optional.of(theirs), socket.channel());
            socket.sendTo((InetSocketAddress) other.getLocalAddress(), bytes("answer"));
            assertEquals("answer", receive(other));
            socket.close();
            until("Closed", script::isClosed);
            assertFalse(theirs.isOpen(), "it was the manager's");
            assertEquals(List.of(), script.violations());
        }
    }

    @Test
    void aConnectedChannelBecomesASocketWithAPeer() throws IOException {
        DatagramChannel peer = bound();
        DatagramChannel theirs = bound().connect(peer.getLocalAddress());
        UdpScript script = new UdpScript();
        UdpSocket socket = adopt(theirs, script);
        assertEquals(Optional.of(peer.getLocalAddress()), socket.remoteAddress());
        until("Opened", script::isOpened);
        socket.send(bytes("hello"));
        assertEquals("hello", receive(peer));
        InetSocketAddress elsewhere = (InetSocketAddress) bound().getLocalAddress();
        assertThrows(IllegalStateException.class, () -> socket.sendTo(elsewhere, bytes("x")));
        peer.send(bytes("and back"), theirs.getLocalAddress());
        until("the answer", () -> script.texts().equals(List.of("and back")));
        manager().close();
        assertFalse(theirs.isOpen(), "a manager that closes closes what it adopted");
    }

    @Test
    void aConnectedChannelMayBeClosedBeforeItIsTold() throws IOException {
        DatagramChannel theirs = bound().connect(bound().getLocalAddress());
        UdpScript script = new UdpScript();
        adopt(theirs, script).close();
        until("Closed", script::isClosed);
        assertEquals(List.of("ConnectFailed", "Closed"), script.kinds());
        assertEquals(ConnectionError.Kind.CANCELLED, script.errorKind());
        assertFalse(theirs.isOpen());
    }

    private void refused(String why, DatagramChannel channel) {
        boolean open = channel.isOpen();
        boolean blocking = channel.isBlocking();
        NotAdoptableException thrown = assertThrows(NotAdoptableException.class, () -> adopt(channel, new UdpScript()));
        assertTrue(thrown.getMessage().contains(why), thrown::getMessage);
        assertEquals(open, channel.isOpen());
        assertEquals(blocking, channel.isBlocking());
        assertEquals(0, manager().udpSockets().size());
    }

    @Test
    void aChannelThatIsClosedOrNotBoundIsRefused() throws IOException {
        DatagramChannel closed = bound();
        closed.close();
        refused("closed", closed);
        refused("not bound", unbound());
    }

    @Test
    void aChannelThatIsRegisteredElsewhereIsRefused() throws IOException {
        DatagramChannel theirs = bound();
        try (Selector selector = Selector.open()) {
            theirs.configureBlocking(false);
            theirs.register(selector, SelectionKey.OP_READ);
            refused("registered", theirs);
        }
        UdpScript script = new UdpScript();
        adopt(theirs, script);
        until("it to be free", script::isOpened);
        assertThrows(NotAdoptableException.class, () -> adopt(theirs, new UdpScript()), "it is adopted already");
    }

    @Test
    void aManagerWithoutRoomOrClosedAdoptsNothing() throws IOException {
        use(options -> options.maxConnections(1));
        adopt(bound(), new UdpScript());
        DatagramChannel second = bound();
        assertThrows(ConnectionLimitException.class, () -> adopt(second, new UdpScript()));
        manager().close();
        assertThrows(ManagerClosedException.class, () -> adopt(second, new UdpScript()));
        assertTrue(second.isOpen() && second.isBlocking());
    }
}
