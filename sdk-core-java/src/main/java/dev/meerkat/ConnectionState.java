package dev.meerkat;

/**
 * Where a connection is in its life.
 *
 * <pre>
 *  connect by name      connect by address          accepted
 *        |                      |                       |
 *    RESOLVING ----------&gt; CONNECTING                   |
 *        |                      |                       |
 *        |                      |  tls:// HANDSHAKING   |  tls:// HANDSHAKING
 *        |                      v                       v
 *        |                      +------------------&gt;  OPEN  --- close() ---&gt; CLOSING
 *        |                      |                       |        (flushing)      | all sent
 *        |  failed, closed      |  failed, closed       | reset,                 v
 *        |                      |                       | abort()            LINGERING
 *        v                      v                       v                        | the peer ended, or time is up
 *      CLOSED  &lt;----------------+-----------------------+------------------------+
 * </pre>
 */
public enum ConnectionState {
    /** The host name is being looked up. */
    RESOLVING,
    /** The peer has not answered yet. */
    CONNECTING,
    /**
     * The sockets are connected; a {@code tls://} connection agrees on how to encrypt. Its handler knows nothing yet.
     */
    HANDSHAKING,
    /** Established. Either direction may have ended for itself: see half-close. */
    OPEN,
    /** Closing was asked for; what was sent before is still leaving. Nothing more is delivered or accepted. */
    CLOSING,
    /** Everything left; waiting a moment for the peer to end its side, so that it can read our last words. */
    LINGERING,
    /** Gone. */
    CLOSED
}
