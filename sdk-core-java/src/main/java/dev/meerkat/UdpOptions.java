package dev.meerkat;

import dev.meerkat.internal.check.Ranges;
import java.time.Duration;
import java.util.Objects;

/**
 * How a {@link UdpSocket} behaves. Every limit has a default.
 *
 * @param broadcast whether the socket may send to broadcast addresses (SO_BROADCAST); off by default, when the system
 *     refuses it, so that nobody floods a network by a wrong address
 * @param reusePort whether several sockets may share the port (SO_REUSEPORT); off by default, when the port is this
 *     socket's alone; each of several receivers of a multicast group needs it
 * @param receiveBufferBytes the size asked of the operating system for its receive buffer; 0, the default, leaves it to
 *     the system; what arrives when it is full is lost
 * @param sendBufferBytes the size asked of the operating system for its send buffer; 0, the default, leaves it to the
 *     system
 * @param datagramLimit the longest payload that is received whole, in bytes; of a longer one the beginning is delivered
 *     and marked as truncated; by default 65,527, the most that a datagram can carry
 * @param datagramsPerTurn how many datagrams one turn of the loop receives before it serves other sockets; 64 by
 *     default, some tens of microseconds, so that a flood does not starve anybody else
 * @param highWaterMark how much has to wait for the system to make the socket not writable, in bytes; 64 KiB by default
 * @param lowWaterMark how little makes it writable again, in bytes; 16 KiB by default
 * @param sendLimit how much may wait for the system, in bytes, where each datagram counts
 *     {@link UdpSocket#DATAGRAM_OVERHEAD} more than its payload; what goes beyond is refused with a
 *     {@link SendLimitException}; 4 MiB by default, since datagrams that are late are rarely of use
 * @param closeTimeout how long {@link UdpSocket#close()} waits for what waits to leave; 1 s by default
 * @param connectTimeout how long looking up the name of a peer may take; 30 s by default
 * @param multicastTtl how many routers a multicast datagram may pass, plus one (IP_MULTICAST_TTL, RFC 1112 §6.1), 0 to
 *     255; 1 by default, the local network; 0 does not leave the host
 * @param multicastLoopback whether multicast datagrams that this socket sends reach members on the same host
 *     (IP_MULTICAST_LOOP); on by default
 * @param multicastInterface the name of the interface that multicast datagrams leave by (IP_MULTICAST_IF); empty, the
 *     default, leaves it to the system
 * @param ticks whether the socket receives {@code Tick} events; off by default
 */
