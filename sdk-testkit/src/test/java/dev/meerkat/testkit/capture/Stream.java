package dev.meerkat.testkit.capture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** One TCP connection of a capture, put together again. */
public final class Stream {
    private static final int FIN = 1;
    private static final int SYN = 2;
    private static final int RST = 4;
    private static final int ACK = 16;

    private static final class Side {
        final String address;
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int next;
        boolean begun;
        boolean finished;

        Side(String address) {
            this.address = address;
        }
    }

    private final Side client;
    private final Side server;
    private final List<String> flags = new ArrayList<>();
    private boolean reset;

    Stream(String client, String server) {
        this.client = new Side(client);
        this.server = new Side(server);
    }

    /** Who connected. */
    public String client() {
        return client.address;
    }

    public String server() {
        return server.address;
    }

    public byte[] fromClient() {
        return client.bytes.toByteArray();
    }

    public byte[] fromServer() {
        return server.bytes.toByteArray();
    }

    /** The segments without data, as for instance {@code "> SYN"}; plain acknowledgements are left out. */
    public List<String> marks() {
        return flags;
    }

    boolean mayBeFollowed(int bits) {
        return bits == SYN && (reset || client.finished && server.finished);
    }

    void segment(String sender, ByteBuffer segment) {
        Side from = sender.equals(client.address) ? client : server;
        Side to = from == client ? server : client;
        int seq = segment.getInt(4);
        int ack = segment.getInt(8);
        int header = (segment.get(12) >> 4 & 0xF) * 4;
        int bits = segment.get(13);
        int length = segment.remaining() - header;
        assertFalse(reset, "nothing comes after a reset");
        if ((bits & SYN) != 0) {
            assertFalse(from.begun, "one SYN from each side");
            assertEquals(from == server, (bits & ACK) != 0, "the server's SYN acknowledges");
            from.begun = true;
            from.next = seq;
            flags.add((from == client ? ">" : "<") + " SYN");
        } else {
            assertTrue(client.begun && (server.begun || (bits & RST) != 0), "first the handshake");
        }
        if ((bits & RST) == 0 || from.begun) {
            assertEquals(from.next, seq, "neither gap nor repetition");
        }
        if ((bits & ACK) != 0) {
            assertTrue(ack - to.next <= 0, "acknowledges no more than there was");
        }
        assertTrue(length <= 1460, "segment of an Ethernet's size");
        assertTrue(length == 0 || !from.finished, "no data after the end");
        for (int i = header; i < segment.remaining(); i++) {
            from.bytes.write(segment.get(i));
        }
        from.next += length + ((bits & (SYN | FIN)) != 0 ? 1 : 0);
        if ((bits & FIN) != 0) {
            assertFalse(from.finished, "one end from each side");
            from.finished = true;
            flags.add((from == client ? ">" : "<") + " FIN");
        }
        if ((bits & RST) != 0) {
            reset = true;
            flags.add((from == client ? ">" : "<") + " RST");
        }
    }
}
