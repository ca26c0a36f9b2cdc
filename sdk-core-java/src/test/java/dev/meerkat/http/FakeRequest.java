package dev.meerkat.http;

import dev.meerkat.Connection;
import dev.meerkat.event.Bytes;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A request without a server: a head, no body, what was remembered, and as much of a connection as filters look at. */
public final class FakeRequest implements Request {
    private final RequestHead head;
    private final Map<Class<?>, Object> attributes = new LinkedHashMap<>();

    private final @Nullable Connection connection;

    private FakeRequest(RequestHead head, @Nullable Connection connection) {
        this.head = head;
        this.connection = connection;
    }

    /** The same on a connection. */
    public FakeRequest on(Connection other) {
        return new FakeRequest(head, other);
    }

    public static FakeRequest of(String method, String target, String... headers) {
        return new FakeRequest(RequestHead.of(method, target, Headers.of(headers)), null);
    }

    @Override
    public RequestHead head() {
        return head;
    }

    @Override
    public Response gather(HttpHandler handler) throws Exception {
        return handler.handle(this);
    }

    @Override
    public Response gather(int limit, HttpHandler handler) throws Exception {
        return handler.handle(this);
    }

    @Override
    public <T> void attribute(Class<T> type, @Nullable T value) {
        if (value == null) {
            attributes.remove(type);
        } else {
            attributes.put(type, value);
        }
    }

    @Override
    public <T> Optional<T> attribute(Class<T> type) {
        return Optional.ofNullable(attributes.get(type)).map(type::cast);
    }

    @Override
    public Connection connection() {
        return Objects.requireNonNull(connection);
    }

    @Override
    public long number() {
        return 1;
    }

    @Override
    public RequestBody body() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Bytes bytes() {
        return Bytes.EMPTY;
    }

    @Override
    public String text() {
        return "";
    }

    @Override
    public Parameters form() {
        return Parameters.empty();
    }

    @Override
    public void respond(Response response) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void answerWith(HttpHandler handler) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void inform(int status, Headers headers) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean isAnswered() {
        return false;
    }

    @Override
    public void onUnwanted(Runnable task) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletionStage<Boolean> whenSent() {
        throw new UnsupportedOperationException();
    }
}
