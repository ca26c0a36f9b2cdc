package dev.meerkat.topic;

/**
 * What an engine tells a topic. Implemented by topics; each method may be called from any thread and does not block.
 */
public interface BusListener {
    /**
     * A message has come from another line of the topic. Messages of one origin come in the order in which it published
     * them and by one thread at a time; one that comes again, or after a later one, is left out.
     *
     * @param message what has come
     */
    void onMessage(BusMessage message);

    /**
     * The bus is there: for the first time, again, or after {@link BusLine#publish} answered false because it was busy.
     */
    void onConnected();

    /**
     * The bus is away. What the topic publishes is not sent until the next {@link #onConnected}.
     *
     * @param reason for people
     */
    void onLost(String reason);
}
