package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.meerkat.Acceptor;
import dev.meerkat.ConnectOptions;
import dev.meerkat.Connection;
import dev.meerkat.ConnectionOptions;
import dev.meerkat.Handler;
import dev.meerkat.ListenOptions;
import dev.meerkat.Protocol;
import dev.meerkat.event.Event;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.http.HttpEvent;
import dev.meerkat.http.HttpHandler;
import dev.meerkat.http.HttpServer;
import dev.meerkat.http.Request;
import dev.meerkat.http.Response;
import dev.meerkat.tls.TlsOptions;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The 84 runs of the original, which had 14 configurations of its daemon: here there are 14 ways in which an upgrade
 * comes about, each with input of three sizes, in clear and through TLS. What the client sends comes back whole, behind
 * one head, and the handler is told once that it begins.
 */
abstract class HttpUpgradeGridRules extends ManagerRules {
    /** In which way the upgrade comes about. */
    enum Way {
        AT_ONCE,
        IN_A_LATER_TURN,
        AFTER_A_WHILE,
        BY_A_HANDLER_OF_EVENTS_AT_THE_HEAD,
        BY_A_HANDLER_OF_EVENTS_AT_THE_END,
        BEHIND_A_PIPELINED_REQUEST,
        WITH_BYTES_SENT_AHEAD,
        WITH_ALL_BYTES_SENT_AHEAD,
        BEHIND_A_BODY,
        BEHIND_A_CHUNKED_BODY,
        HEAD_IN_DROPS,
        TO_A_PROTOCOL,
        SERVER_SPEAKS_FIRST,
        THROUGH_SMALL_BUFFERS
    }

    static Stream<Arguments> grid() {
        return Stream.of(Way.values())
                .flatMap(way -> Stream.of(100, 100_000, 2_000_000)
                        .flatMap(size -> Stream.of(false, true).map(tls -> Arguments.of(way, size, tls))));
    }

    private final List<Request> asked = new ArrayList<>();

    @ParameterizedTest
    @MethodSource("grid")
    void whatIsSentToTheOtherProtocolComesBack(Way way, int size, boolean tls) {
        int[] begun = {0};
        String welcome = way == Way.SERVER_SPEAKS_FIRST ? "welcome" : "";
        Handler echo = (connection, event) -> {
            if (event instanceof TcpEvent.Opened) {
                begun[0]++;
                connection.send(welcome);
            } else if (event instanceof TcpEvent.Received received) {
                connection.send(received.buffer());
            }
        };
        Handler other = way == Way.TO_A_PROTOCOL ? Protocol.handler(PassingOn::new, echo) : echo;
        Response upgrade = Response.upgrade("echo", other);
        @Nullable TlsOptions secrets = tls ? TestTls.options(manager().wallTime()) : null;
        ConnectionOptions buffers = connection(options -> {
            if (way == Way.THROUGH_SMALL_BUFFERS) {
                options.sendBufferBytes(4096).receiveBufferBytes(4096);
            }
        });
        Acceptor acceptor = manager()
                .listen(
                        (tls ? "https://" : "http://") + arm.host() + ":0",
                        listenOptions(secrets, buffers),
                        HttpServer.handler(HttpServerRules.TIMELESS, handler(way, upgrade)));

        Script client = script();
        manager()
                .connect(
                        (tls ? "tls://" : "tcp://") + arm.host() + ":" + acceptor.port(),
                        connectOptions(secrets, buffers),
                        client);
        until("the connection", client::isOpened);
        byte[] sent = pattern(size);
        int ahead = way == Way.WITH_ALL_BYTES_SENT_AHEAD ? size : way == Way.WITH_BYTES_SENT_AHEAD ? 50 : 0;
        ask(client.connection(), way, Arrays.copyOf(sent, ahead));
        String expected = (way == Way.BEHIND_A_PIPELINED_REQUEST ? HttpServerRules.HELLO_TEXT : "")
                + HttpUpgradeRules.HEAD
                + welcome;
        until("the head", () -> client.bytes().length >= expected.length());
        inTurn(() -> client.connection().send(Arrays.copyOfRange(sent, ahead, size)));
        until("the echo", () -> client.bytes().length >= expected.length() + size);

        byte[] received = client.bytes();
        assertEquals(expected, new String(received, 0, expected.length(), StandardCharsets.ISO_8859_1));
        assertArrayEquals(sent, Arrays.copyOfRange(received, expected.length(), received.length));
        assertEquals(1, begun[0]);
    }

    private static ListenOptions listenOptions(@Nullable TlsOptions secrets, ConnectionOptions buffers) {
        ListenOptions.Builder options = ListenOptions.builder().connection(buffers);
        return secrets == null ? options.build() : options.tls(secrets).build();
    }

    private static ConnectOptions connectOptions(@Nullable TlsOptions secrets, ConnectionOptions buffers) {
        ConnectOptions.Builder options = ConnectOptions.builder().connection(buffers);
        return secrets == null ? options.build() : options.tls(secrets).build();
    }

    private Handler handler(Way way, Response upgrade) {
        return switch (way) {
            case BY_A_HANDLER_OF_EVENTS_AT_THE_HEAD ->
                (connection, event) -> {
                    if (event instanceof HttpEvent.RequestReceived received) {
                        received.request().respond(upgrade);
                    }
                };
            case BY_A_HANDLER_OF_EVENTS_AT_THE_END ->
                (connection, event) -> {
                    if (event instanceof HttpEvent.RequestReceived received) {
                        asked.add(received.request());
                    } else if (event instanceof HttpEvent.MessageEnd) {
                        asked.get(0).respond(upgrade);
                    }
                };
            case IN_A_LATER_TURN ->
                HttpHandler.of(request -> {
                    CompletableFuture<Response> later = new CompletableFuture<>();
                    manager().post(() -> later.complete(upgrade));
                    return Response.later(later);
                });
            case AFTER_A_WHILE ->
                HttpHandler.of(request -> {
                    CompletableFuture<Response> later = new CompletableFuture<>();
                    manager().schedule(SHORT, () -> later.complete(upgrade));
                    return Response.later(later);
                });
            case BEHIND_A_PIPELINED_REQUEST ->
                HttpHandler.of(request -> request.number() == 1 ? HttpServerRules.HELLO : upgrade);
            default -> HttpHandler.of(request -> upgrade);
        };
    }

    private void ask(Connection connection, Way way, byte[] ahead) {
        String head = HttpUpgradeRules.ASK;
        switch (way) {
            case BEHIND_A_PIPELINED_REQUEST -> inTurn(() -> connection.send(HttpServerRules.GET + head));
            case BEHIND_A_BODY ->
                inTurn(() -> connection.send(head.replace("\r\n\r\n", "\r\nContent-Length: 4\r\n\r\nbody")));
            case BEHIND_A_CHUNKED_BODY ->
                inTurn(() -> connection.send(
                        head.replace("\r\n\r\n", "\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n")));
            case HEAD_IN_DROPS -> {
                for (int i = 0; i < head.length(); i++) {
                    String drop = head.substring(i, i + 1);
                    inTurn(() -> connection.send(drop));
                }
            }
            default -> inTurn(() -> connection.send(head).send(ahead));
        }
    }

    /** A protocol that changes nothing. */
    private static final class PassingOn implements Protocol {
        @Override
        public void onEvent(Connection connection, Event event, Handler above) throws Exception {
            above.onEvent(connection, event);
        }
    }
}
