package dev.meerkat;

import dev.meerkat.event.Bytes;
import dev.meerkat.event.CloseReason;
import dev.meerkat.event.ConnectionError;
import dev.meerkat.event.FileRegion;
import dev.meerkat.event.ReceiveBuffer;
import dev.meerkat.runtime.PeerCredentials;
import dev.meerkat.tls.TlsOptions;
import dev.meerkat.tls.TlsRole;
import dev.meerkat.tls.TlsSession;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.NetworkChannel;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One conversation with a peer. Made by {@link EventManager#listen} and {@link EventManager#connect}; not for
 * implementing.
 *
 * <p>A connection belongs to its manager's loop thread. Methods that may be called from any thread say so in their
 * first sentence; every other one throws {@link WrongThreadException} elsewhere.
 *
 * <p>Sending only appends. What was sent during one turn of the loop leaves in one gathering write at its end; large
 * received input that is sent on leaves at once, without a copy, if nothing waits in front of it.
 */
public interface Connection {
    /**
     * May be called from any thread. A number that no other connection of this manager ever has.
     *
     * @return 1 or more, rising in the order in which connections were made
     */
    long id();

    /**
     * May be called from any thread. The manager that the connection belongs to.
     *
     * @return the manager
     */
    EventManager manager();

    /**
     * May be called from any thread. The acceptor that accepted this connection.
     *
     * @return the acceptor, or empty for an outbound connection
     */
    Optional<Acceptor> acceptor();

    /**
     * May be called from any thread. Where the connection is in its life; elsewhere than on the loop thread the answer
     * may be outdated when it arrives.
     *
     * @return the state
     */
    ConnectionState state();

    /**
     * May be called from any thread. Tells whether the connection is established and neither closing nor closed.
     *
     * @return whether the state is {@link ConnectionState#OPEN}
     */
    default boolean isOpen() {
        return state() == ConnectionState.OPEN;
    }

    /**
     * Why the connection ended.
     *
     * @return the reason that {@code Closed} carries, or empty while it lives
     */
    Optional<CloseReason> closeReason();

    /**
     * The address of this end.
     *
     * @return the address: an {@link java.net.InetSocketAddress}, or a {@link java.net.UnixDomainSocketAddress} whose
     *     path is empty for who connected; the wildcard address with port 0 before the connection is established
     */
    SocketAddress localAddress();

    /**
     * The address of the peer. Kept after the end.
     *
     * @return the address: an {@link java.net.InetSocketAddress}, unresolved while the name is being looked up; or a
     *     {@link java.net.UnixDomainSocketAddress}, whose path is empty if the peer has connected
     */
    SocketAddress remoteAddress();

    /**
     * Who is at the other end of a Unix domain socket, as the operating system knows it. Looking up the names may take
     * a while where they come from a directory service.
     *
     * @return user and group; empty for another kind of connection, one that is not established or has ended, and on a
     *     system or a JDK that does not tell
     */
    Optional<PeerCredentials> peerCredentials();

    /**
     * The channel below, for socket options that nothing here knows of. Setting and reading options is all that is
     * allowed: whoever reads, writes, closes, blocks or registers it breaks this connection.
     *
     * <p>With TLS it is the channel that carries the encrypted bytes.
     *
     * @return the channel; empty before the connection is established, after its end, and in a simulated world
     */
    Optional<NetworkChannel> channel();

    /**
     * Looks up the name of the peer's address, off the loop; see {@link Names#hostName}. The address itself is known at
     * once: {@link #remoteAddress()}.
     *
     * @return a future completed on the loop thread with the name; empty if the address has none, if that could not be
     *     found out in time, or while no address is known
     */
    CompletableFuture<Optional<String>> remoteHostName();

    /**
     * The handler that receives the events.
     *
     * @return the handler
     */
    Handler handler();

    /**
     * Puts another handler in the place of the present one. It receives the next event; unread bytes stay in the
     * receive buffer and are announced to it, in this turn of the loop, as if they had just arrived. While reading is
     * paused that waits for {@link #resumeReading()}; once the input has ended nothing is announced any more. The
     * present handler is told by {@link Handler#onReplaced}.
     *
     * @param replacement the new handler
     */
    void replaceHandler(Handler replacement);

    /**
     * Sends bytes, by copying them.
     *
     * @param bytes what to send; the caller may change the array afterwards
     * @return this connection
     * @throws ConnectionClosedException if the output is shut down, or the connection closing or closed
     * @throws SendLimitException if more would wait than the send limit allows
     */
    Connection send(byte[] bytes);

    /**
     * Sends what remains in a buffer, by copying it; the buffer's position moves to its limit.
     *
     * @param bytes what to send; the caller may change the buffer afterwards
     * @return this connection
     * @throws ConnectionClosedException if the output is shut down, or the connection closing or closed
     * @throws SendLimitException if more would wait than the send limit allows
     */
    Connection send(ByteBuffer bytes);

    /**
     * May be called from any thread. Sends bytes without copying them. From another thread the bytes travel to the loop
     * first; if the connection ends meanwhile, they are as lost as those that had already left. If they do not fit
     * under the send limit when they arrive, because the peer was too slow, the connection is aborted with the error
     * kind {@code SLOW_RECEIVER}: part of a stream cannot be left out.
     *
     * @param bytes what to send; may be shared by any number of connections
     * @return this connection
     * @throws ConnectionClosedException if the output is shut down, or the connection closing or closed
     * @throws SendLimitException if more would wait than the send limit allows, or from another thread, if more waits
     *     for the loop than the manager's limit allows
     */
    Connection send(Bytes bytes);

    /**
     * May be called from any thread. Sends a text as UTF-8; otherwise as {@link #send(Bytes)}.
     *
     * @param text what to send
     * @return this connection
     * @throws ConnectionClosedException if the output is shut down, or the connection closing or closed
     * @throws SendLimitException if more would wait than a limit allows
     */
    Connection send(CharSequence text);

    /**
     * Sends all unread bytes of a receive buffer, this connection's or another's of the same manager, and takes them
     * out of it: the fast way to echo or to relay.
     *
     * @param source the buffer, empty afterwards
     * @return this connection
     * @throws ConnectionClosedException if the output is shut down, or the connection closing or closed
     * @throws SendLimitException if more would wait than the send limit allows; the source is then untouched
     */
    Connection send(ReceiveBuffer source);

    /**
     * May be called from any thread. Formats with {@link java.util.Locale#ROOT} and sends the text as UTF-8; otherwise
     * as {@link #send(Bytes)}.
     *
     * @param format as for {@link java.util.Formatter}
     * @param arguments what the format refers to
     * @return this connection
     * @throws java.util.IllegalFormatException if format and arguments do not fit
     * @throws ConnectionClosedException if the output is shut down, or the connection closing or closed
     * @throws SendLimitException if more would wait than a limit allows
     */
    Connection sendf(String format, @Nullable Object... arguments);

    /**
     * Sends a part of a file, behind what was sent before and in front of what is sent later, and closes it. The system
     * takes the bytes from the file as it is (<i>sendfile</i>) on a plain connection that no tap looks at; otherwise
     * they are read as they leave, never more than 64 KiB ahead.
     *
     * <ul>
     *   <li>Memory: bytes in files do not count against the send limit, so a file of 4 GiB needs no more than a small
     *       one. They do count for the water marks: while more than the high-water mark of a file waits, the connection
     *       is not writable, {@code Drained} comes when it has left, and policies for slow receivers apply. At most 64
     *       files wait. A file of up to 16 KiB is read at once and counts as bytes from then on.
     *   <li>Fairness: in one turn of the loop a connection gives 2 MiB of files to the system at most, 256 KiB if they
     *       have to be read.
     *   <li>Blocking: a file is read on the loop thread, which waits for the disk if the file is not in the system's
     *       cache, for no more than those amounts a turn; opening and closing is the program's affair, but for the
     *       closing of regions that have left.
     *   <li>Failing: if the file cannot be read, or becomes shorter while it waits, the connection is aborted with an
     *       error of the kind {@code FILE_FAILED}, as the peer could not know what is missing.
     *   <li>Closing: while a file waits, {@link #close()} waits for as long as something of it leaves within each close
     *       time-out, not only for one.
     * </ul>
     *
     * @param region what to send; closed exactly once, when it has left, when the connection ends, or when this throws
     *     for any other reason than that it was called on the wrong thread or that the region was sent before
     * @return this connection
     * @throws ConnectionClosedException if the output is shut down, or the connection closing or closed
     * @throws SendLimitException if 64 files are waiting; or for one of up to 16 KiB, if more would wait than the send
     *     limit allows
     * @throws IllegalStateException if the region was sent or closed before; it is left as it is
     */
    Connection send(FileRegion region);

    /**
     * How many bytes were sent by this program and not yet taken by the operating system, those in files among them.
     *
     * @return the count; without files at most the send limit, with files at most {@link Integer#MAX_VALUE}
     */
    int pendingBytes();

    /**
     * How many of the bytes that wait to leave are still in files, and so take no memory.
     *
     * @return the count, 0 if no file waits
     */
    long pendingFileBytes();

    /**
     * Tells whether a sender should go on. False from the moment more than the high-water mark waits until it has
     * fallen to the low-water mark, which {@code Drained} announces. Sending is still possible meanwhile, up to the
     * send limit.
     *
     * @return whether to go on; false too when the connection is not open or its output is shut down
     */
    boolean isWritable();

    /**
     * Asks to be told, once, by {@link dev.meerkat.event.TcpEvent.Writable}, when more may be sent: in the next turn of
     * the loop if the connection is writable already, otherwise when it has drained. So a handler sends without bound
     * and without holding anybody up: a piece, a request, and the next piece when it is told. Before the connection is
     * established that is after {@code Opened}. Asking again before the answer has come changes nothing.
     *
     * @throws ConnectionClosedException if the output is shut down, or the connection closing or closed
     */
    void requestWritable();

    /**
     * May be called from any thread. Closes politely, within the close time-out of the options: what was sent leaves,
     * then the peer reads the end of input. Nothing more is delivered but {@code Closed}. A second call does nothing.
     * While a file waits, the time-out begins anew each time it is over if something of the file has left meanwhile.
     */
    void close();

    /**
     * May be called from any thread. Closes politely as {@link #close()}, with a time-out of its own. A shorter one
     * given later replaces it.
     *
     * @param timeout how long what was sent may take to leave; after that the connection is aborted
     */
    void close(Duration timeout);

    /**
     * May be called from any thread. Closes at once: the peer sees a reset, what was not yet sent is thrown away,
     * nothing more is delivered but {@code Closed}.
     */
    void abort();

    /**
     * May be called from any thread. Closes at once as {@link #abort()}, and {@code Closed} tells a reason of the
     * caller's in place of {@code ABORTED}: for protocols, whose programs want to know what the peer did or did not do.
     *
     * @param why the reason
     */
    void abort(ConnectionError why);

    /**
     * Ends our direction once everything sent has left: the peer reads the end of input and may still send. On a
     * connection without half-close this is how a client says "that was all". If the peer has ended its direction
     * before, nothing is left to do and this is {@link #close()}. A second call does nothing.
     *
     * @throws ConnectionClosedException if the connection is closing or closed
     */
    void shutdownOutput();

    /**
     * Begins TLS on a connection that is open, as SMTP, IMAP and others do after STARTTLS: an accepted connection as
     * the server of the handshake, one that was made as its client. Otherwise as {@link #startTls(TlsOptions,
     * TlsRole)}.
     *
     * @param options how to encrypt; a server needs a certificate in them
     * @throws ConnectionClosedException if the connection is not open, or one of its directions has ended
     * @throws IllegalStateException if TLS was started already, or a file waits to leave in clear
     */
    void startTls(TlsOptions options);

    /**
     * Begins TLS on a connection that is open. What was sent before leaves in clear, in front of the handshake; what is
     * sent from now on waits and leaves encrypted. {@code Secured} tells that it is done; {@code HandshakeFailed} and
     * {@code Closed} that it has failed.
     *
     * <p>What has arrived and is unread is taken for the beginning of the handshake, and the receive buffer is empty
     * afterwards. So a peer may send its first record right behind the words that agree on TLS, and nobody between the
     * two can smuggle in a command in clear that would be executed as if it had come encrypted.
     *
     * @param options how to encrypt; a server needs a certificate in them, a client of a name verifies that name
     * @param role which side of the handshake to play
     * @throws ConnectionClosedException if the connection is not open, or one of its directions has ended
     * @throws IllegalStateException if TLS was started already, or a file waits to leave in clear
     * @throws IllegalArgumentException if the options cannot serve in this role
     */
    void startTls(TlsOptions options, TlsRole role);

    /**
     * Tells whether what is sent and received is encrypted: the TLS handshake is done.
     *
     * @return whether it is; false while a handshake that {@link #startTls(TlsOptions)} began is under way, and after
     *     the end
     */
    boolean isSecured();

    /**
     * What the TLS handshake agreed on, and the certificates that the peer has shown.
     *
     * @return the session, made anew on each call; empty if the connection is not secured
     */
    Optional<TlsSession> tlsSession();

    /**
     * Stops reading, so that TCP holds the peer back. What has arrived stays. The end of input is noticed on resuming.
     */
    void pauseReading();

    /** Reads again. Nothing that arrived meanwhile is lost. */
    void resumeReading();

    /**
     * Tells whether reading was paused by {@link #pauseReading()}.
     *
     * @return whether it is paused; not affected by the receive limit
     */
    boolean isReadingPaused();

    /**
     * The bytes that no handler has taken yet.
     *
     * @return the unread bytes; empty if there are none. Borrowed until the handler, task or timer that asks returns
     */
    ReceiveBuffer receiveBuffer();

    /**
     * Sets the connection's one timer, which fires once as {@code TimerFired}. A timer that was set before is replaced.
     *
     * @param delay from now; zero or negative fires in this turn of the loop, or at once in the next if the timers of
     *     this one are over
     * @return how long the replaced timer still had to go, or empty if none was set
     */
    Optional<Duration> setTimer(Duration delay);

    /**
     * Sets the connection's one timer to a point of time on the wall clock. It runs on the monotonic clock all the
     * same: if the wall clock jumps afterwards, the timer does not.
     *
     * @param instant when to fire, once
     * @return when the replaced timer would have fired, or empty if none was set
     */
    Optional<Instant> setTimer(Instant instant);

    /**
     * Clears the connection's timer.
     *
     * @return how long it still had to go, or empty if none was set
     */
    Optional<Duration> clearTimer();

    /**
     * How long the connection's timer has to go.
     *
     * @return the time to go, zero if it is due, or empty if none is set
     */
    Optional<Duration> timer();

    /**
     * When the socket last read or wrote a byte, by the wall clock.
     *
     * @return the instant; when the connection was made if it never did
     */
    Instant lastIo();

    /**
     * The options in force.
     *
     * @return the options
     */
    ConnectionOptions options();

    /**
     * Puts other options in force. Limits, marks, time-outs and policies hold from now on; socket options (no-delay,
     * keep-alive, buffer sizes) only matter when a socket is made and are left as they are.
     *
     * @param options the new options
     */
    void configure(ConnectionOptions options);

    /**
     * Puts a tap on this connection, behind those that are there: it sees what passes from now on, after the mark
     * {@link Tap.Mark#JOINED}.
     *
     * @param tap sees the bytes
     * @throws ConnectionClosedException if the connection is closed
     * @throws IllegalStateException if it is not yet established, or has 16 taps already
     */
    void addTap(Tap tap);

    /**
     * Takes a tap off, also one that the manager's options have put on. Nothing happens if it is not there.
     *
     * @param tap the one that was added, by identity
     */
    void removeTap(Tap tap);

    /**
     * Keeps an object of the program's with this connection. It starts with what {@link ConnectionOptions#attachment}
     * makes.
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
