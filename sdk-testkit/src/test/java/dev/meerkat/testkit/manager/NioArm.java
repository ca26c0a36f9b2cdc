package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.fail;

import dev.meerkat.EventManager;
import dev.meerkat.ManagerOptions;
import dev.meerkat.internal.nio.NioRuntime;
import dev.meerkat.internal.nio.NioTransport;
import dev.meerkat.runtime.ManagerRuntime;
import dev.meerkat.runtime.Transport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Real sockets on loopback, TCP or those of the Unix domain; real time. */
class NioArm implements Arm {
    /** How long a test may wait for one thing before it counts as hopeless. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);

    /** How long one turn waits. What is under way on loopback has mostly arrived before the sender's call returns. */
    private static final Duration WAIT = Duration.ofMillis(1);

    /** How many waiting turns without any work count as: nothing is under way any more. */
    private static final int QUIET_TURNS = 5;

    private final Transport peers;
    private final List<EventManager> driven = new ArrayList<>();

    private final Family family;
    private @Nullable Path directory;
    private int paths;

    NioArm() {
        this(Family.TCP);
    }

    NioArm(Family family) {
        this.family = family;
        try {
            peers = NioTransport.open();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public EventManager manager(ManagerOptions options, UnaryOperator<ManagerRuntime> change) {
        EventManager manager = EventManager.builder()
                .options(options)
                .runtime(change.apply(runtime(options)))
                .build();
        driven.add(manager);
        return manager;
    }

    /** What a new manager runs on. */
    ManagerRuntime runtime(ManagerOptions options) {
        return NioRuntime.create(options.name());
    }

    /** Runs one turn of a manager. */
    int turn(EventManager manager, Duration wait) {
        return manager.runOnce(wait);
    }

    /** Stands in for the turn of a closed manager. */
    void afterwards() {}

    @Override
    public void leaveAlone(EventManager manager) {
        driven.remove(manager);
    }

    @Override
    public String host() {
        return "127.0.0.1";
    }

    @Override
    public String listenAddress() {
        return family == Family.UNIX ? "unix:" + unixPath("manager") : host() + ":0";
    }

    @Override
    public String host6() {
        return "[::1]";
    }

    @Override
    public String foreignHost() {
        return "192.0.2.1"; // RFC 5737: for documentation, hence nobody's
    }

    @Override
    public Transport peers() {
        return peers;
    }

    @Override
    public SocketAddress peerAddress() {
        return family == Family.UNIX ? UnixDomainSocketAddress.of(unixPath("peer")) : new InetSocketAddress(host(), 0);
    }

    @Override
    public Transport localPeers() {
        return peers;
    }

    @Override
    public Family family() {
        return family;
    }

    @Override
    public String unixPath(String name) {
        try {
            Path present = directory;
            if (present == null) {
                present = Files.createTempDirectory("meerkat");
                directory = present;
            }
            return present.resolve(name + "-" + ++paths).toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void makeFile(String path) {
        try {
            Files.writeString(Path.of(path), "not a socket");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As a server leaves it that was killed. */
    @Override
    public void makeStaleSocket(String path) {
        try (ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.bind(UnixDomainSocketAddress.of(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void deleteFile(String path) {
        try {
            Files.delete(Path.of(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Optional<String> permissions(String path) {
        try {
            return Optional.of(PosixFilePermissions.toString(
                    Files.getPosixFilePermissions(Path.of(path), LinkOption.NOFOLLOW_LINKS)));
        } catch (NoSuchFileException none) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What is left in the directory; nothing else than files is ever made there. */
    List<String> files() {
        Path present = directory;
        if (present == null) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(present)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void until(String what, BooleanSupplier condition, Supplier<String> report) {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                fail("waited in vain for " + what + "\n" + report.get());
            }
            if (turn(Duration.ZERO) == 0) {
                turn(WAIT);
            }
        }
    }

    @Override
    public void settle(Runnable pump) {
        for (int quiet = 0; quiet < QUIET_TURNS; quiet++) {
            pump.run();
            if (turn(WAIT) > 0) {
                quiet = 0;
            }
        }
    }

    private int turn(Duration wait) {
        int work = 0;
        for (EventManager manager : driven) {
            if (!manager.isClosed()) {
                work += turn(manager, wait);
            } else {
                afterwards();
            }
        }
        try {
            peers.poll(driven.isEmpty() ? wait.toNanos() : 0, (handle, ops) -> {});
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return work;
    }

    @Override
    public boolean isVirtual() {
        return false;
    }

    @Override
    public void advance(Duration time) {
        throw new UnsupportedOperationException("real time passes by itself");
    }

    @Override
    public void close() {
        try {
            peers.close();
            for (String file : files()) {
                Files.delete(Path.of(String.valueOf(directory), file));
            }
            if (directory != null) {
                Files.delete(directory);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
