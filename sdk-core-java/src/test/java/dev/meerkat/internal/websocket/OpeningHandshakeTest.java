package dev.meerkat.internal.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.http.Headers;
import dev.meerkat.http.HttpVersion;
import dev.meerkat.http.MalformedHeadException;
import dev.meerkat.http.RequestHead;
import dev.meerkat.http.ResponseHead;
import dev.meerkat.websocket.HandshakeError;
import dev.meerkat.websocket.HandshakeRule;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The handshake of RFC 6455 §1.2, and what is wrong with others. */
class OpeningHandshakeTest {
    private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";
    private static final String ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

    private static final Headers ASKING = Headers.of(
            "Host",
            "server.example.com",
            "Upgrade",
            "websocket",
            "Connection",
            "Upgrade",
            "Sec-WebSocket-Key",
            KEY,
            "Origin",
            "http://example.com",
            "Sec-WebSocket-Version",
            "13");

    private static final Headers ANSWERING =
            Headers.of("Upgrade", "websocket", "Connection", "Upgrade", "Sec-WebSocket-Accept", ACCEPT);

    private static final Offer OFFER = new Offer(
            KEY, List.of("chat", "superchat"), List.of(Extension.of("a", "x"), Extension.of("a"), Extension.of("b")));

    private static RequestHead request(Headers headers) {
        return RequestHead.of("GET", "/chat", headers);
    }

    /** The fields with one changed, or removed if there is no value, or doubled if it begins with a plus sign. */
    private static Headers with(Headers headers, String name, String value) {
        Headers.Builder changed = headers.toBuilder();
        if (value.startsWith("+")) {
            return changed.add(name, value.substring(1)).build();
        }
        return (value.equals("-") ? changed.remove(name) : changed.set(name, value)).build();
    }

    @Test
    void aServerReadsWhatTheClientAsksFor() throws HandshakeException {
        Offer plain = OpeningHandshake.read(request(ASKING));
        assertEquals(new Offer(KEY, List.of(), List.of()), plain);
        Headers more = ASKING.toBuilder()
                .add("Sec-WebSocket-Protocol", "chat, superchat")
                .add("Sec-WebSocket-Protocol", "third")
                .add("Sec-WebSocket-Extensions", "a;x, b")
                .build();
        Offer offer = OpeningHandshake.read(request(more));
        assertEquals(List.of("chat", "superchat", "third"), offer.protocols());
        assertEquals(List.of(Extension.of("a", "x"), Extension.of("b")), offer.extensions());
    }

    @Test
    void caseAndOtherTokensDoNotMatter() throws HandshakeException {
        Headers headers = with(
                with(with(ASKING, "Upgrade", "h2c, WebSocket"), "Connection", "keep-alive, UPGRADE"),
                "Content-Length",
                "0");
        assertTrue(OpeningHandshake.isAsked(request(headers)));
        assertEquals(KEY, OpeningHandshake.read(request(headers)).key());
    }

