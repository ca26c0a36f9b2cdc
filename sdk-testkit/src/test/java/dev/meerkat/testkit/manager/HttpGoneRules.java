package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Acceptor;
import dev.meerkat.Handler;
import dev.meerkat.ListenOptions;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.ConnectionError;
import dev.meerkat.event.ReceiveBuffer;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.http.BodyInput;
import dev.meerkat.http.BodyOutput;
import dev.meerkat.http.BodyProducer;
import dev.meerkat.http.Headers;
import dev.meerkat.http.HttpError;
import dev.meerkat.http.HttpEvent;
import dev.meerkat.http.HttpLimits;
import dev.meerkat.http.HttpRule;
import dev.meerkat.http.HttpServer;
import dev.meerkat.http.HttpServerOptions;
import dev.meerkat.http.HttpTimeouts;
import dev.meerkat.http.Request;
import dev.meerkat.http.Response;
import dev.meerkat.runtime.SocketOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Who has gone, who is silent, who is still counted: what a server notices of peers and producers that do nothing. */
abstract class HttpGoneRules extends ManagerRules {
    static final String GET = HttpServerRules.GET;
    static final Duration NANO = Duration.ofNanos(1);
    private static final Duration GRACE = Duration.ofMillis(200);

    /** A producer that sends what it is told to, and nothing by itself. */
    private static final class Silent implements BodyProducer {
        @Nullable
        BodyOutput output;

        final List<Boolean> done = new ArrayList<>();

        @Override
        public void produce(BodyOutput target) {
            output = target;
        }

        @Override
        public void onDone(boolean sent) {
            done.add(sent);
        }
    }

    private final List<ConnectionError.Kind> ends = new ArrayList<>();
    private final Silent producer = new Silent();

    /** Serves, and notes how connections end. */
    final Acceptor serve(
            Change<HttpServerOptions.Builder> change, Script.Reaction<HttpEvent.RequestReceived> reaction) {
        return serve(arm.listenAddress(), ListenOptions.DEFAULT, change, reaction);
    }

    final Acceptor serve(
            String where,
            ListenOptions listen,
            Change<HttpServerOptions.Builder> change,
            Script.Reaction<HttpEvent.RequestReceived> reaction) {
        HttpServerOptions.Builder options = HttpServerOptions.builder().date(false);
        change.apply(options);
        Handler handler = (connection, event) -> {
            if (event instanceof HttpEvent.RequestReceived received) {
                reaction.to(connection, received);
            } else if (event instanceof TcpEvent.Closed closed) {
                closed.reason().error().ifPresent(error -> ends.add(error.kind()));
            }
        };
        return manager().listen(where, listen, HttpServer.handler(options.build(), handler));
    }

    final void streamed(HttpEvent.RequestReceived received) {
        received.request().respond(Response.stream("x", () -> producer));
    }

    final void settleNow() {
        if (!arm.isVirtual()) {
            settle();
            return;
        }
        for (int i = 0; i < 10; i++) {
            arm.advance(Duration.ZERO);
            pump();
        }
    }

    /** Lets time pass up to a point at which nothing must happen yet, and one nanosecond farther. */
    final void notBefore(Duration time) {
        if (arm.isVirtual()) {
            arm.advance(time.minus(NANO));
            settleNow();
            assertEquals(List.of(), producer.done);
            arm.advance(NANO);
            settleNow();
        }
    }

    private static HttpTimeouts grace() {
        return HttpTimeouts.builder().responseGrace(GRACE).build();
    }

    final Peer askForSilence(Change<HttpServerOptions.Builder> change) {
        Peer client = peer(serve(change, (connection, received) -> streamed(received)));
        client.send(GET);
        until("the head", () -> client.text().endsWith("\r\n\r\n"));
        settleNow();
        return client;
    }

    // ---- producers

    @Test
    void aSilentProducerHasLittleTimeWhenThePeerHasEndedItsSide() {
        Peer client = askForSilence(options -> options.timeouts(grace()));
        client.shutdownOutput();
        settleNow();
        notBefore(GRACE);
        until("the end of the producer", () -> producer.done.equals(List.of(false)));
        until("the reset", client::wasReset);
        assertEquals(List.of(ConnectionError.Kind.ABORTED), ends);
        assertEquals(0, manager().connections().size());
    }

    @Test
    void whoHasOnlyEndedItsSideGetsTheRestOfItsAnswer() {
        Peer client = askForSilence(options ->
                options.timeouts(HttpTimeouts.builder().responseGrace(LONG).build()));
        client.shutdownOutput();
        settleNow();
        inTurn(() -> producer.output.send("late").end());
        until("the end", client::hasEnded);
        assertTrue(client.text().endsWith("4\r\nlate\r\n0\r\n\r\n"), client.text());
        assertEquals(List.of(true), producer.done);
        client.close();
    }

    @Test
    void aSilentProducerEndsWithTheReset() {
        Peer client = askForSilence(options -> {});
        client.reset();
        until("the end of the producer", () -> producer.done.equals(List.of(false)));
        until("the end", () -> manager().connections().isEmpty());
    }

    @Test
    void aProducerThatNeverGoesOnHasADeadline() {
        Peer client = askForSilence(options -> options.producerTimeout(GRACE));
        notBefore(GRACE);
        until("the end of the producer", () -> producer.done.equals(List.of(false)));
        until("the reset", client::wasReset);
        assertEquals(List.of(ConnectionError.Kind.HANDLER_FAILED), ends);
        String failure = takeFailure().thrown().getMessage();
        assertTrue(failure.contains("silent for " + GRACE), failure);
    }

