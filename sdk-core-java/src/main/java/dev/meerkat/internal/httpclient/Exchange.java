package dev.meerkat.internal.httpclient;

import dev.meerkat.Connection;
import dev.meerkat.Timer;
import dev.meerkat.event.CloseReason;
import dev.meerkat.http.BodyInput;
import dev.meerkat.http.HttpEvent;
import dev.meerkat.http.HttpRule;
import dev.meerkat.http.ResponseHead;
import dev.meerkat.http.client.ClientException;
import dev.meerkat.http.client.ClientException.Kind;
import dev.meerkat.http.client.ClientRequest;
import dev.meerkat.http.client.ResponseReader;
import dev.meerkat.http.client.StreamedResponse;
import dev.meerkat.internal.coding.Inflating;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One call of a program, with every request that it takes: redirects, and a second try if a kept connection turns out
 * to have ended. Loop thread.
 *
 * <pre>
 * WAITING ──► HEAD ──► REDIRECTED ──► WAITING
 *    ▲          │  └──► BODY ──────────► OVER      (from anywhere by failure)
 *    └──────────┘ second try
 * </pre>
 *
 * @param <T> what the reader makes
 */
final class Exchange<T> implements Pool.Waiter, IncomingBody.Source, StreamedResponse {
    private enum State {
        /** For a connection. */
        WAITING,
        /** For the head of the response; the request is being sent. */
        HEAD,
        /** The body of a redirect is thrown away. */
        REDIRECTED,
        BODY,
        OVER
    }

    private final PooledClient client;
    private final ResponseReader<T> reader;
    private final CompletableFuture<T> result;
    private ClientRequest request;
    private State state = State.WAITING;
    private Origin origin;
    private @Nullable PooledConnection connection;
    private @Nullable ResponseHead head;
    private @Nullable IncomingBody body;
    private @Nullable ClientRequest redirect;
    private @Nullable Timer deadline;
    private @Nullable Timer waiting;
    private int redirects;
    private boolean triedAgain;
    /** The server has ended its side before the response was complete, so that we abort ours. */
    private boolean cutShort;

    private boolean settled;

    Exchange(PooledClient client, ClientRequest request, ResponseReader<T> reader, CompletableFuture<T> result) {
        this.client = client;
        this.request = request;
        this.reader = reader;
        this.result = result;
        this.origin = Origin.of(request.uri());
    }

    void start() {
        Duration time = request.timeout().orElse(client.options().callTimeout());
        deadline = client.manager()
                .schedule(time, () -> fail(Failures.timeout(Kind.CALL_TIMEOUT, "the call was not over", time)));
        acquire(false);
    }

    private void acquire(boolean fresh) {
        state = State.WAITING;
        Duration time = client.options().waitTimeout();
        waiting = client.manager().schedule(time, () -> {
            if (client.pool().leave(this)) {
                fail(Failures.timeout(Kind.WAIT_TIMEOUT, "no connection became free", time));
            }
        });
        client.pool().acquire(this, fresh);
    }

    // ---------------------------------------------------------------- the connection

    @Override
    public Origin origin() {
        return origin;
    }

    @Override
    public void connected(PooledConnection ready) {
        cancel(waiting);
        if (state == State.OVER) {
            client.pool().release(ready); // given up while it was made; somebody else will want it
            return;
        }
        connection = ready;
        state = State.HEAD;
        ready.usedBy(this);
        try {
            ready.stage().send(client.preparing().of(request, origin));
        } catch (RuntimeException e) {
            fail(Failures.program("the request could not be sent", e));
        }
    }

    @Override
    public void failed(ClientException failure) {
        fail(failure);
    }

    /** The connection has ended, and this call with it. */
    void lost(CloseReason reason) {
        PooledConnection gone = connection;
        connection = null;
        boolean ended = cutShort;
        cutShort = false;
        if (state == State.HEAD && gone != null && mayTryAgain(gone)) {
            triedAgain = true;
            acquire(true);
            return;
        }
        if (client.manager().isClosed()) {
            fail(PooledClient.closedFailure());
            return;
        }
        fail(Failures.lost(
                ended ? null : reason.error().orElse(null),
                state == State.HEAD ? "before there was a response" : "before the response was complete"));
    }