    static Stream<Arguments> brokenRequests() {
        return Stream.of(
                Arguments.of(HandshakeRule.NO_UPGRADE, 426, "Upgrade", "-"),
                Arguments.of(HandshakeRule.NO_UPGRADE, 426, "Upgrade", "h2c"),
                Arguments.of(HandshakeRule.NO_UPGRADE, 426, "Upgrade", "websockets"),
                Arguments.of(HandshakeRule.REQUEST_WITH_BODY, 400, "Content-Length", "1"),
                Arguments.of(HandshakeRule.REQUEST_WITH_BODY, 400, "Content-Length", "none"),
                Arguments.of(HandshakeRule.REQUEST_WITH_BODY, 400, "Transfer-Encoding", "chunked"),
                Arguments.of(HandshakeRule.MISSING_HOST, 400, "Host", "-"),
                Arguments.of(HandshakeRule.CONNECTION_WITHOUT_UPGRADE, 400, "Connection", "-"),
                Arguments.of(HandshakeRule.CONNECTION_WITHOUT_UPGRADE, 400, "Connection", "keep-alive"),
                Arguments.of(HandshakeRule.SEVERAL_VERSIONS, 400, "Sec-WebSocket-Version", "+13"),
                Arguments.of(HandshakeRule.UNSUPPORTED_VERSION, 426, "Sec-WebSocket-Version", "-"),
                Arguments.of(HandshakeRule.UNSUPPORTED_VERSION, 426, "Sec-WebSocket-Version", "8"),
                Arguments.of(HandshakeRule.UNSUPPORTED_VERSION, 426, "Sec-WebSocket-Version", "013"),
                Arguments.of(HandshakeRule.UNSUPPORTED_VERSION, 426, "Sec-WebSocket-Version", "13, 8"),
                Arguments.of(HandshakeRule.UNSUPPORTED_VERSION, 426, "Sec-WebSocket-Version", "14"),
                Arguments.of(HandshakeRule.MISSING_KEY, 400, "Sec-WebSocket-Key", "-"),
                Arguments.of(HandshakeRule.SEVERAL_KEYS, 400, "Sec-WebSocket-Key", "+" + KEY),
                Arguments.of(HandshakeRule.MALFORMED_KEY, 400, "Sec-WebSocket-Key", ""),
                Arguments.of(HandshakeRule.MALFORMED_KEY, 400, "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ="),
                Arguments.of(HandshakeRule.MALFORMED_KEY, 400, "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=a"),
                Arguments.of(HandshakeRule.MALFORMED_KEY, 400, "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZSE="),
                Arguments.of(HandshakeRule.MALFORMED_KEY, 400, "Sec-WebSocket-Key", "dGhlIHNhbXBsZSB b25jZQ=="),
                Arguments.of(HandshakeRule.MALFORMED_KEY, 400, "Sec-WebSocket-Key", "dGhlIHNhbXBsZSB_b25jZQ=="),
                Arguments.of(HandshakeRule.MALFORMED_PROTOCOLS, 400, "Sec-WebSocket-Protocol", ""),
                Arguments.of(HandshakeRule.MALFORMED_PROTOCOLS, 400, "Sec-WebSocket-Protocol", ", ,"),
                Arguments.of(HandshakeRule.MALFORMED_PROTOCOLS, 400, "Sec-WebSocket-Protocol", "a b"),
                Arguments.of(HandshakeRule.MALFORMED_PROTOCOLS, 400, "Sec-WebSocket-Protocol", "a;b"),
                Arguments.of(HandshakeRule.MALFORMED_PROTOCOLS, 400, "Sec-WebSocket-Protocol", "\"a\""),
                Arguments.of(HandshakeRule.REPEATED_PROTOCOL, 400, "Sec-WebSocket-Protocol", "a, b, a"),
                Arguments.of(HandshakeRule.MALFORMED_EXTENSIONS, 400, "Sec-WebSocket-Extensions", "a;"));
    }

    @ParameterizedTest
    @MethodSource("brokenRequests")
    void aRequestThatBreaksARuleIsRefused(HandshakeRule rule, int status, String name, String value) {
        assertBroken(rule, status, request(with(ASKING, name, value)));
    }

    private static HandshakeError assertBroken(HandshakeRule rule, int status, RequestHead head) {
        HandshakeError error = assertThrows(HandshakeException.class, () -> OpeningHandshake.read(head))
                .error();
        assertEquals(rule, error.rule());
        assertEquals(status, error.status());
        assertEquals(rule.source(), error.source());
        assertTrue(rule.source().matches("RFC 6455 [0-9.]+"), rule.source());
        return error;
    }

    @Test
    void onlyGetOfHttp11IsAHandshake() {
        assertBroken(HandshakeRule.NOT_GET, 405, RequestHead.of("POST", "/", ASKING));
        assertBroken(HandshakeRule.OLD_HTTP, 400, RequestHead.of(HttpVersion.HTTP_1_0, "GET", "/", ASKING));
        assertFalse(OpeningHandshake.isAsked(request(with(ASKING, "Upgrade", "h2c"))));
    }

    @Test
    void aRefusalSaysWhatWouldHelp() {
        assertEquals(
                Headers.of("Upgrade", "websocket", "Connection", "Upgrade", "Sec-WebSocket-Version", "13"),
                OpeningHandshake.refusal(new HandshakeError(HandshakeRule.UNSUPPORTED_VERSION, "8")));
        assertEquals(
                Headers.of("Allow", "GET"),
                OpeningHandshake.refusal(new HandshakeError(HandshakeRule.NOT_GET, "POST")));
        assertEquals(Headers.EMPTY, OpeningHandshake.refusal(new HandshakeError(HandshakeRule.MISSING_KEY, "none")));
    }

