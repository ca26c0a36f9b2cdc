package dev.meerkat.multipart;

import dev.meerkat.http.HttpHandler;
import dev.meerkat.http.Request;
import dev.meerkat.http.Response;
import dev.meerkat.internal.upload.Uploads;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/**
 * Makes handlers of requests whose body is multipart (RFC 7578): event by event, into a directory, or as a form with
 * its fields and files.
 *
 * <pre>{@code
 * router.post("/upload", MultipartHandler.toDirectory(Path.of("uploads"), MultipartLimits.defaults()))
 *         .post("/count", MultipartHandler.streaming(MultipartLimits.defaults(), (upload, event) -> {
 *             if (event instanceof PartEvent.MultipartEnd end && end.completion().isComplete()) {
 *                 upload.respond(Response.text("thank you"));
 *             }
 *         }));
 * }</pre>
 *
 * <p>All of them read the body as it comes, in the memory of one read, and refuse at the head what cannot be: another
 * content type is 415, a boundary that is none 400, an announced length above {@link MultipartLimits#maxBytes()} 413. A
 * body that breaks a rule later is answered with the status of its {@link MultipartError}, and the connection closes.
 * The limit of the server's own, {@link dev.meerkat.http.HttpLimits#bodyBytes()}, holds besides.
 */
public final class MultipartHandler {
    private MultipartHandler() {}

    /**
     * Makes a handler that is told every event. It answers by {@link Upload#respond}, at the end, before, or later; a
     * body that is aborted is answered by itself, unless the handler has.
     *
     * @param limits of each body
     * @param handler is told the events
     * @return a handler of requests, for any number of connections and managers
     */
    public static HttpHandler streaming(MultipartLimits limits, PartHandler handler) {
        return Uploads.streaming(limits, handler);
    }

    /**
     * Reads the body of a request that somebody else answers: in the middle of a handler, which has found out that it
     * wants the body. What is given to {@link Upload#respond} is heard by nobody.
     *
     * @param request one whose body nobody has asked for
     * @param limits of the body
     * @param handler is told the events, the first one before this returns
     * @throws MultipartException if the body is not multipart, or announced to be longer than it may be; nothing was
     *     told then
     * @throws Exception what the handler throws
     */
    public static void read(Request request, MultipartLimits limits, PartHandler handler) throws Exception {
        Uploads.read(request, limits, handler);
    }

    /**
     * Makes a handler that stores files under the names that they have at their sender's. Answers 201 with these names,
     * a line each; 400 if there is none.
     *
     * <p>Otherwise as {@link #toDirectory(Path, MultipartLimits, Function, Function)}.
     *
     * @param directory where; it must exist
     * @param limits of each body
     * @return a handler of requests
     */
    public static HttpHandler toDirectory(Path directory, MultipartLimits limits) {
        return toDirectory(directory, limits, part -> part.fileName().orElse(""), Uploads::names);
    }

    /**
     * Makes a handler that stores the files of a body in a directory, all of them or none. Parts that are no files, and
     * files without a name, are read over.
     *
     * <p>While they arrive, files have hidden names of their own in that directory ({@code .upload-…}); when the whole
     * body is there they get their names, and on any failure before they are removed. Nothing that exists is ever
     * overwritten: {@link MultipartError.Kind#NAME_TAKEN}, 409. A name is refused,
     * {@link MultipartError.Kind#UNSAFE_NAME}, 400, if it is longer than 255 bytes, begins with a dot, holds a
     * separator of any system, one of {@code < > : " | ? *}, a control or an invisible formatting character, begins or
     * ends with a space, ends with a dot, or names a device of Windows ({@code CON}, {@code NUL.txt} and so on):
     * whatever system the directory is copied to, it is an ordinary file.
     *
     * <p>All that touches the disk happens on the {@linkplain dev.meerkat.EventManager#submitBlocking workers} of the
     * connection's manager, a task at a time for each body. Up to 256 KiB wait for it, then the sender is held back. A
     * full disk is 507 ({@link MultipartError.Kind#DISK_FULL}). Data is not forced to the disk before the answer.
     *
     * @param directory where; it must exist
     * @param limits of each body
     * @param naming the name of the file that a part becomes, by the rules above; empty to read the part over. Called
     *     on the loop thread for parts that have a file name
     * @param answer the answer to a body that was stored whole; called on the loop thread
     * @return a handler of requests, for any number of connections and managers
     */
    public static HttpHandler toDirectory(
            Path directory,
            MultipartLimits limits,
            Function<? super Part, String> naming,
            Function<? super List<StoredFile>, Response> answer) {
        return Uploads.toDirectory(directory, limits, naming, answer);
    }

    /**
     * Makes a handler that is called when the whole form is there: fields in memory, within
     * {@link MultipartLimits#maxFieldBytes()}, files under hidden names in a directory. The files are removed when the
     * answer was sent or the connection has ended; who wants to keep one moves it before, on a worker.
     *
     * <p>A part without a name has no place in a form and is refused, 400. How files are written is as of
     * {@link #toDirectory(Path, MultipartLimits, Function, Function)}.
     *
     * @param directory where files are kept meanwhile; it must exist
     * @param limits of each body
     * @param handler answers forms
     * @return a handler of requests, for any number of connections and managers
     */
    public static HttpHandler toFieldsAndFiles(Path directory, MultipartLimits limits, MultipartFormHandler handler) {
        return Uploads.toFieldsAndFiles(directory, limits, handler);
    }
}
