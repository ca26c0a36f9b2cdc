package dev.meerkat.http;

import dev.meerkat.event.Bytes;
import dev.meerkat.event.FileRegion;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * From a request's head to the answer with a file: which file, in which coding, whether at all, which parts of it. May
 * block.
 */
final class FileAnswers {
    /**
     * Up to this size a file is read where it was found: it leaves with the head, and needs no descriptor meanwhile.
     */
    static final int READ_AT_ONCE_BYTES = 64 << 10;

    /** A file of a file system that has no channels for them, and the page of an error, is read up to this size. */
    static final int READ_WHOLE_BYTES = 16 << 20;

    private final FileTree tree;
    private final FileOptions options;
    private final @Nullable String contentType;

    /** What is asked. */
    record Question(RequestHead head, Optional<FilePath> path, Instant now, String boundary) {}

    /**
     * The answer.
     *
     * @param response says what is sent
     * @param open the file that is being sent, to be closed when that is over; null for none
     */
    record Answer(Response response, @Nullable FileRegion open) {}

    /** Of a single file the type may be given. */
    FileAnswers(FileTree tree, FileOptions options, @Nullable String contentType) {
        this.tree = tree;
        this.options = options;
        this.contentType = contentType;
    }

    Answer answer(Question question) throws IOException {
        try {
            Optional<FilePath> path = question.path();
            return path.isEmpty() ? error(404) : answer(question, path.get());
        } catch (AccessDeniedException denied) {
            return error(403);
        } catch (NoSuchFileException goneMeanwhile) {
            return error(404);
        }
    }

    private Answer answer(Question question, FilePath path) throws IOException {
        Path real = tree.find(path.names());
        if (real == null) {
            return error(404);
        }
        BasicFileAttributes attributes = tree.attributes(real);
        if (attributes.isDirectory()) {
            return directory(question, path, real);
        }
        // what is neither, a pipe for instance, could keep whoever opens it waiting for ever
        return attributes.isRegularFile()
                        && (!path.isDirectory() || path.names().isEmpty())
                ? file(question, path.names(), FileState.of(real, attributes, "identity"))
                : error(404);
    }

    private Answer directory(Question question, FilePath path, Path real) throws IOException {
        RequestHead head = question.head();
        if (!path.isDirectory() || !head.path().endsWith("/")) {
            String query = head.query().map(text -> "?" + text).orElse("");
            return new Answer(Response.redirect(301, PercentCoding.encodeTarget(head.path() + "/" + query)), null);
        }
        for (String index : options.indexFiles()) {
            List<String> names = new ArrayList<>(path.names());
            names.add(index);
            Path found = tree.find(names);
            BasicFileAttributes attributes = found == null ? null : tree.attributes(found);
            if (found != null && attributes != null && attributes.isRegularFile()) {
                return file(question, names, FileState.of(found, attributes, "identity"));
            }
        }
        return options.listing()
                ? new Answer(Response.html(FileListing.of(tree, path.names(), real, options)), null)
                : error(404);
    }

    // ---------------------------------------------------------------- a file

    private Answer file(Question question, List<String> names, FileState plain) throws IOException {
        RequestHead head = question.head();
        List<FileState> states = new ArrayList<>();
        List<String> codings = new ArrayList<>();
        for (String coding : names.isEmpty() ? List.<String>of() : options.codings()) {
            FileState sibling = tree.sibling(plain, names, coding);
            if (sibling != null) {
                states.add(sibling);
                codings.add(coding);
            }
        }
        String chosen = Negotiation.coding(head.headers().elements("Accept-Encoding"), codings)
                .orElse("identity");
        FileState file = chosen.equals("identity") ? plain : states.get(codings.indexOf(chosen));

        Instant now = question.now();
        EntityTag tag = file.tag(now);
        Headers fields = fields(names, file, tag, now, !codings.isEmpty());
        return switch (Preconditions.evaluate(head, tag, file.modified(), now, file.isSettled(now))) {
            case FAILED -> error(412);
            case NOT_MODIFIED ->
                new Answer(
                        Response.of(
                                304,
                                fields.toBuilder()
                                        .remove("Content-Type")
                                        .remove("Content-Encoding")
                                        .remove("Accept-Ranges")
                                        .build(),
                                ResponseBody.Empty.INSTANCE),
                        null);
            case PERFORM_WITHOUT_RANGE -> whole(head, file, fields);
            case PERFORM -> perform(question, file, fields);
        };
    }

    private Headers fields(List<String> names, FileState file, EntityTag tag, Instant now, boolean varies) {
        String name = names.isEmpty() ? "" : names.get(names.size() - 1);
        Headers.Builder fields = Headers.builder()
                .add(
                        "Content-Type",
                        contentType == null ? options.contentTypes().of(name) : contentType)
                .add("ETag", tag.toString())
                // never later than Date (RFC 9110 8.8.2.1)
                .add("Last-Modified", FileBody.date(file.modified().isAfter(now) ? now : file.modified()))
                .add("Accept-Ranges", options.rangesLimit() == 0 ? "none" : "bytes");
        if (!file.coding().equals("identity")) {
            fields.add("Content-Encoding", file.coding());
        }
        if (varies) {
            fields.add("Vary", "Accept-Encoding");
        }
        String cacheControl = options.cacheControl().apply(String.join("/", names));
        if (!cacheControl.isEmpty()) {
            fields.add("Cache-Control", cacheControl);
        }
        return fields.build();
    }

