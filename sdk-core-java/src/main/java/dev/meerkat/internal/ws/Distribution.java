package dev.meerkat.internal.ws;

import dev.meerkat.BroadcastResult;
import dev.meerkat.SlowReceiverPolicy;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.websocket.WebSocket;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

/** One message on its way to the WebSockets of a room. Loop thread. */
final class Distribution {
    /** What each of them is given. */
    @FunctionalInterface
    interface Task {
        void give(RealWebSocket webSocket, Distribution counts);
    }

    /** No filter. */
    static final Predicate<WebSocket> ALL = webSocket -> true;

    private final Room room;
    private final SlowReceiverPolicy policy;
    private final Predicate<? super WebSocket> filter;
    private int delivered;
    private int dropped;
    private int closed;

    Distribution(Room room, SlowReceiverPolicy policy, Predicate<? super WebSocket> filter) {
        this.room = room;
        this.policy = policy;
        this.filter = filter;
    }

    BroadcastResult run(Task task) {
        room.forEach(webSocket -> visit(webSocket, task));
        return result(0);
    }

    void visit(RealWebSocket webSocket, Task task) {
        if (webSocket.isOpen() && isWanted(webSocket) && isFastEnough(webSocket)) {
            give(task, webSocket);
        }
    }

    /** What has become of it, with those that somebody else has counted. */
    BroadcastResult result(int others) {
        return new BroadcastResult(delivered + others, dropped, closed);
    }

    void run(Task task, CompletableFuture<BroadcastResult> result) {
        try {
            result.complete(run(task));
        } catch (Throwable e) {
            result.completeExceptionally(e);
            throw e;
        }
    }

    private void give(Task task, RealWebSocket webSocket) {
        try {
            task.give(webSocket, this);
        } catch (Throwable e) {
            webSocket.connection().manager().report(webSocket.connection(), e); // the others shall have it
        }
    }

    private boolean isWanted(RealWebSocket webSocket) {
        try {
            return filter.test(webSocket);
        } catch (Throwable e) {
            webSocket.connection().manager().report(webSocket.connection(), e);
            return false;
        }
    }

    private boolean isFastEnough(RealWebSocket webSocket) {
        if (policy == SlowReceiverPolicy.KEEP || webSocket.isWritable()) {
            return true;
        }
        if (policy == SlowReceiverPolicy.CLOSE) {
            Closer.tooSlow(webSocket);
            closed++;
        } else {
            dropped++;
        }
        return false;
    }

    void deliver(RealWebSocket webSocket, TcpEvent.Broadcast event) {
        delivered++;
        webSocket.tell(event);
    }

    void send(RealWebSocket webSocket, SharedMessage message) {
        if (webSocket.sender.sendIfRoom(message)) {
            delivered++;
        } else {
            dropped++;
        }
    }

    static CompletableFuture<BroadcastResult> sum(List<CompletableFuture<BroadcastResult>> parts) {
        CompletableFuture<BroadcastResult> sum = CompletableFuture.completedFuture(new BroadcastResult(0, 0, 0));
        for (CompletableFuture<BroadcastResult> part : parts) {
            sum = sum.thenCombine(
                    part,
                    (one, other) -> new BroadcastResult(
                            one.delivered() + other.delivered(),
                            one.dropped() + other.dropped(),
                            one.closed() + other.closed()));
        }
        return sum;
    }
}
