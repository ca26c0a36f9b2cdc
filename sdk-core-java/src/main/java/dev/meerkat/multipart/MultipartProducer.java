package dev.meerkat.multipart;

import dev.meerkat.EventManager;
import dev.meerkat.ManagerClosedException;
import dev.meerkat.http.BodyOutput;
import dev.meerkat.http.BodyProducer;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Sends the pieces of one body. What is in memory goes at once; of a source one portion is read ahead on a worker while
 * the one before is sent. On the loop, but for what {@link Reading} does.
 */
final class MultipartProducer implements BodyProducer {
    private static final int PORTION_BYTES = 65_536;

    private final List<MultipartBody.Piece> pieces;
    private int next;
    private @Nullable Reading reading;
    private @Nullable BodyOutput output;
    private boolean over;

    MultipartProducer(List<MultipartBody.Piece> pieces) {
        this.pieces = pieces;
    }

    @Override
    public void produce(BodyOutput to) {
        output = to;
        while (!over && to.isWritable()) {
            if (next == pieces.size()) {
                over = true;
                to.end();
                return;
            }
            MultipartBody.Piece piece = pieces.get(next);
            if (piece instanceof MultipartBody.Piece.Memory memory) {
                next++;
                if (!memory.bytes().isEmpty()) {
                    to.send(memory.bytes());
                }
            } else if (!sendPortion(to, (MultipartBody.Piece.Streamed) piece)) {
                return; // and is asked again when there is one
            }
        }
    }

    /** Sends what was read, and has more read; tells whether to go on. */
    private boolean sendPortion(BodyOutput to, MultipartBody.Piece.Streamed piece) {
        Reading present = reading;
        if (present == null) {
            present = new Reading(piece.source(), piece.length());
            reading = present;
            read(present, to.connection().manager());
            return false;
        }
        if (present.underWay) {
            return false;
        }
        if (present.count < 0) {
            next++;
            reading = null;
            close(present, to.connection().manager());
            return true;
        }
        to.send(ByteBuffer.wrap(present.portion, 0, present.count));
        read(present, to.connection().manager());
        return true;
    }

    private void read(Reading from, EventManager manager) {
        from.underWay = true;
        CompletableFuture<Integer> unused = manager.submitBlocking(from::read).whenComplete((count, failure) -> {
            if (failure instanceof ManagerClosedException) {
                return;
            }
            from.underWay = false;
            BodyOutput to = output;
            if (over) {
                close(from, manager);
            } else if (to != null) {
                if (failure != null) {
                    over = true;
                    to.abort("a part could not be read: " + failure);
                } else {
                    from.count = count;
                    to.resume();
                }
            }
        });
    }

    @Override
    public void onDone(boolean sent) {
        over = true;
        Reading present = reading;
        BodyOutput to = output;
        if (present != null && !present.underWay && to != null) {
            reading = null;
            close(present, to.connection().manager());
        }
    }

    private static void close(Reading from, EventManager manager) {
        try {
            CompletableFuture<Boolean> unused = manager.submitBlocking(from::close)
                    .whenComplete((done, failure) -> {
                        if (failure != null) {
                            from.close(); // no worker has a place for it; a descriptor must not stay for that
                        }
                    });
        } catch (ManagerClosedException e) {
            from.close();
        }
    }

    /** One source. Its methods run on workers, one at a time; the fields without a worker's mark are the loop's. */
    private static final class Reading {
        final byte[] portion = new byte[PORTION_BYTES];
        private final MultipartBody.Source source;
        private final boolean isBounded;
        /** The workers'. */
        private long left;
        /** The workers'. */
        private @Nullable InputStream stream;

        boolean underWay;
        /** How much of the portion is there; -1 at the end. */
        int count;

        Reading(MultipartBody.Source source, long length) {
            this.source = source;
            this.isBounded = length >= 0;
            this.left = length;
        }

        int read() throws IOException {
            InputStream from = stream;
            if (from == null) {
                from = source.open();
                stream = from;
            }
            if (isBounded && left == 0) {
                return -1;
            }
            int most = isBounded ? (int) Math.min(left, portion.length) : portion.length;
            int got = from.readNBytes(portion, 0, most);
            if (isBounded) {
                left -= got;
                if (got < most) {
                    throw new EOFException("it is " + left + " bytes shorter than it was");
                }
            }
            return got == 0 ? -1 : got;
        }

        boolean close() {
            InputStream from = stream;
            stream = null;
            try {
                if (from != null) {
                    from.close();
                }
            } catch (IOException e) {
                // It was only read.
            }
            return true;
        }
    }
}
