package dev.meerkat.testkit.manager;

import dev.meerkat.Connection;
import dev.meerkat.Handler;
import dev.meerkat.event.Event;
import dev.meerkat.event.ReceiveBuffer;
import dev.meerkat.event.TcpEvent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A proxy of either kind, which always leads to one server, whatever it is asked for. */
final class RelayProxy implements Handler {
    private final String target;
    private final boolean socks;
    private final List<String> asked = new ArrayList<>();
    private final Map<Connection, Connection> pairs = new HashMap<>();
    private final Map<Connection, Integer> steps = new HashMap<>();
    private String refusal = "";

    private RelayProxy(String target, boolean socks) {
        this.target = target;
        this.socks = socks;
    }

    static RelayProxy http(String target) {
        return new RelayProxy(target, false);
    }

    static RelayProxy socks(String target) {
        return new RelayProxy(target, true);
    }

    /** Answers this instead. */
    RelayProxy refusing(String answer) {
        refusal = answer;
        return this;
    }

    /** What it was asked for: heads of CONNECT, or the bytes of SOCKS as characters. */
    List<String> asked() {
        return asked;
    }

    @Override
    public void onEvent(Connection connection, Event event) {
        Connection other = pairs.get(connection);
        if (event instanceof TcpEvent.Received received) {
            if (other != null) {
                other.send(received.buffer());
            } else if (socks) {
                socks(connection, received.buffer());
            } else {
                connect(connection, received.buffer());
            }
        } else if (event instanceof TcpEvent.Closed && other != null) {
            other.close();
        }
    }

    private void connect(Connection connection, ReceiveBuffer buffer) {
        String text = new String(buffer.takeArray(buffer.size()), StandardCharsets.ISO_8859_1);
        asked.add(text);
        if (refusal.isEmpty()) {
            dial(connection, "HTTP/1.1 200 Connection established\r\nX: y\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        } else {
            connection.send(refusal);
        }
    }

    private void socks(Connection connection, ReceiveBuffer buffer) {
        byte[] bytes = buffer.takeArray(buffer.size());
        asked.add(new String(bytes, StandardCharsets.ISO_8859_1));
        int step = steps.merge(connection, 1, Integer::sum);
        boolean password = bytes[0] == 5 && bytes[1] == 2 && step == 1;
        if (!refusal.isEmpty()) {
            connection.send(refusal);
        } else if (step == 1) {
            connection.send(new byte[] {5, (byte) (password ? 2 : 0)});
        } else if (bytes[0] == 1) {
            connection.send(new byte[] {1, 0});
        } else {
            dial(connection, new byte[] {5, 0, 0, 1, 0, 0, 0, 0, 0, 0});
        }
    }

    private void dial(Connection connection, byte[] answer) {
        connection.pauseReading();
        Connection there = connection.manager().connect(target, (own, event) -> {
            if (event instanceof TcpEvent.Opened) {
                connection.send(answer);
                connection.resumeReading();
            } else {
                onEvent(own, event);
            }
        });
        pairs.put(connection, there);
        pairs.put(there, connection);
    }
}
