package dev.meerkat.internal.nio;

import dev.meerkat.runtime.Arrival;
import dev.meerkat.runtime.ListenerHandle;
import dev.meerkat.runtime.SocketOptions;
import dev.meerkat.runtime.StreamHandle;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/** A listening socket. */
sealed class NioListener extends NioHandle implements ListenerHandle permits NioUnixListener {
    /** For the accepted streams; not every system lets them inherit from the listener. */
    private final SocketOptions options;

    /** Whether somebody else made the socket, with options perhaps that accepted streams inherit. */
    private final boolean adopted;

    NioListener(NioTransport transport, ServerSocketChannel channel, SocketOptions options, boolean adopted) {
        super(transport, channel, 0);
        this.options = options;
        this.adopted = adopted;
    }

    @Override
    ServerSocketChannel channel() {
        return (ServerSocketChannel) super.channel();
    }

    @Override
    public @Nullable StreamHandle accept() throws IOException {
        SocketChannel accepted = channel().accept();
        return accepted == null ? null : handleOf(accepted, transport);
    }

    @Override
    public @Nullable Arrival acceptForOther() throws IOException {
        SocketChannel accepted = channel().accept();
        return accepted == null ? null : new NioArrival(this, accepted);
    }

    /** Any thread. Resets what was accepted and has no handle. */
    void refuse(SocketChannel accepted) {
        try (accepted) {
            accepted.setOption(StandardSocketOptions.SO_LINGER, 0);
        } catch (IOException | UnsupportedOperationException ignored) {
            // closed all the same
        }
    }

    /** Makes a handle of what was accepted, or closes it. */
    StreamHandle handleOf(SocketChannel accepted, NioTransport target) throws IOException {
        return target.accepted(accepted, options, adopted);
    }

    final SocketOptions options() {
        return options;
    }

    /** Gives back what belongs to the socket but the socket itself, which is still open. */
    void release() throws IOException {}

    @Override
    public SocketAddress localAddress() throws IOException {
        return channel().getLocalAddress();
    }

    @Override
    public void close() throws IOException {
        if (!isOpen()) {
            return;
        }
        try {
            release();
        } finally {
            closeChannel();
            transport.watch().releaseNow();
        }
    }
}
