package dev.meerkat.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The answers that are made for programs: redirects, pages of failures, events, and how filters change answers. */
class ResponsesTest {
    private static String text(Response response) {
        return response.body() instanceof ResponseBody.Whole whole
                ? whole.bytes().utf8()
                : "";
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/a\r\nSet-Cookie: b=1",
                "/a\nb",
                "/a b",
                "/é",
                "/\0",
                "/\"",
                "/<script>",
                "/\\evil",
                "/{a}",
                "\t"
            })
    void aRedirectGoesWhereAUriCan(String location) {
        assertThrows(IllegalArgumentException.class, () -> Response.redirect(303, location));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "", "a?b=c#d", "https://example.org:8080/%C3%A9?q=[1]", "../x;y=1"})
    void aRedirectKeepsItsLocation(String location) {
        assertEquals(
                location,
                Response.redirect(307, location).headers().first("Location").orElseThrow());
        assertThrows(IllegalArgumentException.class, () -> Response.redirect(304, location));
    }

    @Test
    void aCookieIsTakenAsItIsDescribedSoFar() {
        SetCookie.Builder cookie = SetCookie.of("room", "1").path("/a");
        Response response = Response.status(204).withCookie(cookie).withCookie(SetCookie.remove("old"));
        assertEquals(
                List.of(
                        cookie.build().toString(),
                        SetCookie.remove("old").build().toString()),
                response.headers().all("Set-Cookie"));
        assertThrows(IllegalArgumentException.class, () -> Response.status(204).withCookie(SetCookie.of("a b", "")));
    }

    @Test
    void varyNamesEachFieldOnce() {
        Response response =
                Response.text("x").withVary("Accept").withVary("accept").withVary("Origin");
        assertEquals(List.of("Accept", "Origin"), response.headers().elements("Vary"));
        Response star = Response.text("x").withHeader("Vary", "*");
        assertSame(star, star.withVary("Accept"));
    }

    @Test
    void cacheControlSaysForWhomAndHowLong() {
        assertEquals("public, max-age=3600", CacheControl.everybody(Duration.ofHours(1)));
        assertEquals("private, max-age=0", CacheControl.peerOnly(Duration.ZERO));
        assertEquals("public, max-age=31536000, immutable", CacheControl.forever());
        assertThrows(IllegalArgumentException.class, () -> CacheControl.everybody(Duration.ofSeconds(-1)));
    }

    @Nested
    class Pages {
        private Response page(String accept, Response plain) {
            return ErrorPages.html().apply(Optional.of(FakeRequest.of("GET", "/", "Accept", accept)), plain);
        }

        @Test
        void whoPrefersHtmlGetsThatAndItCannotBeScript() {
            Response page = page("text/html,application/xhtml+xml,*/*;q=0.8", Response.error(404, "no <b>&'\" here"));
            assertEquals(404, page.status());
            assertEquals(
                    "text/html; charset=utf-8",
                    page.headers().first("Content-Type").orElseThrow());
            assertEquals("Accept", page.headers().first("Vary").orElseThrow());
            assertEquals("""
                    <!doctype html>
                    <html lang="en"><meta charset="utf-8"><title>404</title>
                    <h1>404</h1>
                    <p>no &lt;b&gt;&amp;&#39;&quot; here</p></html>
                    """, text(page));
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "*/*", "text/plain", "application/json", "text/html;q=0.5, text/plain"})
        void everybodyElseGetsText(String accept) {
            Response plain = Response.error(404, "x");
            assertSame(plain, page(accept, plain));
            assertSame(plain, ErrorPages.html().apply(Optional.empty(), plain));
        }

        @Test
        void whatIsNoPlainFailurePasses() {
            for (Response other : List.of(
                    Response.text("x"),
                    Response.json("{}").withStatus(400),
                    Response.stream("text/plain", () -> output -> {}).withStatus(500))) {
                assertSame(other, page("text/html", other));
            }
            assertEquals(403, page("text/html", Response.status(403)).status());
        }

        @Test
        void fieldsOfTheFailureStay() throws Exception {
            Router router = Router.create()
                    .filter(ErrorPages.filter(ErrorPages.html()))
                    .post("/", request -> Response.text(""));
            Response page = router.onHead(FakeRequest.of("GET", "/", "Accept", "text/html"));
            assertEquals(405, page.status());
            assertEquals("OPTIONS, POST", page.headers().first("Allow").orElseThrow());
            assertEquals(Optional.of("text/html; charset=utf-8"), page.headers().first("Content-Type"));
        }
    }

    @Nested
    class Changing {
        private final HttpFilter stamp =
                HttpFilter.changing((request, response) -> response.withHeader("X-Stamp", "1"));

        private Response ask(HttpHandler handler) throws Exception {
            return handler.with(stamp).onHead(FakeRequest.of("GET", "/"));
        }

        private Response known(Response response) {
            var later = (ResponseBody.Later) response.body();
            return later.response().toCompletableFuture().join();
        }

        @Test
        void answersAreChangedHoweverTheyCome() throws Exception {
            CompletableFuture<Response> future = new CompletableFuture<>();
            CompletableFuture<Response> failing = new CompletableFuture<>();
            Response later = ask(request -> Response.later(future));
            Response thrownLater = ask(request -> Response.later(failing.thenApply(response -> response)));
            future.complete(Response.later(CompletableFuture.completedFuture(Response.text("x"))));
            failing.completeExceptionally(new ResponseException(404, "x"));
            for (Response response : List.of(
                    ask(request -> Response.text("x")),
                    ask(request -> {
                        throw new ResponseException(404, "x");
                    }),
                    known(known(later)),
                    known(thrownLater))) {
                assertEquals(Optional.of("1"), response.headers().first("X-Stamp"));
            }
        }

        @Test
        void otherFailuresPass() {
            assertThrows(
                    IOException.class,
                    () -> ask(request -> {
                        throw new IOException("x");
                    }));
        }
    }

    @Nested
    class Events {
        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "a            | data: a⏎⏎",
                    "''           | data: ⏎⏎",
                    "a⏎b          | data: a⏎data: b⏎⏎",
                    "a↵⏎b↵c⏎d     | data: a⏎data: b⏎data: c⏎data: d⏎⏎",
                    "a⏎           | data: a⏎data: ⏎⏎",
                    "a⏎⏎id: 1     | data: a⏎data: ⏎data: id: 1⏎⏎",
                    "' a'         | data:  a⏎⏎",
                    "café 😀      | data: café 😀⏎⏎",
                })
        void dataHasAsManyFieldsAsLines(String data, String lines) {
            String text = data.replace('⏎', '\n').replace('↵', '\r');
            assertEquals(
                    lines.replace('⏎', '\n'), ServerSentEvent.of(text).encode().utf8());
        }

        @Test
        void everyFieldHasItsLine() {
            ServerSentEvent event =
                    ServerSentEvent.of("21").withName("t").withId("7").withRetry(Duration.ofSeconds(3));
            assertEquals(
                    "event: t\ndata: 21\nid: 7\nretry: 3000\n\n", event.encode().utf8());
            assertEquals(
                    ": a\n: b\n\n", ServerSentEvent.comment("a\nb").encode().utf8());
            assertEquals(
                    "data: x\nid: \n\n",
                    ServerSentEvent.of("x").withId("").encode().utf8());
        }

        @ParameterizedTest
        @ValueSource(strings = {"a\nb", "a\rb", "\0"})
        void namesAndIdsAreOneLine(String text) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> ServerSentEvent.of("x").withName(text));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> ServerSentEvent.of("x").withId(text));
        }

        @Test
        void boundsArePositive() {
            EventStreamOptions options = EventStreamOptions.DEFAULT;
            assertThrows(IllegalArgumentException.class, () -> options.withWaiting(0, 1));
            assertThrows(IllegalArgumentException.class, () -> options.withWaiting(1, 0));
            assertThrows(IllegalArgumentException.class, () -> options.withHeartbeat(Duration.ofNanos(-1)));
            assertThrows(
                    IllegalArgumentException.class, () -> ServerSentEvent.of("").withRetry(Duration.ofNanos(-1)));
        }
    }
}
