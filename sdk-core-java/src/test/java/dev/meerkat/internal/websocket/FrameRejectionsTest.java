package dev.meerkat.internal.websocket;

import static dev.meerkat.internal.websocket.Wire.bytes;
import static dev.meerkat.internal.websocket.Wire.concat;
import static dev.meerkat.internal.websocket.Wire.hex;
import static dev.meerkat.internal.websocket.Wire.masked;
import static dev.meerkat.internal.websocket.Wire.plain;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.internal.websocket.FrameDecoder.Role;
import dev.meerkat.websocket.CloseStatus;
import dev.meerkat.websocket.WebSocketError;
import dev.meerkat.websocket.WebSocketRule;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each rule that is broken, its code and its place, in whatever pieces the bytes come. */
class FrameRejectionsTest {
    /** Rule, code, place, and what a server sent. */
    static Stream<Arguments> ofServers() {
        return Stream.of(
                Arguments.of(WebSocketRule.RESERVED_BIT, 1002, 0, "c1 00"),
                Arguments.of(WebSocketRule.RESERVED_BIT, 1002, 0, "a1 00"),
                Arguments.of(WebSocketRule.RESERVED_BIT, 1002, 0, "91 00"),
                Arguments.of(WebSocketRule.RESERVED_BIT, 1002, 2, "8a 00  c9 00"),
                Arguments.of(WebSocketRule.RESERVED_BIT, 1002, 2, "01 00  c0 00"),
                Arguments.of(WebSocketRule.UNKNOWN_OPCODE, 1002, 0, "83 00"),
                Arguments.of(WebSocketRule.UNKNOWN_OPCODE, 1002, 0, "87 00"),
                Arguments.of(WebSocketRule.UNKNOWN_OPCODE, 1002, 0, "8b 00"),
                Arguments.of(WebSocketRule.UNKNOWN_OPCODE, 1002, 3, "81 01 61  8f 00"),
                Arguments.of(WebSocketRule.UNKNOWN_OPCODE, 1002, 2, "01 00  03 00"),
                Arguments.of(WebSocketRule.FRAGMENTED_CONTROL, 1002, 0, "09 00"),
                Arguments.of(WebSocketRule.FRAGMENTED_CONTROL, 1002, 0, "0a 00"),
                Arguments.of(WebSocketRule.FRAGMENTED_CONTROL, 1002, 0, "08 00"),
                Arguments.of(WebSocketRule.CONTROL_TOO_LONG, 1002, 1, "89 7e 007e"),
                Arguments.of(WebSocketRule.CONTROL_TOO_LONG, 1002, 1, "8a 7f 0000000000010000"),
                Arguments.of(WebSocketRule.CONTROL_TOO_LONG, 1002, 1, "88 7e 0005"),
                Arguments.of(WebSocketRule.UNEXPECTED_CONTINUATION, 1002, 0, "80 00"),
                Arguments.of(WebSocketRule.UNEXPECTED_CONTINUATION, 1002, 0, "00 01 61"),
                Arguments.of(WebSocketRule.UNEXPECTED_CONTINUATION, 1002, 4, "01 00  80 00  80 00"),
                Arguments.of(WebSocketRule.UNFINISHED_MESSAGE, 1002, 3, "01 01 61  81 01 62"),
                Arguments.of(WebSocketRule.UNFINISHED_MESSAGE, 1002, 4, "02 00  00 00  02 00"),
                Arguments.of(WebSocketRule.MASKED, 1002, 1, "81 81 00000000 61"),
                Arguments.of(WebSocketRule.MASKED, 1002, 1, "89 80 00000000"),
                Arguments.of(WebSocketRule.LENGTH_NOT_MINIMAL, 1002, 2, "82 7e 007d"),
                Arguments.of(WebSocketRule.LENGTH_NOT_MINIMAL, 1002, 2, "82 7e 0000"),
                Arguments.of(WebSocketRule.LENGTH_NOT_MINIMAL, 1002, 2, "82 7f 000000000000ffff"),
                Arguments.of(WebSocketRule.LENGTH_NOT_MINIMAL, 1002, 2, "82 7f 0000000000000001"),
                Arguments.of(WebSocketRule.LENGTH_OVERFLOW, 1002, 2, "82 7f 8000000000000000"),
                Arguments.of(WebSocketRule.LENGTH_OVERFLOW, 1002, 2, "82 7f ffffffffffffffff"),
                Arguments.of(WebSocketRule.MESSAGE_TOO_LONG, 1009, 2, "82 7f 7fffffffffffffff"),
                Arguments.of(WebSocketRule.MESSAGE_TOO_LONG, 1009, 2, "82 7f 0000000000100001"),
                Arguments.of(WebSocketRule.INVALID_UTF8, 1007, 3, "81 02 61ff"),
                Arguments.of(WebSocketRule.INVALID_UTF8, 1007, 2, "81 05 80 61626364"),
                Arguments.of(WebSocketRule.INVALID_UTF8, 1007, 3, "81 03 c3 28 ff"),
                Arguments.of(WebSocketRule.INVALID_UTF8, 1007, 4, "81 02 61c3"), // ends within a character
                Arguments.of(WebSocketRule.INVALID_UTF8, 1007, 5, "01 01 c3  80 01 61"),
                Arguments.of(WebSocketRule.INVALID_UTF8, 1007, 5, "01 01 c3  80 00"),
                Arguments.of(WebSocketRule.INVALID_UTF8, 1007, 12, "81 0e 6162636465666768e6 97 41424344"),
                Arguments.of(WebSocketRule.INVALID_UTF8, 1007, 4, "88 03 03e8 ff"),
                Arguments.of(WebSocketRule.INVALID_UTF8, 1007, 5, "88 03 03e8 c3"),
                Arguments.of(WebSocketRule.MALFORMED_CLOSE, 1002, 2, "88 01 03"));
    }

