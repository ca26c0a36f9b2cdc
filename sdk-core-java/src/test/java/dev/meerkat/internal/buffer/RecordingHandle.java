package dev.meerkat.internal.buffer;

import dev.meerkat.runtime.StreamHandle;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Takes as many bytes per write as it is told and remembers them; does nothing else that a socket does. */
class RecordingHandle implements StreamHandle {
    final ByteArrayOutputStream taken = new ByteArrayOutputStream();
    int willTake = Integer.MAX_VALUE;
    boolean broken;
    int writes;
    int lastBuffers;
    long lastOffered;

    @Override
    public int write(ByteBuffer source) throws IOException {
        return (int) write(new ByteBuffer[] {source}, 0, 1);
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
        writes++;
        lastBuffers = length;
        lastOffered = 0;
        if (broken) {
            throw new IOException("Broken pipe");
        }
        int left = willTake;
        for (int i = offset; i < offset + length; i++) {
            lastOffered += sources[i].remaining();
            byte[] part = new byte[Math.min(left, sources[i].remaining())];
            sources[i].get(part);
            taken.writeBytes(part);
            left -= part.length;
        }
        return willTake - left;
    }

    byte[] takeAll() {
        byte[] all = taken.toByteArray();
        taken.reset();
        return all;
    }

    @Override
    public boolean finishConnect() {
        throw new UnsupportedOperationException();
    }

    @Override
    public int read(ByteBuffer target) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void shutdownOutput() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void shutdownInput() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void abort() {
        throw new UnsupportedOperationException();
    }

    @Override
    public SocketAddress remoteAddress() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void attach(@Nullable Object attachment) {
        throw new UnsupportedOperationException();
    }

    @Override
    public @Nullable Object attachment() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void interest(int ops) {
        throw new UnsupportedOperationException();
    }

    @Override
    public SocketAddress localAddress() {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
