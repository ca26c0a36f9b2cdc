package dev.meerkat.testkit.manager;

import dev.meerkat.testkit.TestCertificate;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/** The one key of a server; each full handshake asks for it, in one of its tasks. */
final class NotedKeys extends X509ExtendedKeyManager {
    private static final String ALIAS = "server";

    private final TestCertificate certificate;
    private final Runnable asked;

    private NotedKeys(TestCertificate certificate, Runnable asked) {
        this.certificate = certificate;
        this.asked = asked;
    }

    /**
     * A context with a key.
     *
     * @param asked runs where the task runs
     */
    static SSLContext context(TestCertificate certificate, Runnable asked) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(new KeyManager[] {new NotedKeys(certificate, asked)}, null, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public @Nullable String chooseEngineServerAlias(String keyType, Principal @Nullable [] issuers, SSLEngine engine) {
        if (!keyType.equals(certificate.key().getAlgorithm())) {
            return null;
        }
        asked.run();
        return ALIAS;
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
        return certificate.key();
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
        return certificate.chain().toArray(X509Certificate[]::new);
    }

    @Override
    public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
        return null;
    }

    @Override
    public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
        return null;
    }

    @Override
    public @Nullable String chooseServerAlias(String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return null;
    }

    @Override
    public @Nullable String chooseClientAlias(
            String[] keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return null;
    }
}
