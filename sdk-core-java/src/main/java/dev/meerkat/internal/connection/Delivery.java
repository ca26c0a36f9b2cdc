package dev.meerkat.internal.connection;

import dev.meerkat.BroadcastResult;
import dev.meerkat.Connection;
import dev.meerkat.ErrorHook;
import dev.meerkat.event.TcpEvent;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** One broadcast on its way through the open connections: one event for all of them, and the counts. */
final class Delivery implements Consumer<RealConnection> {
    /** What became of it at one connection. */
    enum Outcome {
        DELIVERED,
        DROPPED,
        CLOSED
    }

    private final RealEventManager manager;
    private final TcpEvent.Broadcast event;
    private final Predicate<Connection> filter;
    private int delivered;
    private int dropped;
    private int closed;

    Delivery(RealEventManager manager, TcpEvent.Broadcast event, Predicate<Connection> filter) {
        this.manager = manager;
        this.event = event;
        this.filter = filter;
    }

    @Override
    public void accept(RealConnection connection) {
        if (!isWanted(connection) || !connection.isOpen()) {
            return; // a filter may well have ended it
        }
        switch (connection.telling().broadcast(event)) {
            case DELIVERED -> delivered++;
            case DROPPED -> dropped++;
            case CLOSED -> closed++;
        }
    }

    private boolean isWanted(RealConnection connection) {
        try {
            return filter.test(connection);
        } catch (Throwable e) {
            manager.report(ErrorHook.Source.FILTER, Optional.of(connection), e);
            return false;
        }
    }

    BroadcastResult result() {
        return new BroadcastResult(delivered, dropped, closed);
    }
}
