package dev.meerkat.examples.benchmarks.versus;

import dev.meerkat.Acceptor;
import dev.meerkat.Connection;
import dev.meerkat.EventManager;
import dev.meerkat.Handler;
import dev.meerkat.ListenOptions;
import dev.meerkat.event.Event;
import dev.meerkat.event.TcpEvent;

/** The echo that a user of Meerkat would write, with back-pressure. */
final class MeerkatEcho implements EchoServer, Handler {
    private static final ListenOptions LISTEN =
            ListenOptions.builder().backlog(4096).build();

    private final EventManager manager = EventManager.create();
    private final Acceptor acceptor = manager.listen("tcp://127.0.0.1:0", LISTEN, this);

    private MeerkatEcho() {}

    static EchoServer start() {
        MeerkatEcho server = new MeerkatEcho();
        server.manager.start();
        return server;
    }

    @Override
    public int port() {
        return acceptor.port();
    }

    @Override
    public Thread loop() {
        return manager.submit(Thread::currentThread).join();
    }

    @Override
    public void onEvent(Connection connection, Event event) {
        if (event instanceof TcpEvent.Received received) {
            connection.send(received.buffer());
            if (!connection.isWritable()) {
                connection.pauseReading();
            }
        } else if (event instanceof TcpEvent.Drained) {
            connection.resumeReading();
        }
    }
}
