package dev.meerkat.topic;

import dev.meerkat.BroadcastLimitException;
import dev.meerkat.EventManager;
import dev.meerkat.internal.topic.RealTopic;
import dev.meerkat.websocket.Message;
import dev.meerkat.websocket.WebSocket;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * A name to which messages are published and subscribed: a room, a feed, a table of prices. It belongs to no manager;
 * subscribers live on any number of them, those of an {@code EventManagerGroup} for example, and with a
 * {@link TopicBus} in any number of processes.
 *
 * <pre>{@code
 * Topic room = Topic.named("room", TopicOptions.builder().replay(50, 64 << 10).build());
 * Router.create().webSocket("/chat", (webSocket, event) -> {
 *     if (event instanceof WebSocketEvent.Opened) {
 *         room.subscribe(webSocket);                                  // until it closes
 *     } else if (event instanceof WebSocketEvent.Text text) {
 *         room.publish(text.text());                                  // everybody hears it, whatever loop he is on
 *     }
 * });
 * }</pre>
 *
 * <p><b>Order.</b> A message gets its number when it is published, and all subscribers of this process see all messages
 * in the order of the numbers, whoever published them on whatever thread.
 *
 * <p><b>Cost.</b> A message is encoded once, and compressed once for all who have agreed on compression. Each loop that
 * has subscribers is told once for all messages that were published since it looked. Nobody waits for anybody: a
 * publisher not for receivers, one loop not for another.
 *
 * <p><b>Slow receivers</b> hold up nobody. What a WebSocket does not take waits beside its connection, in bounds, and
 * is treated by the {@linkplain SubscriptionOptions#whenFull policy} beyond.
 *
 * <p>Every method but {@link #subscribe(WebSocket)} may be called from any thread. Not for implementing.
 */
public interface Topic extends AutoCloseable {
    /**
     * A topic with default options.
     *
     * @param name for logs, and for the bus
     * @return a topic without subscribers
     */
    static Topic named(String name) {
        return named(name, TopicOptions.DEFAULT);
    }

    /**
     * A topic. It is an object like any other: who has it may publish and subscribe, and two of the same name are two,
     * unless a bus carries them.
     *
     * @param name for logs, and for the bus
     * @param options its bounds, what it keeps, and its bus
     * @return a topic without subscribers
     */
    static Topic named(String name, TopicOptions options) {
        return RealTopic.create(name, options);
    }

    /**
     * May be called from any thread.
     *
     * @return the name
     */
    String name();

    /**
     * May be called from any thread.
     *
     * @return the options
     */
    TopicOptions options();

    /**
     * May be called from any thread. Publishes a text; otherwise as {@link #publish(Message)}.
     *
     * @param text sent in UTF-8
     * @return its number
     * @throws BroadcastLimitException if it is longer than {@link TopicOptions#messageBytes}
     * @throws IllegalStateException if the topic is closed
     */
    default long publish(CharSequence text) {
        return publish(Message.text(text));
    }

    /**
     * May be called from any thread. Publishes a message to everybody who has subscribed before. Never blocks, and
     * calls nobody: on a loop thread it is delivered later in the turn, elsewhere in the next one.
     *
     * @param message shared with all receivers
     * @return its number in the order of this process, from 1; others, of presence for example, are between
     * @throws BroadcastLimitException if it is longer than {@link TopicOptions#messageBytes}
     * @throws IllegalStateException if the topic is closed
     */
    long publish(Message message);

    /**
     * May be called from any thread. Publishes a message about something; otherwise as {@link #publish(Message)}.
     *
     * @param message shared with all receivers
     * @param key what it is about; for receivers with {@link WhenFull#CONFLATE} it takes the place of an older one with
     *     the same key that still waits
     * @return its number
     * @throws BroadcastLimitException if message and key are longer than {@link TopicOptions#messageBytes}
     * @throws IllegalStateException if the topic is closed
     */
    long publish(Message message, String key);

    /**
     * Subscribes a WebSocket with default options. On its loop thread; otherwise as {@link #subscribe(WebSocket,
     * SubscriptionOptions)}.
     *
     * @param webSocket the receiver
     * @return the subscription
     * @throws IllegalStateException if the WebSocket is not open, the topic is closed, or too many have subscribed
     */
    default TopicSubscription subscribe(WebSocket webSocket) {
        return subscribe(webSocket, SubscriptionOptions.DEFAULT);
    }

    /**
     * Subscribes a WebSocket, on its loop thread: it is sent every message, and nothing is asked of its handler. Its
     * connection is given a message when it is writable; what comes meanwhile waits here. Ends when the WebSocket is
     * closed.
     *
     * @param webSocket the receiver
     * @param options which messages, how many may wait, as whom
     * @return the subscription
     * @throws IllegalStateException if the WebSocket is not open, the topic is closed, or too many have subscribed
     */
    TopicSubscription subscribe(WebSocket webSocket, SubscriptionOptions options);

    /**
     * May be called from any thread. Subscribes a callback that is given every message.
     *
     * @param manager on whose loop it is called
     * @param consumer called as a {@link TopicHandler} is
     * @return the subscription
     * @throws dev.meerkat.ManagerClosedException if the manager is closed
     * @throws IllegalStateException if the topic is closed, or too many have subscribed
     */
    default TopicSubscription subscribe(EventManager manager, Consumer<? super Message> consumer) {
        Objects.requireNonNull(consumer, "consumer");
        return subscribe(manager, SubscriptionOptions.DEFAULT, (subscription, event) -> {
            if (event instanceof TopicEvent.Published published) {
                consumer.accept(published.message());
            }
        });
    }

    /**
     * May be called from any thread. Subscribes a handler, which hears of all that happens. This is what other
     * receivers are made of: on a TCP connection that is no longer writable the handler pauses, and on {@code Writable}
     * resumes.
     *
     * @param manager on whose loop it is called
     * @param options which messages, how many may wait while it pauses, as whom
     * @param handler hears what happens
     * @return the subscription
     * @throws dev.meerkat.ManagerClosedException if the manager is closed
     * @throws IllegalStateException if the topic is closed, or too many have subscribed
     */
    TopicSubscription subscribe(EventManager manager, SubscriptionOptions options, TopicHandler handler);

    /**
     * May be called from any thread. Who is here: the subscriptions of this process that have given a name.
     *
     * @return a copy, in the order in which they came
     */
    List<Member> members();

    /**
     * May be called from any thread.
     *
     * @return counts at this moment
     */
    TopicStatistics statistics();

    /**
     * May be called from any thread. Ends all subscriptions, behind what was published, and leaves the bus. What waits
     * for the slow, and for a bus that is away, is dropped. WebSockets stay open. A second call does nothing.
     */
    @Override
    void close();
}
