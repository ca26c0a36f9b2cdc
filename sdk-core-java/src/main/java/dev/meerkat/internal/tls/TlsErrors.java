package dev.meerkat.internal.tls;

import dev.meerkat.event.ConnectionError;
import dev.meerkat.event.ConnectionError.Kind;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * What an {@code SSLEngine} throws, as kinds. The JDK has classes for a few of the reasons only; the others differ by
 * their message, which is why tests hold every one of these on every JDK.
 */
final class TlsErrors {
    private static final Pattern ALERT = Pattern.compile("Received (?:fatal|close_notify|warning)? ?alert: ?(\\w+)");
    /** Causes are followed no deeper: nobody nests so many, but a cycle would be followed for ever. */
    private static final int MAX_DEPTH = 16;

    private TlsErrors() {}

    static TlsFailure failure(Throwable thrown, boolean handshaking) {
        ConnectionError error = of(thrown, handshaking);
        return new TlsFailure(error);
    }

    private static ConnectionError of(Throwable thrown, boolean handshaking) {
        UntrustedCertificateException refused =
                UntrustedCertificateException.in(thrown).orElse(null);
        if (refused != null) {
            return ConnectionError.of(
                    kindOf(refused.reason()), "the peer's certificate is refused: " + sentence(refused), thrown);
        }
        int depth = 0;
        for (Throwable cause = thrown; cause != null && depth < MAX_DEPTH; cause = cause.getCause(), depth++) {
            Kind kind = ofCertificate(cause);
            if (kind != null) {
                return ConnectionError.of(kind, "the peer's certificate is refused: " + sentence(cause), thrown);
            }
        }
        if (!(thrown instanceof SSLException)) {
            return ConnectionError.of(Kind.TLS_FAILED, "TLS failed in this program: " + thrown, thrown);
        }
        return ofMessage(sentence(thrown), thrown, handshaking);
    }

    private static Kind kindOf(UntrustedCertificateException.Reason reason) {
        return switch (reason) {
            case EXPIRED -> Kind.CERTIFICATE_EXPIRED;
            case NOT_YET_VALID -> Kind.CERTIFICATE_NOT_YET_VALID;
            case WRONG_HOST -> Kind.CERTIFICATE_WRONG_HOST;
            case SELF_SIGNED -> Kind.CERTIFICATE_SELF_SIGNED;
            case UNKNOWN_ISSUER, OTHER -> Kind.CERTIFICATE_UNTRUSTED;
        };
    }

    private static @Nullable Kind ofCertificate(Throwable cause) {
        if (cause instanceof CertificateExpiredException) {
            return Kind.CERTIFICATE_EXPIRED;
        }
        if (cause instanceof CertificateNotYetValidException) {
            return Kind.CERTIFICATE_NOT_YET_VALID;
        }
        if (cause instanceof CertPathValidatorException path) {
            if (path.getReason() == BasicReason.EXPIRED) {
                return Kind.CERTIFICATE_EXPIRED;
            }
            if (path.getReason() == BasicReason.NOT_YET_VALID) {
                return Kind.CERTIFICATE_NOT_YET_VALID;
            }
            return path.getCause() == null ? Kind.CERTIFICATE_UNTRUSTED : null;
        }
        if (cause instanceof CertPathBuilderException) {
            return cause.getCause() == null ? Kind.CERTIFICATE_UNTRUSTED : null;
        }
        if (cause instanceof CertificateException && cause.getCause() == null) {
            return isAboutTheName(sentence(cause)) ? Kind.CERTIFICATE_WRONG_HOST : Kind.CERTIFICATE_UNTRUSTED;
        }
        return null;
    }

    private static boolean isAboutTheName(String message) {
        String lower = message.toLowerCase(Locale.ROOT);
        return lower.contains("subject alternative")
                || lower.contains("no name matching")
                || lower.contains("illegal given domain name")
                || lower.contains("is not for");
    }

    private static ConnectionError ofMessage(String message, Throwable thrown, boolean handshaking) {
        Matcher alert = ALERT.matcher(message);
        if (alert.find()) {
            return ConnectionError.of(
                    Kind.TLS_ALERT, "the peer broke off with the TLS alert " + alert.group(1), thrown);
        }
        String lower = message.toLowerCase(Locale.ROOT);
        // newer JDKs wrap what a key manager of the program's own throws, but also what is wrong with the peer's
        // message
        if (lower.contains("unhandled exception") && thrown.getCause() instanceof RuntimeException cause) {
            return ConnectionError.of(Kind.TLS_FAILED, "TLS failed in this program: " + cause, thrown);
        }
        if (lower.contains("empty client certificate chain")
                || lower.contains("empty server certificate")
                || lower.contains("null cert chain")) {
            return ConnectionError.of(Kind.CERTIFICATE_MISSING, "the peer has shown no certificate", thrown);
        }
        if (handshaking && isAboutAgreement(lower)) {
            return ConnectionError.of(
                    Kind.TLS_NO_AGREEMENT,
                    "the peer and this program agree on no way to speak TLS: " + message,
                    thrown);
        }
        return ConnectionError.of(Kind.TLS_VIOLATION, "the peer broke a rule of TLS: " + message, thrown);
    }

    private static boolean isAboutAgreement(String lower) {
        return lower.contains("in common")
                || lower.contains("no appropriate protocol")
                || lower.contains("not accepted by")
                || lower.contains("not enabled or supported")
                || lower.contains("no matching application layer protocol")
                || lower.contains("application protocol")
                || lower.contains("no available authentication scheme")
                || lower.contains("no preferred signature algorithm");
    }

    private static String sentence(Throwable thrown) {
        String message = thrown.getMessage();
        return message == null ? thrown.getClass().getSimpleName() : message;
    }
}
