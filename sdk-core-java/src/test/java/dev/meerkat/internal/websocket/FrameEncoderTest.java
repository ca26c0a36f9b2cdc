package dev.meerkat.internal.websocket;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FrameEncoderTest {
    @ParameterizedTest
    @CsvSource({
        "0, 8200",
        "125, 827d",
        "126, 827e007e",
        "65535, 827effff",
        "65536, 827f0000000000010000",
        "9223372036854775807, 827f7fffffffffffffff"
    })
    void aLengthIsWrittenWithAsFewBytesAsItNeeds(long length, String expected) {
        byte[] header = Wire.hex(expected);
        int head = FrameEncoder.head(Opcode.BINARY, true, false);
        ByteBuffer target = ByteBuffer.allocate(FrameEncoder.MAX_HEADER_BYTES);
        FrameEncoder.header(head, length, target);
        assertArrayEquals(header, Arrays.copyOf(target.array(), target.position()));
        assertEquals(header.length, FrameEncoder.headerLength(length, false));
        byte[] array = new byte[FrameEncoder.MAX_HEADER_BYTES + 1];
        assertEquals(1 + header.length, FrameEncoder.header(head, length, array, 1));
        assertArrayEquals(header, Arrays.copyOfRange(array, 1, 1 + header.length));

        FrameEncoder.maskedHeader(head, length, 0x01020304, target.clear());
        header[1] |= (byte) 0x80;
        assertArrayEquals(Wire.concat(header, Wire.hex("01020304")), Arrays.copyOf(target.array(), target.position()));
        assertEquals(target.position(), FrameEncoder.headerLength(length, true));
    }

    @Test
    void theFirstByteSaysWhatTheFrameIs() {
        assertEquals(0x81, FrameEncoder.head(Opcode.TEXT, true, false));
        assertEquals(0xc2, FrameEncoder.head(Opcode.BINARY, true, true));
        assertEquals(0x41, FrameEncoder.head(Opcode.TEXT, false, true));
        assertEquals(0x00, FrameEncoder.head(Opcode.CONTINUATION, false, false));
        assertEquals(0x88, FrameEncoder.head(Opcode.CLOSE, true, false));
        for (Opcode opcode : Opcode.values()) {
            assertEquals(opcode, Opcode.of(opcode.code()));
        }
        assertEquals(null, Opcode.of(3));
        assertEquals(null, Opcode.of(15));
    }

    /** RFC 6455 5.7. */
    @Test
    void aClientsFrameIsMasked() {
        ByteBuffer target = ByteBuffer.allocate(100);
        ByteBuffer payload = ByteBuffer.wrap(Wire.bytes("xHello"), 1, 5).asReadOnlyBuffer();
        FrameEncoder.maskedFrame(FrameEncoder.head(Opcode.TEXT, true, false), payload, Wire.KEY, target);
        assertArrayEquals(Wire.hex("81 85 37fa213d 7f9f4d5158"), Arrays.copyOf(target.array(), target.position()));
        assertEquals(5, payload.remaining());
    }

    @Test
    void aClosePayloadIsCodeAndReason() {
        assertArrayEquals(Wire.hex("03e8"), FrameEncoder.closePayload(1000, ""));
        assertArrayEquals(Wire.hex("0fa0 c3b6"), FrameEncoder.closePayload(4000, "ö"));
        assertEquals(125, FrameEncoder.closePayload(1011, "x".repeat(123)).length);
        assertThrows(IllegalArgumentException.class, () -> FrameEncoder.closePayload(1011, "x".repeat(124)));
        assertThrows(IllegalArgumentException.class, () -> FrameEncoder.closePayload(1011, "ö".repeat(62)));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, -1, 66536})
    void aCodeThatMustNotBeSentIsNotWritten(int code) {
        assertThrows(IllegalArgumentException.class, () -> FrameEncoder.closePayload(code, ""));
    }

    @Test
    void aReasonThatIsTooLongEndsBeforeACharacter() {
        assertEquals("x".repeat(123), FrameEncoder.shortened("x".repeat(123)));
        assertEquals("x".repeat(123), FrameEncoder.shortened("x".repeat(124)));
        assertEquals("ö".repeat(61), FrameEncoder.shortened("ö".repeat(62)));
        assertEquals("日".repeat(41), FrameEncoder.shortened("日".repeat(50)));
        String four = FrameEncoder.shortened("𝒳".repeat(50));
        assertEquals("𝒳".repeat(30), four);
        assertEquals(120, four.getBytes(StandardCharsets.UTF_8).length);
    }
}
