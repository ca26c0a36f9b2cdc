package dev.meerkat;

import java.util.List;

/**
 * What the managers of a group hold and have done.
 *
 * @param managers the counts of each, in the order of {@link EventManagerGroup#managers()}; of a closed one all zero
 * @param sum their sums
 */
public record GroupStatistics(List<ManagerStatistics> managers, ManagerStatistics sum) {
    // Keeps a copy.
    public GroupStatistics {
        managers = List.copyOf(managers);
    }

    /**
     * Adds counts up.
     *
     * @param managers the counts of each manager
     * @return them and their sums
     */
    public static GroupStatistics of(List<ManagerStatistics> managers) {
        return new GroupStatistics(managers, managers.stream().reduce(ManagerStatistics.ZERO, ManagerStatistics::plus));
    }
}
