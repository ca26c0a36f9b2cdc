package dev.meerkat.runtime;

/**
 * Observation and choice points inside a manager. In production every method does nothing and costs nothing; a
 * simulator records what happens and decides what is free to be decided. Called on the loop thread.
 */
public interface Probe {
    /** The probe that does nothing. */
    Probe NONE = new Probe() {};

    /**
     * Reports that something happened.
     *
     * @param kind a constant word such as {@code "opened"}
     * @param connection the id of the connection concerned, or 0 for the manager itself
     * @param detail a number whose meaning depends on the kind, for instance a count of bytes
     */
    default void event(String kind, long connection, long detail) {}

    /**
     * Asks which of several equally legal ways to take.
     *
     * @param site where the choice is made, a constant word
     * @param entity the id of the connection concerned, or 0
     * @param count how many ways there are, at least 1
     * @return 0 to {@code count - 1}; 0 is the ordinary way
     */
    default int choose(String site, long entity, int count) {
        return 0;
    }

    /**
     * Asks whether to take a rare but legal path on purpose.
     *
     * @param site where, a constant word
     * @return whether to take the rare path; false in production
     */
    default boolean buggify(String site) {
        return false;
    }

    /**
     * Marks a place where a test may hold the run.
     *
     * @param name the name of the place
     */
    default void sync(String name) {}

    /**
     * Tells how much longer the present turn has taken than the clock shows. A virtual clock stands still during a
     * turn, yet a test may say that a handler computes for a while.
     *
     * @return nanoseconds to add to the clock when a duration within a turn is measured; 0 in production
     */
    default long spentNanos() {
        return 0;
    }

    /**
     * Tells whether bytes lent to a handler are to be overwritten when the handler returns, so that a handler that
     * keeps them fails in a test and not in production.
     *
     * @return true in a test
     */
    default boolean poisonsBorrowedBytes() {
        return false;
    }
}
