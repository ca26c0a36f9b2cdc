package dev.meerkat.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PercentCodingTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''                   | ''",
                "/plain               | /plain",
                "/a%20b               | /a b",
                "/a+b                 | /a+b",
                "/caf%C3%A9           | /café",
                "/caf%c3%a9           | /café",
                "/%E2%82%AC%F0%9F%98%80/x | /€😀/x",
                "%2F                  | /",
                "a%2eb%2Ec            | a.b.c",
                // Once: what was escaped twice stays escaped.
                "%252e%252E           | %2e%2E",
                "%2525                | %25",
                // What ought to have been escaped.
                "/café                | /café",
                "x%7F%01x             | x\u007f\u0001x",
            })
    void pathsAreDecodedOnceAsUtf8(String text, String decoded) {
        assertEquals(decoded, PercentCoding.decodePath(text));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"a+b | a b", "+ | ' '", "%2B | +", "a%20b+c%2b | a b c+", "1%2B1%3D2 | 1+1=2", "%26 | &"})
    void inFormsAPlusIsASpace(String text, String decoded) {
        assertEquals(decoded, PercentCoding.decodeForm(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "%",
                "100%",
                "%4",
                "a%4",
                "%4g",
                "%g4",
                "%%41",
                "% 41",
                "%+1",
                "%-1",
                "%u0041",
                "%41%",
                "%C3%A9%4",
                "%\uFF11\uFF11", // digits of another script
                // NUL, plain and overlong.
                "%00",
                "a%00b",
                "a\0b",
                "%C0%80",
                // Overlong slashes and dots, and the other ways to write what is not UTF-8.
                "%C0%AF",
                "%E0%80%AF",
                "%F0%80%80%AF",
                "%C0%AE",
                "%C1%BF",
                "%ED%A0%80", // a surrogate
                "%F4%90%80%80", // above U+10FFFF
                "%FF",
                "%FE",
                "%80",
                "%C3",
                "%C3%28",
                "%E2%82",
                "%C3/%A9",
                "%E9" // Latin-1
            })
    void whatIsMalformedIsRefusedInPathsAndForms(String text) {
        assertThrows(MalformedTextException.class, () -> PercentCoding.decodePath(text));
        assertThrows(MalformedTextException.class, () -> PercentCoding.decodeForm(text));
        assertThrows(MalformedTextException.class, () -> Parameters.parse("a=" + text));
    }

    @Test
    void theFailureTellsWhereAndStaysOnOneLine() {
        var failure = assertThrows(MalformedTextException.class, () -> PercentCoding.decodePath("/a\r\nb%zz"));
        assertEquals(5, failure.index());
        assertEquals(
                "at index 5 expected two hexadecimal digits behind the percent sign, in \"/a\\u000D\\u000Ab%zz\"",
                failure.getMessage());
        var manyFailures =
                assertThrows(MalformedTextException.class, () -> PercentCoding.decodePath("x".repeat(100_000) + "%"));
        assertTrue(manyFailures.getMessage().length() < 200);
    }

    @Test
    void whatHasNoEscapesIsNotCopied() {
        String path = "/as/it/is";
        assertSame(path, PercentCoding.decodePath(path));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a/b?c#d      | a%2Fb%3Fc%23d       | a/b%3Fc%23d",
                "a b          | a%20b               | a%20b",
                "café/€       | caf%C3%A9%2F%E2%82%AC | caf%C3%A9/%E2%82%AC",
                "-._~!$&'()*+,;=:@ | -._~!$&'()*+,;=:@ | -._~!$&'()*+,;=:@",
                "\"<>%        | %22%3C%3E%25        | %22%3C%3E%25",
            },
            quoteCharacter = '^')
    void segmentsAndPathsAreEncoded(String text, String segment, String path) {
        assertEquals(segment, PercentCoding.encodeSegment(text));
        assertEquals(path, PercentCoding.encodePath(text));
        assertEquals(text, PercentCoding.decodePath(segment));
        assertEquals(text, PercentCoding.decodePath(path));
    }

    @Test
    void anUnpairedSurrogateBecomesAQuestionMark() {
        assertEquals("%3F", PercentCoding.encodeSegment("\uD800"));
    }
}
