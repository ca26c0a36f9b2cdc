package dev.meerkat.internal.httpclient;

import dev.meerkat.http.client.ClientException;
import dev.meerkat.http.client.ClientException.Kind;
import dev.meerkat.http.client.HttpClientOptions;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The connections of a client, and who waits for one. Idle ones are taken last in, first out, so that those that are
 * not needed get old and end; who waits is served in order of arrival, whatever its origin: if room is what the first
 * one lacks, an idle connection to somewhere else makes it. Loop thread.
 */
final class Pool {
    /** What wants a connection. */
    interface Waiter {
        Origin origin();

        /** Hands over a connection that is ready. */
        void connected(PooledConnection connection);

        /** There will be none. */
        void failed(ClientException failure);
    }

    /** Makes connections. */
    interface Opener {
        /** Begins to connect, and hands the connection to the waiter when it is ready. */
        void open(PooledConnection connection);
    }

    /** The connections to one origin. */
    private static final class Site {
        private final ArrayDeque<PooledConnection> idle = new ArrayDeque<>();
        private int count;
    }

    private final HttpClientOptions options;
    private final Opener opener;
    /** Whether a connection that has served serves again. */
    private final boolean keeps;

    private final Map<Origin, Site> sites = new HashMap<>();
    private final Set<PooledConnection> all = new LinkedHashSet<>();
    /** In the order in which they became idle. */
    private final Set<PooledConnection> idle = new LinkedHashSet<>();

    private final Set<Waiter> waiters = new LinkedHashSet<>();
    private boolean shut;
    /** Who waits is being served, and once more. */
    private boolean serving;

    private boolean servesAgain;

    Pool(HttpClientOptions options, Opener opener, boolean keeps) {
        this.options = options;
        this.opener = opener;
        this.keeps = keeps;
    }

    /**
     * Finds a connection for somebody, now or later.
     *
     * @param fresh whether it must be a new one
     */
    void acquire(Waiter waiter, boolean fresh) {
        Site site = site(waiter.origin());
        PooledConnection kept = fresh ? null : site.idle.peek();
        if (kept != null) {
            unidle(kept);
            kept.use(waiter);
        } else if (hasRoom(site) || (fresh && makeRoom(site))) {
            open(waiter, site);
        } else if (waiters.size() < options.waiting()) {
            waiters.add(waiter);
        } else {
            forgetIfEmpty(waiter.origin(), site);
            waiter.failed(new ClientException(
                    Kind.TOO_MANY_WAITING,
                    waiters.size() + " calls wait for a connection, the limit of the options",
                    null,
                    null,
                    null));
        }
    }

    /** Somebody does not wait any more; answers whether he did. */
    boolean leave(Waiter waiter) {
        return waiters.remove(waiter);
    }

    /** A connection has served, and can serve again. */
    void release(PooledConnection connection) {
        if (shut) {
            remove(connection);
            connection.drop();
            return;
        }
        Site own = site(connection.origin());
        for (Iterator<Waiter> each = waiters.iterator(); each.hasNext(); ) {
            Waiter waiter = each.next();
            if (waiter.origin().equals(connection.origin())) {
                each.remove();
                connection.use(waiter);
                return;
            }
            Site site = site(waiter.origin());
            if (site.count < options.connectionsPerOrigin()) { // what it lacks is room in all
                each.remove();
                own.idle.remove(connection);
                remove(connection);
                connection.drop();
                open(waiter, site);
                return;
            }
        }
        own.idle.push(connection);
        idle.add(connection);
        connection.rest();
    }

    /** A connection has ended, or is no longer to be used. */
    void remove(PooledConnection connection) {
        if (!all.remove(connection)) {
            return;
        }
        unidle(connection);
        Site site = site(connection.origin());
        site.count--;
        forgetIfEmpty(connection.origin(), site);
    }

    /**
     * Serves who waits for room, after a connection has ended. One that cannot even begin ends within this call: who is
     * served next is served here, or a thousand of them would stand on the stack.
     */
    void serve() {
        servesAgain = true;
        if (serving) {
            return;
        }
        serving = true;
        try {
            while (servesAgain) {
                servesAgain = false;
                serveWaiting();
            }
        } finally {
            serving = false;
        }
    }

    private void serveWaiting() {
        for (Waiter waiter : List.copyOf(waiters)) {
            if (all.size() >= options.connections() && idle.isEmpty()) {
                return;
            }
            Site site = site(waiter.origin());
            if (waiters.contains(waiter) && hasRoom(site)) {
                waiters.remove(waiter);
                open(waiter, site);
            }
        }
    }

    /** Whether one more may be made to a site; an idle one elsewhere goes if that is what it takes. */
    private boolean hasRoom(Site site) {
        if (site.count >= options.connectionsPerOrigin()) {
            return false;
        }
        if (all.size() < options.connections()) {
            return true;
        }
        return dropOldestIdle();
    }

    private boolean dropOldestIdle() {
        Iterator<PooledConnection> oldest = idle.iterator();
        if (!oldest.hasNext()) {
            return false;
        }
        PooledConnection connection = oldest.next();
        remove(connection);
        connection.drop();
        return true;
    }

    /** For who must not take an idle one: it makes room instead. */
    private boolean makeRoom(Site site) {
        PooledConnection last = site.idle.peekLast();
        if (last == null) {
            return false;
        }
        site.count++; // so that the site is not forgotten meanwhile
        remove(last);
        site.count--;
        last.drop();
        return hasRoom(site);
    }

    private void open(Waiter waiter, Site site) {
        PooledConnection connection = new PooledConnection(this, waiter.origin(), waiter);
        sites.put(waiter.origin(), site);
        site.count++;
        all.add(connection);
        opener.open(connection);
    }

    private void unidle(PooledConnection connection) {
        if (idle.remove(connection)) {
            site(connection.origin()).idle.remove(connection);
        }
    }

    private Site site(Origin origin) {
        return sites.computeIfAbsent(origin, any -> new Site());
    }

    private void forgetIfEmpty(Origin origin, Site site) {
        if (site.count == 0) {
            sites.remove(origin);
        }
    }

    void closeIdle() {
        for (PooledConnection connection : List.copyOf(idle)) {
            remove(connection);
            connection.drop();
        }
    }

    /** Keeps and opens no connection any more; who waits for one is told. */
    void shut(ClientException failure) {
        shut = true;
        List<Waiter> told = new ArrayList<>(waiters);
        waiters.clear();
        told.forEach(waiter -> waiter.failed(failure));
    }

    /** Ends all connections, in order. */
    void dropAll() {
        for (PooledConnection connection : List.copyOf(all)) {
            remove(connection);
            connection.drop();
        }
    }

    boolean keeps() {
        return keeps;
    }

    int size() {
        return all.size();
    }

    int idle() {
        return idle.size();
    }

    int waiting() {
        return waiters.size();
    }

    /** How many origins are remembered, for tests. */
    int sites() {
        return sites.size();
    }
}
