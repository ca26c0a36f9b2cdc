package dev.meerkat.internal.connection;

import dev.meerkat.Acceptor;
import dev.meerkat.Connection;
import dev.meerkat.ErrorHook;
import dev.meerkat.runtime.TimeSource;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What an operator must know, and no more: a closed list of messages to the logger {@code dev.meerkat}, each at most
 * ten times in ten seconds, since a fault that comes with every connection must not become a fault of the log. Rare
 * things only; nothing here lies on the way of a byte.
 */
final class OperatorLog implements ErrorHook {
    /** Everything that is ever logged; docs/observing.md lists the same. */
    enum Message {
        HANDLER_FAILED(Level.ERROR, "a handler threw, its connection was aborted"),
        HANDLER_REPORTED(Level.ERROR, "a handler failed, its protocol tells the peer"),
        TASK_FAILED(Level.ERROR, "a posted task threw"),
        TIMER_FAILED(Level.ERROR, "a timer's task threw"),
        FILTER_FAILED(Level.ERROR, "a filter threw, which counts as no"),
        LOOP_FAILED(Level.ERROR, "the loop met a failure of its transport"),
        ACCEPT_FAILED(Level.WARNING, "the system could not accept, accepting pauses and tries again"),
        ACCEPT_FULL(Level.WARNING, "accepting pauses at a limit of connections, the next ones wait"),
        ACCEPT_RESUMED(Level.INFO, "accepting goes on"),
        GROUP_PAUSED(Level.WARNING, "no manager of the group takes connections, the next ones wait"),
        HANDSHAKES_FULL(
                Level.WARNING,
                "an address has as many TLS handshakes under way as it may, its next connections are refused"),
        GROUP_FAILED(Level.WARNING, "a manager of a group was closed, the others go on"),
        THREAD_FAILED(Level.ERROR, "a blocking handler still runs long after its connection has ended"),
        TAP_FAILED(Level.WARNING, "a tap threw and was taken off"),
        OBSERVER_FAILED(Level.WARNING, "an observer threw"),
        OTHER_FAILED(Level.ERROR, "something failed");

        final Level level;
        final String text;

        Message(Level level, String text) {
            this.level = level;
            this.text = text;
        }

        static Message of(ErrorHook.Source source) {
            String wanted = source.name() + "_FAILED";
            for (Message message : values()) {
                if (message.name().equals(wanted)) {
                    return message;
                }
            }
            return OTHER_FAILED;
        }
    }

    /** How often one message comes within the window. */
    static final int MOST = 10;

    static final long WINDOW_NANOS = 10_000_000_000L;

    private final String manager;
    private final TimeSource time;
    /** Found when there is something to log. */
    private @Nullable Logger logger;

    private final Map<Message, Window> windows = new HashMap<>();

    /** How often one message has come of late. */
    private static final class Window {
        long began;
        int logged;
        int suppressed;
    }

    OperatorLog(String manager, TimeSource time, @Nullable Logger logger) {
        this.manager = manager;
        this.time = time;
        this.logger = logger;
    }

    static OperatorLog of(String manager, TimeSource time) {
        return new OperatorLog(manager, time, null);
    }

    @Override
    public void onError(Source source, Optional<Connection> connection, Throwable failure) {
        log(Message.of(source), connection.map(Object::toString).orElse(manager), failure);
    }

    /** A failure of a handler that its connection survives. */
    void reported(Connection connection, Throwable failure) {
        log(Message.HANDLER_REPORTED, connection.toString(), failure);
    }

    void acceptFull(Acceptor acceptor) {
        log(Message.ACCEPT_FULL, manager + ", " + acceptor, null);
    }

    void groupPaused(Acceptor acceptor) {
        log(Message.GROUP_PAUSED, manager + ", " + acceptor, null);
    }

    void handshakesFull(Acceptor acceptor, InetAddress source) {
        log(Message.HANDSHAKES_FULL, manager + ", " + acceptor + ", " + source.getHostAddress(), null);
    }

    void acceptResumed(Acceptor acceptor) {
        log(Message.ACCEPT_RESUMED, manager + ", " + acceptor, null);
    }

    private synchronized void log(Message message, String who, @Nullable Throwable failure) {
        Window window = windows.computeIfAbsent(message, any -> new Window());
        long now = time.nanoTime();
        if (window.logged == 0 || now - window.began >= WINDOW_NANOS) {
            window.began = now;
            window.logged = 0;
        }
        if (window.logged == MOST) {
            window.suppressed++;
            return;
        }
        window.logged++;
        String more = window.suppressed == 0 ? "" : " (" + window.suppressed + " more like it were not logged)";
        window.suppressed = 0;
        Logger target = logger;
        if (target == null) {
            target = System.getLogger("dev.meerkat");
            logger = target;
        }
        String text = who + ": " + message.text + more;
        if (failure == null) {
            target.log(message.level, text);
        } else {
            target.log(message.level, text, failure);
        }
    }
}
