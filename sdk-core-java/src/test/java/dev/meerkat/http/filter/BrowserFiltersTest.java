package dev.meerkat.http.filter;

import static dev.meerkat.http.filter.FakePeer.field;
import static dev.meerkat.http.filter.FakePeer.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.http.HttpFilter;
import dev.meerkat.http.HttpHandler;
import dev.meerkat.http.Response;
import dev.meerkat.http.ResponseException;
import java.time.Duration;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is said to browsers, and what proxies say. */
class BrowserFiltersTest {
    private final FakePeer peer;

    BrowserFiltersTest() throws Exception {
        peer = FakePeer.plain();
    }

    @Nested
    class CrossOrigin {
        private final HttpFilter some = Cors.builder()
                .origins("https://app.example", "http://localhost:3000")
                .credentials(true)
                .methods("GET", "PUT")
                .headers("X-Token")
                .exposedHeaders("X-Count", "X-Next")
                .maxAge(Duration.ofMinutes(10))
                .build();
        private final HttpFilter all = Cors.builder().everybody().build();

        @Test
        void anOriginThatMayReadIsToldSo() throws Exception {
            Response response = peer.ask(some, "Origin", "https://app.example");
            assertEquals("nobody", text(response));
            assertEquals("https://app.example", field(response, "Access-Control-Allow-Origin"));
            assertEquals("true", field(response, "Access-Control-Allow-Credentials"));
            assertEquals("X-Count, X-Next", field(response, "Access-Control-Expose-Headers"));
            assertEquals("Origin", field(response, "Vary"));
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "https://app.example.evil",
                    "https://evil.app.example",
                    "http://app.example",
                    "https://app.example:8443",
                    "https://app.example/",
                    "https://APP.example",
                    "null",
                    "",
                })
        void othersGetTheAnswerWithoutPermissionToReadIt(String origin) throws Exception {
            Response response = peer.ask(some, "Origin", origin);
            assertEquals(200, response.status());
            assertEquals("", field(response, "Access-Control-Allow-Origin"));
            assertEquals("Origin", field(response, "Vary"));
        }

        @Test
        void withoutAnOriginCachesAreTold() throws Exception {
            assertEquals("Origin", field(peer.ask(some), "Vary"));
            assertEquals("", field(peer.ask(all), "Vary"));
        }

        @Test
        void theQuestionBeforeARequestIsAnsweredHere() throws Exception {
            HttpHandler handler = HttpHandler.of(request -> {
                        throw new AssertionError("not the handler's");
                    })
                    .with(some);
            Response response = peer.ask(
                    handler,
                    "OPTIONS",
                    "/x",
                    "Origin",
                    "http://localhost:3000",
                    "Access-Control-Request-Method",
                    "PUT",
                    "Access-Control-Request-Headers",
                    "x-token");
            assertEquals(204, response.status());
            assertEquals("http://localhost:3000", field(response, "Access-Control-Allow-Origin"));
            assertEquals("GET, PUT", field(response, "Access-Control-Allow-Methods"));
            assertEquals("X-Token", field(response, "Access-Control-Allow-Headers"));
            assertEquals("true", field(response, "Access-Control-Allow-Credentials"));
            assertEquals("600", field(response, "Access-Control-Max-Age"));
            assertEquals(
                    "Origin | Access-Control-Request-Method | Access-Control-Request-Headers", field(response, "Vary"));
            Response refused = peer.ask(
                    handler, "OPTIONS", "/x", "Origin", "https://evil.example", "Access-Control-Request-Method", "PUT");
            assertEquals(403, refused.status());
            assertEquals("", field(refused, "Access-Control-Allow-Origin"));
        }

        @Test
        void otherOptionsReachTheHandler() throws Exception {
            assertEquals(
                    "nobody",
                    text(peer.ask(FakePeer.HANDLER.with(some), "OPTIONS", "/", "Origin", "https://app.example")));
            assertEquals(
                    "nobody",
                    text(peer.ask(
                            FakePeer.HANDLER.with(some), "OPTIONS", "/", "Access-Control-Request-Method", "PUT")));
        }

