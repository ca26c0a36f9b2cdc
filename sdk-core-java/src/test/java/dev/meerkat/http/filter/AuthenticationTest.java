package dev.meerkat.http.filter;

import static dev.meerkat.http.filter.FakePeer.field;
import static dev.meerkat.http.filter.FakePeer.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.http.HttpFilter;
import dev.meerkat.http.Response;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AuthenticationTest {
    private static final Map<String, String> PASSWORDS =
            Map.of("Aladdin", "open sesame", "Mufasa", "Circle of Life", "Jäsøn Doe", "Secret, or not?", "empty", "");

    private final FakePeer peer;

    AuthenticationTest() throws Exception {
        peer = FakePeer.plain();
    }

    @Nested
    class Basic {
        private final HttpFilter filter = BasicAuthentication.of("WallyWorld \"1\\2\"", PASSWORDS);

        private String ask(String authorization) throws Exception {
            Response response = peer.ask(filter, "Authorization", authorization);
            return response.status() == 200 ? text(response) : "" + response.status();
        }

        private static String encode(String pair, Charset charset) {
            return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(charset));
        }

        @Test
        void whoSaysNothingIsAsked() throws Exception {
            Response response = peer.ask(filter);
            assertEquals(401, response.status());
            assertEquals(
                    "Basic realm=\"WallyWorld \\\"1\\\\2\\\"\", charset=\"UTF-8\"",
                    field(response, "WWW-Authenticate"));
        }

        @Test
        void theExampleOfTheRfcIsLetIn() throws Exception {
            assertEquals("Basic Aladdin", ask("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")); // RFC 7617 2
            assertEquals("Basic Aladdin", ask("bAsIc   QWxhZGRpbjpvcGVuIHNlc2FtZQ=="));
            assertEquals("Basic empty", ask(encode("empty:", StandardCharsets.UTF_8)));
            assertEquals("Basic Jäsøn Doe", ask(encode("Jäsøn Doe:Secret, or not?", StandardCharsets.UTF_8)));
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "Aladdin:open sesam",
                    "Aladdin:open sesame ",
                    "Aladdin:",
                    "aladdin:open sesame",
                    "Nobody:",
                    "Nobody:x",
                    "Aladdin",
                    "",
                    ":",
                    "Aladdin:open sesame\0",
                    "Aladdin:open\nsesame",
                })
        void whoIsWrongIsNot(String pair) throws Exception {
            assertEquals("401", ask(encode(pair, StandardCharsets.UTF_8)));
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "Basic",
                    "Basic ",
                    "Basic !",
                    "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ",
                    "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==x",
                    "BasicQWxhZGRpbjpvcGVuIHNlc2FtZQ==",
                    "Digest QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
                    "QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
                })
        void malformedCredentialsAreNone(String authorization) throws Exception {
            // Base64 without its padding is what some clients send, and no two readings of it are possible.
            String expected = authorization.endsWith("tZQ") || authorization.endsWith("ZQ") ? "Basic Aladdin" : "401";
            assertEquals(expected, ask(authorization));
        }

        @Test
        void latinIsNotUtf8() throws Exception {
            assertEquals("401", ask(encode("Jäsøn Doe:Secret, or not?", StandardCharsets.ISO_8859_1)));
        }

        @Test
        void realmsAndNamesCanBeSent() {
            assertThrows(IllegalArgumentException.class, () -> BasicAuthentication.of("a\r\nb", PASSWORDS));
            assertThrows(IllegalArgumentException.class, () -> BasicAuthentication.of("é", PASSWORDS));
            assertThrows(IllegalArgumentException.class, () -> BasicAuthentication.of("a", Map.of("a:b", "c")));
        }
    }

    /** A client of RFC 7616. */
    private final class Client {
        private final Map<String, String> challenge;
        private final String algorithm;
        private int count;
        private String user = "Mufasa";
        private String password = "Circle of Life";

        Client(Response refusal, int which) {
            String value = refusal.headers().all("WWW-Authenticate").get(which);
            challenge = AuthText.parameters(value.substring("Digest ".length()));
            algorithm = challenge.get("algorithm");
        }

        private String hash(String text) throws Exception {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance(algorithm).digest(text.getBytes(StandardCharsets.UTF_8)));
        }

        Map<String, String> fields(String method, String uri, int nc) throws Exception {
            Map<String, String> fields = new LinkedHashMap<>();
            String hex = String.format("%08x", nc);
            fields.put("username", '"' + user + '"');
            fields.put("realm", '"' + challenge.get("realm") + '"');
            fields.put("uri", '"' + uri + '"');
            fields.put("algorithm", algorithm);
            fields.put("nonce", '"' + challenge.get("nonce") + '"');
            fields.put("nc", hex);
            fields.put("cnonce", "\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\"");
            fields.put("qop", "auth");
            fields.put(
                    "response",
                    '"'
                            + hash(hash(user + ":" + challenge.get("realm") + ":" + password) + ":"
                                    + challenge.get("nonce") + ":" + hex
                                    + ":f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ:auth:"
                                    + hash(method + ":" + uri))
                            + '"');
            return fields;
        }

        String authorization(Map<String, String> fields) {
            StringBuilder text = new StringBuilder("Digest ");
            fields.forEach((name, value) -> text.append(text.length() > 7 ? ", " : "")
                    .append(name)
                    .append('=')
                    .append(value));
            // Fields carry bytes.
            return new String(text.toString().getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        }

        Response ask(HttpFilter filter, String target) throws Exception {
            return ask(filter, target, ++count, fields -> fields);
        }

        Response ask(HttpFilter filter, String target, int nc, UnaryOperator<Map<String, String>> change)
                throws Exception {
            String authorization = authorization(change.apply(fields("GET", target, nc)));
            return peer.ask(FakePeer.HANDLER.with(filter), "GET", target, "Authorization", authorization);
        }
    }

    @Nested
    class Digest {
        private static final String TARGET = "/dir/index.html?a=b";
        private final DigestAuthentication filter =
                DigestAuthentication.of("http-auth@example.org", user -> Optional.ofNullable(PASSWORDS.get(user)));

        private Client client(int which) throws Exception {
            return new Client(peer.ask(filter), which);
        }

        @Test
        void whoSaysNothingIsAskedInBothAlgorithms() throws Exception {
            Response response = peer.ask(filter);
            assertEquals(401, response.status());
            String nonce = new Client(response, 0).challenge.get("nonce");
            assertEquals(
                    "Digest realm=\"http-auth@example.org\", qop=\"auth\", algorithm=SHA-256, nonce=\"" + nonce
                            + "\", charset=UTF-8 | Digest realm=\"http-auth@example.org\", qop=\"auth\", algorithm=MD5, nonce=\""
                            + nonce + "\", charset=UTF-8",
                    field(response, "WWW-Authenticate"));
            assertEquals(
                    1,
                    peer.ask(filter.sha256Only())
                            .headers()
                            .all("WWW-Authenticate")
                            .size());
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 1})
        void whoProvesThePasswordIsLetIn(int algorithm) throws Exception {
            Client client = client(algorithm);
            for (int i = 0; i < 100; i++) {
                Response response = client.ask(filter, TARGET);
                assertEquals("Digest Mufasa", text(response), response::toString);
            }
        }

        @Test
        void namesAndPasswordsAreUtf8() throws Exception {
            Client client = client(0);
            client.user = "Jäsøn Doe"; // RFC 7616 3.9.2
            client.password = "Secret, or not?";
            assertEquals("Digest Jäsøn Doe", text(client.ask(filter, TARGET)));
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                quoteCharacter = '^',
                value = {
                    "username  | \"Simba\"",
                    "username  | -",
                    "realm     | \"other\"",
                    "realm     | -",
                    "nonce     | -",
                    "nc        | -",
                    "nc        | 1",
                    "nc        | 0000000g",
                    "nc        | -0000001",
                    "cnonce    | -",
                    "cnonce    | \"other\"",
                    "qop       | -",
                    "qop       | auth-int",
                    "uri       | -",
                    "response  | -",
                    "response  | \"\"",
                    "response  | \"00\"",
                    "algorithm | MD5", // the proof is of SHA-256
                    "algorithm | SHA-256-sess",
                    "algorithm | SHA-1",
                    "algorithm | -",
                    "response  | \"unclosed",
                    "bad name  | x",
                })
        void aProofThatIsWrongInAnythingIsNone(String field, String value) throws Exception {
            Response response = client(0).ask(filter, TARGET, 1, fields -> {
                if (value.equals("-")) {
                    fields.remove(field);
                } else {
                    fields.put(field, value);
                }
                return fields;
            });
            assertEquals(401, response.status());
            assertFalse(field(response, "WWW-Authenticate").contains("stale"));
        }

        @Test
        void aWrongPasswordOrAnotherMethodIsNoProof() throws Exception {
            Client client = client(0);
            client.password = "circle of life";
            assertEquals(401, client.ask(filter, TARGET).status());
            client.password = "Circle of Life";
            String authorization = client.authorization(client.fields("GET", TARGET, 7));
            assertEquals(
                    401,
                    peer.ask(FakePeer.HANDLER.with(filter), "POST", TARGET, "Authorization", authorization)
                            .status());
            assertEquals(
                    400,
                    peer.ask(FakePeer.HANDLER.with(filter), "GET", "/other", "Authorization", authorization)
                            .status());
            assertEquals(
                    200,
                    peer.ask(FakePeer.HANDLER.with(filter), "GET", TARGET, "Authorization", authorization)
                            .status());
        }

        @Test
        void aCountIsGoodOnce() throws Exception {
            Client client = client(0);
            assertEquals(200, client.ask(filter, TARGET, 1, fields -> fields).status());
            Response replayed = client.ask(filter, TARGET, 1, fields -> fields);
            assertEquals(401, replayed.status());
            assertTrue(field(replayed, "WWW-Authenticate").contains("stale=true"));
            assertEquals(401, client.ask(filter, TARGET, 0, fields -> fields).status());
            // Over several connections counts overtake each other: 64 are remembered.
            assertEquals(200, client.ask(filter, TARGET, 66, fields -> fields).status());
            assertEquals(200, client.ask(filter, TARGET, 3, fields -> fields).status());
            assertEquals(401, client.ask(filter, TARGET, 3, fields -> fields).status());
            assertEquals(401, client.ask(filter, TARGET, 2, fields -> fields).status());
            assertEquals(
                    200,
                    client.ask(filter, TARGET, Integer.MAX_VALUE, fields -> fields)
                            .status());
            assertEquals(401, client.ask(filter, TARGET, 67, fields -> fields).status());
        }

        @Test
        void aNonceIsGoodForItsTime() throws Exception {
            HttpFilter hour = filter.withLifetime(Duration.ofHours(1));
            Client client = new Client(peer.ask(hour), 0);
            peer.advance(Duration.ofHours(1));
            assertEquals(200, client.ask(hour, TARGET).status());
            peer.advance(Duration.ofNanos(1));
            Response response = client.ask(hour, TARGET);
            assertEquals(401, response.status());
            assertTrue(field(response, "WWW-Authenticate").contains("stale=true"));
            assertEquals(200, new Client(response, 0).ask(hour, TARGET).status());
            // Who knows no password learns nothing of nonces.
            client.password = "x";
            assertFalse(field(client.ask(hour, TARGET), "WWW-Authenticate").contains("stale"));
        }

        @Test
        void aNonceOfSomebodyElseIsStale() throws Exception {
            HttpFilter other = DigestAuthentication.of(
                            "http-auth@example.org", user -> Optional.ofNullable(PASSWORDS.get(user)))
                    .withLifetime(Duration.ofSeconds(7));
            Client client = client(0);
            client.challenge.put("nonce", Base64.getEncoder().encodeToString(new byte[32]));
            assertEquals(401, client.ask(filter, TARGET).status());
            client.challenge.put("nonce", "not base64");
            assertEquals(401, client.ask(filter, TARGET).status());
            assertEquals(200, new Client(peer.ask(other), 0).ask(other, TARGET).status());
        }

        @Test
        void ofTooManyNoncesTheOldestCannotBeUsedAgain() throws Exception {
            Client first = client(0);
            peer.advance(Duration.ofNanos(1));
            assertEquals(200, first.ask(filter, TARGET).status());
            for (int i = 1; i < DigestNonces.REMEMBERED; i++) {
                client(0).ask(filter, TARGET);
                peer.advance(Duration.ofNanos(1));
            }
            assertEquals(200, first.ask(filter, TARGET).status());
            client(0).ask(filter, TARGET);
            assertEquals(401, first.ask(filter, TARGET, 1, fields -> fields).status());
            assertEquals(401, first.ask(filter, TARGET, 1_000, fields -> fields).status());
        }
    }
}
