package dev.meerkat.examples.benchmarks.versus;

import java.util.Arrays;

/** Numbers of which the middle one counts. */
final class Samples {
    private double[] values = {};

    static Samples of(double[] values) {
        Samples samples = new Samples();
        samples.values = values;
        return samples;
    }

    void add(double value) {
        values = Arrays.copyOf(values, values.length + 1);
        values[values.length - 1] = value;
    }

    double median() {
        return at(0.5);
    }

    double min() {
        return at(0);
    }

    double max() {
        return at(1);
    }

    /** The value that so large a part of all lies below. */
    double at(double part) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[(int) Math.min(sorted.length - 1, part * sorted.length)];
    }

    double get(int index) {
        return values[index];
    }
}
