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
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.UnknownHostException;
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

    @Test
    void emptyDatagramIsDeliveredToAPeer() throws IOException {
        DatagramHandle server = server();
        DatagramHandle client = client();
        client.connect(server.localAddress());
        InetSocketAddress before = (InetSocketAddress) client.localAddress();
        client.write(bytes("one"));
        client.write(ByteBuffer.allocate(0));
        client.write(bytes("two"));
        receive(server, "one");
        receive(server, "");
        receive(server, "two");
        assertEquals(before.getPort(), ((InetSocketAddress) client.localAddress()).getPort());
        DatagramHandle stranger = client();
        stranger.send(bytes("psst"), client.localAddress());
        server.send(bytes("answer"), client.localAddress());
        receive(client, "answer");
    }

    @Test
    void groupsAndBroadcastAreOfferedOrRefusedAsTheCapabilitiesSay() throws IOException {
        DatagramHandle server = server();
        if (can(Capability.MULTICAST)) {
            assertDoesNotThrow(() -> server.multicastTtl(2));
            assertDoesNotThrow(() -> server.multicastLoopback(false));
            assertDoesNotThrow(() -> server.broadcast(true));
        } else {
            assertThrows(UnsupportedOperationException.class, () -> server.join(GROUP, "lo"));
            assertThrows(UnsupportedOperationException.class, () -> server.broadcast(true));
        }
    }

    @Test
    void membersOfAGroupReceiveWhatIsSentToItUntilTheyLeave() throws IOException {
        DatagramHandle member = member();
        DatagramHandle sender = multicaster();
        InetSocketAddress target = new InetSocketAddress(GROUP, port(member));
        sender.send(bytes("before"), target);
        settle();
        assertNull(member.receive(ByteBuffer.allocate(10)), "not yet a member");

        member.join(GROUP, "lo");
        member.join(GROUP, "lo");
        sender.send(bytes("hello"), target);
        receive(member, "hello");

        member.leave(GROUP, "lo");
        member.leave(GROUP, "lo");
        sender.send(bytes("after"), target);
        settle();
        assertNull(member.receive(ByteBuffer.allocate(10)), "no longer a member");
    }

    @Test
    void everyMemberOnAPortThatIsSharedReceives() throws IOException {
        assumeTrue(can(Capability.REUSE_PORT));
        DatagramHandle one = member();
        SocketOptions shared = new SocketOptions(true, true, 0, 0, 1, false, true);
        DatagramHandle two = arena.server().datagram(new InetSocketAddress(port(one)), shared);
        one.join(GROUP, "lo");
        two.join(GROUP, "lo");
        multicaster().send(bytes("hello"), new InetSocketAddress(GROUP, port(one)));
        receive(one, "hello");
        receive(two, "hello");
    }

    @Test
    void loopbackInterfaceBringsBackWhatLeavesByItWhateverTheOption() throws IOException {
        DatagramHandle member = member();
        member.join(GROUP, "lo");
        DatagramHandle sender = multicaster();
        sender.multicastLoopback(false);
        sender.send(bytes("hello"), new InetSocketAddress(GROUP, port(member)));
        receive(member, "hello");
    }

    @Test
    void interfaceThatIsNotThereCannotBeJoinedOn() throws IOException {
        DatagramHandle member = member();
        SocketException failure = assertThrows(SocketException.class, () -> member.join(GROUP, "nosuch0"));
        assertEquals("No such interface: nosuch0", failure.getMessage());
        assertThrows(SocketException.class, () -> member.multicastInterface("nosuch0"));
    }

    @Test
    void broadcastHasToBeAllowed() throws IOException {
        DatagramHandle receiver = member();
        DatagramHandle sender = arena.server().datagram(arena.serverAddress(0), SocketOptions.DEFAULT);
        InetSocketAddress everybody = new InetSocketAddress(address(127, 255, 255, 255), port(receiver));
        SocketException failure = assertThrows(SocketException.class, () -> sender.send(bytes("hello"), everybody));
        assertTrue(String.valueOf(failure.getMessage()).startsWith("Permission denied"), failure::toString);
        sender.broadcast(true);
        sender.send(bytes("hello"), everybody);
        receive(receiver, "hello");
        sender.broadcast(false);
        assertThrows(SocketException.class, () -> sender.send(bytes("hello"), everybody));
    }

    /** RFC 2365: for use within a site. */
    private static final InetAddress GROUP = address(239, 255, 77, 1);

    private static InetAddress address(int... octets) {
        byte[] bytes = new byte[octets.length];
        for (int i = 0; i < octets.length; i++) {
            bytes[i] = (byte) octets[i];
        }
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    /** Bound to every interface, as who wants to hear a group must be. */
    private DatagramHandle member() throws IOException {
        assumeTrue(can(Capability.MULTICAST));
        SocketOptions shared = can(Capability.REUSE_PORT)
                ? new SocketOptions(true, true, 0, 0, 1, false, true)
                : SocketOptions.DEFAULT;
        return arena.server().datagram(new InetSocketAddress(0), shared);
    }

    private DatagramHandle multicaster() throws IOException {
        DatagramHandle sender = arena.server().datagram(arena.serverAddress(0), SocketOptions.DEFAULT);
        sender.multicastInterface("lo");
        return sender;
    }

    private static int port(DatagramHandle handle) throws IOException {
        return ((InetSocketAddress) handle.localAddress()).getPort();
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
