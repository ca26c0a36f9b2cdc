package dev.meerkat.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.event.Bytes;
import dev.meerkat.http.HttpHandler;
import dev.meerkat.http.HttpServer;
import dev.meerkat.http.HttpServerOptions;
import dev.meerkat.http.HttpTimeouts;
import dev.meerkat.http.Response;
import dev.meerkat.http.client.ClientBody;
import dev.meerkat.http.client.ClientException;
import dev.meerkat.http.client.ClientException.Kind;
import dev.meerkat.http.client.ClientRequest;
import dev.meerkat.http.client.ClientResponse;
import dev.meerkat.http.client.HttpClient;
import dev.meerkat.http.client.HttpClientOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Our server gives an idle connection up at the moment at which our client uses it again. The client hears of that one
 * way later, the server hears of the request one way later: whatever is sent within one way before the deadline and one
 * way behind it meets the end of the connection.
 */
class KeepAliveRaceTest {
    private static final Duration WAY = Duration.ofMillis(10);
    private static final Duration KEPT = Duration.ofSeconds(5);

    /** What is asked on the kept connection. */
    private enum Asked {
        GET(true) {
            @Override
            ClientRequest request(String uri) {
                return ClientRequest.get(uri);
            }
        },
        PUT(true) {
            @Override
            ClientRequest request(String uri) {
                return ClientRequest.put(uri, ClientBody.text("as often as you like"));
            }
        },
        POST(false) {
            @Override
            ClientRequest request(String uri) {
                return ClientRequest.post(uri, ClientBody.text("once"));
            }
        },
        /** More than one flight: the end arrives while the body leaves. */
        LARGE_POST(false) {
            @Override
            ClientRequest request(String uri) {
                return ClientRequest.post(
                        uri, ClientBody.bytes("application/octet-stream", Bytes.copyOf(new byte[300_000])));
            }
        };

        private final boolean repeats;

        Asked(boolean repeats) {
            this.repeats = repeats;
        }

        abstract ClientRequest request(String uri);
    }

    /** What became of a request. */
    private record Outcome(boolean answered, int executed, int connections) {}

    /** Asks once, and again so long after the client had its answer. */
    private static Outcome play(Asked asked, Duration pause, Duration ownPatience) {
        Outcome[] outcome = new Outcome[1];
        SimWorld.run(world -> {
            world.link("cli", "srv").latency(WAY);
            int[] executed = new int[1];
            List<Long> connections = new ArrayList<>();
            HttpHandler handler = HttpHandler.of(request -> {
                if (!connections.contains(request.connection().id())) {
                    connections.add(request.connection().id());
                }
                if (request.path().equals("/count")) {
                    executed[0]++;
                }
                return Response.text("done");
            });
            HttpServerOptions options = HttpServerOptions.builder()
                    .timeouts(HttpTimeouts.builder().keepAlive(KEPT).build())
                    .build();
            world.host("srv").listen(80, HttpServer.handler(options, handler));
            HttpClient client = HttpClient.create(
                    world.host("cli").manager(),
                    HttpClientOptions.builder().idleKeep(ownPatience).build());
            assertEquals(
                    "done",
                    world.await(client.send(ClientRequest.get("http://srv/first")))
                            .text());
            world.advance(pause);
            CompletableFuture<ClientResponse> call = client.send(asked.request("http://srv/count"));
            world.await("the call to be over", call::isDone, Duration.ofSeconds(2));
            world.advance(WAY.multipliedBy(4));
            if (call.isCompletedExceptionally()) {
                Throwable cause =
                        assertThrows(CompletionException.class, call::join).getCause();
                assertEquals(
                        Kind.CONNECTION_LOST,
                        assertInstanceOf(ClientException.class, cause).kind());
            } else {
                assertEquals("done", call.join().text());
            }
            outcome[0] = new Outcome(!call.isCompletedExceptionally(), executed[0], connections.size());
            client.close();
            world.advance(Duration.ofSeconds(60));
        });
        return outcome[0];
    }

    private static List<Duration> around(Duration middle) {
        List<Duration> all = new ArrayList<>();
        for (int micros = -24_000; micros <= 24_000; micros += 1_000) {
            all.add(middle.plus(Duration.ofNanos(micros * 1_000L)));
        }
        for (Duration edge : List.of(middle.minus(WAY.multipliedBy(2)), middle.minus(WAY), middle, middle.plus(WAY))) {
            for (int nanos = -2; nanos <= 2; nanos++) {
                all.add(edge.plusNanos(nanos));
            }
        }
        return all;
    }

    @ParameterizedTest
    @EnumSource
    void theServersDeadlineLosesNothingAndRepeatsNothing(Asked asked) {
        int answeredOnTheFirst = 0;
        int answeredOnAnother = 0;
        int failed = 0;
        for (Duration pause : around(KEPT)) {
            Outcome outcome = play(asked, pause, Duration.ofSeconds(30));
            assertEquals(outcome.answered ? 1 : 0, outcome.executed, () -> asked + " after " + pause + ": " + outcome);
            assertTrue(outcome.answered || !asked.repeats, () -> asked + " after " + pause + ": " + outcome);
            if (!outcome.answered) {
                failed++;
            } else if (outcome.connections == 1) {
                answeredOnTheFirst++;
            } else {
                answeredOnAnother++;
            }
        }
        assertTrue(answeredOnTheFirst > 0, "none came in time");
        assertTrue(answeredOnAnother > 0, "none came too late");
        assertEquals(asked.repeats, failed == 0, "none met the end");
    }

    /** With the default options a client gives a connection up long before a server does. */
    @ParameterizedTest
    @CsvSource({"POST", "LARGE_POST"})
    void whoGivesUpFirstIsNeverInThatRace(Asked asked) {
        Duration own = KEPT.minus(WAY.multipliedBy(3));
        for (Duration pause : around(own)) {
            Outcome outcome = play(asked, pause, own);
            assertTrue(outcome.answered, () -> asked + " after " + pause + ": " + outcome);
            assertEquals(1, outcome.executed);
        }
    }
}
