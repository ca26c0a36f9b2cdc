package dev.meerkat.multipart;

import dev.meerkat.http.HttpError;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Why a multipart body was not read to its end: which kind of error, and with it the status to answer, one sentence for
 * people and what was thrown below, if anything was. Programs decide by the kind; the sentence may change from release
 * to release.
 */
public final class MultipartError {
    /** The kinds of error, each with the status that a server answers. */
    public enum Kind {
        /** The body breaks a rule of RFC 2046, RFC 7578 or RFC 8187; the message says which. */
        MALFORMED(400),
        /** What is correct and deliberately not understood: nested multipart, a transfer encoding, another charset. */
        UNSUPPORTED(415),
        /** The body is over before its last boundary (RFC 2046 §5.1.1). */
        TRUNCATED(400),
        /** More parts than {@link MultipartLimits#maxParts()}. */
        TOO_MANY_PARTS(413),
        /** The head of a part exceeds one of its limits: bytes, number of fields, length of a name. */
        PART_HEAD_TOO_LARGE(413),
        /** A part is longer than {@link MultipartLimits#maxPartBytes()}. */
        PART_TOO_LARGE(413),
        /** The body is longer than {@link MultipartLimits#maxBytes()}. */
        TOO_LARGE(413),
        /** The fields of a form need more memory than {@link MultipartLimits#maxFieldBytes()}. */
        FIELDS_TOO_LARGE(413),
        /** The message that holds the body was malformed, too slow or cut off, or its connection has ended. */
        MESSAGE_FAILED(400),
        /** A file name that is not safe in a directory of this server. */
        UNSAFE_NAME(400),
        /** There is a file of that name, and none is overwritten. */
        NAME_TAKEN(409),
        /** The disk, or the share of it that this program may use, is full. */
        DISK_FULL(507),
        /** The operating system does not let this program write there. */
        PERMISSION_DENIED(500),
        /** Any other failure of the file system. */
        STORAGE_FAILED(500),
        /** Every worker of the manager is busy, and no more tasks may wait for one. */
        OVERLOADED(503),
        /** This program refused the body. */
        REFUSED(400),
        /** The handler threw. */
        HANDLER_FAILED(500);

        private final int status;

        Kind(int status) {
            this.status = status;
        }

        /**
         * What a server answers.
         *
         * @return an HTTP status, 400 to 599
         */
        public int status() {
            return status;
        }
    }

    private final Kind kind;
    private final String message;
    private final @Nullable Throwable cause;
    private final @Nullable HttpError http;

    private MultipartError(Kind kind, String message, @Nullable Throwable cause, @Nullable HttpError http) {
        this.kind = Objects.requireNonNull(kind, "kind");
        this.message = Objects.requireNonNull(message, "message");
        this.cause = cause;
        this.http = http;
    }

    /**
     * Makes an error.
     *
     * @param kind the kind
     * @param message one sentence: what was found, and what was expected
     * @return the error
     */
    public static MultipartError of(Kind kind, String message) {
        return new MultipartError(kind, message, null, null);
    }

    /**
     * Makes an error with a cause.
     *
     * @param kind the kind
     * @param message one sentence: what was found, and what was expected
     * @param cause what was thrown
     * @return the error
     */
    public static MultipartError of(Kind kind, String message, Throwable cause) {
        return new MultipartError(kind, message, Objects.requireNonNull(cause, "cause"), null);
    }

    /**
     * Makes an error of one of the message that holds the body.
     *
     * @param error the error
     * @return one of the kind {@link Kind#MESSAGE_FAILED}
     */
    public static MultipartError of(HttpError error) {
        return new MultipartError(Kind.MESSAGE_FAILED, error.message(), null, error);
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
     * What a server answers.
     *
     * @return the status of the kind; of the message's error if it is that
     */
    public int status() {
        return http == null ? kind.status() : http.status();
    }

    /**
     * One sentence for people.
     *
     * @return the message; it may quote what the peer sent, with unprintable characters escaped
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
     * The error of the message that holds the body, if that is what went wrong.
     *
     * @return the error; empty for every other kind than {@link Kind#MESSAGE_FAILED}
     */
    public Optional<HttpError> httpError() {
        return Optional.ofNullable(http);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof MultipartError that && kind == that.kind && message.equals(that.message);
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
