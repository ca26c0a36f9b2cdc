/**
 * WebSockets on connections: the handshake's answer, what arrives, what leaves, how it ends, and who is there. What the
 * bytes mean is decided in {@code dev.meerkat.internal.websocket}.
 */
@NullMarked
package dev.meerkat.internal.ws;

import org.jspecify.annotations.NullMarked;