    @Test
    void whatAPeerSaysIsShownWithoutControls() {
        String value = "\u00ff".repeat(100);
        HandshakeError error = assertBroken(
                HandshakeRule.UNSUPPORTED_VERSION, 426, request(with(ASKING, "Sec-WebSocket-Version", value)));
        assertTrue(error.message().matches("[ -~…]{1,100}"), error.message());
    }

    @Test
    void theAnswerHasWhatWasChosen() {
        assertEquals(ANSWERING, OpeningHandshake.answer(OFFER, new Agreement(null, List.of())));
        Headers chosen = OpeningHandshake.answer(OFFER, new Agreement("superchat", List.of(Extension.of("b", "y=1"))));
        assertEquals("superchat", chosen.first("Sec-WebSocket-Protocol").orElseThrow());
        assertEquals("b; y=1", chosen.first("Sec-WebSocket-Extensions").orElseThrow());
        assertEquals(ACCEPT, OpeningHandshake.accept(KEY));
    }

    @Test
    void whatWasNotAskedForCannotBeChosen() {
        assertThrows(
                IllegalArgumentException.class, () -> OpeningHandshake.answer(OFFER, new Agreement("Chat", List.of())));
        assertThrows(
                IllegalArgumentException.class,
                () -> OpeningHandshake.answer(OFFER, new Agreement(null, List.of(Extension.of("c")))));
        assertThrows(
                IllegalArgumentException.class,
                () -> OpeningHandshake.answer(
                        OFFER, new Agreement(null, List.of(Extension.of("a"), Extension.of("a")))));
    }

    @Test
    void whatAClientAsksForIsWhatAServerReads() throws HandshakeException {
        Headers fields =
                OpeningHandshake.ask(OFFER).toBuilder().add("Host", "h").build();
        assertEquals(OFFER, OpeningHandshake.read(request(fields)));
        Offer plain = new Offer(OpeningHandshake.key(new byte[16]), List.of(), List.of());
        assertEquals("AAAAAAAAAAAAAAAAAAAAAA==", plain.key());
        assertEquals(4, OpeningHandshake.ask(plain).size());
        assertEquals(
                KEY, OpeningHandshake.key("the sample nonce".getBytes(java.nio.charset.StandardCharsets.US_ASCII)));
    }

    @Test
    void whatAServerAnswersIsWhatAClientReads() throws HandshakeException {
        Agreement agreement = new Agreement("chat", List.of(Extension.of("b"), Extension.of("a", "z=1")));
        ResponseHead head = ResponseHead.of(101, OpeningHandshake.answer(OFFER, agreement));
        assertEquals(agreement, OpeningHandshake.read(head, OFFER));
        assertEquals(new Agreement(null, List.of()), OpeningHandshake.read(ResponseHead.of(101, ANSWERING), OFFER));
    }

    @Test
    void whatCannotGoOnTheWireIsNoOffer() {
        assertThrows(IllegalArgumentException.class, () -> OpeningHandshake.key(new byte[15]));
        assertThrows(IllegalArgumentException.class, () -> new Offer("short", List.of(), List.of()));
        assertThrows(MalformedHeadException.class, () -> new Offer(KEY, List.of("a b"), List.of()));
        assertThrows(IllegalArgumentException.class, () -> new Offer(KEY, List.of("a", "a"), List.of()));
    }

