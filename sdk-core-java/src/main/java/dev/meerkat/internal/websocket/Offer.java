package dev.meerkat.internal.websocket;

import java.util.LinkedHashSet;
import java.util.List;

/**
 * What a client asks for in its opening handshake.
 *
 * @param key 16 bytes in base64, which the server must have seen to answer
 * @param protocols the sub-protocols that it speaks, the one it likes best first; none if it does not care
 * @param extensions the extensions that it offers, one name perhaps several times with other parameters
 */
public record Offer(String key, List<String> protocols, List<Extension> extensions) {
    // What is written here goes on the wire as it is.
    public Offer {
        protocols = List.copyOf(protocols);
        extensions = List.copyOf(extensions);
        if (!OpeningHandshake.isKey(key)) {
            throw new IllegalArgumentException("a key is 16 bytes in base64: " + HandshakeTexts.shown(key));
        }
        protocols.forEach(protocol -> HandshakeTexts.requireToken("a sub-protocol", protocol));
        if (new LinkedHashSet<>(protocols).size() < protocols.size()) {
            throw new IllegalArgumentException("a sub-protocol is asked for once: " + protocols);
        }
    }
}
