package dev.meerkat.internal.connection;

import dev.meerkat.BroadcastLimitException;
import dev.meerkat.BroadcastResult;
import dev.meerkat.Connection;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.TcpEvent;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Predicate;

/** Brings messages to every open connection of a manager: from the loop as deferred work, from elsewhere by mail. */
final class Broadcasts {
    private final RealEventManager manager;
    private final ConnectionTable table;

    Broadcasts(RealEventManager manager, ConnectionTable table) {
        this.manager = manager;
        this.table = table;
    }

    /** Any thread. */
    CompletableFuture<BroadcastResult> broadcast(Bytes message, Predicate<Connection> filter) {
        Objects.requireNonNull(filter, "filter");
        int limit = manager.options().broadcastLimit();
        if (message.length() > limit) {
            throw new BroadcastLimitException(
                    "a broadcast of " + message.length() + " bytes is larger than the limit of " + limit + " bytes");
        }
        CompletableFuture<BroadcastResult> result = new CompletableFuture<>();
        TcpEvent.Broadcast event = new TcpEvent.Broadcast(message);
        if (manager.inLoop()) {
            manager.requireOpen("broadcast");
            manager.loop().defer(() -> result.complete(deliver(event, filter)));
        } else {
            fromElsewhere(message.length(), () -> result.complete(deliver(event, filter)));
        }
        return result;
    }

    private void fromElsewhere(int length, Runnable delivery) {
        SharedMemory memory = manager.memory();
        if (!memory.reserveHop(length)) {
            throw new RejectedExecutionException(manager + ": what other threads send and broadcast may hold "
                    + manager.options().mailboxBytesLimit() + " bytes on its way to the loop; " + length
                    + " more were refused");
        }
        try {
            manager.post(() -> {
                memory.releaseHop(length);
                delivery.run();
            });
        } catch (RuntimeException e) {
            memory.releaseHop(length);
            throw e;
        }
    }

    private BroadcastResult deliver(TcpEvent.Broadcast event, Predicate<Connection> filter) {
        Delivery delivery = new Delivery(manager, event, filter);
        table.forEachOpen(delivery);
        return delivery.result();
    }
}
