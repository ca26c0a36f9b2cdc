package dev.meerkat.internal.websocket;

import dev.meerkat.http.Headers;
import dev.meerkat.internal.check.Tokens;
import dev.meerkat.websocket.HandshakeRule;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The value of Sec-WebSocket-Extensions (RFC 6455 §9.1), read and written. Several fields are one list; empty elements
 * are passed over (RFC 9110 §5.6.1.2). Linear in the length of the fields, which is the head's to limit.
 */
public final class ExtensionList {
    /** The name of the field. */
    public static final String FIELD = "Sec-WebSocket-Extensions";

    private final String text;
    private final HandshakeRule rule;
    private final List<Extension> found;
    private int at;

    private ExtensionList(String text, HandshakeRule rule, List<Extension> found) {
        this.text = text;
        this.rule = rule;
        this.found = found;
    }

    /**
     * Reads the extensions of a head.
     *
     * @param headers the fields of a request or a response
     * @param rule which rule is broken by fields that are malformed
     * @return the extensions in their order, one name perhaps several times; none if there is no such field
     * @throws HandshakeException if they do not keep the grammar, or there is a field and no extension
     */
    public static List<Extension> read(Headers headers, HandshakeRule rule) throws HandshakeException {
        int index = headers.indexOf(FIELD);
        if (index < 0) {
            return List.of();
        }
        List<Extension> found = new ArrayList<>();
        for (; index >= 0; index = headers.indexOf(FIELD, index + 1)) {
            new ExtensionList(headers.value(index), rule, found).read();
        }
        if (found.isEmpty()) {
            throw new HandshakeException(rule, FIELD + " names no extension");
        }
        return List.copyOf(found);
    }

    /**
     * Writes extensions as the value of one field.
     *
     * @param extensions one at least
     * @return the value
     */
    public static String format(List<Extension> extensions) {
        return extensions.stream().map(Extension::toString).collect(Collectors.joining(", "));
    }

    private void read() throws HandshakeException {
        skipSpace();
        while (at < text.length()) {
            if (text.charAt(at) != ',') {
                found.add(extension());
            }
            if (at < text.length()) {
                expect(',');
            }
            skipSpace();
        }
    }

    private Extension extension() throws HandshakeException {
        String name = token();
        List<Extension.Parameter> parameters = new ArrayList<>();
        skipSpace();
        while (at < text.length() && text.charAt(at) == ';') {
            at++;
            skipSpace();
            parameters.add(parameter());
            skipSpace();
        }
        return new Extension(name, parameters);
    }

    private Extension.Parameter parameter() throws HandshakeException {
        String name = token();
        skipSpace();
        if (at == text.length() || text.charAt(at) != '=') {
            return new Extension.Parameter(name, null);
        }
        at++;
        skipSpace();
        return new Extension.Parameter(name, at < text.length() && text.charAt(at) == '"' ? quoted() : token());
    }

    private String token() throws HandshakeException {
        int end = Tokens.end(text, at);
        if (end == at) {
            throw malformed("a token");
        }
        String token = text.substring(at, end);
        at = end;
        return token;
    }

    /** What stands in quotes is a token as well, once backslashes are taken away. */
    private String quoted() throws HandshakeException {
        at++;
        StringBuilder content = new StringBuilder();
        while (at < text.length() && text.charAt(at) != '"') {
            if (text.charAt(at) == '\\') {
                at++;
            }
            if (at == text.length() || !Tokens.has(text.charAt(at))) {
                throw malformed("a token in quotes");
            }
            content.append(text.charAt(at++));
        }
        expect('"');
        if (content.length() == 0) {
            throw malformed("a token in quotes");
        }
        return content.toString();
    }

    private void expect(char letter) throws HandshakeException {
        if (at == text.length() || text.charAt(at) != letter) {
            throw malformed("'" + letter + "'");
        }
        at++;
    }

    private void skipSpace() {
        at = HandshakeTexts.skipSpace(text, at);
    }

    private HandshakeException malformed(String expected) {
        return new HandshakeException(
                rule, FIELD + ": expected " + expected + " at " + at + " of " + HandshakeTexts.shown(text));
    }
}
