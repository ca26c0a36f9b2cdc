package dev.meerkat.testkit.internal;

import java.time.Instant;
import java.util.List;

/** What the wall clock shows when a run begins: always the same, or exploring, a date that programs trip over. */
public final class WallStarts {
    private static final List<Instant> DELICATE = List.of(
            Instant.parse("2000-02-29T12:00:00Z"),
            Instant.parse("2024-02-29T23:59:50Z"),
            Instant.parse("2016-12-31T23:59:50Z"),
            Instant.parse("2038-01-19T03:14:00Z"),
            Instant.parse("1999-12-31T23:59:50Z"),
            Instant.parse("2100-02-28T23:59:50Z"),
            Instant.parse("2025-03-30T00:59:50Z"));

    /** About one run in so many begins at a delicate date. */
    private static final int DELICATE_SHARE = 16;

    private static final long FORTY_YEARS_OF_SECONDS = 40L * 365 * 86_400;

    private WallStarts() {}

    /**
     * Chooses.
     *
     * @param seed decides
     * @param explores whether to choose at all
     * @return what the wall clock shows at time 0
     */
    public static Instant of(long seed, boolean explores) {
        if (!explores) {
            return Simulation.DEFAULT_WALL_START;
        }
        SimRandom random = new SimRandom(SimRandom.seedOf(seed, "wall start"));
        if (random.nextInt(DELICATE_SHARE) == 0) {
            return DELICATE.get(random.nextInt(DELICATE.size()));
        }
        return Simulation.DEFAULT_WALL_START.plusSeconds(random.nextLong(FORTY_YEARS_OF_SECONDS));
    }
}
