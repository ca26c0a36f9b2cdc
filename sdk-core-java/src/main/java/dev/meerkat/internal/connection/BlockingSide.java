package dev.meerkat.internal.connection;

import dev.meerkat.BlockingOptions;
import dev.meerkat.ConnectOptions;
import dev.meerkat.Connection;
import dev.meerkat.ConnectionLimitException;
import dev.meerkat.ConnectionOptions;
import dev.meerkat.ConnectionState;
import dev.meerkat.ErrorHook;
import dev.meerkat.Handler;
import dev.meerkat.ListenOptions;
import dev.meerkat.event.Event;
import dev.meerkat.internal.blocking.LoopSide;
import dev.meerkat.internal.blocking.ThreadRoom;
import dev.meerkat.internal.blocking.ThreadedConnections;
import dev.meerkat.internal.loop.Mailbox;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes connections whose handlers run on threads of their own, and is what those threads know of the manager. */
final class BlockingSide implements LoopSide {
    private final RealEventManager manager;
    private final ThreadedConnections threads;
    private final ThreadRoom outboundRoom = new ThreadRoom(null);

    BlockingSide(RealEventManager manager) {
        this.manager = manager;
        this.threads = new ThreadedConnections(manager.runtime(), this);
    }

    ThreadedConnections threads() {
        return threads;
    }

    static ListenOptions withThreads(ListenOptions options) {
        return options.blocking() != null
                ? options
                : options.toBuilder().blocking(BlockingOptions.DEFAULT).build();
    }

    static ConnectOptions withThreads(ConnectOptions options) {
        return options.blocking() != null
                ? options
                : options.toBuilder().blocking(BlockingOptions.DEFAULT).build();
    }

    RealConnection serve(
            Handler handler,
            ConnectionOptions asked,
            BlockingOptions options,
            ThreadRoom room,
            @Nullable RealAcceptor acceptor,
            ConnectionState state) {
        Handler between = threads.serve(handler, options, asked, room);
        return manager.newConnection(between, ThreadedConnections.real(asked), acceptor, state);
    }

    RealConnection outbound(
            Handler handler, ConnectOptions asked, BlockingOptions options, ConnectionState state, String address) {
        if (outboundRoom.isFull(options.maxThreads())) {
            throw new ConnectionLimitException(manager + " has " + options.maxThreads()
                    + " threads for outbound connections, the limit of the options; not connected to " + address);
        }
        return serve(handler, asked.connection(), options, outboundRoom, null, state);
    }

    @Override
    public boolean post(Runnable task) {
        return manager.loop().offerInternal(task) == Mailbox.Offer.ACCEPTED;
    }

    @Override
    public void handlerFailed(Connection connection, Event event, Throwable failure) {
        ((RealConnection) connection).telling().handlerFailed(event, failure);
    }

    @Override
    public void handlerStuck(Connection connection, Throwable failure) {
        manager.report(ErrorHook.Source.THREAD, Optional.of(connection), failure);
    }
}
