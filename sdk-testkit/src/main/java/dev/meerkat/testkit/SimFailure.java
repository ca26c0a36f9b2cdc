package dev.meerkat.testkit;

/**
 * A run in a {@link SimWorld} failed. The message is the whole report: the seed, how to run it again, the virtual time,
 * the last events, what is open and pending, the faults, the choices. The cause is what failed.
 */
public final class SimFailure extends AssertionError {
    private static final long serialVersionUID = 1;

    private final long seed;

    SimFailure(String report, long seed, Throwable cause) {
        super(report, cause);
        this.seed = seed;
    }

    /**
     * The seed that repeats the run.
     *
     * @return the seed
     */
    public long seed() {
        return seed;
    }
}
