package dev.meerkat.internal.websocket;

import static dev.meerkat.internal.websocket.Wire.bytes;
import static dev.meerkat.internal.websocket.Wire.concat;
import static dev.meerkat.internal.websocket.Wire.hex;
import static dev.meerkat.internal.websocket.Wire.masked;
import static dev.meerkat.internal.websocket.Wire.plain;
import static dev.meerkat.internal.websocket.Wire.utf8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.internal.websocket.FrameDecoder.Role;
import dev.meerkat.websocket.CloseStatus;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is accepted, in all pieces in which it may come. */
class FrameDecoderTest {
    /** Payloads by which the log knows one character a byte. */
    private static String latin(String text) {
        return new String(utf8(text), java.nio.charset.StandardCharsets.ISO_8859_1);
    }

    static Stream<Arguments> fromServers() {
        return Stream.of(
                // RFC 6455 5.7
                Arguments.of("81 05 48656c6c6f", List.of("text Hello")),
                Arguments.of("01 03 48656c  80 02 6c6f", List.of("text Hel|lo")),
                Arguments.of("89 05 48656c6c6f", List.of("ping Hello")),
                Arguments.of("8a 05 48656c6c6f", List.of("pong Hello")),
                Arguments.of("82 02 00ff", List.of("binary \0\u00ff")),
                Arguments.of("81 00", List.of("text ")),
                Arguments.of("82 00  8a 00", List.of("binary ", "pong ")),
                Arguments.of("01 00  00 00  80 00", List.of("text ||")),
                Arguments.of("02 01 61  89 01 70  00 00  8a 00  80 01 62", List.of("ping p", "pong ", "binary a||b")),
                Arguments.of("88 00", List.of("close 1005 ")),
                Arguments.of("88 02 03e8", List.of("close 1000 ")),
                Arguments.of("88 05 1387 627965", List.of("close 4999 bye")),
                Arguments.of("01 01 61  88 02 03e9", List.of("close 1001 ")),
                Arguments.of("88 00  81 01 61  ff ff ff", List.of("close 1005 ")),
                // A character in two frames.
                Arguments.of("01 02 41c3  89 00  80 01 a9", List.of("ping ", "text A\u00c3|\u00a9")));
    }

    @ParameterizedTest
    @MethodSource("fromServers")
    void aClientReadsWhatServersSend(String stream, List<String> expected) {
        Wire.check(expected, Role.CLIENT, Wire.LIMIT, false, hex(stream));
    }

    static Stream<Arguments> fromClients() {
        return Stream.of(
                // RFC 6455 5.7
                Arguments.of(hex("81 85 37fa213d 7f9f4d5158"), List.of("text Hello")),
                Arguments.of(hex("8a 85 37fa213d 7f9f4d5158"), List.of("pong Hello")),
                Arguments.of(hex("81 80 37fa213d  82 80 00000000"), List.of("text ", "binary ")),
                Arguments.of(
                        concat(masked(1, bytes("one ")), masked(0x89, bytes("p")), masked(0x80, bytes("two"))),
                        List.of("ping p", "text one |two")),
                Arguments.of(masked(0x88, concat(hex("03f3"), bytes("why"))), List.of("close 1011 why")),
                Arguments.of(masked(0x81, utf8("κόσμε €uro 𝒳 日本")), List.of("text " + latin("κόσμε €uro 𝒳 日本"))),
                Arguments.of(masked(0x88, concat(hex("0bb8"), utf8("ö"))), List.of("close 3000 " + latin("ö"))));
    }

    @ParameterizedTest
    @MethodSource("fromClients")
    void aServerReadsWhatClientsSend(byte[] stream, List<String> expected) {
        Wire.check(expected, Role.SERVER, Wire.LIMIT, false, stream);
    }

    @Test
    void withCompressionTheFirstFrameOfAMessageMaySayThatItIsCompressed() {
        byte[] stream = hex("c1 01 ff  41 01 ff  89 00  80 01 c3  c2 00  81 01 61  02 00  80 00");
        List<String> expected = List.of(
                "compressed text \u00ff",
                "ping ",
                "compressed text \u00ff|\u00c3",
                "compressed binary ",
                "text a",
                "binary |");
        Wire.check(expected, Role.CLIENT, Wire.LIMIT, true, stream);
    }

