package dev.meerkat.internal.httpclient;

import dev.meerkat.Connection;
import dev.meerkat.Timer;
import dev.meerkat.http.BodyProducer;
import dev.meerkat.http.ClientCall;
import dev.meerkat.http.Headers;
import dev.meerkat.http.HttpError;
import dev.meerkat.http.HttpRule;
import dev.meerkat.http.RequestHead;
import dev.meerkat.http.ResponseHead;
import dev.meerkat.http.client.ClientBody;
import dev.meerkat.http.client.ClientException;
import dev.meerkat.http.client.ClientException.Kind;
import dev.meerkat.http.client.ClientRequest;
import dev.meerkat.http.client.HttpClientOptions;
import dev.meerkat.internal.http1.Http1Encoder;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A request on a connection, until its response has ended: sends it, and watches that something happens. */
final class OngoingCall implements ClientCall, Upload.Owner {
    private final ClientStage stage;
    private final Connection connection;
    private final Outgoing outgoing;
    private final HttpClientOptions options;
    private final RequestHead head;
    private final KeptBody kept;
    private @Nullable Upload upload;
    private @Nullable ResponseHead answer;
    private @Nullable Timer watch;
    private @Nullable Timer patience;
    private boolean sent;
    /** Whether the system has taken all of the request. */
    private boolean left;

    private boolean over;
    /** Since when the present step takes its time; of a body, unless more of it has come since. */
    private long since;

    OngoingCall(ClientStage stage, Connection connection, Outgoing outgoing, HttpClientOptions options) {
        this.stage = stage;
        this.connection = connection;
        this.outgoing = outgoing;
        this.options = options;
        this.head = outgoing.head().withHeaders(framed(outgoing));
        this.kept = new KeptBody(
                options.limits().bufferedBodyBytes(),
                connection.manager().runtime().probe().poisonsBorrowedBytes());
    }

    private static Headers framed(Outgoing outgoing) {
        Headers.Builder headers = outgoing.head().headers().toBuilder();
        ClientBody body = outgoing.body();
        if (body instanceof ClientBody.Whole whole) {
            headers.add("Content-Length", String.valueOf(whole.bytes().length()));
        } else if (body instanceof ClientBody.Streamed streamed) {
            if (streamed.length() >= 0) {
                headers.add("Content-Length", String.valueOf(streamed.length()));
            } else {
                headers.add("Transfer-Encoding", "chunked");
            }
        } else if (meansABody(outgoing.head().method())) {
            headers.add("Content-Length", "0"); // RFC 9110 8.6
        }
        if (outgoing.expectsContinue() && !(body instanceof ClientBody.Empty)) {
            headers.add("Expect", "100-continue");
        }
        ClientRequest.Upgrade upgrade = outgoing.upgrade();
        if (upgrade != null) {
            headers.add("Connection", "Upgrade").add("Upgrade", upgrade.protocol());
        }
        return headers.build();
    }

    private static boolean meansABody(String method) {
        return method.equals("POST") || method.equals("PUT") || method.equals("PATCH");
    }

    @Override
    public Connection connection() {
        return connection;
    }

    @Override
    public RequestHead head() {
        return head;
    }

    @Override
    public void cancel() {
        if (!over) {
            connection.abort();
        }
    }

    ClientRequest.@Nullable Upgrade upgrade() {
        return outgoing.upgrade();
    }

    KeptBody kept() {
        return kept;
    }

    @Nullable
    ResponseHead answer() {
        return answer;
    }

    /** Whether all of the request was handed to the connection. */
    boolean isSent() {
        return sent;
    }

    // ---------------------------------------------------------------- sending

    void start(Http1Encoder encoder) {
        ByteBuffer out = ByteBuffer.allocate(head.encodedLength());
        encoder.request(head, out);
        connection.send(out.flip());
        since = now();
        BodyProducer producer = producer(outgoing.body());
        if (producer == null) {
            encoder.end(ByteBuffer.allocate(0));
            uploaded();
            return;
        }
        upload = new Upload(connection, this, producer, encoder);
        if (head.headers().contains("Expect")) {
            patience = connection.manager().schedule(options.continueTimeout(), this::goOn);
        } else {
            upload.begin();
        }
        look();
    }

