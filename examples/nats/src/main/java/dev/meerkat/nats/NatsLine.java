package dev.meerkat.nats;

import dev.meerkat.event.Bytes;
import dev.meerkat.topic.BusLine;
import dev.meerkat.topic.BusListener;
import dev.meerkat.topic.BusMessage;
import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.nats.client.Message;
import io.nats.client.impl.Headers;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A topic's subject. */
final class NatsLine implements BusLine {
    private static final String ORIGIN = "Mk-Origin";
    private static final String SEQUENCE = "Mk-Sequence";
    private static final String KIND = "Mk-Kind";
    private static final String KEY = "Mk-Key";

    private final NatsTopicBus bus;
    private final Connection connection;
    private final String subject;
    private final String origin;
    private final BusListener listener;
    private final Dispatcher dispatcher;
    private volatile boolean closed;

    NatsLine(NatsTopicBus bus, Connection connection, String subject, String origin, BusListener listener) {
        this.bus = bus;
        this.connection = connection;
        this.subject = subject;
        this.origin = origin;
        this.listener = Objects.requireNonNull(listener, "listener");
        dispatcher = connection.createDispatcher(this::received).subscribe(subject);
    }

    void connected() {
        if (!closed) {
            listener.onConnected();
        }
    }

    void lost(String reason) {
        if (!closed) {
            listener.onLost(reason);
        }
    }

    @Override
    public String origin() {
        return origin;
    }

    /** When in doubt it was not taken: what comes twice is left out by who receives it. */
    @Override
    public boolean publish(BusMessage message) {
        if (closed) {
            return true;
        }
        if (!bus.hasRoom()) {
            bus.whenRoom(this);
            return false;
        }
        Headers headers = new Headers()
                .put(ORIGIN, message.origin())
                .put(SEQUENCE, Long.toString(message.sequence()))
                .put(KIND, message.text() ? "text" : "binary");
        message.key().ifPresent(key -> headers.put(KEY, Escapes.escape(key)));
        try {
            connection.publish(subject, headers, message.payload().toByteArray());
        } catch (IllegalStateException away) {
            return false;
        }
        return connection.getStatus() == Connection.Status.CONNECTED;
    }

    private void received(Message message) {
        BusMessage known = read(message);
        if (known != null && !closed) {
            listener.onMessage(known);
        }
    }

    /** Null if it is not of a topic. */
    private static @Nullable BusMessage read(Message message) {
        Headers headers = message.getHeaders();
        if (headers == null) {
            return null;
        }
        String from = headers.getFirst(ORIGIN);
        String number = headers.getFirst(SEQUENCE);
        String kind = headers.getFirst(KIND);
        if (from == null || number == null || kind == null) {
            return null;
        }
        try {
            return new BusMessage(
                    from,
                    Long.parseLong(number),
                    kind.equals("text"),
                    Optional.ofNullable(headers.getFirst(KEY)).map(Escapes::text),
                    Bytes.copyOf(message.getData()));
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            bus.left(this);
            try {
                connection.closeDispatcher(dispatcher);
            } catch (IllegalStateException e) {
                // the connection is closed, and so is this
            }
        }
    }
}
