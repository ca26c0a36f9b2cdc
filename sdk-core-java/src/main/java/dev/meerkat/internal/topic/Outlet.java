package dev.meerkat.internal.topic;

import dev.meerkat.websocket.Message;

/** Where messages go: a WebSocket. Loop thread. */
interface Outlet {
    /** Whether it should be given messages now. */
    boolean isWritable();

    /** Gives it a message; false if this one does not fit, however long one waits. */
    boolean send(Message message);

    /** Has {@link OutletSubscription#ready} called when it is writable. Asked again, nothing happens. */
    void requestReady(OutletSubscription subscription);

    /** Tells it that the subscription has ended. */
    void leave(OutletSubscription subscription);

    /** Ends it, as too slow. */
    void closeTooSlow();
}
