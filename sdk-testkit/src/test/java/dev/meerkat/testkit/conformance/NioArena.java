package dev.meerkat.testkit.conformance;

import dev.meerkat.internal.nio.NioTransport;
import dev.meerkat.runtime.Transport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Loopback: one transport for both ends, or one for each. */
final class NioArena implements TransportArena {
    /** How long a test may take before waiting counts as hopeless. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** How long one poll waits. What is under way on loopback has mostly arrived before the sender's call returns. */
    private static final long WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final Transport server;
    private final Transport client;
    private @Nullable Path directory;
    private final long deadline = System.nanoTime() + PATIENCE_NANOS;

    private NioArena(Transport server, Transport client) {
        this.server = server;
        this.client = client;
    }

    static NioArena ofOne() throws IOException {
        Transport both = NioTransport.open();
        return new NioArena(both, both);
    }

    static NioArena ofTwo() throws IOException {
        return new NioArena(NioTransport.open(), NioTransport.open());
    }

    @Override
    public Transport server() {
        return server;
    }

    @Override
    public Transport client() {
        return client;
    }

    @Override
    public InetSocketAddress serverAddress(int port) {
        return new InetSocketAddress("127.0.0.1", port);
    }

    @Override
    public InetSocketAddress clientAddress(int port) {
        return serverAddress(port);
    }

    @Override
    public Optional<String> unusedPath() {
        try {
            Path made = Files.createTempDirectory("meerkat");
            directory = made;
            return Optional.of(made.resolve("unused").toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Optional<String> deadSocket() {
        Path dead = Path.of(String.valueOf(directory), "dead");
        try (ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.bind(UnixDomainSocketAddress.of(dead));
            return Optional.of(dead.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public boolean turn(Transport.ReadySink sink) throws IOException {
        poll(server, sink);
        if (client != server) {
            poll(client, sink);
        }
        return System.nanoTime() < deadline;
    }

    private static void poll(Transport transport, Transport.ReadySink sink) throws IOException {
        try {
            transport.poll(WAIT_NANOS, sink);
        } catch (ClosedSelectorException closedByTheTest) {
            // Left out, as the arena promises.
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        client.close();
        if (directory != null) {
            Files.delete(directory); // in which nothing may be left
        }
    }
}
