package dev.meerkat.internal.ws;

import dev.meerkat.BroadcastLimitException;
import dev.meerkat.BroadcastResult;
import dev.meerkat.EventManager;
import dev.meerkat.ManagerClosedException;
import dev.meerkat.SlowReceiverPolicy;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.internal.buffer.HopBudget;
import dev.meerkat.websocket.Message;
import dev.meerkat.websocket.WebSocket;
import dev.meerkat.websocket.WebSocketEvent;
import dev.meerkat.websocket.WebSocketHandler;
import dev.meerkat.websocket.WebSocketOptions;
import dev.meerkat.websocket.WebSocketProtocol;
import dev.meerkat.websocket.WebSocketServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A protocol of a server, and who is there. Any thread, but for what belongs to one manager. */
public final class ServedProtocol implements WebSocketProtocol, Origin {
    private final Optional<String> name;
    private final WebSocketHandler handler;
    private final @Nullable Function<? super WebSocket, ?> session;
    private final WebSocketOptions options;
    private final SlowReceiverPolicy slowReceivers;
    private final int limit;
    private final MessageBudget budget;
    /** Those who are open or about to be. */
    private final AtomicInteger admitted = new AtomicInteger();

    private final AtomicInteger open = new AtomicInteger();
    /** One for each manager. A list, since a map would visit them in another order each run. */
    private final List<Site> sites = new CopyOnWriteArrayList<>();

    private volatile WebSocketEvent.@Nullable Opened lastAgreement;
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
        this.budget = new MessageBudget(options.unfinishedBytes());
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

    @Override
    public WebSocketHandler handler() {
        return handler;
    }

    @Override
    public ServedProtocol served() {
        return this;
    }

    @Override
    public void cancel() {
        // the peer has asked: it may still come
    }

    WebSocketOptions options() {
        return options;
    }

    /** What the WebSockets of one manager share. Loop thread of the manager. */
    Site site(EventManager manager) {
        Site known = siteIfAny(manager);
        if (known == null) {
            known = new Site(manager, options, budget, null);
            sites.add(known);
        }
        return known;
    }

    private @Nullable Site siteIfAny(EventManager manager) {
        for (Site site : sites) {
            if (site.manager == manager) {
                return site;
            }
        }
        return null;
    }

    @Nullable
    Object newSession(WebSocket webSocket) {
        return session == null ? null : session.apply(webSocket);
    }

