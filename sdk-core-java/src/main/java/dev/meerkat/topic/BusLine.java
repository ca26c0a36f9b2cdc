package dev.meerkat.topic;

/** One topic's line to the bus, made by {@link TopicBus#join}. Implemented by engines. */
public interface BusLine extends AutoCloseable {
    /**
     * May be called from any thread. Names this line: a text that no other line of the bus has, or had within the life
     * of the other processes; a random number and a counter, for example.
     *
     * @return always the same, at most 128 characters
     */
    String origin();

    /**
     * May be called from any thread, but by one at a time. Sends a message to all other lines of the topic. Must not
     * block, and must not call the listener for this very message.
     *
     * @param message what to send
     * @return true if it was taken; false if the bus is away or busy: the message is kept by the topic and offered
     *     again after the next {@link BusListener#onConnected}
     * @throws IllegalArgumentException if the bus can never carry it, for example since it is too large: the topic
     *     drops it, counts it and goes on. Any other exception means that the bus is lost
     */
    boolean publish(BusMessage message);

    /** May be called from any thread. Leaves the bus; the listener hears nothing more. A second call does nothing. */
    @Override
    void close();
}