    static Stream<Arguments> brokenResponses() {
        return Stream.of(
                Arguments.of(HandshakeRule.ANSWER_WITH_BODY, "Content-Length", "0"),
                Arguments.of(HandshakeRule.ANSWER_WITH_BODY, "Transfer-Encoding", "chunked"),
                Arguments.of(HandshakeRule.WRONG_UPGRADE, "Upgrade", "-"),
                Arguments.of(HandshakeRule.WRONG_UPGRADE, "Upgrade", "h2c"),
                Arguments.of(HandshakeRule.WRONG_UPGRADE, "Upgrade", "+h2c"),
                Arguments.of(HandshakeRule.WRONG_CONNECTION, "Connection", "-"),
                Arguments.of(HandshakeRule.WRONG_CONNECTION, "Connection", "close"),
                Arguments.of(HandshakeRule.WRONG_ACCEPT, "Sec-WebSocket-Accept", "-"),
                Arguments.of(HandshakeRule.WRONG_ACCEPT, "Sec-WebSocket-Accept", ""),
                Arguments.of(HandshakeRule.WRONG_ACCEPT, "Sec-WebSocket-Accept", KEY),
                Arguments.of(HandshakeRule.WRONG_ACCEPT, "Sec-WebSocket-Accept", "S3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
                Arguments.of(HandshakeRule.WRONG_ACCEPT, "Sec-WebSocket-Accept", "+" + ACCEPT),
                Arguments.of(HandshakeRule.UNASKED_PROTOCOL, "Sec-WebSocket-Protocol", "other"),
                Arguments.of(HandshakeRule.UNASKED_PROTOCOL, "Sec-WebSocket-Protocol", "chat, superchat"),
                Arguments.of(HandshakeRule.UNASKED_PROTOCOL, "Sec-WebSocket-Protocol", ""),
                Arguments.of(HandshakeRule.UNASKED_PROTOCOL, "Sec-WebSocket-Protocol", "Chat"),
                Arguments.of(HandshakeRule.UNASKED_EXTENSION, "Sec-WebSocket-Extensions", "c"),
                Arguments.of(HandshakeRule.UNASKED_EXTENSION, "Sec-WebSocket-Extensions", "a, a"),
                Arguments.of(HandshakeRule.MALFORMED_ANSWER_EXTENSIONS, "Sec-WebSocket-Extensions", "a;"));
    }

    @ParameterizedTest
    @MethodSource("brokenResponses")
    void aResponseThatBreaksARuleIsRefused(HandshakeRule rule, String name, String value) {
        assertBroken(rule, with(ANSWERING, name, value), OFFER);
    }

    private static void assertBroken(HandshakeRule rule, Headers headers, Offer offer) {
        ResponseHead head = ResponseHead.of(101, headers);
        HandshakeException broken = assertThrows(HandshakeException.class, () -> OpeningHandshake.read(head, offer));
        assertEquals(rule, broken.error().rule());
        assertEquals(502, rule.status());
    }

    @Test
    void aServerChoosesOneSubProtocolAndOnlyIfAskedFor() {
        Headers two = with(with(ANSWERING, "Sec-WebSocket-Protocol", "chat"), "Sec-WebSocket-Protocol", "+superchat");
        assertBroken(HandshakeRule.SEVERAL_PROTOCOLS, two, OFFER);
        Offer none = new Offer(KEY, List.of(), List.of());
        assertBroken(HandshakeRule.UNASKED_PROTOCOL, with(ANSWERING, "Sec-WebSocket-Protocol", "chat"), none);
        assertBroken(HandshakeRule.UNASKED_EXTENSION, with(ANSWERING, "Sec-WebSocket-Extensions", "a"), none);
    }

    @Test
    void aResponseOfHttp10IsNone() {
        ResponseHead head = ResponseHead.of(HttpVersion.HTTP_1_0, 101, "x", ANSWERING);
        HandshakeException broken = assertThrows(HandshakeException.class, () -> OpeningHandshake.read(head, OFFER));
        assertEquals(HandshakeRule.OLD_ANSWER, broken.error().rule());
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 200, 301, 401, 426, 503})
    void anotherStatusIsARefusalAndNoBreach(int status) {
        ResponseHead head = ResponseHead.of(status, ANSWERING);
        assertThrows(IllegalArgumentException.class, () -> OpeningHandshake.read(head, OFFER));
    }

    @Test
    void everyRuleIsInTheseTables() {
        Set<HandshakeRule> tested = EnumSet.of(
                HandshakeRule.NOT_GET,
                HandshakeRule.OLD_HTTP,
                HandshakeRule.OLD_ANSWER,
                HandshakeRule.SEVERAL_PROTOCOLS,
                HandshakeRule.WRONG_EXTENSION_PARAMETERS); // which is for who knows the extension
        brokenRequests().forEach(row -> tested.add((HandshakeRule) row.get()[0]));
        brokenResponses().forEach(row -> tested.add((HandshakeRule) row.get()[0]));
        assertEquals(EnumSet.allOf(HandshakeRule.class), tested);
    }
}
