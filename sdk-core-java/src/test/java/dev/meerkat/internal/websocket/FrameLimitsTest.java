package dev.meerkat.internal.websocket;

import static dev.meerkat.internal.websocket.Wire.concat;
import static dev.meerkat.internal.websocket.Wire.hex;
import static dev.meerkat.internal.websocket.Wire.masked;
import static dev.meerkat.internal.websocket.Wire.plain;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.meerkat.internal.websocket.FrameDecoder.Role;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What just fits and what just does not. */
class FrameLimitsTest {
    private static FrameDecoder client(long limit, boolean compression) {
        return new FrameDecoder(Role.CLIENT, limit, compression);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 125, 126, 127, 0xffff, 0x10000, 0x10001})
    void aMessageOfTheLimitIsTakenAndALongerOneIsNot(int limit) {
        assertEquals(
                1, Wire.read(client(limit, false), plain(0x82, new byte[limit])).size());
        int place = limit + 1 <= 125 ? 1 : 2;
        assertEquals(
                List.of("failed MESSAGE_TOO_LONG at " + place),
                Wire.read(client(limit, false), plain(0x82, new byte[limit + 1])));
        assertEquals(
                List.of("failed MESSAGE_TOO_LONG at " + place),
                Wire.read(new FrameDecoder(Role.SERVER, limit, false), masked(0x82, new byte[limit + 1])));
    }

    @Test
    void theFramesOfAMessageCountTogether() {
        byte[] fits = concat(plain(0x02, new byte[60]), plain(0x89, new byte[20]), plain(0, new byte[0]));
        assertEquals(
                "binary",
                Wire.read(client(100, false), concat(fits, plain(0x80, new byte[40])))
                        .get(1)
                        .substring(0, 6));
        List<String> log = Wire.read(client(100, false), concat(fits, plain(0x80, new byte[41])));
        assertEquals("failed MESSAGE_TOO_LONG at " + (fits.length + 1), log.get(1));
        Wire.check(log, Role.CLIENT, 100, false, concat(fits, plain(0x80, new byte[41])));
    }

    @Test
    void theNextMessageCountsAnew() {
        byte[] one = concat(plain(0x02, new byte[60]), plain(0x80, new byte[40]), plain(0x82, new byte[100]));
        assertEquals(4, Wire.read(client(100, false), concat(one, one)).size());
    }

    @Test
    void aLimitThatIsSetAnewHoldsFromTheNextFrameOn() {
        FrameDecoder decoder = client(10, false);
        ByteBuffer in =
                ByteBuffer.wrap(concat(plain(0x02, new byte[10]), plain(0x00, new byte[5]), plain(0x80, hex("00"))));
        assertEquals(Signal.FRAME, decoder.decode(in));
        decoder.limit(15);
        assertEquals(Signal.PAYLOAD, decoder.decode(in));
        assertEquals(Signal.FRAME_END, decoder.decode(in));
        assertEquals(Signal.FRAME, decoder.decode(in));
        assertEquals(Signal.PAYLOAD, decoder.decode(in));
        assertEquals(Signal.FRAME_END, decoder.decode(in));
        assertEquals(Signal.FAILED, decoder.decode(in));
        FrameDecoder lowered = client(10, false);
        lowered.limit(5);
        assertEquals(Signal.FAILED, lowered.decode(ByteBuffer.wrap(plain(0x82, new byte[6]))));
    }

    /** A message that already has more than a new limit takes nothing more, but ends. */
    @Test
    void aLimitBelowWhatHasComeLeavesRoomForNothing() {
        FrameDecoder decoder = client(10, false);
        ByteBuffer in =
                ByteBuffer.wrap(concat(plain(0x02, new byte[10]), plain(0x00, new byte[0]), plain(0x80, hex("00"))));
        assertEquals(Signal.FRAME, decoder.decode(in));
        decoder.limit(5);
        assertEquals(Signal.PAYLOAD, decoder.decode(in));
        assertEquals(Signal.FRAME_END, decoder.decode(in));
        assertEquals(Signal.FAILED, decoder.decode(in));
    }

    /** Before the key and the payload have come. */
    @Test
    void aMessageThatWouldBeTooLongIsRefusedByItsHeader() {
        FrameDecoder decoder = new FrameDecoder(Role.SERVER, 1000, false);
        assertEquals(Signal.FAILED, decoder.decode(ByteBuffer.wrap(hex("82 fe 03e9"))));
        FrameDecoder second = new FrameDecoder(Role.SERVER, 1000, false);
        assertEquals(Signal.NEED_DATA, second.decode(ByteBuffer.wrap(hex("82 fe 03e8"))));
    }

    @Test
    void withoutALimitLengthsDoNotOverflow() {
        FrameDecoder decoder = client(Long.MAX_VALUE, true);
        assertEquals(Signal.FRAME, decoder.decode(ByteBuffer.wrap(hex("42 7f 7fffffffffffffff"))));
        assertEquals(Long.MAX_VALUE, decoder.frameLength());
        FrameDecoder several = client(Long.MAX_VALUE, false);
        ByteBuffer in = ByteBuffer.wrap(hex("02 01 00  80 7f 7fffffffffffffff"));
        assertEquals(Signal.FRAME, several.decode(in));
        assertEquals(Signal.PAYLOAD, several.decode(in));
        assertEquals(Signal.FRAME_END, several.decode(in));
        assertEquals(Signal.FAILED, several.decode(in));
    }

    /** Since what cannot be compressed becomes longer. */
    @Test
    void aCompressedMessageMayHaveAnEighthMoreAnd64BytesOnTheWire() {
        assertEquals(1, Wire.read(client(800, true), plain(0xc2, new byte[964])).size());
        assertEquals(List.of("failed MESSAGE_TOO_LONG at 2"), Wire.read(client(800, true), plain(0xc2, new byte[965])));
        assertEquals(List.of("failed MESSAGE_TOO_LONG at 2"), Wire.read(client(800, true), plain(0x82, new byte[801])));
        byte[] frames = concat(plain(0x42, new byte[900]), plain(0x80, new byte[64]));
        assertEquals(1, Wire.read(client(800, true), frames).size());
        byte[] more = concat(plain(0x42, new byte[900]), plain(0x80, new byte[65]));
        assertEquals(List.of("failed MESSAGE_TOO_LONG at 905"), Wire.read(client(800, true), more));
    }

    @Test
    void aControlFrameHas125Bytes() {
        for (int opcode : new int[] {0x89, 0x8a}) {
            assertEquals(1, Wire.client(plain(opcode, new byte[125])).size());
            assertEquals(List.of("failed CONTROL_TOO_LONG at 1"), Wire.client(plain(opcode, new byte[126])));
        }
        byte[] close = new byte[125];
        close[0] = 3;
        close[1] = (byte) 0xe8;
        assertEquals("close 1000", Wire.client(plain(0x88, close)).get(0).substring(0, 10));
    }

    /** A control frame is no part of a message and its limit. */
    @Test
    void aControlFrameFitsWhereNoMessageDoes() {
        assertEquals(1, Wire.read(client(0, false), plain(0x89, new byte[125])).size());
    }
}
