package dev.meerkat.internal.tls;

import dev.meerkat.tls.Reloadable;
import dev.meerkat.tls.TlsIdentity;
import dev.meerkat.tls.TlsOptions;
import dev.meerkat.tls.TlsSessions;
import dev.meerkat.tls.TlsTrust;
import java.security.GeneralSecurityException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * The context of some options. When identity or trust was loaded anew, there is a new one, and the sessions of the old
 * one are gone. Making one takes some 30 µs, as measured; the very first in a process takes 20 ms of class loading.
 */
final class SharedContext {
    private final TlsOptions options;
    /** A trust manager is given an engine and nothing else; so this says what is known of its peer. */
    private final Map<SSLEngine, Peer> peers = Collections.synchronizedMap(new WeakHashMap<>());

    private final AtomicReference<@Nullable Made> last = new AtomicReference<>();

    private record Made(List<TlsIdentity> identities, TlsTrust trust, SSLContext context) {
        boolean isOf(List<TlsIdentity> otherIdentities, TlsTrust otherTrust) {
            return trust == otherTrust
                    && IntStream.range(0, identities.size()).allMatch(i -> identities.get(i) == otherIdentities.get(i));
        }
    }

    SharedContext(TlsOptions options) {
        this.options = options;
    }

    TlsOptions options() {
        return options;
    }

    /** Remembers what is known of the peer of an engine, until its certificate was judged. */
    SSLEngine expect(SSLEngine engine, Peer peer) {
        peers.put(engine, peer);
        return engine;
    }

    /** The context of what is loaded now. */
    SSLContext current() {
        if (options.context().isPresent()) {
            return options.context().get();
        }
        List<TlsIdentity> identities =
                options.identities().stream().map(Reloadable::current).toList();
        TlsTrust trust = options.trust().current();
        if (!options.sessions().resumed()) {
            return make(identities, trust); // nobody finds a session in a context of its own
        }
        Made made = last.get();
        if (made != null && made.isOf(identities, trust)) {
            return made.context;
        }
        Made fresh = new Made(identities, trust, make(identities, trust));
        if (last.compareAndSet(made, fresh)) {
            return fresh.context;
        }
        return current(); // another thread was faster
    }

    private SSLContext make(List<TlsIdentity> identities, TlsTrust trust) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    new KeyManager[] {new IdentityManager(identities)},
                    new TrustManager[] {new TrustChecks(trust, peers::remove)},
                    null);
            limit(context.getServerSessionContext(), options.sessions());
            limit(context.getClientSessionContext(), options.sessions());
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no TLS", e);
        }
    }

    private static void limit(SSLSessionContext sessions, TlsSessions options) {
        sessions.setSessionCacheSize(options.cacheSize());
        sessions.setSessionTimeout((int) options.timeout().toSeconds());
    }
}
