package dev.meerkat.examples.benchmarks.jmh;

import dev.meerkat.runtime.DatagramHandle;
import dev.meerkat.runtime.Handle;
import dev.meerkat.runtime.ListenerHandle;
import dev.meerkat.runtime.SocketOptions;
import dev.meerkat.runtime.StreamHandle;
import dev.meerkat.runtime.Transport;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A transport without a system under it: so many peers connect at once, and from then on every one of them has a
 * message in every turn. Reading takes it out of thin air, writing drops it.
 */
final class NullTransport implements Transport {
    private final NullStream[] streams;
    private @Nullable Listener listener;

    NullTransport(int peers, int messageBytes) {
        this(peers, messageBytes, null);
    }

    /** The peers send the same message again and again. */
    NullTransport(int peers, byte[] message) {
        this(peers, message.length, message);
    }

    /** The peers send a message once and are silent then. */
    static NullTransport once(int peers, byte[] message) {
        NullTransport transport = new NullTransport(peers, message.length, message);
        for (NullStream stream : transport.streams) {
            stream.times = 1;
        }
        return transport;
    }

    private NullTransport(int peers, int messageBytes, byte @Nullable [] message) {
        streams = new NullStream[peers];
        for (int i = 0; i < peers; i++) {
            streams[i] = new NullStream(messageBytes, message);
        }
    }

    /** The peers send something else first. */
    NullTransport greetingWith(byte[] greeting) {
        for (NullStream stream : streams) {
            stream.greeting = greeting;
        }
        return this;
    }

    @Override
    public void poll(long waitNanos, ReadySink sink) {
        if (listener != null && listener.accepted < streams.length) {
            sink.ready(listener, Handle.ACCEPT);
        }
        for (NullStream stream : streams) {
            if ((stream.interest & Handle.READ) != 0) {
                sink.ready(stream, Handle.READ);
            }
        }
    }

    @Override
    public void wake() {}

    @Override
    public StreamHandle connect(SocketAddress remote, SocketOptions options) {
        throw new UnsupportedOperationException();
    }

    @Override
    public ListenerHandle listen(SocketAddress local, SocketOptions options) {
        Listener made = new Listener();
        listener = made;
        return made;
    }

    @Override
    public DatagramHandle datagram(SocketAddress local, SocketOptions options) {
        throw new UnsupportedOperationException();
    }

    @Override
    public ByteBuffer allocate(int bytes) {
        return ByteBuffer.allocateDirect(bytes);
    }

    @Override
    public Set<Capability> capabilities() {
        return EnumSet.of(Capability.BLOCKING_POLL);
    }

    @Override
    public void close() {}

    /** What all handles of this transport have in common. */
    private abstract static class NullHandle implements Handle {
        private static final SocketAddress NOWHERE = InetSocketAddress.createUnresolved("nowhere", 1);

        int interest;
        private @Nullable Object attachment;

        @Override
        public void attach(@Nullable Object newAttachment) {
            attachment = newAttachment;
        }

        @Override
        public @Nullable Object attachment() {
            return attachment;
        }

        @Override
        public void interest(int ops) {
            interest = ops;
        }

        @Override
        public SocketAddress localAddress() {
            return NOWHERE;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {
            interest = 0;
        }
    }

    private final class Listener extends NullHandle implements ListenerHandle {
        private int accepted;

        @Override
        public @Nullable StreamHandle accept() {
            return accepted == streams.length ? null : streams[accepted++];
        }
    }

    /** A socket that always has something to read and takes everything that is written. */
    static final class NullStream extends NullHandle implements StreamHandle {
        private final int messageBytes;
        private final byte @Nullable [] message;
        private int times = Integer.MAX_VALUE;
        private byte @Nullable [] greeting;
        long written;

        NullStream(int messageBytes) {
            this(messageBytes, null);
        }

        NullStream(int messageBytes, byte @Nullable [] message) {
            this.messageBytes = messageBytes;
            this.message = message;
        }

        @Override
        public boolean finishConnect() {
            return true;
        }

        @Override
        public int read(ByteBuffer target) {
            byte[] first = greeting;
            if (first != null) {
                greeting = null;
                target.put(first);
                return first.length;
            }
            if (times == 0) {
                return 0;
            }
            if (times != Integer.MAX_VALUE) {
                times--;
            }
            int count = Math.min(messageBytes, target.remaining());
            if (message == null) {
                target.position(target.position() + count);
            } else {
                target.put(message, 0, count);
            }
            return count;
        }

        @Override
        public int write(ByteBuffer source) {
            int count = source.remaining();
            source.position(source.limit());
            written += count;
            return count;
        }

        @Override
        public long write(ByteBuffer[] sources, int offset, int length) {
            long before = written;
            for (int i = offset; i < offset + length; i++) {
                write(sources[i]);
            }
            return written - before;
        }

        @Override
        public void shutdownOutput() {}

        @Override
        public void shutdownInput() {}

        @Override
        public void abort() {}

        @Override
        public SocketAddress remoteAddress() {
            return NullHandle.NOWHERE;
        }
    }
}
