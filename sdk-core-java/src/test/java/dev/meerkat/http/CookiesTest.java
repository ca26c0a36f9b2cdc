package dev.meerkat.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.http.SetCookie.SameSite;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CookiesTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "SID=31d4d96e407aad42             | {SID=31d4d96e407aad42}", // RFC 6265 3.1
                "SID=31d4d96e407aad42; lang=en-US | {SID=31d4d96e407aad42, lang=en-US}",
                "a=1;b=2;  c=3                    | {a=1, b=2, c=3}",
                "a=                               | {a=}",
                "a=b=c                            | {a=b=c}",
                "'  a = 1  '                      | {a=1}",
                "a=\"quoted\"                     | {a=\"quoted\"}",
                "a={\"json\":[1,2]}               | {a={\"json\":[1,2]}}",
                "a=x y                            | {a=x y}",
                // The first of a name: user agents send the longer path first.
                "a=1; a=2; A=3                    | {a=1, A=3}",
                // Malformed pairs do not hide the others.
                "; ;a=1;;                         | {a=1}",
                "novalue; a=1                     | {a=1}",
                "=x; a=1                          | {a=1}",
                "b@d=x; a=1                       | {a=1}",
                "a b=x; c=1                       | {c=1}",
                "a=x\u0001y; c=1                  | {c=1}",
                "a=x\u007f; c=1                   | {c=1}",
                "novalue                          | {}",
            })
    void aCookieFieldIsReadLeniently(String field, String cookies) {
        assertEquals(cookies, Cookies.parse(List.of(field)).toString());
    }

    @Test
    void severalFieldsAreOneAndNoneIsNothing() {
        assertEquals("{a=1, b=2}", Cookies.parse(List.of("a=1", "b=2; a=3")).toString());
        assertEquals("{}", Cookies.parse(List.of()).toString());
    }

    @Nested
    class Setting {
        @Test
        void theDefaultsKeepScriptsAndOtherSitesOut() {
            assertEquals(
                    "a=1; Path=/; HttpOnly; SameSite=Lax",
                    SetCookie.of("a", "1").build().toString());
        }

        @Test
        void everythingCanBeSaid() {
            assertEquals(
                    "id=x; Path=/app; Domain=example.org; Max-Age=28800; Secure; SameSite=None",
                    SetCookie.of("id", "x")
                            .path("/app")
                            .domain("example.org")
                            .maxAge(Duration.ofHours(8))
                            .secure(true)
                            .httpOnly(false)
                            .sameSite(SameSite.NONE)
                            .build()
                            .toString());
            assertTrue(SetCookie.of("a", "")
                    .sameSite(SameSite.STRICT)
                    .build()
                    .toString()
                    .endsWith("SameSite=Strict"));
        }

        @Test
        void removingSetsAnEmptyValueOfNoAge() {
            assertEquals(
                    "a=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax",
                    SetCookie.remove("a").build().toString());
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "a b", "a;b", "a=b", "a\r\nSet-Cookie", "é", "a,b", "\"a\"", "a\0"})
        void aNameIsAToken(String name) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> SetCookie.of(name, "1").build());
        }

        @ParameterizedTest
        @ValueSource(
                strings = {"a b", "a;b", "a,b", "a\\b", "a\"b", "\"a", "\"", "a\r\nSet-Cookie: b=1", "é", "\0", "\u007f"
                })
        void aValueCannotBeginAnythingElse(String value) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> SetCookie.of("a", value).build());
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "a", "/a;b", "/a\nb", "/é"})
        void aPathBeginsWithASlashAndStaysOne(String path) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> SetCookie.of("a", "1").path(path).build());
        }

        @ParameterizedTest
        @ValueSource(strings = {"", ".example.org", "example.org; Secure", "a b", "-a", "a-", "*"})
        void aDomainIsTheNameOfAHost(String domain) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> SetCookie.of("a", "1").domain(domain).build());
        }

        @Test
        void lengthsAreThoseThatUserAgentsKeep() {
            assertEquals(
                    4_095, SetCookie.of("a", "x".repeat(4_095)).build().value().length());
            refused("a", "x".repeat(4_096), cookie -> cookie);
            SetCookie.of("a", "1").path("/" + "x".repeat(1_023)).build();
            refused("a", "1", cookie -> cookie.path("/" + "x".repeat(1_024)));
            SetCookie.of("a", "1").domain("x".repeat(1_024)).build();
            refused("a", "1", cookie -> cookie.domain("x".repeat(1_025)));
        }

        @Test
        void prefixesAndSameSiteNoneNeedWhatTheyPromise() {
            refused("__Secure-a", "1", cookie -> cookie);
            refused("__sEcUrE-a", "1", cookie -> cookie);
            SetCookie.of("__Secure-a", "1")
                    .secure(true)
                    .domain("a.example")
                    .path("/x")
                    .build();
            SetCookie.of("__Host-a", "1").secure(true).build();
            refused("__Host-a", "1", cookie -> cookie);
            refused("__host-a", "1", cookie -> cookie.secure(true).path("/x"));
            refused("__Host-a", "1", cookie -> cookie.secure(true).domain("a.example"));
            refused("a", "1", cookie -> cookie.sameSite(SameSite.NONE));
            refused("a", "1", cookie -> cookie.maxAge(Duration.ofSeconds(-1)));
        }

        private void refused(String name, String value, UnaryOperator<SetCookie.Builder> changes) {
            var cookie = changes.apply(SetCookie.of(name, value));
            assertThrows(IllegalArgumentException.class, cookie::build);
        }
    }
}
