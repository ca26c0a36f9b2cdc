package dev.meerkat.runtime;

/**
 * What a transport is told about a socket when it makes one.
 *
 * @param noDelay whether small writes leave at once (TCP_NODELAY); streams only
 * @param keepAlive whether the operating system probes an idle peer (SO_KEEPALIVE); streams only
 * @param receiveBufferBytes size asked of the operating system for SO_RCVBUF, or 0 to leave it to the system
 * @param sendBufferBytes size asked of the operating system for SO_SNDBUF, or 0 to leave it to the system
 * @param backlog how many connections may wait to be accepted; listeners only
 * @param reuseAddress whether a listener may take an address that old connections still use (SO_REUSEADDR)
 * @param reusePort whether several listeners may share one port (SO_REUSEPORT)
 */
public record SocketOptions(
        boolean noDelay,
        boolean keepAlive,
        int receiveBufferBytes,
        int sendBufferBytes,
        int backlog,
        boolean reuseAddress,
        boolean reusePort) {

    /** What a transport uses when nothing is said: no delay, keep-alive, the system's buffer sizes, backlog 1024. */
    public static final SocketOptions DEFAULT = new SocketOptions(true, true, 0, 0, 1024, true, false);

    // Rejects negative sizes and a backlog below one.
    public SocketOptions {
        if (receiveBufferBytes < 0 || sendBufferBytes < 0) {
            throw new IllegalArgumentException(
                    "buffer sizes must not be negative: " + receiveBufferBytes + ", " + sendBufferBytes);
        }
        if (backlog < 1) {
            throw new IllegalArgumentException("backlog must be at least 1: " + backlog);
        }
    }
}
