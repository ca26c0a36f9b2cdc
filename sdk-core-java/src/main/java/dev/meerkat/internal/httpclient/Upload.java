package dev.meerkat.internal.httpclient;

import dev.meerkat.Connection;
import dev.meerkat.http.BodyProducer;
import dev.meerkat.internal.http1.Http1Encoder;
import dev.meerkat.internal.httpio.FramedBody;
import java.nio.ByteBuffer;

/** The body of a request on its way: its producer is asked for more when the server has taken what there was. */
final class Upload extends FramedBody {
    /** Whom it concerns how it went. */
    interface Owner {
        /** All of it was handed to the connection. */
        void uploaded();

        /** A part of it was, perhaps. */
        void produced();

        /** It cannot become whole. */
        void uploadFailed(String what, Throwable thrown);
    }

    private final Owner owner;
    private boolean begun;
    private boolean asking;

    Upload(Connection connection, Owner owner, BodyProducer producer, Http1Encoder encoder) {
        super(connection, producer, encoder);
        this.owner = owner;
    }

    /** Begins, if that has not happened. */
    void begin() {
        if (!begun) {
            begun = true;
            pump();
        }
    }

    boolean hasBegun() {
        return begun;
    }

    @Override
    protected void pump() {
        if (isOver() || asking || !begun) {
            return;
        }
        asking = true;
        try {
            while (!isOver() && connection().isWritable()) {
                long before = sent();
                produce();
                if (sent() == before && !isOver()) {
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
        if (!isOver() && connection().isOpen()) {
            connection().requestWritable();
            owner.produced();
        }
    }

    /** Nobody wants the rest. */
    void stop() {
        end(false);
    }

    @Override
    protected void resumed() {
        pump();
    }

    @Override
    protected void sendFraming(ByteBuffer bytes) {
        connection().send(bytes);
    }

    @Override
    protected void handed(long count) {
        // looked at when the producer returns
    }

    @Override
    protected void complete() {
        end(true);
        owner.uploaded();
    }

    @Override
    protected void broken(String what) {
        stop();
        owner.uploadFailed(what, new IllegalStateException(what));
    }

    @Override
    protected void report(Throwable failure) {
        connection().manager().report(connection(), failure);
    }
}
