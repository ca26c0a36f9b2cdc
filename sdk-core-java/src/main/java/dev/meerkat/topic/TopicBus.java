package dev.meerkat.topic;

/**
 * Carries topics between processes: what one publishes, the subscribers of the others hear. An engine behind it (NATS,
 * Redis, a cluster library) implements three methods and {@link BusLine}; the topic does the rest: local delivery that
 * never waits for the bus, a bounded wait while it is away, nobody hearing himself, and nobody hearing anything twice.
 *
 * <pre>{@code
 * Topic room = Topic.named("room", TopicOptions.builder().bus(bus).build());
 * }</pre>
 *
 * <p>What holds across processes: the messages of one process arrive in the order in which it has published them. What
 * does not: one order over all processes, since nobody waits for the others before he tells his own subscribers; and
 * whether a message arrives at all when the bus goes away at that moment, unless the engine promises it.
 *
 * <p>An engine authenticates and encrypts as its bus does; nothing of it is visible here, and it opens no port.
 */
public interface TopicBus extends AutoCloseable {
    /**
     * May be called from any thread. Joins a topic. If the bus is there, {@link BusListener#onConnected} is called
     * before or after this returns.
     *
     * @param topic its name; topics of the same name in other processes are the same topic
     * @param listener hears what comes
     * @return the line
     * @throws IllegalStateException if the bus was closed
     */
    BusLine join(String topic, BusListener listener);

    /** May be called from any thread. Closes every line, and what is behind them. A second call does nothing. */
    @Override
    void close();
}
