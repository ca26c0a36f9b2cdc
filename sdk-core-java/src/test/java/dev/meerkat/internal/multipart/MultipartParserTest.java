package dev.meerkat.internal.multipart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.multipart.MultipartError;
import dev.meerkat.multipart.MultipartError.Kind;
import dev.meerkat.multipart.MultipartLimits;
import dev.meerkat.multipart.PartEvent;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class MultipartParserTest {
    private static final MultipartLimits LIMITS = MultipartLimits.defaults();
    private static final long SEED = 0x7578;

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] form(String disposition) {
        return bytes("--b0undary\r\nContent-Disposition: " + disposition + "\r\n\r\nx\r\n--b0undary--\r\n");
    }

    private static Heard whole(byte[] body) {
        return Heard.cut(body.clone(), LIMITS);
    }

    private static Heard whole(String body) {
        return whole(bytes(body));
    }

    // ---------------------------------------------------------------- each sample, cut in every way

    static Stream<Samples.Sample> samples() {
        return Samples.all();
    }

    @ParameterizedTest
    @MethodSource("samples")
    void wholeItSaysWhatItShould(Samples.Sample sample) {
        assertEquals(sample.expected(), whole(sample.body()).text());
    }

    @ParameterizedTest
    @MethodSource("samples")
    void cutAnywhereItSaysTheSame(Samples.Sample sample) {
        byte[] body = sample.body();
        for (int cut = 0; cut <= body.length; cut++) {
            assertEquals(sample.expected(), Heard.cut(body, LIMITS, cut).text(), "cut at " + cut);
        }
    }

    @ParameterizedTest
    @MethodSource("samples")
    void byteByByteItSaysTheSame(Samples.Sample sample) {
        assertEquals(sample.expected(), Heard.byteByByte(sample.body(), LIMITS).text());
    }

    @ParameterizedTest
    @MethodSource("samples")
    void cutAtRandomItSaysTheSame(Samples.Sample sample) {
        Random random = new Random(SEED);
        byte[] body = sample.body();
        for (int run = 0; run < 200; run++) {
            int[] cuts =
                    random.ints(random.nextInt(9), 0, body.length + 1).sorted().toArray();
            assertEquals(sample.expected(), Heard.cut(body, LIMITS, cuts).text(), () -> Arrays.toString(cuts));
        }
    }

    @ParameterizedTest
    @MethodSource("samples")
    void truncatedAnywhereWhatHasBegunIsEndedOnce(Samples.Sample sample) {
        byte[] body = sample.body();
        String complete = sample.expected();
        for (int end = 0; end < body.length; end++) {
            Heard heard = whole(Arrays.copyOf(body, end)); // which checks the grammar
            if (heard.last().equals("end complete")) {
                // Only what stands behind the last boundary is missing, right or wrong.
                String parts = heard.text().substring(0, heard.text().length() - "complete".length());
                assertTrue(complete.startsWith(parts), () -> complete + " without its end is " + parts);
            } else {
                String error = heard.last().substring("end ".length());
                assertTrue(
                        error.equals("TRUNCATED") || complete.endsWith(error), () -> error + " instead of " + complete);
            }
        }
    }

    // ---------------------------------------------------------------- bodies made at random

    @Test
    void whateverIsSentArrivesHoweverItIsCut() {
        Random random = new Random(SEED);
        for (int run = 0; run < 2_000; run++) {
            StringBuilder body = new StringBuilder(random.nextBoolean() ? "" : teasing(random) + "\r\n");
            StringBuilder expected = new StringBuilder("start\n");
            for (int part = random.nextInt(4); part >= 0; part--) {
                String data = teasing(random);
                body.append("--b0undary\r\nContent-Disposition: form-data; name=p" + part + "\r\n\r\n" + data + "\r\n");
                expected.append("begin p" + part + " - text/plain\ndata " + data + "\npart complete\n");
            }
            body.append("--b0undary--").append(random.nextBoolean() ? "" : "\r\n" + teasing(random));
            expected.append("end complete");
            byte[] input = bytes(body.toString());
            int[] cuts = random.ints(random.nextInt(12), 0, input.length + 1)
                    .sorted()
                    .toArray();
            assertEquals(expected.toString(), Heard.cut(input, LIMITS, cuts).text(), "run " + run + " of seed " + SEED);
        }
    }

    /** Beginnings of boundaries, and other bytes that matter, but no boundary at the start of a line. */
    private static String teasing(Random random) {
        StringBuilder text = new StringBuilder();
        String[] bits = {
            "\r", "\n", "\r\n", "-", "--", "\r\n--b0undar", "\r\n--b0", "\r\n--", "x", "--b0undary", "\0", "\u00ff"
        };
        for (int i = random.nextInt(8); i > 0; i--) {
            text.append(bits[random.nextInt(bits.length)]);
        }
        return ("\r\n" + text).contains("\r\n--b0undary") ? teasing(random) : text.toString();
    }

    // ---------------------------------------------------------------- data

    @Test
    void dataIsLentAndNeverCopied() throws Exception {
        byte[] body = form("form-data; name=a");
        List<ByteBuffer> slices = new ArrayList<>();
        MultipartParser parser = new MultipartParser(Heard.BOUNDARY, LIMITS, event -> {
            if (event instanceof PartEvent.PartData data) {
                slices.add(data.bytes());
            }
        });
        parser.start(Heard.HEAD);
        parser.take(ByteBuffer.wrap(body));
        assertEquals('x', slices.get(0).get(0));
        Arrays.fill(body, (byte) 'y');
        assertEquals('y', slices.get(0).get(0));
    }

    @Test
    void onlyTheBeginningOfABoundaryIsHeldBack() {
        Heard heard = new Heard(LIMITS).take(bytes("--b0undary\r\n\r\ndata\r\n--b0undar"));
        assertEquals(1, heard.slices);
        heard.take(bytes("z\r"));
        assertEquals(3, heard.slices);
        assertEquals("data data\r\n--b0undarz", heard.finish().lines.get(2));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 13, 65_536})
    void everyByteIsReadAFewTimesAtMostHoweverItDrips(int piece) throws Exception {
        String bait = "\r\n--b0undar\r\n-\r\r\n";
        byte[] body = bytes("--b0undary\r\n\r\n" + bait.repeat(20_000) + "\r\n--b0undary--");
        MultipartParser parser = new MultipartParser(Heard.BOUNDARY, LIMITS, event -> {});
        parser.start(Heard.HEAD);
        for (int from = 0; from < body.length; from += piece) {
            parser.take(ByteBuffer.wrap(body, from, Math.min(piece, body.length - from)));
        }
        parser.finish();
        assertTrue(parser.reads() <= 4L * body.length, () -> parser.reads() + " reads of " + body.length);
    }

    // ---------------------------------------------------------------- pausing

    @Test
    void whoPausesIsToldNothingMoreAndTheInputStaysWhereItIs() throws Exception {
        byte[] body = bytes("--b0undary\r\n\r\none\r\n--b0undary\r\n\r\ntwo\r\n--b0undary--");
        List<String> heard = new ArrayList<>();
        MultipartParser[] parser = new MultipartParser[1];
        parser[0] = new MultipartParser(Heard.BOUNDARY, LIMITS, event -> {
            heard.add(event.getClass().getSimpleName());
            parser[0].pause();
        });
        parser[0].start(Heard.HEAD);
        ByteBuffer input = ByteBuffer.wrap(body);
        parser[0].take(input);
        assertEquals(0, input.position());
        int turns = 0;
        for (; input.hasRemaining(); turns++) {
            int before = heard.size();
            parser[0].resume();
            parser[0].take(input);
            assertTrue(heard.size() <= before + 1);
        }
        assertTrue(parser[0].isPaused());
        parser[0].finish();
        assertEquals(
                List.of(
                        "MultipartStart",
                        "PartBegin",
                        "PartData",
                        "PartEnd",
                        "PartBegin",
                        "PartData",
                        "PartEnd",
                        "MultipartEnd"),
                heard);
    }

    // ---------------------------------------------------------------- ending

    @Test
    void abortEndsThePartAndThenTheBodyOnce() {
        MultipartError error = MultipartError.of(Kind.REFUSED, "not wanted");
        Heard heard = new Heard(LIMITS)
                .take(bytes("--b0undary\r\n\r\nda"))
                .abort(error)
                .abort(error);
        assertEquals("start\nbegin - - text/plain\ndata da\npart REFUSED\nend REFUSED", heard.text());
        assertEquals(5, heard.take(bytes("\r\n--b0undary--")).finish().lines.size());
        assertTrue(heard.parser.hasEnded());
    }

    @Test
    void abortBetweenPartsEndsTheBodyAlone() {
        Heard heard = new Heard(LIMITS)
                .take(bytes("--b0undary\r\n\r\nda\r\n--b0undary\r\n"))
                .abort(MultipartError.of(Kind.REFUSED, "not wanted"));
        assertEquals("start\nbegin - - text/plain\ndata da\npart complete\nend REFUSED", heard.text());
    }

    @ParameterizedTest
    @ValueSource(strings = {"PartBegin", "PartData", "PartEnd"})
    void whoAbortsWithinAnEventIsToldTheEndAndNothingElse(String when) throws Exception {
        List<String> heard = new ArrayList<>();
        MultipartParser[] parser = new MultipartParser[1];
        parser[0] = new MultipartParser(Heard.BOUNDARY, LIMITS, event -> {
            String name = event.getClass().getSimpleName();
            heard.add(name);
            if (name.equals(when)) {
                parser[0].abort(MultipartError.of(Kind.REFUSED, "not wanted"));
            }
        });
        parser[0].start(Heard.HEAD);
        parser[0].take(ByteBuffer.wrap(bytes("--b0undary\r\n\r\none\r\n--b0undary\r\n\r\ntwo\r\n--b0undary--")));
        parser[0].finish();
        List<String> expected = new ArrayList<>(List.of("MultipartStart", "PartBegin", "PartData", "PartEnd"));
        if (when.equals("PartBegin")) {
            expected.remove("PartData");
        }
        expected.add("MultipartEnd");
        assertEquals(expected, heard);
    }

    @Test
    void theEndIsToldEvenIfTheEndOfThePartIsNotWellTaken() throws Exception {
        List<String> heard = new ArrayList<>();
        RuntimeException failure = new RuntimeException("handler");
        MultipartParser parser = new MultipartParser(Heard.BOUNDARY, LIMITS, event -> {
            heard.add(event.getClass().getSimpleName());
            if (event instanceof PartEvent.PartEnd) {
                throw failure;
            }
        });
        parser.start(Heard.HEAD);
        parser.take(ByteBuffer.wrap(bytes("--b0undary\r\n\r\none")));
        assertSame(
                failure,
                assertThrows(
                        RuntimeException.class, () -> parser.abort(MultipartError.of(Kind.REFUSED, "not wanted"))));
        assertEquals(List.of("MultipartStart", "PartBegin", "PartData", "PartEnd", "MultipartEnd"), heard);
    }

    @Test
    void whatTheSinkThrowsComesBackAndTheBodyCanBeAborted() throws Exception {
        List<String> heard = new ArrayList<>();
        MultipartParser parser = new MultipartParser(Heard.BOUNDARY, LIMITS, event -> {
            heard.add(event.getClass().getSimpleName());
            if (event instanceof PartEvent.PartData) {
                throw new IllegalStateException("handler");
            }
        });
        parser.start(Heard.HEAD);
        ByteBuffer input = ByteBuffer.wrap(form("form-data; name=a"));
        int limit = input.limit();
        assertThrows(IllegalStateException.class, () -> parser.take(input));
        assertEquals(limit, input.limit());
        parser.abort(MultipartError.of(Kind.HANDLER_FAILED, "handler"));
        assertEquals(List.of("MultipartStart", "PartBegin", "PartData", "PartEnd", "MultipartEnd"), heard);
    }

    // ---------------------------------------------------------------- limits

    @Nested
    class AtTheLimit {
        private void holds(String body, MultipartLimits enough, MultipartLimits tooSmall, Kind kind) {
            for (Heard heard : List.of(Heard.cut(bytes(body), enough), Heard.byteByByte(bytes(body), enough))) {
                assertEquals("end complete", heard.last());
            }
            Heard refused = Heard.cut(bytes(body), tooSmall);
            assertEquals("end " + kind, refused.last());
            assertEquals(refused.text(), Heard.byteByByte(bytes(body), tooSmall).text());
        }

        @Test
        void ofParts() {
            String body = "--b0undary\r\n\r\n1\r\n--b0undary\r\n\r\n2\r\n--b0undary--";
            holds(
                    body,
                    MultipartLimits.builder().maxParts(2).build(),
                    MultipartLimits.builder().maxParts(1).build(),
                    Kind.TOO_MANY_PARTS);
        }

        @Test
        void ofTheBytesOfAHead() {
            String head = "X-Long: " + "v".repeat(100) + "\r\n\r\n";
            String body = "--b0undary\r\n" + head + "1\r\n--b0undary--";
            holds(
                    body,
                    MultipartLimits.builder().maxPartHeadBytes(head.length()).build(),
                    MultipartLimits.builder()
                            .maxPartHeadBytes(head.length() - 1)
                            .build(),
                    Kind.PART_HEAD_TOO_LARGE);
        }

        @Test
        void ofTheWhiteSpaceBehindABoundary() {
            String body = "--b0undary" + " ".repeat(80) + "\r\n\r\n1\r\n--b0undary--";
            holds(
                    body,
                    MultipartLimits.builder().maxPartHeadBytes(80).build(),
                    MultipartLimits.builder().maxPartHeadBytes(79).build(),
                    Kind.PART_HEAD_TOO_LARGE);
            holds(
                    "--b0undary--" + "\t".repeat(80) + "\r\n",
                    MultipartLimits.builder().maxPartHeadBytes(80).build(),
                    MultipartLimits.builder().maxPartHeadBytes(79).build(),
                    Kind.PART_HEAD_TOO_LARGE);
        }

        @Test
        void ofTheFieldsOfAHead() {
            String body = "--b0undary\r\n" + "X: y\r\n".repeat(5) + "\r\n1\r\n--b0undary--";
            holds(
                    body,
                    MultipartLimits.builder().maxPartFields(5).build(),
                    MultipartLimits.builder().maxPartFields(4).build(),
                    Kind.PART_HEAD_TOO_LARGE);
        }

        @ParameterizedTest
        @ValueSource(strings = {"name", "filename", "filename*"})
        void ofAName(String parameter) {
            String value = parameter.endsWith("*") ? "UTF-8''%C3%A4bc" : "\"\u00c3\u00a4bc\"";
            String body = new String(form("form-data; " + parameter + "=" + value), StandardCharsets.ISO_8859_1);
            holds(
                    body,
                    MultipartLimits.builder().maxNameBytes(4).build(),
                    MultipartLimits.builder().maxNameBytes(3).build(),
                    Kind.PART_HEAD_TOO_LARGE);
        }

        @Test
        void ofAPart() {
            String body = "--b0undary\r\n\r\n12345\r\n--b0undary\r\n\r\n1\r\n--b0undary--";
            holds(
                    body,
                    MultipartLimits.builder().maxPartBytes(5).build(),
                    MultipartLimits.builder().maxPartBytes(4).build(),
                    Kind.PART_TOO_LARGE);
            assertEquals(
                    "data 1234",
                    Heard.cut(
                                    bytes(body),
                                    MultipartLimits.builder().maxPartBytes(4).build())
                            .lines
                            .get(2));
        }

        @Test
        void ofTheWholeBodyWithAllThatIsReadOver() {
            String body = "preamble\r\n--b0undary\r\n\r\n1\r\n--b0undary--\r\nepilogue";
            holds(
                    body,
                    MultipartLimits.builder().maxBytes(body.length()).build(),
                    MultipartLimits.builder().maxBytes(body.length() - 1).build(),
                    Kind.TOO_LARGE);
        }

        @Test
        void aBodyWithoutAnyBoundaryIsBounded() {
            assertEquals(
                    "start\nend TOO_LARGE",
                    Heard.cut(
                                    new byte[1_001],
                                    MultipartLimits.builder().maxBytes(1_000).build())
                            .text());
        }
    }

    @Test
    void limitsThatMakeNoSenseAreRefusedAtOnce() {
        assertThrows(
                IllegalArgumentException.class,
                () -> MultipartLimits.builder().maxParts(0).build());
        assertThrows(
                IllegalArgumentException.class,
                () -> MultipartLimits.builder().maxPartHeadBytes(63).build());
        assertThrows(
                IllegalArgumentException.class,
                () -> MultipartLimits.builder().maxPartFields(0).build());
        assertThrows(
                IllegalArgumentException.class,
                () -> MultipartLimits.builder().maxNameBytes(0).build());
        assertThrows(
                IllegalArgumentException.class,
                () -> MultipartLimits.builder().maxPartBytes(-1).build());
        assertThrows(
                IllegalArgumentException.class,
                () -> MultipartLimits.builder().maxBytes(-1).build());
        assertThrows(
                IllegalArgumentException.class,
                () -> MultipartLimits.builder().maxFieldBytes(-1).build());
        assertEquals(LIMITS, LIMITS.toBuilder().build());
    }

    // ---------------------------------------------------------------- what stays with a part

    @Test
    void allEventsOfAPartCarryTheSameObjectAndWhatWasAttachedToIt() throws Exception {
        List<Object> heard = new ArrayList<>();
        MultipartParser parser = new MultipartParser(Heard.BOUNDARY, LIMITS, event -> {
            if (event instanceof PartEvent.PartBegin begin) {
                begin.part().attach("mine");
            } else if (event instanceof PartEvent.PartData data) {
                heard.add(data.part().attachment(String.class));
            } else if (event instanceof PartEvent.PartEnd end) {
                heard.add(end.part().attachment(String.class));
                assertThrows(ClassCastException.class, () -> end.part().attachment(Integer.class));
            }
        });
        parser.start(Heard.HEAD);
        parser.take(ByteBuffer.wrap(form("form-data; name=a")));
        assertEquals(List.of("mine", "mine"), heard);
    }

    @Test
    void aPartKeepsItsFieldsInTheirOrder() {
        var part = whole("--b0undary\r\nX-One:1\r\nContent-Type: \t a/b ; c=d \t\r\nx-two:\r\n\r\n\r\n--b0undary--")
                .parts
                .get(0);
        assertEquals(3, part.headers().size());
        assertEquals("1", part.headers().first("x-one").orElseThrow());
        assertEquals("a/b ; c=d", part.contentType());
        assertEquals("", part.headers().first("X-Two").orElseThrow());
        assertFalse(part.name().isPresent());
    }
}
