package dev.meerkat.examples.foreign;

import dev.meerkat.ManagerOptions;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.foreign.ForeignLoop;
import dev.meerkat.runtime.Poller;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.nio.NioIoOps;
import io.netty.channel.nio.NioSelectableChannelIoHandle;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ScheduledFuture;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.time.Duration;
import java.util.IdentityHashMap;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A manager on one of Netty's event loops, beside Netty's own channels: same thread, same selector. */
public final class NettyPoller implements Poller {
    /** One of the manager's channels, as Netty sees it. */
    @SuppressWarnings("try") // Netty declares what close() may throw, not this class
    private final class Guest extends NioSelectableChannelIoHandle<SelectableChannel> {
        private final IoRegistration registration;
        private int ops;

        Guest(SelectableChannel channel, int ops) {
            super(channel);
            this.ops = ops;
            Future<IoRegistration> registering = eventLoop.register(this);
            if (!registering.isSuccess()) { // on the loop's own thread it is done at once
                throw new IllegalStateException("cannot register " + channel, registering.cause());
            }
            registration = registering.getNow();
            watchFor(ops);
        }

        void watchFor(int newOps) {
            ops = newOps;
            registration.submit(NioIoOps.valueOf(newOps));
        }

        @Override
        protected void handle(SelectableChannel channel, SelectionKey key) {
            if (key.isValid() && loop.service(channel, key.readyOps())) {
                sleepUntilNextTimer();
            }
        }
    }

    private final IoEventLoop eventLoop;
    private final ForeignLoop loop;
    private final IdentityHashMap<SelectableChannel, Guest> guests = new IdentityHashMap<>();
    private final AtomicBoolean turnIsQueued = new AtomicBoolean();
    private @Nullable ScheduledFuture<?> nextTurn;

    private NettyPoller(IoEventLoop eventLoop, ManagerOptions options) {
        this.eventLoop = eventLoop;
        this.loop = ForeignLoop.with(this, options);
    }

    /** Must be called on the event loop. */
    public static ForeignLoop join(IoEventLoop eventLoop, ManagerOptions options) {
        return new NettyPoller(eventLoop, options).loop;
    }

    @Override
    public void add(SelectableChannel channel, int ops) {
        guests.put(channel, new Guest(channel, ops));
    }

    @Override
    public void enable(SelectableChannel channel, int ops) {
        Guest guest = guest(channel);
        guest.watchFor(guest.ops | ops);
    }

    @Override
    public void disable(SelectableChannel channel, int ops) {
        Guest guest = guest(channel);
        guest.watchFor(guest.ops & ~ops);
    }

    @Override
    public void remove(SelectableChannel channel) {
        guest(channel).registration.cancel();
        guests.remove(channel);
    }

    private Guest guest(SelectableChannel channel) {
        return Objects.requireNonNull(guests.get(channel));
    }

    @Override
    public void wake() {
        if (turnIsQueued.compareAndSet(false, true)) {
            eventLoop.execute(() -> {
                turnIsQueued.set(false);
                if (!loop.manager().isClosed()) {
                    loop.turn();
                    sleepUntilNextTimer();
                }
            });
        }
    }

    private void sleepUntilNextTimer() {
        if (nextTurn != null) {
            nextTurn.cancel(false);
            nextTurn = null;
        }
        if (!loop.manager().isClosed() && loop.maxWait().isPresent()) {
            Duration wait = loop.maxWait().get();
            nextTurn = eventLoop.schedule(this::wake, wait.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    /** Echoes on port 7000, on Netty's thread. */
    public static void main(String[] arguments) {
        IoEventLoop eventLoop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory()).next();
        eventLoop.execute(() -> join(eventLoop, ManagerOptions.DEFAULT)
                .manager()
                .listen("tcp://127.0.0.1:7000", (connection, event) -> {
                    if (event instanceof TcpEvent.Received received) {
                        connection.send(received.buffer());
                    }
                }));
    }
}
