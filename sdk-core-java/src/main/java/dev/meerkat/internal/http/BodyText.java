package dev.meerkat.internal.http;

import dev.meerkat.event.Bytes;
import dev.meerkat.http.MalformedTextException;
import dev.meerkat.http.MediaType;
import dev.meerkat.http.Parameters;
import dev.meerkat.http.Request;
import dev.meerkat.http.ResponseException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/** A gathered body, read as its content type says; what cannot be read is the peer's fault and answered as such. */
final class BodyText {
    private BodyText() {}

    /** The body as text. */
    static String of(Request request) {
        Bytes bytes = request.bytes();
        Charset charset = charsetOf(request);
        try {
            return charset.newDecoder().decode(bytes.asByteBuffer()).toString();
        } catch (CharacterCodingException e) {
            throw new ResponseException(400, "the body is not " + charset);
        }
    }

    private static Charset charsetOf(Request request) {
        String type = request.header("Content-Type").orElse("");
        if (type.isEmpty()) {
            return StandardCharsets.UTF_8;
        }
        try {
            return MediaType.parse(type).charset().orElse(StandardCharsets.UTF_8);
        } catch (MalformedTextException e) {
            throw new ResponseException(400, "the content type is malformed: " + e.getMessage());
        } catch (IllegalArgumentException e) {
            throw new ResponseException(415, "the charset of the body is not known here");
        }
    }

    /** The body as a form. */
    static Parameters form(Request request) {
        String type = request.header("Content-Type").orElse("");
        try {
            if (type.isEmpty() || !MediaType.parse(type).is("application/x-www-form-urlencoded")) {
                throw new ResponseException(415, "expected a body of the type application/x-www-form-urlencoded");
            }
            return Parameters.parse(of(request));
        } catch (MalformedTextException e) {
            throw new ResponseException(400, "the form is malformed: " + e.getMessage());
        }
    }
}
