package dev.meerkat.runtime;

import java.util.random.RandomGenerator;

/**
 * Named streams of random numbers. A simulated runtime derives each stream from the seed and the name, so that drawing
 * one number more from one stream changes no other.
 */
@FunctionalInterface
public interface Entropy {
    /**
     * Returns a new random stream.
     *
     * @param name what the numbers are for, for instance {@code "websocket-mask"}
     * @return a generator for use on one thread; unpredictable to a peer in production
     */
    RandomGenerator stream(String name);
}