    @ParameterizedTest
    @MethodSource("ofServers")
    void whatAServerMustNotSend(WebSocketRule rule, int code, long place, String stream) {
        assertEquals(code, rule.closeCode());
        assertBroken(rule, place, Role.CLIENT, hex(stream));
    }

    private static void assertBroken(WebSocketRule rule, long place, Role role, byte[] stream) {
        List<String> log = Wire.read(new FrameDecoder(role, Wire.LIMIT, false), stream);
        assertEquals("failed " + rule + " at " + place, log.get(log.size() - 1));
        Wire.check(log, role, Wire.LIMIT, false, stream);
    }

    @Test
    void aClientMasksItsFrames() {
        assertEquals(1002, WebSocketRule.UNMASKED.closeCode());
        assertBroken(WebSocketRule.UNMASKED, 1, Role.SERVER, hex("81 05 48656c6c6f"));
        assertBroken(WebSocketRule.UNMASKED, 1 + 9, Role.SERVER, concat(masked(0x81, bytes("abc")), hex("89 00")));
    }

    @Test
    void aMaskedTextIsJudgedUnmasked() {
        assertBroken(WebSocketRule.INVALID_UTF8, 6 + 20, Role.SERVER, masked(0x81, concat(new byte[20], hex("ff41"))));
    }

    @Test
    void withCompressionOnlyTheFirstFrameOfAMessageMayHaveTheBit() {
        for (String stream : List.of("41 00  c0 00", "41 00  40 00", "c9 00", "e1 00", "d1 00", "c8 00", "c3 00")) {
            byte[] bytes = hex(stream);
            List<String> log = Wire.read(new FrameDecoder(Role.CLIENT, Wire.LIMIT, true), bytes);
            assertEquals(List.of("failed RESERVED_BIT at " + (bytes.length - 2)), log, stream);
            Wire.check(log, Role.CLIENT, Wire.LIMIT, true, bytes);
        }
    }

    @Test
    void aCloseCodeIsOneThatMayBeSent() {
        Set<Integer> valid = IntStream.of(
                        1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999)
                .boxed()
                .collect(Collectors.toSet());
        for (int code = 0; code < 0x10000; code++) {
            boolean may = code >= 3000 && code < 5000 || valid.contains(code);
            assertEquals(may, CloseStatus.isSendable(code), "code " + code);
            byte[] frame = plain(0x88, new byte[] {(byte) (code >> 8), (byte) code});
            assertEquals(
                    List.of(may ? "close " + code + ' ' : "failed INVALID_CLOSE_CODE at 2"),
                    Wire.client(frame),
                    "" + code);
        }
        assertEquals(1002, WebSocketRule.INVALID_CLOSE_CODE.closeCode());
    }

