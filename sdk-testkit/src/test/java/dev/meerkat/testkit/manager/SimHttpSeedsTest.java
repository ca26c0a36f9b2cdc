package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Connection;
import dev.meerkat.Handler;
import dev.meerkat.event.Event;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.http.HttpEvent;
import dev.meerkat.http.HttpHandler;
import dev.meerkat.http.HttpServer;
import dev.meerkat.http.Request;
import dev.meerkat.http.Response;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Requests in random pieces, at random moments, answered whenever it pleases, cut off anywhere: what holds always. */
class SimHttpSeedsTest extends ManagerRules {
    private static final int SEEDS = 300;

    @Override
    Arm openArm() {
        return new SimArm();
    }

    /** Keeps to the grammar of a server's events, and answers at random moments. */
    private final class Checked implements Handler {
        private final SplittableRandom random;
        private final List<String> heard = new ArrayList<>();
        private Request request;
        private boolean inMessage;
        private boolean closed;
        private int answers;

        Checked(SplittableRandom random) {
            this.random = random;
        }

        @Override
        public void onEvent(Connection connection, Event event) {
            heard.add(event.getClass().getSimpleName());
            assertTrue(!closed, () -> "after Closed: " + heard);
            if (event instanceof HttpEvent.RequestReceived received) {
                assertTrue(!inMessage && (request == null || request.isAnswered()), () -> "two at a time: " + heard);
                inMessage = true;
                request = received.request();
                if (random.nextInt(3) == 0) {
                    answer(request);
                }
            } else if (event instanceof HttpEvent.BodyReceived received) {
                assertTrue(inMessage, () -> "a body of nothing: " + heard);
                received.body().discard(random.nextInt(received.body().size() + 1));
            } else if (event instanceof HttpEvent.MessageEnd) {
                assertTrue(inMessage, () -> "an end of nothing: " + heard);
                inMessage = false;
                Request ended = request;
                if (!ended.isAnswered()) {
                    connection.manager().schedule(Duration.ofMillis(random.nextInt(3)), () -> answer(ended));
                }
            } else if (event instanceof HttpEvent.MessageFailed failed) {
                assertEquals(inMessage, failed.partial(), heard::toString);
                inMessage = false;
            } else if (event instanceof TcpEvent.Closed) {
                closed = true;
            }
        }

        private void answer(Request asked) {
            if (!asked.isAnswered()) {
                answers++;
                asked.respond(Response.text("answer " + asked.number()));
            }
        }
    }

    @Test
    void eventsKeepTheirOrderAndNothingIsAnsweredTwice() {
        for (int seed = 0; seed < SEEDS; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            Checked handler = new Checked(random);
            Peer client = peer(manager().listen(arm.listenAddress(), HttpServer.handler(handler)));
            int sent = random.nextInt(1, 6);
            StringBuilder requests = new StringBuilder();
            for (int i = 0; i < sent; i++) {
                requests.append(request(random));
            }
            boolean broken = random.nextInt(4) == 0;
            if (broken) {
                requests.setCharAt(random.nextInt(requests.length()), (char) random.nextInt(256));
            }
            byte[] bytes = requests.toString().getBytes(StandardCharsets.ISO_8859_1);
            boolean cut = random.nextInt(4) == 0;
            int end = cut ? random.nextInt(bytes.length) : bytes.length;
            for (int from = 0; from < end; ) {
                int to = Math.min(end, from + random.nextInt(1, 60));
                client.send(Arrays.copyOfRange(bytes, from, to));
                from = to;
                arm.advance(Duration.ofNanos(random.nextInt(1_000_000)));
            }
            if (cut && random.nextBoolean()) {
                client.reset();
            } else {
                client.shutdownOutput();
                until("the end of seed " + seed, () -> client.hasEnded() || client.wasReset());
                client.close();
            }
            until(
                    "Closed of seed " + seed,
                    () -> handler.closed || manager().connections().isEmpty());
            int found = client.text().split("HTTP/1.1 200", -1).length - 1;
            assertTrue(found <= handler.answers, "seed " + seed + ": " + found + " of " + handler.answers);
            if (!broken && !cut) {
                assertEquals(sent, found, "seed " + seed + ": " + handler.heard + "\n" + client.text());
            }
        }
    }

    private static String request(SplittableRandom random) {
        String body = "x".repeat(random.nextInt(200));
        return switch (random.nextInt(3)) {
            case 0 -> "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
            case 1 -> "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
            default ->
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                        + (body.isEmpty() ? "" : Integer.toHexString(body.length()) + "\r\n" + body + "\r\n")
                        + "0\r\n\r\n";
        };
    }

    @Test
    void garbageIsAnsweredOnceAndTheManagerLives() {
        Handler handler = HttpServer.handler(HttpServerRules.TIMELESS, (HttpHandler) request -> HttpServerRules.HELLO);
        var acceptor = manager().listen(arm.listenAddress(), handler);
        SplittableRandom random = new SplittableRandom(7);
        for (int i = 0; i < SEEDS; i++) {
            byte[] garbage = new byte[random.nextInt(1, 400)];
            random.nextBytes(garbage);
            Peer client = peer(acceptor).send(garbage).send("\r\n\r\n").shutdownOutput();
            until("the end", () -> client.hasEnded() || client.wasReset());
            assertTrue(client.text().isEmpty() || client.text().matches("(?s)HTTP/1\\.1 [45]\\d\\d .*"), client::text);
            assertEquals(client.text().isEmpty() ? 1 : 2, client.text().split("HTTP/1.1 ", -1).length, client::text);
            client.close();
        }
        until("all gone", () -> manager().connections().isEmpty());
        Peer client = peer(acceptor).send(HttpServerRules.GET);
        until("an answer", () -> client.text().equals(HttpServerRules.HELLO_TEXT));
    }
}
