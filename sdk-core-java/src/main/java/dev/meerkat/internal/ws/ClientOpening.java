package dev.meerkat.internal.ws;

import dev.meerkat.event.Bytes;
import dev.meerkat.event.ConnectionError;
import dev.meerkat.event.ReceiveBuffer;
import dev.meerkat.http.BodyInput;
import dev.meerkat.http.Headers;
import dev.meerkat.http.HttpError;
import dev.meerkat.http.client.ClientException;
import dev.meerkat.http.client.ClientRequest;
import dev.meerkat.http.client.HttpClient;
import dev.meerkat.http.client.ResponseReader;
import dev.meerkat.http.client.StreamedResponse;
import dev.meerkat.internal.websocket.Agreement;
import dev.meerkat.internal.websocket.DeflateNegotiation;
import dev.meerkat.internal.websocket.Extension;
import dev.meerkat.internal.websocket.HandshakeException;
import dev.meerkat.internal.websocket.Offer;
import dev.meerkat.internal.websocket.OpeningHandshake;
import dev.meerkat.websocket.WebSocketEvent;
import java.io.ByteArrayOutputStream;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** The handshake of a client's WebSocket, from the request to the server's word. Loop thread, but for its beginning. */
final class ClientOpening implements ResponseReader<Bytes> {
    private final RealWebSocket webSocket;
    private final Offer offer;
    private final int refusalBytes;
    private volatile @Nullable CompletableFuture<Bytes> call;
    private @Nullable StreamedResponse refusal;

    ClientOpening(RealWebSocket webSocket, Offer offer, int refusalBytes) {
        this.webSocket = webSocket;
        this.offer = offer;
        this.refusalBytes = refusalBytes;
    }

    /** Any thread. */
    void begin(HttpClient http, ClientRequest request) {
        webSocket.opens(this);
        CompletableFuture<Bytes> begun = http.send(request, this);
        call = begun;
        CompletableFuture<Bytes> unused =
                begun.whenComplete((body, failure) -> webSocket.inLoop(() -> over(body, failure)));
    }

    /** Any thread. Nobody wants it any more. */
    void cancel() {
        CompletableFuture<Bytes> present = call;
        if (present != null) {
            present.cancel(true);
        }
    }

    /** The server's answer; of an upgrade, before the other protocol begins. */
    @Override
    public CompletionStage<Bytes> onHead(StreamedResponse response) {
        if (response.status() != 101) {
            refusal = response;
            return body(response);
        }
        try {
            Agreement agreement = OpeningHandshake.read(response.head(), offer);
            Site site = webSocket.site;
            Compression packing = null;
            String extensions = null;
            for (Extension agreed : agreement.extensions()) { // one at most, since one was offered
                extensions = agreed.toString();
                packing = new Compression(
                        site.pool(), site.writer, DeflateNegotiation.agree(agreed, site.options.compression()));
            }
            webSocket.agreed(
                    new WebSocketEvent.Opened(
                            Optional.ofNullable(agreement.protocol()), Optional.ofNullable(extensions)),
                    packing);
        } catch (HandshakeException e) {
            webSocket.disagreed(e.error());
        }
        return CompletableFuture.completedFuture(Bytes.EMPTY);
    }

    /** As much of a refusal as is kept. */
    private CompletableFuture<Bytes> body(StreamedResponse response) {
        CompletableFuture<Bytes> done = new CompletableFuture<>();
        ByteArrayOutputStream kept = new ByteArrayOutputStream();
        response.body().read(new BodyInput.Reader() {
            @Override
            public void onData(ReceiveBuffer body) {
                kept.writeBytes(body.takeArray(Math.min(body.size(), refusalBytes - kept.size())));
                body.discard(body.size());
                if (kept.size() == refusalBytes) {
                    done.complete(Bytes.copyOf(kept.toByteArray()));
                }
            }

            @Override
            public void onEnd(Headers trailers) {
                done.complete(Bytes.copyOf(kept.toByteArray()));
            }

            @Override
            public void onFailure(HttpError error) {
                done.complete(Bytes.copyOf(kept.toByteArray()));
            }
        });
        return done;
    }

    private void over(@Nullable Bytes body, @Nullable Throwable failure) {
        StreamedResponse refused = refusal;
        if (refused != null) {
            webSocket.refused(new WebSocketEvent.Refused(refused.head(), body == null ? Bytes.EMPTY : body));
        } else if (failure != null) {
            webSocket.neverOpened(error(failure));
        } // else the other protocol has begun
    }

    private static Optional<ConnectionError> error(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (!(cause instanceof ClientException known)) {
            return Optional.empty();
        }
        return known.connectionError()
                .or(() ->
                        Optional.of(ConnectionError.of(kind(known.kind()), String.valueOf(known.getMessage()), known)));
    }

    private static ConnectionError.Kind kind(ClientException.Kind kind) {
        return switch (kind) {
            case HEAD_TIMEOUT, CALL_TIMEOUT, WAIT_TIMEOUT, SEND_TIMEOUT -> ConnectionError.Kind.CONNECT_TIMEOUT;
            default -> ConnectionError.Kind.RESET;
        };
    }
}
