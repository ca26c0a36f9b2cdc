package dev.meerkat.internal.nio;

import dev.meerkat.runtime.PeerCredentials;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A connection over a Unix domain socket. */
final class NioUnixStream extends NioStream {
    /** Where the listener listens that accepted this stream; null if we connected. */
    private final @Nullable UnixDomainSocketAddress acceptedAt;

    NioUnixStream(
            NioTransport transport, SocketChannel channel, int interest, @Nullable UnixDomainSocketAddress acceptedAt) {
        super(transport, channel, interest);
        this.acceptedAt = acceptedAt;
    }

    @Override
    public SocketAddress localAddress() throws IOException {
        if (acceptedAt == null) {
            return super.localAddress();
        }
        if (!isOpen()) {
            throw new ClosedChannelException();
        }
        return acceptedAt;
    }

    /**
     * {@inheritDoc}
     *
     * <p>The system itself tells the peer of a reset if there is unread input, and what was written has arrived
     * already. So closing and aborting are the same.
     */
    @Override
    public void close() throws IOException {
        abort();
    }

    @Override
    public Optional<PeerCredentials> peerCredentials() throws IOException {
        try {
            return PeerCredentialsOption.read(channel());
        } catch (NoClassDefFoundError moduleAbsent) {
            return Optional.empty();
        }
    }
}
