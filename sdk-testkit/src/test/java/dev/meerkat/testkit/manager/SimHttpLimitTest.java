package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Acceptor;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.ReceiveBuffer;
import dev.meerkat.http.Headers;
import dev.meerkat.http.HttpError;
import dev.meerkat.http.HttpHandler;
import dev.meerkat.http.HttpRule;
import dev.meerkat.http.RequestBody;
import dev.meerkat.http.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class SimHttpLimitTest extends HttpLimitRules {
    @Override
    Arm openArm() {
        return new SimArm();
    }

    @Override
    void settleNow() {
        for (int i = 0; i < 10; i++) {
            arm.advance(Duration.ZERO);
            pump();
        }
    }

    @Test
    void whoComesBackInTimeIsServedOn() {
        Peer client = connected(serve(options -> options.timeouts(timeouts(t -> t.keepAlive(LONG))), hello()));
        for (int i = 1; i <= 5; i++) {
            arm.advance(LONG.minus(NANO.multipliedBy(i * 6_000_000L)));
            settleNow();
            client.send(GET);
            settleNow();
            assertEquals(HttpServerRules.HELLO_TEXT.repeat(i), client.text());
        }
        nothingBefore(LONG, client);
        assertTrue(client.hasEnded());
        client.close();
    }

    @Test
    void aBodyThatDripsInEndsWhenItFallsBehindItsRate() {
        List<HttpError> errors = new ArrayList<>();
        Peer client = connected(serve(
                options -> options.timeouts(timeouts(t -> t.bodyRate(100).bodyGrace(Duration.ofSeconds(2)))),
                HttpHandler.streaming(request -> {
                    request.body().read(counting(errors));
                    return Response.later(new CompletableFuture<>());
                })));
        client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n");
        settleNow();
        arm.advance(Duration.ofSeconds(1));
        client.send("x".repeat(50)); // half a second more: until 2.5
        settleNow();
        nothingBefore(Duration.ofMillis(1500), client);
        answered(client, 408);
        assertEquals(HttpRule.BODY_TOO_SLOW, errors.get(0).rule());
        assertEquals(1, errors.size());
        client.close();
    }

    @Test
    void aBodyThatCameQuicklyHasNoMoreThanTheGrace() {
        Peer client = connected(serve(
                options -> options.timeouts(timeouts(t -> t.bodyRate(1).bodyGrace(Duration.ofSeconds(2)))), hello()));
        client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n");
        settleNow(); // the deadline stands, and what comes now could put it off by half a day
        client.send("x".repeat(50_000));
        settleNow();
        nothingBefore(Duration.ofSeconds(2), client);
        answered(client, 408);
        client.close();
    }

    @Test
    void whoReadsSlowlyButWellEnoughIsServed() {
        Acceptor acceptor = serve(
                listening(options -> options.sendBufferBytes(SMALL_PEER.sendBufferBytes())),
                options -> options.timeouts(timeouts(t -> t.responseRate(100).responseGrace(Duration.ofSeconds(5)))),
                HttpHandler.of(request -> Response.bytes("x", Bytes.copyOf(new byte[MORE_THAN_FITS]))));
        Peer client = peer(acceptor, SMALL_PEER).stopReading().send(GET);
        settleNow();
        while (client.receivedCount() < MORE_THAN_FITS) {
            arm.advance(Duration.ofSeconds(4));
            client.startReading();
            client.pump();
            client.stopReading();
            settleNow();
            assertEquals(1, manager().connections().size());
        }
    }

    private static RequestBody.Reader counting(List<HttpError> errors) {
        return new RequestBody.Reader() {
            @Override
            public void onData(ReceiveBuffer body) {
                body.discard(body.size());
            }

            @Override
            public void onEnd(Headers trailers) {}

            @Override
            public void onFailure(HttpError error) {
                errors.add(error);
            }
        };
    }
}
