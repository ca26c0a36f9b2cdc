package dev.meerkat.internal.ws;

import dev.meerkat.BroadcastResult;
import dev.meerkat.EventManager;
import dev.meerkat.ManagerClosedException;
import dev.meerkat.SlowReceiverPolicy;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.websocket.Message;
import dev.meerkat.websocket.WebSocket;
import dev.meerkat.websocket.WebSocketHandler;
import dev.meerkat.websocket.WebSocketOptions;
import dev.meerkat.websocket.WebSocketProtocol;
import dev.meerkat.websocket.WebSocketServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A protocol of a server, and who is there. Any thread, but for what belongs to one manager. */
public final class ServedProtocol implements WebSocketProtocol {
    private final Optional<String> name;
    private final WebSocketHandler handler;
    private final @Nullable Function<? super WebSocket, ?> session;
    private final WebSocketOptions options;
    private final SlowReceiverPolicy slowReceivers;
    private final int limit;
    /** Those who are open or about to be. */
    private final AtomicInteger admitted = new AtomicInteger();

    private final AtomicInteger open = new AtomicInteger();
    private final Map<EventManager, Site> sites = new ConcurrentHashMap<>();
    /** A list, since a map would visit them in another order each run. */
    private final List<Room> rooms = new CopyOnWriteArrayList<>();

    private @Nullable WebSocketServer server;
    private int index;

    /**
     * Makes a protocol that belongs to no server yet.
     *
     * @param name null for who serves peers that ask for none
     * @param handler receives the events
     * @param session makes the object of a WebSocket, or null
     * @param options limits and deadlines
     * @param slowReceivers what becomes of those above their high-water mark
     * @param limit how many there may be
     */
    public ServedProtocol(
            @Nullable String name,
            WebSocketHandler handler,
            @Nullable Function<? super WebSocket, ?> session,
            WebSocketOptions options,
            SlowReceiverPolicy slowReceivers,
            int limit) {
        this.name = Optional.ofNullable(name);
        this.handler = handler;
        this.session = session;
        this.options = options;
        this.slowReceivers = slowReceivers;
        this.limit = limit;
    }

    void joins(WebSocketServer owner, int position) {
        server = owner;
        index = position;
    }

    // ---------------------------------------------------------------- what it is

    @Override
    public Optional<String> name() {
        return name;
    }

    @Override
    public WebSocketServer server() {
        return Objects.requireNonNull(server);
    }

    @Override
    public int index() {
        return index;
    }

    @Override
    public int size() {
        return open.get();
    }

    WebSocketHandler handler() {
        return handler;
    }

    WebSocketOptions options() {
        return options;
    }

    /** What the WebSockets of one manager share. Loop thread of the manager. */
    Site site(EventManager manager) {
        return sites.computeIfAbsent(manager, key -> new Site(key, handler, options, null));
    }

    @Nullable
    Object newSession(WebSocket webSocket) {
        return session == null ? null : session.apply(webSocket);
    }

    // ---------------------------------------------------------------- coming and going

    /** Any thread. Takes a place for a peer whose handshake is about to be answered; false if all are taken. */
    boolean admit() {
        if (admitted.incrementAndGet() > limit) {
            admitted.decrementAndGet();
            return false;
        }
        return true;
    }

    /** Any thread. Gives the place back, once. */
    void dismiss() {
        admitted.decrementAndGet();
    }

    /** Loop thread of the WebSocket. */
    void opened(RealWebSocket webSocket, EventManager manager) {
        Room room = roomIfAny(manager);
        if (room == null) {
            room = new Room(manager);
            rooms.add(room);
        }
        room.add(webSocket);
        open.incrementAndGet();
    }

    /** Loop thread of the WebSocket. */
    void closed(RealWebSocket webSocket, EventManager manager) {
        Room room = Objects.requireNonNull(roomIfAny(manager));
        room.remove(webSocket);
        open.decrementAndGet();
        if (room.size() == 0) {
            rooms.remove(room);
            Site left = sites.remove(manager);
            if (left != null) {
                left.end();
            }
        }
    }

    private @Nullable Room roomIfAny(EventManager manager) {
        for (Room room : rooms) {
            if (room.manager() == manager) {
                return room;
            }
        }
        return null;
    }

    // ---------------------------------------------------------------- to all of them

    @Override
    public List<WebSocket> webSockets(EventManager manager) {
        Room room = roomIfAny(manager);
        return room == null ? List.of() : room.copy();
    }

    @Override
    public CompletableFuture<BroadcastResult> broadcast(Bytes message, Predicate<? super WebSocket> filter) {
        Objects.requireNonNull(filter, "filter");
        TcpEvent.Broadcast event = new TcpEvent.Broadcast(message);
        return onEachLoop(true, (webSocket, counts) -> counts.deliver(webSocket, event), filter);
    }

    @Override
    public CompletableFuture<BroadcastResult> send(Message message, Predicate<? super WebSocket> filter) {
        Objects.requireNonNull(filter, "filter");
        SharedMessage shared = (SharedMessage) Objects.requireNonNull(message, "message");
        return onEachLoop(false, (webSocket, counts) -> counts.send(webSocket, shared), filter);
    }

    @Override
    public void requestWritable() {
        CompletableFuture<BroadcastResult> unused =
                onEachLoop(false, (webSocket, counts) -> webSocket.requestWritableIfOpen(), webSocket -> true);
    }

    /** In place on the caller's loop, unless handlers are called, which must not be nested. */
    private CompletableFuture<BroadcastResult> onEachLoop(
            boolean callsHandlers, Distribution.Task task, Predicate<? super WebSocket> filter) {
        List<CompletableFuture<BroadcastResult>> parts = new ArrayList<>();
        for (Room room : rooms) {
            Distribution distribution = new Distribution(room, slowReceivers, filter);
            if (!callsHandlers && room.manager().inLoop()) {
                parts.add(CompletableFuture.completedFuture(distribution.run(task)));
                continue;
            }
            CompletableFuture<BroadcastResult> part = new CompletableFuture<>();
            try {
                room.manager().post(() -> part.complete(distribution.run(task)));
                parts.add(part);
            } catch (ManagerClosedException closed) {
                // and so are its WebSockets
            } catch (RejectedExecutionException full) {
                parts.add(CompletableFuture.failedFuture(full));
            }
        }
        return Distribution.sum(parts);
    }

    @Override
    public String toString() {
        return name.map(known -> "protocol " + known).orElse("unnamed protocol");
    }
}
