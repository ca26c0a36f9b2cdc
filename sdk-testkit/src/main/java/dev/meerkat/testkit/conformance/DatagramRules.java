package dev.meerkat.testkit.conformance;

import static dev.meerkat.runtime.Handle.READ;
import static dev.meerkat.runtime.Handle.WRITE;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.meerkat.runtime.DatagramHandle;
import dev.meerkat.runtime.SocketOptions;
import dev.meerkat.runtime.Transport.Capability;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import org.junit.jupiter.api.Test;

/** What datagram sockets do. */
abstract class DatagramRules extends Rules {
    @Test
    void datagramsAreOfferedOrRefusedAsTheCapabilitiesSay() throws IOException {
        if (can(Capability.DATAGRAM)) {
            assertTrue(server().isOpen());
        } else {
            assertThrows(
                    UnsupportedOperationException.class,
                    () -> arena.server().datagram(arena.serverAddress(0), SocketOptions.DEFAULT));
        }
    }

    @Test
    void datagramsKeepTheirBoundariesAndTellTheirSender() throws IOException {
        DatagramHandle server = server();
        DatagramHandle client = client();
        assertEquals(3, client.send(bytes("one"), server.localAddress()));
        assertEquals(5, client.send(bytes("three"), server.localAddress()));
        assertEquals(client.localAddress(), receive(server, "one"));
        assertEquals(client.localAddress(), receive(server, "three"));

        assertEquals(6, server.send(bytes("answer"), client.localAddress()));
        assertEquals(server.localAddress(), receive(client, "answer"));
    }

    @Test
    void socketWithNothingToReceiveIsOnlyWritable() throws IOException {
        DatagramHandle server = server();
        assertEquals(WRITE, readinessOf(server, READ | WRITE));
        assertNull(server.receive(ByteBuffer.allocate(10)));
    }

    @Test
    void datagramThatWaitsIsReportedUntilReceived() throws IOException {
        DatagramHandle server = server();
        client().send(bytes("hello"), server.localAddress());
        awaitReady(server, READ);
        assertEquals(READ, readinessOf(server, READ));
        receive(server, "hello");
        assertEquals(0, readinessOf(server, READ));
    }

    @Test // P13
    void whatDoesNotFitIsLost() throws IOException {
        DatagramHandle server = server();
        DatagramHandle client = client();
        client.send(ByteBuffer.allocate(100), server.localAddress());
        awaitReady(server, READ);
        ByteBuffer target = ByteBuffer.allocate(10);
        assertEquals(client.localAddress(), server.receive(target));
        assertEquals(10, target.position());
        settle();
        assertNull(server.receive(target.clear()));
    }

    @Test // P13
    void emptyDatagramIsDelivered() throws IOException {
        DatagramHandle server = server();
        DatagramHandle client = client();
        assertEquals(0, client.send(ByteBuffer.allocate(0), server.localAddress()));
        awaitReady(server, READ);
        ByteBuffer target = ByteBuffer.allocate(10);
        assertEquals(client.localAddress(), server.receive(target));
        assertEquals(0, target.position());
    }

    @Test // P13
    void largestDatagramPassesAndOneByteMoreDoesNot() throws IOException {
        DatagramHandle server = server();
        DatagramHandle client = client();
        int max = DatagramHandle.MAX_PAYLOAD_BYTES;
        assertEquals(max, client.send(ByteBuffer.allocate(max), server.localAddress()));
        awaitReady(server, READ);
        ByteBuffer target = ByteBuffer.allocate(max + 1);
        server.receive(target);
        assertEquals(max, target.position());

        SocketException failure = assertThrows(
                SocketException.class, () -> client.send(ByteBuffer.allocate(max + 1), server.localAddress()));
        assertEquals("Message too long", failure.getMessage());
    }

    @Test // P14
    void connectedSocketLearnsThatThePortIsClosed() throws IOException {
        DatagramHandle server = server();
        SocketAddress address = server.localAddress();
        server.close();
        DatagramHandle client = client();
        client.connect(address);
        assertEquals(5, client.write(bytes("hello")));
        IOException failure = awaitFailure("the unreachable port", () -> client.read(ByteBuffer.allocate(10)) < 0);
        assertEquals(PortUnreachableException.class, failure.getClass());
        assertEquals(5, client.write(bytes("hello")));
    }

    @Test
    void connectedSocketHearsOnlyItsPeer() throws IOException {
        DatagramHandle server = server();
        DatagramHandle client = client();
        DatagramHandle stranger = client();
        client.connect(server.localAddress());
        stranger.send(bytes("psst"), client.localAddress());
        client.write(bytes("question"));
        receive(server, "question");
        server.send(bytes("answer"), client.localAddress());
        ByteBuffer target = ByteBuffer.allocate(100);
        await("the answer", () -> client.read(target) > 0);
        assertEquals(6, target.position());
        assertEquals(0, client.read(target));
    }

    @Test // P16
    void portInUseCannotBeBound() throws IOException {
        InetSocketAddress taken = (InetSocketAddress) server().localAddress();
        assertTrue(taken.getPort() > 0);
        assertThrows(BindException.class, () -> arena.server().datagram(taken, SocketOptions.DEFAULT));
    }

    @Test // P15
    void useAfterOwnCloseFails() throws IOException {
        DatagramHandle server = server();
        SocketAddress address = server.localAddress();
        assertTrue(server.isOpen());
        server.close();
        assertFalse(server.isOpen());
        assertThrows(ClosedChannelException.class, () -> server.receive(ByteBuffer.allocate(10)));
        assertThrows(ClosedChannelException.class, () -> server.send(bytes("hello"), address));
        assertThrows(ClosedChannelException.class, () -> server.connect(address));
        assertThrows(ClosedChannelException.class, server::localAddress);
        assertDoesNotThrow(server::close);
        assertDoesNotThrow(() -> server.interest(READ));
        assertDoesNotThrow(() -> arena.server().datagram(address, SocketOptions.DEFAULT), "its port is free at once");
    }

    private DatagramHandle server() throws IOException {
        assumeTrue(can(Capability.DATAGRAM));
        return arena.server().datagram(arena.serverAddress(0), SocketOptions.DEFAULT);
    }

    private DatagramHandle client() throws IOException {
        assumeTrue(can(Capability.DATAGRAM));
        return arena.client().datagram(arena.clientAddress(0), SocketOptions.DEFAULT);
    }

    /** Receives one datagram with exactly this text and returns its sender. */
    private SocketAddress receive(DatagramHandle at, String text) throws IOException {
        ByteBuffer target = ByteBuffer.allocate(1_024);
        SocketAddress[] sender = new SocketAddress[1];
        await("the datagram " + text, () -> {
            sender[0] = at.receive(target);
            return sender[0] != null;
        });
        assertEquals(bytes(text), target.flip());
        return sender[0];
    }
}
