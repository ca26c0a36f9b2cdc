package dev.meerkat.internal.connection;

import dev.meerkat.Acceptor;
import dev.meerkat.Address;
import dev.meerkat.ErrorHook;
import dev.meerkat.EventManager;
import dev.meerkat.GroupAcceptor;
import dev.meerkat.Handler;
import dev.meerkat.ListenOptions;
import dev.meerkat.ManagerClosedException;
import dev.meerkat.Spread;
import dev.meerkat.runtime.ListenerHandle;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One address, served by every manager of a group. */
final class RealGroupAcceptor implements GroupAcceptor, FedListener.Feeder {
    private final RealGroup group;
    private final List<RealEventManager> managers;
    private final String address;
    private final ListenOptions options;
    private final Function<EventManager, Handler> handlers;
    private final List<Acceptor> acceptors = new ArrayList<>();
    private volatile List<FedListener> fed = List.of();
    private Spread spread = Spread.REUSE_PORT;
    private SocketAddress localAddress = new InetSocketAddress(0);
    /** Who accepts for all, if one does. */
    private volatile @Nullable HandOver handOver;

    private volatile boolean closed;

    private RealGroupAcceptor(
            List<RealEventManager> managers,
            String address,
            ListenOptions options,
            Function<EventManager, Handler> handlers,
            RealGroup group) {
        this.group = group;
        this.managers = managers;
        this.address = address;
        this.options = options;
        this.handlers = handlers;
    }

    static RealGroupAcceptor listen(
            List<RealEventManager> managers,
            String address,
            ListenOptions options,
            Function<EventManager, Handler> handlers,
            Spread asked,
            RealGroup group) {
        RealGroupAcceptor made = new RealGroupAcceptor(managers, address, options, handlers, group);
        boolean done = false;
        try {
            if (made.sharesPort(asked)) {
                made.listenOnEach();
            } else {
                made.listenOnOne();
            }
            done = true;
            return made;
        } finally {
            if (!done) {
                made.close();
            }
        }
    }

    private boolean sharesPort(Spread asked) {
        if (asked == Spread.HAND_OVER || Address.parse(address).isUnix()) {
            return false;
        }
        // who is alone shares with nobody, and need not ask how the system would do it
        return asked == Spread.REUSE_PORT
                || managers.size() == 1
                || managers.get(0).runtime().transport().spreadsPort();
    }

    // ---------------------------------------------------------------- a socket each

    private void listenOnEach() {
        ListenOptions shared = managers.size() == 1
                ? options
                : options.toBuilder().reusePort(true).build();
        String where = address;
        for (RealEventManager each : managers) {
            String here = where;
            Acceptor acceptor = RealGroup.on(
                    each,
                    new Callable<>() { // no lambda at a start, decision 0067
                        @Override
                        public Acceptor call() {
                            return each.listen(here, shared, handlers.apply(each));
                        }
                    });
            acceptors.add(acceptor);
            localAddress = acceptor.localAddress();
            where = withPort(acceptor.port());
        }
    }

    private String withPort(int port) {
        Address parsed = Address.parse(address);
        return parsed.isUnix() ? address : new Address(parsed.scheme(), parsed.host(), port).toString();
    }

    // ---------------------------------------------------------------- one socket for all

    private void listenOnOne() {
        spread = Spread.HAND_OVER;
        RealEventManager first = managers.get(0);
        ListenerHandle listener = RealGroup.on(first, () -> first.listening().openListener(address, options));
        localAddress = RealGroup.on(first, listener::localAddress);
        HandOver over = new HandOver(first, listener, localAddress, this);
        handOver = over;
        first.onClose(() -> accepterClosed(first, over));
        List<FedListener> targets = new ArrayList<>();
        for (RealEventManager each : managers) {
            FedListener target = new FedListener(each, localAddress, this);
            acceptors.add(RealGroup.on(each, () -> {
                Handler speaking = Listening.speaking(address, options, handlers.apply(each));
                return each.listening().acceptFrom(target, options, speaking);
            }));
            targets.add(target);
        }
        fed = List.copyOf(targets);
        RealGroup.on(first, () -> {
            over.begin(fed);
            return over;
        });
    }

    @Override
    public void roomAgain() {
        HandOver accepting = handOver;
        List<FedListener> targets = fed;
        if (accepting == null || targets.isEmpty()) {
            return;
        }
        if (targets.stream().anyMatch(FedListener::isOpen)) {
            accepting.roomAgain();
        } else {
            accepting.closeSoon();
        }
    }

    @Override
    public boolean lacksDescriptors() {
        HandOver accepting = handOver;
        return accepting != null && accepting.lacksDescriptors();
    }

    @Override
    public void descriptorAgain() {
        HandOver accepting = handOver;
        if (accepting != null) {
            accepting.descriptorAgain();
        }
    }

    /** Who accepted for all is gone; the next living one does so from now on. */
    private void accepterClosed(RealEventManager gone, HandOver over) {
        over.closeHere();
        if (!gone.isShuttingDown()) {
            giveToNext(gone);
        }
    }

    private void giveToNext(RealEventManager gone) {
        if (closed || group.isEnding()) {
            return;
        }
        for (RealEventManager each : managers) {
            if (!each.isClosed()) {
                try {
                    each.post(() -> takeOver(each));
                    return;
                } catch (ManagerClosedException | RejectedExecutionException e) {
                    gone.report(ErrorHook.Source.ACCEPT, Optional.empty(), e);
                }
            }
        }
    }

    private void takeOver(RealEventManager manager) {
        if (closed || group.isEnding() || manager.isShuttingDown()) {
            return;
        }
        if (manager.isClosed()) {
            giveToNext(manager);
            return;
        }
        int port = port();
        HandOver over =
                new HandOver(manager, manager.listening().openListener(withPort(port), options), localAddress, this);
        handOver = over;
        manager.onClose(() -> accepterClosed(manager, over));
        over.begin(fed);
    }

    // ---------------------------------------------------------------- asking and closing

    @Override
    public SocketAddress localAddress() {
        return localAddress;
    }

    @Override
    public int port() {
        return localAddress instanceof InetSocketAddress inet ? inet.getPort() : 0;
    }

    @Override
    public Spread spread() {
        return spread;
    }

    @Override
    public List<Acceptor> acceptors() {
        return List.copyOf(acceptors);
    }

    @Override
    public void close() {
        closed = true;
        HandOver accepting = handOver;
        if (accepting != null) {
            accepting.closeSoon();
        }
        acceptors.forEach(Acceptor::close);
    }

    @Override
    public String toString() {
        return "group acceptor on " + acceptors;
    }
}
