package dev.meerkat.event;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What went wrong with a connection: which kind, whose fault, one sentence for people and the cause for a log. Programs
 * decide by the kind; the sentence may change from release to release.
 */
public final class ConnectionError {
    /** Whose fault an error is. */
    public enum Fault {
        /** This program's: a handler threw, or was too slow. */
        LOCAL,
        /** The peer's: it refused, reset or broke a rule. */
        PEER,
        /** Of something between the two: names, routes, the operating system. */
        NETWORK
    }

    /** The kinds of error, each with the fault it usually is. */
    public enum Kind {
        /** The host name has no address. */
        UNKNOWN_HOST(Fault.NETWORK),
        /** The host name could not be looked up, for instance because the name server failed; it may have addresses. */
        LOOKUP_FAILED(Fault.NETWORK),
        /** No answer to the look-up of the host name within the look-up time-out. */
        LOOKUP_TIMEOUT(Fault.NETWORK),
        /** Nobody listens at the address. */
        REFUSED(Fault.PEER),
        /** There is no file at the path of a Unix domain socket. */
        NOT_FOUND(Fault.NETWORK),
        /** The operating system does not let this program connect, by the mode of a socket file for instance. */
        PERMISSION_DENIED(Fault.NETWORK),
        /** There is no route to the address. */
        UNREACHABLE(Fault.NETWORK),
        /** No answer to the connect within the connect time-out. */
        CONNECT_TIMEOUT(Fault.NETWORK),
        /** The server did not answer the request for a WebSocket within the handshake time-out. */
        HANDSHAKE_TIMEOUT(Fault.PEER),
        /** The server answered a request for a WebSocket with something that is not HTTP. */
        BAD_RESPONSE(Fault.PEER),
        /** The proxy did not let us through, or wants other credentials. */
        PROXY_REFUSED(Fault.PEER),
        /** As many attempts to connect wait for their turn as may. */
        TOO_MANY_WAITING(Fault.LOCAL),
        /** This program closed or aborted the connection while it was still being made. */
        CANCELLED(Fault.LOCAL),
        /** The peer reset the connection, or is gone while we were writing. */
        RESET(Fault.PEER),
        /**
         * No answer for too long: the operating system gave up on the peer, or a WebSocket's ping had no answer within
         * its time-out.
         */
        TIMED_OUT(Fault.NETWORK),
        /** A datagram is longer than the system, or an interface on its way, lets pass. */
        MESSAGE_TOO_LONG(Fault.LOCAL),
        /** Any other failure of the operating system's socket. */
        IO(Fault.NETWORK),
        /** This program aborted the connection. */
        ABORTED(Fault.LOCAL),
        /** Something inside this library or its runtime failed; worth a bug report. The manager lives on. */
        INTERNAL(Fault.LOCAL),
        /** The handler threw; the connection was aborted and the manager lives on. */
        HANDLER_FAILED(Fault.LOCAL),
        /** A file that was being sent could not be read, or has become shorter meanwhile. */
        FILE_FAILED(Fault.LOCAL),
        /**
         * What was to be sent could not be sent within the close time-out, or the closing handshake of a WebSocket took
         * longer than its own.
         */
        CLOSE_TIMEOUT(Fault.PEER),
        /**
         * The peer took what it was sent too slowly: a broadcast whose policy was to close it, or the answer of a
         * server.
         */
        SLOW_RECEIVER(Fault.PEER),
        /** The event manager was closed. */
        MANAGER_CLOSED(Fault.LOCAL),
        /** The peer does not speak TLS: plain text came where a TLS record was expected. */
        NOT_TLS(Fault.PEER),
        /** The TLS handshake was not done within its time-out. */
        TLS_HANDSHAKE_TIMEOUT(Fault.PEER),
        /** No version, cipher suite or application protocol of TLS that both sides want. */
        TLS_NO_AGREEMENT(Fault.PEER),
        /** The peer broke off with a TLS alert (RFC 8446 §6.2), which the message names. */
        TLS_ALERT(Fault.PEER),
        /** The peer broke a rule of TLS: a damaged record, a message out of turn, a renegotiation. */
        TLS_VIOLATION(Fault.PEER),
        /**
         * The peer, or somebody between, ended the connection without saying so in TLS (close_notify, RFC 8446 §6.1):
         * the end of what it sent may be missing.
         */
        TLS_TRUNCATED(Fault.PEER),
        /** A part of this program that takes part in TLS threw: a key manager, a trust manager, a provider. */
        TLS_FAILED(Fault.LOCAL),
        /** The peer's certificate has expired. */
        CERTIFICATE_EXPIRED(Fault.PEER),
        /** The peer's certificate is not valid yet; perhaps the clock of this machine is wrong. */
        CERTIFICATE_NOT_YET_VALID(Fault.PEER),
        /** The peer's certificate is for another name. */
        CERTIFICATE_WRONG_HOST(Fault.PEER),
        /** The peer's certificate is signed with its own key, and we do not trust it as such. */
        CERTIFICATE_SELF_SIGNED(Fault.PEER),
        /**
         * The peer's certificate is not trusted for another reason: it was issued by nobody we trust, its signature is
         * broken, it is for another purpose. With an {@code SSLContext} of the program's own also if it is self-signed:
         * such a context does not tell the two apart.
         */
        CERTIFICATE_UNTRUSTED(Fault.PEER),
        /** The peer has shown no certificate where one is required. */
        CERTIFICATE_MISSING(Fault.PEER);

