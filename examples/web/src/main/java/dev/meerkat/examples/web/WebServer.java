package dev.meerkat.examples.web;

import dev.meerkat.EventManager;
import dev.meerkat.http.EventStreams;
import dev.meerkat.http.Response;
import dev.meerkat.http.ResponseException;
import dev.meerkat.http.Router;
import dev.meerkat.http.ServerSentEvent;
import dev.meerkat.http.filter.Compression;
import dev.meerkat.http.filter.SecurityHeaders;
import dev.meerkat.multipart.MultipartHandler;
import dev.meerkat.multipart.MultipartLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A small site on http://127.0.0.1:8000: a greeting, notes that can be read and written as JSON would be, a page that
 * hears of each note as it is written, a chat at /chat, uploads, and files.
 *
 * <pre>
 *   curl 127.0.0.1:8000/hello/you
 *   curl -T - 127.0.0.1:8000/notes/first &lt;&lt;&lt; "buy milk"     curl 127.0.0.1:8000/notes/first
 *   curl -N 127.0.0.1:8000/news                             curl -F file=@picture.png 127.0.0.1:8000/upload
 * </pre>
 */
public final class WebServer {
    private final Map<String, String> notes = new ConcurrentHashMap<>();
    private final EventStreams news = EventStreams.create();

    /**
     * Serves until it is interrupted.
     *
     * @param args the port; 8000 if there is none
     * @throws IOException if the directories cannot be made
     */
    public static void main(String[] args) throws IOException {
        Path files = Files.createDirectories(Path.of("public"));
        Path uploads = Files.createDirectories(Path.of("uploads"));
        try (EventManager manager = EventManager.create()) {
            String port = args.length == 1 ? args[0] : "8000";
            manager.listen("http://127.0.0.1:" + port, new WebServer().routes(files, uploads));
            System.out.println("http://127.0.0.1:" + port);
            manager.run();
        }
    }

    Router routes(Path files, Path uploads) {
        return Router.create()
                .filter(SecurityHeaders.strict(), Compression.create())
                .get("/hello/{name}", request -> Response.text("Hello, " + request.path("name")))
                .get("/notes/{key}", request -> Response.text(note(request.path("key"))))
                .put("/notes/{key}", request -> {
                    notes.put(request.path("key"), request.text());
                    news.publish(ServerSentEvent.of(request.path("key") + ": " + request.text()));
                    return Response.status(204);
                })
                .get("/news", news)
                .mount("/chat", ChatRoom.routes())
                .post("/upload", MultipartHandler.toDirectory(uploads, MultipartLimits.defaults()))
                .files("/", files);
    }

    private String note(String key) {
        String note = notes.get(key);
        if (note == null) {
            throw new ResponseException(404, "no note " + key);
        }
        return note;
    }
}
