package dev.meerkat.http.client;

import dev.meerkat.http.ResponseHead;
import dev.meerkat.internal.httpclient.WholeReader;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Makes something of a response while it arrives.
 *
 * <pre>{@code
 * client.send(ClientRequest.get("http://127.0.0.1:8000/big"), response -> {
 *     CompletableFuture<Long> done = new CompletableFuture<>();
 *     response.body().read(new BodyInput.Reader() {
 *         private long count;
 *         public void onData(ReceiveBuffer body) {
 *             count += body.size();
 *             body.discard(body.size());
 *         }
 *         public void onEnd(Headers trailers) {
 *             done.complete(count);
 *         }
 *         public void onFailure(HttpError error) {} // the call fails by itself
 *     });
 *     return done;
 * });
 * }</pre>
 *
 * @param <T> what it makes
 */
@FunctionalInterface
public interface ResponseReader<T> {
    /**
     * Called on the loop thread when the head of the final response is here. What of the body nobody has read when the
     * result is known is thrown away, within bounds; beyond them the connection is given up.
     *
     * @param response the response; to be used on the loop thread
     * @return completes with the result, on any thread
     * @throws Exception fails the call with this as its cause
     */
    CompletionStage<T> onHead(StreamedResponse response) throws Exception;

    /**
     * Called on the loop thread for each interim response (1xx but 100 and 101), for example 103 with links.
     *
     * @param head the interim response
     */
    default void onInformation(ResponseHead head) {}

    /**
     * Collects the body in memory.
     *
     * @param limit the most bytes, counted when they are decompressed; one more fails the call with
     *     {@link ClientException.Kind#BODY_TOO_LARGE}
     * @return a reader for any number of calls
     */
    static ResponseReader<ClientResponse> whole(int limit) {
        return new WholeReader(limit);
    }

    /**
     * Waits for the head and throws the body away.
     *
     * @return a reader for any number of calls
     */
    static ResponseReader<ResponseHead> head() {
        return response -> CompletableFuture.completedFuture(response.head());
    }
}
