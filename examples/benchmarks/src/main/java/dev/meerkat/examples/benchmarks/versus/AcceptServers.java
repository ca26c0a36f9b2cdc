package dev.meerkat.examples.benchmarks.versus;

import dev.meerkat.ConnectionOptions;
import dev.meerkat.EventManager;
import dev.meerkat.EventManagerGroup;
import dev.meerkat.GroupAcceptor;
import dev.meerkat.Handler;
import dev.meerkat.ListenOptions;
import dev.meerkat.Spread;
import dev.meerkat.event.TcpEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Servers that end every connection as soon as they have accepted it. Politely, waiting for the peer to end its side as
 * a server must that has answered; or at once.
 */
final class AcceptServers {
    private static final int BACKLOG = 4096;

    private AcceptServers() {}

    /** Who accepts on so many loops. */
    enum Who {
        BARE("bare NIO loop", 1),
        MEERKAT("Meerkat", 1),
        BARE_TWO("two bare NIO loops, shared port", 2),
        SHARED("group of two, shared port", 2),
        HANDED("group of two, hand-over", 2);

        private final String title;
        private final int loops;

        Who(String title, int loops) {
            this.title = title;
            this.loops = loops;
        }

        String title() {
            return title;
        }

        int loops() {
            return loops;
        }

        /** What {@link ServerMain} knows it by. */
        String word(boolean polite) {
            return "accept-" + this + (polite ? ":polite" : ":at-once");
        }
    }

    /** A server that {@link Who#word} describes. */
    static EchoServer start(String word) throws IOException {
        String[] parts = word.split(":", -1);
        Who who = Who.valueOf(parts[0]);
        boolean polite = parts[1].equals("polite");
        return switch (who) {
            case BARE, BARE_TWO -> Bare.start(who.loops(), polite);
            case MEERKAT, SHARED -> meerkat(who.loops(), Spread.REUSE_PORT, polite);
            case HANDED -> meerkat(who.loops(), Spread.HAND_OVER, polite);
        };
    }

    private static EchoServer meerkat(int loops, Spread spread, boolean polite) {
        ConnectionOptions.Builder each = ConnectionOptions.builder().keepAlive(false);
        if (!polite) {
            each.lingerTimeout(Duration.ZERO);
        }
        ListenOptions options = ListenOptions.builder()
                .backlog(BACKLOG)
                .connection(each.build())
                .build();
        Handler handler = (connection, event) -> {
            if (event instanceof TcpEvent.Opened) {
                connection.close();
            }
        };
        if (loops == 1) {
            EventManager manager = EventManager.create();
            int port = manager.listen("127.0.0.1:0", options, handler).port();
            manager.start();
            return new Running(
                    port, List.of(manager.submit(Thread::currentThread).join()));
        }
        EventManagerGroup group = EventManagerGroup.builder()
                .managers(loops)
                .spread(spread)
                .build()
                .start();
        GroupAcceptor acceptor = group.listen("127.0.0.1:0", options, handler);
        return new Running(
                acceptor.port(),
                group.managers().stream()
                        .map(manager -> manager.submit(Thread::currentThread).join())
                        .toList());
    }

    private record Running(int port, List<Thread> loops) implements EchoServer {
        @Override
        public Thread loop() {
            return loops.get(0);
        }
    }

    /** The least that accepting and ending on the JDK's channels can do. */
    private static final class Bare {
        private final Selector selector = Selector.open();
        private final ServerSocketChannel listener = ServerSocketChannel.open();
        private final ByteBuffer scratch = ByteBuffer.allocateDirect(64 * 1024);
        private final boolean polite;

        private Bare(int port, boolean shares, boolean polite) throws IOException {
            this.polite = polite;
            if (shares) {
                listener.setOption(StandardSocketOptions.SO_REUSEPORT, true);
            }
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), BACKLOG);
            listener.configureBlocking(false);
            listener.register(selector, SelectionKey.OP_ACCEPT);
        }

        static EchoServer start(int loops, boolean polite) throws IOException {
            List<Thread> threads = new ArrayList<>();
            int port = 0;
            for (int i = 0; i < loops; i++) {
                Bare bare = new Bare(port, loops > 1, polite);
                port = bare.listener.socket().getLocalPort();
                threads.add(new Thread(bare::run, "bare-accept-" + i));
            }
            threads.forEach(Thread::start);
            return new Running(port, threads);
        }

        private void run() {
            try {
                while (true) {
                    selector.select(this::serve);
                }
            } catch (IOException broken) {
                throw new UncheckedIOException(broken);
            }
        }

        private void serve(SelectionKey key) {
            try {
                if (key.isAcceptable()) {
                    accept();
                } else if (((SocketChannel) key.channel()).read(scratch.clear()) < 0) {
                    key.channel().close();
                }
            } catch (IOException reset) {
                close(key);
            }
        }

        private void accept() throws IOException {
            for (SocketChannel accepted; (accepted = listener.accept()) != null; ) {
                accepted.configureBlocking(false);
                accepted.setOption(StandardSocketOptions.TCP_NODELAY, true);
                accepted.register(selector, SelectionKey.OP_READ);
                if (polite) {
                    accepted.shutdownOutput();
                } else {
                    accepted.close();
                }
            }
        }

        private static void close(SelectionKey key) {
            try {
                key.channel().close();
            } catch (IOException ignored) {
                // it is gone either way
            }
        }
    }
}
