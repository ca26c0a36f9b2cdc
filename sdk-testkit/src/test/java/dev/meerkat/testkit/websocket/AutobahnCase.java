package dev.meerkat.testkit.websocket;

import java.util.Optional;
import java.util.function.Consumer;

/**
 * One case.
 *
 * @param number as in the suite's list
 * @param compression what a fuzzing client offers, or a fuzzing server demands and answers; empty for none
 * @param script what happens after the handshake
 */
record AutobahnCase(String number, Optional<Compression> compression, Consumer<AutobahnPeer> script) {
    /**
     * How a case compresses.
     *
     * @param offer the extension that a client asks for
     * @param answer the extension that a server agrees to, if our client has offered what that needs
     */
    record Compression(String offer, String answer) {}

    static AutobahnCase plain(String number, Consumer<AutobahnPeer> script) {
        return new AutobahnCase(number, Optional.empty(), script);
    }

    @Override
    public String toString() {
        return number;
    }
}
