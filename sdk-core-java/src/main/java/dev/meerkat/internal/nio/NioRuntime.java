package dev.meerkat.internal.nio;

import dev.meerkat.runtime.ManagerRuntime;
import dev.meerkat.runtime.Probe;
import dev.meerkat.runtime.Workers;
import java.io.IOException;
import java.io.UncheckedIOException;

/** The runtime of production: the JDK's sockets, the machine's clocks, the system's random numbers and resolver. */
public final class NioRuntime {
    private NioRuntime() {}

    /**
     * How many loops this machine can run at once.
     *
     * @return at least 1
     */
    public static int processors() {
        return Runtime.getRuntime().availableProcessors();
    }

    /**
     * Makes a runtime with workers of its own. It starts no thread before the first is needed.
     *
     * @param name the beginning of its worker threads' names
     * @return a new runtime for one manager, which closes it
     * @throws UncheckedIOException if the system is out of descriptors
     */
    public static ManagerRuntime create(String name) {
        return withWorkers(new NioWorkers(name));
    }

    /**
     * Makes a runtime that shares its workers with others: managers of one group need one pool, not one each.
     *
     * @param shared the workers; they outlive this runtime, and whoever made them closes them
     * @return a new runtime for one manager, which closes it
     * @throws UncheckedIOException if the system is out of descriptors
     */
    public static ManagerRuntime create(Workers shared) {
        return withWorkers(new NioWorkers.Shared(shared));
    }

    /**
     * Makes a runtime whose sockets somebody else watches.
     *
     * @param name the beginning of its worker threads' names
     * @param watch who watches; for this runtime alone
     * @return a new runtime for one manager, which closes it
     */
    public static ManagerRuntime create(String name, ForeignWatch watch) {
        return on(NioTransport.watchedBy(watch), new NioWorkers(name));
    }

    private static ManagerRuntime on(NioTransport transport, Workers workers) {
        return new ManagerRuntime(
                transport, SystemTime.INSTANCE, new JdkResolver(workers), SystemEntropy.INSTANCE, workers, Probe.NONE);
    }

    private static ManagerRuntime withWorkers(Workers workers) {
        try {
            return on(NioTransport.open(), workers);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
