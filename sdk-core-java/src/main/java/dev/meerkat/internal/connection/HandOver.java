package dev.meerkat.internal.connection;

import dev.meerkat.Acceptor;
import dev.meerkat.ErrorHook;
import dev.meerkat.EventManager;
import dev.meerkat.GroupAcceptor;
import dev.meerkat.internal.loop.ReadyListener;
import dev.meerkat.internal.time.TimerNode;
import dev.meerkat.internal.time.TimerTask;
import dev.meerkat.runtime.Arrival;
import dev.meerkat.runtime.Handle;
import dev.meerkat.runtime.ListenerHandle;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.NetworkChannel;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Accepts for all managers of a group and gives each its share, in turn. Who is full or closed is passed over; when all
 * are, connections wait in the backlog. Belongs to the accepting manager's thread, but for {@link #roomAgain}. Whoever
 * watches knows it as an acceptor of its own, which has no connections.
 */
final class HandOver implements Acceptor, ReadyListener, TimerTask {
    private static final int ACCEPTS_PER_TURN = 256;

    /** As {@link RealAcceptor} has it when the system is out of descriptors. */
    private static final long PAUSE_NANOS = 100_000_000;

    private final RealEventManager manager;
    private final ListenerHandle handle;
    private final SocketAddress localAddress;
    private final GroupAcceptor group;
    private final TimerNode retry = new TimerNode(this);
    private List<FedListener> targets = List.of();
    private int last = -1;
    /** Any thread reads. */
    private volatile boolean paused;
    /** Any thread reads: the system could not accept. */
    private volatile boolean starving;

    private boolean failing;

    /** The pause has been told to whoever watches, and since when. */
    private boolean told;

    private boolean toldFull;
    private long toldSince;
    private @Nullable Object recordedPause;

    HandOver(RealEventManager manager, ListenerHandle handle, SocketAddress localAddress, GroupAcceptor group) {
        this.manager = manager;
        this.handle = handle;
        this.localAddress = localAddress;
        this.group = group;
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
        tellPause(false);
    }

    private void tellPause(boolean full) {
        if (told) {
            return;
        }
        told = true;
        toldFull = full;
        toldSince = manager.loop().now();
        OperatorLog log = manager.log();
        if (log != null && full) {
            log.groupPaused(this);
        }
        Observation observation = manager.observation();
        if (observation != null) {
            recordedPause = observation.acceptPaused(this, full);
        }
    }

    private void tellPauseIsOver() {
        if (!told) {
            return;
        }
        told = false;
        OperatorLog log = manager.log();
        if (log != null && handle.isOpen()) {
            log.acceptResumed(this);
        }
        Observation observation = manager.observation();
        if (observation != null) {
            observation.acceptResumed(
                    this, recordedPause, toldFull, manager.loop().now() - toldSince);
            recordedPause = null;
        }
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
        tellPause(true);
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
            tellPauseIsOver();
        }
    }

    @Override
    public void onTimer(TimerNode node, long deadlineNanos) {
        resume();
    }

    /** Any thread. */
    void closeSoon() {
        if (manager.inLoop()) {
            closeHere();
        } else {
            manager.postInternal(this::closeHere);
        }
    }

    /** Any thread. A program that has this from an observer stops the whole group from accepting. */
    @Override
    public void close() {
        group.close();
    }

    /** Loop thread. */
    void closeHere() {
        manager.loop().disarm(retry);
        Sockets.closeQuietly(handle);
        tellPauseIsOver();
    }

    // ---------------------------------------------------------------- as an acceptor

    @Override
    public EventManager manager() {
        return manager;
    }

    @Override
    public SocketAddress localAddress() {
        return localAddress;
    }

    @Override
    public int port() {
        return localAddress instanceof InetSocketAddress inet ? inet.getPort() : 0;
    }

    @Override
    public Optional<NetworkChannel> channel() {
        manager.checkThread("Acceptor.channel");
        return handle.networkChannel();
    }

    @Override
    public int connectionCount() {
        manager.checkThread("Acceptor.connectionCount");
        return 0;
    }

    @Override
    public boolean isAccepting() {
        manager.checkThread("Acceptor.isAccepting");
        return handle.isOpen() && !paused && !starving;
    }

    @Override
    public String toString() {
        return "acceptor for a group on "
                + (localAddress instanceof InetSocketAddress inet ? Sockets.text(inet) : "unix:" + localAddress);
    }
}
