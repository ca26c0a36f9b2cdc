package dev.meerkat.internal.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.meerkat.internal.buffer.Allocations;
import dev.meerkat.internal.websocket.FrameDecoder.Role;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** What is made while messages pass: nothing. */
class FrameMemoryTest {
    private static final int ROUNDS = 2000;

    private static void assertSignal(Signal expected, Signal found) {
        if (expected != found) {
            throw new AssertionError(found);
        }
    }

    @Test
    void aMessageAndItsEchoCostNothing() throws ReflectiveOperationException {
        FrameDecoder decoder = new FrameDecoder(Role.SERVER, Wire.LIMIT, false);
        byte[] frame = Wire.masked(0x81, Wire.utf8("ein Text mit Umläuten: ä".repeat(5)));
        ByteBuffer in = ByteBuffer.allocateDirect(frame.length);
        ByteBuffer out = ByteBuffer.allocateDirect(200);
        int head = FrameEncoder.head(Opcode.TEXT, true, false);
        long spent = perRound(() -> {
            in.clear().put(frame).flip();
            assertSignal(Signal.MESSAGE, decoder.decode(in));
            out.clear();
            FrameEncoder.header(head, decoder.payloadLength(), out);
            out.put(out.position(), in, decoder.payloadStart(), decoder.payloadLength());
            assertSignal(Signal.NEED_DATA, decoder.decode(in));
        });
        assertEquals(0, spent);
    }

    @Test
    void fragmentsAndControlFramesCostNothing() throws ReflectiveOperationException {
        FrameDecoder decoder = new FrameDecoder(Role.SERVER, Wire.LIMIT, false);
        byte[] frames = Wire.concat(
                Wire.masked(0x01, Wire.utf8("日本")), Wire.masked(0x89, new byte[9]), Wire.masked(0x80, new byte[9]));
        ByteBuffer in = ByteBuffer.allocate(frames.length);
        long spent = perRound(() -> {
            in.clear().put(frames).flip();
            assertSignal(Signal.FRAME, decoder.decode(in));
            assertSignal(Signal.PAYLOAD, decoder.decode(in));
            assertSignal(Signal.FRAME_END, decoder.decode(in));
            assertSignal(Signal.PING, decoder.decode(in));
            assertSignal(Signal.FRAME, decoder.decode(in));
            assertSignal(Signal.PAYLOAD, decoder.decode(in));
            assertSignal(Signal.FRAME_END, decoder.decode(in));
        });
        assertEquals(0, spent);
    }

    @Test
    void aMaskedFrameCostsNothing() throws ReflectiveOperationException {
        ByteBuffer payload = ByteBuffer.allocateDirect(125);
        ByteBuffer out = ByteBuffer.allocate(200);
        int head = FrameEncoder.head(Opcode.BINARY, true, false);
        assertEquals(0, perRound(() -> FrameEncoder.maskedFrame(head, payload, Wire.KEY, out.clear())));
    }

    /** The least of several runs, since whatever else the thread does comes on top. */
    private static long perRound(Runnable round) throws ReflectiveOperationException {
        long least = Long.MAX_VALUE;
        for (int run = 0; run < 5; run++) {
            long before = Allocations.ofThisThread();
            for (int i = 0; i < ROUNDS; i++) {
                round.run();
            }
            least = Math.min(least, (Allocations.ofThisThread() - before) / ROUNDS);
        }
        return least;
    }
}
