package dev.meerkat;

import dev.meerkat.internal.check.Ranges;
import java.time.Duration;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * How connections get threads of their own, on which their handlers may block.
 *
 * @param maxThreads how many such threads an acceptor may have at once; at the limit it pauses, and the next
 *     connections wait in the backlog until a thread has ended. For outbound connections the limit counts those of the
 *     manager, and the next {@code connect} throws {@link ConnectionLimitException}. 1,024 by default: where threads
 *     are not virtual, about 100 MB of stacks
 * @param executor whose threads to use; null, the default, for virtual threads on JDK 21 and later and platform threads
 *     below. Each connection occupies one for as long as its handler runs; a virtual world uses its own instead
 * @param readTimeout how long reading from a stream waits for a byte; zero, the default, as long as it takes
 * @param writeTimeout how long writing waits for a peer that does not read; zero, the default, as long as it takes
 * @param stopTimeout how long a handler may go on after its connection has ended before that is reported to the error
 *     hook, and how long closing the manager waits for its handlers; 5 s by default
 */
public record BlockingOptions(
        int maxThreads,
        @Nullable Executor executor,
        Duration readTimeout,
        Duration writeTimeout,
        Duration stopTimeout) {
    /** The defaults. */
    public static final BlockingOptions DEFAULT = builder().build();

    // Checks every value; a bad one is an IllegalArgumentException that names it.
    public BlockingOptions {
        Ranges.atLeast("maxThreads", maxThreads, 1);
        Ranges.notNegative("readTimeout", readTimeout);
        Ranges.notNegative("writeTimeout", writeTimeout);
        Ranges.notNegative("stopTimeout", stopTimeout);
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
        builder.maxThreads = maxThreads;
        builder.executor = executor;
        builder.readTimeout = readTimeout;
        builder.writeTimeout = writeTimeout;
        builder.stopTimeout = stopTimeout;
        return builder;
    }

    /** Collects options; each method answers the builder itself. */
    public static final class Builder {
        private int maxThreads = 1024;
        private @Nullable Executor executor;
        private Duration readTimeout = Duration.ZERO;
        private Duration writeTimeout = Duration.ZERO;
        private Duration stopTimeout = Duration.ofSeconds(5);

        private Builder() {}

        /**
         * Sets how many such threads an acceptor, or the outbound connections of a manager, may have at once.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder maxThreads(int value) {
            maxThreads = value;
            return this;
        }

        /**
         * Sets whose threads to use.
         *
         * @param value the new value, or null for the runtime's own
         * @return this builder
         */
        public Builder executor(@Nullable Executor value) {
            executor = value;
            return this;
        }

        /**
         * Sets how long reading from a stream waits for a byte.
         *
         * @param value the new value; zero for as long as it takes
         * @return this builder
         */
        public Builder readTimeout(Duration value) {
            readTimeout = value;
            return this;
        }

        /**
         * Sets how long writing waits for a peer that does not read.
         *
         * @param value the new value; zero for as long as it takes
         * @return this builder
         */
        public Builder writeTimeout(Duration value) {
            writeTimeout = value;
            return this;
        }

        /**
         * Sets how long a handler may go on after its connection has ended.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder stopTimeout(Duration value) {
            stopTimeout = value;
            return this;
        }

        /**
         * Makes the options.
         *
         * @return the options
         * @throws IllegalArgumentException if a value is out of range
         */
        public BlockingOptions build() {
            return new BlockingOptions(maxThreads, executor, readTimeout, writeTimeout, stopTimeout);
        }
    }
}
