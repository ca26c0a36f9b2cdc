package dev.meerkat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Who watches a manager at work. Nobody by default, and then nothing is allocated or called for it.
 *
 * @param observer hears what happens, for metrics; null by default
 * @param slowHandler from which duration on a handler is told to the observer as slow; 100 ms by default, a pause that
 *     people notice. Zero tells none, and saves reading the clock twice for each event
 * @param taps see the bytes of every connection and datagram socket, in this order; none by default
 * @param flightRecorder whether a running JDK Flight Recorder is told of connections, slow handlers, stalled writes and
 *     paused acceptors; on by default, since nothing is done while no recording runs. Never in a virtual world, whose
 *     time the recorder does not have
 */
public record ObserveOptions(
        @Nullable ManagerObserver observer, Duration slowHandler, List<Tap> taps, boolean flightRecorder) {
    /** The most taps; each is one more call for every read and write. */
    private static final int MOST_TAPS = 16;

    /** The defaults. */
    public static final ObserveOptions DEFAULT = builder().build();

    // Checks every value; a bad one is an IllegalArgumentException that names it.
    public ObserveOptions {
        Objects.requireNonNull(slowHandler, "slowHandler");
        if (slowHandler.isNegative()) {
            throw new IllegalArgumentException("slowHandler must not be negative: " + slowHandler);
        }
        taps = List.copyOf(taps);
        if (taps.size() > MOST_TAPS) {
            throw new IllegalArgumentException("at most " + MOST_TAPS + " taps: " + taps.size());
        }
    }

    /**
     * Has every connection tapped, and nothing else changed.
     *
     * @param tap sees the bytes
     * @return the options
     */
    public static ObserveOptions tappedBy(Tap tap) {
        return builder().tap(tap).build();
    }

    /**
     * Has a manager observed, and nothing else changed.
     *
     * @param observer hears what happens
     * @return the options
     */
    public static ObserveOptions observedBy(ManagerObserver observer) {
        return builder().observer(observer).build();
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
        builder.observer = observer;
        builder.slowHandler = slowHandler;
        builder.taps.addAll(taps);
        builder.flightRecorder = flightRecorder;
        return builder;
    }

    /** Collects options; each method answers the builder itself. */
    public static final class Builder {
        private @Nullable ManagerObserver observer;
        private Duration slowHandler = Duration.ofMillis(100);
        private final List<Tap> taps = new ArrayList<>();
        private boolean flightRecorder = true;

        private Builder() {}

        /**
         * Sets who hears what happens.
         *
         * @param value the new value, or null for nobody
         * @return this builder
         */
        public Builder observer(@Nullable ManagerObserver value) {
            observer = value;
            return this;
        }

        /**
         * Sets from which duration on a handler is slow.
         *
         * @param value the new value; zero for never
         * @return this builder
         */
        public Builder slowHandler(Duration value) {
            slowHandler = value;
            return this;
        }

        /**
         * Adds a tap.
         *
         * @param value sees the bytes of every connection and datagram socket
         * @return this builder
         */
        public Builder tap(Tap value) {
            taps.add(Objects.requireNonNull(value, "tap"));
            return this;
        }

        /**
         * Sets whether a running JDK Flight Recorder is told.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder flightRecorder(boolean value) {
            flightRecorder = value;
            return this;
        }

        /**
         * Makes the options.
         *
         * @return the options
         * @throws IllegalArgumentException if a value is out of range
         */
        public ObserveOptions build() {
            return new ObserveOptions(observer, slowHandler, taps, flightRecorder);
        }
    }
}
