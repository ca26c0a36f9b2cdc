package dev.meerkat.testkit.internal;

/** How often which fault happened on a route. */
public final class FaultCounts {
    long lost;
    long duplicated;
    long corrupted;
    long truncated;
    long blocked;
    long connects;
    long resets;

    FaultCounts() {}

    /**
     * Packets lost at random; for streams, also repetitions that were lost again.
     *
     * @return the count
     */
    public long lost() {
        return lost;
    }

    /**
     * Datagrams that arrived twice.
     *
     * @return the count
     */
    public long duplicated() {
        return duplicated;
    }

    /**
     * Datagrams that arrived with a bit changed.
     *
     * @return the count
     */
    public long corrupted() {
        return corrupted;
    }

    /**
     * Datagrams that arrived without their end.
     *
     * @return the count
     */
    public long truncated() {
        return truncated;
    }

    /**
     * Deliveries that met a partition, a hold or a host that is gone.
     *
     * @return the count
     */
    public long blocked() {
        return blocked;
    }

    /**
     * Attempts to connect that met a fault.
     *
     * @return the count
     */
    public long connects() {
        return connects;
    }

    /**
     * Connections that were reset on purpose.
     *
     * @return the count
     */
    public long resets() {
        return resets;
    }

    @Override
    public String toString() {
        return part("lost", lost)
                + part("duplicated", duplicated)
                + part("corrupted", corrupted)
                + part("truncated", truncated)
                + part("blocked", blocked)
                + part("connects hit", connects)
                + part("resets", resets);
    }

    private static String part(String name, long count) {
        return count == 0 ? "" : " (" + name + " " + count + ")";
    }
}
