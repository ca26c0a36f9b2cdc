package dev.meerkat.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ParametersTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''              | ''",
                "a=1             | a=1;",
                "a=1&b=2         | a=1;b=2;",
                "a=1&a=2         | a=1;a=2;",
                "a               | a=;",
                "a=              | a=;",
                "=v              | =v;",
                "=               | =;",
                "a=b=c           | a=b=c;",
                "&&a=1&&         | a=1;",
                "&               | ''",
                "a%3Db=c%26d     | a=b=c&d;",
                "first+name=J+D  | first name=J D;",
                // A semicolon separates nothing (URL standard).
                "a=1;b=2         | a=1;b=2;",
                "a&b             | a=;b=;",
                "A=1&a=2         | A=1;a=2;",
            })
    void aQueryIsReadAsTheUrlStandardReadsIt(String text, String pairs) {
        var read = new StringBuilder();
        Parameters.parse(text)
                .forEach((name, value) ->
                        read.append(name).append('=').append(value).append(';'));
        assertEquals(pairs, read.toString());
    }

    @Test
    void namesMayRepeatAndKeepTheirOrder() {
        Parameters parameters = Parameters.parse("b=1&a=2&b=3");
        assertEquals(Optional.of("1"), parameters.first("b"));
        assertEquals(Optional.empty(), parameters.first("c"));
        assertEquals(List.of("1", "3"), parameters.all("b"));
        assertEquals(List.of(), parameters.all("c"));
        assertEquals(List.of("b", "a"), new ArrayList<>(parameters.names()));
        assertEquals(3, parameters.size());
    }

    @Test
    void whatIsWrittenIsReadAgain() {
        Parameters parameters = Parameters.builder()
                .add("q", "café noir & more")
                .add("", "")
                .add("q", "100%+")
                .add("a=b", "~*-._")
                .build();
        assertEquals("q=caf%C3%A9+noir+%26+more&=&q=100%25%2B&a%3Db=%7E*-._", parameters.encode());
        assertEquals(parameters, Parameters.parse(parameters.encode()));
        assertEquals(Parameters.empty(), Parameters.parse(""));
    }

    @Test
    void moreThanTheLimitIsRefused() {
        String thousand = "a&".repeat(1_000);
        assertEquals(1_000, Parameters.parse(thousand).size());
        assertThrows(MalformedTextException.class, () -> Parameters.parse(thousand + "a"));
        assertEquals(2, Parameters.parse("a&b", 2).size());
        assertThrows(MalformedTextException.class, () -> Parameters.parse("a&b&c", 2));
    }
}
