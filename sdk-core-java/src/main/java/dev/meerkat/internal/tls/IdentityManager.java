package dev.meerkat.internal.tls;

import dev.meerkat.tls.TlsIdentity;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import javax.net.ssl.StandardConstants;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Chooses which identity to show. An alias, as JSSE calls it, is the index of an identity.
 *
 * <p>A server takes the first identity whose kind of key the client can verify, looking through those that are named as
 * the client asks, then through those with a wildcard that fits, and, if there is neither, through those with the same
 * names as the first of all.
 */
final class IdentityManager extends X509ExtendedKeyManager {
    private final List<TlsIdentity> identities;
    private final Map<String, List<Integer>> byName = new HashMap<>();
    private final List<Integer> standard = new ArrayList<>();

    IdentityManager(List<TlsIdentity> identities) {
        this.identities = List.copyOf(identities);
        for (int i = 0; i < identities.size(); i++) {
            List<String> names = identities.get(i).names();
            for (String name : names) {
                byName.computeIfAbsent(name, unused -> new ArrayList<>()).add(i);
            }
            if (i == 0 || names.equals(identities.get(0).names())) {
                standard.add(i);
            }
        }
    }

    @Override
    public @Nullable String chooseEngineServerAlias(String keyType, Principal @Nullable [] issuers, SSLEngine engine) {
        String name = requestedName(engine);
        List<Integer> exact = byName.getOrDefault(name, List.of());
        int dot = name.indexOf('.');
        // Two labels behind the asterisk at least, as CertificateNames demands.
        boolean mayBeWild = dot > 0 && name.indexOf('.', dot + 1) > 0;
        List<Integer> wild = mayBeWild ? byName.getOrDefault("*" + name.substring(dot), List.of()) : List.of();
        if (exact.isEmpty() && wild.isEmpty()) {
            return first(standard, index -> hasKey(index, keyType));
        }
        String found = first(exact, index -> hasKey(index, keyType));
        return found != null ? found : first(wild, index -> hasKey(index, keyType));
    }

    @Override
    public @Nullable String chooseEngineClientAlias(
            String[] keyTypes, Principal @Nullable [] issuers, SSLEngine engine) {
        for (int i = 0; i < identities.size(); i++) {
            int index = i;
            boolean fits = Arrays.stream(keyTypes).anyMatch(type -> hasKey(index, type));
            if (fits && comesFrom(identities.get(i), issuers)) {
                return Integer.toString(i);
            }
        }
        return null;
    }

    private static @Nullable String first(List<Integer> candidates, Predicate<Integer> condition) {
        for (Integer index : candidates) {
            if (condition.test(index)) {
                return index.toString();
            }
        }
        return null;
    }

    private boolean hasKey(int index, String keyType) {
        return identities
                .get(index)
                .chain()
                .get(0)
                .getPublicKey()
                .getAlgorithm()
                .equals(keyType);
    }

    /** Whether one of its certificates was issued by one of these; by anybody if there is none (RFC 8446 §4.2.4). */
    private static boolean comesFrom(TlsIdentity identity, Principal @Nullable [] issuers) {
        if (issuers == null || issuers.length == 0) {
            return true;
        }
        List<Principal> accepted = Arrays.asList(issuers);
        return identity.chain().stream().anyMatch(one -> accepted.contains(one.getIssuerX500Principal()));
    }

    /** The name that the client asks for; the empty text if it asks for none. */
    private static String requestedName(SSLEngine engine) {
        SSLSession session = engine.getHandshakeSession();
        if (session instanceof ExtendedSSLSession extended) {
            for (SNIServerName name : extended.getRequestedServerNames()) {
                if (name.getType() == StandardConstants.SNI_HOST_NAME) {
                    return new String(name.getEncoded(), StandardCharsets.US_ASCII).toLowerCase(Locale.ROOT);
                }
            }
        }
        return "";
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(String alias) {
        return identities.get(Integer.parseInt(alias)).chain().toArray(X509Certificate[]::new);
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(String alias) {
        return identities.get(Integer.parseInt(alias)).key();
    }

    @Override
    public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
        return null;
    }

    @Override
    public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
        return null;
    }

    @Override
    public @Nullable String chooseClientAlias(
            String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return null; // there are no sockets, only engines
    }

    @Override
    public @Nullable String chooseServerAlias(String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return null;
    }
}