    /** RFC 9110 §9.2.2, RFC 9112 §9.3.1: only what may be done twice, and only if nothing of an answer has come. */
    private boolean mayTryAgain(PooledConnection gone) {
        return !triedAgain
                && gone.isReused()
                && !gone.stage().hasHeard()
                && isIdempotent(request.method())
                && request.body().isRepeatable()
                && request.upgrade().isEmpty();
    }

    private static boolean isIdempotent(String method) {
        return switch (method) {
            case "GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE" -> true;
            default -> false;
        };
    }

    // ---------------------------------------------------------------- what comes

    void onEvent(HttpEvent event) {
        if (state == State.OVER) {
            return;
        }
        try {
            if (event instanceof HttpEvent.BodyReceived received) {
                received(received);
            } else if (event instanceof HttpEvent.ResponseReceived response) {
                response(response.head());
            } else if (event instanceof HttpEvent.MessageEnd end) {
                end(end);
            } else if (event instanceof HttpEvent.MessageFailed failed) {
                failed(failed);
            } else if (event instanceof HttpEvent.InformationReceived information
                    && information.head().status() != 100) {
                reader.onInformation(information.head());
            }
        } catch (ClientException e) {
            fail(e);
        } catch (Exception e) {
            fail(Failures.program("the reader of the response threw", e));
        }
    }

    private void response(ResponseHead received) throws Exception {
        keepCookies(received);
        Optional<ClientRequest> next = client.options().redirects() == 0
                ? Optional.empty()
                : Redirects.next(request, received, client.options().insecureRedirects());
        if (next.isPresent()) {
            if (++redirects > client.options().redirects()) {
                throw new ClientException(
                        Kind.TOO_MANY_REDIRECTS,
                        "more than " + client.options().redirects() + " redirects, the last one to "
                                + next.get().uri(),
                        null,
                        null,
                        null);
            }
            state = State.REDIRECTED;
            redirect = next.get();
            IncomingBody unread = new IncomingBody(this, OptionalLong.empty(), null, 0);
            body = unread;
            unread.discardRest();
            return;
        }
        state = State.BODY;
        Inflating inflating =
                client.options().decompress() && !request.headers().contains("Accept-Encoding") && !hasNoBody(received)
                        ? Inflating.of(received.headers(), client.options().inflationRatio())
                        : null;
        head = inflating == null
                ? received
                : received.withHeaders(received.headers().toBuilder()
                        .remove("Content-Encoding")
                        .remove("Content-Length")
                        .build());
        IncomingBody incoming = new IncomingBody(
                this,
                hasNoBody(received) ? OptionalLong.of(0) : length(received),
                inflating,
                client.options().limits().bufferedBodyBytes());
        body = incoming;
        CompletionStage<T> made = reader.onHead(this);
        made.whenComplete((value, thrown) -> client.onLoop(() -> made(value, thrown), result));
        if (state == State.BODY && incoming.isHeld()) {
            hold();
        }
    }

    private boolean hasNoBody(ResponseHead received) {
        int status = received.status();
        return request.method().equals("HEAD") || status == 101 || status == 204 || status == 304;
    }

    private static OptionalLong length(ResponseHead received) {
        Optional<String> length = received.headers().first("Content-Length");
        return length.isPresent() ? OptionalLong.of(Long.parseLong(length.get())) : OptionalLong.empty();
    }

    private void keepCookies(ResponseHead received) {
        List<String> set = received.headers().all("Set-Cookie");
        if (!set.isEmpty() && client.options().cookies().isPresent()) {
            client.options()
                    .cookies()
                    .get()
                    .store(request.uri(), set, client.manager().wallTime());
        }
    }

    private void received(HttpEvent.BodyReceived received) throws Exception {
        IncomingBody incoming = required(body);
        try {
            if (!incoming.deliver(received.body())) {
                hold();
            }
        } catch (ClientException tooMuch) {
            if (state != State.REDIRECTED && !settled) {
                throw tooMuch;
            }
            abandonRest();
        }
    }

