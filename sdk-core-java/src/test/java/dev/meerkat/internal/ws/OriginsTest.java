package dev.meerkat.internal.ws;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which page is the server's own (RFC 6454 §5). */
class OriginsTest {
    @ParameterizedTest
    @CsvSource({
        "http://example.com,      example.com,      false, true",
        "HTTP://Example.COM,      eXample.com,      false, true",
        "http://example.com,      example.com:80,   false, true",
        "http://example.com:80,   example.com,      false, true",
        "http://example.com:8080, example.com:8080, false, true",
        "https://example.com,     example.com:443,  true,  true",
        "https://example.com:443, example.com,      true,  true",
        "http://[::1]:8080,       [::1]:8080,       false, true",
        "http://[::1],            [::1]:80,         false, true",
        "http://example.com,      example.com:8080, false, false",
        "http://example.com:8080, example.com,      false, false",
        "http://example.com:443,  example.com,      false, false",
        "https://example.com:80,  example.com,      true,  false",
        "https://example.com,     example.com,      false, false",
        "http://example.com,      example.com,      true,  false",
        "http://example.com.evil, example.com,      false, false",
        "http://evil.example.com, example.com,      false, false",
        "http://example.com/,     example.com,      false, false",
        "http://u@example.com,    example.com,      false, false",
        "null,                    example.com,      false, false",
        "null,                    null,             false, false",
        "example.com,             example.com,      false, false",
        "http://,                 '',               false, false",
        "http://:80,              :80,              false, true",
        "file://,                 example.com,      false, false"
    })
    void aPageIsTheServersOwn(String origin, String host, boolean secure, boolean same) {
        assertEquals(same, Origins.isSame(origin, host, secure));
    }
}
