package dev.meerkat.internal.nio;

import dev.meerkat.runtime.Handle;
import java.io.IOException;
import java.nio.channels.NetworkChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One socket: what a {@link Watch} watches.
 *
 * <p>There are as many of these as there are connections, so that it holds 32 bytes and asks the channel for everything
 * else, addresses for instance. Belongs to the loop thread.
 */
abstract sealed class NioHandle implements Handle permits NioStream, NioListener, NioDatagram {
    /** Where this socket lives. */
    final NioTransport transport;

    /** The {@link Watch}'s own, if it needs one. */
    @Nullable
    SelectionKey key;

    private final SelectableChannel channel;

    /** The loop's own state for this socket; never looked at here. */
    private @Nullable Object attachment;

    /**
     * What the loop asked for, which fits into a byte. Kept beside the key's own, whose value costs more to read and
     * may differ: {@link #keyOps}.
     */
    private byte interest;

    /** A stream's: what is known of its input. Two bytes share the place of one number. */
    byte input;

    NioHandle(NioTransport transport, SelectableChannel channel, int interest) {
        this.transport = transport;
        this.channel = channel;
        this.interest = (byte) interest;
    }

    /** The socket itself. */
    SelectableChannel channel() {
        return channel;
    }

    @Override
    public final Optional<NetworkChannel> networkChannel() {
        return isOpen() ? Optional.of((NetworkChannel) channel()) : Optional.empty();
    }

    @Override
    public final void attach(@Nullable Object value) {
        attachment = value;
    }

    @Override
    public final @Nullable Object attachment() {
        return attachment;
    }

    /** What the loop asked for last. */
    final int interest() {
        return interest;
    }

    /**
     * {@inheritDoc}
     *
     * <p>A change makes no system call either: the selector collects changes and tells the kernel when it polls next.
     * On a closed handle nothing happens, because a loop that works through a batch of ready sockets may well have
     * closed one of them on the way.
     *
     * @throws IllegalArgumentException if a socket of this kind cannot be ready for one of the operations
     */
    @Override
    public final void interest(int ops) {
        if (ops == interest) {
            return;
        }
        transport.watch().change(this, keyOps(ops));
        interest = (byte) ops;
    }

    /** What to report to the loop when these operations were found ready. */
    int readiness(int keyOps) {
        return keyOps;
    }

    /** Closes the channel, which nobody may watch any longer by then. */
    final void closeChannel() throws IOException {
        transport.watch().remove(this);
        channel.close();
    }

    /** What to ask of the {@link Watch} when the loop asks for these operations. */
    int keyOps(int ops) {
        return ops;
    }

    @Override
    public final boolean isOpen() {
        return channel().isOpen();
    }
}
