package dev.meerkat.websocket;

import dev.meerkat.internal.check.Ranges;
import java.time.Duration;
import java.util.Objects;

/**
 * How a WebSocket behaves, on either side. Immutable. Precedents are defaults of their current releases.
 *
 * @param messageBytes the longest message that is received, decompressed; 1 MiB by default (Netty 64 KiB a frame, Jetty
 *     64 KiB, {@code ws} 100 MiB, libwebsockets none). A longer one is answered with 1009 as soon as its length is
 *     known. With {@link Delivery#FRAGMENTS} nothing is held and the limit is not applied
 * @param unfinishedBytes how many bytes of messages that have not come whole all WebSockets of one protocol, or of one
 *     client, may hold together, those of all managers counted; a quarter of the largest heap by default, so that peers
 *     that begin long messages and do not end them cannot fill it. For whom there is no room, it is closed with 1013. A
 *     message that comes in one piece is held nowhere and needs none, nor does one that is delivered by
 *     {@link Delivery#FRAGMENTS}, unless reading is paused while it is being decompressed
 * @param messageTimeout how long the peer may take for a message or a control frame, from its first byte to its last;
 *     30 s by default; {@link Duration#ZERO} for ever. Then the WebSocket is closed with 1008 and
 *     {@link WebSocketRule#MESSAGE_TOO_SLOW}, unless enough has come of the message: see {@code messageRate}. It holds
 *     for messages that are delivered by fragments, too. While reading is paused the peer is not judged, and has all of
 *     the time again afterwards
 * @param messageRate how many bytes of a message's payload, as they are sent, must come in a second, on average over
 *     each {@code messageTimeout}, for a message to go on beyond it; 240 by default, as of a body of HTTP, so that long
 *     messages may come on slow lines; {@link Integer#MAX_VALUE} makes the time-out one for the whole message
 * @param delivery whole messages by default
 * @param fragmentBytes the largest piece of {@link WebSocketEvent.Fragment}; 64 KiB by default (libwebsockets 4,096)
 * @param pingInterval after how long a silence of the peer a ping is sent; 30 s by default, as many proxies forget a
 *     connection after 60 s; {@link Duration#ZERO} sends none
 * @param pongTimeout how long the peer may take for its pong, or to send anything else; 20 s by default (Python's
 *     websockets 20 s). Then the connection is aborted and {@code Closed} says 1006, by MANAGER. It begins anew as long
 *     as the peer takes what was sent before the ping, since its pong cannot come before. While reading is paused
 *     nobody is judged, as the pong would not be read; pings are sent all the same, and one that finds the connection
 *     reset ends it. A peer that has vanished without a reset is then noticed by TCP alone, which on Linux gives a ping
 *     up after about 15 minutes
 * @param idleTimeout after how long without a message in either direction the WebSocket is closed with 1001;
 *     {@link Duration#ZERO}, the default, never. Any part of a message that arrives counts, and any that the program
 *     sends, when it sends it; pings and pongs do not count
 * @param closeTimeout how long the closing handshake and the end of the connection may take; 10 s by default (Python's
 *     websockets 10 s, {@code ws} 30 s)
 * @param compression whether and how messages are compressed (RFC 7692)
 */
