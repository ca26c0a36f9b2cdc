package dev.meerkat.http.filter;

import java.net.InetAddress;
import java.util.Objects;
import java.util.Optional;

/**
 * Who asked in truth, by what trusted proxies say: the attribute that {@link ForwardedFields} leaves on a request.
 *
 * @param address of the first on the way whom nobody trusted vouches for; empty if a proxy hides it
 * @param scheme in which that peer asked, {@code http} or {@code https}, if a proxy says so
 * @param host which it asked for, if a proxy says so; as of {@code Host}, not checked further
 */
public record ForwardedPeer(Optional<InetAddress> address, Optional<String> scheme, Optional<String> host) {
    // Rejects missing parts.
    public ForwardedPeer {
        Objects.requireNonNull(address, "address");
        Objects.requireNonNull(scheme, "scheme");
        Objects.requireNonNull(host, "host");
    }
}
