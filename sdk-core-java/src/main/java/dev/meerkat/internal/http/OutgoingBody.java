package dev.meerkat.internal.http;

import dev.meerkat.Connection;
import dev.meerkat.SendLimitException;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.ConnectionError;
import dev.meerkat.event.FileRegion;
import dev.meerkat.event.ReceiveBuffer;
import dev.meerkat.http.BodyOutput;
import dev.meerkat.http.BodyProducer;
import dev.meerkat.http.Headers;
import dev.meerkat.http.HttpException;
import dev.meerkat.internal.http1.Framing;
import java.nio.ByteBuffer;

/**
 * The body of an answer while it is made: asks the producer as long as the peer takes what it sends, and puts the
 * framing around it.
 */
final class OutgoingBody implements BodyOutput {
    /** No length is known, and the peer understands chunks. */
    static final long CHUNKED = -1;
    /** No length is known, and the end of the connection is that of the body. */
    static final long UNTIL_CLOSE = -2;

    private static final byte[] LINE_END = {'\r', '\n'};
    /** The longest line in front of a chunk, the end behind it, and the end of the body. */
    private static final int CHUNK_OVERHEAD = 32;

    /** As much of a file as is read at once, see {@link Connection#send(FileRegion)}. */
    private static final int SMALL_FILE = 16 * 1024;

    private static final byte[] LAST_CHUNK = {'0', '\r', '\n', '\r', '\n'};

    private final ServerConnection served;
    private final ServerRequest request;
    private final BodyProducer producer;
    private final long framing;
    /** The line in front of a chunk has been sent, the chunk has not. */
    private boolean announced;
    /** How many bytes of an announced length are still to come. */
    private long left;

    private long sent;
    private boolean asking;
    private boolean progress;
    private boolean askAgain;
    private boolean over;
    /** Any thread, under the monitor of this. */
    private boolean resuming;

    private OutgoingBody(ServerConnection served, ServerRequest request, BodyProducer producer, long framing) {
        this.served = served;
        this.request = request;
        this.producer = producer;
        this.framing = framing;
        this.left = Math.max(0, framing);
    }

    /** Begins a body behind a head that was just sent. */
    static void begin(ServerConnection served, ServerRequest request, BodyProducer producer, long framing) {
        OutgoingBody body = new OutgoingBody(served, request, producer, framing);
        request.outgoing = body;
        body.pump();
    }

    /** Asks the producer as long as it has something and the peer takes it. */
    void pump() {
        if (asking || over) {
            return;
        }
        asking = true;
        try {
            do {
                progress = false;
                askAgain = false;
                producer.produce(this);
            } while (!over && (progress || askAgain) && connection().isWritable());
        } catch (Throwable e) {
            served.report(e);
            fail(handlerFailed("the producer of an answer threw: " + e));
        } finally {
            asking = false;
        }
        moves();
    }

    private void moves() {
        if (!over) {
            Patience patience = served.site().patience;
            patience.outputMoves(served);
            patience.producerPauses(served);
        }
    }

    /** The peer has ended its side: perhaps it has gone, and nobody but the producer would find out. */
    void peerHasEnded() {
        moves();
    }

    private static ConnectionError handlerFailed(String sentence) {
        return ConnectionError.of(ConnectionError.Kind.HANDLER_FAILED, sentence);
    }

    /** What was sent cannot become whole any more. */
    void fail(ConnectionError why) {
        if (!over) {
            connection().abort(why);
            end(false);
        }
    }

    /** It is over before its end: the connection has gone. */
    void cut() {
        if (!over) {
            end(false);
        }
    }

    private void end(boolean whole) {
        over = true;
        request.outgoing = null;
        request.sentBytes(sent);
        served.clearDeadline(Deadlines.Kind.RESPONSE);
        served.clearDeadline(Deadlines.Kind.PRODUCER);
        try {
            producer.onDone(whole);
        } catch (Throwable e) {
            served.report(e);
        }
        if (whole) {
            served.answered(request);
        }
    }

    // ---------------------------------------------------------------- what a producer calls

    @Override
    public Connection connection() {
        return served.connection();
    }

    /** Checks that so many bytes may come, and puts what belongs in front of them. False if there are none. */
    private boolean begin(long count) {
        return begin(count, count);
    }

