package dev.meerkat.internal.nio;

import dev.meerkat.runtime.DatagramHandle;
import dev.meerkat.runtime.ListenerHandle;
import dev.meerkat.runtime.SocketOptions;
import dev.meerkat.runtime.StreamHandle;
import java.io.IOException;
import java.net.BindException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channel;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * Takes over channels that others have made. Whatever goes wrong, the channel is left as it was and belongs to whoever
 * brought it.
 */
final class Adoption {
    private Adoption() {}

    /** What is left to do when a channel does not block any more. */
    @FunctionalInterface
    private interface Taking<H extends NioHandle> {
        H handle() throws IOException;
    }

    static StreamHandle stream(NioTransport transport, SocketChannel channel, SocketOptions options)
            throws IOException {
        requireFree(channel);
        if (channel.isConnectionPending()) {
            throw new IllegalArgumentException("the channel is still connecting; expected a connected one");
        }
        if (!channel.isConnected()) {
            throw new IllegalArgumentException("the channel is not connected");
        }
        boolean unix = channel.getRemoteAddress() instanceof UnixDomainSocketAddress;
        if (!unix && channel.socket().isOutputShutdown()) {
            throw new IllegalArgumentException("the channel's output is shut down");
        }
        return taken(channel, () -> {
            if (unix) {
                UnixSockets.setUp(channel, options);
                return transport.watched(new NioUnixStream(transport, channel, 0, null), 0);
            }
            NioTransport.setUp(channel, options);
            return transport.watched(new NioStream(transport, channel, 0), 0);
        });
    }

    static ListenerHandle listener(NioTransport transport, ServerSocketChannel channel, SocketOptions options)
            throws IOException {
        requireFree(channel);
        if (channel.getLocalAddress() == null) {
            throw new IllegalArgumentException("the channel is not bound");
        }
        return taken(channel, () -> {
            channel.configureBlocking(false);
            return transport.watched(
                    channel.getLocalAddress() instanceof UnixDomainSocketAddress path
                            ? new NioUnixListener(transport, channel, options, path, null)
                            : new NioListener(transport, channel, options, true),
                    0);
        });
    }

    static DatagramHandle datagram(NioTransport transport, DatagramChannel channel, SocketOptions options)
            throws IOException {
        requireFree(channel);
        if (channel.getLocalAddress() == null) {
            throw new IllegalArgumentException("the channel is not bound");
        }
        return taken(channel, () -> {
            channel.configureBlocking(false);
            NioTransport.receiveBuffer(channel, options);
            NioTransport.sendBuffer(channel, options);
            return transport.watched(new NioDatagram(transport, channel), 0);
        });
    }

    /**
     * Takes over the listening socket that this process was started with as descriptor 0. The JDK answers with the same
     * channel every time.
     */
    static @Nullable ListenerHandle inherited(NioTransport transport, SocketOptions options) throws IOException {
        Channel channel = System.inheritedChannel();
        if (channel == null) {
            return null;
        }
        if (!(channel instanceof ServerSocketChannel server)) {
            throw new IllegalArgumentException("descriptor 0 is " + channel + "; expected a listening socket");
        }
        if (server.isOpen() && server.getLocalAddress() == null) {
            throw new BindException("descriptor 0 is a socket that is not bound");
        }
        return listener(transport, server, options);
    }

    private static void requireFree(SelectableChannel channel) {
        if (!channel.isOpen()) {
            throw new IllegalArgumentException("the channel is closed");
        }
        if (channel.isRegistered()) {
            throw new IllegalArgumentException("the channel is registered with a selector; expected one that nobody"
                    + " uses any more (a cancelled key counts until that selector selects again)");
        }
    }

    private static <H extends NioHandle> H taken(SelectableChannel channel, Taking<H> taking) throws IOException {
        boolean wasBlocking = channel.isBlocking();
        boolean done = false;
        try {
            H handle = taking.handle();
            done = true;
            return handle;
        } finally {
            if (!done && channel.isOpen() && !channel.isRegistered()) {
                channel.configureBlocking(wasBlocking);
            }
        }
    }
}
