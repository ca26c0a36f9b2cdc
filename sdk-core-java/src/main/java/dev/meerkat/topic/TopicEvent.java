package dev.meerkat.topic;

import dev.meerkat.websocket.Message;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What happens in a topic. Whatever has a sequence number has the same one for every subscriber of this process, and
 * every subscriber sees the numbers rise; some may be left out, by its filter or its policy.
 *
 * <pre>
 * Subscribed Published* (Published | Joined | Left | BusLost | BusResumed | Missed)* Ended?
 * </pre>
 *
 * <p>The first {@code Published} are the replay, the others are new; there is no gap and no message twice between them.
 */
public sealed interface TopicEvent {
    /**
     * The subscription has begun.
     *
     * @param sequence the last number that was given before; all that follows live has a larger one
     * @param replayed how many older messages follow first, before the filter has been asked
     * @param members who is here, in the order in which they came, this subscription included; empty unless
     *     {@link SubscriptionOptions#presence} was asked for
     */
    record Subscribed(long sequence, int replayed, List<Member> members) implements TopicEvent {
        // Copies the list.
        public Subscribed {
            members = List.copyOf(members);
        }
    }

    /**
     * A message was published.
     *
     * @param sequence its place in the order of this process
     * @param message what was published, shared by all receivers
     * @param key what it is about, for {@link WhenFull#CONFLATE}
     * @param remote whether it came over the {@link TopicBus}, from another process
     */
    record Published(long sequence, Message message, Optional<String> key, boolean remote) implements TopicEvent {
        // Rejects missing parts.
        public Published {
            Objects.requireNonNull(message, "message");
            Objects.requireNonNull(key, "key");
        }

        /**
         * The message as text.
         *
         * @return the text; malformed bytes become U+FFFD
         */
        public String text() {
            return message.text();
        }
    }

    /**
     * Somebody has come. Told to those who asked for {@link SubscriptionOptions#presence}.
     *
     * @param sequence its place in the order
     * @param member who
     */
    record Joined(long sequence, Member member) implements TopicEvent {}

    /**
     * Somebody has gone, for whatever reason. Told to those who asked for {@link SubscriptionOptions#presence}.
     *
     * @param sequence its place in the order
     * @param member who
     */
    record Left(long sequence, Member member) implements TopicEvent {}

    /**
     * Something is missing before the next event: the policy has taken it away, or the loop was so far behind that the
     * topic does not have it any more.
     *
     * @param sequence the number of the event that comes next
     * @param count how many messages; some of them might have been for others, if the subscription has a filter
     */
    record Missed(long sequence, long count) implements TopicEvent {}

    /**
     * The bus is away. Messages of this process go on to its own subscribers; for the others they wait, within
     * {@link TopicOptions#awayMessages} and {@link TopicOptions#awayBytes}.
     *
     * @param sequence its place in the order
     * @param reason what the bus says, for people
     */
    record BusLost(long sequence, String reason) implements TopicEvent {}

    /**
     * The bus is there, for the first time or again. What waited leaves now. What other processes published meanwhile
     * has not come, unless the bus keeps it.
     *
     * @param sequence its place in the order
     * @param dropped how many messages of this process had no room to wait since the last time
     */
    record BusResumed(long sequence, long dropped) implements TopicEvent {}

    /**
     * The subscription has ended, and not because the program ended it. The last event.
     *
     * @param reason why
     */
    record Ended(Reason reason) implements TopicEvent {
        /** Why a subscription ends. */
        public enum Reason {
            /** It was too slow, and its policy is {@link WhenFull#CLOSE}. */
            TOO_SLOW,
            /** Its WebSocket is closing or closed. */
            RECEIVER_CLOSED,
            /** Its manager was closed. */
            MANAGER_CLOSED,
            /** The topic was closed. */
            TOPIC_CLOSED
        }
    }
}
