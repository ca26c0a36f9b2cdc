package dev.meerkat.internal.nio;

import dev.meerkat.runtime.SocketOptions;
import dev.meerkat.runtime.StreamHandle;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/** A listening Unix domain socket, and its file. */
final class NioUnixListener extends NioListener {
    private final UnixDomainSocketAddress address;
    private final @Nullable SocketFile file;

    /**
     * Makes the handle.
     *
     * @param address where it listens; the system may say otherwise, because it was bound elsewhere
     * @param file its file, or null if it is not ours to remove
     */
    NioUnixListener(
            NioTransport transport,
            ServerSocketChannel channel,
            SocketOptions options,
            UnixDomainSocketAddress address,
            @Nullable SocketFile file) {
        super(transport, channel, options, file == null);
        this.address = address;
        this.file = file;
    }

    @Override
    StreamHandle handleOf(SocketChannel accepted, NioTransport target) throws IOException {
        return UnixSockets.accepted(target, accepted, options(), address);
    }

    @Override
    public UnixDomainSocketAddress localAddress() throws IOException {
        super.localAddress(); // fails when closed
        return address;
    }

    @Override
    void release() throws IOException {
        if (file != null) {
            transport.socketFiles().remove(file);
            file.close();
        }
    }
}
