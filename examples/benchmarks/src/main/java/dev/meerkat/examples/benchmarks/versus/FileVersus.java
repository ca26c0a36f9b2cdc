package dev.meerkat.examples.benchmarks.versus;

import dev.meerkat.Acceptor;
import dev.meerkat.EventManager;
import dev.meerkat.event.FileRegion;
import dev.meerkat.event.TcpEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.FileChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/**
 * What sending a file costs beside a bare {@code transferTo} loop: each server sends the whole file to whoever connects
 * and ends the connection, on a thread of its own whose processor time is what counts. In turns, in one process; the
 * file is in the system's cache.
 *
 * <p>Arguments: {@code [--rounds N] [--mib size of the file] [--times N downloads a round]}.
 */
public final class FileVersus {
    private static final String USAGE = "usage: FileVersus [--rounds N] [--mib N] [--times N downloads a round]";
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private FileVersus() {}

    /** A server and the thread that does all its work. */
    private record Server(String title, int port, Thread thread) {}

    /**
     * Runs the comparison and prints its table.
     *
     * @param args see above
     * @throws Exception if a server does not start, or does not send the whole file
     */
    public static void main(String[] args) throws Exception {
        Arguments arguments = new Arguments(args, USAGE, Map.of("rounds", 9.0, "mib", 256.0, "times", 4.0));
        Path path = Files.createTempFile("meerkat", ".file");
        try (Selector selector = Selector.open();
                EventManager manager = EventManager.create()) {
            byte[] mebibyte = new byte[1 << 20];
            for (int i = 0; i < arguments.count("mib"); i++) {
                Files.write(path, mebibyte, StandardOpenOption.APPEND);
            }
            List<Server> servers = List.of(bare(selector, path), meerkat(manager, path));
            System.out.println(Machine.describe() + "; in one process, nothing pinned");
            compare(arguments, servers);
            manager.stop();
        } finally {
            Files.delete(path);
        }
    }

    private static void compare(Arguments arguments, List<Server> servers) throws IOException {
        long bytes = (long) arguments.count("mib") << 20;
        List<Samples> costs = new ArrayList<>();
        List<Samples> rates = new ArrayList<>();
        for (Server each : servers) {
            download(each.port(), bytes);
            download(each.port(), bytes);
            costs.add(new Samples());
            rates.add(new Samples());
        }
        for (int round = 0; round < arguments.count("rounds"); round++) {
            for (int turn = 0; turn < servers.size(); turn++) {
                int i = (round + turn) % servers.size(); // who comes first has no advantage of it
                Server server = servers.get(i);
                long cpu = THREADS.getThreadCpuTime(server.thread().getId());
                long begin = System.nanoTime();
                for (int time = 0; time < arguments.count("times"); time++) {
                    download(server.port(), bytes);
                }
                double mebibytes = (double) arguments.count("mib") * arguments.count("times");
                rates.get(i).add(mebibytes * 1e9 / (System.nanoTime() - begin));
                costs.get(i).add((THREADS.getThreadCpuTime(server.thread().getId()) - cpu) / mebibytes);
            }
        }
        Table.head("server", "CPU µs per MiB, server's thread", "MiB per second", "to the bare loop (min..max)");
        for (int i = 0; i < servers.size(); i++) {
            Samples ratios = new Samples();
            for (int round = 0; round < arguments.count("rounds"); round++) {
                ratios.add(costs.get(0).get(round) / costs.get(i).get(round));
            }
            Table.row(
                    servers.get(i).title(),
                    Table.number(costs.get(i).median() / 1e3, 1),
                    Table.number(rates.get(i).median(), 0),
                    Table.number(ratios.median(), 2) + " (" + Table.number(ratios.min(), 2) + ".."
                            + Table.number(ratios.max(), 2) + ")");
        }
    }

    private static void download(int port, long expected) throws IOException {
        ByteBuffer target = ByteBuffer.allocateDirect(256 << 10);
        long sum = 0;
        try (SocketChannel channel =
                SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))) {
            for (int count = 0; count >= 0; count = channel.read(target.clear())) {
                sum += count;
            }
        }
        if (sum != expected) {
            throw new IOException("expected " + expected + " bytes, received " + sum);
        }
    }

    private static Server meerkat(EventManager manager, Path path) throws InterruptedException {
        Acceptor acceptor = manager.listen("127.0.0.1:0", (connection, event) -> {
            if (event instanceof TcpEvent.Opened) {
                connection.send(FileRegion.open(path)).close();
            }
        });
        int port = acceptor.port();
        CountDownLatch started = new CountDownLatch(1);
        Thread[] thread = new Thread[1];
        manager.post(() -> {
            thread[0] = Thread.currentThread();
            started.countDown();
        });
        manager.start();
        started.await();
        return new Server("Meerkat", port, thread[0]);
    }

    private static Server bare(Selector selector, Path path) throws IOException {
        ServerSocketChannel listener = ServerSocketChannel.open();
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .configureBlocking(false);
        listener.register(selector, SelectionKey.OP_ACCEPT);
        Thread thread = new Thread(
                () -> {
                    try {
                        while (selector.isOpen()) {
                            serve(selector, path);
                        }
                    } catch (ClosedSelectorException ended) {
                        // the comparison is over
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                },
                "bare loop");
        thread.setDaemon(true);
        thread.start();
        return new Server("bare transferTo", listener.socket().getLocalPort(), thread);
    }

    /** A file on its way. */
    private static final class Transfer {
        private final SocketChannel target;
        private final FileChannel file;
        private final long size;
        private long done;

        Transfer(SocketChannel target, Path path) throws IOException {
            this.target = target;
            this.file = FileChannel.open(path);
            this.size = file.size();
            target.configureBlocking(false);
        }
    }

    private static void serve(Selector selector, Path path) throws IOException {
        selector.select();
        for (SelectionKey key : selector.selectedKeys()) {
            if (key.channel() instanceof ServerSocketChannel listener) {
                SocketChannel accepted = listener.accept();
                if (accepted != null) {
                    Transfer transfer = new Transfer(accepted, path);
                    accepted.register(selector, SelectionKey.OP_WRITE, transfer);
                }
            } else if (key.attachment() instanceof Transfer transfer) {
                transfer.done +=
                        transfer.file.transferTo(transfer.done, transfer.size - transfer.done, transfer.target);
                if (transfer.done == transfer.size) {
                    transfer.file.close();
                    transfer.target.close();
                }
            }
        }
        selector.selectedKeys().clear();
    }
}
