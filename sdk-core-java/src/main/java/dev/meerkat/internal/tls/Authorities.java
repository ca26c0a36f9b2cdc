package dev.meerkat.internal.tls;

import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.CertPathTrustManagerParameters;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Authorities, as the JDK's own check of certificate paths (RFC 5280 §6) takes them.
 *
 * <p>A checker of the JDK is bound to one instant. Certificates count seconds, so the last one is kept and serves all
 * handshakes of the same second: making one takes 4 µs for one authority, 50 µs for the JDK's 144.
 */
final class Authorities {
    private final Set<TrustAnchor> anchors;
    private final AtomicReference<@Nullable Dated> last = new AtomicReference<>();

    private record Dated(long second, X509ExtendedTrustManager checker) {}

    Authorities(List<X509Certificate> certificates) {
        Set<TrustAnchor> found = new LinkedHashSet<>();
        for (X509Certificate certificate : certificates) {
            found.add(new TrustAnchor(certificate, null));
        }
        anchors = found;
    }

    /** Those of the JDK, read at the first use, which takes some 60 ms. */
    static Authorities ofTheJdk() {
        return JdkHolder.AUTHORITIES;
    }

    private static final class JdkHolder {
        static final Authorities AUTHORITIES = load();

        private static Authorities load() {
            try {
                TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
                factory.init((KeyStore) null);
                X509TrustManager manager = (X509TrustManager) factory.getTrustManagers()[0];
                return new Authorities(Arrays.asList(manager.getAcceptedIssuers()));
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("the JDK's authorities cannot be read", e);
            }
        }
    }

    /** Whether there is none, as in a JDK without {@code cacerts}. */
    boolean isEmpty() {
        return anchors.isEmpty();
    }

    /** The JDK's check, as of an instant. */
    X509ExtendedTrustManager at(Instant now) {
        long second = now.getEpochSecond();
        Dated known = last.get();
        if (known != null && known.second == second) {
            return known.checker;
        }
        X509ExtendedTrustManager checker = make(second);
        last.set(new Dated(second, checker));
        return checker;
    }

    @SuppressWarnings("JavaUtilDate") // PKIX takes no other
    private X509ExtendedTrustManager make(long second) {
        try {
            PKIXBuilderParameters parameters = new PKIXBuilderParameters(anchors, new X509CertSelector());
            parameters.setRevocationEnabled(false);
            parameters.setDate(new Date(Math.multiplyExact(second, 1000L)));
            TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
            factory.init(new CertPathTrustManagerParameters(parameters));
            return (X509ExtendedTrustManager) factory.getTrustManagers()[0];
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK cannot check certificates", e);
        }
    }
}
