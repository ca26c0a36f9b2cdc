package dev.meerkat.internal.ws;

import dev.meerkat.websocket.WebSocketHandler;
import org.jspecify.annotations.Nullable;

/** Where a WebSocket comes from: the protocol that serves it, or the handshake in which a client asks for it. */
interface Origin {
    /** Who is told its events. */
    WebSocketHandler handler();

    /** Of a server: its protocol. */
    @Nullable
    ServedProtocol served();

    /** Any thread. Nobody wants it any more, and it has no connection yet. */
    void cancel();
}
