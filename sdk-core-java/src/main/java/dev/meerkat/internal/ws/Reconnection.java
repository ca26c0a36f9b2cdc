package dev.meerkat.internal.ws;

import dev.meerkat.CloseHook;
import dev.meerkat.ConnectionClosedException;
import dev.meerkat.ConnectionOptions;
import dev.meerkat.EventManager;
import dev.meerkat.ManagerClosedException;
import dev.meerkat.SendLimitException;
import dev.meerkat.Timer;
import dev.meerkat.event.Event;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.internal.httpio.Later;
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
import java.util.Optional;
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

    /** What a message may take, so that it finds room whenever the connection is writable. */
    private final long mostBytes;

    private final Object lock = new Object();
    /** With the lock. */
    private final ArrayDeque<Message> queue = new ArrayDeque<>();
    /** With the lock. */
    private int queuedBytes;
    /** With the lock. */
    private boolean ended;
    /** With the lock: somebody will look at what other threads have put into the queue. */
    private boolean flushAsked;
    /** With the lock. */
    private boolean closeAsked;

    private volatile @Nullable WebSocket open;
    /** The one that is open or under way. */
    private @Nullable WebSocket latest;

    private @Nullable CloseHook closeHook;
    private @Nullable Timer timer;
    private WebSocketEvent.@Nullable Refused refused;
    /** How the last one has ended. */
    private @Nullable ReconnectCause last;

    private long openedAt = NEVER;
    /** Attempts in a row that came to nothing. */
    private int failures;
    /** By how many steps the next delay is longer than the first one. */
    private int steps;

    /** Nothing that waits is sent now. */
    private boolean holds;

    private boolean shuttingDown;
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
        ConnectionOptions connection = client.options().connect().connection();
        this.mostBytes = (long) connection.sendLimit() - connection.highWaterMark() - Sender.SPARE_BYTES;
    }

    // ---------------------------------------------------------------- attempts

    /** Any thread. */
    void begin() {
        if (!manager.inLoop()) {
            manager.post(this::start);
        } else if (manager.isClosed()) {
            throw new ManagerClosedException("cannot connect to " + uri + ": the manager is closed");
        } else {
            start();
        }
    }

    private void start() {
        try {
            closeHook = manager.onClose(this::managerClosed);
        } catch (ManagerClosedException closed) {
            managerClosed();
            return;
        }
        attempt();
    }

    private void attempt() {
        timer = null;
        refused = null;
        CloseStatus said = goodbye;
        if (said != null) {
            end(new ReconnectCause(failures, Optional.empty(), Ending.given(said)));
            return;
        }
        try {
            latest = client.connect(uri, this);
        } catch (ManagerClosedException closed) {
            managerClosed();
        }
    }

    private void managerClosed() {
        ReconnectCause known = last;
        end(known != null ? known : new ReconnectCause(failures, Optional.empty(), Ending.managerClosed()));
    }

    // ---------------------------------------------------------------- events

    @Override
    public void onEvent(WebSocket webSocket, Event event) throws Exception {
        if (event instanceof WebSocketEvent.Opened) {
            opened(webSocket, event);
        } else if (event instanceof WebSocketEvent.Closed closed) {
            open = null;
            latest = null;
            try {
                handler.onEvent(webSocket, event);
            } finally {
                over(closed);
            }
        } else {
            if (event instanceof WebSocketEvent.Refused answer) {
                refused = answer;
            } else if (event instanceof TcpEvent.ShuttingDown) {
                shuttingDown = true;
            }
            handler.onEvent(webSocket, event);
            if (event instanceof TcpEvent.Drained) {
                flush();
            }
        }
    }

    /** What the handler begins with goes ahead of what has waited. */
    private void opened(WebSocket webSocket, Event event) throws Exception {
        openedAt = manager.nanoTime();
        open = webSocket;
        holds = true;
        try {
            handler.onEvent(webSocket, event);
        } finally {
            holds = false;
        }
        flush();
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
        last = cause;
        boolean again = false;
        try {
            again = goodbye == null
                    && !shuttingDown
                    && !manager.isClosed()
                    && failures < policy.attempts()
                    && policy.retry().test(cause);
        } finally {
            if (!again) {
                end(cause);
            }
        }
        if (again) {
            Duration delay = Duration.ofNanos(delay());
            steps++;
            timer = manager.schedule(delay, this::attempt);
            handler.onWaiting(cause, delay);
        }
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
        CloseHook hook = closeHook;
        if (hook != null) {
            hook.cancel();
        }
        handler.onEnd(cause, unsent);
    }

    // ---------------------------------------------------------------- sending

    @Override
    public ReconnectingWebSocket send(Message message) {
        int length = message.bytes().length();
        if (Sender.mostBytesOfAny(length) > mostBytes) {
            throw new SendLimitException("cannot send " + length + " bytes to " + uri + ": a connection takes "
                    + mostBytes + " at a time, its send limit less its high-water mark");
        }
        boolean here = manager.inLoop();
        if (here && sendsAtOnce(message)) {
            return this;
        }
        boolean ask;
        synchronized (lock) {
            requireGoingOn();
            if (queue.size() >= policy.waitingMessages() || length > policy.waitingBytes() - queuedBytes) {
                throw new SendLimitException("cannot send " + length + " bytes to " + uri + ": " + queue.size()
                        + " messages of " + queuedBytes + " bytes wait, of at most " + policy.waitingMessages()
                        + " and " + policy.waitingBytes());
            }
            queue.add(message);
            queuedBytes += length;
            ask = !here && open != null && !flushAsked;
            flushAsked |= ask;
        }
        if (here) {
            flush();
        } else if (ask) {
            boolean unused = Later.run(manager, this::askedFlush); // what a closed manager leaves is counted as unsent
        }
        return this;
    }

    /** With the lock. */
    private void requireGoingOn() {
        if (ended || closeAsked) {
            throw new ConnectionClosedException("cannot send to " + uri + ": it was closed or given up");
        }
    }

    private boolean sendsAtOnce(Message message) {
        WebSocket now = open;
        if (holds || now == null || !now.isWritable()) {
            return false;
        }
        synchronized (lock) {
            requireGoingOn();
            if (!queue.isEmpty()) {
                return false;
            }
        }
        try {
            now.send(message);
            return true;
        } catch (SendLimitException | ConnectionClosedException e) {
            return false;
        }
    }

    private void askedFlush() {
        synchronized (lock) {
            flushAsked = false;
        }
        flush();
    }

    /** Sends what waits, as fast as the peer takes it; {@code Drained} goes on. */
    private void flush() {
        WebSocket now = open;
        if (holds || now == null) {
            return;
        }
        holds = true;
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
            return; // there is a message under way piece by piece; or the next connection has room
        } finally {
            holds = false;
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
        synchronized (lock) {
            if (ended || closeAsked) {
                return;
            }
            closeAsked = true;
        }
        if (manager.inLoop()) {
            closeHere(status);
        } else {
            boolean unused = Later.run(manager, () -> closeHere(status)); // a closed manager has closed this, too
        }
    }

    private void closeHere(CloseStatus status) {
        goodbye = status;
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
