package dev.meerkat.internal.connection;

import dev.meerkat.ErrorHook;
import dev.meerkat.internal.loop.ReadyListener;
import dev.meerkat.internal.time.TimerNode;
import dev.meerkat.internal.time.TimerTask;
import dev.meerkat.runtime.Arrival;
import dev.meerkat.runtime.ListenerHandle;
import dev.meerkat.runtime.StreamHandle;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A listening socket that is none: what it accepts, a {@link HandOver} of another manager has accepted before. To the
 * {@link RealAcceptor} above it is like any other. Belongs to its manager's thread, but for {@link #offer}.
 */
final class FedListener implements ListenerHandle, TimerTask {
    /** Who accepts for this listener. Called on any thread. */
    interface Feeder {
        /** One who was full takes connections again, or will never do so again. */
        void roomAgain();

        /**
         * Whether the system is out of descriptors.
         *
         * @return true if {@link #descriptorAgain} is worth a call
         */
        boolean lacksDescriptors();

        /** A connection has ended, and the system has its descriptor back. */
        void descriptorAgain();
    }

    /** As many as one turn of the acceptor takes: whoever is so far behind is passed over. */
    static final int MOST_WAITING = 256;

    private final RealEventManager manager;
    private final SocketAddress address;
    private final Feeder feeder;
    /** Due behind the next poll: not before is a closed socket's descriptor given back. */
    private final TimerNode afterPoll = new TimerNode(this);
    /** Any thread. */
    private final ConcurrentLinkedQueue<Arrival> waiting = new ConcurrentLinkedQueue<>();
    /** Any thread. */
    private final AtomicInteger count = new AtomicInteger();
    /** Any thread: a task that looks into the queue is on its way. */
    private final AtomicBoolean told = new AtomicBoolean();
    /** Any thread reads. */
    private volatile boolean wanted;
    /** Any thread reads. */
    private volatile boolean open = true;

    private @Nullable Object attachment;

    FedListener(RealEventManager manager, SocketAddress address, Feeder feeder) {
        this.manager = manager;
        this.address = address;
        this.feeder = feeder;
    }

    /** Any thread. */
    boolean hasRoom() {
        return open && wanted && count.get() < MOST_WAITING;
    }

    /** Any thread. Takes a connection, which is refused if this closes meanwhile. */
    void offer(Arrival arrival) {
        count.incrementAndGet();
        waiting.add(arrival);
        if (open) {
            tell();
        } else {
            refuseAll();
        }
    }

    private void tell() {
        if (told.compareAndSet(false, true)) {
            manager.postInternal(this::look); // at most one at a time
        }
    }

    private void look() {
        told.set(false);
        if (wanted && attachment instanceof ReadyListener listener) {
            try {
                listener.onReady(ACCEPT);
            } catch (Throwable e) { // as the loop has it
                manager.report(ErrorHook.Source.LOOP, Optional.empty(), e);
                listener.onFailure(e);
            }
        }
        if (wanted && !waiting.isEmpty()) {
            tell();
        }
        if (hasRoom()) {
            feeder.roomAgain();
        }
    }

    /** A connection of this manager has ended. */
    void descriptorAgain() {
        if (feeder.lacksDescriptors() && !afterPoll.isArmed()) {
            manager.loop().arm(afterPoll, manager.loop().now());
        }
    }

    @Override
    public void onTimer(TimerNode node, long deadlineNanos) {
        feeder.descriptorAgain();
    }

    @Override
    public @Nullable StreamHandle accept() throws IOException {
        Arrival arrival = waiting.poll();
        if (arrival == null) {
            return null;
        }
        count.decrementAndGet();
        return arrival.join(manager.runtime().transport());
    }

    @Override
    public void interest(int ops) {
        wanted = ops != 0;
        if (wanted && open) {
            tell();
        }
    }

    @Override
    public void attach(@Nullable Object value) {
        attachment = value;
    }

    @Override
    public @Nullable Object attachment() {
        return attachment;
    }

    @Override
    public SocketAddress localAddress() throws ClosedChannelException {
        return address;
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public void close() {
        open = false;
        wanted = false;
        manager.loop().disarm(afterPoll);
        refuseAll();
        feeder.roomAgain(); // or never: who hands over sees that
    }

    private void refuseAll() {
        for (Arrival each = waiting.poll(); each != null; each = waiting.poll()) {
            count.decrementAndGet();
            each.refuse();
        }
    }
}