    private static @Nullable BodyProducer producer(ClientBody body) {
        if (body instanceof ClientBody.Whole whole) {
            return whole.bytes().isEmpty() ? null : new WholeProducer(whole.bytes());
        }
        return body instanceof ClientBody.Streamed streamed
                ? streamed.producer().get()
                : null;
    }

    /** The body may go: the server said so, or has been silent for long enough. */
    void goOn() {
        Upload waiting = upload;
        if (!over && waiting != null && answer == null && !waiting.hasBegun()) {
            cancel(patience);
            since = now();
            waiting.begin();
            look();
        }
    }

    void writable() {
        if (upload != null) {
            upload.pump();
        }
    }

    @Override
    public void uploaded() {
        sent = true;
        left = connection.pendingBytes() == 0;
        since = now();
        look();
    }

    /** The system has taken bytes of the request. */
    void moved() {
        if (over || left || answer != null) {
            return;
        }
        since = now();
        if (sent && connection.pendingBytes() == 0) {
            left = true;
            look();
        }
    }

    @Override
    public void produced() {
        look();
    }

    @Override
    public void uploadFailed(String what, Throwable thrown) {
        if (!over) {
            stage.failed(this, new HttpError(HttpRule.INCOMPLETE_MESSAGE, what), Failures.program(what, thrown));
        }
    }

    // ---------------------------------------------------------------- being answered

    void answered(ResponseHead received) {
        answer = received;
        since = now();
        cancel(patience);
        look();
    }

    /** The program goes on reading. */
    void released() {
        since = now();
        look();
    }

    void stop() {
        over = true;
        cancel(watch);
        cancel(patience);
        if (upload != null) {
            upload.stop();
        }
    }

    // ---------------------------------------------------------------- watching

    /** What is waited for, and how long it may take. */
    private record Step(Kind kind, String what, Duration time) {}

    private @Nullable Step step() {
        Duration idle = options.idleTimeout();
        if (answer != null) {
            return stage.isHeld() ? null : new Step(Kind.BODY_TIMEOUT, "no further bytes of the response", idle);
        }
        if (connection.pendingBytes() > 0) {
            return new Step(Kind.SEND_TIMEOUT, "the server took no further bytes", idle);
        }
        // else it is the program's turn, or the server has still time to agree
        return sent ? new Step(Kind.HEAD_TIMEOUT, "no head of a response", options.headTimeout()) : null;
    }

    /** Sees to it that somebody looks again when the present step would have taken too long. */
    private void look() {
        if (over) {
            return;
        }
        cancel(watch);
        Step step = step();
        watch = connection.manager().schedule(step == null ? options.idleTimeout() : rest(step), this::looked);
    }

    private void looked() {
        Step step = step();
        if (over || step == null || rest(step).compareTo(Duration.ZERO) > 0) {
            if (step == null) {
                since = now();
            }
            look();
            return;
        }
        String message = step.what + " within " + step.time;
        boolean body = step.kind == Kind.BODY_TIMEOUT;
        stage.failed(
                this,
                new HttpError(body ? HttpRule.BODY_TOO_SLOW : HttpRule.HEAD_TIMEOUT, message),
                new ClientException(step.kind, message, null, null, null));
    }

    private Duration rest(Step step) {
        long from = step.kind == Kind.BODY_TIMEOUT ? Math.max(since, lastIo()) : since;
        return step.time.minusNanos(now() - from);
    }

    /** When the connection last read or wrote, on the monotonic clock. */
    private long lastIo() {
        Duration quiet =
                Duration.between(connection.lastIo(), connection.manager().wallTime());
        return now() - Math.max(0, quiet.toNanos());
    }

    private long now() {
        return connection.manager().nanoTime();
    }

    private static void cancel(@Nullable Timer timer) {
        if (timer != null) {
            timer.cancel();
        }
    }
}
