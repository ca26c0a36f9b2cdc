package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Acceptor;
import dev.meerkat.ListenOptions;
import dev.meerkat.UdpOptions;
import java.io.IOException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A simulated host has no channels of the system. */
class SimAdoptingTest extends ManagerRules {
    @Override
    Arm openArm() {
        return new SimArm();
    }

    @Test
    void channelsOfTheSystemAreRefused() throws IOException {
        try (SocketChannel stream = SocketChannel.open();
                ServerSocketChannel server = ServerSocketChannel.open();
                DatagramChannel datagrams = DatagramChannel.open()) {
            UnsupportedOperationException thrown = assertThrows(
                    UnsupportedOperationException.class, () -> manager().adopt(stream, script()));
            assertTrue(thrown.getMessage().contains("simulated host"), thrown::getMessage);
            assertThrows(
                    UnsupportedOperationException.class,
                    () -> manager().adopt(server, ListenOptions.DEFAULT, script()));
            datagrams.bind(null);
            assertThrows(
                    UnsupportedOperationException.class,
                    () -> manager().adopt(datagrams, UdpOptions.DEFAULT, new UdpScript()));
            assertEquals(0, manager().udpSockets().size());
            assertTrue(stream.isOpen() && server.isOpen() && datagrams.isOpen());
        }
    }

    @Test
    void nothingIsInheritedSoThatAProgramListensItself() {
        Script script = script();
        Acceptor acceptor = manager()
                .adoptInherited(ListenOptions.DEFAULT, script)
                .orElseGet(() -> manager().listen(arm.listenAddress(), script));
        peer(acceptor);
        until("a connection", script::isOpened);
    }

    @Test
    void thereIsNoChannelToHandOut() {
        Script script = script();
        Acceptor acceptor = listen(script);
        peer(acceptor);
        until("a connection", script::isOpened);
        assertEquals(Optional.empty(), script.connection().channel());
        assertEquals(Optional.empty(), acceptor.channel());
    }
}
