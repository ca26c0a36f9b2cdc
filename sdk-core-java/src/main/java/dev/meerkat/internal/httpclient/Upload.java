package dev.meerkat.internal.httpclient;

import dev.meerkat.Connection;
import dev.meerkat.SendLimitException;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.FileRegion;
import dev.meerkat.event.ReceiveBuffer;
import dev.meerkat.http.BodyOutput;
import dev.meerkat.http.BodyProducer;
import dev.meerkat.http.Headers;
import dev.meerkat.internal.http1.Http1Encoder;
import dev.meerkat.internal.httpio.Later;
import java.nio.ByteBuffer;

/** The body of a request on its way: its producer is asked for more when the server has taken what there was. */
final class Upload implements BodyOutput {
    /** Whom it concerns how it went. */
    interface Owner {
        /** All of it was handed to the connection. */
        void uploaded();

        /** A part of it was, perhaps. */
        void produced();

        /** It cannot become whole. */
        void uploadFailed(String what, Throwable thrown);
    }

    /** As much of a file as is read at once, see {@link Connection#send(FileRegion)}. */
    private static final int SMALL_FILE = 16 * 1024;

    private final Connection connection;
    private final Owner owner;
    private final BodyProducer producer;
    private final Http1Encoder encoder;
    private final ByteBuffer framing = ByteBuffer.allocate(Http1Encoder.CHUNK_OVERHEAD);
    private long sent;
    /** The line in front of a chunk has been sent, the chunk has not. */
    private boolean announced;

    private boolean begun;
    private boolean asking;
    private boolean over;
    /** Any thread, under the monitor of this. */
    private boolean resuming;

    Upload(Connection connection, Owner owner, BodyProducer producer, Http1Encoder encoder) {
        this.connection = connection;
        this.owner = owner;
        this.producer = producer;
        this.encoder = encoder;
    }

    /** Begins, if that has not happened. */
    void begin() {
        if (!begun) {
            begun = true;
            produce();
        }
    }

    boolean hasBegun() {
        return begun;
    }

    boolean isOver() {
        return over;
    }

    /** Asks the producer as long as there is room. */
    void produce() {
        if (over || asking || !begun) {
            return;
        }
        asking = true;
        try {
            while (!over && connection.isWritable()) {
                long before = sent;
                producer.produce(this);
                if (sent == before && !over) {
                    owner.produced();
                    return; // it will resume
                }
            }
        } catch (Exception e) {
            stop();
            owner.uploadFailed("the producer of the body threw", e);
            return;
        } finally {
            asking = false;
        }
        if (!over && connection.isOpen()) {
            connection.requestWritable();
            owner.produced();
        }
    }

    /** Nobody wants the rest. */
    void stop() {
        if (!over) {
            over = true;
            producer.onDone(false);
        }
    }

    @Override
    public Connection connection() {
        return connection;
    }

    @Override
    public BodyOutput send(byte[] bytes) {
        int count = bytes.length;
        if (open(count)) {
            connection.send(bytes);
            close(count);
        }
        return this;
    }

    @Override
    public BodyOutput send(ByteBuffer bytes) {
        int count = bytes.remaining();
        if (open(count)) {
            connection.send(bytes);
            close(count);
        }
        return this;
    }

    @Override
    public BodyOutput send(Bytes bytes) {
        int count = bytes.length();
        if (open(count)) {
            connection.send(bytes);
            close(count);
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
        if (open(count)) {
            connection.send(source);
            close(count);
        }
        return this;
    }

    @Override
    public BodyOutput send(FileRegion region) {
        long count = region.count();
        boolean some;
        try {
            some = open(count, Math.min(count, SMALL_FILE));
        } catch (RuntimeException e) {
            region.close();
            throw e;
        }
        connection.send(region); // an empty one, too, which is thereby closed
        if (some) {
            close(count);
        }
        return this;
    }

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
        if (count > 0 && encoder.isChunked()) {
            requireRoom(inMemory);
            announced = true;
            encoder.beforeData(count, framing);
            flush();
        } else if (count > encoder.remaining()) {
            encoder.beforeData(count, framing); // which says why not
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
            IllegalStateException broken =
                    new IllegalStateException("the body is broken: the piece before could not be sent");
            stop();
            owner.uploadFailed("a piece of the body could not be sent", broken);
            throw broken;
        }
    }

    /** Behind a piece that the connection has taken. */
    private void close(long count) {
        sent += count;
        if (encoder.isChunked()) {
            announced = false;
            encoder.afterData(count, framing);
            flush();
        } else {
            encoder.beforeData(count, framing); // writes nothing, counts
        }
    }

    private void flush() {
        if (framing.position() > 0) {
            connection.send(framing.flip());
            framing.clear();
        }
    }

    @Override
    public boolean isWritable() {
        return !over && connection.isWritable();
    }

    @Override
    public void resume() {
        synchronized (this) {
            if (resuming) {
                return;
            }
            resuming = true;
        }
        Later.run(connection.manager(), this::resumed);
    }

    private void resumed() {
        synchronized (this) {
            resuming = false;
        }
        produce();
    }

    @Override
    public void end() {
        end(Headers.EMPTY);
    }

    @Override
    public void end(Headers trailers) {
        if (over) {
            throw new IllegalStateException("the body has ended");
        }
        requireWhole();
        if (encoder.isChunked()) {
            requireRoom(trailers.encodedLength());
        }
        ByteBuffer last = ByteBuffer.allocate(trailers.encodedLength() + Http1Encoder.CHUNK_OVERHEAD);
        encoder.end(encoder.isChunked() ? trailers : Headers.EMPTY, last);
        if (last.position() > 0) {
            connection.send(last.flip());
        }
        over = true;
        producer.onDone(true);
        owner.uploaded();
    }

    @Override
    public void abort(String reason) {
        if (!over) {
            stop();
            owner.uploadFailed("the body was given up: " + reason, new IllegalStateException(reason));
        }
    }
}
