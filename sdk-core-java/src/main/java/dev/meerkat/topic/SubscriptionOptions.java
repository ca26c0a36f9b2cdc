package dev.meerkat.topic;

import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * How somebody subscribes. Immutable.
 *
 * @param filter which messages are wanted, replayed ones included; all by default. Asked on the loop thread; one that
 *     throws counts as false and is reported to the manager's error hook
 * @param waitingMessages how many messages may wait for a slow receiver, beside what its connection holds; 256 by
 *     default, as for server-sent events (SignalR keeps 10 streamed items, Reactor 256)
 * @param waitingBytes how many bytes may wait; 256 KiB by default; a message that waits alone may be larger
 * @param whenFull what becomes of a message that has no room; {@link WhenFull#CLOSE} by default
 * @param replay how many of the messages that the topic keeps are delivered first; all that there are by default
 * @param member under which name others see the subscription; nobody sees it by default
 * @param presence whether to be told who is here, comes and goes; false by default
 */
public record SubscriptionOptions(
        Predicate<? super TopicEvent.Published> filter,
        int waitingMessages,
        int waitingBytes,
        WhenFull whenFull,
        int replay,
        Optional<String> member,
        boolean presence) {
    /** The defaults. */
    public static final SubscriptionOptions DEFAULT = builder().build();

    // Checks every value; a bad one is an IllegalArgumentException that names it.
    public SubscriptionOptions {
        Objects.requireNonNull(filter, "filter");
        Objects.requireNonNull(whenFull, "whenFull");
        Objects.requireNonNull(member, "member");
        TopicOptions.require("waitingMessages", waitingMessages, 1);
        TopicOptions.require("waitingBytes", waitingBytes, 1);
        TopicOptions.require("replay", replay, 0);
        if (member.isPresent() && member.get().length() > Member.MOST_CHARACTERS) {
            throw new IllegalArgumentException("expected member of at most " + Member.MOST_CHARACTERS
                    + " characters, found " + member.get().length());
        }
    }

    /**
     * Tells whether a filter was given.
     *
     * @return whether some messages may not be wanted
     */
    public boolean hasFilter() {
        return filter != Builder.ALL;
    }

    /**
     * Starts from the defaults.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /** Collects options; each method answers the builder itself. */
    public static final class Builder {
        /** Known by identity, so that it need not be asked. */
        private static final Predicate<TopicEvent.Published> ALL = Builder::everything;

        private Predicate<? super TopicEvent.Published> filter = ALL;
        private int waitingMessages = 256;
        private int waitingBytes = 256 << 10;
        private WhenFull whenFull = WhenFull.CLOSE;
        private int replay = Integer.MAX_VALUE;
        private Optional<String> member = Optional.empty();
        private boolean presence;

        private Builder() {}

        private static boolean everything(TopicEvent.Published message) {
            return true;
        }

        /**
         * Which messages are wanted.
         *
         * @param value asked for each, on the loop thread
         * @return this
         */
        public Builder filter(Predicate<? super TopicEvent.Published> value) {
            filter = Objects.requireNonNull(value, "filter");
            return this;
        }

        /**
         * How much may wait for a slow receiver.
         *
         * @param messages 1 or more
         * @param bytes 1 or more
         * @return this
         */
        public Builder waiting(int messages, int bytes) {
            waitingMessages = messages;
            waitingBytes = bytes;
            return this;
        }

        /**
         * What becomes of a message that has no room.
         *
         * @param value the policy
         * @return this
         */
        public Builder whenFull(WhenFull value) {
            whenFull = Objects.requireNonNull(value, "whenFull");
            return this;
        }

        /**
         * How many of the messages that the topic keeps are delivered first.
         *
         * @param messages the newest so many; 0 for none
         * @return this
         */
        public Builder replay(int messages) {
            replay = messages;
            return this;
        }

        /**
         * Under which name others see the subscription.
         *
         * @param name at most 256 characters
         * @return this
         */
        public Builder member(String name) {
            member = Optional.of(name);
            return this;
        }

        /**
         * Whether to be told who is here, comes and goes.
         *
         * @param value whether
         * @return this
         */
        public Builder presence(boolean value) {
            presence = value;
            return this;
        }

        /**
         * Makes the options.
         *
         * @return the options
         * @throws IllegalArgumentException if a value is out of its range
         */
        public SubscriptionOptions build() {
            return new SubscriptionOptions(filter, waitingMessages, waitingBytes, whenFull, replay, member, presence);
        }
    }
}