    /** However much of the frame, of the message is still to come (Autobahn 6.4). */
    @Test
    void whoBreaksARuleIsTakenAtTheFirstByteThatDoes() {
        Set<WebSocketRule> later = EnumSet.of(
                WebSocketRule.LENGTH_NOT_MINIMAL,
                WebSocketRule.LENGTH_OVERFLOW,
                WebSocketRule.MESSAGE_TOO_LONG,
                WebSocketRule.MALFORMED_CLOSE);
        ofServers().filter(row -> !later.contains(row.get()[0])).forEach(row -> {
            byte[] stream = hex((String) row.get()[3]);
            int place = (int) row.get()[2];
            boolean inClose = (stream[0] & 0x0f) == 8 && place > 1;
            if (place < stream.length && !inClose) {
                byte[] justThere = Arrays.copyOf(stream, place + 1);
                List<String> log = Wire.client(justThere);
                assertEquals(
                        "failed " + row.get()[0] + " at " + place, log.get(log.size() - 1), () -> "" + row.get()[3]);
                assertFalse(
                        String.join(" ", Wire.client(Arrays.copyOf(stream, place)))
                                .contains("failed"),
                        () -> "too early: " + row.get()[3]);
            }
        });
    }

    @Test
    void aLengthIsJudgedWhenItIsThere() {
        assertEquals(List.of(), Wire.client(hex("82 7e 00")));
        assertEquals(List.of("failed LENGTH_NOT_MINIMAL at 2"), Wire.client(hex("82 7e 007d")));
        assertEquals(List.of(), Wire.client(hex("82 7f ffffffffffffff")));
        assertEquals(List.of("failed LENGTH_OVERFLOW at 2"), Wire.client(hex("82 7f ffffffffffffffff")));
    }

    /** The order of the bytes decides, not that of our questions. */
    @Test
    void ofSeveralRulesTheFirstInTheStreamIsBroken() {
        assertBroken(WebSocketRule.RESERVED_BIT, 0, Role.SERVER, hex("f3 7e 0001"));
        assertBroken(WebSocketRule.UNMASKED, 1, Role.SERVER, hex("89 7e 0001"));
        assertBroken(WebSocketRule.LENGTH_OVERFLOW, 2, Role.CLIENT, hex("81 7f ffffffffffffffff ff"));
        assertBroken(WebSocketRule.INVALID_UTF8, 2, Role.CLIENT, hex("01 01 ff  f3"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"81 02 61ff", "88 02 03ec", "83 00", "82 7f 7fffffffffffffff", "80 00", "81 81"})
    void anErrorSaysWhatWasFound(String stream) {
        FrameDecoder decoder = new FrameDecoder(Role.CLIENT, 100, false);
        assertEquals(Signal.FAILED, decoder.decode(ByteBuffer.wrap(hex(stream))));
        WebSocketError error = decoder.error();
        assertTrue(error.message().matches(".*[0-9A-Za-z]{3}.*"), error.message());
        assertEquals(error.rule().source(), error.source());
        assertEquals(error.rule().closeCode(), error.closeCode());
        assertTrue(error.source().matches("RFC \\d{4} [0-9.]+"), error.source());
    }

    @Test
    void everyRuleIsInTheseTables() {
        Set<WebSocketRule> tested = EnumSet.of(
                WebSocketRule.UNMASKED,
                WebSocketRule.INVALID_CLOSE_CODE,
                WebSocketRule.MESSAGE_TOO_SLOW, // which is for who has a clock
                WebSocketRule.MALFORMED_COMPRESSION); // which is for who decompresses
        ofServers().forEach(row -> tested.add((WebSocketRule) row.get()[0]));
        assertEquals(EnumSet.allOf(WebSocketRule.class), tested);
    }
}
