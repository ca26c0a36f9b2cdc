package dev.meerkat.http.filter;

import dev.meerkat.Connection;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.FileRegion;
import dev.meerkat.event.ReceiveBuffer;
import dev.meerkat.http.BodyOutput;
import dev.meerkat.http.BodyProducer;
import dev.meerkat.http.Headers;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Compresses what a producer makes. Compressing swallows: a producer that has sent something has perhaps not made a
 * byte for the peer, so it is asked again here until a byte comes out, it has nothing more, or it has had its share of
 * a turn.
 */
final class CompressedBody implements BodyProducer, BodyOutput {
    /** What a producer may send at a time without a byte coming out: 16 times what one read of the loop brings. */
    private static final int SHARE_BYTES = 1 << 20;

    /** What is read of a file at a time. */
    private static final int FILE_STEP_BYTES = 64 << 10;

    private final BodyProducer producer;
    private final Deflating deflating;
    private @Nullable BodyOutput output;
    private @Nullable FileRegion file;
    private long fileOffset;
    /** The end that was asked for, perhaps behind a file. */
    private @Nullable Headers end;

    private long taken;
    private long made;
    private boolean unflushed;
    private boolean over;

    CompressedBody(BodyProducer producer, Deflating deflating) {
        this.producer = producer;
        this.deflating = deflating;
    }

    @Override
    public void produce(BodyOutput target) throws Exception {
        output = target;
        long madeBefore = made;
        long share = taken + SHARE_BYTES;
        while (!over && made == madeBefore) {
            long takenBefore = taken;
            if (file != null) {
                sendFile(file);
            } else {
                producer.produce(this);
            }
            if (!over && file == null && taken == takenBefore) {
                if (unflushed) {
                    unflushed = false;
                    deflating.flush(this::emit);
                }
                return;
            }
            if (taken >= share) {
                target.resume();
                return;
            }
        }
    }

    @Override
    public void onDone(boolean sent) {
        over = true;
        deflating.close();
        if (file != null) {
            file.close();
        }
        producer.onDone(sent);
    }

    private BodyOutput output() {
        if (output == null || over) {
            throw new IllegalStateException("the body has ended");
        }
        return output;
    }

    private void emit(ByteBuffer step) {
        made += step.remaining();
        output().send(step);
    }

    private void requireNoFile() {
        if (file != null) {
            throw new IllegalStateException("a file is being sent: it comes first");
        }
    }

    @Override
    public Connection connection() {
        return output().connection();
    }

    @Override
    public BodyOutput send(byte[] bytes) {
        return send(ByteBuffer.wrap(bytes));
    }

    @Override
    public BodyOutput send(ByteBuffer bytes) {
        output();
        requireNoFile();
        if (bytes.hasRemaining()) {
            taken += bytes.remaining();
            unflushed = true;
            deflating.add(bytes, this::emit);
        }
        return this;
    }

    @Override
    public BodyOutput send(Bytes bytes) {
        return send(bytes.asByteBuffer());
    }

    @Override
    public BodyOutput send(CharSequence text) {
        return send(Bytes.utf8(text));
    }

    @Override
    public BodyOutput send(ReceiveBuffer source) {
        while (!source.isEmpty()) {
            ByteBuffer view = source.view();
            int count = view.remaining();
            send(view);
            source.discard(count);
        }
        return this;
    }

    /** Sends a file: read by the slice, as long as the peer takes it. */
    @Override
    public BodyOutput send(FileRegion region) {
        output();
        requireNoFile();
        file = region;
        fileOffset = 0;
        return this;
    }

    private void sendFile(FileRegion region) throws IOException {
        ByteBuffer slice = ByteBuffer.allocate(FILE_STEP_BYTES);
        int count = region.read(slice, fileOffset);
        if (count > 0) {
            fileOffset += count;
            taken += count;
            unflushed = true;
            deflating.add(slice.flip(), this::emit);
        }
        if (fileOffset == region.count()) {
            file = null;
            region.close();
            if (end != null) {
                finish(end);
            }
        } else if (count < 0) {
            throw new EOFException("the file has become shorter");
        }
    }

    @Override
    public boolean isWritable() {
        return !over && output().isWritable();
    }

    @Override
    public void resume() {
        BodyOutput present = output;
        if (present != null) {
            present.resume();
        }
    }

    @Override
    public void end() {
        end(Headers.EMPTY);
    }

    @Override
    public void end(Headers trailers) {
        output();
        if (end != null) {
            throw new IllegalStateException("the body has ended");
        }
        end = trailers;
        if (file == null) {
            finish(trailers);
        }
    }

    private void finish(Headers trailers) {
        deflating.finish(this::emit);
        BodyOutput present = output();
        over = true;
        present.end(trailers);
    }

    @Override
    public void abort(String reason) {
        BodyOutput present = output();
        over = true;
        present.abort(reason);
    }
}
