package dev.meerkat.examples.benchmarks.jmh;

import dev.meerkat.internal.nio.NioRuntime;
import dev.meerkat.runtime.Handle;
import dev.meerkat.runtime.ListenerHandle;
import dev.meerkat.runtime.ManagerRuntime;
import dev.meerkat.runtime.SocketOptions;
import dev.meerkat.runtime.StreamHandle;
import dev.meerkat.runtime.Transport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What the seam below the loop costs: 64 bytes through a loopback connection, written and read on one thread, once on
 * the JDK's channels and once on the handles of the transport. The system calls are the same.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class SpiBenchmark {
    private static final int SIZE = 64;

    private final ByteBuffer out = ByteBuffer.allocateDirect(SIZE);
    private final ByteBuffer in = ByteBuffer.allocateDirect(SIZE);

    /** Two channels. */
    @State(Scope.Thread)
    public static class Channels {
        private final SocketChannel near;
        private final SocketChannel far;

        /** Connects them. */
        public Channels() {
            try (ServerSocketChannel listener = ServerSocketChannel.open()) {
                listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                near = nonBlocking(SocketChannel.open(listener.getLocalAddress()));
                far = nonBlocking(listener.accept());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static SocketChannel nonBlocking(SocketChannel channel) throws IOException {
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            return channel;
        }

        /** Closes them. */
        @TearDown
        public void close() throws IOException {
            near.close();
            far.close();
        }
    }

    /** Two handles of a transport. */
    @State(Scope.Thread)
    public static class Handles {
        private final ManagerRuntime runtime = NioRuntime.create("spi");
        private final StreamHandle near;
        private final StreamHandle far;

        /** Connects them. */
        public Handles() {
            Transport transport = runtime.transport();
            try {
                ListenerHandle listener = transport.listen(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), SocketOptions.DEFAULT);
                listener.interest(Handle.ACCEPT);
                near = transport.connect(listener.localAddress(), SocketOptions.DEFAULT);
                far = accept(transport, listener);
                while (!near.finishConnect()) {
                    transport.poll(-1, (handle, ops) -> {});
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static StreamHandle accept(Transport transport, ListenerHandle listener) throws IOException {
            StreamHandle accepted = listener.accept();
            while (accepted == null) {
                transport.poll(-1, (handle, ops) -> {});
                accepted = listener.accept();
            }
            return accepted;
        }

        /** Closes them. */
        @TearDown
        public void close() throws IOException {
            runtime.transport().close();
            runtime.workers().close();
        }
    }

    /** The JDK's channels. */
    @Benchmark
    public int channels(Channels pair) throws IOException {
        pair.near.write(out.clear());
        in.clear();
        while (in.hasRemaining()) {
            pair.far.read(in);
        }
        return in.position();
    }

    /** The transport's handles. */
    @Benchmark
    public int handles(Handles pair) throws IOException {
        pair.near.write(out.clear());
        in.clear();
        while (in.hasRemaining()) {
            pair.far.read(in);
        }
        return in.position();
    }
}
