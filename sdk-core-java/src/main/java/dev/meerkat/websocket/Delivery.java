package dev.meerkat.websocket;

/** In what units a handler receives what the peer sends. */
public enum Delivery {
    /** Whole messages: {@code Text} and {@code Binary}. They are held until they are complete, within a limit. */
    MESSAGES,
    /** Pieces as they arrive: {@code Fragment}. Nothing is held. */
    FRAGMENTS
}
