package dev.meerkat.http;

/**
 * Makes a body, piece by piece, as fast as the peer takes it.
 *
 * <pre>{@code
 * Response.stream("text/plain", () -> new BodyProducer() {
 *     private int line;
 *     public void produce(BodyOutput output) {
 *         output.send(++line + "\n");
 *         if (line == 1_000_000) {
 *             output.end();
 *         }
 *     }
 * });
 * }</pre>
 *
 * <p>One producer makes one body. Loop thread.
 */
@FunctionalInterface
public interface BodyProducer {
    /**
     * Is asked for the next piece: called when the answer's head was sent, and again as long as the connection is below
     * its low-water mark, the body has not ended, and the last call sent something. One that has nothing to send yet
     * returns without sending and calls {@link BodyOutput#resume} when it has. A server waits for that no longer than
     * {@link HttpServerOptions#producerTimeout}.
     *
     * @param output takes what is to be sent
     * @throws Exception aborts the connection, since an answer that was begun cannot become another; reported as a
     *     handler's failure
     */
    void produce(BodyOutput output) throws Exception;

    /**
     * Is told once when the body is over, whether it was sent whole or not: for releasing what the producer holds.
     *
     * @param sent whether all of it was handed to the connection
     */
    default void onDone(boolean sent) {}
}
