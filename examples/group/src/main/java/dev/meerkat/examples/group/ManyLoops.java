package dev.meerkat.examples.group;

import dev.meerkat.Connection;
import dev.meerkat.EventManager;
import dev.meerkat.EventManagerGroup;
import dev.meerkat.GroupAcceptor;
import dev.meerkat.Handler;
import dev.meerkat.ListenOptions;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.Event;
import dev.meerkat.event.TcpEvent;
import java.io.IOException;
import java.time.Duration;

/**
 * Echo on every processor, and one message for all. Each manager has a handler of its own, so that what it counts
 * belongs to one thread and needs no lock. Enter ends it: nobody new is let in, who is there has ten seconds.
 *
 * <pre>
 *   mvn -q -pl examples/group -am compile exec:java
 *   nc 127.0.0.1 7000          # several times: the greeting says which loop it is
 * </pre>
 */
public final class ManyLoops {
    private ManyLoops() {}

    /**
     * Serves until somebody presses Enter.
     *
     * @param args none
     * @throws IOException if standard input fails
     */
    public static void main(String[] args) throws IOException {
        try (EventManagerGroup group = EventManagerGroup.create().start()) {
            GroupAcceptor acceptor = listen(group, "127.0.0.1:7000");
            System.out.println(group.managers().size() + " loops, " + acceptor.spread() + "; Enter ends it");
            System.in.read();
            System.out.println(group.statistics().join().sum());
            group.broadcast(Bytes.utf8("we are closing\n")).join();
            System.out.println(group.shutdown(Duration.ofSeconds(10)).join());
        }
    }

    static GroupAcceptor listen(EventManagerGroup group, String address) {
        return group.listenEach(address, ListenOptions.DEFAULT, Echo::new);
    }

    /** One for each manager, called on its thread alone. */
    private static final class Echo implements Handler {
        private final EventManager manager;
        private int visitors;

        Echo(EventManager manager) {
            this.manager = manager;
        }

        @Override
        public void onEvent(Connection connection, Event event) {
            if (event instanceof TcpEvent.Opened) {
                connection.send(
                        "visitor " + ++visitors + " of " + manager.options().name() + "\n");
            } else if (event instanceof TcpEvent.Received received) {
                connection.send(received.buffer());
            } else if (event instanceof TcpEvent.Broadcast broadcast) {
                connection.send(broadcast.bytes());
            } else if (event instanceof TcpEvent.ShuttingDown) {
                connection.close();
            }
        }
    }
}