    /** The same, where not all of it comes to lie in memory. */
    private boolean begin(long count, long inMemory) {
        if (over) {
            throw new IllegalStateException("the body has ended");
        }
        requireWhole();
        if (framing >= 0 && count > left) {
            throw new IllegalStateException("the body would be longer than announced: " + count + " bytes more, where "
                    + left + " of " + framing + " are left");
        }
        if (count == 0) {
            return false;
        }
        if (framing == CHUNKED) {
            requireRoom(inMemory);
            announced = true;
            served.send(ServerDate.ascii(Long.toHexString(count) + "\r\n"));
        }
        return true;
    }

    /** A chunk is announced only if there is room for it, so that a producer may come back with the piece later. */
    private void requireRoom(long count) {
        int pending = connection().pendingBytes();
        if (pending == Integer.MAX_VALUE) {
            return; // files wait, of which nobody knows how much is in memory
        }
        long inMemory = pending - connection().pendingFileBytes();
        int limit = connection().options().sendLimit();
        if (count + CHUNK_OVERHEAD > limit - inMemory) {
            throw new SendLimitException(connection() + ": cannot send a chunk of " + count + " bytes, " + inMemory
                    + " of at most " + limit + " are waiting already");
        }
    }

    /** Whatever kept a chunk back that was announced: nothing can follow in its place. */
    private void requireWhole() {
        if (announced) {
            fail(handlerFailed("a piece of an answer could not be sent"));
            throw new IllegalStateException("the body is broken: the piece before could not be sent");
        }
    }

    private BodyOutput handed(long count) {
        announced = false;
        left -= framing >= 0 ? count : 0;
        sent += count;
        progress = true;
        served.handed(count);
        if (framing == CHUNKED) {
            served.send(LINE_END);
        }
        if (!asking) {
            moves();
        }
        return this;
    }

    @Override
    public BodyOutput send(byte[] bytes) {
        if (begin(bytes.length)) {
            connection().send(bytes);
            return handed(bytes.length);
        }
        return this;
    }

    @Override
    public BodyOutput send(ByteBuffer bytes) {
        int count = bytes.remaining();
        if (begin(count)) {
            connection().send(bytes);
            return handed(count);
        }
        return this;
    }

    @Override
    public BodyOutput send(Bytes bytes) {
        if (begin(bytes.length())) {
            connection().send(bytes);
            return handed(bytes.length());
        }
        return this;
    }

    @Override
    public BodyOutput send(CharSequence text) {
        return send(Bytes.utf8(text));
    }

    @Override
    public BodyOutput send(ReceiveBuffer source) {
        int count = source.size();
        if (begin(count)) {
            connection().send(source);
            return handed(count);
        }
        return this;
    }

    @Override
    public BodyOutput send(FileRegion region) {
        long count = region.count();
        boolean some;
        try {
            some = begin(count, Math.min(count, SMALL_FILE));
        } catch (IllegalStateException e) {
            region.close();
            throw e;
        }
        connection().send(region); // an empty one, too, which is thereby closed
        return some ? handed(count) : this;
    }

    @Override
    public boolean isWritable() {
        return !over && connection().isWritable();
    }

    @Override
    public void resume() {
        synchronized (this) {
            if (resuming) {
                return;
            }
            resuming = true;
        }
        served.later(this::resumed);
    }

    private void resumed() {
        synchronized (this) {
            resuming = false;
        }
        if (asking) {
            askAgain = true;
        } else if (!over && connection().isWritable()) {
            pump();
        }
    }

    @Override
    public void end() {
        end(Headers.EMPTY);
    }

    @Override
    public void end(Headers trailers) {
        try {
            Framing.checkTrailers(trailers);
        } catch (HttpException illegal) {
            throw new IllegalArgumentException(illegal.getMessage(), illegal);
        }
        if (over) {
            throw new IllegalStateException("the body has ended");
        }
        requireWhole();
        if (left > 0) {
            throw new IllegalStateException(
                    "the body is shorter than announced: " + left + " bytes of " + framing + " are missing");
        }
        if (framing == CHUNKED) {
            if (trailers.isEmpty()) {
                served.send(LAST_CHUNK);
            } else {
                ByteBuffer last = ByteBuffer.allocate(trailers.encodedLength() + LAST_CHUNK.length);
                last.put((byte) '0').put(LINE_END);
                trailers.writeTo(last);
                served.send(last.put(LINE_END).array());
            }
        }
        progress = true;
        end(true);
    }

    @Override
    public void abort(String reason) {
        if (!over) {
            String sentence = "the body of an answer was given up: " + reason;
            served.report(new IllegalStateException(sentence));
            fail(handlerFailed(sentence));
        }
    }
}
