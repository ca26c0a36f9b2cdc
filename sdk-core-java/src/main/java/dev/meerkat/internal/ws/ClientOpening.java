package dev.meerkat.internal.ws;

import dev.meerkat.Timer;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.ConnectionError;
import dev.meerkat.event.ConnectionError.Kind;
import dev.meerkat.event.Event;
import dev.meerkat.event.ReceiveBuffer;
import dev.meerkat.http.BodyInput;
import dev.meerkat.http.Headers;
import dev.meerkat.http.HttpError;
import dev.meerkat.http.client.ClientException;
import dev.meerkat.http.client.ClientRequest;
import dev.meerkat.http.client.ResponseReader;
import dev.meerkat.http.client.StreamedResponse;
import dev.meerkat.internal.httpio.Later;
import dev.meerkat.internal.websocket.Agreement;
import dev.meerkat.internal.websocket.DeflateNegotiation;
import dev.meerkat.internal.websocket.DeflateTerms;
import dev.meerkat.internal.websocket.Extension;
import dev.meerkat.internal.websocket.HandshakeException;
import dev.meerkat.internal.websocket.Offer;
import dev.meerkat.internal.websocket.OpeningHandshake;
import dev.meerkat.websocket.CloseStatus;
import dev.meerkat.websocket.ClosedBy;
import dev.meerkat.websocket.WebSocketEvent;
import dev.meerkat.websocket.WebSocketHandler;
import java.io.ByteArrayOutputStream;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The handshake of a client's WebSocket, from the request to the server's word. Loop thread, but for {@link #cancel}.
 * Whatever ends it is told in another turn, so that nobody hears of the end of what he is just beginning or closing.
 */
final class ClientOpening implements ResponseReader<Bytes>, Origin {
    private final RealWebSocketClient client;
    private final WebSocketHandler handler;
    private @Nullable Offer offer;
    private @Nullable RealWebSocket webSocket;
    private @Nullable CompletableFuture<Bytes> call;
    private boolean cancelled;
    /** What the handler is told of before it is told the end: that it was refused, or how. */
    private @Nullable Event bad;

    private @Nullable Timer patience;

    ClientOpening(RealWebSocketClient client, WebSocketHandler handler) {
        this.client = client;
        this.handler = handler;
    }

    @Override
    public WebSocketHandler handler() {
        return handler;
    }

    @Override
    public @Nullable ServedProtocol served() {
        return null;
    }

    // ---------------------------------------------------------------- asking

    void begin(RealWebSocket asking, ClientRequest request) {
        webSocket = asking;
        asking.site.join();
        client.handshakeBegins();
        Offer asked = client.offer();
        offer = asked;
        CompletableFuture<Bytes> begun = cancelled
                ? CompletableFuture.failedFuture(cancelled())
                : client.http().send(client.dressed(request, asked).upgrading("websocket", asking), this);
        call = begun;
        CompletableFuture<Bytes> unused = begun.whenComplete((body, failure) -> {
            Runnable over = () -> over(asking, failure);
            if (!Later.run(client.manager(), over)) {
                over.run(); // on the thread that closes the manager
            }
        });
    }

    @Override
    public void cancel() {
        if (client.manager().inLoop()) {
            giveUp();
        } else {
            boolean unused = Later.run(client.manager(), this::giveUp);
        }
    }

    private void giveUp() {
        cancelled = true;
        CompletableFuture<Bytes> present = call;
        if (present != null) {
            present.completeExceptionally(cancelled());
        }
    }

    private static ClientException cancelled() {
        ConnectionError error = ConnectionError.of(Kind.CANCELLED, "given up by this program before it was open");
        return new ClientException(ClientException.Kind.PROGRAM_FAILED, error.message(), error, null, null);
    }

    // ---------------------------------------------------------------- the answer

    /** Of an upgrade, before the other protocol begins. */
    @Override
    public CompletionStage<Bytes> onHead(StreamedResponse response) {
        Offer asked = offer;
        RealWebSocket asking = webSocket;
        if (asked == null || asking == null) {
            throw new IllegalStateException("nothing was asked");
        }
        if (response.status() != 101) {
            return body(response);
        }
        try {
            agree(asking, OpeningHandshake.read(response.head(), asked));
        } catch (HandshakeException e) {
            bad = new WebSocketEvent.HandshakeFailed(e.error());
            return CompletableFuture.failedFuture(e);
        }
        return CompletableFuture.completedFuture(Bytes.EMPTY);
    }

    private void agree(RealWebSocket asking, Agreement agreement) throws HandshakeException {
        Extension extension =
                agreement.extensions().isEmpty() ? null : agreement.extensions().get(0); // there is one that is offered
        Compression packing = null;
        if (extension != null) {
            Site site = asking.site;
            DeflateTerms terms = DeflateNegotiation.agree(extension, site.options.compression());
            packing = new Compression(site.pool(), site.writer, terms);
        }
        asking.agreed(
                new WebSocketEvent.Opened(
                        Optional.ofNullable(agreement.protocol()),
                        Optional.ofNullable(extension).map(Extension::toString)),
                packing);
    }

    /** As much of a refusal as is kept, and as has come in the time of a handshake. */
    private CompletableFuture<Bytes> body(StreamedResponse response) {
        int most = client.options().refusalBytes();
        CompletableFuture<Bytes> done = new CompletableFuture<>();
        ByteArrayOutputStream kept = new ByteArrayOutputStream();
        Runnable end = () -> {
            Bytes body = Bytes.copyOf(kept.toByteArray());
            bad = new WebSocketEvent.Refused(response.head(), body);
            done.complete(body);
        };
        bad = new WebSocketEvent.Refused(response.head(), Bytes.EMPTY);
        patience = client.manager().schedule(client.options().handshakeTimeout(), end);
        response.body().read(new BodyInput.Reader() {
            @Override
            public void onData(ReceiveBuffer body) {
                kept.writeBytes(body.takeArray(Math.min(body.size(), most - kept.size())));
                body.discard(body.size());
                if (kept.size() == most) {
                    end.run();
                }
            }

            @Override
            public void onEnd(Headers trailers) {
                end.run();
            }

            @Override
            public void onFailure(HttpError error) {
                end.run();
            }
        });
        return done;
    }

    // ---------------------------------------------------------------- the end of the handshake

    /** Also when the other protocol has begun; then there is nothing to tell. */
    private void over(RealWebSocket asking, @Nullable Throwable failure) {
        Timer waiting = patience;
        if (waiting != null) {
            waiting.cancel();
        }
        Optional<ConnectionError> error = failure == null ? Optional.empty() : error(failure);
        boolean ours = error.filter(known -> known.kind() == Kind.CANCELLED).isPresent();
        Event told = ours ? null : bad;
        call = null;
        offer = null;
        webSocket = null;
        bad = null;
        client.handshakeOver();
        Opener.neverOpened(asking, told, closed(told == null ? error : Optional.empty()));
    }

    private static ConnectionError of(Kind kind, ClientException failure) {
        return ConnectionError.of(kind, String.valueOf(failure.getMessage()), failure);
    }

    private Optional<ConnectionError> error(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (!(cause instanceof ClientException known)) {
            return Optional.empty();
        }
        if (known.connectionError().isPresent()) {
            return known.connectionError();
        }
        return switch (known.kind()) {
            case HEAD_TIMEOUT, SEND_TIMEOUT, CALL_TIMEOUT ->
                Optional.of(ConnectionError.of(
                        Kind.HANDSHAKE_TIMEOUT,
                        "no answer to the handshake within " + client.options().handshakeTimeout(),
                        known));
            case TOO_MANY_WAITING, WAIT_TIMEOUT -> Optional.of(of(Kind.TOO_MANY_WAITING, known));
            case PROXY_REFUSED -> Optional.of(of(Kind.PROXY_REFUSED, known));
            case BAD_RESPONSE -> Optional.of(of(Kind.BAD_RESPONSE, known));
            case CLIENT_CLOSED -> Optional.of(of(Kind.MANAGER_CLOSED, known));
            case CONNECTION_LOST -> Optional.of(of(Kind.RESET, known));
            default -> Optional.of(of(Kind.INTERNAL, known));
        };
    }

    private static WebSocketEvent.Closed closed(Optional<ConnectionError> error) {
        Kind kind = error.map(ConnectionError::kind).orElse(null);
        return new WebSocketEvent.Closed(
                CloseStatus.of(kind != null && isOfTls(kind) ? CloseStatus.TLS_FAILED : CloseStatus.ABNORMAL),
                kind == null ? ClosedBy.PEER : by(kind),
                false,
                Optional.empty(),
                error);
    }

    private static boolean isOfTls(Kind kind) {
        return kind == Kind.NOT_TLS
                || kind.name().startsWith("TLS_")
                || kind.name().startsWith("CERTIFICATE_");
    }

    private static ClosedBy by(Kind kind) {
        return switch (kind) {
            case LOOKUP_TIMEOUT,
                    CONNECT_TIMEOUT,
                    TLS_HANDSHAKE_TIMEOUT,
                    HANDSHAKE_TIMEOUT,
                    TOO_MANY_WAITING,
                    MANAGER_CLOSED -> ClosedBy.MANAGER;
            default ->
                switch (kind.fault()) {
                    case LOCAL -> ClosedBy.LOCAL;
                    case PEER -> ClosedBy.PEER;
                    case NETWORK -> ClosedBy.NETWORK;
                };
        };
    }
}
