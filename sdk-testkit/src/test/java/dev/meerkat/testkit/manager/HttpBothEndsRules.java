package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Acceptor;
import dev.meerkat.ConnectOptions;
import dev.meerkat.ListenOptions;
import dev.meerkat.event.Bytes;
import dev.meerkat.http.HttpHandler;
import dev.meerkat.http.HttpServer;
import dev.meerkat.http.Response;
import dev.meerkat.http.Router;
import dev.meerkat.http.client.ClientBody;
import dev.meerkat.http.client.ClientException.Kind;
import dev.meerkat.http.client.ClientRequest;
import dev.meerkat.http.client.ClientResponse;
import dev.meerkat.http.filter.AuthenticatedUser;
import dev.meerkat.http.filter.DigestAuthentication;
import dev.meerkat.testkit.TestCa;
import dev.meerkat.tls.TlsOptions;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Our client and our server, what they have to say to each other: forms, JSON, proofs of a password, redirects. */
abstract class HttpBothEndsRules extends HttpClientRulesBase {
    private static final String FORM = "application/x-www-form-urlencoded";

    private String served(HttpHandler handler) {
        Acceptor acceptor = manager().listen(arm.host() + ":0", HttpServer.handler(HttpServerRules.TIMELESS, handler));
        return "http://" + arm.host() + ":" + acceptor.port();
    }

    // ---- forms

    /** Answers with what it finds in a form. */
    private String formReader() {
        return served(HttpHandler.of(request -> {
            StringJoiner read = new StringJoiner("|");
            request.form().forEach((name, value) -> read.add(name + "=" + value));
            return Response.text(read.toString());
        }));
    }

