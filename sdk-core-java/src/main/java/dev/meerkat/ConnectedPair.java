package dev.meerkat;

import dev.meerkat.internal.nio.LoopbackPairs;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.NetworkChannel;
import java.nio.channels.SocketChannel;

/**
 * Two sockets of this process that are connected to each other on loopback, made in one call. May be used from any
 * thread. One end may be {@link EventManager#adopt(SocketChannel, Handler) adopted} while a thread, another library or
 * a child process works with the other:
 *
 * <pre>{@code
 * ConnectedPair<SocketChannel> pair = ConnectedPair.stream();
 * manager.adopt(pair.first(), handler);
 * library.serve(pair.second());
 * }</pre>
 *
 * <p>Any program of the host may send to a loopback port at any moment. Nobody but the two ends gets in between: each
 * is checked to be the other's peer, whoever else came is thrown out, and what they sent is thrown away.
 *
 * <p>Closing the pair closes both channels; whoever has handed them on need not close it. In a simulated world, and
 * where no descriptors are to be spent, the testkit has pairs in memory.
 *
 * @param <C> the kind of channel
 */
public final class ConnectedPair<C extends NetworkChannel> implements Closeable {
    private final C first;
    private final C second;

    private ConnectedPair(C first, C second) {
        this.first = first;
        this.second = second;
    }

    /**
     * Makes a pair of TCP sockets.
     *
     * @return the pair, blocking, with the system's options
     * @throws UncheckedIOException if the system is out of descriptors or ports, or 64 strangers came in between
     */
    public static ConnectedPair<SocketChannel> stream() {
        try {
            SocketChannel[] ends = LoopbackPairs.stream();
            return new ConnectedPair<>(ends[0], ends[1]);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make a connected pair: " + e.getMessage(), e);
        }
    }

    /**
     * Makes a pair of UDP sockets. What is sent to one arrives at the other, whole or not at all.
     *
     * @return the pair, blocking, with the system's options
     * @throws UncheckedIOException if the system is out of descriptors or ports, or too many strangers came in between
     */
    public static ConnectedPair<DatagramChannel> datagram() {
        try {
            DatagramChannel[] ends = LoopbackPairs.datagram();
            return new ConnectedPair<>(ends[0], ends[1]);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make a connected pair: " + e.getMessage(), e);
        }
    }

    /**
     * One end.
     *
     * @return the channel
     */
    public C first() {
        return first;
    }

    /**
     * The other end.
     *
     * @return the channel
     */
    public C second() {
        return second;
    }

    /**
     * Closes both channels.
     *
     * @throws UncheckedIOException if the system reports an error; both are closed all the same
     */
    @Override
    public void close() {
        IOException failure = null;
        for (Closeable each : new Closeable[] {first, second}) {
            try {
                each.close();
            } catch (IOException e) {
                failure = e;
            }
        }
        if (failure != null) {
            throw new UncheckedIOException(failure);
        }
    }

    @Override
    public String toString() {
        return first + " <-> " + second;
    }
}
