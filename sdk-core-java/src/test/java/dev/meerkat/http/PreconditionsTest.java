package dev.meerkat.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.meerkat.http.Preconditions.Outcome;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RFC 9110 §13.2.2, step by step. The tag is "a", or W/"a"; modified at 12:00:00.5. */
class PreconditionsTest {
    private static final Instant MODIFIED = Instant.parse("2026-01-01T12:00:00.500Z");
    private static final Instant NOW = Instant.parse("2026-01-02T00:00:00Z");
    private static final String AT = "Thu, 01 Jan 2026 12:00:00 GMT";
    private static final String BEFORE = "Thu, 01 Jan 2026 11:59:59 GMT";
    private static final String AFTER = "Thu, 01 Jan 2026 12:00:01 GMT";

    private static Outcome of(String method, boolean weak, String... fields) {
        RequestHead head = RequestHead.of(method, "/", Headers.of(fields));
        return Preconditions.evaluate(head, new EntityTag(weak, "a"), MODIFIED, NOW, !weak);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "*                 | false | PERFORM",
                "*                 | true  | PERFORM",
                "\"a\"             | false | PERFORM",
                "\"b\", \"a\"      | false | PERFORM",
                "\"b\"             | false | FAILED",
                "W/\"a\"           | false | FAILED",
                "\"a\"             | true  | FAILED",
                "W/\"a\"           | true  | FAILED",
                "a                 | false | FAILED",
                "\"A\"             | false | FAILED",
            })
    void ifMatchComparesStrongly(String value, boolean weak, Outcome expected) {
        assertEquals(expected, of("GET", weak, "If-Match", value));
        assertEquals(expected, of("PUT", weak, "If-Match", value));
        // the date does not count beside it
        assertEquals(expected, of("GET", weak, "If-Match", value, "If-Unmodified-Since", BEFORE));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                AT + "      | PERFORM",
                AFTER + "   | PERFORM",
                BEFORE + "  | FAILED",
                "yesterday  | PERFORM",
            })
    void ifUnmodifiedSinceIsToTheSecond(String value, Outcome expected) {
        assertEquals(expected, of("GET", false, "If-Unmodified-Since", value));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "*                       | NOT_MODIFIED",
                "\"a\"                   | NOT_MODIFIED",
                "W/\"a\"                 | NOT_MODIFIED",
                "\"b\" , W/\"a\"         | NOT_MODIFIED",
                "\"b\"                   | PERFORM",
                "\"a,b\"                 | PERFORM",
                "nonsense, \"a\"         | NOT_MODIFIED",
                "w/\"a\"                 | PERFORM",
            })
    void ifNoneMatchComparesWeakly(String value, Outcome expected) {
        for (boolean weak : new boolean[] {false, true}) {
            assertEquals(expected, of("GET", weak, "If-None-Match", value));
            assertEquals(expected, of("HEAD", weak, "If-None-Match", value));
            Outcome other = expected == Outcome.NOT_MODIFIED ? Outcome.FAILED : expected;
            assertEquals(other, of("PUT", weak, "If-None-Match", value));
            // the date does not count beside it
            assertEquals(expected, of("GET", weak, "If-None-Match", value, "If-Modified-Since", AFTER));
            assertEquals(expected, of("GET", weak, "If-None-Match", value, "If-Modified-Since", BEFORE));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                AT + "                           | NOT_MODIFIED",
                AFTER + "                        | NOT_MODIFIED",
                BEFORE + "                       | PERFORM",
                "Thursday, 01-Jan-26 12:00:00 GMT | NOT_MODIFIED",
                "Thu Jan  1 12:00:00 2026        | NOT_MODIFIED",
                "0                               | PERFORM",
            })
    void ifModifiedSinceIsToTheSecondAndForReading(String value, Outcome expected) {
        assertEquals(expected, of("GET", false, "If-Modified-Since", value));
        assertEquals(expected, of("HEAD", false, "If-Modified-Since", value));
        assertEquals(Outcome.PERFORM, of("PUT", false, "If-Modified-Since", value));
    }

    @Test
    void aDateThatComesTwiceIsNone() {
        assertEquals(Outcome.PERFORM, of("GET", false, "If-Modified-Since", AT, "If-Modified-Since", AT));
    }

    @Test
    void whatMustMatchComesFirst() {
        assertEquals(Outcome.FAILED, of("GET", false, "If-None-Match", "\"a\"", "If-Match", "\"b\""));
        assertEquals(Outcome.NOT_MODIFIED, of("GET", false, "If-None-Match", "\"a\"", "If-Match", "\"a\""));
        assertEquals(Outcome.FAILED, of("GET", false, "If-None-Match", "\"a\"", "If-Unmodified-Since", BEFORE));
        assertEquals(
                Outcome.NOT_MODIFIED,
                of("GET", false, "If-None-Match", "\"a\"", "Range", "bytes=0-", "If-Range", "\"b\""));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"a\"        | false | PERFORM",
                "\"b\"        | false | PERFORM_WITHOUT_RANGE",
                "W/\"a\"      | false | PERFORM_WITHOUT_RANGE",
                "\"a\"        | true  | PERFORM_WITHOUT_RANGE",
                "W/\"a\"      | true  | PERFORM_WITHOUT_RANGE",
                "*            | false | PERFORM_WITHOUT_RANGE",
                AT + "        | false | PERFORM",
                AT + "        | true  | PERFORM_WITHOUT_RANGE",
                BEFORE + "    | false | PERFORM_WITHOUT_RANGE",
                AFTER + "     | false | PERFORM_WITHOUT_RANGE",
                "nonsense     | false | PERFORM_WITHOUT_RANGE",
            })
    void ifRangeWantsTheVerySameBytes(String value, boolean weak, Outcome expected) {
        assertEquals(expected, of("GET", weak, "Range", "bytes=0-", "If-Range", value));
        assertEquals(Outcome.PERFORM, of("GET", weak, "If-Range", value)); // without a range it means nothing
        assertEquals(Outcome.PERFORM, of("HEAD", weak, "Range", "bytes=0-", "If-Range", value));
    }

    @Test
    void tagsAreReadStrictly() {
        assertEquals(Optional.of(new EntityTag(false, "")), EntityTag.parse("\"\""));
        assertEquals(Optional.of(new EntityTag(true, "x,y")), EntityTag.parse("W/\"x,y\""));
        for (String none : List.of("", "\"", "W/", "W/\"", "x", "\"a", "a\"", "\"a\"b\"", "\"a b\"", "w/\"a\"")) {
            assertEquals(Optional.empty(), EntityTag.parse(none), none);
        }
        assertEquals("W/\"x\"", new EntityTag(true, "x").toString());
        assertEquals("\"x\"", new EntityTag(false, "x").toString());
    }
}
