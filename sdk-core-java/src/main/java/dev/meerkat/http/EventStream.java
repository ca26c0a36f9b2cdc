package dev.meerkat.http;

import dev.meerkat.Connection;
import dev.meerkat.Timer;
import dev.meerkat.event.Bytes;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Events that are sent to one peer as they happen (text/event-stream, HTML standard §9.2).
 *
 * <pre>{@code
 * router.get("/ticks", request -> EventStream.open(request, EventStreamOptions.DEFAULT, stream -> {
 *     Timer timer = stream.connection().manager().scheduleAtFixedRate(ONE_SECOND, ONE_SECOND, Timer.Overrun.SKIP,
 *             () -> stream.send(ServerSentEvent.of("tick")));
 *     stream.onClose(timer::cancel);
 * }));
 * }</pre>
 *
 * <p>What a slow peer does not take waits, within the bounds of the options. To send one event to many:
 * {@link EventStreams}. Loop thread.
 */
public final class EventStream {
    private static final Bytes HEARTBEAT = ServerSentEvent.comment("").encode();

    private final EventStreamOptions options;
    private final Connection connection;
    private final Optional<String> lastEventId;
    private final ArrayDeque<Bytes> waiting = new ArrayDeque<>();
    private final List<Runnable> closeTasks = new ArrayList<>();
    private int waitingBytes;
    private @Nullable BodyOutput output;
    private @Nullable Timer heartbeat;
    private long lastSentNanos;
    private boolean closing;
    private boolean closed;
    private long dropped;

    private EventStream(Request request, EventStreamOptions options) {
        this.options = options;
        connection = request.connection();
        lastEventId = request.header("Last-Event-ID").filter(id -> !id.isEmpty());
    }

    /**
     * Makes the answer that is a stream of events. Nobody between is to keep or hold back its bytes: it says so in
     * {@code Cache-Control} and, for proxies of that kind, {@code X-Accel-Buffering}.
     *
     * @param request who wants to hear of events
     * @param options heartbeat, bounds and what to do at the bounds
     * @param opened is given the stream when the head was sent; not at all if no body is sent, as with HEAD
     * @return an answer 200, for this request
     */
    public static Response open(Request request, EventStreamOptions options, Consumer<EventStream> opened) {
        Objects.requireNonNull(options, "options");
        Objects.requireNonNull(opened, "opened");
        return Response.stream("text/event-stream", () -> new EventStream(request, options).producer(opened))
                .withHeader("Cache-Control", "no-cache")
                .withHeader("X-Accel-Buffering", "no");
    }

    private BodyProducer producer(Consumer<EventStream> opened) {
        return new BodyProducer() {
            @Override
            public void produce(BodyOutput target) {
                if (output == null) {
                    output = target;
                    lastSentNanos = now();
                    beat(options.heartbeat().toNanos());
                    opened.accept(EventStream.this);
                }
                drain(target);
            }

            @Override
            public void onDone(boolean sent) {
                ended();
            }
        };
    }

    /** Hands over what waits, as long as the peer takes it. */
    private void drain(BodyOutput target) {
        Bytes next;
        while (target.isWritable() && (next = waiting.poll()) != null) {
            waitingBytes -= next.length();
            target.send(next);
            lastSentNanos = now();
        }
        if (closing && waiting.isEmpty()) {
            target.end();
        }
    }

    private long now() {
        return connection.manager().runtime().time().nanoTime();
    }

    private void beat(long nanos) {
        if (nanos > 0) {
            heartbeat = connection.manager().schedule(Duration.ofNanos(nanos), this::beatIfSilent);
        }
    }

    private void beatIfSilent() {
        if (closed) {
            return;
        }
        long silent = now() - lastSentNanos;
        long every = options.heartbeat().toNanos();
        if (silent < every) {
            beat(every - silent);
        } else {
            if (waiting.isEmpty()) {
                send(HEARTBEAT);
            }
            beat(every);
        }
    }

    /**
     * The connection that the events go to.
     *
     * @return the connection
     */
    public Connection connection() {
        return connection;
    }

    /**
     * The id of the last event that the peer has, when it has asked again.
     *
     * @return what it sent as {@code Last-Event-ID}
     */
    public Optional<String> lastEventId() {
        return lastEventId;
    }

    /**
     * Sends an event.
     *
     * @param event the event
     * @return whether it will be sent if the connection lasts; false if the stream is closed, or is closed now for want
     *     of room
     */
    public boolean send(ServerSentEvent event) {
        return send(event.encode());
    }

    /**
     * Sends an event that is encoded already, for one of many.
     *
     * @param encoded what {@link ServerSentEvent#encode} made
     * @return as of {@link #send(ServerSentEvent)}
     */
    public boolean send(Bytes encoded) {
        if (closing || closed) {
            return false;
        }
        while (!waiting.isEmpty() && !hasRoom(encoded)) {
            if (options.whenFull() == EventStreamOptions.WhenFull.CLOSE) {
                close();
                return false;
            }
            waitingBytes -= waiting.remove().length();
            dropped++;
        }
        waiting.add(encoded);
        waitingBytes += encoded.length();
        resume();
        return true;
    }

    private boolean hasRoom(Bytes encoded) {
        return waiting.size() < options.waitingEvents() && waitingBytes + encoded.length() <= options.waitingBytes();
    }

    private void resume() {
        if (output != null) {
            output.resume();
        }
    }

    /**
     * How many events made room for later ones.
     *
     * @return the number; 0 unless the policy is {@link EventStreamOptions.WhenFull#DROP_OLDEST}
     */
    public long dropped() {
        return dropped;
    }

    /** Ends the stream behind what waits. User agents ask again after a while, unless they are told 204 then. */
    public void close() {
        if (!closing && !closed) {
            closing = true;
            resume();
        }
    }

    /**
     * Whether events can be sent.
     *
     * @return false once it was closed or the connection has ended
     */
    public boolean isOpen() {
        return !closing && !closed;
    }

    /**
     * Runs something when the stream is over, for whatever reason; at once if it is over already.
     *
     * @param task runs once, on the loop thread
     */
    public void onClose(Runnable task) {
        if (closed) {
            task.run();
        } else {
            closeTasks.add(task);
        }
    }

    private void ended() {
        closed = true;
        waiting.clear();
        waitingBytes = 0;
        if (heartbeat != null) {
            heartbeat.cancel();
        }
        closeTasks.forEach(Runnable::run);
        closeTasks.clear();
    }
}
