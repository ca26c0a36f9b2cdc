package dev.meerkat.internal.httpclient;

import dev.meerkat.Address;
import dev.meerkat.Connection;
import dev.meerkat.ConnectionClosedException;
import dev.meerkat.ConnectionOptions;
import dev.meerkat.Handler;
import dev.meerkat.event.Event;
import dev.meerkat.event.ReceiveBuffer;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.http.ClientCall;
import dev.meerkat.http.HttpError;
import dev.meerkat.http.HttpEvent;
import dev.meerkat.http.HttpRule;
import dev.meerkat.http.ResponseHead;
import dev.meerkat.http.client.ClientException;
import dev.meerkat.http.client.ClientRequest;
import dev.meerkat.http.client.HttpClientConnection;
import dev.meerkat.http.client.HttpClientOptions;
import dev.meerkat.internal.http1.Http1Decoder;
import dev.meerkat.internal.http1.Http1Encoder;
import dev.meerkat.internal.httpio.Later;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * HTTP on one connection of a client: requests become bytes, bytes become events. One request at a time: the next one
 * may be sent when the response to this one has ended. Loop thread.
 *
 * <pre>
 *  send            head (final)        end of message
 * IDLE ──► ASKED ──────────────► BODY ───────────────► IDLE, or the connection is closed
 *            │                    └──► MessageFailed ──► aborted
 *            └──► 101 ──► another handler has the connection
 * </pre>
 */
public final class ClientStage implements Handler, HttpClientConnection {
    private final HttpClientOptions options;
    private final String hostField;
    private final Handler above;
    private final Http1Decoder decoder;
    private final Http1Encoder encoder = new Http1Encoder();
    private @Nullable Connection connection;
    private boolean opened;
    /** Nothing can be sent any more: the connection is used up, broken or not ours. */
    private boolean spent;

    /** What was said of half-closing and of what is sent before HTTP came, for whoever comes after it. */
    private @Nullable ConnectionOptions before;

    private boolean inputEnded;
    /** The manager shuts down, which whoever takes the connection over is to know. */
    private TcpEvent.@Nullable ShuttingDown shuttingDown;

    private boolean held;
    private boolean decoding;
    /** Something of the response to the last request has come. */
    private boolean heard;

    private @Nullable OngoingCall call;
    private @Nullable ClientException blame;
    private long keepAliveNanos = Long.MAX_VALUE;

    ClientStage(HttpClientOptions options, String hostField, Handler above) {
        this.options = options;
        this.hostField = hostField;
        this.above = above;
        this.decoder = new Http1Decoder(Http1Decoder.Role.CLIENT, options.limits());
    }

    /**
     * Makes a handler that connections may share.
     *
     * @param options the options
     * @param hostField the value of Host
     * @param above receives events
     * @return the handler
     */
    public static Handler handler(HttpClientOptions options, String hostField, Handler above) {
        return new SharedStage(options, hostField, above);
    }

    /**
     * Makes a handler for a connection to an address.
     *
     * @param address of the scheme http or https
     * @param above receives events
     * @return the handler
     */
    public static Handler handler(Address address, Handler above) {
        String host = address.host().indexOf(':') >= 0 ? "[" + address.host() + "]" : address.host();
        Origin origin = new Origin(address.scheme().equals("https"), host, address.port());
        return handler(HttpClientOptions.DEFAULT, origin.hostField(), above);
    }

    /**
     * What speaks on a connection.
     *
     * @param connection the connection
     * @return its stage
     */
    public static ClientStage of(Connection connection) {
        Handler handler = connection.handler();
        if (handler instanceof SharedStage shared) {
            return shared.join(connection);
        }
        if (handler instanceof ClientStage stage) {
            return stage;
        }
        throw new IllegalStateException(connection + " does not speak HTTP as a client, or no longer");
    }

    // ---------------------------------------------------------------- sending

    @Override
    public ClientCall send(ClientRequest request) {
        return send(Preparing.asItIs(request, hostField));
    }

    OngoingCall send(Outgoing outgoing) {
        if (call != null) {
            throw new IllegalStateException("the response to " + call.head().method() + " "
                    + call.head().target() + " has not ended: one request at a time");
        }
        Connection own = connected();
        if (spent || (opened && !own.isOpen())) {
            throw new ConnectionClosedException(own + " takes no more requests");
        }
        OngoingCall begun = new OngoingCall(this, own, outgoing, options);
        call = begun;
        blame = null;
        heard = false;
        if (opened) {
            start(begun);
        }
        return begun;
    }

    private void start(OngoingCall begun) {
        decoder.expect(begun.head().method(), begun.upgrade() != null);
        begun.start(encoder);
    }

    /** Whether something of the response to the last request has come. */
    boolean hasHeard() {
        return heard;
    }

    /** What the last call failed by, if it was neither the connection nor the response. */
    @Nullable
    ClientException blame() {
        return blame;
    }

