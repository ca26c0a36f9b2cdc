package dev.meerkat.internal.websocket;

import dev.meerkat.http.Headers;
import dev.meerkat.http.HttpVersion;
import dev.meerkat.http.RequestHead;
import dev.meerkat.http.ResponseHead;
import dev.meerkat.internal.check.Tokens;
import dev.meerkat.websocket.HandshakeError;
import dev.meerkat.websocket.HandshakeRule;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The rules of the opening handshake for both roles (RFC 6455 §4): what a request and a response must say, and the
 * fields that say it. Each rule that is broken is a {@link HandshakeException}, and the first one in the order of
 * {@link HandshakeRule} is told.
 */
public final class OpeningHandshake {
    private static final String KEY = "Sec-WebSocket-Key";
    private static final String VERSION = "Sec-WebSocket-Version";
    private static final String PROTOCOL = "Sec-WebSocket-Protocol";
    private static final String ACCEPT = "Sec-WebSocket-Accept";
    private static final String UPGRADE = "Upgrade";
    private static final String CONNECTION = "Connection";

    /** Bytes of a key before they are base64. */
    public static final int KEY_BYTES = 16;

    /** Without padding, which follows as two equal signs. */
    private static final int KEY_LETTERS = 22;

    /** What a server appends to a key, so that nobody answers by accident (RFC 6455 §1.3). */
    private static final String APPENDED = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    private OpeningHandshake() {}

    /**
     * Server: tells whether a request asks for a WebSocket, be it in vain. Others are for who answers HTTP.
     *
     * @param head the request
     * @return true if its Upgrade field names {@code websocket}
     */
    public static boolean isAsked(RequestHead head) {
        return head.headers().containsToken(UPGRADE, "websocket");
    }

    /**
     * Server: reads a request.
     *
     * @param head the request
     * @return what the client asks for
     * @throws HandshakeException if a rule is broken; it is answered with {@link HandshakeError#status()} and the
     *     fields of {@link #refusal}
     */
    public static Offer read(RequestHead head) throws HandshakeException {
        Headers headers = head.headers();
        if (!isAsked(head)) {
            throw broken(HandshakeRule.NO_UPGRADE, "no websocket in the Upgrade field");
        }
        if (!head.isMethod("GET")) {
            throw broken(HandshakeRule.NOT_GET, "the method " + HandshakeTexts.shown(head.method()) + ", not GET");
        }
        if (head.version() != HttpVersion.HTTP_1_1) {
            throw broken(HandshakeRule.OLD_HTTP, head.version() + ", not HTTP/1.1");
        }
        int length = headers.indexOf("Content-Length");
        if (headers.contains("Transfer-Encoding") || (length >= 0 && headers.number(length) != 0)) {
            throw broken(HandshakeRule.REQUEST_WITH_BODY, "a body, which could be taken for frames");
        }
        if (!headers.contains("Host")) {
            throw broken(HandshakeRule.MISSING_HOST, "no Host field");
        }
        if (!headers.containsToken(CONNECTION, "upgrade")) {
            throw broken(HandshakeRule.CONNECTION_WITHOUT_UPGRADE, "no upgrade in the Connection field");
        }
        checkVersion(headers);
        return new Offer(
                key(headers), protocols(headers), ExtensionList.read(headers, HandshakeRule.MALFORMED_EXTENSIONS));
    }

    private static void checkVersion(Headers headers) throws HandshakeException {
        int index = headers.indexOf(VERSION);
        if (index >= 0 && headers.indexOf(VERSION, index + 1) >= 0) {
            throw broken(HandshakeRule.SEVERAL_VERSIONS, "several " + VERSION + " fields");
        }
        if (index < 0 || !headers.valueIs(index, "13")) {
            throw broken(
                    HandshakeRule.UNSUPPORTED_VERSION,
                    (index < 0 ? "no version" : "version " + HandshakeTexts.shown(headers.value(index))) + ", not 13");
        }
    }

