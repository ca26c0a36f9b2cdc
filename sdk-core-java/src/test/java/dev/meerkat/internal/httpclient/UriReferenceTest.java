package dev.meerkat.internal.httpclient;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UriReferenceTest {
    /** RFC 3986 §5.4, but for fragments, which a base of a redirect hands down (RFC 9110 §10.2.2). */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "g:h           | g:h",
                "g             | http://a/b/c/g",
                "./g           | http://a/b/c/g",
                "g/            | http://a/b/c/g/",
                "/g            | http://a/g",
                "//g           | http://g",
                "?y            | http://a/b/c/d;p?y",
                "g?y           | http://a/b/c/g?y",
                "#s            | http://a/b/c/d;p?q#s",
                "g#s           | http://a/b/c/g#s",
                "g?y#s         | http://a/b/c/g?y#s",
                ";x            | http://a/b/c/;x",
                "g;x           | http://a/b/c/g;x",
                "''            | http://a/b/c/d;p?q",
                ".             | http://a/b/c/",
                "./            | http://a/b/c/",
                "..            | http://a/b/",
                "../           | http://a/b/",
                "../g          | http://a/b/g",
                "../..         | http://a/",
                "../../        | http://a/",
                "../../g       | http://a/g",
                "../../../g    | http://a/g",
                "../../../../g | http://a/g",
                "/./g          | http://a/g",
                "/../g         | http://a/g",
                "g.            | http://a/b/c/g.",
                ".g            | http://a/b/c/.g",
                "g..           | http://a/b/c/g..",
                "..g           | http://a/b/c/..g",
                "./../g        | http://a/b/g",
                "./g/.         | http://a/b/c/g/",
                "g/./h         | http://a/b/c/g/h",
                "g/../h        | http://a/b/c/h",
                "g;x=1/./y     | http://a/b/c/g;x=1/y",
                "g;x=1/../y    | http://a/b/c/y",
                "g?y/./x       | http://a/b/c/g?y/./x",
                "g?y/../x      | http://a/b/c/g?y/../x",
                "https://x:1/y | https://x:1/y"
            })
    void referencesAreResolvedAsTheirStandardSays(String reference, String expected) {
        assertEquals(
                expected,
                UriReference.resolve(URI.create("http://a/b/c/d;p?q"), reference)
                        .toString());
    }

    @Test
    void theFragmentOfTheBaseIsHandedDown() {
        assertEquals(
                "http://a/g#top",
                UriReference.resolve(URI.create("http://a/b#top"), "/g").toString());
        assertEquals(
                "http://a/g#s",
                UriReference.resolve(URI.create("http://a/b#top"), "/g#s").toString());
    }

    @Test
    void whatNoUriMayContainIsPercentEncodedByteByByte() {
        assertEquals(
                "http://a/%C3%BC%20%22?q=%7C",
                UriReference.resolve(URI.create("http://a"), " /\u00c3\u00bc \"?q=| ")
                        .toString());
        assertThrows(IllegalArgumentException.class, () -> UriReference.resolve(URI.create("http://a"), "http://[x"));
    }
}
