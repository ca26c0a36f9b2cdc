package dev.meerkat.examples.interop;

import dev.meerkat.event.Bytes;
import dev.meerkat.event.ReceiveBuffer;
import dev.meerkat.http.BodyInput;
import dev.meerkat.http.BodyOutput;
import dev.meerkat.http.BodyProducer;
import dev.meerkat.http.EventStream;
import dev.meerkat.http.EventStreamOptions;
import dev.meerkat.http.FileHandler;
import dev.meerkat.http.Headers;
import dev.meerkat.http.HttpError;
import dev.meerkat.http.HttpHandler;
import dev.meerkat.http.Request;
import dev.meerkat.http.Response;
import dev.meerkat.http.ResponseException;
import dev.meerkat.http.Router;
import dev.meerkat.http.ServerSentEvent;
import dev.meerkat.http.filter.AuthenticatedUser;
import dev.meerkat.http.filter.DigestAuthentication;
import dev.meerkat.multipart.MultipartHandler;
import dev.meerkat.multipart.MultipartLimits;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What the interop server answers over HTTP. The paths are a contract with load generators and with the tests that
 * point other people's clients at it.
 *
 * <pre>
 *   GET  /             Hello, World!
 *   GET  /big?n=N      N bytes, made while they are taken
 *   GET  /chunked      onetwothree, in three chunks
 *   GET  /status/N     an empty answer with the status N
 *   GET  /headers      the fields received, a line each
 *   GET  /cookie       the cookies received, a line each
 *   GET  /sse          three server-sent events
 *   GET  /file         the file that FILE_PATH names
 *   GET  /secret       who asks, if that is user with the password "pass word", by digest authentication
 *   POST /upload       the number of bytes of the body; PUT as well
 *   POST /multipart    what the parts were, as JSON
 *   any  elsewhere     the body back, or OK if there is none
 * </pre>
 *
 * <p>The paths of {@link WebSocketRoutes} are there, too.
 */
final class HttpRoutes {
    /** Bodies that are sent back are held in memory. */
    private static final int ECHO_LIMIT = 16 << 20;

    private static final Response HELLO = Response.bytes("text/plain", Bytes.utf8("Hello, World!"));
    private static final Response OK = Response.bytes("text/plain", Bytes.utf8("OK"));

    private HttpRoutes() {}

    /** The routes. A file is served only if there is one to serve. */
    static HttpHandler create(@Nullable Path file) {
        Router router = Router.create()
                .get("/", new Hello())
                .get("/big", new Route("big"))
                .get("/chunked", new Route("chunked"))
                .get("/status/{status}", new Route("status"))
                .get("/headers", new Route("headers"))
                .get("/cookie", new Route("cookie"))
                .get("/sse", new Route("sse"))
                .post("/multipart", HttpHandler.streaming(new Route("multipart")))
                .post("/upload", HttpHandler.streaming(new Route("upload")))
                .put("/upload", HttpHandler.streaming(new Route("upload")))
                .get("/secret", new Route("secret"));
        if (file != null) {
            router.get("/file", FileHandler.ofFile(file));
        }
        WebSocketRoutes.addTo(router);
        return router.notFound(HttpHandler.streaming(new Route("echo")));
    }

    /** What load generators ask for. */
    private static final class Hello implements HttpHandler {
        @Override
        public Response handle(Request request) {
            return HELLO;
        }
    }

    /**
     * All else. A lambda for each would do, and read better; but the JDK makes a class of each at every start, and the
     * processor time of a start is measured here (decision 0067). Those within are made when they are needed.
     */
    private record Route(String name) implements HttpHandler {
        @Override
        public Response handle(Request request) throws Exception {
            return switch (name) {
                case "multipart" -> Seldom.PARTS.onHead(request);
                case "big" -> big(number(request.query("n").orElse("")));
                case "chunked" -> Response.stream("text/plain", () -> new Words("one", "two", "three"));
                case "status" -> status((int) number(request.path("status")));
                case "headers" -> headers(request);
                case "cookie" -> cookies(request);
                case "sse" -> events(request);
                case "upload" -> upload(request);
                case "secret" -> Seldom.SECRET.onHead(request);
                default -> request.gather(ECHO_LIMIT, HttpRoutes::echo);
            };
        }
    }

