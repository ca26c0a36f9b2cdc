package dev.meerkat.internal.http;

import dev.meerkat.EventManager;
import dev.meerkat.http.HttpServerOptions;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** Makes the protocol's object of each connection of a server. Any thread: a server may stand on several managers. */
final class ServerFactory implements Supplier<ServerProtocol>, ServerPlace {
    private final HttpServerOptions options;
    private final Map<EventManager, ServerSite> sites = new ConcurrentHashMap<>();

    ServerFactory(HttpServerOptions options) {
        this.options = options;
    }

    @Override
    public ServerProtocol get() {
        return new ServerProtocol(this);
    }

    @Override
    public ServerSite site(EventManager manager) {
        ServerSite known = sites.get(manager);
        if (known == null) {
            known = new ServerSite(this, manager, options);
            sites.put(manager, known);
        }
        return known;
    }

    /** The last connection of a manager has gone. Loop thread of the manager. */
    void forget(ServerSite site) {
        sites.remove(site.manager, site);
    }
}