        private final Fault fault;

        Kind(Fault fault) {
            this.fault = fault;
        }

        /**
         * Whose fault this kind of error usually is.
         *
         * @return the fault
         */
        public Fault fault() {
            return fault;
        }
    }

    private final Kind kind;
    private final String message;
    private final @Nullable Throwable cause;
    private final List<ConnectionError> attempts;

    private ConnectionError(Kind kind, String message, @Nullable Throwable cause, List<ConnectionError> attempts) {
        this.kind = Objects.requireNonNull(kind, "kind");
        this.message = Objects.requireNonNull(message, "message");
        this.cause = cause;
        this.attempts = List.copyOf(attempts);
    }

    /**
     * Makes an error.
     *
     * @param kind the kind
     * @param message one sentence: what was found, and what was expected
     * @return the error
     */
    public static ConnectionError of(Kind kind, String message) {
        return new ConnectionError(kind, message, null, List.of());
    }

    /**
     * Makes an error with a cause.
     *
     * @param kind the kind
     * @param message one sentence: what was found, and what was expected
     * @param cause what was thrown
     * @return the error
     */
    public static ConnectionError of(Kind kind, String message, Throwable cause) {
        return new ConnectionError(kind, message, Objects.requireNonNull(cause, "cause"), List.of());
    }

    /**
     * Makes an error of several attempts that failed, each for a reason of its own.
     *
     * @param kind the kind of the whole
     * @param message one sentence, which names each attempt
     * @param attempts the errors of the attempts, in order; the whole has the cause of the first of its kind
     * @return the error
     */
    public static ConnectionError of(Kind kind, String message, List<ConnectionError> attempts) {
        Throwable cause = null;
        for (ConnectionError attempt : attempts) {
            if (cause == null && attempt.kind == kind) {
                cause = attempt.cause;
            }
        }
        return new ConnectionError(kind, message, cause, attempts);
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
     * @return the fault
     */
    public Fault fault() {
        return kind.fault();
    }

    /**
     * One sentence for people.
     *
     * @return the message
     */
    public String message() {
        return message;
    }

    /**
     * What was thrown below, if anything was.
     *
     * @return the cause
     */
    public Optional<Throwable> cause() {
        return Optional.ofNullable(cause);
    }

    /**
     * The errors of the single attempts, if a connect tried several addresses or half a look-up failed.
     *
     * @return the errors in order; empty if there was one thing only that went wrong
     */
    public List<ConnectionError> attempts() {
        return attempts;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ConnectionError that && kind == that.kind && message.equals(that.message);
    }

    @Override
    public int hashCode() {
        return Objects.hash(kind, message);
    }

    @Override
    public String toString() {
        return kind + " (" + message + ")";
    }
}