    private Answer perform(Question question, FileState file, Headers fields) throws IOException {
        RequestHead head = question.head();
        List<String> range = head.headers().all("Range");
        // defined for GET alone (RFC 9110 14.2)
        ByteRanges parts = head.isMethod("GET") && range.size() == 1 && options.rangesLimit() > 0
                ? ByteRanges.parse(range.get(0), file.size(), options.rangesLimit())
                : null;
        if (parts == null) {
            return whole(head, file, fields);
        }
        List<ByteRanges.Range> ranges = parts.ranges();
        if (ranges.isEmpty()) {
            Answer error = error(416);
            return new Answer(error.response().withHeader("Content-Range", "bytes */" + file.size()), null);
        }
        Headers.Builder partial = fields.toBuilder();
        List<FileBody.Piece> pieces = new ArrayList<>();
        if (ranges.size() == 1) {
            partial.add("Content-Range", ranges.get(0).text(file.size()));
            pieces.add(new FileBody.Piece(Bytes.EMPTY, ranges));
        } else {
            String type = fields.first("Content-Type").orElse("application/octet-stream");
            partial.set("Content-Type", "multipart/byteranges; boundary=" + question.boundary());
            String start = "--" + question.boundary() + "\r\nContent-Type: " + type + "\r\nContent-Range: ";
            for (ByteRanges.Range each : ranges) {
                String before = (pieces.isEmpty() ? "" : "\r\n") + start + each.text(file.size()) + "\r\n\r\n";
                pieces.add(new FileBody.Piece(latin1(before), List.of(each)));
            }
            pieces.add(new FileBody.Piece(latin1("\r\n--" + question.boundary() + "--\r\n"), List.of()));
        }
        return send(206, file, partial.build(), pieces);
    }

    private static Bytes latin1(String text) {
        return Bytes.copyOf(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private Answer whole(RequestHead head, FileState file, Headers fields) throws IOException {
        if (head.isMethod("HEAD")) {
            ResponseBody body =
                    new ResponseBody.Streamed(file.size(), () -> output -> output.abort("HEAD has no body"));
            return new Answer(Response.of(200, fields, body), null);
        }
        List<ByteRanges.Range> all = file.size() == 0 ? List.of() : List.of(new ByteRanges.Range(0, file.size() - 1));
        return send(200, file, fields, List.of(new FileBody.Piece(Bytes.EMPTY, all)));
    }

    // ---------------------------------------------------------------- sending

    private static Answer send(int status, FileState file, Headers fields, List<FileBody.Piece> pieces)
            throws IOException {
        long length = pieces.stream().mapToLong(FileBody.Piece::length).sum();
        if (file.size() <= READ_AT_ONCE_BYTES) {
            return inMemory(status, file, fields, pieces);
        }
        FileRegion open;
        try {
            open = FileTree.open(file.path());
        } catch (UnsupportedOperationException noChannels) {
            return inMemory(status, file, fields, pieces);
        }
        ResponseBody body = new ResponseBody.Streamed(length, () -> new FileBody(open, pieces));
        return new Answer(Response.of(status, fields, body), open);
    }

    private static Answer inMemory(int status, FileState file, Headers fields, List<FileBody.Piece> pieces)
            throws IOException {
        if (file.size() > READ_WHOLE_BYTES) {
            throw new IOException(file.path() + " is on a file system without file channels, and longer than "
                    + READ_WHOLE_BYTES + " bytes");
        }
        byte[] content = FileTree.read(file.path(), (int) file.size());
        if (content.length < file.size()) {
            throw new IOException(file.path() + " has become shorter while it was read");
        }
        byte[] body =
                new byte[(int) pieces.stream().mapToLong(FileBody.Piece::length).sum()];
        int at = 0;
        for (FileBody.Piece piece : pieces) {
            piece.before().asByteBuffer().get(body, at, piece.before().length());
            at += piece.before().length();
            for (ByteRanges.Range range : piece.range()) {
                System.arraycopy(content, (int) range.first(), body, at, (int) range.length());
                at += (int) range.length();
            }
        }
        Bytes bytes = Bytes.copyOf(at == content.length && pieces.size() == 1 ? content : Arrays.copyOf(body, at));
        return new Answer(Response.of(status, fields, new ResponseBody.Whole(bytes)), null);
    }

    /** The page that the options name, if it is there, else a sentence. */
    private Answer error(int status) throws IOException {
        String page = options.errorPages().get(status);
        if (page != null) {
            List<String> names = Arrays.asList(page.split("/", -1));
            Path found = tree.find(names);
            if (found != null && tree.attributes(found).isRegularFile()) {
                Bytes body = Bytes.copyOf(FileTree.read(found, READ_WHOLE_BYTES));
                return new Answer(
                        Response.bytes(options.contentTypes().of(page), body).withStatus(status), null);
            }
        }
        return new Answer(
                Response.error(
                        status,
                        switch (status) {
                            case 403 -> "This may not be read.";
                            case 412 -> "It is not what the request takes it for.";
                            case 416 -> "It has no such part.";
                            default -> "There is nothing here.";
                        }),
                null);
    }
}