    /** More is left of a body that nobody wants than is thrown away: the connection is not worth it. */
    private void abandonRest() {
        PooledConnection own = connection;
        connection = null;
        if (own != null) {
            own.giveUp();
        }
        if (state == State.REDIRECTED) {
            follow();
        } else {
            over();
        }
    }

    private void end(HttpEvent.MessageEnd end) throws Exception {
        IncomingBody incoming = required(body);
        boolean following = state == State.REDIRECTED;
        if (!following && !end.body().isEmpty()) {
            incoming.deliver(end.body());
        }
        incoming.complete();
        PooledConnection own = connection;
        connection = null;
        if (own != null) {
            if (head != null && head.status() == 101) {
                own.surrender();
            } else {
                own.done(); // before the reader hears of it: what it begins then finds this connection
            }
        }
        if (following) {
            follow();
        } else {
            incoming.end(end.trailers());
            if (settled) {
                over();
            }
        }
    }

    private void follow() {
        request = required(redirect);
        redirect = null;
        body = null;
        triedAgain = false;
        origin = Origin.of(request.uri());
        acquire(false);
    }

    private void failed(HttpEvent.MessageFailed failed) {
        ClientException blame = required(connection).stage().blame();
        if (blame != null) {
            fail(blame);
        } else if (failed.error().rule() != HttpRule.INCOMPLETE_MESSAGE) {
            fail(Failures.bad(failed.error()));
        } else { // Closed, next, says more, unless it is of our own making
            cutShort = required(connection).connection().isOpen();
        }
    }

    // ---------------------------------------------------------------- the body

    @Override
    public void hold() {
        if (connection != null) {
            connection.stage().hold();
        }
    }

    @Override
    public void release() {
        if (connection != null) {
            connection.stage().release();
        }
    }

    // ---------------------------------------------------------------- the response, for the reader

    @Override
    public URI uri() {
        return request.uri();
    }

    @Override
    public ResponseHead head() {
        return required(head);
    }

    @Override
    public BodyInput body() {
        return required(body);
    }

    @Override
    public Connection connection() {
        return required(connection).connection();
    }

    private static <P> P required(@Nullable P part) {
        if (part == null) {
            throw new IllegalStateException("the call is over, or its response is not here yet");
        }
        return part;
    }

    // ---------------------------------------------------------------- the end

    private void made(@Nullable T value, @Nullable Throwable thrown) {
        if (settled) {
            return;
        }
        if (result.isDone()) { // cancelled, of which the reader has heard before us
            abandoned();
            return;
        }
        if (thrown != null) {
            Throwable cause =
                    thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
            fail(
                    cause instanceof ClientException known
                            ? known
                            : Failures.program("the reader of the response failed", cause));
            return;
        }
        settled = true;
        IncomingBody incoming = required(body);
        boolean whole = incoming.isOver();
        if (!whole) {
            incoming.discardRest();
        }
        result.complete(value);
        if (whole) {
            over();
        }
    }

    /** Whoever began the call does not wait for its result any more. */
    void abandoned() {
        if (!settled) {
            settled = true;
            fail(new ClientException(Kind.PROGRAM_FAILED, "the call was cancelled", null, null, null));
        }
    }

    void fail(ClientException failure) {
        if (state == State.OVER) {
            return;
        }
        PooledConnection own = connection;
        connection = null;
        IncomingBody incoming = body;
        over();
        if (own != null) {
            own.giveUp();
        }
        if (incoming != null) {
            incoming.fail(Failures.toReader(failure));
        }
        if (!settled) {
            settled = true;
            result.completeExceptionally(failure);
        }
    }

    private void over() {
        if (state != State.OVER) {
            state = State.OVER;
            client.pool().leave(this);
            cancel(deadline);
            cancel(waiting);
            client.over(this);
        }
    }

    private static void cancel(@Nullable Timer timer) {
        if (timer != null) {
            timer.cancel();
        }
    }
}