    /** What was agreed on: the same object for all who have agreed on the same, which are nearly all. */
    WebSocketEvent.Opened agreement(Optional<String> subprotocol, Optional<String> extensions) {
        WebSocketEvent.Opened before = lastAgreement;
        if (before != null
                && before.subprotocol().equals(subprotocol)
                && before.extensions().equals(extensions)) {
            return before;
        }
        WebSocketEvent.Opened agreed = new WebSocketEvent.Opened(subprotocol, extensions);
        lastAgreement = agreed;
        return agreed;
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

    /** Any thread. Gives a place back that nobody has taken. */
    void dismiss() {
        admitted.decrementAndGet();
    }

    /** Loop thread of the WebSocket, which has its place already. */
    void opened(RealWebSocket webSocket) {
        webSocket.site.room.add(webSocket);
        open.incrementAndGet();
    }

    /** Loop thread of the WebSocket. Once for each that was admitted, whether it was opened or not. */
    void gone(RealWebSocket webSocket, boolean wasOpened) {
        if (wasOpened) {
            webSocket.site.room.remove(webSocket);
            open.decrementAndGet();
        }
        dismiss();
        if (webSocket.site.part()) {
            sites.remove(webSocket.site);
        }
    }

    // ---------------------------------------------------------------- to all of them

    @Override
    public List<WebSocket> webSockets(EventManager manager) {
        Site site = siteIfAny(manager);
        return site == null ? List.of() : site.room.copy();
    }

    @Override
    public CompletableFuture<BroadcastResult> broadcast(Bytes message, Predicate<? super WebSocket> filter) {
        Objects.requireNonNull(filter, "filter");
        TcpEvent.Broadcast event = new TcpEvent.Broadcast(message);
        requireShort(message.length());
        Distribution.Task tell = (webSocket, counts) -> counts.deliver(webSocket, event);
        return onEachLoop(false, message.length(), (site, part) -> distribute(site, filter, tell, part));
    }

    @Override
    public CompletableFuture<BroadcastResult> send(Message message) {
        SharedMessage shared = (SharedMessage) Objects.requireNonNull(message, "message");
        int length = shared.bytes().length();
        requireShort(length);
        return onEachLoop(true, length, (site, part) -> {
            Bundle bundle = site.room.bundle();
            if (bundle == null) {
                distribute(site, Distribution.ALL, (webSocket, counts) -> counts.send(webSocket, shared), part);
            } else {
                bundle.add(shared, slowReceivers, part);
            }
        });
    }

    @Override
    public CompletableFuture<BroadcastResult> send(Message message, Predicate<? super WebSocket> filter) {
        Objects.requireNonNull(filter, "filter");
        SharedMessage shared = (SharedMessage) Objects.requireNonNull(message, "message");
        int length = shared.bytes().length();
        requireShort(length);
        Distribution.Task send = (webSocket, counts) -> counts.send(webSocket, shared);
        return onEachLoop(true, length, (site, part) -> distribute(site, filter, send, part));
    }

    @Override
    public void requestWritable() {
        Distribution.Task ask = (webSocket, counts) -> webSocket.requestWritable();
        CompletableFuture<BroadcastResult> unused =
                onEachLoop(true, 0, (site, part) -> distribute(site, Distribution.ALL, ask, part));
    }

    private void distribute(
            Site site,
            Predicate<? super WebSocket> filter,
            Distribution.Task task,
            CompletableFuture<BroadcastResult> result) {
        site.room.settle();
        new Distribution(site.room, slowReceivers, filter).run(task, result);
    }

    /** What every receiver may hold. */
    private void requireShort(int length) {
        for (Site site : sites) {
            int limit = site.manager.options().broadcastLimit();
            if (length > limit) {
                throw new BroadcastLimitException(this + ": a message of " + length
                        + " bytes for all is larger than the limit of " + limit + " bytes");
            }
        }
    }

    /** In place on the caller's loop, unless handlers are called, which must not be nested. */
    private CompletableFuture<BroadcastResult> onEachLoop(
            boolean inPlace, int length, BiConsumer<Site, CompletableFuture<BroadcastResult>> work) {
        List<CompletableFuture<BroadcastResult>> parts = new ArrayList<>();
        for (Site site : sites) {
            CompletableFuture<BroadcastResult> part = new CompletableFuture<>();
            if (inPlace && site.manager.inLoop()) {
                work.accept(site, part);
                parts.add(part);
                continue;
            }
            try {
                post(site, length, () -> work.accept(site, part));
                parts.add(part);
            } catch (ManagerClosedException closed) {
                // and so are its WebSockets
            } catch (RejectedExecutionException full) {
                parts.add(CompletableFuture.failedFuture(full));
            }
        }
        return Distribution.sum(parts);
    }

    /** By way of the mailbox, within its bounds of tasks and of bytes. */
    private static void post(Site site, int length, Runnable task) {
        HopBudget budget = site.hops();
        if (budget == null) {
            site.manager.post(task);
            return;
        }
        if (!budget.reserveHop(length)) {
            throw new RejectedExecutionException(site.manager + ": what other threads send and broadcast may hold "
                    + site.manager.options().mailboxBytesLimit() + " bytes on its way to the loop; " + length
                    + " more were refused");
        }
        try {
            site.manager.post(() -> {
                budget.releaseHop(length);
                task.run();
            });
        } catch (RuntimeException e) {
            budget.releaseHop(length);
            throw e;
        }
    }

    @Override
    public String toString() {
        return name.map(known -> "protocol " + known).orElse("unnamed protocol");
    }
}
