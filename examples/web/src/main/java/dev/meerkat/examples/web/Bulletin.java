package dev.meerkat.examples.web;

import dev.meerkat.EventManager;
import dev.meerkat.http.CacheControl;
import dev.meerkat.http.ErrorPages;
import dev.meerkat.http.EventStreams;
import dev.meerkat.http.HttpHandler;
import dev.meerkat.http.HttpServer;
import dev.meerkat.http.HttpServerOptions;
import dev.meerkat.http.Response;
import dev.meerkat.http.Router;
import dev.meerkat.http.ServerSentEvent;
import dev.meerkat.http.SetCookie;
import dev.meerkat.http.filter.AccessLogFormat;
import dev.meerkat.http.filter.BasicAuthentication;
import dev.meerkat.http.filter.Compression;
import dev.meerkat.http.filter.SecurityHeaders;
import java.time.Duration;
import java.util.Map;

/**
 * Routes, a form, a stream of events and a door with a lock. What is posted to {@code /say} is heard by everybody who
 * listens to {@code /heard}.
 *
 * <pre>
 *   mvn -q -pl examples/web -am compile exec:java -Dexec.mainClass=dev.meerkat.examples.web.Bulletin
 *   curl -N http://127.0.0.1:8000/heard                      # and meanwhile:
 *   curl -d text=hello http://127.0.0.1:8000/say
 *   curl -u admin:secret http://127.0.0.1:8000/admin/listeners
 * </pre>
 */
public final class Bulletin {
    private Bulletin() {}

    /**
     * Serves until the process is ended.
     *
     * @param args none
     */
    public static void main(String[] args) {
        HttpServerOptions options = HttpServerOptions.builder()
                .errorPage(ErrorPages.html())
                .accessLog(AccessLogFormat.COMMON.to(System.out::println))
                .build();
        try (EventManager manager = EventManager.create()) {
            manager.listen("http://127.0.0.1:8000", HttpServer.handler(options, routes()));
            manager.run();
        }
    }

    static HttpHandler routes() {
        EventStreams heard = EventStreams.create();
        int[] said = {0};
        return Router.create()
                .filter(SecurityHeaders.strict(), Compression.create(), ErrorPages.filter(ErrorPages.html()))
                .get(
                        "/hello/{name}",
                        request -> Response.text("Hello, " + request.path("name"))
                                .withHeader("Cache-Control", CacheControl.everybody(Duration.ofMinutes(1))))
                .get("/heard", heard)
                .post("/say", request -> {
                    String text = request.form().first("text").orElseThrow(() -> new NothingSaid());
                    heard.publish(ServerSentEvent.of(text).withId(Integer.toString(++said[0])));
                    return Response.redirect(303, "/hello/" + said[0])
                            .withCookie(SetCookie.of("said", Integer.toString(said[0])));
                })
                .mount(
                        "/admin",
                        Router.create()
                                .filter(BasicAuthentication.of("admin", Map.of("admin", "secret")))
                                .get("/listeners", request -> Response.json("{\"said\": " + said[0] + "}")))
                .onError(NothingSaid.class, (request, failure) -> Response.error(400, "say something: text=…"));
    }

    private static final class NothingSaid extends RuntimeException {
        private static final long serialVersionUID = 1;
    }
}