    @Test
    void whatAProducerSendsIsNoSilence() {
        Peer client = askForSilence(options -> options.producerTimeout(arm.isVirtual() ? GRACE : LONG));
        for (int i = 0; i < 3; i++) {
            if (arm.isVirtual()) {
                arm.advance(GRACE.minus(NANO));
                settleNow();
            }
            inTurn(() -> producer.output.send("x"));
            settleNow();
            assertEquals(List.of(), producer.done);
        }
        inTurn(() -> producer.output.end());
        until("the end of the body", () -> client.text().endsWith("1\r\nx\r\n1\r\nx\r\n1\r\nx\r\n0\r\n\r\n"));
        assertEquals(List.of(true), producer.done);
        settleNow();
        if (arm.isVirtual()) {
            arm.advance(GRACE);
            settleNow();
            assertEquals(1, manager().connections().size(), "nothing is due any more");
        }
    }

    @Test
    void whoTakesItsAnswerTooSlowlyIsToldAsASlowReceiver() {
        Acceptor acceptor = serve(
                arm.listenAddress(),
                listening(options -> options.sendBufferBytes(SMALL_PEER.sendBufferBytes())),
                options -> options.timeouts(HttpTimeouts.builder()
                        .responseRate(1000)
                        .responseGrace(SHORT)
                        .build()),
                (connection, received) ->
                        received.request().respond(Response.bytes("x", Bytes.copyOf(new byte[MORE_THAN_FITS]))));
        peer(acceptor, SMALL_PEER).stopReading().send(GET);
        until("the end", () -> ends.size() == 1);
        assertEquals(List.of(ConnectionError.Kind.SLOW_RECEIVER), ends);
    }

    // ---- readers that have paused

    private final List<String> told = new ArrayList<>();

    private BodyInput.Reader pausing(Request request) {
        return new BodyInput.Reader() {
            @Override
            public void onData(ReceiveBuffer body) {
                told.add(body.take(body.size()).utf8());
                request.body().pause();
            }

            @Override
            public void onEnd(Headers trailers) {
                told.add("end");
            }

            @Override
            public void onFailure(HttpError error) {
                told.add(error.rule() == HttpRule.INCOMPLETE_MESSAGE ? "incomplete" : error.toString());
            }
        };
    }

    private Peer pausedUpload(String head) {
        Peer client = peer(serve(options -> options.answerTimeout(LONG), (connection, received) -> {
            Request request = received.request();
            request.body().read(pausing(request));
            request.respond(Response.later(new CompletableFuture<>()));
        }));
        client.send("POST / HTTP/1.1\r\nHost: a\r\n" + head);
        until("data", () -> told.size() == 1);
        settleNow();
        return client;
    }

    @Test
    void aReaderThatHasPausedHearsOfTheEndThatComesTooEarly() {
        for (String head :
                List.of("Content-Length: 10\r\n\r\nhello", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")) {
            told.clear();
            Peer client = pausedUpload(head);
            client.shutdownOutput();
            until("the failure", () -> told.equals(List.of("hello", "incomplete")));
            until("the answer", client::hasEnded);
            assertTrue(client.text().startsWith("HTTP/1.1 400 "), client.text());
            client.close();
        }
    }

    @Test
    void aReaderThatHasPausedHearsOfTheReset() {
        Peer client = pausedUpload("Content-Length: 10\r\n\r\nhello");
        client.reset();
        until("the failure", () -> told.equals(List.of("hello", "incomplete")));
    }

    @Test
    void aBodyThatHasComeWholeIsNotCutOffByTheEndBehindIt() {
        Peer client = pausedUpload("Content-Length: 5\r\n\r\nhello");
        client.shutdownOutput();
        settleNow();
        assertFalse(told.contains("incomplete"), told::toString);
        client.close();
    }

    // ---- who counts

    /** Waits until somebody was admitted, or refused with 503. */
    private String answer(Peer client) {
        client.send(HttpUpgradeRules.ASK);
        until("an answer", () -> client.text().contains("\r\n\r\n"));
        return client.text().substring(9, 12);
    }

    private static Change<HttpServerOptions.Builder> one() {
        return options ->
                options.limits(HttpLimits.builder().connectionsPerIp(1).build());
    }

    @Test
    void whoSpeaksSomethingElseByNowStillCounts() {
        Script upgraded = script().hearingAPart();
        Acceptor acceptor =
                serve(one(), (connection, received) -> received.request().respond(Response.upgrade("echo", upgraded)));
        Peer first = peer(acceptor);
        assertEquals("101", answer(first));
        until("the handler", upgraded::isOpened);
        Peer second = peer(acceptor);
        assertEquals("503", answer(second));
        second.close();
        first.close();
        untilClosed(upgraded);
        until("room", () -> manager().connections().isEmpty());
        assertEquals("101", answer(peer(acceptor)));
    }

    @Test
    void ofIpv6OneNetCountsAsOneAddress() throws IOException {
        Acceptor acceptor = serve(
                arm.host6() + ":0",
                ListenOptions.DEFAULT,
                one(),
                (connection, received) -> received.request().respond(HttpServerRules.HELLO));
        InetSocketAddress address =
                new InetSocketAddress(arm.host6().substring(1, arm.host6().length() - 1), acceptor.port());
        Peer first = peer(address);
        assertEquals("200", answer(first));
        Peer neighbour = neighbour(address);
        assertEquals("503", answer(neighbour));
        neighbour.close();
        first.close();
        until("room", () -> manager().connections().isEmpty());
        assertEquals("200", answer(peer(address)));
    }

    /** Somebody else of the same net. */
    private Peer neighbour(InetSocketAddress address) {
        try {
            return keep(Peer.connecting(arm.localPeers().connect(address, SocketOptions.DEFAULT)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
