package dev.meerkat.examples.benchmarks.jmh;

import dev.meerkat.EventManager;
import dev.meerkat.ManagerOptions;
import dev.meerkat.internal.nio.NioRuntime;
import dev.meerkat.runtime.ManagerRuntime;
import java.time.Duration;
import java.util.function.Consumer;

/** A manager that serves the peers of a {@link NullTransport}, driven by the thread that makes it. */
public final class NullWorld implements AutoCloseable {
    private final EventManager manager;

    /**
     * Has the peers connect.
     *
     * @param peers how many
     * @param messageBytes how many bytes each sends in every turn
     * @param program listens
     */
    NullWorld(int peers, int messageBytes, Consumer<EventManager> program) {
        this(peers, messageBytes, ManagerOptions.DEFAULT, program);
    }

    NullWorld(int peers, int messageBytes, ManagerOptions options, Consumer<EventManager> program) {
        this(peers, new NullTransport(peers, messageBytes), options, program);
    }

    /**
     * Has the peers connect.
     *
     * @param peers how many
     * @param message what each sends in every turn
     * @param program listens
     */
    public NullWorld(int peers, byte[] message, Consumer<EventManager> program) {
        this(peers, new NullTransport(peers, message), ManagerOptions.DEFAULT, program);
    }

    /** Peers that send a message once and are silent then. */
    static NullWorld asking(int peers, byte[] message, Consumer<EventManager> program) {
        return new NullWorld(peers, NullTransport.once(peers, message), ManagerOptions.DEFAULT, program);
    }

    /**
     * Has the peers connect.
     *
     * @param peers how many
     * @param greeting what each sends first
     * @param message what each sends in every turn from then on
     * @param program listens
     */
    public NullWorld(int peers, byte[] greeting, byte[] message, Consumer<EventManager> program) {
        this(peers, new NullTransport(peers, message).greetingWith(greeting), ManagerOptions.DEFAULT, program);
    }

    private NullWorld(int peers, NullTransport transport, ManagerOptions options, Consumer<EventManager> program) {
        ManagerRuntime real = NioRuntime.create("null-world");
        manager = EventManager.builder()
                .options(options)
                .runtime(new ManagerRuntime(
                        transport, real.time(), real.resolver(), real.entropy(), real.workers(), real.probe()))
                .build();
        program.accept(manager);
        while (manager.connections().size() < peers) {
            turn();
        }
    }

    /**
     * Runs one turn, in which every peer has a message.
     *
     * @return how much was done
     */
    public int turn() {
        return manager.runOnce(Duration.ZERO);
    }

    @Override
    public void close() {
        manager.close();
    }
}