    private static String key(Headers headers) throws HandshakeException {
        int index = headers.indexOf(KEY);
        if (index < 0) {
            throw broken(HandshakeRule.MISSING_KEY, "no " + KEY + " field");
        }
        if (headers.indexOf(KEY, index + 1) >= 0) {
            throw broken(HandshakeRule.SEVERAL_KEYS, "several " + KEY + " fields");
        }
        String key = headers.value(index);
        if (!isKey(key)) {
            throw broken(
                    HandshakeRule.MALFORMED_KEY, "the key " + HandshakeTexts.shown(key) + ", not 16 bytes in base64");
        }
        return key;
    }

    /** Whether a text is 16 bytes in base64; bits that are left over may be anything, as RFC 4648 §3.5 allows. */
    static boolean isKey(String text) {
        if (text.length() != KEY_LETTERS + 2 || !text.endsWith("==")) {
            return false;
        }
        for (int i = 0; i < KEY_LETTERS; i++) {
            char c = text.charAt(i);
            boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            if (!letter && c != '+' && c != '/') {
                return false;
            }
        }
        return true;
    }

    private static List<String> protocols(Headers headers) throws HandshakeException {
        if (!headers.contains(PROTOCOL)) {
            return List.of();
        }
        List<String> protocols = headers.elements(PROTOCOL);
        if (protocols.isEmpty()) {
            throw broken(HandshakeRule.MALFORMED_PROTOCOLS, PROTOCOL + " names none");
        }
        Set<String> seen = new LinkedHashSet<>();
        for (String protocol : protocols) {
            if (!Tokens.isToken(protocol)) {
                throw broken(
                        HandshakeRule.MALFORMED_PROTOCOLS,
                        "the sub-protocol " + HandshakeTexts.shown(protocol) + ", which is no token");
            }
            if (!seen.add(protocol)) {
                throw broken(
                        HandshakeRule.REPEATED_PROTOCOL,
                        "the sub-protocol " + HandshakeTexts.shown(protocol) + " twice");
            }
        }
        return protocols;
    }

    /**
     * Server: the fields of the response with status 101.
     *
     * @param offer what was asked for
     * @param agreement what was chosen from it
     * @return the fields
     * @throws IllegalArgumentException if something was chosen that was not asked for, or an extension twice
     */
    public static Headers answer(Offer offer, Agreement agreement) {
        String protocol = agreement.protocol();
        if (protocol != null && !offer.protocols().contains(protocol)) {
            throw new IllegalArgumentException("the client speaks " + offer.protocols() + ", not " + protocol);
        }
        String unasked = unasked(offer, agreement.extensions());
        if (unasked != null) {
            throw new IllegalArgumentException("an extension that was not offered, or comes twice: " + unasked);
        }
        Headers.Builder headers = upgrade().add(ACCEPT, accept(offer.key()));
        if (protocol != null) {
            headers.add(PROTOCOL, protocol);
        }
        if (!agreement.extensions().isEmpty()) {
            headers.add(ExtensionList.FIELD, ExtensionList.format(agreement.extensions()));
        }
        return headers.build();
    }

    private static Headers.Builder upgrade() {
        return Headers.builder().add(UPGRADE, "websocket").add(CONNECTION, "Upgrade");
    }

    /**
     * Server: the fields of a response that refuses a request which broke a rule.
     *
     * @param error what was wrong
     * @return the fields that go with its status, beside those of any response
     */
    public static Headers refusal(HandshakeError error) {
        return switch (error.status()) {
            case 426 -> upgrade().add(VERSION, "13").build();
            case 405 -> Headers.of("Allow", "GET");
            default -> Headers.EMPTY;
        };
    }

    /**
     * Client: makes a key.
     *
     * @param nonce 16 bytes that cannot be foreseen
     * @return the key
     * @throws IllegalArgumentException if there are not 16
     */
    public static String key(byte[] nonce) {
        if (nonce.length != KEY_BYTES) {
            throw new IllegalArgumentException("a key is made of 16 bytes: " + nonce.length);
        }
        return Base64.getEncoder().encodeToString(nonce);
    }

    /**
     * Client: the fields of a request, beside Host and those of any request.
     *
     * @param offer what is asked for
     * @return the fields
     */
    public static Headers ask(Offer offer) {
        Headers.Builder headers = upgrade().add(VERSION, "13").add(KEY, offer.key());
        if (!offer.protocols().isEmpty()) {
            headers.add(PROTOCOL, String.join(", ", offer.protocols()));
        }
        if (!offer.extensions().isEmpty()) {
            headers.add(ExtensionList.FIELD, ExtensionList.format(offer.extensions()));
        }
        return headers.build();
    }

