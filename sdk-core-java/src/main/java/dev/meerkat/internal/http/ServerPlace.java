package dev.meerkat.internal.http;

import dev.meerkat.EventManager;

/** Where a connection finds what it shares with others: the server at first, then the site itself. */
interface ServerPlace {
    /** What the connections of one manager share. Loop thread of the manager. */
    ServerSite site(EventManager manager);
}
