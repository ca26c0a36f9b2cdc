package dev.meerkat.internal.connection;

import dev.meerkat.ErrorHook;
import dev.meerkat.internal.loop.ReadyListener;
import dev.meerkat.internal.time.TimerNode;
import dev.meerkat.internal.time.TimerTask;
import dev.meerkat.runtime.Arrival;
import dev.meerkat.runtime.Handle;
import dev.meerkat.runtime.ListenerHandle;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Accepts for all managers of a group and gives each its share, in turn. Who is full or closed is passed over; when all
 * are, connections wait in the backlog. Belongs to the accepting manager's thread, but for {@link #roomAgain}.
 */
final class HandOver implements ReadyListener, TimerTask {
    private static final int ACCEPTS_PER_TURN = 256;

    /** As {@link RealAcceptor} has it when the system is out of descriptors. */
    private static final long PAUSE_NANOS = 100_000_000;

    private final RealEventManager manager;
    private final ListenerHandle handle;
    private final TimerNode retry = new TimerNode(this);
    private List<FedListener> targets = List.of();
    private int last = -1;
    /** Any thread reads. */
    private volatile boolean paused;
    /** Any thread reads: the system could not accept. */
    private volatile boolean starving;

    private boolean failing;

    HandOver(RealEventManager manager, ListenerHandle handle) {
        this.manager = manager;
        this.handle = handle;
    }

    void begin(List<FedListener> listeners) {
        targets = listeners;
        handle.attach(this);
        handle.interest(Handle.ACCEPT);
    }

    @Override
    public void onReady(int ops) {
        for (int i = 0; i < ACCEPTS_PER_TURN && handle.isOpen(); i++) {
            FedListener target = next();
            if (target == null) {
                pause();
                return;
            }
            Arrival arrival;
            try {
                arrival = handle.acceptForOther();
            } catch (IOException e) {
                last = (last + targets.size() - 1) % targets.size();
                if (IoErrors.isOfAccepted(e)) {
                    continue; // as RealAcceptor has it
                }
                pauseForAWhile();
                if (!failing) {
                    failing = true;
                    manager.report(ErrorHook.Source.ACCEPT, Optional.empty(), e);
                }
                return;
            }
            failing = false;
            if (arrival == null) {
                last = (last + targets.size() - 1) % targets.size(); // it was nobody's turn
                return;
            }
            target.offer(arrival);
        }
    }

    @Override
    public void onFailure(Throwable failure) {
        pauseForAWhile();
    }

    private void pauseForAWhile() {
        starving = true;
        handle.interest(0);
        manager.loop().arm(retry, manager.loop().deadlineIn(PAUSE_NANOS));
    }

    private @Nullable FedListener next() {
        for (int i = 0; i < targets.size(); i++) {
            last = (last + 1) % targets.size();
            FedListener target = targets.get(last);
            if (target.hasRoom()) {
                return target;
            }
        }
        return null;
    }

    private void pause() {
        paused = true;
        handle.interest(0);
        for (FedListener each : targets) {
            if (each.hasRoom()) { // it came just before it could see that we pause
                resume();
                return;
            }
        }
    }

    /** Any thread: one of the listeners takes connections again. */
    void roomAgain() {
        if (paused) {
            manager.postInternal(this::resume);
        }
    }

    /** Any thread. */
    boolean lacksDescriptors() {
        return starving;
    }

    /** Any thread: a connection of one of the managers has ended. */
    void descriptorAgain() {
        if (starving) {
            manager.postInternal(this::resume);
        }
    }

    private void resume() {
        if (handle.isOpen()) {
            paused = false;
            starving = false;
            manager.loop().disarm(retry);
            handle.interest(Handle.ACCEPT);
        }
    }

    @Override
    public void onTimer(TimerNode node, long deadlineNanos) {
        resume();
    }

    /** Any thread. */
    void closeSoon() {
        if (manager.inLoop()) {
            close();
        } else {
            manager.postInternal(this::close);
        }
    }

    /** Loop thread. */
    void close() {
        manager.loop().disarm(retry);
        Sockets.closeQuietly(handle);
    }
}
