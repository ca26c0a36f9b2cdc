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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** Real sockets on loopback, real time. */
final class NioArm implements Arm {
    /** How long a test may wait for one thing before it counts as hopeless. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);

    /** How long one turn waits. What is under way on loopback has mostly arrived before the sender's call returns. */
    private static final Duration WAIT = Duration.ofMillis(1);

    /** How many waiting turns without any work count as: nothing is under way any more. */
    private static final int QUIET_TURNS = 5;

    private final Transport peers;
    private final List<EventManager> driven = new ArrayList<>();

    NioArm() {
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
                .runtime(change.apply(NioRuntime.create(options.name())))
                .build();
        driven.add(manager);
        return manager;
    }

    @Override
    public void leaveAlone(EventManager manager) {
        driven.remove(manager);
    }

    @Override
    public String host() {
        return "127.0.0.1";
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
    public InetSocketAddress peerAddress() {
        return new InetSocketAddress(host(), 0);
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
                work += manager.runOnce(wait);
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
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
