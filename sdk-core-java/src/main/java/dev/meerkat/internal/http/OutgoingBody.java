package dev.meerkat.internal.http;

import dev.meerkat.event.ConnectionError;
import dev.meerkat.http.BodyProducer;
import dev.meerkat.internal.http1.Http1Encoder;
import dev.meerkat.internal.httpio.FramedBody;
import java.nio.ByteBuffer;

/** The body of an answer while it is made: asks the producer as long as the peer takes what it sends. */
final class OutgoingBody extends FramedBody {
    private final ServerConnection served;
    private final ServerRequest request;
    private boolean asking;
    private boolean progress;
    private boolean askAgain;

    private OutgoingBody(ServerConnection served, ServerRequest request, BodyProducer producer, long framing) {
        super(served.connection(), producer, Http1Encoder.behindHead(framing));
        this.served = served;
        this.request = request;
    }

    /**
     * Begins a body behind a head that was just sent.
     *
     * @param framing its length, or a constant of {@link dev.meerkat.internal.http1.Framing}
     */
    static void begin(ServerConnection served, ServerRequest request, BodyProducer producer, long framing) {
        OutgoingBody body = new OutgoingBody(served, request, producer, framing);
        request.outgoing = body;
        body.pump();
    }

    @Override
    protected void pump() {
        if (asking || isOver()) {
            return;
        }
        asking = true;
        try {
            do {
                progress = false;
                askAgain = false;
                produce();
            } while (!isOver() && (progress || askAgain) && connection().isWritable());
        } catch (Throwable e) {
            served.report(e);
            fail(handlerFailed("the producer of an answer threw: " + e));
        } finally {
            asking = false;
        }
        moves();
    }

    private void moves() {
        if (!isOver()) {
            Patience patience = served.site().patience;
            patience.outputMoves(served);
            patience.producerPauses(served);
        }
    }

    /** The peer has ended its side: perhaps it has gone, and nobody but the producer would find out. */
    void peerHasEnded() {
        moves();
    }

    @Override
    protected void resumed() {
        if (asking) {
            askAgain = true;
        } else if (!isOver() && connection().isWritable()) {
            pump();
        }
    }

    @Override
    protected void sendFraming(ByteBuffer bytes) {
        served.send(bytes);
    }

    @Override
    protected void handed(long count) {
        progress = true;
        served.handed(count);
        if (!asking) {
            moves();
        }
    }

    @Override
    protected void report(Throwable failure) {
        served.report(failure);
    }

    // ---------------------------------------------------------------- the end

    @Override
    protected void complete() {
        progress = true;
        settle();
        if (end(true)) {
            served.answered(request);
        }
    }

    @Override
    protected void broken(String what) {
        String sentence = "an answer was not sent whole: " + what;
        served.report(new IllegalStateException(sentence));
        fail(handlerFailed(sentence));
    }

    private static ConnectionError handlerFailed(String sentence) {
        return ConnectionError.of(ConnectionError.Kind.HANDLER_FAILED, sentence);
    }

    /** What was sent cannot become whole any more. */
    void fail(ConnectionError why) {
        if (!isOver()) {
            connection().abort(why);
            cut();
        }
    }

    /** It is over before its end: the connection has gone. */
    void cut() {
        settle();
        end(false);
    }

    private void settle() {
        if (!isOver()) {
            request.outgoing = null;
            request.sentBytes(sent());
            served.clearDeadline(Deadlines.Kind.RESPONSE);
            served.clearDeadline(Deadlines.Kind.PRODUCER);
        }
    }
}
