package dev.meerkat.internal.http;

import dev.meerkat.event.Bytes;
import dev.meerkat.http.BodyOutput;
import dev.meerkat.http.BodyProducer;
import java.nio.ByteBuffer;

/** Bytes in memory that are more than a connection may have waiting: they are sent in pieces. */
final class BytesProducer implements BodyProducer {
    private static final int PIECE_BYTES = 64 * 1024;

    private final ByteBuffer bytes;

    BytesProducer(Bytes bytes) {
        this.bytes = bytes.asByteBuffer();
    }

    @Override
    public void produce(BodyOutput output) {
        int count = Math.min(PIECE_BYTES, bytes.remaining());
        output.send(bytes.slice(bytes.position(), count));
        bytes.position(bytes.position() + count);
        if (!bytes.hasRemaining()) {
            output.end();
        }
    }
}
