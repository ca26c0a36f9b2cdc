package dev.meerkat.internal.httpclient;

import dev.meerkat.Address;
import dev.meerkat.ConnectOptions;
import dev.meerkat.Connection;
import dev.meerkat.EventManager;
import dev.meerkat.Handler;
import dev.meerkat.event.ConnectionError;
import dev.meerkat.http.client.ClientProxy;
import dev.meerkat.http.client.HttpClientOptions;
import dev.meerkat.tls.TlsOptions;
import java.util.LinkedHashMap;
import java.util.Map;

/** Makes the connections of a pool: straight to a server, or through a proxy. Loop thread. */
final class Dialling implements Pool.Opener {
    /** As many hosts' TLS options are kept, each of which holds sessions to resume. */
    private static final int KEPT_TLS = 64;

    private final EventManager manager;
    private final HttpClientOptions options;
    private final ConnectOptions secure;
    /** Whether a proxy sees no request, not even one in clear. */
    private final boolean tunnels;

    private final Map<String, TlsOptions> throughProxy = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, TlsOptions> eldest) {
            return size() > KEPT_TLS;
        }
    };

    Dialling(EventManager manager, HttpClientOptions options, boolean tunnels) {
        this.manager = manager;
        this.options = options;
        this.tunnels = tunnels;
        this.secure = options.connect().toBuilder()
                .tls(withProtocol(options.connect().tls()))
                .build();
    }

    /** Says that it will be HTTP/1.1, unless the program has said what it will be (RFC 7301). */
    static TlsOptions withProtocol(TlsOptions tls) {
        return tls.applicationProtocols().isEmpty() && tls.context().isEmpty()
                ? tls.toBuilder().applicationProtocols("http/1.1").build()
                : tls;
    }

    @Override
    public void open(PooledConnection pooled) {
        Origin origin = pooled.origin();
        ClientStage stage = new ClientStage(options, origin.hostField(), pooled);
        try {
            Connection connection = options.proxy().isEmpty()
                    ? direct(origin, stage)
                    : connect(
                            "tcp",
                            options.proxy().get(),
                            tunnel(pooled, stage, options.proxy().get()));
            pooled.of(connection, stage, options.idleKeep().toNanos());
        } catch (RuntimeException e) {
            pooled.failed(ConnectionError.of(ConnectionError.Kind.IO, "not connected: " + e.getMessage(), e));
        }
    }

    private Connection direct(Origin origin, ClientStage stage) {
        String scheme = origin.secure() ? "tls" : "tcp";
        Address address = new Address(scheme, origin.bareHost(), origin.port());
        return manager.connect(address.toString(), origin.secure() ? secure : options.connect(), stage);
    }

    private Connection connect(String scheme, ClientProxy proxy, Handler handler) {
        return manager.connect(new Address(scheme, proxy.host(), proxy.port()).toString(), options.connect(), handler);
    }

    private Handler tunnel(PooledConnection pooled, ClientStage stage, ClientProxy proxy) {
        Origin origin = pooled.origin();
        if (proxy.kind() == ClientProxy.Kind.HTTP && !origin.secure() && !tunnels) {
            return stage; // which sends absolute targets
        }
        Tunnel.Negotiation negotiation = proxy.kind() == ClientProxy.Kind.HTTP
                ? new ConnectNegotiation(origin, proxy, options)
                : new SocksNegotiation(origin, proxy);
        TlsOptions tls = origin.secure() ? tlsFor(origin.bareHost()) : null;
        return new Tunnel(pooled, stage, negotiation, tls, options.headTimeout());
    }

    /** Of a connection through a proxy only we know whose certificate to expect. */
    private TlsOptions tlsFor(String host) {
        return throughProxy.computeIfAbsent(host, any -> {
            TlsOptions base = secure.tls();
            return base.serverName().isPresent() || base.context().isPresent()
                    ? base
                    : base.toBuilder().serverName(host).build();
        });
    }
}
