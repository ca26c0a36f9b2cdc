package dev.meerkat.testkit.websocket;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.testkit.FakeClock;
import dev.meerkat.testkit.StreamEnd;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The fuzzing end of a case: it plays the client against our server, or the server against our client, after the
 * handshake. What it expects is strict: exactly these frames, this code, and a connection that ends in good order.
 */
final class AutobahnPeer {
    private static final Duration A_SECOND = Duration.ofSeconds(1);

    private static final int STEP = 0x01234567;

    private final FakeClock clock;
    private final Duration hop;
    private final StreamEnd end;
    private final FrameReader reader;
    private final boolean client;
    private final @Nullable DeflateEnd deflate;
    private int key = 0x9E3779B9;

    /**
     * Takes over after the handshake.
     *
     * @param clock whose time passes
     * @param hop how long bytes are under way
     * @param end whose handshake is done
     * @param client whether it plays the client
     * @param deflate if compression was agreed on
     */
    AutobahnPeer(FakeClock clock, Duration hop, StreamEnd end, boolean client, @Nullable DeflateEnd deflate) {
        this.clock = clock;
        this.hop = hop;
        this.end = end;
        this.reader = new FrameReader(end);
        this.client = client;
        this.deflate = deflate;
    }

    // ---- saying

    /** Sends frames in one write. */
    AutobahnPeer send(WireFrame... frames) {
        return chopped(Integer.MAX_VALUE, frames);
    }

    /** Sends frames, each in a write of its own that arrives before the next is sent. */
    AutobahnPeer sendEach(WireFrame... frames) {
        for (WireFrame frame : frames) {
            end.send(wire(frame));
            settle();
        }
        return this;
    }

    /** Sends frames in writes of so many bytes, each arriving before the next is sent. */
    AutobahnPeer chopped(int size, WireFrame... frames) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (WireFrame frame : frames) {
            all.writeBytes(wire(frame));
        }
        byte[] bytes = all.toByteArray();
        for (int from = 0; from < bytes.length; from += Math.min(size, bytes.length - from)) {
            end.send(Arrays.copyOfRange(bytes, from, from + Math.min(size, bytes.length - from)));
            if (size < bytes.length) {
                settle();
            }
        }
        return this;
    }

    /** Sends a part of a frame: the head with the beginning of the payload, or a later part. */
    AutobahnPeer sendPart(WireFrame frame, int from, int to) {
        byte[] bytes = wire(frame);
        int head = bytes.length - frame.payload().length();
        end.send(Arrays.copyOfRange(bytes, from == 0 ? 0 : head + from, head + to));
        key -= STEP; // the parts of one frame have one key
        return this;
    }

    private byte[] wire(WireFrame frame) {
        if (!client) {
            return frame.bytes();
        }
        key += STEP;
        return frame.masked(key).bytes();
    }

    /** Sends a message, compressed if that was agreed on, in frames of so many bytes; 0 for one frame. */
    AutobahnPeer sendMessage(int opcode, byte[] payload, int fragment) {
        byte[] data = deflate == null ? payload : deflate.compress(payload);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        int from = 0;
        do {
            int to = fragment == 0 ? data.length : Math.min(data.length, from + fragment);
            WireFrame frame =
                    WireFrame.of(from == 0 ? opcode : WireFrame.CONTINUATION, Arrays.copyOfRange(data, from, to));
            frame = from == 0 && deflate != null ? frame.reserved(4) : frame;
            all.writeBytes(wire(to < data.length ? frame.notFinal() : frame));
            from = to;
        } while (from < data.length);
        end.send(all.toByteArray());
        return this;
    }

    private void settle() {
        clock.advance(hop);
    }

    // ---- expecting

    /** A second passes in which nothing comes and nothing ends. */
    AutobahnPeer staysOpen() {
        end.expectNothingFor(A_SECOND);
        return this;
    }

    AutobahnPeer expectText(String text) {
        return expectMessage(WireFrame.TEXT, text.getBytes(StandardCharsets.UTF_8));
    }

    AutobahnPeer expectMessage(int opcode, byte[] payload) {
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        WireFrame frame = frame();
        assertEquals(opcode, frame.opcode(), () -> "expected a message of opcode " + opcode);
        boolean compressed = frame.reserved() == 4 && deflate != null;
        assertEquals(compressed ? 4 : 0, frame.reserved(), "reserved bits");
        whole.writeBytes(frame.payload().toByteArray());
        while (!frame.fin()) {
            frame = frame();
            assertEquals(WireFrame.CONTINUATION, frame.opcode());
            assertEquals(0, frame.reserved());
            whole.writeBytes(frame.payload().toByteArray());
        }
        byte[] found = whole.toByteArray();
        if (compressed && deflate != null) {
            found = deflate.decompress(found);
        }
        assertArrayEquals(payload, found);
        return this;
    }

    AutobahnPeer expectPong(byte... payload) {
        WireFrame frame = frame();
        assertEquals(WireFrame.PONG, frame.opcode(), () -> "expected a pong, found " + frame);
        assertTrue(frame.fin());
        assertArrayEquals(payload, frame.payload().toByteArray());
        return this;
    }

    AutobahnPeer expectPong(String payload) {
        return expectPong(payload.getBytes(StandardCharsets.UTF_8));
    }

    private WireFrame frame() {
        WireFrame frame = reader.next();
        assertEquals(!client, frame.mask().isPresent(), () -> "masked by clients and by nobody else: " + frame);
        return frame;
    }

    // ---- endings

    /** Both are content: we close with 1000, and the peer answers with the same. */
    void closes() {
        end.expectNothing();
        send(WireFrame.close(1000));
        answered(1000);
    }

    /** After our close frame: it is answered with one of these codes, 1005 being none, and nothing else comes. */
    void answered(Integer... codes) {
        WireFrame frame = frame();
        assertEquals(WireFrame.CLOSE, frame.opcode(), () -> "expected a close frame, found " + frame);
        assertTrue(List.of(codes).contains(frame.closeCode()), () -> "expected " + List.of(codes) + ", found " + frame);
        ends();
    }

    /** The peer has caught us: it closes with this code at once, and what we sent behind is not answered. */
    void fails(int code) {
        WireFrame frame = frame();
        assertEquals(WireFrame.CLOSE, frame.opcode(), () -> "expected a close frame, found " + frame);
        assertEquals(code, frame.closeCode(), frame::toString);
        if (client) {
            send(WireFrame.close(code));
        } else {
            end.send(WireFrame.close(code).bytes());
        }
        ends();
    }

    /** The server ends the connection first (RFC 6455 §7.1.1). */
    private void ends() {
        if (!client) {
            end.closeOutput();
        }
        end.expectEnd();
    }
}
