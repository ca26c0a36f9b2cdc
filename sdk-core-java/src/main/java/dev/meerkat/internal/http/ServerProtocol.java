package dev.meerkat.internal.http;

import dev.meerkat.Connection;
import dev.meerkat.Handler;
import dev.meerkat.Protocol;
import dev.meerkat.event.Event;
import dev.meerkat.event.ReceiveBuffer;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.http.Headers;
import dev.meerkat.http.HttpEvent;
import dev.meerkat.http.HttpServerOptions;
import dev.meerkat.internal.buffer.ReceiveQueue;
import dev.meerkat.internal.http.ServerRequest.Answer;
import dev.meerkat.internal.http1.Http1Decoder;
import dev.meerkat.internal.http1.Signal;
import dev.meerkat.internal.protocol.OwnStage;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * HTTP on one accepted connection: reads one request after the other, and the next one when this one has been answered
 * and its body has ended. {@link ServerConnection} is what follows from that, {@link Answering} how answers leave,
 * {@link Patience} how long all of it may take.
 *
 * <pre>
 *         a part of a head            the rest                 the last byte
 *   IDLE ------------------&gt; HEAD --------------&gt; BODY -----------------------&gt; COMPLETE
 *    ^                                                                            |    |
 *    |                         answered, and not for the last time                |    |
 *    +----------------------------------------------------------------------------+    |
 *                                                        another protocol              |
 *   OVER: the last answer was given, or a rule broken        UPGRADE &lt;------------------+
 * </pre>
 *
 * <p>Without a body BODY is left as soon as it is entered; OVER is entered from everywhere.
 */
public final class ServerProtocol extends ServerConnection implements Protocol, Handler, OwnStage {
    /** The end of a request without body and trailers, for handlers of events. */
    static final HttpEvent.MessageEnd PLAIN_END = new HttpEvent.MessageEnd(ReceiveQueue.EMPTY, Headers.EMPTY);

    /**
     * How much of a body that nobody has read is thrown away to keep the connection; to throw away more costs more than
     * a new connection (Go 256 KiB).
     */
    static final long MOST_DISCARDED_BYTES = 256 * 1024;

    /**
     * What is unread of a body that nobody wants at present, and yet reading goes on, so that the end of the peer is
     * noticed: the end of a chunk, and the line of the next.
     */
    private static final int FRAMING_BYTES = 16;

    private static final ByteBuffer NO_BYTES = ByteBuffer.allocate(0);

    private @Nullable Http1Decoder decoder;
    private int requests;
    /** There are too many connections from there already. */
    private boolean refused;
    /** Who reads the body has asked to go on, and may have left something before. */
    private boolean bodyResumed;

    ServerProtocol(ServerFactory factory) {
        super(factory);
    }

    /**
     * Makes a handler that speaks HTTP as a server does by default.
     *
     * @param above takes requests or events
     * @return a handler for any number of connections
     */
    public static Handler handler(Handler above) {
        return handler(HttpServerOptions.DEFAULT, above);
    }

    /**
     * Makes a handler that speaks HTTP.
     *
     * @param options limits, deadlines and habits
     * @param above takes requests or events
     * @return a handler for any number of connections
     * @throws IllegalArgumentException if the handler speaks HTTP already
     */
    public static Handler handler(HttpServerOptions options, Handler above) {
        Objects.requireNonNull(options, "options");
        if (isSpokenBy(above)) {
            throw new IllegalArgumentException("the handler speaks HTTP already");
        }
        return Protocol.handler(new ServerFactory(options), above);
    }

    /**
     * Tells whether a handler was made by {@link #handler}.
     *
     * @param handler the handler
     * @return whether it takes bytes and needs nobody who makes requests of them
     */
    public static boolean isSpokenBy(Handler handler) {
        return Protocol.isMadeBy(handler, ServerFactory.class);
    }

    // ---------------------------------------------------------------- events