public record WebSocketOptions(
        int messageBytes,
        long unfinishedBytes,
        Duration messageTimeout,
        int messageRate,
        Delivery delivery,
        int fragmentBytes,
        Duration pingInterval,
        Duration pongTimeout,
        Duration idleTimeout,
        Duration closeTimeout,
        CompressionOptions compression) {
    /** The defaults. */
    public static final WebSocketOptions DEFAULT = builder().build();

    // Checks every value; a bad one is an IllegalArgumentException that names it.
    public WebSocketOptions {
        Ranges.atLeast("messageBytes", messageBytes, 0);
        Ranges.atLeast("unfinishedBytes", unfinishedBytes, 0);
        Ranges.notNegative("messageTimeout", messageTimeout);
        Ranges.atLeast("messageRate", messageRate, 1);
        Objects.requireNonNull(delivery, "delivery");
        Ranges.atLeast("fragmentBytes", fragmentBytes, 1);
        Ranges.notNegative("pingInterval", pingInterval);
        Ranges.positive("pongTimeout", pongTimeout);
        Ranges.notNegative("idleTimeout", idleTimeout);
        Ranges.positive("closeTimeout", closeTimeout);
        Objects.requireNonNull(compression, "compression");
    }

    /**
     * Starts from the defaults.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Starts from these options.
     *
     * @return a new builder
     */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.messageBytes = messageBytes;
        builder.unfinishedBytes = unfinishedBytes;
        builder.messageTimeout = messageTimeout;
        builder.messageRate = messageRate;
        builder.delivery = delivery;
        builder.fragmentBytes = fragmentBytes;
        builder.pingInterval = pingInterval;
        builder.pongTimeout = pongTimeout;
        builder.idleTimeout = idleTimeout;
        builder.closeTimeout = closeTimeout;
        builder.compression = compression;
        return builder;
    }

    /** Collects options; each method answers the builder itself. */
    public static final class Builder {
        private int messageBytes = 1 << 20;
        private long unfinishedBytes = Runtime.getRuntime().maxMemory() / 4;
        private Duration messageTimeout = Duration.ofSeconds(30);
        private int messageRate = 240;
        private Delivery delivery = Delivery.MESSAGES;
        private int fragmentBytes = 64 * 1024;
        private Duration pingInterval = Duration.ofSeconds(30);
        private Duration pongTimeout = Duration.ofSeconds(20);
        private Duration idleTimeout = Duration.ZERO;
        private Duration closeTimeout = Duration.ofSeconds(10);
        private CompressionOptions compression = CompressionOptions.DEFAULT;

        private Builder() {}

        /**
         * The longest message that is received.
         *
         * @param value in bytes, 0 or more
         * @return this
         */
        public Builder messageBytes(int value) {
            messageBytes = value;
            return this;
        }

        /**
         * How much of messages that have not come whole all WebSockets may hold together.
         *
         * @param value in bytes, 0 or more
         * @return this
         */
        public Builder unfinishedBytes(long value) {
            unfinishedBytes = value;
            return this;
        }

        /**
         * How long the peer may take for a message.
         *
         * @param value zero for ever
         * @return this
         */
        public Builder messageTimeout(Duration value) {
            messageTimeout = Objects.requireNonNull(value, "messageTimeout");
            return this;
        }

        /**
         * How fast a message has to come that takes longer than its time-out.
         *
         * @param value in bytes of payload a second, 1 or more
         * @return this
         */
        public Builder messageRate(int value) {
            messageRate = value;
            return this;
        }

        /**
         * In what units messages are delivered.
         *
         * @param value whole messages or pieces
         * @return this
         */
        public Builder delivery(Delivery value) {
            delivery = Objects.requireNonNull(value, "delivery");
            return this;
        }

        /**
         * The largest piece that is delivered.
         *
         * @param value in bytes, 1 or more
         * @return this
         */
        public Builder fragmentBytes(int value) {
            fragmentBytes = value;
            return this;
        }

        /**
         * After how long a silence of the peer a ping is sent.
         *
         * @param value zero for never
         * @return this
         */
        public Builder pingInterval(Duration value) {
            pingInterval = Objects.requireNonNull(value, "pingInterval");
            return this;
        }

        /**
         * How long the peer may take for its pong.
         *
         * @param value positive
         * @return this
         */
        public Builder pongTimeout(Duration value) {
            pongTimeout = Objects.requireNonNull(value, "pongTimeout");
            return this;
        }

        /**
         * After how long without a message the WebSocket is closed.
         *
         * @param value zero for never
         * @return this
         */
        public Builder idleTimeout(Duration value) {
            idleTimeout = Objects.requireNonNull(value, "idleTimeout");
            return this;
        }

        /**
         * How long the closing handshake may take.
         *
         * @param value positive
         * @return this
         */
        public Builder closeTimeout(Duration value) {
            closeTimeout = Objects.requireNonNull(value, "closeTimeout");
            return this;
        }

        /**
         * Whether and how messages are compressed.
         *
         * @param value the options of permessage-deflate
         * @return this
         */
        public Builder compression(CompressionOptions value) {
            compression = Objects.requireNonNull(value, "compression");
            return this;
        }

        /**
         * Makes the options.
         *
         * @return immutable options
         * @throws IllegalArgumentException if a value is out of its range; the message names it
         */
        public WebSocketOptions build() {
            return new WebSocketOptions(
                    messageBytes,
                    unfinishedBytes,
                    messageTimeout,
                    messageRate,
                    delivery,
                    fragmentBytes,
                    pingInterval,
                    pongTimeout,
                    idleTimeout,
                    closeTimeout,
                    compression);
        }
    }
}