    private ClientResponse post(String uri, String type, String form, Charset charset) {
        return send(ClientRequest.post(uri, ClientBody.bytes(type, Bytes.copyOf(form.getBytes(charset)))));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "a=1&b=2; a=1|b=2",
                "a=one+word&a=%26%3D%2b; a=one word|a=&=+",
                "n=J%C3%A4s%C3%B8n; n=Jäsøn",
                "n=Jäsøn; n=Jäsøn",
                "''; ''",
                "empty=&none; empty=|none="
            })
    void aFormIsDecoded(String form, String read) {
        for (String type : List.of(FORM, FORM.toUpperCase(Locale.ROOT), FORM + "; charset=UTF-8")) {
            ClientResponse response = post(formReader(), type, form, StandardCharsets.UTF_8);
            assertEquals(200, response.status(), response::text);
            assertEquals(read, response.text());
        }
    }

    @Test
    void aFormIsReadInItsCharset() {
        String uri = formReader();
        String type = FORM + "; charset=ISO-8859-1";
        assertEquals(
                "n=Jäsøn",
                post(uri, type, "n=Jäsøn", StandardCharsets.ISO_8859_1).text());
        assertEquals(
                400, post(uri, FORM, "n=Jäsøn", StandardCharsets.ISO_8859_1).status(), "not UTF-8");
    }

    @ParameterizedTest
    @CsvSource({
        "415, text/plain, a=1",
        "415, application/json, {}",
        "415, multipart/form-data; boundary=b, a=1",
        "415, '', a=1",
        "415, application/x-www-form-urlencoded; charset=klingon, a=1",
        "400, application, a=1",
        "400, application/x-www-form-urlencoded; charset, a=1",
        "400, application/x-www-form-urlencoded, a=%",
        "400, application/x-www-form-urlencoded, a=%4",
        "400, application/x-www-form-urlencoded, a=%GG",
        "400, application/x-www-form-urlencoded, a=%FF"
    })
    void whatIsNoFormIsThePeersMistake(int status, String type, String form) {
        String uri = formReader();
        assertEquals(status, post(uri, type, form, StandardCharsets.UTF_8).status());
        assertEquals("a=1", post(uri, FORM, "a=1", StandardCharsets.UTF_8).text());
        assertEquals(1, client().statistics().connections(), "the connection goes on");
    }

    // ---- JSON

    @Test
    void jsonHasItsTypeAndTheLengthOfItsBytes() {
        ClientResponse response = get(served(HttpHandler.of(request -> Response.json("{\"n\": \"Jäsøn €\"}"))));
        assertEquals(200, response.status());
        assertEquals(
                "application/json",
                response.head().headers().first("Content-Type").orElseThrow());
        assertEquals("20", response.head().headers().first("Content-Length").orElseThrow());
        assertEquals(Bytes.utf8("{\"n\": \"Jäsøn €\"}"), response.bytes());
        assertEquals("{\"n\": \"Jäsøn €\"}", response.text());
    }

    // ---- digest

    private static String hash(String algorithm, String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance(algorithm).digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static String parameter(String challenge, String name) {
        int from = challenge.indexOf(name + "=\"") + name.length() + 2;
        return challenge.substring(from, challenge.indexOf('"', from));
    }

    /** RFC 7616 3.4, by hand. */
    private static String proof(String challenge, String algorithm, String path, String password, int count) {
        String nonce = parameter(challenge, "nonce");
        String nc = String.format("%08x", count);
        String user = hash(algorithm, "Mufasa:" + parameter(challenge, "realm") + ":" + password);
        String target = hash(algorithm, "GET:" + path);
        String response = hash(algorithm, user + ":" + nonce + ":" + nc + ":cnonce:auth:" + target);
        return "Digest username=\"Mufasa\", realm=\"" + parameter(challenge, "realm") + "\", uri=\"" + path
                + "\", algorithm=" + algorithm + ", nonce=\"" + nonce + "\", nc=" + nc
                + ", cnonce=\"cnonce\", qop=auth, response=\"" + response + "\"";
    }

    @ParameterizedTest
    @CsvSource({"0, SHA-256", "1, MD5"})
    void aPasswordIsProvedWithoutBeingSent(int offer, String algorithm) {
        Map<String, String> passwords = Map.of("Mufasa", "Circle of Life");
        String uri = served(Router.create()
                .filter(DigestAuthentication.of("the office", user -> Optional.ofNullable(passwords.get(user))))
                .get(
                        "/door",
                        request -> Response.text(request.attribute(AuthenticatedUser.class)
                                .orElseThrow()
                                .name())));
        ClientResponse refused = get(uri + "/door?x=1");
        assertEquals(401, refused.status());
        String challenge = refused.head().headers().all("WWW-Authenticate").get(offer);
        assertTrue(challenge.contains("algorithm=" + algorithm), challenge);
        ClientRequest request = ClientRequest.get(uri + "/door?x=1");
        ClientRequest proved =
                request.withHeader("Authorization", proof(challenge, algorithm, "/door?x=1", "Circle of Life", 1));
        ClientResponse opened = send(proved);
        assertEquals(200, opened.status());
        assertEquals("Mufasa", opened.text());
        ClientResponse replayed = send(proved);
        assertEquals(401, replayed.status(), "each count once");
        assertTrue(replayed.head().headers().all("WWW-Authenticate").get(offer).contains("stale=true"));
        assertNotEquals(
                parameter(challenge, "nonce"),
                parameter(replayed.head().headers().all("WWW-Authenticate").get(offer), "nonce"));
        assertEquals(
                200,
                send(request.withHeader("Authorization", proof(challenge, algorithm, "/door?x=1", "Circle of Life", 2)))
                        .status());
        assertEquals(
                401,
                send(request.withHeader("Authorization", proof(challenge, algorithm, "/door?x=1", "Circle of Lif", 3)))
                        .status());
        assertEquals(
                400,
                send(request.withHeader("Authorization", proof(challenge, algorithm, "/other", "Circle of Life", 4)))
                        .status());
    }

    // ---- redirects

    @Test
    void aRedirectFromHttpsToHttpIsRefusedUnlessTheProgramAllowsIt() {
        String plain = served(HttpHandler.of(request -> Response.text("in clear")));
        TestCa ca = TestCa.create(manager().wallTime());
        Acceptor acceptor = manager()
                .listen(
                        "https://" + arm.host() + ":0",
                        ListenOptions.builder()
                                .tls(TlsOptions.server(ca.server("tls.test").identity()))
                                .build(),
                        HttpHandler.of(request -> request.head().target().equals("/here")
                                ? Response.text("through TLS")
                                : Response.redirect(
                                        302, request.head().target().equals("/relative") ? "/here" : plain)));
        String uri = "https://" + arm.host() + ":" + acceptor.port();
        ConnectOptions trusting = ConnectOptions.builder()
                .tls(TlsOptions.builder()
                        .trust(ca.trust())
                        .serverName("tls.test")
                        .build())
                .build();
        client(options -> options.connect(trusting));
        assertTrue(fails(Kind.REDIRECT_REFUSED, ClientRequest.get(uri))
                .getMessage()
                .contains("from https to http"));
        assertEquals("through TLS", get(uri + "/relative").text());
        client(options -> options.connect(trusting).insecureRedirects(true));
        assertEquals("in clear", get(uri).text());
    }
}
