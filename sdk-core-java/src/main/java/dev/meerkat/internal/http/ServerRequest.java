package dev.meerkat.internal.http;

import dev.meerkat.Connection;
import dev.meerkat.event.Bytes;
import dev.meerkat.http.Headers;
import dev.meerkat.http.HttpHandler;
import dev.meerkat.http.HttpVersion;
import dev.meerkat.http.Parameters;
import dev.meerkat.http.Request;
import dev.meerkat.http.RequestBody;
import dev.meerkat.http.RequestHead;
import dev.meerkat.http.Response;
import dev.meerkat.http.ResponseBody;
import dev.meerkat.http.ResponseException;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A request under way on a connection, and what has become of its answer.
 *
 * <pre>
 *                   +----------- a later one: PROMISED ----------+
 *                   |                                            v
 *   OPEN -----------+--- respond(), or the server itself ---&gt; ANSWERED ---- all handed on ---&gt; DONE
 *     |                                                          |
 *     +------------------- the connection ends ------------------+--------------------------&gt; DONE
 * </pre>
 */
final class ServerRequest implements Request {
    /** What has become of the answer. */
    enum Answer {
        /** Nobody has given one. */
        OPEN,
        /** Somebody has said that it will come later. */
        PROMISED,
        /** It is being sent. */
        ANSWERED,
        /** All of it was handed to the connection, or nobody wants it any more. */
        DONE
    }

    private final ServerProtocol protocol;
    private final RequestHead head;
    private final int number;
    private Answer answer = Answer.OPEN;
    /** The server has answered in the place of a handler that was late, or failed, or had nothing to say any more. */
    private boolean overruled;
    /** A handler of requests has it: events of the body are for nobody. */
    private boolean taken;
    /** Any thread, under the monitor of this: somebody elsewhere has answered. */
    private boolean answeredElsewhere;

    /** Whether its body is being made: who makes it. */
    @Nullable
    OutgoingBody outgoing;

    private @Nullable IncomingBody body;
    private int status;
    private long sentBytes;
    private @Nullable Object @Nullable [] attributes;
    private @Nullable CompletableFuture<Boolean> sent;
    /** Who wants to know when nobody waits for the handler's answer any more. */
    private @Nullable Runnable unwanted;

    /**
     * Makes a request whose head has arrived.
     *
     * @param body what is to come of it; null if it has none
     */
    ServerRequest(ServerProtocol protocol, RequestHead head, int number, @Nullable IncomingBody body) {
        this.protocol = protocol;
        this.head = head;
        this.number = number;
        this.body = body;
    }

    // ---------------------------------------------------------------- what the protocol asks

    Answer answer() {
        return answer;
    }

    boolean isTaken() {
        return taken;
    }

    /** Whether an answer is still wanted: nobody has given one that is known. */
    boolean isOpen() {
        return answer == Answer.OPEN || answer == Answer.PROMISED;
    }

    boolean isHead() {
        return head.isMethod("HEAD");
    }

    boolean isOldVersion() {
        return head.version() == HttpVersion.HTTP_1_0;
    }

    /** Its body, if it has one. */
    @Nullable
    IncomingBody incoming() {
        return body;
    }

    /** Whether it asks for another protocol, and for this one among others. */
    boolean asksFor(String upgrade) {
        return head.version() == HttpVersion.HTTP_1_1
                && head.headers().containsToken("Connection", "upgrade")
                && head.headers().containsToken("Upgrade", upgrade);
    }

    /** The whole answer was handed to the connection. */
    void done() {
        answer = Answer.DONE;
    }

    /** The server answers in the handler's place: whatever the handler says from now on comes too late. */
    void overrule() {
        overruled = true;
        answer = Answer.ANSWERED;
        tellUnwanted();
    }

    /** The connection is: nobody answers any more, and nobody is blamed for that. */
    void gone() {
        boolean wanted = answer != Answer.DONE;
        overruled = true;
        answer = Answer.DONE;
        if (wanted) {
            tellUnwanted();
        }
        CompletableFuture<Boolean> waiting = sent;
        if (waiting != null) {
            waiting.complete(false);
        }
    }

    void answeredWith(int code) {
        status = code;
    }

    int status() {
        return status;
    }

    void sentBytes(long count) {
        sentBytes = count;
    }

    long sentBytes() {
        return sentBytes;
    }

    void tellSent(boolean whole) {
        CompletableFuture<Boolean> waiting = sent;
        if (waiting != null) {
            waiting.complete(whole);
        }
    }

    // ---------------------------------------------------------------- answering

    @Override
    public void respond(Response response) {
        Objects.requireNonNull(response, "response");
        if (protocol.manager().inLoop()) {
            respondHere(response);
            return;
        }
        synchronized (this) {
            if (answeredElsewhere) {
                throw answeredBefore(response);
            }
            answeredElsewhere = true;
        }
        protocol.later(() -> respondFromElsewhere(response));
    }

