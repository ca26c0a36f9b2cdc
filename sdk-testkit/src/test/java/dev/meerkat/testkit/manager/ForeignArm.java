package dev.meerkat.testkit.manager;

import dev.meerkat.EventManager;
import dev.meerkat.ManagerOptions;
import dev.meerkat.internal.nio.ForeignWatch;
import dev.meerkat.internal.nio.NioRuntime;
import dev.meerkat.runtime.ManagerRuntime;
import dev.meerkat.runtime.Poller;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** Real sockets, which the loop of the test watches in the manager's stead. */
final class ForeignArm extends NioArm {
    private final Selector selector;
    private final ForeignWatch watch;

    private ForeignArm(Function<Selector, ForeignWatch> watching) {
        try {
            selector = Selector.open();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        watch = watching.apply(selector);
    }

    /** The manager registers with the test's selector itself. */
    static ForeignArm sharing() {
        return new ForeignArm(ForeignWatch::sharing);
    }

    /** The manager tells the test what to register. */
    static ForeignArm told() {
        return new ForeignArm(selector -> ForeignWatch.with(new SelectorPoller(selector)));
    }

    @Override
    ManagerRuntime runtime(ManagerOptions options) {
        return NioRuntime.create(options.name(), watch);
    }

    @Override
    int turn(EventManager manager, Duration wait) {
        long millis = Math.min(
                wait.toMillis(), manager.maxWait().map(Duration::toMillis).orElse(Long.MAX_VALUE));
        try {
            if (millis == 0) {
                selector.selectNow(this::note);
            } else {
                selector.select(this::note, millis);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return manager.runOnce(Duration.ZERO);
    }

    /** Their loop goes on, and only then lets go of what the manager closed. */
    @Override
    void afterwards() {
        try {
            selector.selectNow(ignored -> {});
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void note(SelectionKey key) {
        watch.note(key.channel(), key.readyOps());
    }

    @Override
    public void close() {
        super.close();
        try {
            selector.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Does as it is told, and complains if it is told nonsense. */
    private record SelectorPoller(Selector selector, Set<SelectableChannel> connecting) implements Poller {
        SelectorPoller(Selector selector) {
            this(selector, new HashSet<>());
        }

        private SelectionKey key(SelectableChannel channel) {
            return Optional.ofNullable(channel.keyFor(selector))
                    .orElseThrow(() -> new AssertionError("never told of " + channel));
        }

        @Override
        public void add(SelectableChannel channel, int ops) {
            if (channel.isRegistered()) {
                throw new AssertionError("told twice of " + channel);
            }
            if ((ops & SelectionKey.OP_CONNECT) != 0) {
                connecting.add(channel);
            }
            try {
                channel.register(selector, ops);
            } catch (ClosedChannelException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public void enable(SelectableChannel channel, int ops) {
            if ((key(channel).interestOpsOr(ops) & ops) != 0) {
                throw new AssertionError("told twice to watch for " + ops);
            }
        }

        @Override
        public void disable(SelectableChannel channel, int ops) {
            if ((key(channel).interestOpsAnd(~ops) & ops) != ops) {
                throw new AssertionError("was not watching for " + ops);
            }
        }

        @Override
        public void remove(SelectableChannel channel) {
            if (channel.isOpen()) {
                key(channel).cancel();
            } else if (!connecting.contains(channel)) {
                throw new AssertionError("told too late of the end of " + channel);
            }
            connecting.remove(channel);
            try {
                selector.selectNow(ignored -> {}); // gone at once, as from a poller that is not the JDK's
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void wake() {
            selector.wakeup();
        }
    }
}
