package dev.meerkat.http.client;

import dev.meerkat.event.Bytes;
import dev.meerkat.http.Headers;
import dev.meerkat.http.ResponseHead;
import java.net.URI;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.util.Locale;
import java.util.Optional;

/**
 * A whole response. Immutable, for any thread.
 *
 * @param uri where it came from: the URI of the last request, if there were redirects
 * @param head status and fields; without {@code Content-Encoding} and {@code Content-Length} if the body was
 *     decompressed
 * @param bytes the body
 * @param trailers the fields behind a chunked body, usually none
 */
public record ClientResponse(URI uri, ResponseHead head, Bytes bytes, Headers trailers) {
    /**
     * The status.
     *
     * @return 101, or 200 to 599
     */
    public int status() {
        return head.status();
    }

    /**
     * The first value of a field.
     *
     * @param name the name of the field, in any case
     * @return its value without surrounding white space
     */
    public Optional<String> header(String name) {
        return head.headers().first(name);
    }

    /**
     * The body as text, in the charset of its content type if that is known here, or else in UTF-8. What is malformed
     * becomes U+FFFD.
     *
     * @return the text
     */
    public String text() {
        return new String(bytes.toByteArray(), charset());
    }

    private Charset charset() {
        String type = header("Content-Type").orElse("");
        int at = type.toLowerCase(Locale.ROOT).indexOf("charset=");
        if (at < 0) {
            return StandardCharsets.UTF_8;
        }
        int end = type.indexOf(';', at);
        String name = type.substring(at + "charset=".length(), end < 0 ? type.length() : end)
                .replace("\"", "")
                .strip();
        try {
            return Charset.forName(name);
        } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
            return StandardCharsets.UTF_8;
        }
    }

    @Override
    public String toString() {
        return "ClientResponse[" + status() + ", " + uri + ", " + bytes.length() + " bytes]";
    }
}