    private void respondFromElsewhere(Response response) {
        try {
            respondHere(response);
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    /** Loop thread. Gives the answer, unless the server has overruled it. */
    private void respondHere(Response response) {
        if (overruled) {
            return;
        }
        if (answer != Answer.OPEN) {
            throw answeredBefore(response);
        }
        if (response.body() instanceof ResponseBody.Later later) {
            answer = Answer.PROMISED;
            later.response().whenComplete(this::kept);
            return;
        }
        String obstacle = Refusals.obstacle(this, response);
        if (obstacle != null) {
            throw new IllegalStateException(this + " cannot be answered with " + response + ": " + obstacle);
        }
        send(response);
    }

    private void send(Response response) {
        answer = Answer.ANSWERED;
        protocol.site().answering.answer(protocol, this, response);
    }

    private IllegalStateException answeredBefore(Response second) {
        boolean later = second.body() instanceof ResponseBody.Later;
        String how = answer == Answer.PROMISED
                ? " has been promised a later answer (Response.later): complete that, in place of a second one"
                : later
                        ? " has been answered already: a later answer (Response.later) would be a second one"
                        : " has been answered already";
        return new IllegalStateException(this + how);
    }

    /** Any thread. The promised answer is known. */
    private void kept(@Nullable Response response, @Nullable Throwable failure) {
        if (protocol.manager().inLoop()) {
            keptHere(response, failure);
            return;
        }
        protocol.later(() -> keptHere(response, failure));
    }

    private void keptHere(@Nullable Response response, @Nullable Throwable failure) {
        if (overruled || answer != Answer.PROMISED) {
            return;
        }
        answer = Answer.OPEN;
        if (failure != null) {
            failed(failure);
        } else {
            give(response);
        }
    }

    @Override
    public void answerWith(HttpHandler handler) {
        taken = true;
        Response response;
        try {
            response = handler.onHead(this);
        } catch (Throwable e) {
            failed(e);
            return;
        }
        give(response);
    }

    /** What a handler gave; it cannot be told any more if that was no answer, so somebody else is. */
    private void give(@Nullable Response response) {
        try {
            if (response == null) {
                throw new NullPointerException("the handler gave null instead of a response to " + this);
            }
            boolean peersFault =
                    !response.isLater() && !overruled && answer == Answer.OPEN && Refusals.isUnasked(this, response);
            respondHere(peersFault ? Refusals.instead(this, response) : response);
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    /** A failure as the options want it. */
    Response page(Response plain) {
        return protocol.site().answering.errorPage(protocol, this, plain);
    }

    /** A handler threw: that is its answer, or else 500. */
    void failed(Throwable thrown) {
        Throwable failure =
                thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
        boolean chosen = failure instanceof ResponseException;
        if (!chosen) {
            protocol.report(failure);
        }
        if (isOpen() && !overruled) {
            overrule();
            Response plain = failure instanceof ResponseException exception
                    ? exception.response()
                    : Response.error(500, "Internal Server Error");
            send(page(plain));
        }
    }

    @Override
    public void inform(int status, Headers headers) {
        protocol.requireLoop("Request.inform");
        if (status < 100 || status > 199 || status == 101) {
            throw new IllegalArgumentException(
                    "expected the status of an interim response, 100 to 199 but 101; found " + status);
        }
        if (headers.contains("Content-Length") || headers.contains("Transfer-Encoding")) {
            throw new IllegalArgumentException("an interim response has no body, so its fields are not about one");
        }
        if (isAnswered()) {
            throw new IllegalStateException(this + " has been answered already: an interim response comes before");
        }
        if (!isOldVersion()) {
            Answering.inform(protocol, status, headers);
        }
    }

    @Override
    public boolean isAnswered() {
        return answer == Answer.ANSWERED || answer == Answer.DONE || overruled;
    }

    @Override
    public void onUnwanted(Runnable task) {
        protocol.requireLoop("Request.onUnwanted");
        Objects.requireNonNull(task, "task");
        if (overruled) {
            task.run();
            return;
        }
        Runnable before = unwanted;
        unwanted = before == null
                ? task
                : () -> {
                    before.run();
                    task.run();
                };
    }

    private void tellUnwanted() {
        Runnable task = unwanted;
        unwanted = null;
        if (task == null) {
            return;
        }
        try {
            task.run();
        } catch (Throwable e) {
            protocol.report(e);
        }
    }

    @Override
    public CompletionStage<Boolean> whenSent() {
        CompletableFuture<Boolean> waiting = sent;
        if (waiting == null) {
            waiting = new CompletableFuture<>();
            sent = waiting;
            if (protocol.connection().isOpen()) {
                protocol.departures().awaited(this);
                protocol.later(protocol::lookAtDepartures);
            } else {
                waiting.complete(false);
            }
        }
        return waiting.minimalCompletionStage();
    }

    // ---------------------------------------------------------------- asking

    @Override
    public Connection connection() {
        return protocol.connection();
    }

    @Override
    public long number() {
        return number;
    }

    @Override
    public RequestHead head() {
        return head;
    }

    @Override
    public RequestBody body() {
        return present();
    }

    private IncomingBody present() {
        IncomingBody known = body;
        if (known == null) {
            known = new IncomingBody(protocol, 0, false);
            body = known;
        }
        return known;
    }

    @Override
    public Bytes bytes() {
        return body == null ? Bytes.EMPTY : body.bytes();
    }

    @Override
    public String text() {
        return BodyText.of(this);
    }

    @Override
    public Parameters form() {
        return BodyText.form(this);
    }

    @Override
    public Response gather(HttpHandler handler) throws Exception {
        return gather(protocol.site().limits.bufferedBodyBytes(), handler);
    }

    @Override
    public Response gather(int limit, HttpHandler handler) throws Exception {
        return body == null ? handler.handle(this) : body.gather(limit, this, handler);
    }

    @Override
    public <T> void attribute(Class<T> type, @Nullable T value) {
        attributes = RequestAttributes.put(attributes, type, type.cast(value));
    }

    @Override
    public <T> Optional<T> attribute(Class<T> type) {
        return Optional.ofNullable(RequestAttributes.get(attributes, type));
    }

    @Override
    public String toString() {
        return "request " + number + " of " + protocol.connection();
    }
}
