package dev.meerkat.examples.foreign;

import dev.meerkat.event.TcpEvent;
import dev.meerkat.foreign.ForeignLoop;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/**
 * A program with a selector loop of its own, which greets whoever connects to its port, takes a manager in, which
 * echoes on another port. One thread, one selector.
 */
public final class SelectorLoop {
    private static final ByteBuffer GREETING =
            ByteBuffer.wrap("hello from the old loop\n".getBytes(StandardCharsets.UTF_8));

    private final Selector selector = Selector.open();
    private final ForeignLoop meerkat = ForeignLoop.sharing(selector);
    private final ServerSocketChannel greeter = ServerSocketChannel.open();
    private volatile boolean running = true;

    /**
     * Opens the loop's own port.
     *
     * @throws IOException if the system does not let us
     */
    public SelectorLoop(int port) throws IOException {
        greeter.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                .configureBlocking(false);
        greeter.register(selector, SelectionKey.OP_ACCEPT);
    }

    /** The loop, with the manager as a guest: three lines are new. */
    public void run() throws IOException {
        while (running) {
            select(meerkat.maxWait()); // new: the manager's timers
            for (SelectionKey key : selector.selectedKeys()) {
                if (!meerkat.service(key)) { // new: is it one of the manager's?
                    greet();
                }
            }
            selector.selectedKeys().clear();
            meerkat.turn(); // new: what other threads posted, and due timers
        }
        meerkat.manager().close();
        greeter.close();
        selector.close();
    }

    private void select(Optional<Duration> wait) throws IOException {
        if (wait.isEmpty()) {
            selector.select();
        } else if (wait.get().isZero()) {
            selector.selectNow();
        } else {
            selector.select(wait.get().toMillis() + 1); // zero would mean for ever
        }
    }

    private void greet() throws IOException {
        SocketChannel accepted = greeter.accept();
        if (accepted != null) {
            accepted.write(GREETING.duplicate());
            accepted.close();
        }
    }

    /** May be called from any thread. */
    public void stop() {
        running = false;
        selector.wakeup();
    }

    /** The guest. */
    public ForeignLoop meerkat() {
        return meerkat;
    }

    /** Where the loop itself listens. */
    public int port() throws IOException {
        return ((InetSocketAddress) greeter.getLocalAddress()).getPort();
    }

    /** Greets on port 7001, echoes on port 7000. */
    public static void main(String[] arguments) throws IOException {
        SelectorLoop loop = new SelectorLoop(7001);
        loop.meerkat().manager().listen("tcp://127.0.0.1:7000", (connection, event) -> {
            if (event instanceof TcpEvent.Received received) {
                connection.send(received.buffer());
            }
        });
        loop.run();
    }
}
