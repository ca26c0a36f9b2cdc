package dev.meerkat.internal.upload;

import dev.meerkat.http.HttpHandler;
import dev.meerkat.http.Request;
import dev.meerkat.http.Response;
import dev.meerkat.internal.multipart.Boundary;
import dev.meerkat.multipart.MultipartError;
import dev.meerkat.multipart.MultipartError.Kind;
import dev.meerkat.multipart.MultipartException;
import dev.meerkat.multipart.MultipartFormHandler;
import dev.meerkat.multipart.MultipartLimits;
import dev.meerkat.multipart.Part;
import dev.meerkat.multipart.PartHandler;
import dev.meerkat.multipart.StoredFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** What stands behind {@link dev.meerkat.multipart.MultipartHandler}: from a request's head to who reads its parts. */
public final class Uploads {
    private Uploads() {}

    // Objects and no lambdas, since routes are made at a start, decision 0067.

    /** One reader for all bodies. */
    private record Same(PartHandler reader) implements Supplier<PartHandler> {
        @Override
        public PartHandler get() {
            return reader;
        }
    }

    /** What a request's head meets. */
    private record Beginning(MultipartLimits limits, Supplier<? extends PartHandler> readers) implements HttpHandler {
        @Override
        public Response handle(Request request) throws Exception {
            return begin(request, limits, readers);
        }
    }

    /** See {@link dev.meerkat.multipart.MultipartHandler#streaming}. */
    public static HttpHandler streaming(MultipartLimits limits, PartHandler handler) {
        Objects.requireNonNull(handler, "handler");
        return handler(limits, new Same(handler));
    }

    /** See {@link dev.meerkat.multipart.MultipartHandler#toDirectory(Path, MultipartLimits, Function, Function)}. */
    public static HttpHandler toDirectory(
            Path directory,
            MultipartLimits limits,
            Function<? super Part, String> naming,
            Function<? super List<StoredFile>, Response> answer) {
        Objects.requireNonNull(directory, "directory");
        Objects.requireNonNull(naming, "naming");
        Objects.requireNonNull(answer, "answer");
        return handler(limits, () -> new DirectoryUpload(directory, naming, answer));
    }

    /** See {@link dev.meerkat.multipart.MultipartHandler#toFieldsAndFiles}. */
    public static HttpHandler toFieldsAndFiles(Path directory, MultipartLimits limits, MultipartFormHandler handler) {
        Objects.requireNonNull(directory, "directory");
        Objects.requireNonNull(handler, "handler");
        return handler(limits, () -> new FormUpload(directory, limits.maxFieldBytes(), handler));
    }

    /** The answer of the shorter {@code toDirectory}. */
    public static Response names(List<StoredFile> files) {
        if (files.isEmpty()) {
            return Response.error(400, "no file in the body");
        }
        return Response.text(files.stream()
                        .map(file -> file.path().getFileName() + "\n")
                        .collect(Collectors.joining()))
                .withStatus(201);
    }

    /**
     * Makes a handler of requests.
     *
     * @param readers gives the one who reads the next body
     */
    private static HttpHandler handler(MultipartLimits limits, Supplier<? extends PartHandler> readers) {
        Objects.requireNonNull(limits, "limits");
        return HttpHandler.streaming(new Beginning(limits, readers));
    }

    private static Response begin(Request request, MultipartLimits limits, Supplier<? extends PartHandler> readers)
            throws Exception {
        String boundary;
        try {
            boundary = boundary(request, limits);
        } catch (MultipartException refused) {
            return refusal(refused.error());
        }
        return new RequestUpload(request, boundary, limits, readers.get()).begin();
    }

    /** See {@link dev.meerkat.multipart.MultipartHandler#read}. */
    public static void read(Request request, MultipartLimits limits, PartHandler handler) throws Exception {
        Objects.requireNonNull(handler, "handler");
        Response unused = new RequestUpload(request, boundary(request, limits), limits, handler).begin();
    }

    /** What stands between the parts, unless the head says already that they cannot be read. */
    private static String boundary(Request request, MultipartLimits limits) throws MultipartException {
        List<String> types = request.head().headers().all("Content-Type");
        if (types.size() > 1) {
            throw refused(Kind.MALFORMED, "the field Content-Type is given twice");
        }
        Boundary.Found found = Boundary.of(types.isEmpty() ? "" : types.get(0));
        if (found instanceof Boundary.Found.None none) {
            throw new MultipartException(none.error());
        }
        if (request.body().length().orElse(0) > limits.maxBytes()) {
            throw refused(Kind.TOO_LARGE, "the body is longer than " + limits.maxBytes() + " bytes");
        }
        return ((Boundary.Found.Of) found).boundary().value();
    }

    private static MultipartException refused(Kind kind, String message) {
        return new MultipartException(MultipartError.of(kind, message));
    }

    /** The answer to a body that is not read, or not read on: where the next request begins will not be known. */
    static Response refusal(MultipartError error) {
        return Response.error(error.status(), error.message()).withHeader("Connection", "close");
    }
}
