package dev.meerkat.internal.check;

import java.time.Duration;
import java.util.Objects;

/**
 * What the numbers and times of options must be. Who breaks it is told the name of the option and what was found, in an
 * {@link IllegalArgumentException}.
 */
public final class Ranges {
    private Ranges() {}

    /**
     * Checks a number that has a least one.
     *
     * @param name what it is
     * @param value the number
     * @param least the least that it may be
     * @throws IllegalArgumentException if it is less
     */
    public static void atLeast(String name, long value, long least) {
        if (value < least) {
            throw new IllegalArgumentException(name + " must be at least " + least + ": " + value);
        }
    }

    /**
     * Checks a number that has a least and a largest one.
     *
     * @param name what it is
     * @param value the number
     * @param least the least that it may be
     * @param most the most that it may be
     * @throws IllegalArgumentException if it is less or more
     */
    public static void within(String name, long value, long least, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(name + " must be " + least + " to " + most + ": " + value);
        }
    }

    /**
     * Checks a time that takes its while.
     *
     * @param name what it is
     * @param value the time
     * @throws IllegalArgumentException if it is zero or less
     */
    public static void positive(String name, Duration value) {
        Objects.requireNonNull(value, name);
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(name + " must be positive: " + value);
        }
    }

    /**
     * Checks a time that may be none.
     *
     * @param name what it is
     * @param value the time
     * @throws IllegalArgumentException if it is less than zero
     */
    public static void notNegative(String name, Duration value) {
        Objects.requireNonNull(value, name);
        if (value.isNegative()) {
            throw new IllegalArgumentException(name + " must not be negative: " + value);
        }
    }
}
