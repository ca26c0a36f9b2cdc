package dev.meerkat;

import dev.meerkat.event.CloseReason;
import dev.meerkat.event.ConnectionError;
import dev.meerkat.event.Event;
import dev.meerkat.event.UdpEvent;

/**
 * Hears what a manager does, its connections, acceptors and UDP sockets, for metrics. Every method does nothing unless
 * it is overridden, is called on the loop thread, and must not block; what comes with every read, write, event and turn
 * allocates nothing. What a method throws goes to the {@link ErrorHook}.
 *
 * <p>Durations are measured on the manager's own clock. In a virtual world they are exact: what {@code SimHost.spend}
 * was told, to the nanosecond.
 *
 * <p>Feeding a metrics library takes one line a number:
 *
 * <pre>{@code
 * class Metrics implements ManagerObserver {
 *     private final LongAdder open = new LongAdder(), in = new LongAdder(), out = new LongAdder();
 *     private final LongAccumulator worstTurn = new LongAccumulator(Long::max, 0);
 *
 *     Metrics(BiConsumer<String, LongSupplier> gauges) {            // Micrometer: (name, value) -> registry.gauge(…)
 *         gauges.accept("connections", open::sum);
 *         gauges.accept("bytes.in", in::sum);
 *         gauges.accept("bytes.out", out::sum);
 *         gauges.accept("turn.worst.nanos", worstTurn::getThenReset);
 *     }
 *
 *     public void opened(Connection connection) { open.increment(); }
 *     public void closed(Connection connection, CloseReason reason) { open.decrement(); }
 *     public void received(Connection connection, int count) { in.add(count); }
 *     public void sent(Connection connection, long count) { out.add(count); }
 *     public void turn(long nanos, int work) { worstTurn.accumulate(nanos); }
 * }
 * }</pre>
 *
 * <p>What is told of a UDP socket bears the same names; there every call of {@code received} and {@code sent} is one
 * datagram.
 *
 * <p>Sizes of queues are not told but asked: {@link EventManager#statistics()}, {@link Connection#pendingBytes()} and
 * {@link UdpSocket#pendingBytes()}, from a task that the metrics library posts.
 */
public interface ManagerObserver {
    /**
     * A connection was established, inbound or outbound; its handler hears of it next.
     *
     * @param connection the connection
     */
    default void opened(Connection connection) {}

    /**
     * A connection could not be established: connecting failed, or the TLS handshake of either end, or it was given up.
     * {@link #opened(Connection)} and {@link #closed(Connection, CloseReason)} are not called for it.
     *
     * @param connection the connection
     * @param error why
     */
    default void connectFailed(Connection connection, ConnectionError error) {}

    /**
     * A connection that was opened has ended; its handler hears of it next.
     *
     * @param connection the connection
     * @param reason who ended it and why
     */
    default void closed(Connection connection, CloseReason reason) {}

    /**
     * Bytes were read.
     *
     * @param connection the connection
     * @param count how many, at least 1
     */
    default void received(Connection connection, int count) {}

    /**
     * Bytes were taken by the operating system.
     *
     * @param connection the connection
     * @param count how many, at least 1
     */
    default void sent(Connection connection, long count) {}

    /**
     * More waits to be sent than the high-water mark allows: the peer is slow.
     *
     * @param connection the connection, not writable any more
     * @param pendingBytes how many bytes wait
     */
    default void stalled(Connection connection, int pendingBytes) {}

    /**
     * What waited has fallen to the low-water mark, or the connection has ended before.
     *
     * @param connection the connection
     * @param nanos how long it was stalled
     */
    default void drained(Connection connection, long nanos) {}

    /**
     * An acceptor pauses; further connections wait in the operating system.
     *
     * @param acceptor the acceptor; in a group in which one manager accepts for all, also the one that does so, which
     *     has no connections of its own, and pauses when no manager takes more
     * @param full true if a limit of connections is reached, false if the system could not accept
     */
    default void acceptPaused(Acceptor acceptor, boolean full) {}

    /**
     * An acceptor accepts again.
     *
     * @param acceptor the acceptor
     * @param nanos how long it paused
     */
    default void acceptResumed(Acceptor acceptor, long nanos) {}

    /**
     * A handler took longer than {@link ObserveOptions#slowHandler()}.
     *
     * @param connection the connection
     * @param event what it was told
     * @param nanos how long it took
     */
    default void slowHandler(Connection connection, Event event, long nanos) {}

    // ---- UDP sockets

    /**
     * A UDP socket was bound, or has its peer; its handler hears of it soon.
     *
     * @param socket the socket
     */
    default void opened(UdpSocket socket) {}

    /**
     * A UDP socket could not be connected, or was given up before. {@link #opened(UdpSocket)} and
     * {@link #closed(UdpSocket, CloseReason)} are not called for it.
     *
     * @param socket the socket
     * @param error why
     */
    default void connectFailed(UdpSocket socket, ConnectionError error) {}

    /**
     * A UDP socket that was opened has ended; its handler hears of it next.
     *
     * @param socket the socket
     * @param reason who ended it and why
     */
    default void closed(UdpSocket socket, CloseReason reason) {}

    /**
     * One datagram was received.
     *
     * @param socket the socket
     * @param length how many bytes the handler gets of it, 0 to the socket's datagram limit
     */
    default void received(UdpSocket socket, int length) {}

    /**
     * One datagram was taken by the operating system.
     *
     * @param socket the socket
     * @param length how many bytes it has, possibly 0
     */
    default void sent(UdpSocket socket, int length) {}

    /**
     * A datagram could not be sent, receiving failed, or nobody listens on the peer's port ({@code REFUSED}). The
     * socket goes on, unless {@link #closed(UdpSocket, CloseReason)} follows. Every failure is told, also those that
     * are too many in a turn for the handler to hear of.
     *
     * @param socket the socket
     * @param error what went wrong
     */
    default void failed(UdpSocket socket, ConnectionError error) {}

    /**
     * More waits to be sent than the high-water mark allows: the system has no room.
     *
     * @param socket the socket, not writable any more
     * @param pendingBytes how much waits, as {@link UdpSocket#pendingBytes()} counts it
     */
    default void stalled(UdpSocket socket, int pendingBytes) {}

    /**
     * What waited has fallen to the low-water mark, or the socket has ended before.
     *
     * @param socket the socket
     * @param nanos how long it was stalled
     */
    default void drained(UdpSocket socket, long nanos) {}

    /**
     * The handler of a UDP socket took longer than {@link ObserveOptions#slowHandler()}.
     *
     * @param socket the socket
     * @param event what it was told
     * @param nanos how long it took
     */
    default void slowHandler(UdpSocket socket, UdpEvent event, long nanos) {}

    // ---- the loop

    /**
     * A turn of the loop is over.
     *
     * @param nanos how long it took from the return of the poll: what a byte that arrives now may have to wait
     * @param work how many pieces of work were done
     */
    default void turn(long nanos, int work) {}
}
