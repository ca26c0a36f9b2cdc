package dev.meerkat.internal.nio;

import dev.meerkat.runtime.DatagramHandle;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import org.jspecify.annotations.Nullable;

/** A datagram socket: a {@link DatagramChannel} in non-blocking mode. */
final class NioDatagram extends NioHandle implements DatagramHandle {
    NioDatagram(NioTransport transport, DatagramChannel channel) {
        super(transport, channel, 0);
    }

    @Override
    DatagramChannel channel() {
        return (DatagramChannel) super.channel();
    }

    @Override
    public @Nullable SocketAddress receive(ByteBuffer target) throws IOException {
        return channel().receive(target);
    }

    @Override
    public int send(ByteBuffer source, SocketAddress target) throws IOException {
        return channel().send(source, target);
    }

    @Override
    public void connect(SocketAddress remote) throws IOException {
        channel().connect(remote);
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        return channel().write(source);
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        return channel().read(target);
    }

    @Override
    public SocketAddress localAddress() throws IOException {
        return channel().getLocalAddress();
    }

    @Override
    public void close() throws IOException {
        if (isOpen()) {
            closeChannel();
            transport.watch().releaseNow();
        }
    }
}
