package dev.meerkat.http.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CookieJarTest {
    private static final Instant NOW = Instant.parse("2026-07-14T12:00:00Z");

    private final CookieJar jar = CookieJar.create();

    private void set(String uri, String... cookies) {
        jar.store(URI.create(uri), List.of(cookies), NOW);
    }

    private String sent(String uri) {
        return sent(uri, NOW);
    }

    private String sent(String uri, Instant when) {
        return jar.header(URI.create(uri), when).orElse("");
    }

    @Test
    void aCookieGoesBackToItsVeryHostUnlessItNamesADomain() {
        set("http://www.example.com/", "a=1", "b=2; Domain=example.com", "c=3; Domain=.EXAMPLE.com");
        assertEquals("a=1; b=2; c=3", sent("http://www.example.com/"));
        assertEquals("b=2; c=3", sent("http://example.com/"));
        assertEquals("b=2; c=3", sent("http://other.example.com/"));
        assertEquals("", sent("http://notexample.com/"));
        assertEquals("", sent("http://example.com.evil.org/"));
    }

    @Test
    void nobodySetsACookieForAnotherDomain() {
        set("http://www.example.com/", "a=1; Domain=other.com", "b=2; Domain=sub.www.example.com");
        set("http://192.0.2.1/", "c=3; Domain=0.2.1");
        assertEquals(List.of(), jar.cookies(NOW));
    }

    @ParameterizedTest
    @ValueSource(strings = {"com", "co.uk", "com.au", "or.jp"})
    void nobodySetsACookieForARegistry(String registry) {
        set("http://www.example." + registry + "/", "a=1; Domain=" + registry);
        assertEquals(List.of(), jar.cookies(NOW));
        set("http://" + registry + "/", "a=1; Domain=" + registry);
        assertEquals("", sent("http://example." + registry + "/"), "it is for the registry's own host alone");
    }

    @Test
    void aProgramBringsTheRealListOfRegistries() {
        CookieJar careful =
                CookieJar.builder().publicSuffixes("github.io"::equals).build();
        URI uri = URI.create("http://someone.github.io/");
        careful.store(uri, List.of("a=1; Domain=github.io", "b=2"), NOW);
        assertEquals(Optional.of("b=2"), careful.header(uri, NOW));
    }

    @Test
    void pathsMatchBySegments() {
        set("http://h.test/a/b", "default=1", "root=2; Path=/", "deep=3; Path=/a/b", "wrong=4; Path=a");
        assertEquals("deep=3; default=1; wrong=4; root=2", sent("http://h.test/a/b"));
        assertEquals("default=1; wrong=4; root=2", sent("http://h.test/a"));
        assertEquals("default=1; wrong=4; root=2", sent("http://h.test/a/bc"));
        assertEquals("root=2", sent("http://h.test/ab"));
    }

    @Test
    void secureCookiesGoByHttpsOnlyAndComeFromThereOnly() {
        set("https://h.test/", "a=1; Secure");
        set("http://h.test/", "b=2; Secure", "a=stolen");
        assertEquals("", sent("http://h.test/"));
        assertEquals("a=1", sent("https://h.test/"));
    }

    @Test
    void prefixesKeepTheirPromise() {
        set(
                "https://h.test/x/y",
                "__Secure-a=1",
                "__Secure-b=2; Secure; Path=/",
                "__Host-c=3; Secure",
                "__Host-d=4; Secure; Path=/; Domain=h.test",
                "__Host-e=5; Secure; Path=/");
        assertEquals("__Secure-b=2; __Host-e=5", sent("https://h.test/x/y"));
    }

    @Test
    void cookiesEndAtTheVeryInstant() {
        set("http://h.test/", "a=1; Max-Age=10", "b=2; Expires=Tue, 14 Jul 2026 12:00:20 GMT", "c=3");
        assertEquals("a=1; b=2; c=3", sent("http://h.test/", NOW.plusSeconds(10).minusNanos(1)));
        assertEquals("b=2; c=3", sent("http://h.test/", NOW.plusSeconds(10)));
        assertEquals("c=3", sent("http://h.test/", NOW.plusSeconds(20)));
    }

    @Test
    void maxAgeCountsBeforeExpiresAndZeroDeletes() {
        set("http://h.test/", "a=1; Max-Age=100; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "b=2");
        assertEquals("a=1; b=2", sent("http://h.test/"));
        set("http://h.test/", "a=; Max-Age=0", "b=; Max-Age=-1");
        assertEquals("", sent("http://h.test/"));
    }

    @Test
    void anotherValueKeepsThePlaceInTheOrder() {
        set("http://h.test/", "a=1", "b=2");
        set("http://h.test/", "a=3");
        assertEquals("a=3; b=2", sent("http://h.test/"));
    }

    @Test
    void whatIsMalformedIsIgnored() {
        set("http://h.test/", "novalue", "=x", "a\u0001=1", "  b = 2 ; UnknownThing; Max-Age=x; Expires=never");
        assertEquals("b=2", sent("http://h.test/"));
    }

    @Test
    void aDomainKeepsAsManyAsAllowedAndThenThoseUsedLast() {
        CookieJar small = CookieJar.builder().domainLimit(3).build();
        URI uri = URI.create("http://h.test/");
        IntStream.rangeClosed(1, 3).forEach(i -> small.store(uri, List.of("c" + i + "=" + i), NOW));
        assertEquals(Optional.of("c1=1; c2=2; c3=3"), small.header(uri, NOW));
        small.store(uri, List.of("c4=4"), NOW);
        assertEquals(Optional.of("c2=2; c3=3; c4=4"), small.header(uri, NOW));
        small.store(URI.create("http://other.test/"), List.of("x=y"), NOW);
        assertEquals(4, small.cookies(NOW).size());
    }

    @Test
    void theJarAndTheLengthAreLimited() {
        CookieJar small = CookieJar.builder().limit(2).bytesLimit(6).build();
        for (String host : List.of("a", "b", "c")) {
            small.store(URI.create("http://" + host + ".test/"), List.of("n=1234", "n=12345"), NOW);
        }
        assertEquals(
                List.of("b.test", "c.test"),
                small.cookies(NOW).stream().map(Cookie::domain).toList());
        assertEquals(Optional.of("n=1234"), small.header(URI.create("http://c.test/"), NOW));
        assertThrows(IllegalArgumentException.class, () -> CookieJar.builder().limit(0));
    }

    @Test
    void cookiesAreAddedAndRemovedByThemselves() {
        Cookie cookie = new Cookie("a", "1", "h.test", true, "/", false, false, Optional.empty());
        jar.add(cookie, NOW);
        assertEquals("a=1", sent("http://h.test/"));
        jar.removeIf(each -> each.name().equals("a"));
        assertEquals("", sent("http://h.test/"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Sun, 06 Nov 1994 08:49:37 GMT      | 1994-11-06T08:49:37Z",
                "Sunday, 06-Nov-94 08:49:37 GMT     | 1994-11-06T08:49:37Z",
                "Sun Nov  6 08:49:37 1994           | 1994-11-06T08:49:37Z",
                "Wed, 01-Jan-2070 00:00:00 GMT      | 2070-01-01T00:00:00Z",
                "1 feb 69 1:2:3                     | 2069-02-01T01:02:03Z",
                "32 Jan 2020 00:00:00               | ",
                "01 Jan 2020 24:00:00               | ",
                "01 Jan 1600 00:00:00               | ",
                "01 Xyz 2020 00:00:00               | ",
                "30 Feb 2020 00:00:00               | ",
                "''                                 | "
            })
    void datesAreReadAsBrowsersDo(String text, String expected) {
        assertEquals(Optional.ofNullable(expected).map(Instant::parse), CookieDate.parse(text));
    }
}
