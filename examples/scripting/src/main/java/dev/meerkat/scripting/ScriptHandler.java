package dev.meerkat.scripting;

import dev.meerkat.Connection;
import dev.meerkat.Handler;
import dev.meerkat.event.CloseReason;
import dev.meerkat.event.ConnectionError;
import dev.meerkat.event.Event;
import dev.meerkat.event.TcpEvent;
import java.util.HashMap;
import java.util.Map;

/** Calls the functions of a handler object, which a reload may exchange. */
final class ScriptHandler implements Handler {
    private final ScriptRunner runner;
    private final Map<Connection, ScriptConnection> connections = new HashMap<>();
    private Object functions;

    ScriptHandler(ScriptRunner runner, Object functions) {
        this.runner = runner;
        this.functions = functions;
    }

    void exchange(ScriptHandler newer) {
        functions = newer.functions;
    }

    /** One for each connection, from its first event to its last. */
    ScriptConnection connection(Connection connection) {
        return connections.computeIfAbsent(connection, ScriptConnection::new);
    }

    @Override
    public void onEvent(Connection connection, Event event) {
        ScriptConnection c = connection(connection);
        if (event instanceof TcpEvent.Closed) {
            connections.remove(connection);
        }
        if (event instanceof TcpEvent.Opened) {
            call("opened", event, c);
        } else if (event instanceof TcpEvent.Received) {
            if (!call("received", event, c)) {
                c.takeText(); // nobody will ever read it
            }
        } else if (event instanceof TcpEvent.Broadcast broadcast) {
            call("broadcast", event, c, broadcast.bytes().utf8());
        } else if (event instanceof TcpEvent.TimerFired) {
            call("timer", event, c);
        } else if (event instanceof TcpEvent.ConnectFailed failed) {
            call("connectFailed", event, c, text(failed.error()));
        } else if (event instanceof TcpEvent.Closed closed) {
            call("closed", event, c, text(closed.reason()));
        } else {
            call("event", event, c, new ScriptEvent(event));
        }
    }

    private static String text(ConnectionError error) {
        return error.kind() + ": " + error.message();
    }

    private static String text(CloseReason reason) {
        return reason.error().map(ScriptHandler::text).orElse("");
    }

    /** Answers whether there was a function for it. */
    private boolean call(String name, Event event, Object... arguments) {
        if (runner.has(functions, name)) {
            runner.invoke(functions, name, arguments);
            return true;
        }
        if (!name.equals("event") && runner.has(functions, "event")) {
            runner.invoke(functions, "event", arguments[0], new ScriptEvent(event));
        }
        return false;
    }
}