public record UdpOptions(
        boolean broadcast,
        boolean reusePort,
        int receiveBufferBytes,
        int sendBufferBytes,
        int datagramLimit,
        int datagramsPerTurn,
        int highWaterMark,
        int lowWaterMark,
        int sendLimit,
        Duration closeTimeout,
        Duration connectTimeout,
        int multicastTtl,
        boolean multicastLoopback,
        String multicastInterface,
        boolean ticks) {
    /** The defaults. */
    public static final UdpOptions DEFAULT = builder().build();

    private static final int MAX_DATAGRAM = 65_527;

    // Checks every value; a bad one is an IllegalArgumentException that names it.
    public UdpOptions {
        Objects.requireNonNull(multicastInterface, "multicastInterface");
        Ranges.atLeast("receiveBufferBytes", receiveBufferBytes, 0);
        Ranges.atLeast("sendBufferBytes", sendBufferBytes, 0);
        Ranges.within("datagramLimit", datagramLimit, 0, MAX_DATAGRAM);
        Ranges.atLeast("datagramsPerTurn", datagramsPerTurn, 1);
        Ranges.atLeast("highWaterMark", highWaterMark, 1);
        Ranges.within("lowWaterMark", lowWaterMark, 0, highWaterMark - 1);
        Ranges.atLeast("sendLimit", sendLimit, highWaterMark);
        Ranges.within("multicastTtl", multicastTtl, 0, 255);
        Ranges.notNegative("closeTimeout", closeTimeout);
        Ranges.positive("connectTimeout", connectTimeout);
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
        builder.broadcast = broadcast;
        builder.reusePort = reusePort;
        builder.receiveBufferBytes = receiveBufferBytes;
        builder.sendBufferBytes = sendBufferBytes;
        builder.datagramLimit = datagramLimit;
        builder.datagramsPerTurn = datagramsPerTurn;
        builder.highWaterMark = highWaterMark;
        builder.lowWaterMark = lowWaterMark;
        builder.sendLimit = sendLimit;
        builder.closeTimeout = closeTimeout;
        builder.connectTimeout = connectTimeout;
        builder.multicastTtl = multicastTtl;
        builder.multicastLoopback = multicastLoopback;
        builder.multicastInterface = multicastInterface;
        builder.ticks = ticks;
        return builder;
    }

    /** Collects options; each method answers the builder itself. */
    public static final class Builder {
        private boolean broadcast = false;
        private boolean reusePort = false;
        private int receiveBufferBytes = 0;
        private int sendBufferBytes = 0;
        private int datagramLimit = 65_527;
        private int datagramsPerTurn = 64;
        private int highWaterMark = 64 << 10;
        private int lowWaterMark = 16 << 10;
        private int sendLimit = 4 << 20;
        private Duration closeTimeout = Duration.ofSeconds(1);
        private Duration connectTimeout = Duration.ofSeconds(30);
        private int multicastTtl = 1;
        private boolean multicastLoopback = true;
        private String multicastInterface = "";
        private boolean ticks = false;

        private Builder() {}

        /**
         * Sets whether the socket may send to broadcast addresses (SO_BROADCAST).
         *
         * @param value the new value
         * @return this builder
         */
        public Builder broadcast(boolean value) {
            broadcast = value;
            return this;
        }

        /**
         * Sets whether several sockets may share the port (SO_REUSEPORT).
         *
         * @param value the new value
         * @return this builder
         */
        public Builder reusePort(boolean value) {
            reusePort = value;
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
         * Sets the longest payload that is received whole, in bytes.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder datagramLimit(int value) {
            datagramLimit = value;
            return this;
        }

        /**
         * Sets how many datagrams one turn of the loop receives before it serves other sockets.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder datagramsPerTurn(int value) {
            datagramsPerTurn = value;
            return this;
        }

        /**
         * Sets how much has to wait for the system to make the socket not writable, in bytes.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder highWaterMark(int value) {
            highWaterMark = value;
            return this;
        }

        /**
         * Sets how little makes it writable again, in bytes.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder lowWaterMark(int value) {
            lowWaterMark = value;
            return this;
        }

        /**
         * Sets how much may wait for the system, in bytes, where each datagram counts
         * {@link UdpSocket#DATAGRAM_OVERHEAD} more than its payload.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder sendLimit(int value) {
            sendLimit = value;
            return this;
        }

        /**
         * Sets how long {@link UdpSocket#close()} waits for what waits to leave.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder closeTimeout(Duration value) {
            closeTimeout = value;
            return this;
        }

        /**
         * Sets how long looking up the name of a peer may take.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder connectTimeout(Duration value) {
            connectTimeout = value;
            return this;
        }

        /**
         * Sets how many routers a multicast datagram may pass, plus one (IP_MULTICAST_TTL, RFC 1112 §6.1), 0 to 255.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder multicastTtl(int value) {
            multicastTtl = value;
            return this;
        }

        /**
         * Sets whether multicast datagrams that this socket sends reach members on the same host (IP_MULTICAST_LOOP).
         *
         * @param value the new value
         * @return this builder
         */
        public Builder multicastLoopback(boolean value) {
            multicastLoopback = value;
            return this;
        }

        /**
         * Sets the name of the interface that multicast datagrams leave by (IP_MULTICAST_IF).
         *
         * @param value the new value
         * @return this builder
         */
        public Builder multicastInterface(String value) {
            multicastInterface = value;
            return this;
        }

        /**
         * Sets whether the socket receives {@code Tick} events.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder ticks(boolean value) {
            ticks = value;
            return this;
        }

        /**
         * Makes the options.
         *
         * @return the options
         * @throws IllegalArgumentException if a value is out of range
         */
        public UdpOptions build() {
            return new UdpOptions(
                    broadcast,
                    reusePort,
                    receiveBufferBytes,
                    sendBufferBytes,
                    datagramLimit,
                    datagramsPerTurn,
                    highWaterMark,
                    lowWaterMark,
                    sendLimit,
                    closeTimeout,
                    connectTimeout,
                    multicastTtl,
                    multicastLoopback,
                    multicastInterface,
                    ticks);
        }
    }
}
