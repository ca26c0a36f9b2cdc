package dev.meerkat.websocket;

/**
 * Makes a message while the peer takes it.
 *
 * <pre>{@code
 * webSocket.send(true, new MessageProducer() {
 *     public void produce(MessageOutput output) {
 *         while (output.isWritable()) {
 *             if (!rows.hasNext()) {
 *                 output.end();
 *                 return;
 *             }
 *             output.send(Bytes.utf8(rows.next()));
 *         }
 *     }
 * });
 * }</pre>
 *
 * <p>Loop thread. One object for one message.
 */
@FunctionalInterface
public interface MessageProducer {
    /**
     * Sends what it has, until the output is not writable or the message has ended. Called at once, and again each time
     * there is room, until it has ended the message. One that has nothing at the moment keeps the output and sends
     * later; it is not called again before the connection has drained.
     *
     * @param output takes the pieces
     * @throws Exception if it fails; the WebSocket is then closed with code 1011
     */
    void produce(MessageOutput output) throws Exception;

    /**
     * It is over: the message has ended, or the WebSocket. Called exactly once. Does nothing by default.
     *
     * @param complete whether the message has ended
     */
    default void onEnd(boolean complete) {}
}
