package dev.meerkat.scripting;

import dev.meerkat.Acceptor;
import dev.meerkat.Connection;
import dev.meerkat.EventManager;
import dev.meerkat.Timer;
import dev.meerkat.event.Bytes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The event manager as a script sees it: its global {@code meerkat}.
 *
 * <p>A handler object has any of these functions. {@code c} is a {@link ScriptConnection}.
 *
 * <pre>
 * opened(c)                  the connection is established
 * connectFailed(c, why)      an outbound one could not be
 * received(c)                bytes came; what is not taken stays
 * broadcast(c, text)         a broadcast came
 * timer(c)                   the timer that c.setTimer set
 * closed(c, why)             the end, once; why is empty if all went well
 * event(c, e)                anything else, or anything without a function of its own; e is a {@link ScriptEvent}
 * </pre>
 *
 * <p>Without {@code received}, what comes is thrown away.
 */
public final class ScriptManager {
    private record Listening(Acceptor acceptor, ScriptHandler handler) {}

    private final EventManager manager;
    private final ScriptRunner runner;
    private final ScriptOptions options;
    /** What the script asked for while it ran the first time; done when it has succeeded. */
    private final Map<String, ScriptHandler> wanted = new LinkedHashMap<>();

    private final Map<String, Listening> listening = new LinkedHashMap<>();
    private final Set<ScriptTimer> timers = new HashSet<>();
    /** What the script connected while it ran the first time: ended again if it fails. */
    private final List<Connection> begun = new ArrayList<>();

    private boolean isRunning;

    ScriptManager(EventManager manager, ScriptRunner runner, ScriptOptions options) {
        this.manager = manager;
        this.runner = runner;
        this.options = options;
    }

    // ---------------------------------------------------------------- for scripts

    /**
     * Serves an address. While the script runs for the first time, its port is opened when it has ended well.
     *
     * @param address as for {@link EventManager#listen}
     * @param handlers a handler object
     */
    public void listen(String address, Object handlers) {
        if (wanted.containsKey(address) || listening.containsKey(address)) {
            throw new IllegalArgumentException("listening on " + address + " already");
        }
        ScriptHandler handler = new ScriptHandler(runner, handlers);
        if (isRunning) {
            listening.put(address, new Listening(manager.listen(address, handler), handler));
        } else {
            wanted.put(address, handler);
        }
    }

    /**
     * Connects.
     *
     * @param address as for {@link EventManager#connect}
     * @param handlers a handler object
     * @return the connection, which is not established yet
     */
    public ScriptConnection connect(String address, Object handlers) {
        ScriptHandler handler = new ScriptHandler(runner, handlers);
        Connection connection = manager.connect(address, handler);
        if (!isRunning) {
            begun.add(connection);
        }
        return handler.connection(connection);
    }

    /**
     * Tells all connections of the manager.
     *
     * @param text what {@code broadcast} functions are given
     */
    public void broadcast(String text) {
        CompletableFuture<?> unused = manager.broadcast(Bytes.utf8(text));
    }

    /**
     * Calls a function once.
     *
     * @param milliseconds after how long
     * @param function without arguments
     * @return the timer
     */
    public ScriptTimer after(double milliseconds, Object function) {
        ScriptTimer timer = timer(function, false);
        timer.armed(manager.schedule(millis(milliseconds), () -> timer.fired(function)));
        return timer;
    }

    /**
     * Calls a function again and again.
     *
     * @param milliseconds the time from one call to the next, and to the first
     * @param function without arguments
     * @return the timer
     */
    public ScriptTimer every(double milliseconds, Object function) {
        ScriptTimer timer = timer(function, true);
        Duration period = millis(milliseconds);
        timer.armed(manager.scheduleAtFixedRate(period, period, Timer.Overrun.SKIP, () -> timer.fired(function)));
        return timer;
    }

    private ScriptTimer timer(@Nullable Object function, boolean repeats) {
        if (!runner.isFunction(function)) {
            throw new IllegalArgumentException("a timer needs a function, found " + function);
        }
        if (timers.size() >= options.timerLimit()) {
            throw new IllegalStateException(timers.size() + " timers are armed, the limit of the options");
        }
        ScriptTimer timer = new ScriptTimer(this, repeats);
        timers.add(timer);
        return timer;
    }

    /**
     * The port that an address got.
     *
     * @param address as it was given to {@code listen}
     * @return the port
     */
    public int port(String address) {
        Listening found = listening.get(address);
        if (found == null) {
            throw new IllegalArgumentException("not listening on " + address);
        }
        return found.acceptor.port();
    }

    /**
     * How many connections the manager has.
     *
     * @return the count
     */
    public int connectionCount() {
        return manager.connections().size();
    }

    /**
     * The time.
     *
     * @return milliseconds since 1970, of the manager's clock
     */
    public double now() {
        return manager.wallTime().toEpochMilli();
    }

    /**
     * Writes a line to the log of the options.
     *
     * @param line the line
     */
    public void log(String line) {
        options.log().accept(line);
    }

    // ---------------------------------------------------------------- for us

    ScriptRunner runner() {
        return runner;
    }

    void forget(ScriptTimer timer) {
        timers.remove(timer);
    }

    /**
     * The script has ended well: opens and closes ports, in place of the one before. All of it or, if a port is taken,
     * nothing.
     */
    void takeOver(ScriptManager before) {
        for (String address : wanted.keySet()) {
            if (!before.listening.containsKey(address)) {
                ScriptHandler handler = wanted.get(address);
                listening.put(address, new Listening(manager.listen(address, handler), handler));
            }
        }
        for (Map.Entry<String, ScriptHandler> each : wanted.entrySet()) {
            Listening kept = before.listening.remove(each.getKey());
            if (kept != null) {
                kept.handler.exchange(each.getValue());
                listening.put(each.getKey(), kept);
            }
        }
        wanted.clear();
        begun.clear();
        isRunning = true;
        before.withdraw();
    }

    /** Ends it: no port, no timer. */
    void withdraw() {
        for (Listening each : listening.values()) {
            each.acceptor.close();
        }
        listening.clear();
        for (ScriptTimer timer : List.copyOf(timers)) {
            Object unused = timer.cancel();
        }
        timers.clear();
    }

    /** The script has failed: what it began to connect is nobody's. */
    void hangUp() {
        begun.forEach(Connection::abort);
        begun.clear();
    }

    static Duration millis(double milliseconds) {
        if (!(milliseconds >= 0 && milliseconds <= Long.MAX_VALUE / 1e6)) {
            throw new IllegalArgumentException("no span of time: " + milliseconds + " ms");
        }
        return Duration.ofNanos((long) (milliseconds * 1e6));
    }
}
