package dev.meerkat.internal.httpio;

import dev.meerkat.Connection;
import dev.meerkat.SendLimitException;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.FileRegion;
import dev.meerkat.event.ReceiveBuffer;
import dev.meerkat.http.BodyOutput;
import dev.meerkat.http.BodyProducer;
import dev.meerkat.http.Headers;
import dev.meerkat.http.HttpException;
import dev.meerkat.internal.http1.Framing;
import dev.meerkat.internal.http1.Http1Encoder;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A body on its way out, of a request as of an answer: what its producer sends gets the framing around it and goes to
 * the connection. When the producer is asked is the business of whoever extends this. Loop thread.
 */
public abstract class FramedBody implements BodyOutput {
    /** As much of a file as is read at once, see {@link Connection#send(FileRegion)}. */
    private static final int SMALL_FILE = 16 * 1024;

    private static final ByteBuffer NO_LINES = ByteBuffer.allocate(0);

    private final Connection connection;
    private final BodyProducer producer;
    private final Http1Encoder encoder;
    /** Lines between chunks are written here; only for those who need some. */
    private @Nullable ByteBuffer lines;

    private long sent;
    /** The line in front of a chunk has been sent, the chunk has not. */
    private boolean announced;

    private boolean over;
    /** Any thread, under the monitor of this. */
    private boolean resuming;

    /**
     * Makes a body behind a head that was sent, or will be before the first piece.
     *
     * @param connection where to
     * @param producer makes the pieces
     * @param encoder in the middle of the message
     */
    protected FramedBody(Connection connection, BodyProducer producer, Http1Encoder encoder) {
        this.connection = connection;
        this.producer = producer;
        this.encoder = encoder;
    }

    // ---------------------------------------------------------------- for who extends this

    /** Asks the producer, as long as it has something and the peer takes it. */
    protected abstract void pump();

    /** The producer has said that it has something again. */
    protected abstract void resumed();

    /**
     * Sends framing.
     *
     * @param bytes some
     */
    protected abstract void sendFraming(ByteBuffer bytes);

    /**
     * A piece was handed to the connection.
     *
     * @param count its length, without its framing
     */
    protected abstract void handed(long count);

    /** All of the body was handed to the connection. */
    protected abstract void complete();

    /**
     * The body cannot become whole: whoever extends this gives it up.
     *
     * @param what in a sentence
     */
    protected abstract void broken(String what);

    /**
     * What the producer threw when it was told that all is over.
     *
     * @param failure what it threw
     */
    protected abstract void report(Throwable failure);

    /**
     * Asks the producer once.
     *
     * @throws Exception what it throws
     */
    protected final void produce() throws Exception {
        producer.produce(this);
    }

    /**
     * The body is over, and the producer is told.
     *
     * @param whole whether all of it was handed over
     * @return false if it was over before
     */
    protected final boolean end(boolean whole) {
        if (over) {
            return false;
        }
        over = true;
        try {
            producer.onDone(whole);
        } catch (Throwable e) {
            report(e);
        }
        return true;
    }

    /**
     * Whether it is over.
     *
     * @return true from the end on, of whatever kind
     */
    public final boolean isOver() {
        return over;
    }

    /**
     * How much was handed to the connection.
     *
     * @return in bytes, without framing
     */
    protected final long sent() {
        return sent;
    }

    // ---------------------------------------------------------------- pieces

    /** What comes in front of bytes; false if there are none. */
    private boolean open(long count) {
        return open(count, count);
    }

    /** The same, where not all of it comes to lie in memory. */
    private boolean open(long count, long inMemory) {
        if (over) {
            throw new IllegalStateException("the body has ended");
        }
        requireWhole();
        if (encoder.isChunked()) {
            if (count > 0) {
                requireRoom(inMemory);
                announced = true;
                ByteBuffer line = lines();
                encoder.beforeData(count, line);
                flush(line);
            }
        } else if (count > encoder.remaining()) {
            encoder.beforeData(count, lines()); // which says why not, or writes nothing
        }
        return count > 0;
    }