    /** How long the server said that it would wait for the next request. */
    long keepAliveNanos() {
        return keepAliveNanos;
    }

    boolean isHeld() {
        return held;
    }

    @Override
    public boolean isReady() {
        return opened && !spent && !inputEnded && call == null && connected().isOpen();
    }

    private Connection connected() {
        Connection own = connection;
        if (own == null) {
            throw new IllegalStateException("no connection yet");
        }
        return own;
    }

    void join(Connection own) {
        connection = own;
    }

    /** The connection was opened before this was its handler. */
    void opened(Connection own) {
        if (opened) {
            return;
        }
        connection = own;
        opened = true;
        ConnectionOptions given = own.options();
        before = given;
        // what has come is handled before its end is, and a server's time counts from when the request has left
        own.configure(given.toBuilder().halfClose(true).sentEvents(true).build());
        OngoingCall waiting = call;
        if (waiting != null) {
            start(waiting);
        }
    }

    // ---------------------------------------------------------------- events of TCP

    @Override
    public void onEvent(Connection own, Event event) throws Exception {
        connection = own;
        if (event instanceof TcpEvent.Received) {
            decode();
            holdBack();
            return;
        }
        if (event instanceof TcpEvent.Sent) {
            if (call != null) {
                call.moved();
            }
            return;
        }
        if (event instanceof TcpEvent.Opened) {
            opened(own);
        } else if (event instanceof TcpEvent.Writable || event instanceof TcpEvent.Drained) {
            if (call != null) {
                call.writable();
            }
        } else if (event instanceof TcpEvent.InputClosed) {
            inputEnded = true;
            decoder.endOfInput();
            decode();
            failIfCutOff();
        } else if (event instanceof TcpEvent.ShuttingDown begun) {
            shuttingDown = begun;
        } else if (event instanceof TcpEvent.ConnectFailed) {
            drop();
        } else if (event instanceof TcpEvent.Closed closed) {
            if (call != null && !spent) {
                cutOff(closed);
            }
            drop();
        }
        above.onEvent(own, event);
    }

    private void cutOff(TcpEvent.Closed closed) throws Exception {
        boolean partial = call != null && call.answer() != null;
        String how = closed.reason().error().map(error -> error.message()).orElse("the connection ended");
        drop();
        above.onEvent(
                connected(),
                new HttpEvent.MessageFailed(
                        new HttpError(HttpRule.INCOMPLETE_MESSAGE, "no complete response: " + how), partial));
    }

    /** Nothing more is to come, and nothing is to be sent. */
    private void drop() {
        spent = true;
        OngoingCall ongoing = call;
        call = null;
        if (ongoing != null) {
            ongoing.stop();
        }
    }

    @Override
    public void onReplaced(Connection own) {
        drop();
        above.onReplaced(own);
    }

    // ---------------------------------------------------------------- holding back

    /**
     * Delivers nothing from now on. The connection reads on until there is something that nobody takes: the end of one
     * that has gone is told nowhere else.
     */
    void hold() {
        if (!held && !spent) {
            held = true;
            if (!decoding) {
                holdBack();
            }
        }
    }

    private void holdBack() {
        Connection own = connected();
        if (held && !spent && isOurs() && !own.receiveBuffer().isEmpty()) {
            own.pauseReading();
        }
    }

    /**
     * The server has ended its side, and what is here is less than the body: a reader that has paused need not wait.
     */
    private void failIfCutOff() throws Exception {
        Connection own = connected();
        if (held
                && !spent
                && call != null
                && isOurs()
                && decoder.lacksMoreThan(own.receiveBuffer().size())) {
            fail(new HttpError(HttpRule.INCOMPLETE_MESSAGE, "the server has ended its side within the body"));
        }
    }

    /** Delivers again, soon: what was left, then what comes. */
    void release() {
        if (held) {
            held = false;
            if (!spent && connected().isOpen()) {
                connected().resumeReading();
                if (call != null) {
                    call.released();
                }
                Later.run(connected().manager(), this::goOn);
            }
        }
    }

    private void goOn() {
        Connection own = connected();
        if (held || spent || !own.isOpen() || own.handler() != this) {
            return;
        }
        try {
            OngoingCall ongoing = call;
            if (ongoing != null) {
                ongoing.kept().again((body, count) -> above.onEvent(own, new HttpEvent.BodyReceived(body, count)));
            }
            decode();
        } catch (Exception e) {
            blame = Failures.program("the handler threw", e);
            own.abort();
        }
    }

    // ---------------------------------------------------------------- decoding

    private void decode() throws Exception {
        Connection own = connected();
        if (decoding || held || spent || !own.isOpen()) {
            return;
        }
        decoding = true;
        try {
            ReceiveBuffer buffer = own.receiveBuffer();
            ByteBuffer view = buffer.view();
            if (call == null) {
                idle(view);
                return;
            }
            heard |= view.hasRemaining();
            while (step(view)) {
                // until more has to arrive, or nobody wants more
            }
            if (isOurs()) {
                buffer.discard(view.position());
            }
        } finally {
            decoding = false;
        }
    }

