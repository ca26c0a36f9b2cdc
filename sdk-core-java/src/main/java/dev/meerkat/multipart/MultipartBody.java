package dev.meerkat.multipart;

import dev.meerkat.event.Bytes;
import dev.meerkat.http.BodyProducer;
import dev.meerkat.http.Headers;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.random.RandomGenerator;

/**
 * A body of parts that this program sends, for forms with files (RFC 7578). Immutable; it may be sent any number of
 * times, by any number of connections.
 *
 * <pre>{@code
 * MultipartBody body = MultipartBody.builder()
 *         .field("title", "Holidays")
 *         .file("photo", Path.of("beach.jpg"), "image/jpeg")
 *         .build(manager.runtime().entropy().stream("multipart-boundary"));
 * ClientBody sent = ClientBody.stream(body.contentType(), body.length(), body::producer);
 * }</pre>
 *
 * <p>Files are read while the body is sent, on the workers of the connection's manager, 64 KiB ahead: a large file
 * takes no more memory than a small one.
 */
public final class MultipartBody {
    private static final String TYPE = "multipart/form-data; boundary=";
    private static final String ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /** 22 of 62 characters are 130 bits: as good as none of the data can hold them by chance. */
    private static final int RANDOM_CHARS = 22;

    /** A piece of the body: bytes, or what a source gives. */
    sealed interface Piece {
        /** Bytes in memory. */
        record Memory(Bytes bytes) implements Piece {}

        /** Bytes from somewhere else; the length is -1 if nobody knows it. */
        record Streamed(Source source, long length) implements Piece {}
    }

    /** Opens what a part's data comes from. */
    @FunctionalInterface
    public interface Source {
        /**
         * Opens it, from the beginning. Called on a worker, so it may block; once for each time the body is sent.
         *
         * @return a stream, read on workers, by one at a time, and closed
         * @throws IOException if it cannot be opened; the body is aborted, and with it the connection
         */
        InputStream open() throws IOException;
    }

    private final String boundary;
    private final List<Piece> pieces;
    private final long length;

    private MultipartBody(String boundary, List<Piece> pieces) {
        this.boundary = boundary;
        this.pieces = List.copyOf(pieces);
        long sum = 0;
        for (Piece piece : pieces) {
            long next = piece instanceof Piece.Streamed streamed
                    ? streamed.length()
                    : ((Piece.Memory) piece).bytes().length();
            sum = sum < 0 || next < 0 ? -1 : sum + next;
        }
        length = sum;
    }

    /**
     * Starts without parts.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * What stands between the parts.
     *
     * @return 30 characters of letters, digits and a hyphen
     */
    public String boundary() {
        return boundary;
    }

    /**
     * The value of the field Content-Type.
     *
     * @return {@code multipart/form-data} with the boundary
     */
    public String contentType() {
        return TYPE + boundary;
    }

    /**
     * The length of the whole body.
     *
     * @return in bytes; -1 if that of a part is not known
     */
    public long length() {
        return length;
    }

    /**
     * Makes what sends the body, once.
     *
     * @return a new producer
     */
    public BodyProducer producer() {
        return new MultipartProducer(pieces);
    }

    /** Collects parts in their order; each method answers the builder itself. */
    public static final class Builder {
        private record Part(String head, Piece data) {}

        private final List<Part> parts = new ArrayList<>();

        private Builder() {}

        /**
         * Adds a field of a form.
         *
         * @param name its name, by the rules of {@link #part}
         * @param value its text, sent as UTF-8
         * @return this builder
         * @throws IllegalArgumentException if the name cannot be written
         */
        public Builder field(String name, CharSequence value) {
            return add(disposition(name), new Piece.Memory(Bytes.utf8(value)));
        }

        /**
         * Adds a file of the type application/octet-stream under its own name.
         *
         * @param name the name of the form's field
         * @param file the file
         * @return this builder
         * @throws IOException if its length cannot be found out
         * @throws IllegalArgumentException if a name cannot be written
         */
        public Builder file(String name, Path file) throws IOException {
            return file(name, file, "application/octet-stream");
        }