    @Test
    void whatIsCutOffIsNeverAMessage() {
        byte[] stream = concat(masked(0x81, bytes("whole")), masked(0x82, new byte[200]), masked(0x89, bytes("p")));
        for (int length = 0; length < stream.length; length++) {
            int messages = length < 11 ? 0 : length < 11 + 208 ? 1 : 2;
            assertEquals(messages, Wire.server(Arrays.copyOf(stream, length)).size(), "of " + length);
        }
    }

    @Test
    void aMessageThatIsWholeIsOneSignal() {
        FrameDecoder decoder = new FrameDecoder(Role.SERVER, Wire.LIMIT, false);
        ByteBuffer in = ByteBuffer.wrap(concat(masked(0x81, bytes("one")), masked(0x82, bytes("two"))));
        assertEquals(Signal.MESSAGE, decoder.decode(in));
        assertTrue(decoder.isText() && decoder.isFirst() && decoder.isFinal() && !decoder.isInMessage());
        assertEquals(9, in.position());
        assertEquals(9, decoder.position());
        assertEquals(Signal.MESSAGE, decoder.decode(in));
        assertFalse(decoder.isText());
        assertEquals(15, decoder.payloadStart());
        assertEquals(3, decoder.payloadLength());
        assertEquals(Signal.NEED_DATA, decoder.decode(in));
        assertEquals(18, decoder.position());
    }

    @Test
    void aFrameInPiecesTellsWhatIsStillToCome() {
        FrameDecoder decoder = new FrameDecoder(Role.CLIENT, Wire.LIMIT, false);
        ByteBuffer in = ByteBuffer.wrap(plain(0x02, bytes("0123456789")));
        assertEquals(Signal.FRAME, decoder.decode(in.limit(6)));
        assertTrue(decoder.isFirst() && !decoder.isFinal() && decoder.isInMessage());
        assertEquals(10, decoder.frameLength());
        assertEquals(Signal.PAYLOAD, decoder.decode(in));
        assertEquals(6, decoder.frameRemaining());
        assertEquals(Signal.NEED_DATA, decoder.decode(in));
        assertEquals(Signal.PAYLOAD, decoder.decode(in.limit(12)));
        assertEquals(0, decoder.frameRemaining());
        assertEquals(Signal.FRAME_END, decoder.decode(in));
        assertTrue(decoder.isInMessage());
        assertEquals(Signal.NEED_DATA, decoder.decode(in));
    }

    @Test
    void aControlFrameIsTakenWholeAndLeavesItsMessageAlone() {
        FrameDecoder decoder = new FrameDecoder(Role.CLIENT, Wire.LIMIT, false);
        ByteBuffer in = ByteBuffer.wrap(concat(plain(0x01, bytes("a")), plain(0x89, bytes("ping"))));
        assertEquals(Signal.FRAME, decoder.decode(in.limit(8)));
        assertEquals(Signal.PAYLOAD, decoder.decode(in));
        assertEquals(Signal.FRAME_END, decoder.decode(in));
        assertEquals(Signal.NEED_DATA, decoder.decode(in));
        assertEquals(3, in.position());
        assertEquals(Signal.PING, decoder.decode(in.limit(9)));
        assertTrue(decoder.isText() && decoder.isInMessage() && !decoder.isFinal());
    }

    @Test
    void atMostAHeaderOrAControlFrameStaysWithTheCaller() {
        byte[] large = masked(0x82, new byte[70_000]);
        Wire data = new Wire(new FrameDecoder(Role.SERVER, Wire.LIMIT, false));
        data.run(large, Wire.everyByte(large.length));
        assertEquals(13, data.mostHeld());
        byte[] ping = masked(0x89, new byte[125]);
        Wire control = new Wire(new FrameDecoder(Role.SERVER, Wire.LIMIT, false));
        control.run(ping, Wire.everyByte(ping.length));
        assertEquals(130, control.mostHeld());
    }

    @Test
    void afterCloseEverythingIsThrownAway() {
        FrameDecoder decoder = new FrameDecoder(Role.CLIENT, Wire.LIMIT, false);
        ByteBuffer in = ByteBuffer.wrap(hex("88 00 81 01"));
        assertEquals(Signal.CLOSE, decoder.decode(in));
        assertEquals(CloseStatus.NONE, decoder.closeCode());
        assertEquals(Signal.CLOSED, decoder.decode(in));
        assertFalse(in.hasRemaining());
        assertEquals(Signal.CLOSED, decoder.decode(in));
    }

