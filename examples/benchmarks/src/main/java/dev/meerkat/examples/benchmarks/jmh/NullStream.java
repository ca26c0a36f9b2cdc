package dev.meerkat.examples.benchmarks.jmh;

import dev.meerkat.runtime.StreamHandle;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A socket that takes everything and forgets it: what is left is the cost of the code in front of it. */
final class NullStream implements StreamHandle {
    private static final SocketAddress NOWHERE = InetSocketAddress.createUnresolved("nowhere", 0);

    @Override
    public boolean finishConnect() {
        return true;
    }

    @Override
    public int read(ByteBuffer target) {
        return 0;
    }

    @Override
    public int write(ByteBuffer source) {
        int count = source.remaining();
        source.position(source.limit());
        return count;
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) {
        long count = 0;
        for (int i = offset; i < offset + length; i++) {
            count += write(sources[i]);
        }
        return count;
    }

    @Override
    public void shutdownOutput() {}

    @Override
    public void shutdownInput() {}

    @Override
    public void abort() {}

    @Override
    public SocketAddress remoteAddress() {
        return NOWHERE;
    }

    @Override
    public void attach(@Nullable Object attachment) {}

    @Override
    public @Nullable Object attachment() {
        return null;
    }

    @Override
    public void interest(int ops) {}

    @Override
    public SocketAddress localAddress() {
        return NOWHERE;
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public void close() {}
}
