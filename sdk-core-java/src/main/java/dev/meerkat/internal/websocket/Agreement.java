package dev.meerkat.internal.websocket;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a server chooses from what a client has {@linkplain Offer offered}.
 *
 * @param protocol the sub-protocol, or null for none
 * @param extensions the extensions with the parameters that hold, in the order in which they apply; mostly none
 */
public record Agreement(@Nullable String protocol, List<Extension> extensions) {
    // Nobody changes an agreement.
    public Agreement {
        extensions = List.copyOf(extensions);
    }
}
