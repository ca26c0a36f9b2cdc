package dev.meerkat;

import dev.meerkat.event.ConnectionError;

/**
 * Talks to one peer from beginning to end, in plain blocking code on a thread of its own.
 *
 * <pre>{@code
 * manager.listenBlocking("tcp://127.0.0.1:7000", connection -> {
 *     BufferedReader in = new BufferedReader(new InputStreamReader(connection.in(), UTF_8));
 *     for (String line; (line = in.readLine()) != null; ) {
 *         connection.send(line.toUpperCase(Locale.ROOT) + "\n");
 *     }
 * });
 * }</pre>
 *
 * <p>The connection is half-open as with {@code java.net.Socket}: after the peer has ended its side one may still send.
 * Other events than bytes, the end of input and the end of the connection are not told; who wants them uses a
 * {@link Handler} with {@link ListenOptions#blocking()}, of which this is made.
 */
@FunctionalInterface
public interface BlockingHandler {
    /**
     * Serves a connection that is established. Returning closes it politely. Throwing aborts it, and the failure is
     * reported to the manager's error hook; a {@link ConnectionClosedException} that only says that the connection has
     * ended is not.
     *
     * @param connection the connection; its streams belong to this thread
     * @throws Exception if it fails
     */
    void handle(BlockingConnection connection) throws Exception;

    /**
     * Hears, on the same kind of thread, that an outbound connection could not be made. Does nothing by default.
     *
     * @param connection the connection, closed by now
     * @param error what went wrong
     * @throws Exception if it fails, which is reported to the error hook
     */
    default void connectFailed(BlockingConnection connection, ConnectionError error) throws Exception {}
}
