package dev.meerkat.internal.ws;

import dev.meerkat.ConnectionClosedException;
import dev.meerkat.EventManager;
import dev.meerkat.ManagerClosedException;
import dev.meerkat.SendLimitException;
import dev.meerkat.Timer;
import dev.meerkat.event.Event;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.websocket.CloseStatus;
import dev.meerkat.websocket.Message;
import dev.meerkat.websocket.ReconnectCause;
import dev.meerkat.websocket.ReconnectPolicy;
import dev.meerkat.websocket.ReconnectingHandler;
import dev.meerkat.websocket.ReconnectingWebSocket;
import dev.meerkat.websocket.WebSocket;
import dev.meerkat.websocket.WebSocketClient;
import dev.meerkat.websocket.WebSocketEvent;
import dev.meerkat.websocket.WebSocketHandler;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One WebSocket after the other.
 *
 * <pre>
 *   TRYING ---- Opened ----&gt; OPEN ---- Closed ----&gt; WAITING ---- the delay is over ----&gt; TRYING
 *      \---- Closed, may pass ------------------------&gt;/
 *   ENDED: closed, given up, or the policy says no
 * </pre>
 *
 * <p>Loop thread, but for sending and closing: the queue has a lock, which is held for the time of an insertion.
 */
final class Reconnection implements ReconnectingWebSocket, WebSocketHandler {
    private static final long NEVER = Long.MIN_VALUE;

    private final EventManager manager;
    private final WebSocketClient client;
    private final String uri;
    private final ReconnectPolicy policy;
    private final ReconnectingHandler handler;
    private final RandomGenerator chance;

    private final Object lock = new Object();
    /** With the lock. */
    private final ArrayDeque<Message> queue = new ArrayDeque<>();
    /** With the lock. */
    private int queuedBytes;
    /** With the lock. */
    private boolean ended;

    private volatile @Nullable WebSocket open;
    /** The one that is open or under way. */
    private @Nullable WebSocket latest;

    private @Nullable Timer timer;
    private WebSocketEvent.@Nullable Refused refused;
    private long openedAt = NEVER;
    /** Attempts in a row that came to nothing. */
    private int failures;
    /** By how many steps the next delay is longer than the first one. */
    private int steps;

    private boolean flushing;
    private @Nullable CloseStatus goodbye;

    Reconnection(
            WebSocketClient client,
            EventManager manager,
            String uri,
            ReconnectPolicy policy,
            ReconnectingHandler handler) {
        this.client = client;
        this.manager = manager;
        this.uri = uri;
        this.policy = policy;
        this.handler = handler;
        this.chance = manager.runtime().entropy().stream("websocket reconnect");
    }

    /** Any thread. */
    void begin() {
        if (manager.inLoop()) {
            attempt();
        } else {
            manager.post(this::attempt);
        }
    }

    private void attempt() {
        timer = null;
        refused = null;
        if (goodbye == null) {
            latest = client.connect(uri, this);
        } else {
            end(new ReconnectCause(failures, Optional.empty(), Ending.given(goodbye)));
        }
    }

    // ---------------------------------------------------------------- events

    @Override
    public void onEvent(WebSocket webSocket, Event event) throws Exception {
        if (event instanceof WebSocketEvent.Opened) {
            openedAt = manager.nanoTime();
            open = webSocket;
            handler.onEvent(webSocket, event);
            flush();
            return;
        }
        if (event instanceof WebSocketEvent.Closed closed) {
            open = null;
            latest = null;
            try {
                handler.onEvent(webSocket, event);
            } finally {
                over(closed);
            }
            return;
        }
        if (event instanceof WebSocketEvent.Refused answer) {
            refused = answer;
        }
        handler.onEvent(webSocket, event);
        if (event instanceof TcpEvent.Drained) {
            flush();
        }
    }

    private void over(WebSocketEvent.Closed closed) {
        if (openedAt == NEVER) {
            failures++;
        } else {
            failures = 0;
            if (manager.nanoTime() - openedAt >= policy.stableAfter().toNanos()) {
                steps = 0;
            }
        }
        openedAt = NEVER;
        ReconnectCause cause = new ReconnectCause(failures, Optional.ofNullable(refused), closed);
        if (goodbye != null || failures == policy.attempts() || !policy.retry().test(cause)) {
            end(cause);
            return;
        }
        Duration delay = Duration.ofNanos(delay());
        steps++;
        try {
            timer = manager.schedule(delay, this::attempt);
        } catch (ManagerClosedException noMore) {
            end(cause);
            return;
        }
        handler.onWaiting(cause, delay);
    }

