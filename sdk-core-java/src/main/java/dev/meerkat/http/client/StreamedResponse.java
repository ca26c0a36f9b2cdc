package dev.meerkat.http.client;

import dev.meerkat.Connection;
import dev.meerkat.http.BodyInput;
import dev.meerkat.http.ResponseHead;
import java.net.URI;
import java.util.Optional;

/** A response whose head is here and whose body may still be on its way. Loop thread. Not for implementing. */
public interface StreamedResponse {
    /**
     * Where it came from: the URI of the last request, if there were redirects.
     *
     * @return an absolute URI
     */
    URI uri();

    /**
     * The head. If the body is decompressed, without {@code Content-Encoding} and {@code Content-Length}, which are no
     * longer true.
     *
     * @return status and fields
     */
    ResponseHead head();

    /**
     * The status.
     *
     * @return 101, or 200 to 599
     */
    default int status() {
        return head().status();
    }

    /**
     * The first value of a field.
     *
     * @param name the name of the field, in any case
     * @return its value without surrounding white space
     */
    default Optional<String> header(String name) {
        return head().headers().first(name);
    }

    /**
     * The body as it comes, decompressed if that is asked for.
     *
     * @return the same object each time
     */
    BodyInput body();

    /**
     * The connection that it comes on.
     *
     * @return for its addresses and its TLS session; sending to it would break the protocol
     */
    Connection connection();
}
