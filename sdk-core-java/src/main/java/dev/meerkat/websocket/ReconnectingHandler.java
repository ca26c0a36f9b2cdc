package dev.meerkat.websocket;

import java.time.Duration;

/**
 * Receives the events of the WebSockets that a {@link ReconnectingWebSocket} has one after the other, and what happens
 * between them. {@code Opened} comes for each: the place to subscribe again, since what is sent there leaves before the
 * messages that have waited. Loop thread.
 */
@FunctionalInterface
public interface ReconnectingHandler extends WebSocketHandler {
    /**
     * The WebSocket has ended, or did not come to be, and another one will be tried. Does nothing by default.
     *
     * @param cause why
     * @param delay from now until then
     */
    default void onWaiting(ReconnectCause cause, Duration delay) {}

    /**
     * No further attempt will be made; what has waited is thrown away. Called once, also after {@code close}. Does
     * nothing by default.
     *
     * @param cause how the last one ended
     * @param messages how many messages were never sent
     */
    default void onEnd(ReconnectCause cause, int messages) {}
}