        @Test
        void everybodyIsAStarWithoutCredentials() throws Exception {
            Response response = peer.ask(all, "Origin", "https://any.example");
            assertEquals("*", field(response, "Access-Control-Allow-Origin"));
            assertEquals("", field(response, "Access-Control-Allow-Credentials"));
            assertEquals("", field(response, "Vary"));
        }

        @Test
        void answersThatAreThrownAreReadableToo() throws Exception {
            HttpHandler handler = HttpHandler.of(request -> {
                        throw new ResponseException(404, "x");
                    })
                    .with(some);
            Response response = peer.ask(handler, "GET", "/", "Origin", "https://app.example");
            assertEquals(
                    "404 https://app.example",
                    response.status() + " " + field(response, "Access-Control-Allow-Origin"));
        }

        @ParameterizedTest
        @ValueSource(
                strings = {"*", "null", "app.example", "https://app.example/", "https://*.example", "HTTPS://a", ""})
        void whatIsNoOriginIsRefused(String origin) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> Cors.builder().origins(origin).build());
        }

        @Test
        void contradictionsAreRefused() {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> Cors.builder().everybody().credentials(true).build());
            assertThrows(
                    IllegalArgumentException.class,
                    () -> Cors.builder().everybody().origins("https://a").build());
            assertThrows(
                    IllegalArgumentException.class,
                    () -> Cors.builder().origins("https://a").headers("X\r\nY").build());
            assertThrows(
                    IllegalArgumentException.class,
                    () -> Cors.builder().maxAge(Duration.ofSeconds(-1)).build());
        }
    }

    @Nested
    class Security {
        @Test
        void theBundleIsAddedWhereNothingElseIsSaid() throws Exception {
            HttpHandler handler = HttpHandler.of(
                            request -> Response.text("x").withHeader("X-Frame-Options", "SAMEORIGIN"))
                    .with(SecurityHeaders.strict().with("X-Own", "1").without("Referrer-Policy"));
            Response response = peer.ask(handler, "GET", "/");
            assertEquals("SAMEORIGIN", field(response, "X-Frame-Options"));
            assertEquals("nosniff", field(response, "X-Content-Type-Options"));
            assertEquals("1", field(response, "X-Own"));
            assertFalse(response.headers().contains("Referrer-Policy"));
            assertTrue(field(response, "Content-Security-Policy").contains("frame-ancestors 'none'"));
        }

        @Test
        void strictTransportIsForTlsOnly() throws Exception {
            HttpFilter filter = SecurityHeaders.strict();
            String name = "Strict-Transport-Security";
            assertEquals("", field(peer.ask(filter), name));
            FakePeer secured = new FakePeer("192.0.2.1", true);
            assertEquals("max-age=31536000", field(secured.ask(filter), name));
            HttpHandler proxied = FakePeer.HANDLER.with(ForwardedFields.rfc7239("192.0.2.1"), filter);
            assertEquals("max-age=31536000", field(peer.ask(proxied, "GET", "/", "Forwarded", "proto=https"), name));
            assertEquals("", field(peer.ask(proxied, "GET", "/", "Forwarded", "proto=http"), name));
            assertEquals("", field(peer.ask(filter, "Forwarded", "proto=https"), name));
        }
    }

    @Nested
    class Proxies {
        private String seen(HttpFilter filter, String from, String... headers) throws Exception {
            HttpHandler shows = request -> Response.text(request.attribute(ForwardedPeer.class)
                    .map(found -> found.address()
                                    .map(address -> address.getHostAddress())
                                    .orElse("hidden") + " " + found.scheme().orElse("-") + " "
                            + found.host().orElse("-"))
                    .orElse("nothing"));
            return text(new FakePeer(from, false).ask(shows.with(filter), "GET", "/", headers));
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                quoteCharacter = '^',
                value = {
                    "10.0.0.1  | for=192.0.2.60;proto=http;by=203.0.113.43     | 192.0.2.60 http -", // RFC 7239 4
                    "10.0.0.1  | for=192.0.2.43, for=198.51.100.17             | 198.51.100.17 - -",
                    "10.0.0.1  | for=192.0.2.43, for=10.0.0.2                  | 192.0.2.43 - -",
                    "10.0.0.1  | for=1.1.1.1, for=192.0.2.43, for=10.0.0.2     | 192.0.2.43 - -",
                    "10.0.0.1  | For=\"[2001:db8:cafe::17]:4711\"              | 2001:db8:cafe:0:0:0:0:17 - -",
                    "10.0.0.1  | for=\"192.0.2.43:47011\";host=\"a.example\";proto=HTTPS | 192.0.2.43 https a.example",
                    "10.0.0.1  | for=10.9.9.9                                  | 10.9.9.9 - -", // all trusted: the
                    // first
                    "10.0.0.1  | for=unknown                                   | hidden - -",
                    "10.0.0.1  | for=1.2.3.4, for=_hidden                      | hidden - -",
                    "10.0.0.1  | for=1.2.3.4, for=\"_gazonk\", for=10.0.0.2    | hidden - -",
                    "10.0.0.1  | for=evil.example                              | hidden - -",
                    "10.0.0.1  | proto=gopher                                  | hidden - -",
                    "10.0.0.1  | nonsense                                      | nothing",
                    "10.0.0.1  | for=1.2.3.4, nonsense                         | nothing",
                    "10.0.0.1  | nonsense, for=1.2.3.4                         | 1.2.3.4 - -",
                    "fd00::1   | for=1.2.3.4                                   | 1.2.3.4 - -",
                    // Who is not trusted says nothing, and neither does the other field.
                    "11.0.0.1  | for=192.0.2.60;proto=https                    | nothing",
                    "192.0.2.1 | for=10.0.0.1                                  | nothing",
                })
        void onlyWhatTrustedProxiesSayCounts(String from, String forwarded, String expected) throws Exception {
            HttpFilter filter = ForwardedFields.rfc7239("10.0.0.0/8", "fd00::/8");
            assertEquals(expected, seen(filter, from, "Forwarded", forwarded, "X-Forwarded-For", "6.6.6.6"));
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                quoteCharacter = '^',
                value = {
                    "10.0.0.1 | 1.2.3.4                  | https       | 1.2.3.4 https a.example",
                    "10.0.0.1 | 6.6.6.6, 1.2.3.4         | http, https | 1.2.3.4 https a.example",
                    "10.0.0.1 | 6.6.6.6, 1.2.3.4, 10.0.0.9 | http      | 1.2.3.4 http a.example",
                    "10.0.0.1 | 1.2.3.4:5678             | x           | 1.2.3.4 - a.example",
                    "10.0.0.1 | 2001:db8::1              | http        | 2001:db8:0:0:0:0:0:1 http a.example",
                    "10.0.0.1 | [2001:db8::1]:80         | http        | 2001:db8:0:0:0:0:0:1 http a.example",
                    "10.0.0.1 | unknown                  | http        | hidden http a.example",
                    "11.0.0.1 | 1.2.3.4                  | https       | nothing",
                })
        void theOlderFieldsAreReadWhenAskedFor(String from, String addresses, String scheme, String expected)
                throws Exception {
            HttpFilter filter = ForwardedFields.xForwarded("10.0.0.0/8");
            assertEquals(
                    expected,
                    seen(
                            filter,
                            from,
                            "X-Forwarded-For",
                            addresses,
                            "X-Forwarded-Proto",
                            scheme,
                            "X-Forwarded-Host",
                            "a.example",
                            "Forwarded",
                            "for=6.6.6.6"));
            assertEquals("nothing", seen(filter, from, "Forwarded", "for=6.6.6.6"));
        }

        @Test
        void theWayIsFollowedSoFar() throws Exception {
            HttpFilter filter = ForwardedFields.xForwarded("10.0.0.0/8");
            assertEquals(
                    "1.2.3.4 - -", seen(filter, "10.0.0.1", "X-Forwarded-For", "1.2.3.4" + ", 10.0.0.1".repeat(31)));
            assertEquals(
                    "10.0.0.1 - -", seen(filter, "10.0.0.1", "X-Forwarded-For", "1.2.3.4" + ", 10.0.0.1".repeat(32)));
        }

        @Test
        void whoTrustsNobodyHasMadeAMistake() {
            assertThrows(IllegalArgumentException.class, ForwardedFields::rfc7239);
            assertThrows(IllegalArgumentException.class, () -> ForwardedFields.xForwarded("proxy.example"));
        }
    }
}
