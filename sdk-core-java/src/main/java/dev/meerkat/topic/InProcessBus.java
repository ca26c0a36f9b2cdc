package dev.meerkat.topic;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A bus between topics of one process: nodes that have different managers, groups or, in a virtual world, hosts. It
 * delivers on the publisher's thread, at once and in order, so that a world repeats it exactly; and it can go away and
 * come back at will, which is what a test of a program with another bus needs.
 *
 * <pre>{@code
 * InProcessBus bus = InProcessBus.create();
 * Topic here = Topic.named("room", TopicOptions.builder().bus(bus.node("a")).build());
 * Topic there = Topic.named("room", TopicOptions.builder().bus(bus.node("b")).build());
 * }</pre>
 *
 * <p>All methods, those of nodes and lines too, may be called from any thread.
 */
public final class InProcessBus {
    private final Object lock = new Object();
    private final List<Line> lines = new ArrayList<>();
    private long lastLine;

    private InProcessBus() {}

    /**
     * A bus without nodes.
     *
     * @return a new bus
     */
    public static InProcessBus create() {
        return new InProcessBus();
    }

    /**
     * A new node of this bus, connected.
     *
     * @param name part of the {@linkplain BusLine#origin origin} of its lines
     * @return the bus as this node sees it
     */
    public Node node(String name) {
        return new Node(Objects.requireNonNull(name, "name"));
    }

    /** One participant; what a process would be on another bus. */
    public final class Node implements TopicBus {
        private final String name;
        private boolean connected = true;
        private boolean closed;

        private Node(String name) {
            this.name = name;
        }

        @Override
        public BusLine join(String topic, BusListener listener) {
            Line line;
            boolean isThere;
            synchronized (lock) {
                if (closed) {
                    throw new IllegalStateException("the bus was closed: " + this);
                }
                line = new Line(this, topic, listener, name + "#" + ++lastLine);
                lines.add(line);
                isThere = connected;
            }
            if (isThere) {
                listener.onConnected();
            }
            return line;
        }

        /**
         * Cuts the node off: what its topics publish waits there, what others publish does not come here.
         *
         * @param reason what {@link TopicEvent.BusLost} says
         */
        public void disconnect(String reason) {
            for (Line line : change(false)) {
                line.listener.onLost(reason);
            }
        }

        /** Ends {@link #disconnect}: what waits at its topics leaves. */
        public void reconnect() {
            for (Line line : change(true)) {
                line.listener.onConnected();
            }
        }

        /** Answers the lines that are to be told. */
        private List<Line> change(boolean to) {
            synchronized (lock) {
                if (connected == to || closed) {
                    return List.of();
                }
                connected = to;
                return lines.stream().filter(line -> line.node == this).toList();
            }
        }

        @Override
        public void close() {
            synchronized (lock) {
                closed = true;
                connected = false;
                lines.removeIf(line -> line.node == this);
            }
        }

        @Override
        public String toString() {
            return "node " + name;
        }
    }

    private final class Line implements BusLine {
        private final Node node;
        private final String topic;
        private final BusListener listener;
        private final String origin;

        Line(Node node, String topic, BusListener listener, String origin) {
            this.node = node;
            this.topic = Objects.requireNonNull(topic, "topic");
            this.listener = Objects.requireNonNull(listener, "listener");
            this.origin = origin;
        }

        @Override
        public String origin() {
            return origin;
        }

        @Override
        public boolean publish(BusMessage message) {
            List<Line> others = new ArrayList<>();
            synchronized (lock) {
                if (!node.connected) {
                    return false;
                }
                for (Line line : lines) {
                    if (line != this && line.node.connected && line.topic.equals(topic)) {
                        others.add(line);
                    }
                }
            }
            for (Line line : others) {
                line.listener.onMessage(message);
            }
            return true;
        }

        @Override
        public void close() {
            synchronized (lock) {
                lines.remove(this);
            }
        }
    }
}