    @Test
    void afterAFailureNothingIsTaken() {
        FrameDecoder decoder = new FrameDecoder(Role.CLIENT, Wire.LIMIT, false);
        assertThrows(IllegalStateException.class, decoder::error);
        ByteBuffer in = ByteBuffer.wrap(hex("83 00 88 00"));
        assertEquals(Signal.FAILED, decoder.decode(in));
        assertEquals(Signal.FAILED, decoder.decode(in));
        assertEquals(0, in.position());
    }

    @Test
    void aPieceHasAtMostWhatWasAskedFor() {
        FrameDecoder decoder = new FrameDecoder(Role.CLIENT, Wire.LIMIT, false);
        decoder.begin(Wire.LIMIT, 10, false, 0);
        ByteBuffer in = ByteBuffer.wrap(concat(plain(0x82, new byte[10]), plain(0x82, new byte[11])));
        assertEquals(Signal.MESSAGE, decoder.decode(in));
        assertEquals(Signal.FRAME, decoder.decode(in));
        assertEquals(Signal.PAYLOAD, decoder.decode(in));
        assertEquals(10, decoder.payloadLength());
        assertEquals(1, decoder.frameRemaining());
        assertEquals(Signal.PAYLOAD, decoder.decode(in));
        assertEquals(1, decoder.payloadLength());
        assertEquals(Signal.FRAME_END, decoder.decode(in));
        assertTrue(decoder.isFinal());
    }

    @Test
    void betweenMessagesADecoderCanServeAnotherConnection() {
        FrameDecoder decoder = new FrameDecoder(Role.CLIENT, 5, false);
        ByteBuffer in = ByteBuffer.wrap(hex("81 01 61  01 01 61  89 00  80 00"));
        assertEquals(Signal.MESSAGE, decoder.decode(in));
        assertTrue(decoder.isIdle());
        assertEquals(Signal.FRAME, decoder.decode(in));
        assertFalse(decoder.isIdle());
        assertThrows(IllegalStateException.class, () -> decoder.begin(5, 5, false, 0));
        assertEquals(Signal.PAYLOAD, decoder.decode(in));
        assertEquals(Signal.FRAME_END, decoder.decode(in));
        assertEquals(Signal.PING, decoder.decode(in));
        assertFalse(decoder.isIdle());
        assertEquals(Signal.FRAME, decoder.decode(in));
        assertEquals(Signal.FRAME_END, decoder.decode(in));
        assertTrue(decoder.isIdle());
        decoder.begin(6, Integer.MAX_VALUE, true, 1000);
        ByteBuffer other = ByteBuffer.wrap(concat(plain(0xc2, new byte[6]), plain(0x82, new byte[7])));
        assertEquals(Signal.MESSAGE, decoder.decode(other));
        assertTrue(decoder.isCompressed());
        assertEquals(1008, decoder.position());
        assertEquals(Signal.FAILED, decoder.decode(other));
        assertEquals(1009, decoder.error().position());
        assertFalse(decoder.isIdle());
    }

    @Test
    void afterGoodbyeADecoderServesNobody() {
        FrameDecoder decoder = new FrameDecoder(Role.CLIENT, 5, false);
        assertEquals(Signal.CLOSE, decoder.decode(ByteBuffer.wrap(hex("88 00"))));
        assertFalse(decoder.isIdle());
    }

    /** So that nobody is handed the end of a text that is none. */
    @Test
    void aTextThatEndsWithinACharacterIsRefusedBeforeItsLastPiece() {
        FrameDecoder decoder = new FrameDecoder(Role.CLIENT, Wire.LIMIT, false);
        ByteBuffer in = ByteBuffer.wrap(hex("01 01 61  80 02 62c3"));
        assertEquals(Signal.FRAME, decoder.decode(in));
        assertEquals(Signal.PAYLOAD, decoder.decode(in));
        assertEquals(Signal.FRAME_END, decoder.decode(in));
        assertEquals(Signal.FRAME, decoder.decode(in));
        assertEquals(Signal.FAILED, decoder.decode(in));
        assertEquals(7, decoder.error().position());
    }
}
