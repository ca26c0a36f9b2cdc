/**
 * What can happen to a connection, and why it ended.
 *
 * <table>
 *   <caption>The events of a TCP connection</caption>
 *   <tr><th>event</th><th>meaning</th><th>carries</th><th>valid until</th></tr>
 *   <tr><td>{@code Opened}</td><td>accepted, or connected</td><td>nothing</td><td>always</td></tr>
 *   <tr><td>{@code ConnectFailed}</td><td>an outbound connection could not be made</td><td>the error</td><td>always</td></tr>
 *   <tr><td>{@code HandshakeFailed}</td><td>TLS could not be agreed on; {@code Closed} follows</td><td>the error</td>
 *       <td>always</td></tr>
 *   <tr><td>{@code Secured}</td><td>the handshake of {@code startTls} is done</td><td>nothing</td><td>always</td></tr>
 *   <tr><td>{@code Received}</td><td>bytes were appended to the receive buffer</td><td>the buffer, the count</td>
 *       <td>the handler returns</td></tr>
 *   <tr><td>{@code Sent}</td><td>the system took bytes (opt-in)</td><td>the count</td><td>always</td></tr>
 *   <tr><td>{@code Writable}</td><td>more may be sent (asked for)</td><td>nothing</td><td>always</td></tr>
 *   <tr><td>{@code Drained}</td><td>what waits to be sent fell to the low-water mark</td><td>nothing</td><td>always</td></tr>
 *   <tr><td>{@code InputClosed}</td><td>the peer sends no more</td><td>nothing</td><td>always</td></tr>
 *   <tr><td>{@code Broadcast}</td><td>somebody spoke to all connections</td><td>the bytes</td><td>always</td></tr>
 *   <tr><td>{@code TimerFired}</td><td>the connection's timer is due</td><td>the deadline</td><td>always</td></tr>
 *   <tr><td>{@code Tick}</td><td>the housekeeping interval is over (opt-in)</td><td>nothing</td><td>always</td></tr>
 *   <tr><td>{@code ShuttingDown}</td><td>the manager is ending gracefully; at most once</td><td>the deadline</td>
 *       <td>always</td></tr>
 *   <tr><td>{@code Closed}</td><td>the connection is gone; exactly once, last</td><td>who closed it and why</td>
 *       <td>always</td></tr>
 * </table>
 *
 * <p>The order is the same for every connection. Inbound: {@code (Opened (…)* HandshakeFailed? | HandshakeFailed)
 * Closed}. Outbound: {@code TimerFired* (Opened (…)* HandshakeFailed? | ConnectFailed) Closed}, where {@code (…)} is
 * any of the other events.
 *
 * <table>
 *   <caption>The events of a UDP socket</caption>
 *   <tr><th>event</th><th>meaning</th><th>carries</th><th>valid until</th></tr>
 *   <tr><td>{@code Opened}</td><td>bound, or connected</td><td>nothing</td><td>always</td></tr>
 *   <tr><td>{@code ConnectFailed}</td><td>it could not be connected</td><td>the error</td><td>always</td></tr>
 *   <tr><td>{@code Received}</td><td>one datagram arrived</td><td>sender, payload, whether it was cut</td>
 *       <td>the handler returns</td></tr>
 *   <tr><td>{@code PortUnreachable}</td><td>nobody listens at the peer's port</td><td>the peer</td><td>always</td></tr>
 *   <tr><td>{@code SendFailed}</td><td>a datagram did not leave</td><td>target, length, error</td><td>always</td></tr>
 *   <tr><td>{@code ReceiveFailed}</td><td>the system reported an error</td><td>the error</td><td>always</td></tr>
 *   <tr><td>{@code Drained}</td><td>what waits to be sent fell to the low-water mark</td><td>nothing</td><td>always</td></tr>
 *   <tr><td>{@code TimerFired}</td><td>the socket's timer is due</td><td>the deadline</td><td>always</td></tr>
 *   <tr><td>{@code Tick}</td><td>the housekeeping interval is over (opt-in)</td><td>nothing</td><td>always</td></tr>
 *   <tr><td>{@code Closed}</td><td>the socket is gone; exactly once, last</td><td>who closed it and why</td>
 *       <td>always</td></tr>
 * </table>
 *
 * <p>Their order is the same: {@code Opened (…)* Closed} for a bound socket, {@code TimerFired* (Opened (…)* |
 * ConnectFailed) Closed} for a connected one. None of the failures in between ends a socket.
 */
@NullMarked
package dev.meerkat.event;

import org.jspecify.annotations.NullMarked;
