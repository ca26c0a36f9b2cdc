package dev.meerkat.examples.web;

import dev.meerkat.EventManager;
import dev.meerkat.http.client.ClientException;
import dev.meerkat.http.client.ClientRequest;
import dev.meerkat.http.client.HttpClient;
import dev.meerkat.http.client.HttpClientOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Asks for many pages at once and says what became of each: over a few connections that are kept, following redirects,
 * and waiting for nobody longer than ten seconds.
 *
 * <pre>
 *   mvn -q -pl examples/web -am compile exec:java -Dexec.mainClass=dev.meerkat.examples.web.LinkCheck
 *       -Dexec.args="http://127.0.0.1:8000/ http://127.0.0.1:8000/missing http://127.0.0.1:9/"
 *
 *   200 http://127.0.0.1:8000/
 *   404 http://127.0.0.1:8000/missing
 *   CONNECT_FAILED http://127.0.0.1:9/
 * </pre>
 */
public final class LinkCheck {
    static final HttpClientOptions OPTIONS = HttpClientOptions.builder()
            .connectionsPerOrigin(2)
            .callTimeout(Duration.ofSeconds(10))
            .userAgent("LinkCheck/1.0")
            .build();

    private LinkCheck() {}

    /**
     * Prints a line a page, in the order in which they were given.
     *
     * @param uris the pages
     */
    public static void main(String[] uris) {
        try (EventManager manager = EventManager.create()) {
            HttpClient client = HttpClient.create(manager, OPTIONS);
            manager.start();
            check(client, List.of(uris)).forEach(line -> System.out.println(line.join()));
        }
    }

    /** What is to be said about each page, when it is known. */
    static List<CompletableFuture<String>> check(HttpClient client, List<String> uris) {
        List<CompletableFuture<String>> lines = new ArrayList<>();
        for (String uri : uris) {
            lines.add(client.send(ClientRequest.head(uri))
                    .thenApply(response -> response.status() + " " + response.uri())
                    .exceptionally(failure -> reason(failure) + " " + uri));
        }
        return lines;
    }

    private static String reason(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return cause instanceof ClientException known ? known.kind().name() : String.valueOf(cause);
    }
}
