package dev.meerkat.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.meerkat.event.Bytes;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RouterTest {
    /** Answers with the template of the route and what it captured. */
    private static final HttpHandler SHOW = request -> {
        RouteMatch match = request.attribute(RouteMatch.class).orElseThrow();
        return Response.text(match.template() + " " + match.captures());
    };

    private static HttpHandler named(String name) {
        return request -> Response.text(name);
    }

    private static Router router(String... routes) {
        Router router = Router.create();
        for (String route : routes) {
            router.route(route.split(" ", 2)[0], route.split(" ", 2)[1], SHOW);
        }
        return router;
    }

    /** Status and text of the answer, and of a response exception. */
    private static String ask(HttpHandler handler, String request) throws Exception {
        Response response;
        try {
            response = handler.onHead(FakeRequest.of(request.split(" ", 2)[0], request.split(" ", 2)[1], "Host", "x"));
        } catch (ResponseException answer) {
            response = answer.response();
        }
        if (response.status() == 200) {
            return text(response);
        }
        return response.status()
                + response.headers().first("Allow").map(allow -> " " + allow).orElse("");
    }

    private static String text(Response response) {
        return response.body() instanceof ResponseBody.Whole whole
                ? whole.bytes().utf8()
                : "";
    }

    @Nested
    class Paths {
        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "/               | / {}",
                    "/a              | /a {}",
                    "/a?b=c          | /a {}",
                    "/a/             | /a/ {}",
                    "/a/b            | /a/b {}",
                    // A literal before a capture, a capture before the rest.
                    "/u/me           | /u/me {}",
                    "/u/you          | /u/{id} {id=you}",
                    "/u/you/x/y      | /u/{all...} {all=you/x/y}",
                    "/u/me/x         | /u/{all...} {all=me/x}",
                    "/u/1/posts      | /u/{user}/posts {user=1}",
                    "/u/me/posts     | /u/{user}/posts {user=me}", // the literal leads nowhere
                    "/u/1/posts/2    | /u/{user}/posts/{post} {user=1, post=2}",
                    // The rest may be nothing, a capture may not.
                    "/u              | /u/{all...} {all=}",
                    "/u/             | /u/{all...} {all=}",
                    "/u//            | /u/{all...} {all=/}",
                    "/u/1/posts/     | /u/{all...} {all=1/posts/}",
                    // Decoded after splitting.
                    "/u/a%2Fb        | /u/{id} {id=a/b}",
                    "/u/a%2Fb/c      | /u/{all...} {all=a%2Fb/c}",
                    "/u/a%252Fb/c    | /u/{all...} {all=a%252Fb/c}",
                    "/u/100%25/a%20b | /u/{all...} {all=100%25/a b}",
                    "/u/%6De         | /u/me {}",
                    "/u/caf%C3%A9    | /u/{id} {id=café}",
                    "/u/a+b%20c      | /u/{id} {id=a+b c}",
                    "/u/%252e        | /u/{id} {id=%2e}",
                    "/u/...          | /u/{id} {id=...}",
                    "/caf%C3%A9      | /café {}",
                    // Nothing is redirected or guessed.
                    "/b              | 404",
                    "//              | 404",
                    "/a/b/           | 404",
                    "/A              | 404",
                    "/a/b/c          | 404",
                    "/%61/b          | /a/b {}",
                    "http://x/a      | /a {}",
                    "http://x        | / {}",
                    // Dot segments and malformed escapes.
                    "/u/..           | 400",
                    "/u/../a         | 400",
                    "/u/%2e%2E/a     | 400",
                    "/u/./a          | 400",
                    "/u/.%2e         | 400",
                    "/u/%zz          | 400",
                    "/u/%00          | 400",
                    "/u/%C0%AF       | 400",
                    "/u/%            | 400",
                })
        void aPathTakesOneRoute(String path, String answer) throws Exception {
            var routes = new ArrayList<>(List.of(
                    "GET /",
                    "GET /a",
                    "GET /a/",
                    "GET /a/b",
                    "GET /u/me",
                    "GET /u/{id}",
                    "GET /u/{all...}",
                    "GET /u/{user}/posts",
                    "GET /u/{user}/posts/{post}",
                    "GET /café"));
            var random = new SplittableRandom(1);
            for (int order = 0; order < 20; order++) {
                for (int i = routes.size() - 1; i > 0; i--) {
                    Collections.swap(routes, i, random.nextInt(i + 1));
                }
                assertEquals(answer, ask(router(routes.toArray(new String[0])), "GET " + path), routes::toString);
            }
        }

        @Test
        void theRootCanTakeAll() throws Exception {
            Router router = router("GET /{path...}", "GET /x");
            assertEquals("/{path...} {path=}", ask(router, "GET /"));
            assertEquals("/{path...} {path=a/b/}", ask(router, "GET /a/b/"));
            assertEquals("/x {}", ask(router, "GET /x"));
        }

        @Test
        void manyRoutesAreOneLookUpPerSegment() throws Exception {
            Router router = Router.create();
            for (int i = 0; i < 10_000; i++) {
                router.get("/r" + i + "/{id}/x", SHOW).get("/s/" + i, SHOW);
            }
            assertEquals("/r9999/{id}/x {id=7}", ask(router, "GET /r9999/7/x"));
            assertEquals("/s/1234 {}", ask(router, "GET /s/1234"));
            assertEquals("404", ask(router, "GET /s/12345"));
            assertEquals("404", ask(router, "GET /s" + "/x".repeat(4_000)));
        }

        @Test
        void whatIsCapturedIsAskedForByName() throws Exception {
            Router router = Router.create()
                    .get("/hello/{name}", request -> Response.text("Hello, " + request.path("name")))
                    .get("/wrong/{name}", request -> Response.text(request.path("nmae")))
                    .get("/none", request -> Response.text(request.path("name")));
            assertEquals("Hello, Ann Lee", ask(router, "GET /hello/Ann%20Lee"));
            assertThrows(IllegalArgumentException.class, () -> ask(router, "GET /wrong/x"));
            assertThrows(IllegalArgumentException.class, () -> ask(router, "GET /none"));
        }
    }

    @Nested
    class Methods {
        private final Router router = router(
                "GET /a", "POST /a", "PUT /b/{id}", "DELETE /b/me", "HEAD /c", "GET /c", "PURGE /d", "OPTIONS /d");

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "GET /a       | /a {}",
                    "POST /a      | /a {}",
                    "HEAD /a      | /a {}",
                    "HEAD /c      | /c {}",
                    "PURGE /d     | /d {}",
                    "OPTIONS /d   | /d {}",
                    "PUT /a       | 405 GET, HEAD, OPTIONS, POST",
                    "get /a       | 405 GET, HEAD, OPTIONS, POST",
                    "OPTIONS /a   | 204 GET, HEAD, OPTIONS, POST",
                    "HEAD /b/1    | 405 OPTIONS, PUT",
                    // The better path has no such method, the other has.
                    "PUT /b/me    | /b/{id} {id=me}",
                    "DELETE /b/me | /b/me {}",
                    "GET /b/me    | 405 DELETE, OPTIONS, PUT",
                    "OPTIONS /b/x | 204 OPTIONS, PUT",
                    "OPTIONS /x   | 404",
                    "OPTIONS *    | 204 DELETE, GET, HEAD, OPTIONS, POST, PURGE, PUT",
                })
        void theMethodIsPartOfTheRoute(String request, String answer) throws Exception {
            assertEquals(answer, ask(router, request));
        }

        @Test
        void anyMethodIsLessThanTheOneThatIsNamed() throws Exception {
            Router any = Router.create().any("/a", named("any")).put("/a", named("put"));
            assertEquals("put", ask(any, "PUT /a"));
            assertEquals("any", ask(any, "GET /a"));
            assertEquals("any", ask(any, "OPTIONS /a"));
            assertEquals("any", ask(any, "BREW /a"));
        }

        @Test
        void connectHasNoPath() throws Exception {
            assertEquals("404", ask(router, "CONNECT example.org:443"));
        }
    }

    @Nested
    class Mounting {
        private final Router inner = Router.create()
                .get("/", SHOW)
                .get("/users/{id}", SHOW)
                .post("/users", SHOW)
                .notFound(request -> Response.error(410, "gone"));
        private final Router outer = Router.create()
                .get("/", SHOW)
                .get("/api/special", SHOW)
                .mount("/api", inner)
                .mount(
                        "/t/{tenant}",
                        Router.create().mount("/x", Router.create().get("/{id}", SHOW)))
                .mount("/raw", SHOW);

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "GET /               | / {}",
                    "GET /api            | /api/ {}",
                    "GET /api/           | /api/ {}",
                    "GET /api/users/7    | /api/users/{id} {id=7}",
                    "GET /api/users/a%2F | /api/users/{id} {id=a/}",
                    "GET /api/users      | 405 OPTIONS, POST",
                    "GET /api/special    | /api/special {}",
                    // What it does not find is its own affair.
                    "GET /api/nothing    | 410",
                    "GET /api//          | 410",
                    "GET /nothing        | 404",
                    "GET /apix           | 404",
                    "GET /t/acme/x/5     | /t/{tenant}/x/{id} {tenant=acme, id=5}",
                    "GET /t/acme/y/5     | 404",
                    "GET /raw/a/b        | /raw {}",
                    "GET /raw            | /raw {}",
                    "GET /api/../raw     | 400",
                })
        void aRouterUnderAPrefixBeginsBehindIt(String request, String answer) throws Exception {
            assertEquals(answer, ask(outer, request));
        }

        @Test
        void theRootCanBeAPrefix() throws Exception {
            Router root = Router.create().mount("/", inner).get("/x", named("x"));
            assertEquals("x", ask(root, "GET /x"));
            assertEquals("/users/{id} {id=7}", ask(root, "GET /users/7"));
            assertEquals("/ {}", ask(root, "GET /"));
        }

        @Test
        void oneRouterCanStandInSeveralPlacesBehindFilters() throws Exception {
            HttpFilter nothing = (request, next) -> next.onHead(request);
            Router twice = Router.create().mount("/a", inner).mount("/b", inner.with(nothing));
            assertEquals("/a/users/{id} {id=1}", ask(twice, "GET /a/users/1"));
            assertEquals("/b/users/{id} {id=1}", ask(twice, "GET /b/users/1"));
        }
    }

    @Nested
    class Filters {
        private final List<String> log = new ArrayList<>();

        private HttpFilter logging(String name) {
            return (request, next) -> {
                log.add(name);
                return next.onHead(request).withHeader("X-" + name, "1");
            };
        }

        @Test
        void theyStandAroundAllThatTheirRouterAnswers() throws Exception {
            Router router = Router.create()
                    .filter(logging("a"), logging("b"))
                    .get("/", HttpHandler.of(named("root")).with(logging("route")))
                    .mount("/in", Router.create().get("/", named("in")).filter(logging("inner")))
                    .filter(logging("c"));
            for (String request : new String[] {"GET /", "POST /", "OPTIONS /", "GET /nothing", "GET /in"}) {
                ask(router, request);
                log.add("|");
            }
            assertEquals("a b c route | a b c | a b c | a b c | a b c inner |", String.join(" ", log));
            Response missing = router.onHead(FakeRequest.of("GET", "/nothing", "Host", "x"));
            assertEquals(Optional.of("1"), missing.headers().first("X-a"));
        }

        @Test
        void aFilterSeesTheHeadBeforeTheBodyIsAskedFor() throws Exception {
            HttpFilter refusing = (request, next) -> Response.error(403, "no");
            Router router = Router.create().filter(refusing).post("/", request -> {
                throw new AssertionError("nothing may come through");
            });
            assertEquals("403", ask(router, "POST /"));
        }
    }

    @Nested
    class Failures {
        private Router failing(Exception failure) {
            return Router.create().get("/", request -> {
                throw failure;
            });
        }

        @Test
        void theNearestClassAnswers() throws Exception {
            for (Exception failure :
                    List.of(new FileNotFoundException("f"), new IOException("f"), new Exception("f"))) {
                Router router = failing(failure)
                        .onError(Exception.class, (request, e) -> Response.error(500, "e"))
                        .onError(IOException.class, (request, e) -> Response.error(502, "io"))
                        .onError(FileNotFoundException.class, (request, e) -> Response.error(404, e.getMessage()));
                String expected = failure instanceof FileNotFoundException
                        ? "404"
                        : failure instanceof IOException ? "502" : "500";
                assertEquals(expected, ask(router, "GET /"));
            }
        }

        @Test
        void whatHasNoAnswerGoesOutwards() throws Exception {
            var failure = new IllegalStateException("x");
            Router inner = failing(failure).onError(IOException.class, (request, e) -> Response.error(502, "io"));
            assertSame(failure, assertThrows(IllegalStateException.class, () -> ask(inner, "GET /")));
            Router outer = Router.create()
                    .mount("/in", inner)
                    .onError(IllegalStateException.class, (request, e) -> Response.error(409, "outer"));
            assertEquals("409", ask(outer, "GET /in"));
        }

        @Test
        void anAnswerThatFailsGoesOutwardsToo() {
            Router router = failing(new IOException("x")).onError(IOException.class, (request, e) -> {
                throw new UncheckedIOException(e);
            });
            assertThrows(UncheckedIOException.class, () -> ask(router, "GET /"));
        }

        @Test
        void aResponseExceptionIsNoFailure() throws Exception {
            Router router = failing(new ResponseException(404, "x"))
                    .onError(Exception.class, (request, e) -> Response.error(500, "e"));
            assertEquals("404", ask(router, "GET /"));
            router = failing(new ResponseException(404, "x"))
                    .onError(
                            ResponseException.class,
                            (request, e) -> e.response().withStatus(410));
            assertEquals("410", ask(router, "GET /"));
        }
    }

    @Nested
    class Misuse {
        @ParameterizedTest
        @ValueSource(
                strings = {
                    "",
                    "a",
                    "a/b",
                    "/{",
                    "/}",
                    "/{}",
                    "/{a",
                    "/a}",
                    "/{a}b",
                    "/b{a}",
                    "/{a b}",
                    "/{...}",
                    "/{a...}/b",
                    "/{a}/{a}",
                    "/{a}/{a...}",
                    "/a?b",
                    "/a#b",
                    "/a%20b",
                    "/.",
                    "/a/..",
                    "/{1a}"
                })
        void aMalformedTemplateIsRefused(String template) {
            assertThrows(IllegalArgumentException.class, () -> Router.create().get(template, SHOW));
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "api", "/api/", "/{rest...}", "//"})
        void aMalformedPrefixIsRefused(String prefix) {
            assertThrows(IllegalArgumentException.class, () -> Router.create().mount(prefix, SHOW));
        }

        @Test
        void theSameShapeTwiceIsRefused() {
            for (String[] pair :
                    new String[][] {{"/a", "/a"}, {"/{a}", "/{b}"}, {"/{a...}", "/{b...}"}, {"/x/{a}/y", "/x/{b}/y"}}) {
                Router router = Router.create().get(pair[0], SHOW);
                assertThrows(
                        IllegalArgumentException.class, () -> router.get(pair[1], SHOW), () -> Arrays.toString(pair));
                router.post(pair[1], SHOW);
            }
            Router mounted = Router.create().mount("/a", SHOW);
            assertThrows(IllegalArgumentException.class, () -> mounted.mount("/a", SHOW));
            Router answering = Router.create().onError(IOException.class, (request, e) -> Response.status(500));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> answering.onError(IOException.class, (request, e) -> Response.status(500)));
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "*", "GET POST", "GÉT"})
        void aMethodIsAToken(String method) {
            assertThrows(IllegalArgumentException.class, () -> Router.create().route(method, "/", SHOW));
        }

        @Test
        void aRouterInUseDoesNotChange() throws Exception {
            Router router = router("GET /");
            ask(router, "GET /");
            assertThrows(IllegalStateException.class, () -> router.get("/late", SHOW));
            assertThrows(IllegalStateException.class, () -> router.mount("/late", SHOW));
            assertThrows(IllegalStateException.class, () -> router.filter((request, next) -> next.onHead(request)));
            assertThrows(IllegalStateException.class, () -> router.notFound(SHOW));
            assertThrows(
                    IllegalStateException.class,
                    () -> router.onError(IOException.class, (request, e) -> Response.status(500)));
        }
    }

    @Nested
    class Hosts {
        private final VirtualHosts hosts = VirtualHosts.create()
                .host("example.org", named("exact"))
                .host("*.example.org", named("wildcard"))
                .host("*.deep.example.org", named("deep"))
                .host("[::1]", named("v6"))
                .host("127.0.0.1", named("v4"));

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "example.org        | exact",
                    "EXAMPLE.org:8080   | exact",
                    "example.org.       | exact",
                    "example.org.:80    | exact",
                    "a.example.org      | wildcard",
                    "a.b.example.org    | wildcard",
                    "deep.example.org   | wildcard",
                    "a.deep.example.org | deep",
                    "xexample.org       | 421",
                    "org                | 421",
                    "''                 | 421",
                    "*.example.org      | 421",
                    "[::1]:80           | v6",
                    "[::1]              | v6",
                    "127.0.0.1:80       | v4",
                    "x.127.0.0.1        | 421",
                })
        void theHostChooses(String host, String answer) throws Exception {
            Response response = hosts.onHead(FakeRequest.of("GET", "/", "Host", host));
            assertEquals(answer, response.status() == 200 ? text(response) : "" + response.status());
        }

        @Test
        void theTargetGoesBeforeTheField() throws Exception {
            Response response = hosts.onHead(FakeRequest.of("GET", "http://example.org/x", "Host", "a.example.org"));
            assertEquals("exact", text(response));
        }

        @Test
        void theRestHasAHandlerOfItsOwn() throws Exception {
            VirtualHosts all = VirtualHosts.create().host("a", named("a")).otherwise(named("other"));
            String longest = "a.".repeat(126) + "b";
            for (String host : new String[] {"b", "", longest, longest + "c", "a.".repeat(4_000)}) {
                assertEquals("other", text(all.onHead(FakeRequest.of("GET", "/", "Host", host))));
            }
            assertEquals("other", text(all.onHead(FakeRequest.of("GET", "/"))));
            assertThrows(IllegalStateException.class, () -> all.host("c", named("c")));
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "*", "*.", "a:80", "http://a", "a..b", ".a", "a.*", "**.a", "é", "[::1"})
        void aMalformedPatternIsRefused(String pattern) {
            assertThrows(
                    IllegalArgumentException.class, () -> VirtualHosts.create().host(pattern, SHOW));
        }

        @Test
        void aHostTwiceIsRefused() {
            VirtualHosts twice = VirtualHosts.create().host("a", SHOW);
            assertThrows(IllegalArgumentException.class, () -> twice.host("A", SHOW));
        }
    }

    @Test
    void aRouteWithoutCapturesIsMatchedWithoutMakingAnything() throws Exception {
        Router router = Router.create().get("/plaintext", request -> Response.bytes("text/plain", Bytes.EMPTY));
        FakeRequest first = FakeRequest.of("GET", "/plaintext", "Host", "x");
        FakeRequest second = FakeRequest.of("GET", "/plaintext", "Host", "x");
        router.onHead(first);
        router.onHead(second);
        assertSame(
                first.attribute(RouteMatch.class).orElseThrow(),
                second.attribute(RouteMatch.class).orElseThrow());
    }
}