        /**
         * Adds a file under its own name. Its length is looked up now, which may block, and its content when the body
         * is sent; if it is shorter by then the body is aborted, if it is longer the rest is left out.
         *
         * @param name the name of the form's field
         * @param file the file
         * @param contentType its media type
         * @return this builder
         * @throws IOException if its length cannot be found out
         * @throws IllegalArgumentException if a name or the type cannot be written
         */
        public Builder file(String name, Path file, String contentType) throws IOException {
            return part(
                    name,
                    Objects.toString(file.getFileName(), ""),
                    contentType,
                    Files.size(file),
                    () -> Files.newInputStream(file));
        }

        /**
         * Adds a part that is in memory. In names, quotes and line ends are written as browsers do, {@code %22},
         * {@code %0D} and {@code %0A}, and everything else as UTF-8.
         *
         * @param name the name of the form's field
         * @param fileName what its file is called
         * @param contentType its media type
         * @param bytes its data
         * @return this builder
         * @throws IllegalArgumentException if a name has a backslash, which readers take for different things, or a
         *     control character; or if the type cannot be written
         */
        public Builder part(String name, String fileName, String contentType, Bytes bytes) {
            return add(head(name, fileName, contentType), new Piece.Memory(bytes));
        }

        /**
         * Adds a part whose data is read while it is sent.
         *
         * @param name the name of the form's field, by the rules of {@link #part(String, String, String, Bytes)}
         * @param fileName what its file is called
         * @param contentType its media type
         * @param length how long it is, in bytes: what the source has beyond is left out, and if it has less the body
         *     is aborted; -1 if nobody knows
         * @param source where it comes from
         * @return this builder
         * @throws IllegalArgumentException if a name or the type cannot be written, or the length is less than -1
         */
        public Builder part(String name, String fileName, String contentType, long length, Source source) {
            if (length < -1) {
                throw new IllegalArgumentException("expected a length from 0, or -1 for unknown; found " + length);
            }
            return add(
                    head(name, fileName, contentType),
                    new Piece.Streamed(Objects.requireNonNull(source, "source"), length));
        }

        private Builder add(String head, Piece data) {
            parts.add(new Part(head, data));
            return this;
        }

        /**
         * Makes the body.
         *
         * @param random where the boundary comes from; unpredictable to who may choose the data of a part, as a stream
         *     of {@link dev.meerkat.runtime.Entropy} is
         * @return the body
         */
        public MultipartBody build(RandomGenerator random) {
            StringBuilder boundary = new StringBuilder("meerkat-");
            for (int i = 0; i < RANDOM_CHARS; i++) {
                boundary.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
            }
            List<Piece> pieces = new ArrayList<>();
            String before = "--" + boundary + "\r\n";
            for (Part part : parts) {
                pieces.add(new Piece.Memory(Bytes.utf8(before + part.head() + "\r\n")));
                pieces.add(part.data());
                before = "\r\n--" + boundary + "\r\n";
            }
            pieces.add(new Piece.Memory(Bytes.utf8((parts.isEmpty() ? "--" : "\r\n--") + boundary + "--\r\n")));
            return new MultipartBody(boundary.toString(), pieces);
        }

        private static String disposition(String name) {
            return "Content-Disposition: form-data; name=\"" + escaped(name) + "\"\r\n";
        }

        private static String head(String name, String fileName, String contentType) {
            String type = Headers.of("Content-Type", contentType).value(0);
            return "Content-Disposition: form-data; name=\"" + escaped(name) + "\"; filename=\"" + escaped(fileName)
                    + "\"\r\nContent-Type: " + type + "\r\n";
        }

        private static String escaped(String name) {
            StringBuilder escaped = new StringBuilder(name.length());
            for (int i = 0; i < name.length(); i++) {
                char next = name.charAt(i);
                switch (next) {
                    case '"' -> escaped.append("%22");
                    case '\r' -> escaped.append("%0D");
                    case '\n' -> escaped.append("%0A");
                    default -> {
                        if (next == '\\' || Character.isISOControl(next)) {
                            throw new IllegalArgumentException(
                                    "a name has no backslash and no control character, but this has one at " + i);
                        }
                        escaped.append(next);
                    }
                }
            }
            return escaped.toString();
        }
    }
}
