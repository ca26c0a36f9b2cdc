package dev.meerkat.http;

import dev.meerkat.event.Bytes;
import dev.meerkat.event.FileRegion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.List;

/** Sends parts of an open file, and what stands between them. Whoever opened the file closes it. */
final class FileBody implements BodyProducer {
    /**
     * A piece of the body: bytes, and behind them a part of the file.
     *
     * @param before sent first
     * @param range the part; empty for none
     */
    record Piece(Bytes before, List<ByteRanges.Range> range) {
        long length() {
            return before.length() + (range.isEmpty() ? 0 : range.get(0).length());
        }
    }

    private final FileRegion file;
    private final List<Piece> pieces;
    private int next;

    FileBody(FileRegion file, List<Piece> pieces) {
        this.file = file;
        this.pieces = pieces;
    }

    @Override
    public void produce(BodyOutput output) throws IOException {
        Piece piece = pieces.get(next++);
        output.send(piece.before());
        if (!piece.range().isEmpty()) {
            ByteRanges.Range range = piece.range().get(0);
            output.send(FileRegion.of(file.file(), range.first(), range.length(), () -> {}));
        }
        if (next == pieces.size()) {
            output.end();
        }
    }

    /** Without the request: see {@link Response#file(Path, String)}. */
    static Response response(Path path, String contentType) throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
        if (!attributes.isRegularFile()) {
            throw new NoSuchFileException(path.toString(), null, "not a file");
        }
        long size = attributes.size();
        return Response.stream(contentType, size, () -> new WholeFile(part(path, size)))
                .withHeader("Last-Modified", date(attributes.lastModifiedTime().toInstant()));
    }

    /**
     * Opened before the head leaves, so that a file that has gone or has become shorter is 500 and not half an answer.
     */
    private static FileRegion part(Path path, long size) {
        try {
            FileRegion whole = FileRegion.open(path);
            try {
                return FileRegion.of(whole.file(), 0, size, whole::close);
            } catch (IOException | RuntimeException shortened) {
                whole.close();
                throw shortened;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An open file that goes out in one piece. */
    private static final class WholeFile implements BodyProducer {
        private final FileRegion file;
        private boolean handedOn;

        WholeFile(FileRegion file) {
            this.file = file;
        }

        @Override
        public void produce(BodyOutput output) {
            handedOn = true;
            output.send(file);
            output.end();
        }

        @Override
        public void onDone(boolean sent) {
            if (!handedOn) {
                file.close();
            }
        }
    }

    /** A date that can be written, whatever a file system says. */
    static String date(Instant instant) {
        return HttpDate.format(instant.isBefore(Instant.EPOCH) ? Instant.EPOCH : instant);
    }
}
