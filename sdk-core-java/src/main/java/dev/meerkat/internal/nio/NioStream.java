package dev.meerkat.internal.nio;

import dev.meerkat.runtime.StreamHandle;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.SocketChannel;

/** A TCP connection: a {@link SocketChannel} in non-blocking mode. */
sealed class NioStream extends NioHandle implements StreamHandle permits NioUnixStream {
    // What is known of the input.
    private static final byte GOES_ON = 0;
    private static final byte ENDED = 1;
    private static final byte RESET = 2;

    /** The JDK's own words, the same on every system. */
    private static final String CONNECTION_RESET = "Connection reset";

    NioStream(NioTransport transport, SocketChannel channel, int interest) {
        super(transport, channel, interest);
    }

    @Override
    SocketChannel channel() {
        return (SocketChannel) super.channel();
    }

    /**
     * {@inheritDoc}
     *
     * <p>A connect that succeeded at once, which some systems do on loopback, is no longer pending, and the selector
     * never reports it. It is writable instead; {@link #readiness} translates back.
     */
    @Override
    int keyOps(int ops) {
        return (ops & CONNECT) != 0 && !channel().isConnectionPending() ? WRITE : ops;
    }

    @Override
    int readiness(int keyOps) {
        return (interest() & CONNECT) != 0 ? CONNECT : keyOps;
    }

    /**
     * {@inheritDoc}
     *
     * <p>Interest in {@link #CONNECT} ends with success. It could not become ready again, and a selector that is asked
     * for it on a connected channel returns at once, over and over, without naming a key.
     */
    @Override
    public boolean finishConnect() throws IOException {
        SocketChannel channel = channel();
        boolean connected = false;
        try {
            connected = channel.finishConnect();
        } catch (IOException failure) {
            closeChannel();
            throw failure;
        }
        if (connected) {
            interest(interest() & ~CONNECT);
        }
        return connected;
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        try {
            int count = channel().read(target);
            if (count < 0) {
                input = ENDED;
            }
            return count;
        } catch (SocketException e) {
            if (CONNECTION_RESET.equals(e.getMessage())) {
                input = RESET;
            }
            throw e;
        }
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        return channel().write(source);
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
        return channel().write(sources, offset, length);
    }

    @Override
    public long transferFrom(FileChannel file, long position, long count) throws IOException {
        return file.transferTo(position, count, channel());
    }

    @Override
    public void shutdownOutput() throws IOException {
        channel().shutdownOutput();
    }

    @Override
    public void shutdownInput() throws IOException {
        channel().shutdownInput();
    }

    @Override
    public SocketAddress localAddress() throws IOException {
        return channel().getLocalAddress();
    }

    @Override
    public SocketAddress remoteAddress() throws IOException {
        SocketAddress address = channel().getRemoteAddress();
        if (address == null) {
            throw new ClosedChannelException();
        }
        return address;
    }

    /**
     * {@inheritDoc}
     *
     * <p>The FIN leaves at once; the descriptor is released when the transport polls next, together with all others
     * that were closed in the same turn.
     *
     * <p>With unread input the reset has to be asked for. Left alone, the JDK sends a FIN ahead for a channel that is
     * still registered, and a peer that has seen the FIN never learns of the reset: it believes that all it sent was
     * read. After the end of input there is none, and whoever was reset is told nothing any more.
     */
    @Override
    public void close() throws IOException {
        SocketChannel channel = channel();
        if (input == GOES_ON && channel.isOpen() && hasUnreadInput(channel)) {
            abort();
        } else {
            closeChannel();
        }
    }

    /** Looks by reading a byte: nobody will miss it. */
    private boolean hasUnreadInput(SocketChannel channel) {
        try {
            return channel.read(transport.oneByte().clear()) > 0;
        } catch (IOException | NotYetConnectedException gone) {
            return false;
        }
    }

    /**
     * {@inheritDoc}
     *
     * <p>A linger time of zero is how the sockets API spells "reset". A connection that the peer has reset is gone;
     * there is nobody to be told, and its descriptor may wait for the next poll.
     */
    @Override
    public void abort() throws IOException {
        SocketChannel channel = channel();
        if (input == RESET) {
            closeChannel();
            return;
        }
        if (!channel.isOpen()) {
            return;
        }
        try {
            channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        } finally {
            closeChannel();
            transport.watch().releaseSoon();
        }
    }
}