    @Override
    public void onEvent(Connection from, Event event, Handler to) throws Exception {
        if (!hasBegun()) {
            begin(from, to);
        }
        if (event instanceof TcpEvent.Received received) {
            read(received.buffer());
        } else if (!refused) {
            other(event);
        } // else nobody was told that the connection had come
    }

    /** As the connection's handler: all events but the first. */
    @Override
    public void onEvent(Connection from, Event event) throws Exception {
        try {
            onEvent(from, event, above());
        } finally {
            if (event instanceof TcpEvent.Closed) {
                release();
            }
        }
    }

    @Override
    public void onReplaced(Connection from) {
        release();
        above().onReplaced(from);
    }

    private void begin(Connection from, Handler to) {
        ServerSite here = siteOn(from.manager());
        become(from, to, here);
        if (here.admit(from)) {
            if (from.isOpen()) {
                becomeQuiet();
            }
        } else {
            refused = true;
            send(Answering.REFUSAL);
            close();
        }
    }

    private void other(Event event) throws Exception {
        if (event instanceof TcpEvent.Sent) {
            lookAtDepartures();
            Departures waiting = departuresIfAny();
            if (waiting != null) {
                waiting.lookAtUpgrade();
            }
            closeWhenAllHasLeft();
            return;
        }
        if (event instanceof TcpEvent.Closed) {
            ended();
        } else if (event instanceof TcpEvent.ShuttingDown begun) {
            site().shuttingDown = begun;
            endAfterAnswer();
        }
        tell(event);
        if (!connection().isOpen()) {
            return;
        }
        if (event instanceof TcpEvent.Drained) {
            drained();
        } else if (event instanceof TcpEvent.InputClosed) {
            inputHasEnded();
            if (input() != Input.UPGRADE) {
                goOn(); // what came before is read first
            }
            OutgoingBody outgoing = outgoing();
            if (outgoing != null) {
                outgoing.peerHasEnded();
            }
        } else if (event instanceof TcpEvent.ShuttingDown && input() == Input.IDLE) {
            close();
        }
    }

    private @Nullable OutgoingBody outgoing() {
        ServerRequest present = exchange();
        return present == null ? null : present.outgoing;
    }

    private void drained() {
        OutgoingBody outgoing = outgoing();
        if (outgoing != null) {
            outgoing.pump();
        } else if (isBetweenRequests()) {
            goOn();
        }
    }

    @Override
    public void release() {
        if (hasBegun()) {
            ended();
        }
    }

    // ---------------------------------------------------------------- reading

    @Override
    void readWhatIsHere() {
        read(connection().receiveBuffer());
    }

    /** Reads as far as it goes: to the end of what is here, or to something that must come first. */
    private void read(ReceiveBuffer buffer) {
        if (!beginReading()) {
            return;
        }
        try {
            int most = site().limits.pipelineDepth();
            for (int served = 0; connection().isOpen(); ) {
                if (input() == Input.BODY) {
                    if (!BodyReading.read(this, buffer)) {
                        break;
                    }
                } else if (input() == Input.COMPLETE && bodyResumed) {
                    BodyReading.endNothing(this);
                } else if (!isBetweenRequests() || !readHead(buffer, served++ < most)) {
                    break;
                }
            }
        } finally {
            endReading();
        }
        settle(buffer);
    }

    /** After reading: whether the peer is to be held back, and whether it has become quiet. */
    private void settle(ReceiveBuffer buffer) {
        if (!connection().isOpen()) {
            return;
        }
        switch (input()) {
            case IDLE -> {
                returnDecoder();
                becomeQuiet();
            }
            case BODY, COMPLETE -> {
                boolean wanted = wantsBody();
                int mayWait = input() == Input.BODY ? FRAMING_BYTES : 0;
                if (!wanted && buffer.size() > mayWait) {
                    pauseReading();
                }
                site().patience.turn(this, wanted);
            }
            case OVER -> buffer.discard(buffer.size());
            case HEAD, UPGRADE -> {
                // more will come, or has been paused
            }
        }
    }

