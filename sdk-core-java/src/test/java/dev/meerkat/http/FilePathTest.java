package dev.meerkat.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which names a path leads through: never upwards, on no file system. */
class FilePathTest {
    private static String of(String path, String prefix, boolean hidden, boolean backslashes) {
        Optional<FilePath> parsed = FilePath.parse(path, 0, prefix, hidden, backslashes);
        return parsed.map(found -> String.join("|", found.names()) + (found.isDirectory() ? "|" : ""))
                .orElse("nothing");
    }

    @ParameterizedTest
    @CsvSource({
        "/,                      '|'",
        "/a,                     'a'",
        "/a/,                    'a|'",
        "/a/b.txt,               'a|b.txt'",
        "/a%20b/%C3%A4,          'a b|ä'",
        "/a%2Eb,                 'a.b'",
        "/...,                   'nothing'",
        "/a..b,                  'a..b'",
        "/a%25b,                 'a%b'",
        "/%252e%252e/x,          '%2e%2e|x'",
        "/a+b,                   'a+b'",
        "/.well-known/x,         '.well-known|x'",
        "/c:/x,                  'c:|x'",
    })
    void namesAreDecodedOneByOne(String path, String expected) {
        assertEquals(expected, of(path, "", false, false));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/..", "/../x", "/a/../x", "/a/..", "/.", "/./x", "/%2e%2e/x", "/%2E%2e/x", "/.%2e/x", "/%2e/x",
                "/a%2Fb", "/a%2fb", "/..%2fx", "/%2e%2e%2fx", "/a%5cb", "/..%5cx", "/a\\b", "/..\\x", "//a", "/a//b",
                "//", "/a//", "/%01", "/a%0Ab", "/a%7F", "x", "", "*", "/%2fa", "/%5Cevil.example"
            })
    void whatCouldLeadElsewhereLeadsNowhere(String path) {
        assertEquals("nothing", of(path, "", true, false));
        assertEquals("nothing", of(path, "", true, true));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/%00",
                "/a%00.txt",
                "/%",
                "/%2",
                "/%zz",
                "/%C0%AE%C0%AE/x",
                "/%E0%80%AE",
                "/%ED%A0%80",
                "/%FF",
                "/..%c0%af",
                "/%c1%9c",
                "/../%00"
            })
    void whatIsMalformedIsThePeersFault(String path) {
        assertThrows(MalformedTextException.class, () -> of(path, "", true, false));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/.git/config", "/.htaccess", "/a/.b", "/.a/b", "/...", "/%2Egit"})
    void hiddenNamesAreNotFoundUnlessWanted(String path) {
        assertEquals("nothing", of(path, "", false, false));
        assertEquals(PercentCoding.decodePath(path).substring(1).replace('/', '|'), of(path, "", true, false));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/c:",
                "/c:/x",
                "/a:stream",
                "/a.",
                "/a%20",
                "/CON",
                "/con.txt",
                "/Lpt1",
                "/a%3F",
                "/a*",
                "/a%22",
                "/a%7C",
                "/a%3Cb",
                "/nul.tar.gz",
                "/conin$",
                "/aux%20.txt"
            })
    void namesThatMeanSomethingElseToWindowsAreNoneThere(String path) {
        assertEquals("nothing", of(path, "", false, true));
    }

    @ParameterizedTest
    @CsvSource({
        "/static/a,      'a'",
        "/static/,       '|'",
        "/static,        '|'",
        "/st%61tic/a,    'a'",
        "/statics/a,     'nothing'",
        "/a,             'nothing'",
        "/,              'nothing'",
        "/static/../a,   'nothing'",
    })
    void whatIsBelowAPrefix(String path, String expected) {
        assertEquals(expected, of(path, "/static", false, false));
    }

    @Test
    void whatARouterHasLookedAtIsPassedOver() {
        assertEquals(
                Optional.of(new FilePath(java.util.List.of("c"), false)),
                FilePath.parse("/a/b/c", 2, "", false, false));
        assertEquals(
                Optional.of(new FilePath(java.util.List.of("d"), false)),
                FilePath.parse("/a/b/c/d", 2, "/c", false, false));
        assertEquals(Optional.empty(), FilePath.parse("/a", 2, "", false, false));
    }
}
