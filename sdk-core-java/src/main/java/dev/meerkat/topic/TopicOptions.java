package dev.meerkat.topic;

import dev.meerkat.websocket.Message;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/**
 * How a topic behaves. Immutable.
 *
 * @param replayMessages how many of the last messages are kept for those who come later; none by default
 * @param replayBytes how many bytes they may have together; 1 MiB by default. The last message is kept however long
 * @param messageBytes the longest message, key included; 1 MiB by default, as of a broadcast
 * @param backlogMessages how many events a loop may be behind the publishers; 4,096 by default, as many as a loop takes
 *     from its mailbox in a turn. A loop that is further behind misses the oldest, and its subscribers are treated as
 *     too slow; the other loops notice nothing
 * @param backlogBytes how many bytes a loop may be behind; 16 MiB by default
 * @param subscriptions how many there may be; 1,000,000 by default, as many as a manager has closing tasks
 * @param toWebSockets how events that are no messages look to WebSockets; empty for those that they are not told. By
 *     default they are told nothing but messages. It is asked on loop threads, at least once for an event and hardly
 *     ever for each receiver
 * @param bus what carries the topic between processes; none by default
 * @param awayMessages how many messages wait for the bus while it is away; 1,024 by default
 * @param awayBytes how many bytes wait for the bus; 1 MiB by default; a message that waits alone may be larger
 * @param whenAwayFull what becomes of messages that have no room to wait for the bus; {@link WhenFull#DROP_OLDEST} by
 *     default. {@link WhenFull#CLOSE} is not possible
 */
public record TopicOptions(
        int replayMessages,
        int replayBytes,
        int messageBytes,
        int backlogMessages,
        int backlogBytes,
        int subscriptions,
        Function<? super TopicEvent, Optional<Message>> toWebSockets,
        Optional<TopicBus> bus,
        int awayMessages,
        int awayBytes,
        WhenFull whenAwayFull) {
    /** The defaults. */
    public static final TopicOptions DEFAULT = builder().build();

    // Checks every value; a bad one is an IllegalArgumentException that names it.
    public TopicOptions {
        require("replayMessages", replayMessages, 0);
        require("replayBytes", replayBytes, 1);
        require("messageBytes", messageBytes, 0);
        require("backlogMessages", backlogMessages, 1);
        require("backlogBytes", backlogBytes, 1);
        require("subscriptions", subscriptions, 1);
        Objects.requireNonNull(toWebSockets, "toWebSockets");
        Objects.requireNonNull(bus, "bus");
        require("awayMessages", awayMessages, 1);
        require("awayBytes", awayBytes, 1);
        if (whenAwayFull == WhenFull.CLOSE) {
            throw new IllegalArgumentException("whenAwayFull must not be CLOSE: a topic does not close its bus");
        }
    }

    static void require(String name, int value, int least) {
        if (value < least) {
            throw new IllegalArgumentException("expected " + name + " from " + least + ", found " + value);
        }
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
        private int replayMessages;
        private int replayBytes = 1 << 20;
        private int messageBytes = 1 << 20;
        private int backlogMessages = 4_096;
        private int backlogBytes = 16 << 20;
        private int subscriptions = 1_000_000;
        private Function<? super TopicEvent, Optional<Message>> toWebSockets = event -> Optional.empty();
        private Optional<TopicBus> bus = Optional.empty();
        private int awayMessages = 1_024;
        private int awayBytes = 1 << 20;
        private WhenFull whenAwayFull = WhenFull.DROP_OLDEST;

        private Builder() {}

        /**
         * What is kept for those who come later.
         *
         * @param messages the last so many; 0 for none
         * @param bytes at most so many together, 1 or more
         * @return this
         */
        public Builder replay(int messages, int bytes) {
            replayMessages = messages;
            replayBytes = bytes;
            return this;
        }

        /**
         * The longest message.
         *
         * @param value in bytes, 0 or more
         * @return this
         */
        public Builder messageBytes(int value) {
            messageBytes = value;
            return this;
        }

        /**
         * How far a loop may be behind the publishers.
         *
         * @param messages 1 or more
         * @param bytes 1 or more
         * @return this
         */
        public Builder backlog(int messages, int bytes) {
            backlogMessages = messages;
            backlogBytes = bytes;
            return this;
        }

        /**
         * How many subscriptions there may be.
         *
         * @param value 1 or more
         * @return this
         */
        public Builder subscriptions(int value) {
            subscriptions = value;
            return this;
        }

        /**
         * How events that are no messages look to WebSockets.
         *
         * @param value makes a message of an event, or none
         * @return this
         */
        public Builder toWebSockets(Function<? super TopicEvent, Optional<Message>> value) {
            toWebSockets = Objects.requireNonNull(value, "toWebSockets");
            return this;
        }

        /**
         * What carries the topic between processes.
         *
         * @param value the bus; the program closes it, after the topic
         * @return this
         */
        public Builder bus(TopicBus value) {
            bus = Optional.of(value);
            return this;
        }

        /**
         * How much may wait for the bus while it is away.
         *
         * @param messages 1 or more
         * @param bytes 1 or more
         * @param whenFull what becomes of more
         * @return this
         */
        public Builder away(int messages, int bytes, WhenFull whenFull) {
            awayMessages = messages;
            awayBytes = bytes;
            whenAwayFull = Objects.requireNonNull(whenFull, "whenFull");
            return this;
        }

        /**
         * Makes the options.
         *
         * @return the options
         * @throws IllegalArgumentException if a value is out of its range
         */
        public TopicOptions build() {
            return new TopicOptions(
                    replayMessages,
                    replayBytes,
                    messageBytes,
                    backlogMessages,
                    backlogBytes,
                    subscriptions,
                    toWebSockets,
                    bus,
                    awayMessages,
                    awayBytes,
                    whenAwayFull);
        }
    }
}
