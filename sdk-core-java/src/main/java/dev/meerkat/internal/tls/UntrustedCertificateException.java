package dev.meerkat.internal.tls;

import java.security.cert.CertificateException;
import java.util.Optional;

/**
 * A peer's certificate is refused, and why. JSSE hides it among the causes of what it throws; {@link #in} finds it
 * there. The message is one sentence for people, in which what the peer wrote is made harmless.
 */
public final class UntrustedCertificateException extends CertificateException {
    /** Why. */
    public enum Reason {
        /** It is valid no more, by our wall clock. */
        EXPIRED,
        /** It is not valid yet, by our wall clock. */
        NOT_YET_VALID,
        /** It is for another host. */
        WRONG_HOST,
        /** It is signed with its own key, and that is not accepted. */
        SELF_SIGNED,
        /** It comes from nobody whom we trust. */
        UNKNOWN_ISSUER,
        /** Any other reason: a broken signature, another purpose, a weak key. */
        OTHER
    }

    private static final long serialVersionUID = 1;

    /** The most causes that are looked through: JSSE nests four, and a cycle would have no end. */
    private static final int MAX_CAUSES = 16;

    private final Reason reason;

    UntrustedCertificateException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    UntrustedCertificateException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    /**
     * Why.
     *
     * @return the reason
     */
    public Reason reason() {
        return reason;
    }

    /**
     * Finds it in what an engine threw.
     *
     * @param thrown what was thrown
     * @return the exception or cause that says why the peer's certificate was refused; empty if that was not so
     */
    public static Optional<UntrustedCertificateException> in(Throwable thrown) {
        Throwable cause = thrown;
        for (int i = 0; cause != null && i < MAX_CAUSES; i++) {
            if (cause instanceof UntrustedCertificateException untrusted) {
                return Optional.of(untrusted);
            }
            cause = cause.getCause();
        }
        return Optional.empty();
    }
}
