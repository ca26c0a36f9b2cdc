package dev.meerkat.internal.tls;

import dev.meerkat.internal.tls.UntrustedCertificateException.Reason;
import dev.meerkat.tls.CertificateNames;
import dev.meerkat.tls.TlsTrust;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateException;
import java.security.cert.PKIXReason;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Judges the certificate of a peer. The JDK checks the path; this adds what the JDK does not: the manager's own clock,
 * a pinned certificate's dates, self-signed servers, the name, and which of it was wrong.
 */
final class TrustChecks extends X509ExtendedTrustManager {
    private final TlsTrust trust;
    private final Function<SSLEngine, @Nullable Peer> peers;
    private final @Nullable Authorities own;

    /**
     * Makes the checks.
     *
     * @param trust whom we trust
     * @param peers what is known of the peer of an engine
     */
    TrustChecks(TlsTrust trust, Function<SSLEngine, @Nullable Peer> peers) {
        this.trust = trust;
        this.peers = peers;
        this.own = trust.authorities().isEmpty() ? null : new Authorities(trust.authorities());
    }

    /** The JDK's check for one role. */
    private interface Check {
        void run(X509ExtendedTrustManager checker) throws CertificateException;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        Peer peer = peerOf(engine);
        Instant now = peer.time().wallTime();
        Check check = checker -> checker.checkServerTrusted(chain, authType, engine);
        try {
            checkPath(chain, now, check);
        } catch (UntrustedCertificateException e) {
            if (!trust.allowsSelfSigned() || e.reason() == Reason.OTHER || !isSelfSignedLeaf(chain)) {
                throw e;
            }
            checkDates(chain[0], now);
            checkPath(new Authorities(List.of(chain[0])), chain, now, check);
        }
        checkName(chain[0], peer);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        Instant now = peerOf(engine).time().wallTime();
        checkPath(chain, now, checker -> checker.checkClientTrusted(chain, authType, engine));
    }

    private Peer peerOf(SSLEngine engine) throws CertificateException {
        Peer peer = peers.apply(engine);
        if (peer == null) {
            throw new CertificateException("an engine that was made elsewhere");
        }
        return peer;
    }

    private void checkPath(X509Certificate[] chain, Instant now, Check check) throws CertificateException {
        checkPath(own != null ? own : Authorities.ofTheJdk(), chain, now, check);
    }

    private static void checkPath(Authorities authorities, X509Certificate[] chain, Instant now, Check check)
            throws CertificateException {
        if (authorities.isEmpty()) {
            throw refused(Reason.UNKNOWN_ISSUER, chain[0], "cannot be verified: there are no authorities to trust");
        }
        try {
            check.run(authorities.at(now));
        } catch (CertificateException e) {
            throw explain(authorities, chain, now, check, e);
        }
        checkDates(chain[0], now); // the JDK does not check those of a certificate that is trusted itself
    }

    /** Says what was wrong: the dates if they alone were, else the rest. */
    private static CertificateException explain(
            Authorities authorities, X509Certificate[] chain, Instant now, Check check, CertificateException found) {
        Instant then = aTimeWhenAllAreValid(chain);
        if (then != null) {
            try {
                check.run(authorities.at(then));
                for (X509Certificate certificate : chain) {
                    checkDates(certificate, now);
                }
            } catch (UntrustedCertificateException dates) {
                return dates;
            } catch (CertificateException otherwiseWrong) {
                return explainPath(chain, otherwiseWrong);
            }
        }
        return explainPath(chain, found);
    }

    private static CertificateException explainPath(X509Certificate[] chain, CertificateException found) {
        X509Certificate leaf = chain[0];
        if (isSelfIssued(leaf)) {
            if (!isSignedByItself(leaf)) {
                return refused(Reason.OTHER, leaf, "has a broken signature", found);
            }
            return refused(Reason.SELF_SIGNED, leaf, "is self-signed", found);
        }
        Throwable cause = found;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        boolean isUnknown = cause instanceof CertPathBuilderException
                || (cause instanceof CertPathValidatorException path && path.getReason() == PKIXReason.NO_TRUST_ANCHOR);
        if (isUnknown) {
            return refused(
                    Reason.UNKNOWN_ISSUER,
                    leaf,
                    "comes from nobody whom we trust; the last of its " + chain.length + " certificates was issued by "
                            + printable(chain[chain.length - 1].getIssuerX500Principal()),
                    found);
        }
        boolean isBroken =
                cause instanceof CertPathValidatorException path && path.getReason() == BasicReason.INVALID_SIGNATURE;
        return refused(
                Reason.OTHER,
                leaf,
                isBroken ? "has a broken signature" : "is refused: " + printable(cause.getMessage()),
                found);
    }

