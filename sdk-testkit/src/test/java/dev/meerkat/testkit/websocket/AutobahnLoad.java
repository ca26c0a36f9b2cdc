package dev.meerkat.testkit.websocket;

import static dev.meerkat.testkit.websocket.WireFrame.BINARY;
import static dev.meerkat.testkit.websocket.WireFrame.TEXT;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;

/**
 * The cases of groups 9, 12 and 13: large messages, many of them, and compressed ones. Their sizes are the suite's, or
 * a sixteenth, and their numbers are the suite's, or a hundredth.
 */
final class AutobahnLoad {
    private static final int MIB = 1 << 20;
    private static final int[] LENGTHS = {64 << 10, 256 << 10, MIB, 4 * MIB, 8 * MIB, 16 * MIB};
    private static final int[] SMALL_LENGTHS = {0, 16, 64, 256, 1024, 4096};
    private static final int[] FRAGMENTS = {64, 256, 1024, 4 << 10, 16 << 10, 64 << 10, 256 << 10, MIB, 4 * MIB};

    /** The length of a message and of its frames. */
    private static final int[][] COMPRESSED = {
        {16, 0},
        {64, 0},
        {256, 0},
        {1024, 0},
        {4096, 0},
        {8192, 0},
        {16_384, 0},
        {32_768, 0},
        {65_536, 0},
        {131_072, 0},
        {8192, 256},
        {16_384, 256},
        {32_768, 256},
        {65_536, 256},
        {131_072, 256},
        {131_072, 1024},
        {131_072, 4096},
        {131_072, 32_768}
    };

    private static final String DEFLATE = "permessage-deflate";
    private static final String CAN = DEFLATE + "; client_no_context_takeover; client_max_window_bits";

    /** What a client offers and a server answers, in 13.1 to 13.7. */
    private static final AutobahnCase.Compression[] TERMS = {
        new AutobahnCase.Compression(CAN, DEFLATE),
        new AutobahnCase.Compression(CAN + "; server_no_context_takeover", DEFLATE + "; client_no_context_takeover"),
        new AutobahnCase.Compression(CAN + "; server_max_window_bits=9", DEFLATE + "; client_max_window_bits=9"),
        new AutobahnCase.Compression(CAN + "; server_max_window_bits=15", DEFLATE + "; client_max_window_bits=15"),
        new AutobahnCase.Compression(
                CAN + "; server_no_context_takeover; server_max_window_bits=9",
                DEFLATE + "; client_no_context_takeover; client_max_window_bits=9"),
        new AutobahnCase.Compression(
                CAN + "; server_no_context_takeover; server_max_window_bits=15",
                DEFLATE + "; client_no_context_takeover; client_max_window_bits=15"),
        new AutobahnCase.Compression(
                CAN + "; server_no_context_takeover; server_max_window_bits=9, " + CAN
                        + "; server_no_context_takeover, " + CAN,
                DEFLATE + "; server_no_context_takeover; client_no_context_takeover; client_max_window_bits=9")
    };

    private final List<AutobahnCase> cases = new ArrayList<>();
    private final boolean full;

    private AutobahnLoad(boolean full) {
        this.full = full;
    }

    /** Group 9, as large and as many as the suite's if that is asked for. */
    static List<AutobahnCase> large(boolean full) {
        AutobahnLoad load = new AutobahnLoad(full);
        for (int kind = TEXT; kind <= BINARY; kind++) {
            load.large(kind);
            load.many(kind);
        }
        return load.cases;
    }

    /** The compressed ones. */
    static List<AutobahnCase> compressed(boolean full) {
        AutobahnLoad load = new AutobahnLoad(full);
        load.compressed();
        return load.cases;
    }

    private void large(int opcode) {
        int scale = full ? 1 : 16;
        for (int i = 0; i < LENGTHS.length; i++) {
            byte[] payload = AutobahnCases.stars(LENGTHS[i] / scale);
            add(
                    number(opcode, 1, i),
                    peer -> peer.send(WireFrame.of(opcode, payload))
                            .expectMessage(opcode, payload)
                            .closes());
        }
        for (int i = 0; i < FRAGMENTS.length; i++) {
            byte[] payload = AutobahnCases.stars(4 * MIB / scale);
            int fragment = FRAGMENTS[i];
            add(
                    number(opcode, 3, i),
                    peer -> peer.sendMessage(opcode, payload, fragment)
                            .expectMessage(opcode, payload)
                            .closes());
        }
        for (int i = 0; i < 6; i++) {
            byte[] payload = AutobahnCases.stars(MIB / scale);
            int chop = 64 << i;
            add(
                    number(opcode, 5, i),
                    peer -> peer.chopped(chop, WireFrame.of(opcode, payload))
                            .expectMessage(opcode, payload)
                            .closes());
        }
    }