    /**
     * Client: reads the response to a request. What the parameters of extensions mean is not looked at.
     *
     * @param head a response with status 101; one with another status is a refusal and breaks no rule
     * @param offer what was asked for
     * @return what the server has chosen
     * @throws HandshakeException if a rule is broken
     * @throws IllegalArgumentException if the status is another one
     */
    public static Agreement read(ResponseHead head, Offer offer) throws HandshakeException {
        if (head.status() != 101) {
            throw new IllegalArgumentException("a status of " + head.status() + " is a refusal");
        }
        if (head.version() != HttpVersion.HTTP_1_1) {
            throw broken(HandshakeRule.OLD_ANSWER, "an upgrade by " + head.version());
        }
        Headers headers = head.headers();
        if (headers.contains("Content-Length") || headers.contains("Transfer-Encoding")) {
            throw broken(HandshakeRule.ANSWER_WITH_BODY, "an upgrade with a body");
        }
        List<String> upgrades = headers.elements(UPGRADE);
        if (upgrades.size() != 1 || !headers.containsToken(UPGRADE, "websocket")) {
            throw broken(HandshakeRule.WRONG_UPGRADE, "an upgrade to " + upgrades + ", not to websocket");
        }
        if (!headers.containsToken(CONNECTION, "upgrade")) {
            throw broken(HandshakeRule.WRONG_CONNECTION, "no upgrade in the Connection field");
        }
        List<String> accepts = headers.all(ACCEPT);
        if (accepts.size() != 1 || !accepts.get(0).equals(accept(offer.key()))) {
            throw broken(HandshakeRule.WRONG_ACCEPT, "the key is not answered with what is made of it");
        }
        return new Agreement(chosen(headers, offer), agreed(headers, offer));
    }

    private static @Nullable String chosen(Headers headers, Offer offer) throws HandshakeException {
        List<String> chosen = headers.all(PROTOCOL);
        if (chosen.isEmpty()) {
            return null;
        }
        if (chosen.size() > 1) {
            throw broken(HandshakeRule.SEVERAL_PROTOCOLS, chosen.size() + " sub-protocols chosen");
        }
        if (!offer.protocols().contains(chosen.get(0))) {
            throw broken(
                    HandshakeRule.UNASKED_PROTOCOL,
                    "the sub-protocol " + HandshakeTexts.shown(chosen.get(0)) + ", of " + offer.protocols()
                            + " asked for");
        }
        return chosen.get(0);
    }

    private static List<Extension> agreed(Headers headers, Offer offer) throws HandshakeException {
        List<Extension> agreed = ExtensionList.read(headers, HandshakeRule.MALFORMED_ANSWER_EXTENSIONS);
        String unasked = unasked(offer, agreed);
        if (unasked != null) {
            throw broken(
                    HandshakeRule.UNASKED_EXTENSION,
                    "the extension " + HandshakeTexts.shown(unasked) + ", which was not offered, or comes twice");
        }
        return agreed;
    }

    /** The name of an extension that was not offered, or comes twice; null if there is none. */
    private static @Nullable String unasked(Offer offer, List<Extension> chosen) {
        List<String> names = new ArrayList<>();
        for (Extension extension : chosen) {
            String name = extension.name();
            if (names.contains(name)
                    || offer.extensions().stream()
                            .noneMatch(offered -> offered.name().equals(name))) {
                return name;
            }
            names.add(name);
        }
        return null;
    }

    /**
     * What a server makes of a key, to show that it knows what it agrees to (RFC 6455 §4.2.2).
     *
     * @param key the key
     * @return the value of Sec-WebSocket-Accept
     */
    public static String accept(String key) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-1").digest((key + APPENDED).getBytes(StandardCharsets.ISO_8859_1));
            return Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java platform has SHA-1", impossible);
        }
    }

    private static HandshakeException broken(HandshakeRule rule, String message) {
        return new HandshakeException(rule, message);
    }
}
