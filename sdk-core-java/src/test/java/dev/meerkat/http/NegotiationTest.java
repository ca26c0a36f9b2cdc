package dev.meerkat.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NegotiationTest {
    private static final String NO_ANSWER = "-";

    private static List<String> split(String field) {
        return Headers.of("Accept", field).elements("Accept");
    }

    private static List<String> words(String offers) {
        return List.of(offers.split(" ", -1));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "audio/*; q=0.2, audio/basic       | audio/mp3 audio/basic | audio/basic", // RFC 9110 12.5.1
                "audio/*; q=0.2, audio/basic       | audio/mp3             | audio/mp3",
                "text/plain; q=0.5, text/html, text/x-dvi; q=0.8, text/x-c | text/plain text/x-dvi text/x-c | text/x-c",
                "^^                                | a/b c/d | a/b",
                "*/*                               | a/b c/d | a/b",
                "c/d, a/b                          | a/b c/d | a/b",
                "c/d;q=1, a/b;q=0.999              | a/b c/d | c/d",
                "c/d;q=0.001                       | a/b c/d | c/d",
                "x/y                               | a/b c/d | -",
                "*/*;q=0                           | a/b c/d | -",
                "a/b;q=0, */*                      | a/b c/d | c/d",
                "*/*, a/b;q=0                      | a/b c/d | c/d",
                "a/*;q=0, a/b                      | a/c a/b | a/b",
                "TEXT/HTML                         | text/html | text/html",
                "a/b;q=0.5;ext=1, c/d;q=0.6        | a/b c/d | c/d",
                "a/b ; Q=0.5 , c/d                 | a/b c/d | c/d",
                "a/b;x=\"y;q=0.1\", c/d            | a/b c/d | c/d",
                // Malformed advice is no advice.
                "nonsense                          | a/b c/d | a/b",
                "a/b;q=2, c/d;q=0.1                | a/b c/d | c/d",
                "a/b;q=-1, c/d;q=0.1               | a/b c/d | c/d",
                "a/b;q=0.1234, c/d;q=0.1           | a/b c/d | c/d",
                "a/b;q=, c/d;q=0.1                 | a/b c/d | c/d",
                "*/b, c/d                          | a/b c/d | c/d",
            })
    void theBestTypeIsChosen(String accept, String offers, String chosen) {
        assertEquals(chosen, Negotiation.mediaType(split(accept), words(offers)).orElse(NO_ANSWER));
    }

    @ParameterizedTest
    @CsvSource({
        "text/html;level=1, 1000",
        "text/html, 700",
        "text/plain, 300",
        "image/jpeg, 500",
        "text/html;level=2, 400",
        "text/html;level=3, 700"
    })
    void theMostSpecificRangeTellsTheWeight(String type, int weight) {
        String accept = "text/*;q=0.3, text/html;q=0.7, text/html;level=1, text/html;level=2;q=0.4, */*;q=0.5";
        // The table of RFC 9110 12.5.1: against an offer that weighs as much or a little more.
        var same = split(accept + ", x/y;q=" + weight / 1000.0);
        assertEquals(Optional.of(type), Negotiation.mediaType(same, List.of(type, "x/y")));
        var less = split(accept + ", x/y;q=" + (weight - 1) / 1000.0);
        assertEquals(Optional.of(type), Negotiation.mediaType(less, List.of("x/y", type)));
        assertEquals(Optional.of("x/y"), Negotiation.mediaType(same, List.of("x/y", type)));
    }

    @Test
    void anOfferThatIsNoTypeIsTheProgramsFault() {
        assertThrows(MalformedTextException.class, () -> Negotiation.mediaType(split("a/b"), List.of("html")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // RFC 9110 12.5.3.
                "compress, gzip                     | gzip",
                "''                                 | identity",
                "*                                  | gzip",
                "compress;q=0.5, gzip;q=1.0         | gzip",
                "gzip;q=1.0, identity; q=0.5, *;q=0 | gzip",
                "deflate, gzip                      | gzip",
                "deflate, gzip;q=0.5                | deflate",
                "gzip;q=0                           | identity",
                "gzip;q=0, *                        | deflate",
                "*;q=0, gzip                        | gzip",
                "x-gzip                             | gzip",
                "GZIP                               | gzip",
                "br, zstd                           | identity",
                "identity                           | identity",
                "identity, gzip;q=0.5               | identity",
                "identity;q=0                       | -",
                "identity;q=0, br                   | -",
                "*;q=0                              | -",
                "gzip;q=0.001                       | gzip",
                "gzip;q=1.5                         | identity",
            })
    void theBestCodingIsChosen(String acceptEncoding, String chosen) {
        assertEquals(
                chosen,
                Negotiation.coding(split(acceptEncoding), List.of("gzip", "deflate"))
                        .orElse(NO_ANSWER));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "da, en-gb;q=0.8, en;q=0.7 | en-US en-GB da | da", // RFC 9110 12.5.4
                "da, en-gb;q=0.8, en;q=0.7 | en-US en-GB    | en-GB",
                "da, en-gb;q=0.8, en;q=0.7 | en-US          | en-US",
                "fr                        | en de          | -",
                "*                         | en de          | en",
                "de, *;q=0.1               | en de          | de",
                "en;q=0, *                 | en-US de       | de",
                "e                         | en             | -",
                "''                        | en de          | en",
            })
    void theBestLanguageIsChosen(String acceptLanguage, String offers, String chosen) {
        assertEquals(
                chosen,
                Negotiation.language(split(acceptLanguage), words(offers)).orElse(NO_ANSWER));
    }
}
