package dev.meerkat.internal.nio;

import dev.meerkat.runtime.Handle;
import dev.meerkat.runtime.ListenerHandle;
import dev.meerkat.runtime.SocketOptions;
import dev.meerkat.runtime.StreamHandle;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** Makes Unix domain sockets. Options that TCP alone knows are left out. */
final class UnixSockets {
    private UnixSockets() {}

    /** The system connects at once or not at all: what it answers then is no progress but a failure. */
    static StreamHandle connect(NioTransport transport, UnixDomainSocketAddress remote, SocketOptions options)
            throws IOException {
        return NioTransport.opened(SocketChannel.open(StandardProtocolFamily.UNIX), channel -> {
            setUp(channel, options);
            boolean connected = channel.connect(remote);
            return transport.watched(
                    new NioUnixStream(transport, channel, Handle.CONNECT, null),
                    connected ? SelectionKey.OP_WRITE : SelectionKey.OP_CONNECT);
        });
    }

    /** Makes a handle of what a listener accepted. Closes the channel if that fails. */
    static StreamHandle accepted(
            NioTransport transport, SocketChannel accepted, SocketOptions options, UnixDomainSocketAddress at)
            throws IOException {
        return NioTransport.opened(accepted, channel -> {
            setUp(channel, options);
            return transport.watched(new NioUnixStream(transport, channel, 0, at), 0);
        });
    }

    static ListenerHandle listen(NioTransport transport, UnixDomainSocketAddress local, SocketOptions options)
            throws IOException {
        return NioTransport.opened(ServerSocketChannel.open(StandardProtocolFamily.UNIX), channel -> {
            channel.configureBlocking(false);
            SocketFile file = SocketFile.bind(channel, local, options.backlog(), options.socketFilePermissions());
            transport.socketFiles().add(file);
            return transport.watched(new NioUnixListener(transport, channel, options, local, file), 0);
        });
    }

    static void setUp(SocketChannel channel, SocketOptions options) throws IOException {
        channel.configureBlocking(false);
        NioTransport.receiveBuffer(channel, options);
        NioTransport.sendBuffer(channel, options);
    }
}
