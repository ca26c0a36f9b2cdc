package dev.meerkat.examples.benchmarks.versus;

import java.util.List;

/**
 * A TCP echo on 127.0.0.1, on one thread. It stops reading a peer that does not read, and it sets TCP_NODELAY. The
 * process ends with it, so that it need not be closed.
 */
interface EchoServer {
    /**
     * The port that it listens on.
     *
     * @return 1 to 65535
     */
    int port();

    /**
     * The one thread that accepts, reads and writes.
     *
     * @return the thread
     */
    Thread loop();

    /**
     * All threads that accept, read and write, where there are several.
     *
     * @return the threads
     */
    default List<Thread> loops() {
        return List.of(loop());
    }
}
