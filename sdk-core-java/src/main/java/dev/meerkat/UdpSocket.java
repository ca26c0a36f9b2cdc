package dev.meerkat;

import dev.meerkat.event.Bytes;
import dev.meerkat.event.CloseReason;
import dev.meerkat.event.ReceiveBuffer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.NetworkChannel;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A UDP socket of an {@link EventManager}: whole datagrams, each sent and received as one, with no promise that they
 * arrive, arrive once, or in order (RFC 768).
 *
 * <p>One made by {@link EventManager#listenUdp} hears everybody and sends to anybody; one made by
 * {@link EventManager#connectUdp} has one peer, hears nobody else, and is told when nobody listens there.
 *
 * <p>Belongs to its manager's loop thread. Methods that may be called from any thread say so in their first sentence;
 * every other one throws {@link WrongThreadException} elsewhere.
 *
 * <p>Sending hands the datagram to the system at once. Only when the system has no room it waits here, and that only
 * within the socket's send limit. A failure to send is an event and does not end the socket. Payloads are copied or
 * sent before the call returns.
 */
public interface UdpSocket {
    /** How much a datagram that waits to be sent counts beyond its payload, so that empty ones are bounded too. */
    int DATAGRAM_OVERHEAD = 32;

    // ---- sending to anybody

    /**
     * May be called from any thread. Sends one datagram to an address.
     *
     * @param target whom to send to
     * @param payload what to send, possibly empty
     * @return this socket
     * @throws DatagramTooLongException if no datagram can carry so much
     * @throws SendLimitException if too much is waiting to be sent
     * @throws ConnectionClosedException if the socket is closing or closed
     * @throws IllegalStateException if the socket has a peer of its own, which alone it sends to
     * @throws IllegalArgumentException if the target is an unresolved name or has port 0
     */
    UdpSocket sendTo(InetSocketAddress target, Bytes payload);

    /**
     * Sends one datagram to an address. Throws as {@link #sendTo(InetSocketAddress, Bytes)}.
     *
     * @param target whom to send to
     * @param payload what to send, possibly empty; may be changed afterwards
     * @return this socket
     */
    UdpSocket sendTo(InetSocketAddress target, byte[] payload);

    /**
     * Sends one datagram to an address. Throws as {@link #sendTo(InetSocketAddress, Bytes)}.
     *
     * @param target whom to send to
     * @param payload what to send, position to limit, possibly empty; the position moves to the limit
     * @return this socket
     */
    UdpSocket sendTo(InetSocketAddress target, ByteBuffer payload);

    /**
     * Sends what was received to an address, without a copy. Throws as {@link #sendTo(InetSocketAddress, Bytes)}.
     *
     * @param target whom to send to
     * @param payload all its unread bytes, which are discarded there
     * @return this socket
     */
    UdpSocket sendTo(InetSocketAddress target, ReceiveBuffer payload);

    /**
     * May be called from any thread. Sends a text in UTF-8 as one datagram to an address. Throws as
     * {@link #sendTo(InetSocketAddress, Bytes)}.
     *
     * @param target whom to send to
     * @param text what to send
     * @return this socket
     */
    default UdpSocket sendTo(InetSocketAddress target, CharSequence text) {
        return sendTo(target, Bytes.utf8(text));
    }

    // ---- sending to the peer

    /**
     * May be called from any thread. Sends one datagram to the peer of a connected socket. While the name of the peer
     * is being looked up, datagrams wait.
     *
     * @param payload what to send, possibly empty
     * @return this socket
     * @throws DatagramTooLongException if no datagram can carry so much
     * @throws SendLimitException if too much is waiting to be sent
     * @throws ConnectionClosedException if the socket is closing or closed
     * @throws IllegalStateException if the socket has no peer
     */
    UdpSocket send(Bytes payload);

    /**
     * Sends one datagram to the peer of a connected socket. Throws as {@link #send(Bytes)}.
     *
     * @param payload what to send, possibly empty; may be changed afterwards
     * @return this socket
     */
    UdpSocket send(byte[] payload);

    /**
     * Sends one datagram to the peer of a connected socket. Throws as {@link #send(Bytes)}.
     *
     * @param payload what to send, position to limit, possibly empty; the position moves to the limit
     * @return this socket
     */
    UdpSocket send(ByteBuffer payload);

    /**
     * Sends what was received to the peer of a connected socket, without a copy. Throws as {@link #send(Bytes)}.
     *
     * @param payload all its unread bytes, which are discarded there
     * @return this socket
     */
    UdpSocket send(ReceiveBuffer payload);

    /**
     * May be called from any thread. Sends a text in UTF-8 as one datagram to the peer of a connected socket. Throws as
     * {@link #send(Bytes)}.
     *
     * @param text what to send
     * @return this socket
     */
    default UdpSocket send(CharSequence text) {
        return send(Bytes.utf8(text));
    }

    /**
     * How much waits for the system to take it.
     *
     * @return bytes, where each datagram counts {@link #DATAGRAM_OVERHEAD} more than its payload
     */
    int pendingBytes();

    /**
     * Tells whether sending now is wise: the socket is open, and not more waits than the high-water mark allows.
     *
     * @return whether it is writable; if not, {@code Drained} tells when it is
     */
    boolean isWritable();

    // ---- receiving

    /** Stops receiving; what arrives waits in the system's buffer, and is lost when that is full. */
    void pauseReading();

    /** Receives again. */
    void resumeReading();

    /**
     * Tells whether receiving is paused.
     *
     * @return true after {@link #pauseReading}
     */
    boolean isReadingPaused();

    // ---- groups

    /**
     * Joins a multicast group on an interface that the system chooses.
     *
     * @param group a multicast address
     * @throws IllegalArgumentException if it is not a multicast address
     * @throws MulticastException if the system refuses
     * @throws ConnectionClosedException if the socket is not open
     */
    default void join(InetAddress group) {
        join(group, "");
    }

    /**
     * Joins a multicast group (RFC 1112, RFC 3810). Joining twice does nothing.
     *
     * @param group a multicast address
     * @param networkInterface the name of the interface, {@code eth0} for instance; empty lets the system choose
     * @throws IllegalArgumentException if it is not a multicast address
     * @throws MulticastException if there is no such interface, or the system refuses
     * @throws ConnectionClosedException if the socket is not open
     */
    void join(InetAddress group, String networkInterface);

    /**
     * Leaves a multicast group. Does nothing if the socket is not a member.
     *
     * @param group a multicast address
     * @param networkInterface as it was joined
     * @throws MulticastException if the system refuses
     */
    void leave(InetAddress group, String networkInterface);

    // ---- ending

    /**
     * May be called from any thread. Closes the socket as {@link #close(Duration)} with the close time-out of its
     * options.
     */
    void close();

    /**
     * May be called from any thread. Closes the socket: it receives no more, what waits to be sent leaves as far as the
     * time allows, then {@code Closed} follows.
     *
     * @param timeout the longest wait for what waits to be sent
     */
    void close(Duration timeout);

    /** May be called from any thread. Closes the socket at once; what waits to be sent is thrown away. */
    void abort();

    // ---- timer

    /**
     * Sets the timer of this socket, in place of what was set before.
     *
     * @param delay from now; zero or negative fires in this turn, or at once in the next
     * @return the time that was left before, or empty if the timer was not set
     */
    Optional<Duration> setTimer(Duration delay);

    /**
     * Clears the timer: it does not fire, not even if it is due already.
     *
     * @return the time that was left, or empty if the timer was not set
     */
    Optional<Duration> clearTimer();

    /**
     * The time that is left until the timer fires.
     *
     * @return the time, zero if it is due, or empty if it is not set
     */
    Optional<Duration> timer();

    // ---- asking

    /**
     * May be called from any thread. A number that no other socket and no connection of this manager has or had.
     *
     * @return the id, from 1
     */
    long id();

    /**
     * May be called from any thread. The manager.
     *
     * @return whose socket this is
     */
    EventManager manager();

    /**
     * May be called from any thread. Where it is in its life; never {@code HANDSHAKING} or {@code LINGERING}.
     *
     * @return the state
     */
    ConnectionState state();

    /**
     * May be called from any thread. Tells whether the socket is open.
     *
     * @return true between {@code Opened} and the first call that closes it
     */
    default boolean isOpen() {
        return state() == ConnectionState.OPEN;
    }

    /**
     * Why it ended.
     *
     * @return the reason, or empty while it lives
     */
    Optional<CloseReason> closeReason();

    /**
     * The address that it is bound to; also when it is closed.
     *
     * @return the address; {@code 0.0.0.0:0} before a connected socket is opened
     */
    InetSocketAddress localAddress();

    /**
     * The port that it is bound to; also when it is closed.
     *
     * @return the port, 0 before a connected socket is opened
     */
    default int port() {
        return localAddress().getPort();
    }

    /**
     * May be called from any thread. The peer of a connected socket; also when it is closed.
     *
     * @return the peer, unresolved while its name is being looked up; empty if the socket is not connected
     */
    Optional<InetSocketAddress> remoteAddress();

    /**
     * When a datagram was last received or handed to the system; at first, when the socket was made.
     *
     * @return the time of day
     */
    Instant lastIo();

    /**
     * May be called from any thread. The options.
     *
     * @return the options that it was made with
     */
    UdpOptions options();

    /**
     * The channel below, for socket options that nothing here knows of. Whoever reads, writes, closes, registers or
     * blocks it breaks this socket.
     *
     * @return the channel; empty in a simulator, and while the socket is not open
     */
    Optional<NetworkChannel> channel();

    // ---- handler, taps, attachment

    /**
     * The handler that receives the events.
     *
     * @return the handler
     */
    UdpHandler handler();

    /**
     * Puts another handler in the place of the present one. It receives the next event, which may be the next datagram
     * of the same turn. The present handler is told by {@link UdpHandler#onReplaced}.
     *
     * @param replacement the new handler
     */
    void replaceHandler(UdpHandler replacement);

    /**
     * Puts a tap on this socket, behind those that are there: it sees every datagram from now on, after the mark
     * {@link Tap.Mark#JOINED}.
     *
     * @param tap sees the datagrams
     * @throws ConnectionClosedException if the socket is closed
     * @throws IllegalStateException if it has not yet been connected to its peer, or has 16 taps already
     */
    void addTap(Tap tap);

    /**
     * Takes a tap off, also one that the manager's options have put on. Nothing happens if it is not there.
     *
     * @param tap the one that was added, by identity
     */
    void removeTap(Tap tap);

    /**
     * Keeps an object of the program's with this socket.
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
}
