package dev.meerkat.http;

import dev.meerkat.EventManager;
import dev.meerkat.event.FileRegion;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Answers with files: a directory and what is below it, on any file system or in a jar, or one single file.
 *
 * <pre>{@code
 * manager.listen("http://127.0.0.1:8000", FileHandler.of(Path.of("public")));
 *
 * Router.create()
 *     .get("/hello", request -> Response.text("Hello"))
 *     .files("/", Path.of("public"), FileOptions.builder().cacheControl("public, max-age=3600").build());
 * }</pre>
 *
 * <ul>
 *   <li>GET and HEAD; types by the ending of the name; {@code index.html} for a directory; a directory without a slash
 *       is redirected (301) to the one with it.
 *   <li>{@code ETag} and {@code Last-Modified} of length and time, conditional requests in the order of RFC 9110
 *       §13.2.2. The tag is strong if the file has been left alone for two seconds, weak before: until then size and
 *       time may miss a change.
 *   <li>Ranges, several too, with {@code If-Range} (RFC 9110 §14). What overlaps is joined; too many, or malformed
 *       ones, bring the whole file, impossible ones 416.
 *   <li>Siblings {@code .br} and {@code .gz} that are not older, for peers that accept them, with {@code Vary}.
 *   <li>Nothing outside the root: a path with {@code ..}, a separator or a control character in a name, in any
 *       spelling, is not found; symbolic links are followed by their real path only to what is inside. Nothing that
 *       begins with a dot. All of that is 404, which tells nothing. Who may write below the root while requests are
 *       served can race with these checks.
 * </ul>
 *
 * <p>Memory: a file of up to 64 KiB is read into memory, any other is sent as {@link FileRegion}s, however long it is.
 * Blocking: files are looked for, opened and read on workers of the manager's runtime, unless the options say
 * otherwise; if all of those are busy and their queue is full the answer is 503. The bytes of large files are read by
 * the loop, see {@link dev.meerkat.Connection#send(FileRegion)}.
 */
public final class FileHandler implements HttpHandler {
    private static final String BOUNDARY_CHARACTERS = "0123456789abcdefghijklmnopqrstuvwxyz";
    private static final int BOUNDARY_LENGTH = 32;

    private final FileAnswers answers;
    private final FileOptions options;
    private final boolean backslashes;
    /** A single file, whatever the path; null for a tree. */
    private final @Nullable FilePath single;

    private FileHandler(Path root, FileOptions options, @Nullable FilePath single, @Nullable String contentType) {
        FileTree tree = new FileTree(root, options.links());
        this.answers = new FileAnswers(tree, options, contentType);
        this.options = options;
        this.backslashes = tree.backslashes();
        this.single = single;
    }

    /**
     * Serves a directory.
     *
     * @param root a directory of any file system; need not be there yet
     * @return the handler
     */
    public static FileHandler of(Path root) {
        return of(root, FileOptions.DEFAULT);
    }

    /**
     * Serves a directory.
     *
     * @param root a directory of any file system; need not be there yet
     * @param options how
     * @return the handler
     */
    public static FileHandler of(Path root, FileOptions options) {
        return new FileHandler(Objects.requireNonNull(root, "root"), options, null, null);
    }

    /**
     * Serves one file, whatever the path of the request is.
     *
     * @param file the file; need not be there yet
     * @return the handler
     */
    public static FileHandler ofFile(Path file) {
        Path name = file.getFileName();
        return ofFile(file, ContentTypes.DEFAULT.of(name == null ? "" : name.toString()), FileOptions.DEFAULT);
    }

    /**
     * Serves one file, whatever the path of the request is.
     *
     * @param file the file; need not be there yet
     * @param contentType the value of Content-Type
     * @param options how; of no use here are those about paths, types and directories
     * @return the handler
     */
    public static FileHandler ofFile(Path file, String contentType, FileOptions options) {
        Headers unused = Headers.of("Content-Type", contentType);
        Path absolute = file.toAbsolutePath();
        Path directory = absolute.getParent();
        Path name = absolute.getFileName();
        if (directory == null || name == null) {
            throw new IllegalArgumentException("expected a file, found " + file);
        }
        return new FileHandler(directory, options, new FilePath(List.of(name.toString()), false), contentType);
    }

    /**
     * Serves a directory of the class path: of the directory, the jar or the module that a class comes from. A jar is
     * opened here, which blocks, and stays open.
     *
     * @param anchor the class; its class loader does not matter, nor what it is
     * @param directory a path from the root of the class path, with slashes, for instance {@code web/public}
     * @param options how
     * @return the handler
     * @throws IOException if the jar cannot be opened
     * @throws IllegalArgumentException if nobody knows where the class comes from, or that is no file system's, as a
     *     jar inside a jar
     */
    public static FileHandler ofClassPath(Class<?> anchor, String directory, FileOptions options) throws IOException {
        CodeSource source = anchor.getProtectionDomain().getCodeSource();
        if (source == null || source.getLocation() == null) {
            throw new IllegalArgumentException("nobody knows where " + anchor + " comes from");
        }
        Path home;
        try {
            URI location = source.getLocation().toURI();
            home = Path.of(location);
        } catch (URISyntaxException | RuntimeException e) {
            throw new IllegalArgumentException(
                    anchor + " comes from " + source.getLocation() + ", no file system's", e);
        }
        Path root = Files.isDirectory(home)
                ? home
                : FileSystems.newFileSystem(home, (ClassLoader) null).getPath("/");
        return of(root.resolve(directory), options);
    }

    @Override
    public Response handle(Request request) throws Exception {
        return onHead(request);
    }

    @Override
    public Response onHead(Request request) throws Exception {
        RequestHead head = request.head();
        if (!head.isMethod("GET") && !head.isMethod("HEAD")) {
            Response refused = head.isMethod("OPTIONS")
                    ? Response.status(204)
                    : Response.error(405, "Files are read, and nothing else.");
            return refused.withHeader("Allow", "GET, HEAD, OPTIONS");
        }
        int mounted = request.attribute(Router.Mounted.class)
                .map(Router.Mounted::from)
                .orElse(0);
        Optional<FilePath> path = single != null
                ? Optional.of(single)
                : RequestTexts.decoded(
                        () -> FilePath.parse(head.path(), mounted, options.prefix(), options.hidden(), backslashes));
        EventManager manager = request.connection().manager();
        FileAnswers.Question question =
                new FileAnswers.Question(head, path, manager.wallTime(), boundary(manager, head));
        if (options.onLoop()) {
            return opened(request, answers.answer(question));
        }
        return Response.later(manager.submitBlocking(() -> answers.answer(question))
                .thenApply(answer -> opened(request, answer))
                .exceptionally(FileHandler::failed));
    }

    /** The file is closed when the answer is over, sent or not. */
    private static Response opened(Request request, FileAnswers.Answer answer) {
        FileRegion open = answer.open();
        if (open != null) {
            request.whenSent().whenComplete((sent, failure) -> open.close());
        }
        return answer.response();
    }

    private static Response failed(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof RejectedExecutionException) {
            return Response.error(503, "Too much is asked for at once.").withHeader("Retry-After", "1");
        }
        throw new CompletionException(cause);
    }

    /** What separates several ranges: nobody can have put it into a file. */
    private static String boundary(EventManager manager, RequestHead head) {
        int range = head.headers().indexOf("Range");
        if (range < 0 || head.headers().value(range).indexOf(',') < 0) {
            return "";
        }
        RandomGenerator random = manager.runtime().entropy().stream("http-byteranges");
        StringBuilder boundary = new StringBuilder(BOUNDARY_LENGTH);
        for (int i = 0; i < BOUNDARY_LENGTH; i++) {
            boundary.append(BOUNDARY_CHARACTERS.charAt(random.nextInt(BOUNDARY_CHARACTERS.length())));
        }
        return boundary.toString();
    }
}
