package dev.meerkat.http;

import dev.meerkat.EventManager;
import dev.meerkat.ManagerClosedException;
import dev.meerkat.event.Bytes;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * Streams of events that all get the same: each request is answered with one, of any number of managers.
 *
 * <pre>{@code
 * EventStreams prices = EventStreams.create();
 * router.get("/prices", prices);
 * prices.publish(ServerSentEvent.of("{\"meerkat\": 21.5}").withId("1047"));      // from any thread
 * }</pre>
 */
public final class EventStreams implements HttpHandler {
    private final EventStreamOptions options;
    private final Consumer<EventStream> opened;
    /** One for each manager that has streams; a list, since a map would visit them in another order each run. */
    private final List<Room> rooms = new CopyOnWriteArrayList<>();

    /** The streams of a manager, touched on its loop thread only. */
    private record Room(EventManager manager, Set<EventStream> streams) {}

    private EventStreams(EventStreamOptions options, Consumer<EventStream> opened) {
        this.options = options;
        this.opened = opened;
    }

    /**
     * With the default options.
     *
     * @return nobody's streams yet
     */
    public static EventStreams create() {
        return create(EventStreamOptions.DEFAULT, stream -> {});
    }

    /**
     * With other options.
     *
     * @param options heartbeat, bounds and what to do at the bounds, of each stream
     * @param opened is given each new stream on its loop thread: the place to send what a peer has missed since its
     *     {@link EventStream#lastEventId}
     * @return nobody's streams yet
     */
    public static EventStreams create(EventStreamOptions options, Consumer<EventStream> opened) {
        return new EventStreams(Objects.requireNonNull(options, "options"), Objects.requireNonNull(opened, "opened"));
    }

    @Override
    public Response handle(Request request) {
        return EventStream.open(request, options, this::join);
    }

    private void join(EventStream stream) {
        Room room = room(stream.connection().manager());
        room.streams().add(stream);
        stream.onClose(() -> {
            room.streams().remove(stream);
            if (room.streams().isEmpty()) {
                rooms.removeIf(other -> other.manager() == room.manager());
            }
        });
        opened.accept(stream);
    }

    private Room room(EventManager manager) {
        for (Room room : rooms) {
            if (room.manager() == manager) {
                return room;
            }
        }
        Room room = new Room(manager, new LinkedHashSet<>());
        rooms.add(room);
        return room;
    }

    /**
     * May be called from any thread. Sends an event to all streams that are open; it is encoded once. Each manager's
     * loop is told in one message.
     *
     * @param event the event
     * @throws RejectedExecutionException if a manager's mailbox is full; its streams, and those of managers that would
     *     have come behind it, do not get the event
     */
    public void publish(ServerSentEvent event) {
        Bytes encoded = event.encode();
        onEachLoop(EventStream::send, encoded);
    }

    /**
     * May be called from any thread. Ends all streams that are open, behind what waits; new ones can come.
     *
     * @throws RejectedExecutionException if a manager's mailbox is full
     */
    public void closeAll() {
        onEachLoop((stream, nothing) -> stream.close(), Bytes.EMPTY);
    }

    private void onEachLoop(BiConsumer<EventStream, Bytes> action, Bytes encoded) {
        for (Room room : rooms) {
            Runnable task = () -> List.copyOf(room.streams()).forEach(stream -> action.accept(stream, encoded));
            if (room.manager().inLoop()) {
                task.run();
                continue;
            }
            try {
                room.manager().post(task);
            } catch (ManagerClosedException closed) {
                // and so are its streams
            }
        }
    }
}
