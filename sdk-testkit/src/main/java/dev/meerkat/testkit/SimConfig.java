package dev.meerkat.testkit;

import java.time.Duration;
import java.util.Objects;

/**
 * How a {@link SimWorld} runs.
 *
 * @param name what reports call the run
 * @param seed decides everything that is free to be decided; the first one, if there are several
 * @param seeds how many runs to make, with seeds that follow each other; 1 by default
 * @param explore whether loops, ready sockets, pieces of streams and durations come in other orders than first come,
 *     first served; off by default for one seed and on for several
 * @param verify whether every run is repeated and compared event by event; {@link Verify#ONCE} by default
 * @param leakGrace how much virtual time connections whose peer is gone, look-ups and jobs have to come to their end
 *     after the test's; 60 s by default
 * @param maxEvents how many events a run may have; 100 million by default, about a minute
 * @param maxVirtual how much virtual time a run may take; a hundred years by default
 * @param rerun a command that repeats the run, with {@code %s} in the place of the seed; empty to name the seed only
 */
public record SimConfig(
        String name,
        long seed,
        int seeds,
        boolean explore,
        Verify verify,
        Duration leakGrace,
        long maxEvents,
        Duration maxVirtual,
        String rerun) {

    /** One run, first come, first served. */
    public static final SimConfig DEFAULT = builder().build();

    /** How often each seed runs. */
    public enum Verify {
        /** Once. */
        ONCE,
        /** Twice; the second run must be the same as the first, event by event. */
        TWICE
    }

    // Rejects values out of range.
    public SimConfig {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(verify, "verify");
        Objects.requireNonNull(leakGrace, "leakGrace");
        Objects.requireNonNull(maxVirtual, "maxVirtual");
        Objects.requireNonNull(rerun, "rerun");
        if (seeds < 1 || maxEvents < 1) {
            throw new IllegalArgumentException("seeds and maxEvents must be at least 1: " + seeds + ", " + maxEvents);
        }
        if (leakGrace.isNegative() || maxVirtual.isNegative()) {
            throw new IllegalArgumentException(
                    "durations must not be negative: leakGrace " + leakGrace + ", maxVirtual " + maxVirtual);
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

    /**
     * The configuration of one run among several.
     *
     * @param index which run, from 0
     * @return this configuration with one seed; it explores as the whole does
     */
    public SimConfig run(int index) {
        return new SimConfig(name, seed + index, 1, explore, verify, leakGrace, maxEvents, maxVirtual, rerun);
    }

    String rerunCommand() {
        String text = "0x" + Long.toHexString(seed);
        return rerun.isEmpty()
                ? "SimConfig.builder().seed(" + text + "L).explore(" + explore + ")"
                : rerun.replace("%s", text);
    }

    /** Collects the configuration; each method answers the builder itself. */
    public static final class Builder {
        private String name = "run";
        private long seed;
        private int seeds = 1;
        private boolean explore;
        private boolean exploreChosen;
        private Verify verify = Verify.ONCE;
        private Duration leakGrace = Duration.ofSeconds(60);
        private long maxEvents = 100_000_000;
        private Duration maxVirtual = Duration.ofDays(36_525);
        private String rerun = "";

        private Builder() {}

        /**
         * Sets what reports call the run.
         *
         * @param value the name
         * @return this builder
         */
        public Builder name(String value) {
            name = value;
            return this;
        }

        /**
         * Sets the seed, or the first of several.
         *
         * @param value the seed
         * @return this builder
         */
        public Builder seed(long value) {
            seed = value;
            return this;
        }

        /**
         * Sets how many runs to make. Several runs explore, unless {@link #explore} says otherwise.
         *
         * @param value how many
         * @return this builder
         */
        public Builder seeds(int value) {
            seeds = value;
            return this;
        }

        /**
         * Sets whether other orders than first come, first served are taken.
         *
         * @param value whether to explore
         * @return this builder
         */
        public Builder explore(boolean value) {
            explore = value;
            exploreChosen = true;
            return this;
        }

        /**
         * Sets how often each seed runs.
         *
         * @param value once or twice
         * @return this builder
         */
        public Builder verify(Verify value) {
            verify = value;
            return this;
        }

        /**
         * Sets how much virtual time the world has to settle after the test's end.
         *
         * @param value how long
         * @return this builder
         */
        public Builder leakGrace(Duration value) {
            leakGrace = value;
            return this;
        }

        /**
         * Sets how many events a run may have.
         *
         * @param value the most
         * @return this builder
         */
        public Builder maxEvents(long value) {
            maxEvents = value;
            return this;
        }

        /**
         * Sets how much virtual time a run may take.
         *
         * @param value the most
         * @return this builder
         */
        public Builder maxVirtual(Duration value) {
            maxVirtual = value;
            return this;
        }

        /**
         * Sets the command that repeats a run.
         *
         * @param value the command, with {@code %s} in the place of the seed
         * @return this builder
         */
        public Builder rerun(String value) {
            rerun = value;
            return this;
        }

        /**
         * Makes the configuration.
         *
         * @return the configuration
         * @throws IllegalArgumentException if a value is out of range
         */
        public SimConfig build() {
            boolean explores = exploreChosen ? explore : seeds > 1;
            return new SimConfig(name, seed, seeds, explores, verify, leakGrace, maxEvents, maxVirtual, rerun);
        }
    }
}
