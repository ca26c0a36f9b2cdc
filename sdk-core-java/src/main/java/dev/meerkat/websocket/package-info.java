/**
 * WebSocket (RFC 6455): what a peer can do wrong, and how it is answered. Start at
 * {@link dev.meerkat.websocket.WebSocketRule}.
 */
@NullMarked
package dev.meerkat.websocket;

import org.jspecify.annotations.NullMarked;
