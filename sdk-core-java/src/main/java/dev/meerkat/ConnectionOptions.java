package dev.meerkat;

import dev.meerkat.internal.check.Ranges;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How one connection behaves. An {@link Acceptor} hands its own to every connection it accepts; a living connection
 * takes others by {@link Connection#configure}.
 *
 * @param noDelay whether small writes leave at once (TCP_NODELAY); on by default, because a manager already gathers the
 *     writes of one turn
 * @param keepAlive whether the operating system probes an idle peer (SO_KEEPALIVE); on by default, so that a vanished
 *     peer is noticed in the end
 * @param receiveBufferBytes the size asked of the operating system for its receive buffer; 0, the default, leaves it to
 *     the system, which tunes it itself
 * @param sendBufferBytes the size asked of the operating system for its send buffer; 0, the default, leaves it to the
 *     system, which tunes it itself
 * @param receiveLimit the most unread bytes a connection holds; at the limit it stops reading and TCP holds the peer
 *     back. 1 MiB by default: above any sensible line or header, below what ten thousand hostile peers could hurt with
 * @param highWaterMark how many unsent bytes make a connection not writable; 64 KiB by default, about what a kernel
 *     takes in one go
 * @param lowWaterMark how few unsent bytes make it writable again; 16 KiB by default, so that the sender returns before
 *     the pipe runs dry
 * @param sendLimit the most unsent bytes a connection holds; what goes beyond is refused with a
 *     {@link SendLimitException}. 16 MiB by default: room for one large message
 * @param halfClose whether the connection stays open for sending after the peer has ended its side; off by default,
 *     when it closes by itself after {@code InputClosed}
 * @param closeTimeout how long {@link Connection#close()} waits for what was sent to leave before it aborts; 10 s by
 *     default
 * @param lingerTimeout how long a closed connection waits for the peer to end its side, throwing away what still
 *     arrives; a socket closed with unread input resets the peer, which may then never read our last words. 1 s by
 *     default; zero closes at once
 * @param slowReceiver what a broadcast does with this connection while it is not writable; by default it goes without
 *     the message
 * @param sentEvents whether the connection receives {@code Sent} events; off by default, because they cost one record
 *     per write
 * @param ticks whether the connection receives {@code Tick} events; off by default, because they cost a call per
 *     connection and interval
 * @param attachment makes the object that a connection starts with as its {@linkplain Connection#attachment
 *     attachment}, its session for instance; called on the loop thread, once for every connection, before its first
 *     event. Null, the default, for none. What it throws refuses an accepted connection, and comes out of
 *     {@code connect}
 */
public record ConnectionOptions(
        boolean noDelay,
        boolean keepAlive,
        int receiveBufferBytes,
        int sendBufferBytes,
        int receiveLimit,
        int highWaterMark,
        int lowWaterMark,
        int sendLimit,
        boolean halfClose,
        Duration closeTimeout,
        Duration lingerTimeout,
        SlowReceiverPolicy slowReceiver,
        boolean sentEvents,
        boolean ticks,
        @Nullable Supplier<?> attachment) {
    /** The defaults. */
    public static final ConnectionOptions DEFAULT = builder().build();

    // Checks every value; a bad one is an IllegalArgumentException that names it.
    public ConnectionOptions {
        Objects.requireNonNull(slowReceiver, "slowReceiver");
        if (receiveBufferBytes < 0 || sendBufferBytes < 0) {
            throw new IllegalArgumentException(
                    "buffer sizes must not be negative: " + receiveBufferBytes + ", " + sendBufferBytes);
        }
        Ranges.atLeast("receiveLimit", receiveLimit, 1);
        Ranges.atLeast("highWaterMark", highWaterMark, 1);
        Ranges.atLeast("sendLimit", sendLimit, 1);
        if (lowWaterMark < 0 || lowWaterMark >= highWaterMark) {
            throw new IllegalArgumentException(
                    "lowWaterMark must be at least 0 and below highWaterMark " + highWaterMark + ": " + lowWaterMark);
        }
        if (sendLimit < highWaterMark) {
            throw new IllegalArgumentException(
                    "sendLimit must be at least highWaterMark " + highWaterMark + ": " + sendLimit);
        }
        Ranges.notNegative("closeTimeout", closeTimeout);
        Ranges.notNegative("lingerTimeout", lingerTimeout);
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
        builder.noDelay = noDelay;
        builder.keepAlive = keepAlive;
        builder.receiveBufferBytes = receiveBufferBytes;
        builder.sendBufferBytes = sendBufferBytes;
        builder.receiveLimit = receiveLimit;
        builder.highWaterMark = highWaterMark;
        builder.lowWaterMark = lowWaterMark;
        builder.sendLimit = sendLimit;
        builder.halfClose = halfClose;
        builder.closeTimeout = closeTimeout;
        builder.lingerTimeout = lingerTimeout;
        builder.slowReceiver = slowReceiver;
        builder.sentEvents = sentEvents;
        builder.ticks = ticks;
        builder.attachment = attachment;
        return builder;
    }

    /** Collects options; each method answers the builder itself. */
    public static final class Builder {
        private boolean noDelay = true;
        private boolean keepAlive = true;
        private int receiveBufferBytes = 0;
        private int sendBufferBytes = 0;
        private int receiveLimit = 1 << 20;
        private int highWaterMark = 64 << 10;
        private int lowWaterMark = 16 << 10;
        private int sendLimit = 16 << 20;
        private boolean halfClose = false;
        private Duration closeTimeout = Duration.ofSeconds(10);
        private Duration lingerTimeout = Duration.ofSeconds(1);
        private SlowReceiverPolicy slowReceiver = SlowReceiverPolicy.DROP;
        private boolean sentEvents = false;
        private boolean ticks = false;
        private @Nullable Supplier<?> attachment;

        private Builder() {}

        /**
         * Sets whether small writes leave at once (TCP_NODELAY).
         *
         * @param value the new value
         * @return this builder
         */
        public Builder noDelay(boolean value) {
            noDelay = value;
            return this;
        }

        /**
         * Sets whether the operating system probes an idle peer (SO_KEEPALIVE).
         *
         * @param value the new value
         * @return this builder
         */
        public Builder keepAlive(boolean value) {
            keepAlive = value;
            return this;
        }

        /**
         * Sets the size asked of the operating system for its receive buffer.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder receiveBufferBytes(int value) {
            receiveBufferBytes = value;
            return this;
        }

        /**
         * Sets the size asked of the operating system for its send buffer.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder sendBufferBytes(int value) {
            sendBufferBytes = value;
            return this;
        }

        /**
         * Sets the most unread bytes a connection holds.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder receiveLimit(int value) {
            receiveLimit = value;
            return this;
        }

        /**
         * Sets how many unsent bytes make a connection not writable.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder highWaterMark(int value) {
            highWaterMark = value;
            return this;
        }

        /**
         * Sets how few unsent bytes make it writable again.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder lowWaterMark(int value) {
            lowWaterMark = value;
            return this;
        }

        /**
         * Sets the most unsent bytes a connection holds.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder sendLimit(int value) {
            sendLimit = value;
            return this;
        }

        /**
         * Sets whether the connection stays open for sending after the peer has ended its side.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder halfClose(boolean value) {
            halfClose = value;
            return this;
        }

        /**
         * Sets how long {@link Connection#close()} waits for what was sent to leave before it aborts.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder closeTimeout(Duration value) {
            closeTimeout = value;
            return this;
        }

        /**
         * Sets how long a closed connection waits for the peer to end its side, throwing away what still arrives.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder lingerTimeout(Duration value) {
            lingerTimeout = value;
            return this;
        }

        /**
         * Sets what a broadcast does with this connection while it is not writable.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder slowReceiver(SlowReceiverPolicy value) {
            slowReceiver = value;
            return this;
        }

        /**
         * Sets whether the connection receives {@code Sent} events.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder sentEvents(boolean value) {
            sentEvents = value;
            return this;
        }

        /**
         * Sets whether the connection receives {@code Tick} events.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder ticks(boolean value) {
            ticks = value;
            return this;
        }

        /**
         * Sets what makes the object that each connection starts with as its attachment.
         *
         * @param value called once for every connection, or null for none
         * @return this builder
         */
        public Builder attachment(@Nullable Supplier<?> value) {
            attachment = value;
            return this;
        }

        /**
         * Makes the options.
         *
         * @return the options
         * @throws IllegalArgumentException if a value is out of range
         */
        public ConnectionOptions build() {
            return new ConnectionOptions(
                    noDelay,
                    keepAlive,
                    receiveBufferBytes,
                    sendBufferBytes,
                    receiveLimit,
                    highWaterMark,
                    lowWaterMark,
                    sendLimit,
                    halfClose,
                    closeTimeout,
                    lingerTimeout,
                    slowReceiver,
                    sentEvents,
                    ticks,
                    attachment);
        }
    }
}
