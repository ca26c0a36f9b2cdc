package dev.meerkat.internal.topic;

import dev.meerkat.websocket.Message;

/** Where messages go: a WebSocket. Loop thread. */
interface Outlet {
    /** Whether it should be given messages now. */
    boolean isWritable();

    /** What became of a message. */
    enum Fit {
        SENT,
        /** It does not fit now; {@link OutletSubscription#ready} will be called when more of what waits has left. */
        LATER,
        /** It does not fit, however long one waits. */
        NEVER
    }

    /** Gives it a message. */
    Fit send(Message message);

    /** Ends it, since giving it a message has failed. */
    void failed(Throwable why);

    /** Has {@link OutletSubscription#ready} called when it is writable. Asked again, nothing happens. */
    void requestReady(OutletSubscription subscription);

    /** Tells it that the subscription has ended. */
    void leave(OutletSubscription subscription);

    /** Ends it, as too slow. */
    void closeTooSlow();
}