    /** In nanoseconds, before the next attempt. */
    private long delay() {
        double longest = policy.longestDelay().toNanos();
        double full = Math.min(longest, policy.firstDelay().toNanos() * Math.pow(policy.factor(), steps));
        double left = full * (1 - policy.jitter() * chance.nextDouble());
        return (long) Math.max(left, Math.min(longest, askedFor()));
    }

    /** What the server has asked for, in nanoseconds; a date is not looked at. */
    private double askedFor() {
        WebSocketEvent.Refused answer = refused;
        if (answer == null) {
            return 0;
        }
        String seconds = answer.head().headers().first("Retry-After").orElse("");
        boolean number =
                !seconds.isEmpty() && seconds.length() <= 9 && seconds.chars().allMatch(c -> c >= '0' && c <= '9');
        return number ? Integer.parseInt(seconds) * 1e9 : 0;
    }

    private void end(ReconnectCause cause) {
        int unsent;
        synchronized (lock) {
            if (ended) {
                return;
            }
            ended = true;
            unsent = queue.size();
            queue.clear();
            queuedBytes = 0;
        }
        handler.onEnd(cause, unsent);
    }

    // ---------------------------------------------------------------- sending

    @Override
    public ReconnectingWebSocket send(Message message) {
        int length = message.bytes().length();
        synchronized (lock) {
            if (ended) {
                throw new ConnectionClosedException("cannot send to " + uri + ": it was closed or given up");
            }
            if (queue.size() == policy.waitingMessages() || length > policy.waitingBytes() - queuedBytes) {
                throw new SendLimitException("cannot send " + length + " bytes to " + uri + ": " + queue.size()
                        + " messages of " + queuedBytes + " bytes wait, of at most " + policy.waitingMessages()
                        + " and " + policy.waitingBytes());
            }
            queue.add(message);
            queuedBytes += length;
        }
        if (manager.inLoop()) {
            flush();
        } else if (open != null) {
            postFlush(message, length);
        }
        return this;
    }

    private void postFlush(Message message, int length) {
        try {
            manager.post(this::flush);
        } catch (RejectedExecutionException | ManagerClosedException e) {
            synchronized (lock) {
                if (queue.removeLastOccurrence(message)) {
                    queuedBytes -= length;
                    throw new SendLimitException("cannot send to " + uri + ": " + e.getMessage());
                }
            }
        }
    }

    /** Sends what waits, as fast as the peer takes it; {@code Drained} goes on. */
    private void flush() {
        WebSocket now = open;
        if (flushing || now == null) {
            return;
        }
        flushing = true;
        try {
            while (now.isWritable()) {
                Message next;
                synchronized (lock) {
                    next = queue.peek();
                }
                if (next == null) {
                    return;
                }
                now.send(next);
                synchronized (lock) {
                    queue.remove();
                    queuedBytes -= next.bytes().length();
                }
            }
        } catch (SendLimitException | ConnectionClosedException e) {
            return; // what is larger than what is free waits for Drained, the rest for the next one
        } finally {
            flushing = false;
        }
    }

    @Override
    public Optional<WebSocket> current() {
        return Optional.ofNullable(open);
    }

    @Override
    public int waiting() {
        synchronized (lock) {
            return queue.size();
        }
    }

    @Override
    public void close(CloseStatus status) {
        if (!CloseStatus.isSendable(status.code())) {
            throw new IllegalArgumentException("a close frame cannot contain the code " + status.code());
        }
        if (manager.inLoop()) {
            closeHere(status);
            return;
        }
        try {
            manager.post(() -> closeHere(status));
        } catch (ManagerClosedException closed) {
            // and so is this
        }
    }

    private void closeHere(CloseStatus status) {
        if (goodbye != null) {
            return;
        }
        goodbye = Objects.requireNonNull(status, "status");
        Timer waiting = timer;
        WebSocket present = latest;
        if (waiting != null) {
            waiting.cancel();
            attempt();
        } else if (present != null) {
            flush();
            present.close(status);
        }
    }

    @Override
    public String toString() {
        return "ReconnectingWebSocket to " + uri + (open == null ? " (not connected)" : " (connected)");
    }
}
