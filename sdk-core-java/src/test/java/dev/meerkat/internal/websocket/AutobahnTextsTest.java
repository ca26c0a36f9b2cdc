package dev.meerkat.internal.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.meerkat.internal.websocket.FrameDecoder.Role;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The sequences of section 6 of the Autobahn test suite's case list, in one frame and each byte in a frame of its own.
 */
class AutobahnTextsTest {
    private static byte[] inOneFrame(byte[] text) {
        return Wire.masked(0x81, text);
    }

    private static byte[] inManyFrames(byte[] text) {
        byte[][] frames = new byte[text.length + 2][];
        frames[0] = Wire.masked(0x01, new byte[0]);
        for (int i = 0; i < text.length; i++) {
            frames[i + 1] = Wire.masked(0, new byte[] {text[i]});
        }
        frames[text.length + 1] = Wire.masked(0x80, new byte[0]);
        return Wire.concat(frames);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", // 6.1
                "48656c6c6f2dc2b540c39fc3b6c3a4c3bcc3a0c3a12d5554462d382121", // 6.2
                "cebae1bdb9cf83cebcceb5", // 6.2, 6.5
                "00",
                "c280",
                "e0a080",
                "f0908080", // 6.7, the first of each length
                "7f",
                "dfbf",
                "efbfbf",
                "f48fbfbf", // 6.9, the last of each length
                "ed9fbf",
                "ee8080",
                "efbfbd", // 6.11, beside the surrogates
                "efbfbe",
                "f09fbfbe",
                "f09fbfbf",
                "f0afbfbe",
                "f3bfbfbf",
                "f48fbfbe", // 6.22, no characters but allowed
                "efbfb9",
                "efbfba",
                "efbfbb",
                "efbfbc" // 6.23
            })
    void these(String hex) {
        byte[] text = Wire.hex(hex);
        String shown = "text " + new String(text, StandardCharsets.ISO_8859_1);
        Wire.check(List.of(shown), Role.SERVER, Wire.LIMIT, false, inOneFrame(text));
        List<String> many = Wire.server(inManyFrames(text));
        assertEquals(
                List.of(shown), many.stream().map(line -> line.replace("|", "")).toList());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "cebae1bdb9cf83cebcceb5eda080656469746564", // 6.3
                "cebae1bdb9cf83cebcceb5f4908080656469746564", // 6.4
                "ce",
                "cebae1",
                "cebae1bd", // 6.6, cut within a character
                "f888808080",
                "fc8480808080", // 6.8, five and six bytes
                "f7bfbfbf",
                "fbbfbfbfbf",
                "fdbfbfbfbfbf", // 6.10
                "f4908080", // 6.11
                "80",
                "bf",
                "80bf",
                "80bf80",
                "80bf80bf80bf", // 6.12, nothing that they follow
                "c020c120c220",
                "e020e120ef20",
                "f020f120f220",
                "f820",
                "fc20", // 6.13, nothing that follows
                "c0",
                "e080",
                "f08080",
                "f8808080",
                "df",
                "efbf",
                "f7bfbf", // 6.14, something is missing
                "c0e080f08080f8808080fc80808080dfefbff7bfbffbbfbfbffdbfbfbfbf", // 6.15
                "fe",
                "ff",
                "fefeffff", // 6.16
                "c0af",
                "e080af",
                "f08080af",
                "f8808080af",
                "fc80808080af", // 6.17, overlong
                "c1bf",
                "e09fbf",
                "f08fbfbf",
                "f887bfbfbf", // 6.18
                "c080",
                "e08080",
                "f0808080", // 6.19
                "eda080",
                "edadbf",
                "edae80",
                "edafbf",
                "edb080",
                "edbe80",
                "edbfbf", // 6.20, surrogates
                "eda080edb080",
                "edafbfedbfbf" // 6.21
            })
    void notThese(String hex) {
        byte[] text = Wire.hex(hex);
        byte[] one = inOneFrame(text);
        FrameDecoder decoder = new FrameDecoder(Role.SERVER, Wire.LIMIT, false);
        assertEquals(Signal.FAILED, decoder.decode(ByteBuffer.wrap(one.clone())));
        List<String> expected =
                List.of("failed INVALID_UTF8 at " + decoder.error().position());
        Wire.check(expected, Role.SERVER, Wire.LIMIT, false, one);
        // In frames of 7 bytes the same byte is refused; where something is missing, the end is.
        long bad = decoder.error().position() - 6;
        long place = bad < text.length ? 6 + 7 * bad + 6 : 6 + 7L * text.length + 6;
        assertEquals(List.of("failed INVALID_UTF8 at " + place), Wire.server(inManyFrames(text)));
    }
}
