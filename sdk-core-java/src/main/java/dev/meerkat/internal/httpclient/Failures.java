package dev.meerkat.internal.httpclient;

import dev.meerkat.event.ConnectionError;
import dev.meerkat.http.HttpError;
import dev.meerkat.http.HttpRule;
import dev.meerkat.http.client.ClientException;
import dev.meerkat.http.client.ClientException.Kind;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The failures of calls, in words. */
final class Failures {
    private Failures() {}

    static ClientException connect(Origin origin, ConnectionError error) {
        Kind kind = switch (error.kind()) {
            case MANAGER_CLOSED -> Kind.CLIENT_CLOSED;
            default -> Kind.CONNECT_FAILED;
        };
        return new ClientException(
                kind, "no connection to " + origin.hostAndPort() + ": " + error.message(), error, null, cause(error));
    }

    static ClientException proxy(Origin origin, String message) {
        return new ClientException(
                Kind.PROXY_REFUSED,
                "the proxy does not connect to " + origin.hostAndPort() + ": " + message,
                null,
                null,
                null);
    }

    static ClientException timeout(Kind kind, String what, Duration time) {
        return new ClientException(kind, what + " within " + time, null, null, null);
    }

    /** The connection has ended by an error, or by the server in order. */
    static ClientException lost(@Nullable ConnectionError error, String when) {
        Kind kind = error != null && error.kind() == ConnectionError.Kind.MANAGER_CLOSED
                ? Kind.CLIENT_CLOSED
                : Kind.CONNECTION_LOST;
        String how = error == null ? "the server closed the connection" : error.message();
        return new ClientException(kind, how + ", " + when, error, null, error == null ? null : cause(error));
    }

    static ClientException bad(HttpError error) {
        return new ClientException(Kind.BAD_RESPONSE, error.message() + " (" + error.source() + ")", null, error, null);
    }

    static ClientException program(String what, Throwable thrown) {
        return new ClientException(Kind.PROGRAM_FAILED, what + ": " + thrown, null, null, thrown);
    }

    /** What a reader of a body is told, which is the rule that was broken, or else that the body is not whole. */
    static HttpError toReader(ClientException failure) {
        return failure.httpError().orElseGet(() -> {
            String message = failure.getMessage() == null ? failure.kind().name() : failure.getMessage();
            boolean slow = failure.kind() == Kind.BODY_TIMEOUT;
            return new HttpError(slow ? HttpRule.BODY_TOO_SLOW : HttpRule.INCOMPLETE_MESSAGE, message);
        });
    }

    private static @Nullable Throwable cause(ConnectionError error) {
        return error.cause().orElse(null);
    }
}
