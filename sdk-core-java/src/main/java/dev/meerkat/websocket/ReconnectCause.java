package dev.meerkat.websocket;

import java.util.Objects;
import java.util.Optional;

/**
 * Why a WebSocket of a {@link ReconnectingWebSocket} has ended, or did not come to be.
 *
 * @param attempt how many attempts in a row have failed; 0 if it was open
 * @param refused what the server said if it refused
 * @param closed how it ended
 */
public record ReconnectCause(int attempt, Optional<WebSocketEvent.Refused> refused, WebSocketEvent.Closed closed) {
    // All are needed.
    public ReconnectCause {
        Objects.requireNonNull(refused, "refused");
        Objects.requireNonNull(closed, "closed");
    }

    /**
     * Tells whether it may be another time: not if the server has refused for good, with a status from 400 to 499 other
     * than 408, 425 and 429.
     *
     * @return whether it makes sense to try again
     */
    public boolean mayPass() {
        int status = refused.map(answer -> answer.head().status()).orElse(0);
        return status < 400 || status > 499 || status == 408 || status == 425 || status == 429;
    }
}