    /** Between two requests the decoder may serve somebody else. */
    private void returnDecoder() {
        Http1Decoder present = decoder;
        if (present != null && present.isFresh()) {
            decoder = null;
            site().returnDecoder(present);
        }
    }

    private boolean wantsBody() {
        ServerRequest request = exchange();
        IncomingBody body = request == null ? null : request.incoming();
        return input() == Input.BODY && body != null && body.isWanted();
    }

    /** Decodes up to the next signal; what was taken is gone from the buffer, unless it is a part of a body. */
    Signal decode(ReceiveBuffer buffer, int most) {
        Http1Decoder present = decoder;
        if (present == null) {
            present = site().borrowDecoder();
            decoder = present;
        }
        if (hasInputEnded()) {
            present.endOfInput();
        }
        if (!(buffer instanceof ReceiveQueue queue)) {
            return present.decode(NO_BYTES); // nothing is here
        }
        ByteBuffer raw = queue.raw();
        int from = raw.position();
        if (raw.remaining() > most) {
            raw.limit(from + most);
        }
        Signal signal = present.decode(raw);
        if (signal != Signal.BODY) {
            queue.consumed(raw.position() - from);
        }
        return signal;
    }

    private boolean readHead(ReceiveBuffer buffer, boolean more) {
        if (buffer.isEmpty() && !hasInputEnded()) {
            return false;
        }
        if (!connection().isWritable()) {
            pauseReading(); // the peer does not take its answers, so it gets no more of them before Drained
            return false;
        }
        if (!more) {
            goOn(); // others have their turn first
            return false;
        }
        switch (decode(buffer, Integer.MAX_VALUE)) {
            case HEAD -> begin(decoder());
            case NEED_DATA -> {
                if (input() == Input.IDLE && decoder().isInMessage()) {
                    enter(Input.HEAD);
                    site().patience.headBegins(this);
                }
                return false;
            }
            case CLOSED -> close();
            case FAILED -> fail(decoder().error());
            default -> throw new IllegalStateException("no request is to be read");
        }
        return true;
    }

    /** The head of a request is here: the handler hears of it. */
    private void begin(Http1Decoder from) {
        if (input() == Input.HEAD) {
            clearDeadline(Deadlines.Kind.HEAD);
        }
        long length = from.declaredLength();
        IncomingBody body = length == 0 ? null : new IncomingBody(this, length, from.expectsContinue());
        ServerRequest request = new ServerRequest(this, from.requestHead(), ++requests, body);
        exchange(request);
        if (!from.isPersistent() || requests >= site().limits.requestsPerConnection()) {
            endAfterAnswer();
        }
        if (site().logs) {
            departures().begins(request);
        }
        if (body == null) {
            enter(Input.COMPLETE);
            Signal end = from.decode(NO_BYTES);
            assert end == Signal.END : end;
        } else {
            enter(Input.BODY);
        }
        try {
            tell(new HttpEvent.RequestReceived(request));
            if (!request.isTaken()) {
                if (body == null) {
                    tell(PLAIN_END);
                } else {
                    body.offerToEvents(request.answer() != Answer.OPEN);
                }
            }
        } catch (Throwable e) {
            request.failed(e);
        }
    }

    /** The decoder of the message that is being read. */
    Http1Decoder decoder() {
        return Objects.requireNonNull(decoder);
    }

    /** Whether the consumer of the body has asked to go on since it was told what it has left. */
    boolean takeBodyResumed() {
        boolean resumed = bodyResumed;
        bodyResumed = false;
        return resumed;
    }

    /** The consumer of the body wants it, again perhaps: then it is told what it has left. */
    void bodyIsWanted() {
        bodyResumed = true;
        goOn();
    }

    /** The consumer of the body does not want it for a while. */
    void bodyIsUnwanted() {
        if (!isReading() && input() != Input.OVER) {
            site().patience.turn(this, false);
        }
    }

    @Override
    void nextRequest() {
        decoder().next();
        if (!isReading()) {
            goOn();
        }
    }

    @Override
    protected void quietFor(QuietList left) {
        site().patience.quietFor(this, left);
    }
}
