package dev.meerkat.http.client;

import dev.meerkat.event.ConnectionError;
import dev.meerkat.event.ConnectionError.Fault;
import dev.meerkat.http.HttpError;
import java.io.IOException;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A call had no response, or not all of one. Programs decide by the kind; the sentence may change from release to
 * release.
 */
public final class ClientException extends IOException {
    private static final long serialVersionUID = 1;

    /** What went wrong, each with whose fault it usually is. */
    public enum Kind {
        /** No connection could be made: {@link #connectionError()} says why, also for TLS. */
        CONNECT_FAILED(Fault.NETWORK),
        /** The proxy did not let us through, or wants other credentials. */
        PROXY_REFUSED(Fault.PEER),
        /** As many calls wait for a connection as may. */
        TOO_MANY_WAITING(Fault.LOCAL),
        /** No connection became free within {@link HttpClientOptions#waitTimeout()}. */
        WAIT_TIMEOUT(Fault.LOCAL),
        /** The server did not take the next bytes of the request within {@link HttpClientOptions#idleTimeout()}. */
        SEND_TIMEOUT(Fault.PEER),
        /** No head of a response within {@link HttpClientOptions#headTimeout()}. */
        HEAD_TIMEOUT(Fault.PEER),
        /** No further bytes of a body within {@link HttpClientOptions#idleTimeout()}. */
        BODY_TIMEOUT(Fault.PEER),
        /** The deadline of the whole call is over. */
        CALL_TIMEOUT(Fault.NETWORK),
        /** The connection ended before the response did. */
        CONNECTION_LOST(Fault.PEER),
        /** The response broke a rule of HTTP, or a limit of it: {@link #httpError()} says which. */
        BAD_RESPONSE(Fault.PEER),
        /** The body is larger than the reader's limit. */
        BODY_TOO_LARGE(Fault.PEER),
        /** The body is not compressed as it says. */
        BAD_CODING(Fault.PEER),
        /** The body grows too much by decompressing it. */
        INFLATED_TOO_LARGE(Fault.PEER),
        /**
         * A redirect that must not, or cannot, be followed: to a scheme without protection, or with a body that is
         * gone.
         */
        REDIRECT_REFUSED(Fault.PEER),
        /** More redirects than {@link HttpClientOptions#redirects()}. */
        TOO_MANY_REDIRECTS(Fault.PEER),
        /** The producer of the request's body, or the reader of the response, threw or gave up. */
        PROGRAM_FAILED(Fault.LOCAL),
        /** The client or its manager was closed. */
        CLIENT_CLOSED(Fault.LOCAL);

        private final Fault fault;

        Kind(Fault fault) {
            this.fault = fault;
        }

        /**
         * Whose fault this kind usually is.
         *
         * @return the fault
         */
        public Fault fault() {
            return fault;
        }
    }

    private final Kind kind;
    private final transient @Nullable ConnectionError connectionError;
    private final transient @Nullable HttpError httpError;

    /**
     * Makes the exception.
     *
     * @param kind the kind
     * @param message one sentence: what was found, and what was expected
     * @param connectionError what happened to the connection, or null
     * @param httpError which rule was broken, or null
     * @param cause what was thrown, or null
     */
    public ClientException(
            Kind kind,
            String message,
            @Nullable ConnectionError connectionError,
            @Nullable HttpError httpError,
            @Nullable Throwable cause) {
        super(message, cause);
        this.kind = Objects.requireNonNull(kind, "kind");
        this.connectionError = connectionError;
        this.httpError = httpError;
    }

    /**
     * The kind, which programs decide by.
     *
     * @return the kind
     */
    public Kind kind() {
        return kind;
    }

    /**
     * Whose fault it is.
     *
     * @return that of the connection's error if there is one, else that of the kind
     */
    public Fault fault() {
        return connectionError != null ? connectionError.fault() : kind.fault();
    }

    /**
     * What happened to the connection.
     *
     * @return empty if it was not that
     */
    public Optional<ConnectionError> connectionError() {
        return Optional.ofNullable(connectionError);
    }

    /**
     * Which rule of HTTP was broken.
     *
     * @return empty if none was
     */
    public Optional<HttpError> httpError() {
        return Optional.ofNullable(httpError);
    }
}