    private void many(int opcode) {
        for (int i = 0; i < SMALL_LENGTHS.length; i++) {
            byte[] payload = AutobahnCases.stars(SMALL_LENGTHS[i]);
            add(number(opcode, 7, i), peer -> {
                for (int n = full ? 1000 : 10; n > 0; n--) {
                    peer.send(WireFrame.of(opcode, payload)).expectMessage(opcode, payload);
                }
                peer.closes();
            });
        }
    }

    private static String number(int opcode, int group, int index) {
        return "9." + (group + opcode - 1) + "." + (index + 1);
    }

    private void add(String number, Consumer<AutobahnPeer> script) {
        cases.add(AutobahnCase.plain(number, script));
    }

    private void compressed() {
        Data[] data = {
            new Data(TEXT, json()),
            new Data(BINARY, picture()),
            new Data(BINARY, prose()),
            new Data(TEXT, page()),
            new Data(BINARY, noise())
        };
        for (int i = 0; i < data.length; i++) {
            compressed("12." + (i + 1), TERMS[0], data[i]);
        }
        for (int i = 0; i < TERMS.length; i++) {
            compressed("13." + (i + 1), TERMS[i], data[0]);
        }
    }

    private void compressed(String group, AutobahnCase.Compression terms, Data data) {
        for (int i = 0; i < COMPRESSED.length; i++) {
            int length = COMPRESSED[i][0];
            int fragment = COMPRESSED[i][1];
            cases.add(new AutobahnCase(group + "." + (i + 1), Optional.of(terms), peer -> {
                for (int n = 0; n < (full ? 1000 : 10); n++) {
                    byte[] payload = data.piece(n, length);
                    peer.sendMessage(data.opcode, payload, fragment).expectMessage(data.opcode, payload);
                }
                peer.closes();
            }));
        }
    }

    /**
     * What is compressed.
     *
     * @param opcode text or binary
     * @param bytes a text has one byte a character
     */
    private record Data(int opcode, byte[] bytes) {
        byte[] piece(int index, int length) {
            byte[] piece = new byte[length];
            for (int i = 0; i < length; i++) {
                piece[i] = bytes[(int) (((long) index * length + i) % bytes.length)];
            }
            return piece;
        }
    }

    private static byte[] json() {
        StringBuilder text = new StringBuilder();
        Random random = new Random(12);
        for (int i = 0; i < 2000; i++) {
            text.append(String.format(
                    Locale.ROOT,
                    "{\"id\": %d, \"price\": %.4f, \"name\": \"item %d\"},\n",
                    i,
                    random.nextDouble() * 100,
                    random.nextInt(50)));
        }
        return text.toString().getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] page() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 3000; i++) {
            text.append("<tr class=\"row\"><td>").append(i * 7919 % 1000).append("</td></tr>\n");
        }
        return text.toString().getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] prose() {
        String[] words = "und der Geist sprach zu mir es war ein Wort das im Anfang stand wie Licht".split(" ");
        StringBuilder text = new StringBuilder();
        Random random = new Random(34);
        for (int i = 0; i < 30_000; i++) {
            text.append(words[random.nextInt(words.length)]).append(i % 9 == 8 ? '\n' : ' ');
        }
        return text.toString().getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] picture() {
        byte[] pixels = new byte[512 * 512];
        Random random = new Random(56);
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) (128 + 100 * Math.sin(i % 512 / 40.0) * Math.cos(i / 512 / 60.0) + random.nextInt(6));
        }
        return pixels;
    }

    private static byte[] noise() {
        byte[] bytes = new byte[300_000];
        new Random(78).nextBytes(bytes);
        Arrays.fill(bytes, 1000, 3000, (byte) ' ');
        return bytes;
    }
}