    /** What is made of many classes, and not asked for by who measures. */
    private static final class Seldom {
        /** Uploads are hashed as they come, so they may be large. */
        private static final MultipartLimits LIMITS = MultipartLimits.defaults().toBuilder()
                .maxPartBytes(64L << 30)
                .maxBytes(64L << 30)
                .build();

        static final HttpHandler PARTS = MultipartHandler.streaming(LIMITS, new PartList.Handler());

        static final HttpHandler SECRET = HttpHandler.of(
                        request -> Response.text(request.attribute(AuthenticatedUser.class)
                                .map(AuthenticatedUser::name)
                                .orElse("")))
                .with(DigestAuthentication.of("interop", Seldom::password));

        private static Optional<String> password(String user) {
            return user.equals("user") ? Optional.of("pass word") : Optional.empty();
        }
    }

    private static Response echo(Request request) {
        return request.body().isEmpty()
                ? OK
                : Response.bytes(request.header("Content-Type").orElse("application/octet-stream"), request.bytes());
    }

    private static Response status(int status) {
        if (status < 200 || status > 599) {
            throw new ResponseException(400, "expected a status from 200 to 599, found " + status);
        }
        return Response.status(status);
    }

    /** Three events and the end. */
    private static Response events(Request request) {
        return EventStream.open(request, EventStreamOptions.DEFAULT, stream -> {
            for (String data : new String[] {"one", "two", "three"}) {
                stream.send(ServerSentEvent.of(data));
            }
            stream.close();
        });
    }

    private static Response headers(Request request) {
        StringBuilder lines = new StringBuilder();
        request.head()
                .headers()
                .forEach((name, value) ->
                        lines.append(name).append(": ").append(value).append('\n'));
        return Response.text(lines);
    }

    private static Response cookies(Request request) {
        StringBuilder lines = new StringBuilder();
        request.cookies()
                .forEach((name, value) ->
                        lines.append(name).append('=').append(value).append('\n'));
        return Response.text(lines);
    }

    private static Response big(long count) {
        return Response.stream("application/octet-stream", count, () -> new Filler(count));
    }

    private static long number(String text) {
        try {
            long number = Long.parseLong(text);
            if (number >= 0) {
                return number;
            }
        } catch (NumberFormatException notANumber) {
            // the same answer as for a negative one
        }
        throw new ResponseException(400, "expected a number from 0, found \"" + text + "\"");
    }

    /** Counts the body while it comes and keeps nothing of it. */
    private static Response upload(Request request) {
        CompletableFuture<Response> answer = new CompletableFuture<>();
        request.body().read(new BodyInput.Reader() {
            private long count;

            @Override
            public void onData(ReceiveBuffer body) {
                count += body.size();
                body.discard(body.size());
            }

            @Override
            public void onEnd(Headers trailers) {
                answer.complete(Response.text(Long.toString(count)));
            }

            @Override
            public void onFailure(HttpError error) {
                answer.completeExceptionally(new ResponseException(error.status(), error.message()));
            }
        });
        return Response.later(answer);
    }

    /** One chunk a word. */
    private static final class Words implements BodyProducer {
        private final String[] words;
        private int next;

        Words(String... words) {
            this.words = words;
        }

        @Override
        public void produce(BodyOutput output) {
            output.send(words[next++]);
            if (next == words.length) {
                output.end();
            }
        }
    }

    /** So many bytes, 64 KiB at a time. */
    private static final class Filler implements BodyProducer {
        private static final Bytes PIECE = Bytes.copyOf(new byte[64 << 10]);
        private long left;

        Filler(long count) {
            left = count;
        }

        @Override
        public void produce(BodyOutput output) {
            if (left >= PIECE.length()) {
                output.send(PIECE);
                left -= PIECE.length();
            } else {
                output.send(new byte[(int) left]);
                left = 0;
            }
            if (left == 0) {
                output.end();
            }
        }
    }
}
