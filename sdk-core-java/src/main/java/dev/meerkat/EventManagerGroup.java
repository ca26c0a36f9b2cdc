package dev.meerkat;

import dev.meerkat.event.Bytes;
import dev.meerkat.internal.check.Ranges;
import dev.meerkat.internal.connection.RealGroup;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Several managers that serve the same addresses, each on a thread of its own: how a server uses more than one
 * processor. The managers share nothing; a connection stays with the one that accepted it.
 *
 * <pre>{@code
 * try (EventManagerGroup group = EventManagerGroup.create().start()) {
 *     GroupAcceptor acceptor = group.listen(":8080", handler);   // the handler is called on several threads
 *     …
 *     ShutdownResult result = group.shutdown(Duration.ofSeconds(30)).join();
 * }
 * }</pre>
 *
 * <p>Every method may be called from any thread unless it says otherwise. A manager that fails or is closed by somebody
 * else does not take the group down: the error hook is told, and the others go on, with {@link #next}, broadcasts and
 * listening passing it over. When the last is gone the group is closed.
 */
public interface EventManagerGroup extends AutoCloseable {
    /**
     * Makes a group of as many managers as there are processors, with default options on the JDK's sockets and clocks.
     *
     * @return a new group; its managers belong to this thread until they are started
     */
    static EventManagerGroup create() {
        return builder().build();
    }

    /**
     * Starts to build a group.
     *
     * @return a new builder
     */
    static Builder builder() {
        return new Builder();
    }

    /**
     * Makes a group of managers that were made elsewhere, on a simulated host for instance. Who drives them is up to
     * whoever made them.
     *
     * @param managers the managers, at least one, each in no other group
     * @param spread how connections come to them
     * @return a new group, which closes them
     */
    static EventManagerGroup of(List<EventManager> managers, Spread spread) {
        return RealGroup.of(managers, Objects.requireNonNull(spread, "spread"));
    }

    /**
     * The managers, living or closed.
     *
     * @return always the same list
     */
    List<EventManager> managers();

    /**
     * The manager whose turn it is, for a new piece of work.
     *
     * @return the living ones in turn
     * @throws ManagerClosedException if all are closed
     */
    EventManager next();

    /**
     * Starts every manager on a thread of its own that bears its name. To be called by whoever made the group.
     *
     * @return this group
     * @throws IllegalStateException if a manager was already started or a virtual world drives it
     */
    EventManagerGroup start();

    /**
     * Listens for TCP connections, with one handler for all of them. It is called on the threads of all managers, for
     * each connection always on the same.
     *
     * <p>Waits for each manager's thread; the managers must have been started, or belong to the calling thread.
     *
     * @param address as for {@link EventManager#listen(String, Handler)}; port 0 takes a free port, the same for all
     * @param handler receives the events of every accepted connection
     * @return the acceptor, already listening
     * @throws MalformedAddressException if the address does not follow the grammar
     * @throws ListenException if the address is in use, not of this host or not permitted
     * @throws IllegalStateException on the thread of a manager of a started group, which must not wait
     */
    default GroupAcceptor listen(String address, Handler handler) {
        return listen(address, ListenOptions.DEFAULT, handler);
    }

    /**
     * Listens for TCP connections, with options and one handler for all of them.
     *
     * @param address as for {@link #listen(String, Handler)}
     * @param options how to listen; the limit of connections holds for each manager
     * @param handler receives the events of every accepted connection
     * @return the acceptor, already listening
     * @throws MalformedAddressException if the address does not follow the grammar
     * @throws ListenException if the address is in use, not of this host or not permitted
     * @throws IllegalStateException on the thread of a manager of a started group, which must not wait
     */
    default GroupAcceptor listen(String address, ListenOptions options, Handler handler) {
        Objects.requireNonNull(handler, "handler");
        return listenEach(address, options, manager -> handler);
    }

    /**
     * Listens for TCP connections, with a handler for each manager, which is called on that manager's thread alone.
     *
     * @param address as for {@link #listen(String, Handler)}
     * @param options how to listen; the limit of connections holds for each manager
     * @param handlers makes the handler of a manager, on its thread
     * @return the acceptor, already listening
     * @throws MalformedAddressException if the address does not follow the grammar
     * @throws ListenException if the address is in use, not of this host or not permitted
     * @throws IllegalStateException on the thread of a manager of a started group, which must not wait
     */
    GroupAcceptor listenEach(String address, ListenOptions options, Function<EventManager, Handler> handlers);

    /**
     * Connects by TCP, on the manager whose turn it is.
     *
     * @param address as for {@link EventManager#connect(String, Handler)}
     * @param options how to connect
     * @param handler receives the events
     * @return the connection, completed on its loop thread; exceptionally with what {@link EventManager#connect(String,
     *     ConnectOptions, Handler)} throws
     * @throws java.util.concurrent.RejectedExecutionException if the manager's mailbox is full
     * @throws ManagerClosedException if all managers are closed
     */
    CompletableFuture<Connection> connect(String address, ConnectOptions options, Handler handler);

    /**
     * Runs a task on the manager whose turn it is.
     *
     * @param task what to run
     * @throws java.util.concurrent.RejectedExecutionException if its mailbox is full
     * @throws ManagerClosedException if all managers are closed
     */
    void post(Runnable task);

    /**
     * Runs a task on every living manager, on several threads at once.
     *
     * @param task what to run
     * @throws java.util.concurrent.RejectedExecutionException if a mailbox is full; the other managers run it
     */
    void postAll(Runnable task);

    /**
     * Delivers a {@code Broadcast} to the handler of every open connection of the group. The bytes are shared, not
     * copied.
     *
     * @param message the message
     * @return completed with the sums when every handler has been called; exceptionally if a manager took no part
     *     because its mailbox was full, after the others have
     * @throws BroadcastLimitException if the message is larger than a manager's broadcast limit; nobody receives it
     */
    default CompletableFuture<BroadcastResult> broadcast(Bytes message) {
        return broadcast(message, connection -> true);
    }

    /**
     * Delivers a {@code Broadcast} to the handlers of some open connections of the group.
     *
     * @param message the message
     * @param filter decides for each open connection, on that connection's thread
     * @return as for {@link #broadcast(Bytes)}
     * @throws BroadcastLimitException if the message is larger than a manager's broadcast limit; nobody receives it
     */
    CompletableFuture<BroadcastResult> broadcast(Bytes message, Predicate<Connection> filter);

    /**
     * The connections of all managers that are not closed. Each manager is asked at a moment of its own.
     *
     * @return completed with one list, in the order of the managers
     */
    CompletableFuture<List<Connection>> connections();

    /**
     * Counts of what the managers hold and have done. Each is asked at a moment of its own.
     *
     * @return completed with the counts
     */
    CompletableFuture<GroupStatistics> statistics();

    /**
     * Ends all managers gracefully, at once and with the same time to go: {@link EventManager#shutdown}.
     *
     * @param grace how long connections may take
     * @return completed with the sums when all are closed
     */
    CompletableFuture<ShutdownResult> shutdown(Duration grace);

    /**
     * Tells whether {@link #close} or {@link #shutdown} was called, or every manager is closed.
     *
     * @return whether the group is ending or has ended
     */
    boolean isClosed();

    /**
     * Closes every manager. Returns when all are closed, unless it is called on the thread of one of them: then they
     * close at the end of their turns. A second call does nothing.
     */
    @Override
    void close();

    /** Builds a group. */
    final class Builder {
        /** 0 for as many as processors. */
        private int managers;

        private ManagerOptions options = ManagerOptions.DEFAULT;
        private Spread spread = Spread.AUTO;

        private Builder() {}

        /**
         * Sets how many managers there are; as many as processors by default.
         *
         * @param value 1 to 1,024: a thread and a selector each
         * @return this builder
         */
        public Builder managers(int value) {
            Ranges.within("managers", value, 1, 1024);
            managers = value;
            return this;
        }

        /**
         * Sets the options of every manager; their names, and those of their threads, get {@code -1}, {@code -2} and so
         * on behind.
         *
         * @param value the options; limits hold for each manager
         * @return this builder
         */
        public Builder options(ManagerOptions value) {
            options = Objects.requireNonNull(value, "options");
            return this;
        }

        /**
         * Sets how connections come to the managers; {@link Spread#AUTO} by default.
         *
         * @param value the way
         * @return this builder
         */
        public Builder spread(Spread value) {
            spread = Objects.requireNonNull(value, "spread");
            return this;
        }

        /**
         * Makes the group.
         *
         * @return a new group; its managers belong to this thread until they are started
         */
        public EventManagerGroup build() {
            return RealGroup.create(managers, options, spread);
        }
    }
}
