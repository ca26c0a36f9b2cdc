package dev.meerkat;

import dev.meerkat.internal.check.Ranges;
import java.time.Duration;
import java.util.Objects;

/**
 * How an {@link EventManager} works: its limits, each with a default, and its error hook.
 *
 * @param name the manager's name, which its thread bears too
 * @param errorHook hears of failures that are nobody's to catch; by default they go to the system logger
 *     {@code dev.meerkat}, with the few other things that an operator must know
 * @param maxConnections how many connections and UDP sockets may live at once; connects beyond are refused, accepting
 *     pauses. 200,000 by default: about 200 MB of heap
 * @param mailboxLimit how many tasks other threads may have waiting; more are refused with a
 *     {@link java.util.concurrent.RejectedExecutionException}. 65,536 by default: some milliseconds of work
 * @param mailboxBytesLimit how many bytes sent from other threads may be waiting for the loop; 16 MiB by default, as
 *     for one connection
 * @param tasksPerTurn how many posted tasks, due timers and deferred pieces of work one turn runs of each kind before
 *     it looks at the sockets again; 4,096 by default, about a millisecond
 * @param broadcastLimit the largest broadcast in bytes; 1 MiB by default, since every receiver may hold one
 * @param readBytes the size of the one buffer that all connections are read through; 512 KiB by default, since a stream
 *     of large reads costs least there: half of it costs a tenth more, a quarter a third more
 * @param pooledBytes how many bytes of send segments the manager keeps for reuse; 4 MiB by default
 * @param tickInterval the time between two {@code Tick} events for connections that asked for them; 1 s by default
 * @param observe who watches the manager at work: observer, taps, flight recorder; nobody by default
 * @param resolver how names are looked up
 */
public record ManagerOptions(
        String name,
        ErrorHook errorHook,
        int maxConnections,
        int mailboxLimit,
        long mailboxBytesLimit,
        int tasksPerTurn,
        int broadcastLimit,
        int readBytes,
        int pooledBytes,
        Duration tickInterval,
        ObserveOptions observe,
        ResolverOptions resolver) {
    /** The defaults. */
    public static final ManagerOptions DEFAULT = builder().build();

    // Checks every value; a bad one is an IllegalArgumentException that names it.
    public ManagerOptions {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(errorHook, "errorHook");
        Objects.requireNonNull(observe, "observe");
        Objects.requireNonNull(resolver, "resolver");
        if (maxConnections < 1 || mailboxLimit < 1 || mailboxBytesLimit < 1 || tasksPerTurn < 1 || broadcastLimit < 1) {
            throw new IllegalArgumentException("limits must be at least 1: maxConnections " + maxConnections
                    + ", mailboxLimit " + mailboxLimit + ", mailboxBytesLimit " + mailboxBytesLimit + ", tasksPerTurn "
                    + tasksPerTurn + ", broadcastLimit " + broadcastLimit);
        }
        Ranges.atLeast("readBytes", readBytes, 1024);
        Ranges.atLeast("pooledBytes", pooledBytes, 0);
        Ranges.positive("tickInterval", tickInterval);
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
        builder.name = name;
        builder.errorHook = errorHook;
        builder.maxConnections = maxConnections;
        builder.mailboxLimit = mailboxLimit;
        builder.mailboxBytesLimit = mailboxBytesLimit;
        builder.tasksPerTurn = tasksPerTurn;
        builder.broadcastLimit = broadcastLimit;
        builder.readBytes = readBytes;
        builder.pooledBytes = pooledBytes;
        builder.tickInterval = tickInterval;
        builder.observe = observe;
        builder.resolver = resolver;
        return builder;
    }

    /** Collects options; each method answers the builder itself. */
    public static final class Builder {
        private String name = "meerkat";
        private ErrorHook errorHook = ErrorHook.LOGGED;
        private int maxConnections = 200_000;
        private int mailboxLimit = 1 << 16;
        private long mailboxBytesLimit = 16L << 20;
        private int tasksPerTurn = 4096;
        private int broadcastLimit = 1 << 20;
        private int readBytes = 512 << 10;
        private int pooledBytes = 4 << 20;
        private Duration tickInterval = Duration.ofSeconds(1);
        private ObserveOptions observe = ObserveOptions.DEFAULT;
        private ResolverOptions resolver = ResolverOptions.DEFAULT;

        private Builder() {}

        /**
         * Sets the manager's name, which its thread bears too.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder name(String value) {
            name = value;
            return this;
        }

        /**
         * Sets hears of failures that are nobody's to catch.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder errorHook(ErrorHook value) {
            errorHook = value;
            return this;
        }

        /**
         * Sets how many connections may live at once.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder maxConnections(int value) {
            maxConnections = value;
            return this;
        }

        /**
         * Sets how many tasks other threads may have waiting.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder mailboxLimit(int value) {
            mailboxLimit = value;
            return this;
        }

        /**
         * Sets how many bytes sent from other threads may be waiting for the loop.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder mailboxBytesLimit(long value) {
            mailboxBytesLimit = value;
            return this;
        }

        /**
         * Sets how many posted tasks, due timers and deferred pieces of work one turn runs of each kind before it looks
         * at the sockets again.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder tasksPerTurn(int value) {
            tasksPerTurn = value;
            return this;
        }

        /**
         * Sets the largest broadcast in bytes.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder broadcastLimit(int value) {
            broadcastLimit = value;
            return this;
        }

        /**
         * Sets the size of the one buffer that all connections are read through.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder readBytes(int value) {
            readBytes = value;
            return this;
        }

        /**
         * Sets how many bytes of send segments the manager keeps for reuse.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder pooledBytes(int value) {
            pooledBytes = value;
            return this;
        }

        /**
         * Sets the time between two {@code Tick} events for connections that asked for them.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder tickInterval(Duration value) {
            tickInterval = value;
            return this;
        }

        /**
         * Sets who watches the manager at work.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder observe(ObserveOptions value) {
            observe = value;
            return this;
        }

        /**
         * Sets how names are looked up.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder resolver(ResolverOptions value) {
            resolver = value;
            return this;
        }

        /**
         * Makes the options.
         *
         * @return the options
         * @throws IllegalArgumentException if a value is out of range
         */
        public ManagerOptions build() {
            return new ManagerOptions(
                    name,
                    errorHook,
                    maxConnections,
                    mailboxLimit,
                    mailboxBytesLimit,
                    tasksPerTurn,
                    broadcastLimit,
                    readBytes,
                    pooledBytes,
                    tickInterval,
                    observe,
                    resolver);
        }
    }
}
