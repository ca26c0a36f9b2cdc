package dev.meerkat.http.filter;

import dev.meerkat.Connection;
import dev.meerkat.EventManager;
import dev.meerkat.http.FakeRequest;
import dev.meerkat.http.HttpFilter;
import dev.meerkat.http.HttpHandler;
import dev.meerkat.http.Request;
import dev.meerkat.http.Response;
import dev.meerkat.http.ResponseBody;
import dev.meerkat.http.ResponseException;
import dev.meerkat.runtime.Entropy;
import dev.meerkat.runtime.ManagerRuntime;
import dev.meerkat.runtime.Probe;
import dev.meerkat.runtime.Resolver;
import dev.meerkat.runtime.TimeSource;
import dev.meerkat.runtime.Transport;
import dev.meerkat.runtime.Workers;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/** Asks filters in the name of a peer: an address, TLS or not, and a clock that the test moves. */
final class FakePeer {
    /** What the handler behind the filters answers: its user and its body. */
    static final HttpHandler HANDLER = request -> Response.text(request.attribute(AuthenticatedUser.class)
            .map(user -> user.scheme() + " " + user.name())
            .orElse("nobody"));

    private final Connection connection;
    private long nanos = 1;

    FakePeer(String address, boolean secured) throws UnknownHostException {
        TimeSource time = new TimeSource() {
            @Override
            public long nanoTime() {
                return nanos;
            }

            @Override
            public Instant wallTime() {
                return Instant.EPOCH.plusNanos(nanos);
            }
        };
        Entropy entropy = name -> new SplittableRandom(name.hashCode());
        ManagerRuntime runtime = new ManagerRuntime(
                fake(Transport.class, noAnswer()),
                time,
                fake(Resolver.class, noAnswer()),
                entropy,
                fake(Workers.class, noAnswer()),
                fake(Probe.class, noAnswer()));
        EventManager manager = fake(EventManager.class, (proxy, method, arguments) -> runtime);
        InetSocketAddress remote = new InetSocketAddress(InetAddress.getByName(address), 40_000);
        connection = fake(Connection.class, (proxy, method, arguments) -> switch (method.getName()) {
            case "manager" -> manager;
            case "isSecured" -> secured;
            case "remoteAddress" -> remote;
            default -> throw new UnsupportedOperationException(method.getName());
        });
    }

    static FakePeer plain() throws UnknownHostException {
        return new FakePeer("192.0.2.1", false);
    }

    private static InvocationHandler noAnswer() {
        return (proxy, method, arguments) -> {
            throw new UnsupportedOperationException(method.getName());
        };
    }

    private static <T> T fake(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }

    void advance(Duration time) {
        nanos += time.toNanos();
    }

    Request request(String method, String target, String... headers) {
        return FakeRequest.of(method, target, headers).on(connection);
    }

    Response ask(HttpHandler handler, String method, String target, String... headers) throws Exception {
        try {
            return handler.onHead(request(method, target, headers));
        } catch (ResponseException answer) {
            return answer.response();
        }
    }

    Response ask(HttpFilter filter, String... headers) throws Exception {
        return ask(HANDLER.with(filter), "GET", "/", headers);
    }

    static String text(Response response) {
        return response.body() instanceof ResponseBody.Whole whole
                ? whole.bytes().utf8()
                : "";
    }

    /** All values of a field, with bars between them. */
    static String field(Response response, String name) {
        return response.headers().all(name).stream().collect(Collectors.joining(" | "));
    }
}
