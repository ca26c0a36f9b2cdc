package dev.meerkat.internal.httpclient;

import dev.meerkat.event.Bytes;
import dev.meerkat.http.BodyOutput;
import dev.meerkat.http.BodyProducer;
import java.nio.ByteBuffer;

/** Sends bytes that are in memory, large ones in slices, so that no more is queued than a connection may hold. */
final class WholeProducer implements BodyProducer {
    private static final int SLICE_BYTES = 64 << 10;

    private final Bytes bytes;
    private final ByteBuffer rest;

    WholeProducer(Bytes bytes) {
        this.bytes = bytes;
        this.rest = bytes.asByteBuffer();
    }

    @Override
    public void produce(BodyOutput output) {
        if (bytes.length() <= SLICE_BYTES) {
            output.send(bytes).end();
            return;
        }
        int count = Math.min(rest.remaining(), SLICE_BYTES);
        output.send(rest.slice(rest.position(), count));
        rest.position(rest.position() + count);
        if (!rest.hasRemaining()) {
            output.end();
        }
    }
}