    /** An instant at which the whole chain is valid, if it is not so anyhow; null if there is none. */
    private static @Nullable Instant aTimeWhenAllAreValid(X509Certificate[] chain) {
        Instant latestBegin = Instant.MIN;
        Instant earliestEnd = Instant.MAX;
        for (X509Certificate certificate : chain) {
            Instant begin = certificate.getNotBefore().toInstant();
            Instant end = certificate.getNotAfter().toInstant();
            latestBegin = begin.isAfter(latestBegin) ? begin : latestBegin;
            earliestEnd = end.isBefore(earliestEnd) ? end : earliestEnd;
        }
        return latestBegin.isAfter(earliestEnd) ? null : latestBegin;
    }

    private static void checkDates(X509Certificate certificate, Instant now) throws UntrustedCertificateException {
        Instant second = Instant.ofEpochSecond(now.getEpochSecond());
        Instant end = certificate.getNotAfter().toInstant();
        Instant begin = certificate.getNotBefore().toInstant();
        if (second.isAfter(end)) {
            throw refused(Reason.EXPIRED, certificate, "expired at " + end + "; it is " + second);
        }
        if (second.isBefore(begin)) {
            throw refused(Reason.NOT_YET_VALID, certificate, "is valid from " + begin + " on; it is " + second);
        }
    }

    private static void checkName(X509Certificate leaf, Peer peer) throws UntrustedCertificateException {
        if (peer.host() == null) {
            return;
        }
        CertificateNames names = CertificateNames.of(leaf);
        boolean fits = peer.address() != null ? names.isFor(peer.address()) : names.isFor(peer.host());
        if (!fits) {
            throw refused(
                    Reason.WRONG_HOST, leaf, "is for " + printable(names) + "; expected " + printable(peer.host()));
        }
    }

    private static boolean isSelfSignedLeaf(X509Certificate[] chain) {
        return chain.length == 1 && isSelfIssued(chain[0]) && isSignedByItself(chain[0]);
    }

    private static boolean isSelfIssued(X509Certificate certificate) {
        return certificate.getIssuerX500Principal().equals(certificate.getSubjectX500Principal());
    }

    private static boolean isSignedByItself(X509Certificate certificate) {
        try {
            certificate.verify(certificate.getPublicKey());
            return true;
        } catch (GeneralSecurityException broken) {
            return false;
        }
    }

    private static UntrustedCertificateException refused(Reason reason, X509Certificate certificate, String problem) {
        return new UntrustedCertificateException(reason, sentence(certificate, problem));
    }

    private static UntrustedCertificateException refused(
            Reason reason, X509Certificate certificate, String problem, Throwable cause) {
        return new UntrustedCertificateException(reason, sentence(certificate, problem), cause);
    }

    private static String sentence(X509Certificate certificate, String problem) {
        return "the certificate of " + printable(certificate.getSubjectX500Principal()) + " " + problem;
    }

    /** What a peer wrote can neither forge a line of a log nor fill it. */
    private static String printable(@Nullable Object value) {
        String text = String.valueOf(value).replaceAll("[^ -~]", "?");
        return text.length() > 200 ? text.substring(0, 200) + "..." : text;
    }

    /** Who may issue the certificates of clients. Not the JDK's 144: their names would be sent in every handshake. */
    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return trust.authorities().toArray(X509Certificate[]::new);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw new CertificateException("only engines are served");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw new CertificateException("only engines are served");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, @Nullable Socket socket)
            throws CertificateException {
        throw new CertificateException("only engines are served");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, @Nullable Socket socket)
            throws CertificateException {
        throw new CertificateException("only engines are served");
    }
}
