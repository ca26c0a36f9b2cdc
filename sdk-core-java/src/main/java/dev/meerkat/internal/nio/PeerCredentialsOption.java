package dev.meerkat.internal.nio;

import dev.meerkat.runtime.PeerCredentials;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import jdk.net.ExtendedSocketOptions;
import jdk.net.UnixDomainPrincipal;

/** The one place that knows the module {@code jdk.net}, which a trimmed runtime image may lack. */
final class PeerCredentialsOption {
    private PeerCredentialsOption() {}

    /** Asks the system; empty if it does not know. */
    static Optional<PeerCredentials> read(SocketChannel channel) throws IOException {
        if (!channel.supportedOptions().contains(ExtendedSocketOptions.SO_PEERCRED)) {
            return Optional.empty();
        }
        UnixDomainPrincipal peer = channel.getOption(ExtendedSocketOptions.SO_PEERCRED);
        return Optional.of(
                new PeerCredentials(peer.user().getName(), peer.group().getName()));
    }
}
