package dev.meerkat.internal.multipart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class BoundaryMatcherTest {
    private static final long SEED = 0x2046;

    /** Data that looks like delimiters as much as it can, and some that does not. */
    static Stream<String> texts() {
        Random random = new Random(SEED);
        Stream<String> teasing = IntStream.range(0, 300)
                .mapToObj(i -> random(random, "\r\n-ab", 60).replace("b\r", "\r\n--aabaabaabaabaabaab"));
        return Stream.concat(
                Stream.of(
                        "",
                        "\r",
                        "\r\n",
                        "\r\n-",
                        "\r\n--",
                        "\r\r\n--a",
                        "\r\n\r\n--ab",
                        "-".repeat(200),
                        "\r".repeat(99)),
                teasing);
    }

    @ParameterizedTest
    @MethodSource("texts")
    void findsWhatAPlainSearchFindsWhereverTheInputIsCut(String text) {
        for (String boundary : new String[] {"a", "ab", "aab", "-a", "--", "a-b-a", "aabaabaabaabaabaab"}) {
            String expected = plain(text, boundary);
            for (int cut = 0; cut <= text.length(); cut++) {
                assertEquals(expected, search(boundary, text.substring(0, cut), text.substring(cut)));
            }
            assertEquals(expected, search(boundary, text.split("")));
        }
    }

    @Test
    void aBodyMayBeginWithItsFirstDelimiter() {
        assertEquals("<>rest", search("b", "--brest"));
        assertEquals("x--b", search("b", "x--b"));
    }

    @ParameterizedTest
    @MethodSource("costs")
    void everyByteIsReadFourTimesAtMost(String boundary, String unit, int piece) {
        byte[] input = unit.repeat(60_000 / unit.length()).getBytes(StandardCharsets.US_ASCII);
        BoundaryMatcher matcher = new BoundaryMatcher(boundary);
        for (int from = 0; from < input.length; from += piece) {
            take(matcher, ByteBuffer.wrap(input, from, Math.min(piece, input.length - from)), new StringBuilder());
        }
        assertTrue(matcher.reads() <= 4L * input.length + 3, () -> matcher.reads() + " reads of " + input.length);
    }

    static Stream<Arguments> costs() {
        String longest = "-".repeat(70);
        return Stream.of(
                        "\r\n" + "-".repeat(71),
                        "-",
                        "\r",
                        "\r\n",
                        "\r\n-",
                        "a",
                        "-a",
                        "\r\n--aaaaab",
                        "\r\n--a",
                        "aaab\r\n--")
                .flatMap(unit -> Stream.of("a", "aaaaaa", "ab", longest, "b" + "a".repeat(69))
                        .flatMap(boundary -> Stream.of(1, 2, 7, 73, 4_096, 60_000)
                                .map(piece -> Arguments.of(boundary, unit, piece))));
    }

    @Test
    void mostOfAFileIsNeverRead() {
        byte[] file = new byte[1 << 20];
        new Random(SEED).nextBytes(file);
        BoundaryMatcher matcher = new BoundaryMatcher("------------------------d74496d66958873e");
        take(matcher, ByteBuffer.wrap(file), new StringBuilder());
        assertTrue(matcher.reads() < file.length / 25, () -> matcher.reads() + " reads");
    }

    @Test
    void noMoreIsHeldBackThanADelimiterLessOne() {
        String boundary = "b".repeat(70);
        BoundaryMatcher matcher = new BoundaryMatcher(boundary);
        String almost = "x\r\n--" + "b".repeat(69);
        StringBuilder seen = new StringBuilder();
        take(matcher, ByteBuffer.wrap(almost.getBytes(StandardCharsets.US_ASCII)), seen);
        assertEquals(73, matcher.held());
        assertEquals(74, matcher.length());
        take(matcher, ByteBuffer.wrap(new byte[] {'c'}), seen);
        assertEquals(almost + "c", seen.toString());
    }

    private static String random(Random random, String alphabet, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(length); i >= 0; i--) {
            text.append(alphabet.charAt(random.nextInt(alphabet.length())));
        }
        return text.toString();
    }

    /** What lies between delimiters, with a mark for each of them; the end of a line stands before the text. */
    private static String plain(String text, String boundary) {
        String marked = ("\r\n" + text).replace("\r\n--" + boundary, "<>");
        return marked.startsWith("<>") ? marked : marked.substring(2);
    }

    private static String search(String boundary, String... pieces) {
        BoundaryMatcher matcher = new BoundaryMatcher(boundary);
        StringBuilder seen = new StringBuilder();
        for (String piece : pieces) {
            take(
                    matcher,
                    ByteBuffer.wrap(("//" + piece + "//").getBytes(StandardCharsets.US_ASCII), 2, piece.length()),
                    seen);
        }
        return seen.append(matcher.held() == 0 ? "" : text(matcher.released(matcher.held())))
                .toString();
    }

    private static void take(BoundaryMatcher matcher, ByteBuffer input, StringBuilder seen) {
        while (input.hasRemaining()) {
            int held = matcher.held();
            if (held > 0) {
                switch (matcher.resume(input)) {
                    case FOUND -> seen.append("<>");
                    case NONE -> seen.append(text(matcher.released(held)));
                    default -> {}
                }
                continue;
            }
            int index = matcher.find(input);
            boolean whole = matcher.isWhole(index, input);
            seen.append(text(input.slice(input.position(), index - input.position())));
            input.position(whole ? index + matcher.length() : input.limit());
            seen.append(whole ? "<>" : "");
        }
    }

    private static String text(ByteBuffer bytes) {
        return StandardCharsets.US_ASCII.decode(bytes).toString();
    }
}
