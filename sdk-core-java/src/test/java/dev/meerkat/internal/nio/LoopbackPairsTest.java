package dev.meerkat.internal.nio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.ConnectedPair;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LoopbackPairsTest {
    private final List<SocketChannel> strangers = new ArrayList<>();

    @AfterEach
    void closeStrangers() throws IOException {
        for (SocketChannel each : strangers) {
            each.close();
        }
    }

    private LoopbackPairs.Stranger connecting(int count) {
        return address -> {
            for (int i = 0; i < count; i++) {
                SocketChannel stranger = SocketChannel.open(address);
                stranger.write(bytes("let me in"));
                strangers.add(stranger);
            }
        };
    }

    private static LoopbackPairs.Stranger sending(int count) {
        return address -> {
            try (DatagramChannel stranger = DatagramChannel.open()) {
                for (int i = 0; i < count; i++) {
                    stranger.send(bytes("let me in " + i), address);
                }
            }
        };
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static String text(ByteBuffer bytes) {
        return new String(bytes.array(), 0, bytes.position(), StandardCharsets.US_ASCII);
    }

    private static String read(SocketChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(100);
        channel.read(bytes);
        return text(bytes);
    }

    private static String read(DatagramChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(100);
        channel.read(bytes);
        return text(bytes);
    }

    @Test
    void streamsAreConnectedToEachOther() throws IOException {
        ConnectedPair<SocketChannel> pair = ConnectedPair.stream();
        assertTrue(pair.first().isBlocking() && pair.second().isBlocking());
        assertTrue(((InetSocketAddress) pair.first().getLocalAddress())
                .getAddress()
                .isLoopbackAddress());
        pair.first().write(bytes("there"));
        assertEquals("there", read(pair.second()));
        pair.second().write(bytes("back"));
        assertEquals("back", read(pair.first()));
        pair.close();
        assertFalse(pair.first().isOpen() || pair.second().isOpen());
    }

    @Test
    void datagramsAreConnectedToEachOther() throws IOException {
        try (ConnectedPair<DatagramChannel> pair = ConnectedPair.datagram()) {
            assertTrue(pair.first().isBlocking() && pair.second().isBlocking());
            pair.first().write(bytes("there"));
            pair.first().write(bytes("again"));
            assertEquals("there", read(pair.second()));
            assertEquals("again", read(pair.second()));
            pair.second().write(bytes("back"));
            assertEquals("back", read(pair.first()));
        }
    }

    @Test
    void aStrangerWhoConnectsFirstIsThrownOut() throws IOException {
        SocketChannel[] pair = LoopbackPairs.stream(connecting(LoopbackPairs.MAX_STRANGERS));
        try (SocketChannel near = pair[0];
                SocketChannel far = pair[1]) {
            assertEquals(near.getLocalAddress(), far.getRemoteAddress());
            assertEquals(far.getLocalAddress(), near.getRemoteAddress());
            near.write(bytes("there"));
            assertEquals("there", read(far));
        }
        ByteBuffer nothing = ByteBuffer.allocate(1);
        try {
            assertEquals(-1, strangers.get(0).read(nothing));
        } catch (SocketException reset) {
            assertEquals("Connection reset", reset.getMessage());
        }
    }

    @Test
    void tooManyStrangersAreTooMany() {
        IOException thrown = assertThrows(
                IOException.class, () -> LoopbackPairs.stream(connecting(LoopbackPairs.MAX_STRANGERS + 1)));
        assertEquals("more than 64 strangers connected in between", thrown.getMessage());
    }

    @Test
    void whatAStrangerSendsIsThrownAway() throws IOException {
        DatagramChannel[] pair = LoopbackPairs.datagram(sending(LoopbackPairs.MAX_STRANGERS));
        try (DatagramChannel near = pair[0];
                DatagramChannel far = pair[1]) {
            near.write(bytes("there"));
            assertEquals("there", read(far));
            far.write(bytes("back"));
            assertEquals("back", read(near));
        }
    }

    @Test
    void aStrangerIsNotHeardLater() throws IOException {
        List<SocketAddress> addresses = new ArrayList<>();
        DatagramChannel[] pair = LoopbackPairs.datagram(addresses::add);
        try (DatagramChannel near = pair[0];
                DatagramChannel far = pair[1]) {
            for (SocketAddress each : addresses) {
                sending(3).meets(each);
            }
            near.write(bytes("there"));
            assertEquals("there", read(far));
            far.write(bytes("back"));
            assertEquals("back", read(near));
        }
    }

    /** The JDK throws away most of what came before the ends were connected, but does not promise it. */
    @Test
    void whatIsStillThereWhenTheEndsMeetIsThrownAway() throws IOException {
        try (ConnectedPair<DatagramChannel> pair = ConnectedPair.datagram()) {
            for (int i = 0; i < LoopbackPairs.MAX_STRANGERS; i++) {
                pair.first().write(bytes("let me in " + i));
            }
            LoopbackPairs.meet(pair.first(), pair.second());
            pair.first().write(bytes("there"));
            assertEquals("there", read(pair.second()));
        }
    }

    @Test
    void tooManyDatagramsAreTooMany() throws IOException {
        try (ConnectedPair<DatagramChannel> pair = ConnectedPair.datagram()) {
            for (int i = 0; i <= LoopbackPairs.MAX_STRANGERS; i++) {
                pair.first().write(bytes("let me in " + i));
            }
            IOException thrown = assertThrows(IOException.class, () -> LoopbackPairs.meet(pair.first(), pair.second()));
            assertEquals("more than 64 datagrams of strangers came in between", thrown.getMessage());
        }
    }
}