    private boolean isOurs() {
        return connected().isOpen() && connected().handler() == this;
    }

    private void idle(ByteBuffer view) throws Exception {
        if (view.hasRemaining()) {
            fail(new HttpError(
                    HttpRule.UNEXPECTED_RESPONSE, "bytes came although nothing was asked: nobody knows what for"));
        } else if (inputEnded) {
            close();
        }
    }

    /** Does what the next signal says; false if nothing more is to be done now. */
    private boolean step(ByteBuffer view) throws Exception {
        OngoingCall ongoing = call;
        if (held || spent || ongoing == null || !isOurs()) {
            return false;
        }
        switch (decoder.decode(view)) {
            case HEAD -> head(ongoing, decoder.responseHead());
            case BODY -> body(ongoing, view);
            case END -> end(ongoing, view);
            case FAILED -> fail(decoder.error());
            case CLOSED ->
                fail(new HttpError(HttpRule.INCOMPLETE_MESSAGE, "the connection ended before there was a response"));
            default -> {
                return false;
            }
        }
        return true;
    }

    private void head(OngoingCall ongoing, ResponseHead head) throws Exception {
        if (head.isInformational()) {
            if (head.status() == 100) {
                ongoing.goOn();
            }
            above.onEvent(connected(), new HttpEvent.InformationReceived(ongoing, head));
        } else {
            ongoing.answered(head);
            above.onEvent(connected(), new HttpEvent.ResponseReceived(ongoing, head));
        }
    }

    private void body(OngoingCall ongoing, ByteBuffer view) throws Exception {
        int start = decoder.bodyStart();
        ByteBuffer portion =
                view.duplicate().limit(start + decoder.bodyLength()).position(start);
        Connection own = connected();
        boolean within = ongoing.kept()
                .arrived(portion, (body, count) -> above.onEvent(own, new HttpEvent.BodyReceived(body, count)));
        if (!within && call == ongoing) {
            fail(new HttpError(
                    HttpRule.BODY_TOO_LARGE,
                    "more than " + options.limits().bufferedBodyBytes() + " bytes of a body were left unread"));
        }
    }

    private void end(OngoingCall ongoing, ByteBuffer view) throws Exception {
        ResponseHead head = decoder.responseHead();
        boolean early = !ongoing.isSent();
        boolean switching = head.status() == 101;
        boolean more = view.hasRemaining() && !switching;
        spent = !decoder.isPersistent() || !encoder.isPersistent() || early || more || inputEnded;
        keepAliveNanos = KeepAlive.nanos(head.headers());
        call = null;
        ongoing.stop();
        Connection own = connected();
        above.onEvent(own, new HttpEvent.MessageEnd(ongoing.kept().rest(), decoder.trailers()));
        if (!spent || !isOurs()) {
            return;
        }
        ClientRequest.Upgrade upgrade = ongoing.upgrade();
        if (switching && upgrade != null) {
            own.receiveBuffer().discard(view.position());
            handOver(own, upgrade.handler());
        } else if (early || more) {
            own.abort(); // what is under way on it is nobody's
        } else {
            close();
        }
    }

    /** Another protocol has the connection; what came early is announced to it. */
    private void handOver(Connection own, Handler next) throws Exception {
        ConnectionOptions given = Objects.requireNonNull(before);
        own.configure(own.options().toBuilder()
                .halfClose(given.halfClose())
                .sentEvents(given.sentEvents())
                .build());
        own.replaceHandler(next);
        own.handler().onEvent(own, TcpEvent.Opened.INSTANCE);
        TcpEvent.ShuttingDown ending = shuttingDown;
        if (ending != null && own.isOpen()) {
            own.handler().onEvent(own, ending);
        }
        if (!inputEnded) {
            return;
        }
        ReceiveBuffer early = own.receiveBuffer(); // nothing is announced behind the end, of which we were told
        if (own.isOpen() && !early.isEmpty()) {
            own.handler().onEvent(own, new TcpEvent.Received(early, early.size()));
        }
        if (own.isOpen()) {
            own.handler().onEvent(own, TcpEvent.InputClosed.INSTANCE);
        }
        if (own.isOpen() && !own.options().halfClose()) {
            own.close();
        }
    }

    private void close() {
        spent = true;
        connected().close();
    }

    // ---------------------------------------------------------------- failing

    /** What has come, or has not, cannot be gone on with. */
    private void fail(HttpError error) throws Exception {
        boolean partial = call != null && call.answer() != null;
        Connection own = connected();
        drop();
        above.onEvent(own, new HttpEvent.MessageFailed(error, partial));
        own.abort();
    }

    /** The call cannot go on, for a reason that is not in the bytes. */
    void failed(OngoingCall failing, HttpError error, ClientException reason) {
        if (call == failing) {
            blame = reason;
            try {
                fail(error);
            } catch (Exception e) {
                connected().abort();
            }
        }
    }
}
