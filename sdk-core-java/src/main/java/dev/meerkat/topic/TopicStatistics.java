package dev.meerkat.topic;

/**
 * Counts of a topic, for monitoring. Those of deliveries are as of the end of each loop's last turn of work.
 *
 * @param subscriptions how many there are now
 * @param members how many of them have given a name
 * @param published how many messages this process has published
 * @param received how many have come over the bus, and were new
 * @param delivered how many deliveries there were, over all subscriptions
 * @param dropped how many messages slow subscribers have lost, over all subscriptions
 * @param conflated how many waiting messages were replaced by a newer one of their key
 * @param closedSlow how many subscriptions ended because they were too slow
 * @param sent how many messages the bus has taken
 * @param waitingForBus how many wait for it now
 * @param droppedForBus how many had no room to wait for it, or could not be carried by it
 * @param duplicates how many came over the bus a second time, or were our own, and were left out
 * @param rejected how many came over the bus and were too large, or were texts that are not UTF-8, and were left out
 * @param busConnected whether the bus is there; false without one
 */
public record TopicStatistics(
        int subscriptions,
        int members,
        long published,
        long received,
        long delivered,
        long dropped,
        long conflated,
        long closedSlow,
        long sent,
        int waitingForBus,
        long droppedForBus,
        long duplicates,
        long rejected,
        boolean busConnected) {}
