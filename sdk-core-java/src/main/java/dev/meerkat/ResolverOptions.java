package dev.meerkat;

import dev.meerkat.internal.check.Ranges;
import java.time.Duration;
import java.util.Objects;

/**
 * How an {@link EventManager} looks names up.
 *
 * @param lookupTimeout how long one question to the resolver may take; 10 s by default, the time in which common
 *     systems ask two name servers. The whole of a connect has a time-out of its own
 * @param cacheLimit how many names are kept, and as many names of addresses; the one that was longest not asked for
 *     goes. 1,024 by default, about half a megabyte; 0 keeps none
 * @param maximumTtl how long an answer is kept at most, whatever it says of itself; 1 hour by default, so that a
 *     mistake in a zone can be mended
 * @param negativeTtl how long it is kept that a name does not exist; 10 s by default. That a name could not be looked
 *     up is not kept
 * @param maxLookups how many names may be looked up at once; what goes beyond fails with the kind
 *     {@code LOOKUP_FAILED}. 1,024 by default, as many as the JDK's look-ups may wait for a worker
 */
public record ResolverOptions(
        Duration lookupTimeout, int cacheLimit, Duration maximumTtl, Duration negativeTtl, int maxLookups) {
    /** The defaults. */
    public static final ResolverOptions DEFAULT = builder().build();

    // Checks every value; a bad one is an IllegalArgumentException that names it.
    public ResolverOptions {
        Objects.requireNonNull(maximumTtl, "maximumTtl");
        Objects.requireNonNull(negativeTtl, "negativeTtl");
        Ranges.positive("lookupTimeout", lookupTimeout);
        Ranges.atLeast("cacheLimit", cacheLimit, 0);
        if (maximumTtl.isNegative() || negativeTtl.isNegative()) {
            throw new IllegalArgumentException(
                    "times to live must not be negative: maximumTtl " + maximumTtl + ", negativeTtl " + negativeTtl);
        }
        Ranges.atLeast("maxLookups", maxLookups, 1);
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
        builder.lookupTimeout = lookupTimeout;
        builder.cacheLimit = cacheLimit;
        builder.maximumTtl = maximumTtl;
        builder.negativeTtl = negativeTtl;
        builder.maxLookups = maxLookups;
        return builder;
    }

    /** Collects options; each method answers the builder itself. */
    public static final class Builder {
        private Duration lookupTimeout = Duration.ofSeconds(10);
        private int cacheLimit = 1024;
        private Duration maximumTtl = Duration.ofHours(1);
        private Duration negativeTtl = Duration.ofSeconds(10);
        private int maxLookups = 1024;

        private Builder() {}

        /**
         * Sets how long one question to the resolver may take.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder lookupTimeout(Duration value) {
            lookupTimeout = value;
            return this;
        }

        /**
         * Sets how many names are kept.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder cacheLimit(int value) {
            cacheLimit = value;
            return this;
        }

        /**
         * Sets how long an answer is kept at most.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder maximumTtl(Duration value) {
            maximumTtl = value;
            return this;
        }

        /**
         * Sets how long it is kept that a name does not exist.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder negativeTtl(Duration value) {
            negativeTtl = value;
            return this;
        }

        /**
         * Sets how many names may be looked up at once.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder maxLookups(int value) {
            maxLookups = value;
            return this;
        }

        /**
         * Makes the options.
         *
         * @return the options
         * @throws IllegalArgumentException if a value is out of range
         */
        public ResolverOptions build() {
            return new ResolverOptions(lookupTimeout, cacheLimit, maximumTtl, negativeTtl, maxLookups);
        }
    }
}
