package dev.meerkat.testkit.internal;

import dev.meerkat.runtime.Entropy;
import java.util.HashMap;
import java.util.Map;
import java.util.random.RandomGenerator;

/** Random numbers that depend on the seed, on whose they are, on their name and on nothing else. */
final class SimEntropy implements Entropy {
    private final Oracle oracle;
    private final String owner;
    private final Map<String, Integer> opened = new HashMap<>();

    SimEntropy(Oracle oracle, String owner) {
        this.oracle = oracle;
        this.owner = owner;
    }

    @Override
    public RandomGenerator stream(String name) {
        int number = opened.merge(name, 1, Integer::sum);
        long seed = SimRandom.seedOf(SimRandom.seedOf(oracle.seed(), owner), name);
        return new SimRandom(SimRandom.seedOf(seed, Integer.toString(number)));
    }
}
