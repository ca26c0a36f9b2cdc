package dev.meerkat.testkit.websocket;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * The byte sequences of 6.5 to 6.23, after Markus Kuhn's list of what UTF-8 decoders get wrong. The JDK's decoder says
 * which of them are UTF-8.
 */
final class AutobahnUtf8 {
    private static final String GREEK = "cebae1bdb9cf83cebcceb5";

    /** A line is a group of the suite, from 6.5 on; a word is a case. */
    private static final String[] GROUPS = {
        "68656c6c6f24776f726c64 68656c6c6fc2a2776f726c64 68656c6c6fe282ac776f726c64 68656c6c6ff0a4ada2776f726c64 "
                + GREEK,
        prefixes(),
        "00 c280 e0a080 f0908080",
        "f888808080 fc8480808080",
        "7f dfbf efbfbf f48fbfbf",
        "f7bfbfbf fbbfbfbfbf fdbfbfbfbfbf",
        "ed9fbf ee8080 efbfbd f48fbfbf f4908080",
        "80 bf 80bf 80bf80 80bf80bf 80bf80bf80 80bf80bf80bf " + range(0x80, 0xBF, ""),
        starts(0xC0, 0xDF, 0xE0, 0xEF, 0xF0, 0xF7, 0xF8, 0xFB, 0xFC, 0xFD),
        "c0 e080 f08080 f8808080 fc80808080 df efbf f7bfbf fbbfbfbf fdbfbfbfbf",
        "c0e080f08080f8808080fc80808080dfefbff7bfbffbbfbfbffdbfbfbfbf",
        "fe ff fefeffff",
        "c0af e080af f08080af f8808080af fc80808080af",
        "c1bf e09fbf f08fbfbf f887bfbfbf fc83bfbfbfbf",
        "c080 e08080 f0808080 f880808080 fc8080808080",
        "eda080 edadbf edae80 edafbf edb080 edbe80 edbfbf",
        "eda080edb080 eda080edbfbf edadbfedb080 edadbfedbfbf edae80edb080 edae80edbfbf edafbfedb080 edafbfedbfbf",
        "efbfbe efbfbf" + nonCharacters(),
        "efbfb9 efbfba efbfbb efbfbc efbfbd efbfbe efbfbf"
    };

    private AutobahnUtf8() {}

    static List<AutobahnCase> cases() {
        List<AutobahnCase> cases = new ArrayList<>();
        for (int group = 0; group < GROUPS.length; group++) {
            String[] words = GROUPS[group].split(" ");
            for (int i = 0; i < words.length; i++) {
                byte[] payload = HexFormat.of().parseHex(words[i]);
                boolean valid = isUtf8(payload);
                cases.add(AutobahnCase.plain("6." + (group + 5) + "." + (i + 1), peer -> {
                    peer.send(WireFrame.of(WireFrame.TEXT, payload));
                    if (valid) {
                        peer.expectMessage(WireFrame.TEXT, payload).closes();
                    } else {
                        peer.fails(1007);
                    }
                }));
            }
        }
        return cases;
    }

    private static boolean isUtf8(byte[] bytes) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException malformed) {
            return false;
        }
    }

    private static String prefixes() {
        StringBuilder words = new StringBuilder();
        for (int end = 2; end <= GREEK.length(); end += 2) {
            words.append(GREEK, 0, end).append(' ');
        }
        return words.toString();
    }

    /** All bytes from the first to before the last. */
    private static String range(int from, int to, String between) {
        StringBuilder word = new StringBuilder();
        for (int i = from; i < to; i++) {
            word.append(HexFormat.of().toHexDigits((byte) i)).append(between);
        }
        return word.toString();
    }

    private static String starts(int... ranges) {
        StringBuilder words = new StringBuilder();
        for (int i = 0; i < ranges.length; i += 2) {
            words.append(range(ranges[i], ranges[i + 1], "20")).append(' ');
        }
        return words.toString();
    }

    /** The last two of every plane but the first. */
    private static String nonCharacters() {
        StringBuilder words = new StringBuilder();
        for (int plane = 1; plane <= 16; plane++) {
            for (int last = 0xFFFE; last <= 0xFFFF; last++) {
                String character = Character.toString(plane << 16 | last);
                words.append(' ').append(HexFormat.of().formatHex(character.getBytes(StandardCharsets.UTF_8)));
            }
        }
        return words.toString();
    }
}
