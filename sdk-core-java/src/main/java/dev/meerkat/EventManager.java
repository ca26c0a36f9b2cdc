package dev.meerkat;

import dev.meerkat.event.Bytes;
import dev.meerkat.internal.connection.RealEventManager;
import dev.meerkat.runtime.ManagerRuntime;
import dev.meerkat.tls.TlsOptions;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A loop and the connections that it serves: one thread, one set of sockets, one queue of timers.
 *
 * <p>A manager does not own a thread. Whoever calls {@link #runOnce} or {@link #run} drives it and owns it from then
 * on; {@link #start} makes a thread for it. Until it is first driven it belongs to the thread that made it, which may
 * already listen, connect and schedule. Methods that may be called from any thread say so in their first sentence;
 * every other one throws {@link WrongThreadException} on a thread that does not own the manager.
 *
 * <p>Different managers share nothing and may run on different threads.
 */
public interface EventManager extends AutoCloseable {
    /**
     * Makes a manager with default options on the JDK's sockets and clocks.
     *
     * @return a new manager, owned by this thread until it is driven
     */
    static EventManager create() {
        return builder().build();
    }

    /**
     * Makes a manager on the JDK's sockets and clocks.
     *
     * @param options its limits and its error hook
     * @return a new manager, owned by this thread until it is driven
     */
    static EventManager create(ManagerOptions options) {
        return builder().options(options).build();
    }

    /**
     * Starts to build a manager, for a runtime other than the JDK's.
     *
     * @return a new builder
     */
    static Builder builder() {
        return new Builder();
    }

    /**
     * Listens for TCP connections, or for those over a Unix domain socket. For UDP see {@link #listenUdp(String,
     * UdpHandler)}.
     *
     * @param address {@code unix:path}, or {@code tcp://ip:port}, where the scheme may be left out, the IP address too
     *     (then every interface is meant), and port 0 takes a free port, which {@link Acceptor#port()} tells. IPv6
     *     addresses stand in brackets; {@code localhost} is 127.0.0.1. {@code tls://ip:port} needs options with a
     *     certificate: {@link #listen(String, ListenOptions, Handler)}. {@code http://ip:port} and
     *     {@code https://ip:port} speak HTTP, see {@link dev.meerkat.http.HttpServer}; without a port it is 80 or 443
     * @param handler receives the events of every accepted connection
     * @return the acceptor, already listening
     * @throws MalformedAddressException if the address does not follow the grammar
     * @throws ListenException if the address is in use, not of this host or not permitted
     */
    default Acceptor listen(String address, Handler handler) {
        return listen(address, ListenOptions.DEFAULT, handler);
    }

    /**
     * Listens with options, which {@code tls://} and {@code https://} need: connections are then encrypted before their
     * handler hears of them.
     *
     * @param address as for {@link #listen(String, Handler)}
     * @param options how to listen
     * @param handler receives the events of every accepted connection
     * @return the acceptor, already listening
     * @throws MalformedAddressException if the address does not follow the grammar
     * @throws ListenException if the address is in use, not of this host or not permitted
     * @throws IllegalArgumentException if the address is {@code tls://} and the options have no
     *     {@link ListenOptions#tls()}, or the other way round: nobody shall speak in clear by mistake
     */
    Acceptor listen(String address, ListenOptions options, Handler handler);

    /**
     * Listens, and serves each connection in blocking code on a thread of its own: virtual on JDK 21 and later. As
     * {@link #listen(String, ListenOptions, Handler)} otherwise.
     *
     * @param address as for {@link #listen(String, Handler)}
     * @param handler serves every accepted connection
     * @return the acceptor, already listening
     * @throws MalformedAddressException if the address does not follow the grammar
     * @throws ListenException if the address is in use, not of this host or not permitted
     */
    default Acceptor listenBlocking(String address, BlockingHandler handler) {
        return listenBlocking(address, ListenOptions.DEFAULT, handler);
    }

    /**
     * Listens with options, and serves each connection in blocking code on a thread of its own.
     *
     * @param address as for {@link #listen(String, Handler)}
     * @param options how to listen; without {@link ListenOptions#blocking()} the defaults of {@link BlockingOptions}
     * @param handler serves every accepted connection
     * @return the acceptor, already listening
     * @throws MalformedAddressException if the address does not follow the grammar
     * @throws ListenException if the address is in use, not of this host or not permitted
     */
    Acceptor listenBlocking(String address, ListenOptions options, BlockingHandler handler);

    /**
     * Connects by TCP, by TLS, or over a Unix domain socket. Returns at once; the first event tells how it went, for
     * {@code tls://} after the handshake. The addresses of a name are tried as RFC 8305 (Happy Eyeballs) says, IPv6
     * first, several at once if they do not answer; see {@link ConnectOptions}.
     *
     * <p>{@code http://host:port} and {@code https://host:port} are TCP and TLS with HTTP on top: the handler receives
     * {@link dev.meerkat.http.HttpEvent}s and sends by {@link dev.meerkat.http.client.HttpClientConnection}.
     *
     * @param address {@code unix:path}, {@code tls://host:port} or {@code tcp://host:port}, where the scheme may be
     *     left out, or {@code http://host} or {@code https://host}, where the port may be; the host is an IPv4 address,
     *     an IPv6 address in brackets or a name
     * @param handler receives the events
     * @return the connection, resolving or connecting
     * @throws MalformedAddressException if the address does not follow the grammar
     * @throws ConnectionLimitException if the manager holds as many connections as it may
     */
    default Connection connect(String address, Handler handler) {
        return connect(address, ConnectOptions.DEFAULT, handler);
    }

    /**
     * Connects with options. Returns at once; the first event tells how it went.
     *
     * @param address as for {@link #connect(String, Handler)}
     * @param options how to connect
     * @param handler receives the events
     * @return the connection, resolving or connecting
     * @throws MalformedAddressException if the address does not follow the grammar
     * @throws ConnectionLimitException if the manager holds as many connections as it may
     */
    Connection connect(String address, ConnectOptions options, Handler handler);

    /**
     * Connects, and talks to the peer in blocking code on a thread of its own. Returns at once.
     *
     * @param address as for {@link #connect(String, Handler)}
     * @param options how to connect; without {@link ConnectOptions#blocking()} the defaults of {@link BlockingOptions}
     * @param handler serves the connection when it is established
     * @return the connection, resolving or connecting, for the loop thread
     * @throws MalformedAddressException if the address does not follow the grammar
     * @throws ConnectionLimitException if the manager holds as many connections, or as many threads for outbound ones,
     *     as it may
     */
    Connection connectBlocking(String address, ConnectOptions options, BlockingHandler handler);

    /**
     * Binds a UDP socket, which hears everybody and sends to anybody.
     *
     * @param address {@code udp://ip:port}, where the scheme may be left out, the IP address too (then every interface
     *     is meant), and port 0 takes a free port, which {@link UdpSocket#port()} tells
     * @param handler receives the events
     * @return the socket, already bound; {@code Opened} follows later in the turn
     * @throws MalformedAddressException if the address does not follow the grammar
     * @throws ListenException if the address is in use, not of this host or not permitted
     * @throws ConnectionLimitException if the manager holds as many connections and sockets as it may
     */
    default UdpSocket listenUdp(String address, UdpHandler handler) {
        return listenUdp(address, UdpOptions.DEFAULT, handler);
    }

    /**
     * Binds a UDP socket, with options.
     *
     * @param address as for {@link #listenUdp(String, UdpHandler)}
     * @param options how it behaves
     * @param handler receives the events
     * @return the socket, already bound; {@code Opened} follows later in the turn
     * @throws MalformedAddressException if the address does not follow the grammar
     * @throws ListenException if the address is in use, not of this host or not permitted, or the system cannot do what
     *     the options ask for
     * @throws ConnectionLimitException if the manager holds as many connections and sockets as it may
     */
    UdpSocket listenUdp(String address, UdpOptions options, UdpHandler handler);

    /**
     * Makes a UDP socket with one peer. Returns at once; the first event tells how it went. Nothing is sent, so that
     * success only means that there is such an address.
     *
     * @param address {@code udp://host:port}, where the scheme may be left out; the host is an IPv4 address, an IPv6
     *     address in brackets or a name, of whose addresses the first that this host can reach is taken
     * @param handler receives the events
     * @return the socket; what is sent through it before {@code Opened} waits for it
     * @throws MalformedAddressException if the address does not follow the grammar
     * @throws ConnectionLimitException if the manager holds as many connections and sockets as it may
     */
    default UdpSocket connectUdp(String address, UdpHandler handler) {
        return connectUdp(address, UdpOptions.DEFAULT, handler);
    }

    /**
     * Makes a UDP socket with one peer, with options.
     *
     * @param address as for {@link #connectUdp(String, UdpHandler)}
     * @param options how it behaves
     * @param handler receives the events
     * @return the socket; what is sent through it before {@code Opened} waits for it
     * @throws MalformedAddressException if the address does not follow the grammar
     * @throws ConnectionLimitException if the manager holds as many connections and sockets as it may
     */
    UdpSocket connectUdp(String address, UdpOptions options, UdpHandler handler);

    /**
     * The UDP sockets that have not told their handler of {@code Closed}, in the order in which they were made.
     *
     * @return a list of its own: closing sockets while walking it is safe
     */
    List<UdpSocket> udpSockets();

    /**
     * Takes over a connected channel that somebody else has made: one handed over by another part of the program, or
     * prepared in a way that nothing here offers. As {@link #adopt(SocketChannel, ConnectOptions, Handler)} otherwise.
     *
     * @param channel the channel, of TCP or the Unix domain; blocking or not, and not used by anybody any more
     * @param handler receives the events
     * @return the connection, about to be told {@code Opened}
     * @throws NotAdoptableException if the channel is closed, not connected, shut down, or registered elsewhere
     * @throws ConnectionLimitException if the manager holds as many connections as it may
     * @throws UnsupportedOperationException in a simulated world
     */
    default Connection adopt(SocketChannel channel, Handler handler) {
        return adopt(channel, ConnectOptions.DEFAULT, handler);
    }

    /**
     * Takes over a connected channel that somebody else has made. From then on it belongs to the manager, which makes
     * it non-blocking, reads, writes and closes it; nobody else may touch it. If this throws, the channel belongs to
     * the caller as before. The events are those of a connection that was made by {@link #connect}.
     *
     * @param channel the channel, of TCP or the Unix domain; blocking or not, and not used by anybody any more
     * @param options as for connecting; its time-outs mean nothing here. If TLS options were given
     *     ({@link ConnectOptions#hasTls}) the connection is encrypted as one to {@code tls://}: this end is the client,
     *     and {@code Opened} follows the handshake. They have to say {@link TlsOptions#serverName() whose certificate
     *     is expected}, for a channel tells an address at most. Without, {@link Connection#startTls} encrypts later
     * @param handler receives the events
     * @return the connection, about to be told {@code Opened}
     * @throws IllegalArgumentException if the TLS options do not say whose certificate is expected
     * @throws NotAdoptableException if the channel is closed, not connected, shut down, or registered elsewhere
     * @throws ConnectionLimitException if the manager holds as many connections as it may
     * @throws UnsupportedOperationException in a simulated world
     */
    Connection adopt(SocketChannel channel, ConnectOptions options, Handler handler);

    /**
     * Takes over a datagram channel that somebody else has bound or connected. From then on it belongs to the manager,
     * which makes it non-blocking, receives, sends and closes it; nobody else may touch it. If this throws, the channel
     * belongs to the caller as before. A connected channel becomes a socket with a peer as from {@link #connectUdp},
     * any other one as from {@link #listenUdp}; the first event is {@code Opened}.
     *
     * @param channel the channel, bound or connected; blocking or not, and not used by anybody any more
     * @param options how it behaves; of what they say of the system's socket only the sizes of its buffers count, the
     *     rest (reusing the port, broadcast, groups) is as whoever made the channel has set it
     * @param handler receives the events
     * @return the socket, about to be told {@code Opened}
     * @throws NotAdoptableException if the channel is closed, not bound, or registered elsewhere
     * @throws ConnectionLimitException if the manager holds as many connections and sockets as it may
     * @throws UnsupportedOperationException in a simulated world
     */
    UdpSocket adopt(DatagramChannel channel, UdpOptions options, UdpHandler handler);

    /**
     * Takes over a listening channel that somebody else has made. From then on it belongs to the manager, which makes
     * it non-blocking, accepts from it and closes it. If this throws, the channel belongs to the caller as before. The
     * file of a Unix domain socket is left to whoever has made it.
     *
     * @param channel the channel, bound; blocking or not, and not used by anybody any more
     * @param options as for listening, TLS included; backlog, address and port sharing and the file's mode were decided
     *     before
     * @param handler receives the events of every accepted connection
     * @return the acceptor, already listening
     * @throws NotAdoptableException if the channel is closed, not bound, or registered elsewhere
     * @throws UnsupportedOperationException in a simulated world
     */
    Acceptor adopt(ServerSocketChannel channel, ListenOptions options, Handler handler);

    /**
     * Takes over the listening socket that this process was started with, so that a server on port 80 need not ever be
     * privileged: whoever starts it (systemd with {@code StandardInput=socket}, inetd with {@code wait}) opens the
     * socket and passes it as standard input. One process has at most one such socket, for one manager.
     *
     * <pre>{@code
     * Acceptor acceptor = manager.adoptInherited(ListenOptions.DEFAULT, handler)
     *         .orElseGet(() -> manager.listen("tcp://127.0.0.1:8080", handler)); // started by hand
     * }</pre>
     *
     * <p>Closing the acceptor closes descriptor 0, and the JDK then sends what is written to standard output and error
     * nowhere.
     *
     * @param options as for {@link #adopt(ServerSocketChannel, ListenOptions, Handler)}
     * @param handler receives the events of every accepted connection
     * @return the acceptor, already listening; empty if the process was started without a socket, and in a simulated
     *     world
     * @throws NotAdoptableException if descriptor 0 is another kind of socket, or was adopted before
     */
    Optional<Acceptor> adoptInherited(ListenOptions options, Handler handler);

    /**
     * Runs one turn of the loop: posted tasks, ready sockets, due timers, deferred work, flushing, in this order. Waits
     * for something to do at most until the nearest timer.
     *
     * @param maxWait the longest wait; zero does not wait
     * @return how many pieces of work were done; 0 if there was nothing to do
     */
    int runOnce(Duration maxWait);

    /**
     * Runs turns until {@link #stop} or {@link #close} is called or the thread is interrupted; the interrupt status is
     * left as it is. Costs no CPU while there is nothing to do.
     *
     * @throws IllegalStateException if a virtual world drives this manager
     */
    void run();

    /**
     * Runs the manager on a new thread of its own, named as the manager, which owns it from now on.
     *
     * @return this manager
     * @throws IllegalStateException if it was already started or a virtual world drives it
     */
    EventManager start();

    /** May be called from any thread. Ends {@link #run} after the present turn. Connections stay; it may run again. */
    void stop();

    /**
     * May be called from any thread. Closes the manager: listening ends, what was sent and fits into the socket leaves,
     * every living connection receives {@code Closed} exactly once. Called on the loop thread inside a handler, task or
     * timer it takes effect at the end of the turn; elsewhere it returns when everything is closed. A second call does
     * nothing.
     */
    @Override
    void close();

    /**
     * May be called from any thread. Ends the manager gracefully, in two steps. At once it stops listening (who waits
     * to be accepted is still let in), and every open connection receives {@code ShuttingDown}, so that its protocol
     * can say goodbye. When the last connection has ended, or the time is over, the manager closes, as {@link #close}
     * does.
     *
     * <p>Connections that are being established are told after their {@code Opened}; {@link #connect} remains possible,
     * since what is under way may need it; {@link #listen} throws {@link ManagerClosedException}. {@link #close} ends
     * it at once, {@link #stop} leaves it waiting for whoever drives next. A second call may bring the end nearer,
     * never further away, and has the same result. UDP sockets have no conversation to end: they go on until the
     * manager closes, delay nothing, and are not counted.
     *
     * @param grace how long connections may take; zero closes at the end of the turn
     * @return completed when everything is closed, with how many connections ended by themselves and how many were cut;
     *     for a manager that was closed before, zero and zero
     * @throws IllegalArgumentException if the grace is negative
     */
    CompletableFuture<ShutdownResult> shutdown(Duration grace);

    /**
     * May be called from any thread. Has a task run when the manager is closed: once, on the thread that closes it,
     * before {@link #close} returns. All tasks posted and all {@code Closed} come before, timers are gone by then, and
     * nothing new can be begun. Tasks run in the order in which they were registered; one that throws is reported to
     * the error hook.
     *
     * @param task what to run
     * @return by which the task can be forgotten; a manager holds at most 1,000,000 at a time
     * @throws ManagerClosedException if the manager is closed: these tasks have run, or are just running
     * @throws IllegalStateException if there are too many
     */
    CloseHook onClose(Runnable task);

    /**
     * May be called from any thread. Tells whether {@link #close} was called.
     *
     * @return true from the first call on
     */
    boolean isClosed();

    /**
     * May be called from any thread. Runs a task on the loop thread, after those that were posted before. What was
     * accepted runs, even if the manager is closed before.
     *
     * @param task what to run
     * @throws java.util.concurrent.RejectedExecutionException if the mailbox is full
     * @throws ManagerClosedException if the manager is closed
     */
    void post(Runnable task);

    /**
     * May be called from any thread. Runs a task on the loop thread and tells its result. What was accepted runs, even
     * if the manager is closed before.
     *
     * @param task what to run
     * @param <T> the type of the result
     * @return completed on the loop thread with the result or with what the task threw
     * @throws java.util.concurrent.RejectedExecutionException if the mailbox is full
     * @throws ManagerClosedException if the manager is closed
     */
    <T> CompletableFuture<T> submit(Callable<T> task);

    /**
     * May be called from any thread. Runs a task that may block, on a file for instance, on one of the workers of
     * {@link #runtime()}, and tells its result on the loop thread, whatever waits in the mailbox.
     *
     * @param task what to run; it must not touch what belongs to the loop. Once begun it runs to its end
     * @param <T> the type of the result
     * @return completed on the loop thread: with the result, with what the task threw, or with a
     *     {@link java.util.concurrent.RejectedExecutionException} if every worker is busy and their queue is full. If
     *     the manager is closed before, completed by another thread with a {@link ManagerClosedException}
     * @throws ManagerClosedException if the manager is closed
     */
    <T> CompletableFuture<T> submitBlocking(Callable<T> task);

    /**
     * Tells the {@linkplain ManagerOptions#errorHook() error hook} of a failure of a handler that its connection
     * survives: for {@linkplain Protocol protocols} that can say to the peer that something went wrong.
     *
     * @param connection whose handler has failed
     * @param failure what it threw
     */
    void report(Connection connection, Throwable failure);

    /** May be called from any thread. Ends the loop's present wait, or else its next one. */
    void wake();

    /**
     * May be called from any thread. Delivers a {@code Broadcast} to the handler of every open connection. It sends
     * nothing by itself.
     *
     * @param message the message
     * @return completed on the loop thread when every handler has been called, with the counts
     * @throws BroadcastLimitException if the message is larger than the manager's broadcast limit
     * @throws java.util.concurrent.RejectedExecutionException if the mailbox is full, or from another thread, if more
     *     bytes would wait for the loop than the manager's limit allows
     * @throws ManagerClosedException if the manager is closed
     */
    default CompletableFuture<BroadcastResult> broadcast(Bytes message) {
        return broadcast(message, connection -> true);
    }

    /**
     * May be called from any thread. Delivers a {@code Broadcast} to the handlers of some open connections.
     *
     * @param message the message
     * @param filter decides for each open connection, on the loop thread; one that throws counts as false and is
     *     reported to the error hook
     * @return completed on the loop thread when every handler has been called, with the counts
     * @throws BroadcastLimitException if the message is larger than the manager's broadcast limit
     * @throws java.util.concurrent.RejectedExecutionException if the mailbox is full, or from another thread, if more
     *     bytes would wait for the loop than the manager's limit allows
     * @throws ManagerClosedException if the manager is closed
     */
    CompletableFuture<BroadcastResult> broadcast(Bytes message, Predicate<Connection> filter);

    /**
     * Schedules a task once.
     *
     * @param delay from now; zero or negative runs it in this turn of the loop, after timers that are already due, or
     *     at once in the next if the timers of this one are over
     * @param task what to run on the loop thread
     * @return the timer
     */
    Timer schedule(Duration delay, Runnable task);

    /**
     * Schedules a task at a fixed rate: at {@code now + initialDelay + n * period}, however long it takes itself.
     *
     * @param initialDelay from now to the first run; zero or negative runs it in this turn of the loop
     * @param period between two runs, positive
     * @param overrun what to do about periods that passed while the loop was busy
     * @param task what to run on the loop thread; if it throws, the failure is reported and the timer goes on
     * @return the timer
     */
    Timer scheduleAtFixedRate(Duration initialDelay, Duration period, Timer.Overrun overrun, Runnable task);

    /**
     * The connections that are not closed, in the order in which they were made.
     *
     * @return a list of its own: closing connections while walking it is safe
     */
    List<Connection> connections();

    /**
     * Some of the connections that are not closed, in the order in which they were made.
     *
     * @param filter which of them; for instance {@code connection -> connection.acceptor().isPresent()}
     * @return a list of its own: closing connections while walking it is safe
     */
    default List<Connection> connections(Predicate<? super Connection> filter) {
        return connections().stream().filter(filter).toList();
    }

    /**
     * The next connection that is not closed, for walking them without a list: from 0, then from each one's id.
     * Connections may come and go meanwhile, and the walk may be spread over any number of turns.
     *
     * @param afterId only connections made later than this one count
     * @return the connection with the smallest id above, or empty at the end
     */
    Optional<Connection> nextConnection(long afterId);

    /**
     * Asks for {@link dev.meerkat.event.TcpEvent.Writable} on some open connections, as each could by
     * {@link Connection#requestWritable()}: each sends a piece in turn, those that are slow when they have drained.
     *
     * @param filter which of them; connections whose output is shut down are passed over
     * @return how many were asked for
     */
    int requestWritable(Predicate<? super Connection> filter);

    /**
     * May be called from any thread. Ends a connection at once, as {@link Connection#abort()} does, known by its id
     * alone.
     *
     * @param id its id
     * @return completed on the loop thread, with whether there was one
     * @throws java.util.concurrent.RejectedExecutionException if the mailbox is full
     * @throws ManagerClosedException if the manager is closed
     */
    CompletableFuture<Boolean> hangUp(long id);

    /**
     * Finds a connection.
     *
     * @param id its id
     * @return the connection, or empty if there is none or it is closed
     */
    Optional<Connection> connection(long id);

    /**
     * The time until the nearest timer is due.
     *
     * @return the time to go, zero if one is due, or empty if no timer is set
     */
    Optional<Duration> timeToNextTimer();

    /**
     * How long whoever drives this manager by {@link #runOnce} may wait before the next turn, if no socket becomes
     * ready and nobody {@linkplain #wake wakes} it. A task that another thread posts after this call wakes it. The
     * caller becomes the one who drives, as with {@link #runOnce}; not to be called inside a turn.
     *
     * @return zero if work waits or a timer is due, else the time until the nearest timer, or empty if there is none
     */
    Optional<Duration> maxWait();

    /**
     * May be called from any thread. What this manager knows of names, and how a program asks for more.
     *
     * @return always the same object
     */
    Names names();

    /**
     * May be called from any thread. Looks up the canonical name of this host; see {@link Names#canonicalHostName()}.
     *
     * @return a future completed on the loop thread with the name; empty if it could not be found out
     * @throws ManagerClosedException if the manager is closed
     */
    default CompletableFuture<Optional<String>> canonicalHostName() {
        return names().canonicalHostName();
    }

    /**
     * The monotonic time of the present turn.
     *
     * @return nanoseconds since an arbitrary origin, read once before and once after waiting
     */
    long nanoTime();

    /**
     * May be called from any thread. The time of day, by the runtime's wall clock.
     *
     * @return the instant
     */
    Instant wallTime();

    /**
     * May be called from any thread. Tells whether the calling thread owns this manager.
     *
     * @return whether every method may be called here
     */
    boolean inLoop();

    /**
     * Counts of what the manager holds, for monitoring and leak checks.
     *
     * @return the counts at this moment
     */
    ManagerStatistics statistics();

    /**
     * May be called from any thread. The options.
     *
     * @return the options
     */
    ManagerOptions options();

    /**
     * May be called from any thread. What this manager runs on.
     *
     * @return the runtime
     */
    ManagerRuntime runtime();

    /**
     * Keeps an object of the program's with this manager.
     *
     * @param attachment the object, or null for none
     */
    void attach(@Nullable Object attachment);

    /**
     * Returns the attached object.
     *
     * @param type its class
     * @param <T> its type
     * @return the object, or null if there is none
     * @throws ClassCastException if the object is of another class
     */
    <T> @Nullable T attachment(Class<T> type);

    /** Builds a manager. */
    final class Builder {
        private ManagerOptions options = ManagerOptions.DEFAULT;
        private @Nullable ManagerRuntime runtime;

        private Builder() {}

        /**
         * Sets the options.
         *
         * @param value the options
         * @return this builder
         */
        public Builder options(ManagerOptions value) {
            options = Objects.requireNonNull(value, "options");
            return this;
        }

        /**
         * Sets what the manager runs on, in place of the JDK's sockets and clocks.
         *
         * @param value a runtime for this manager alone; the manager closes it
         * @return this builder
         */
        public Builder runtime(ManagerRuntime value) {
            runtime = Objects.requireNonNull(value, "runtime");
            return this;
        }

        /**
         * Makes the manager.
         *
         * @return a new manager, owned by this thread until it is driven
         */
        public EventManager build() {
            return RealEventManager.create(options, runtime);
        }
    }
}
