package dev.meerkat.internal.httpclient;

import dev.meerkat.event.Bytes;
import dev.meerkat.event.ReceiveBuffer;
import dev.meerkat.http.BodyInput;
import dev.meerkat.http.Headers;
import dev.meerkat.http.HttpError;
import dev.meerkat.http.client.ClientException;
import dev.meerkat.http.client.ClientException.Kind;
import dev.meerkat.http.client.ClientResponse;
import dev.meerkat.http.client.ResponseReader;
import dev.meerkat.http.client.StreamedResponse;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Collects a body in memory.
 *
 * @param limit the most bytes
 */
public record WholeReader(int limit) implements ResponseReader<ClientResponse> {
    // Checks the limit.
    public WholeReader {
        if (limit < 0) {
            throw new IllegalArgumentException("expected a limit from 0, found " + limit);
        }
    }

    @Override
    public CompletionStage<ClientResponse> onHead(StreamedResponse response) {
        CompletableFuture<ClientResponse> whole = new CompletableFuture<>();
        response.body().read(new BodyInput.Reader() {
            private byte[] collected = new byte[0];
            private int size;

            @Override
            public void onData(ReceiveBuffer body) throws ClientException {
                int count = body.size();
                if (count > limit - size) {
                    throw new ClientException(
                            Kind.BODY_TOO_LARGE,
                            "the body of " + response.uri() + " is longer than " + limit + " bytes",
                            null,
                            null,
                            null);
                }
                if (size + count > collected.length) {
                    long announced = Math.min(response.body().length().orElse(0), limit);
                    int wanted = (int) Math.max(size + count, Math.min(2L * collected.length, limit));
                    boolean trusted = announced <= 64 << 10 || size > 0; // who announces must begin to deliver
                    byte[] larger = new byte[trusted ? (int) Math.max(wanted, announced) : wanted];
                    System.arraycopy(collected, 0, larger, 0, size);
                    collected = larger;
                }
                System.arraycopy(body.takeArray(count), 0, collected, size, count);
                size += count;
            }

            @Override
            public void onEnd(Headers trailers) {
                Bytes bytes = Bytes.copyOf(ByteBuffer.wrap(collected, 0, size));
                whole.complete(new ClientResponse(response.uri(), response.head(), bytes, trailers));
            }

            @Override
            public void onFailure(HttpError error) {
                // the call fails by itself
            }
        });
        return whole;
    }
}
