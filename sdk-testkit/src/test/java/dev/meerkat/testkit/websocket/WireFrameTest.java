package dev.meerkat.testkit.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** L-23: every frame that the wire can carry can be made, and is shown in a line. */
class WireFrameTest {
    private static String hex(WireFrame frame) {
        return HexFormat.ofDelimiter(" ").formatHex(frame.bytes());
    }

    /** RFC 6455 §5.7. */
    @Test
    void theExamplesOfTheStandardHaveItsBytes() {
        assertEquals("81 05 48 65 6c 6c 6f", hex(WireFrame.text("Hello")));
        assertEquals(
                "81 85 37 fa 21 3d 7f 9f 4d 51 58", hex(WireFrame.text("Hello").masked(0x37fa213d)));
        assertEquals("01 03 48 65 6c", hex(WireFrame.text("Hel").notFinal()));
        assertEquals("80 02 6c 6f", hex(WireFrame.continuation("lo")));
        assertEquals("89 05 48 65 6c 6c 6f", hex(WireFrame.ping("Hello")));
        assertEquals(
                "8a 85 37 fa 21 3d 7f 9f 4d 51 58", hex(WireFrame.pong("Hello").masked(0x37fa213d)));
        assertEquals("82 7e 01 00", hex(WireFrame.binary(new byte[256])).substring(0, 11));
        assertEquals(
                "82 7f 00 00 00 00 00 01 00 00",
                hex(WireFrame.binary(new byte[65_536])).substring(0, 29));
    }

    @Test
    void mistakesHaveTheirBytes() {
        assertEquals("f1 01 78", hex(WireFrame.text("x").reserved(7)));
        assertEquals("8f 00", hex(WireFrame.of(15)));
        assertEquals("09 00", hex(WireFrame.ping("").notFinal()));
        assertEquals("81 7e 00 01 78", hex(WireFrame.text("x").lengthBytes(2)));
        assertEquals("81 7f 00 00 00 00 00 00 00 01 78", hex(WireFrame.text("x").lengthBytes(8)));
        assertEquals("81 7f 80 00 00 00 00 00 00 00 78", hex(WireFrame.text("x").saying(Long.MIN_VALUE)));
        assertEquals("81 7d 78", hex(WireFrame.text("x").saying(125)));
        assertEquals("88 02 03 ee", hex(WireFrame.close(1006)));
        assertEquals("88 01 03", hex(WireFrame.of(WireFrame.CLOSE, (byte) 3)));
        assertEquals("88 03 03 e8 ff", hex(WireFrame.close(1000, (byte) 0xFF)));
        assertEquals("89 7e 00 7e", hex(WireFrame.ping("x".repeat(126))).substring(0, 11));
    }

    @Test
    void eachIsOneReadableLine() {
        assertEquals("text, 5 bytes: \"Hello\"", WireFrame.text("Hello").toString());
        assertEquals(
                "text, more follows, RSV1, RSV3, masked, 3 bytes: \"Hel\"",
                WireFrame.text("Hel").notFinal().reserved(5).masked(1).toString());
        assertEquals(
                "text, 6 bytes: \"gr\u00fc\u00df\"",
                WireFrame.text("gr\u00fc\u00df").toString());
        assertEquals(
                "text, 2 bytes: [61 ff]",
                WireFrame.of(1, (byte) 'a', (byte) 0xFF).toString());
        assertEquals(
                "text, 61 bytes: \"" + "x".repeat(60) + "…\"",
                WireFrame.text("x".repeat(61)).toString());
        assertEquals(
                "text, 60 bytes: \"" + "x".repeat(60) + "\"",
                WireFrame.text("x".repeat(60)).toString());
        assertEquals(
                "binary, 2 bytes: [00 01]", WireFrame.binary(new byte[] {0, 1}).toString());
        assertEquals("continuation, 0 bytes", WireFrame.continuation("").toString());
        assertEquals("opcode 3, 0 bytes", WireFrame.of(3).toString());
        assertEquals("close, 0 bytes", WireFrame.close().toString());
        assertEquals("close, 2 bytes: 1001", WireFrame.close(1001).toString());
        assertEquals(
                "close, 5 bytes: 1001 \"bye\"", WireFrame.close(1001, "bye").toString());
        assertEquals(
                "text, said to have 18446744073709551614 bytes, has 1: \"x\"",
                WireFrame.text("x").saying(-2).toString());
    }

    @Test
    void whatDoesNotFitIntoItsBitsIsRefused() {
        assertEquals(15, WireFrame.of(15).opcode());
        assertThrows(IllegalArgumentException.class, () -> WireFrame.of(16));
        assertThrows(IllegalArgumentException.class, () -> WireFrame.of(-1));
        assertEquals(7, WireFrame.of(1).reserved(7).reserved());
        assertThrows(IllegalArgumentException.class, () -> WireFrame.of(1).reserved(8));
        assertThrows(IllegalArgumentException.class, () -> WireFrame.of(1).lengthBytes(4));
    }

    @Test
    void framesWithTheSameBytesAreEqual() {
        assertEquals(WireFrame.binary(new byte[] {1, 2}), WireFrame.binary(new byte[] {1, 2}));
        assertNotEquals(WireFrame.text("a"), WireFrame.text("a").masked(1));
        byte[] mine = {1};
        WireFrame frame = WireFrame.binary(mine);
        mine[0] = 2;
        assertEquals(1, frame.payload().get(0));
    }

    @Test
    void aGoodbyeTellsItsCodeAndReason() {
        assertEquals(1005, WireFrame.close().closeCode());
        assertEquals("", WireFrame.close().closeReason());
        assertEquals(65_535, WireFrame.close(65_535, "x").closeCode());
        assertEquals("x", WireFrame.close(65_535, "x").closeReason());
    }
}