    /** A chunk is announced only if there is room for it, so that a producer may come back with the piece later. */
    private void requireRoom(long count) {
        int pending = connection.pendingBytes();
        if (pending == Integer.MAX_VALUE) {
            return; // files wait, of which nobody knows how much is in memory
        }
        long inMemory = pending - connection.pendingFileBytes();
        int limit = connection.options().sendLimit();
        if (count + Http1Encoder.CHUNK_OVERHEAD > limit - inMemory) {
            throw new SendLimitException(connection + ": cannot send " + count + " bytes of a body, " + inMemory
                    + " of at most " + limit + " are waiting already");
        }
    }

    /** Whatever kept a chunk back that was announced: nothing can follow in its place. */
    private void requireWhole() {
        if (announced) {
            broken("a piece of the body could not be sent");
            throw new IllegalStateException("the body is broken: the piece before could not be sent");
        }
    }

    /** Behind a piece that the connection has taken. */
    private BodyOutput close(long count) {
        sent += count;
        if (encoder.isChunked()) {
            announced = false;
            ByteBuffer line = lines();
            encoder.afterData(count, line);
            flush(line);
        } else if (encoder.remaining() > 0) {
            encoder.beforeData(count, NO_LINES); // writes nothing, counts
        }
        handed(count);
        return this;
    }

    private ByteBuffer lines() {
        ByteBuffer present = lines;
        if (present == null) {
            present = ByteBuffer.allocate(Http1Encoder.CHUNK_OVERHEAD);
            lines = present;
        }
        return present;
    }

    private void flush(ByteBuffer line) {
        sendFraming(line.flip());
        line.clear();
    }

    // ---------------------------------------------------------------- what a producer calls

    @Override
    public final Connection connection() {
        return connection;
    }

    @Override
    public final BodyOutput send(byte[] bytes) {
        if (open(bytes.length)) {
            connection.send(bytes);
            return close(bytes.length);
        }
        return this;
    }

    @Override
    public final BodyOutput send(ByteBuffer bytes) {
        int count = bytes.remaining();
        if (open(count)) {
            connection.send(bytes);
            return close(count);
        }
        return this;
    }

    @Override
    public final BodyOutput send(Bytes bytes) {
        int count = bytes.length();
        if (open(count)) {
            connection.send(bytes);
            return close(count);
        }
        return this;
    }

    @Override
    public final BodyOutput send(CharSequence text) {
        return send(Bytes.utf8(text));
    }

    @Override
    public final BodyOutput send(ReceiveBuffer source) {
        int count = source.size();
        if (open(count)) {
            connection.send(source);
            return close(count);
        }
        return this;
    }

    @Override
    public final BodyOutput send(FileRegion region) {
        long count = region.count();
        boolean some;
        try {
            some = open(count, Math.min(count, SMALL_FILE));
        } catch (RuntimeException e) {
            region.close();
            throw e;
        }
        connection.send(region); // an empty one, too, which is thereby closed
        return some ? close(count) : this;
    }

    @Override
    public final boolean isWritable() {
        return !over && connection.isWritable();
    }

    @Override
    public final void resume() {
        synchronized (this) {
            if (resuming) {
                return;
            }
            resuming = true;
        }
        boolean unused = Later.run(connection.manager(), this::goesOn);
    }

    private void goesOn() {
        synchronized (this) {
            resuming = false;
        }
        resumed();
    }

    @Override
    public final void end() {
        end(Headers.EMPTY);
    }

    @Override
    public final void end(Headers trailers) {
        try {
            Framing.checkTrailers(trailers);
        } catch (HttpException illegal) {
            throw new IllegalArgumentException(illegal.getMessage(), illegal);
        }
        if (over) {
            throw new IllegalStateException("the body has ended");
        }
        requireWhole();
        if (encoder.isChunked()) {
            requireRoom(trailers.encodedLength());
            ByteBuffer last = trailers.isEmpty()
                    ? lines()
                    : ByteBuffer.allocate(trailers.encodedLength() + Http1Encoder.CHUNK_OVERHEAD);
            encoder.end(trailers, last);
            flush(last);
        } else {
            encoder.end(NO_LINES); // trailers have no place there
        }
        complete();
    }

    @Override
    public final void abort(String reason) {
        if (!over) {
            broken("the body was given up: " + reason);
        }
    }
}
