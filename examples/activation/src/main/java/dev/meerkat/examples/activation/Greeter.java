package dev.meerkat.examples.activation;

import dev.meerkat.Acceptor;
import dev.meerkat.Connection;
import dev.meerkat.EventManager;
import dev.meerkat.Handler;
import dev.meerkat.ListenOptions;
import dev.meerkat.event.Event;
import dev.meerkat.event.TcpEvent;

/**
 * Greets whoever connects. Started by systemd with the units beside this example it serves port 80, although it runs as
 * nobody in particular: the socket was opened before, and is its standard input. Started by hand it listens on the
 * address that it is given.
 */
public final class Greeter implements Handler {
    @Override
    public void onEvent(Connection connection, Event event) {
        if (event instanceof TcpEvent.Opened) {
            connection.send("hello, "
                    + connection.peerCredentials().map(peer -> peer.user()).orElse("stranger") + "\n");
            connection.close();
        }
    }

    /**
     * Starts the server.
     *
     * @param manager what it runs on
     * @param address where it listens if no socket was inherited
     * @return its acceptor
     */
    public static Acceptor start(EventManager manager, String address) {
        Greeter greeter = new Greeter();
        return manager.adoptInherited(ListenOptions.DEFAULT, greeter).orElseGet(() -> manager.listen(address, greeter));
    }

    /**
     * Runs the server until the process is told to end.
     *
     * @param args the address, {@code tcp://127.0.0.1:8080} if there is none
     */
    public static void main(String[] args) {
        try (EventManager manager = EventManager.create()) {
            Acceptor acceptor = start(manager, args.length > 0 ? args[0] : "tcp://127.0.0.1:8080");
            System.out.println("greeting on " + acceptor.localAddress());
            manager.run();
        }
    }
}
