package dev.meerkat;

/**
 * What a manager holds at one moment.
 *
 * @param connections living connections, inbound and outbound
 * @param acceptors open acceptors
 * @param timers armed timers: scheduled tasks, connections' timers and the manager's own deadlines
 * @param waitingTasks posted tasks that have not run
 * @param turns turns of the loop since the manager was made
 * @param segmentsInUse send segments that hold unsent bytes
 * @param segmentsPooled send segments kept for reuse
 * @param keptBuffers receive buffers that hold unread bytes between events
 */
public record ManagerStatistics(
        int connections,
        int acceptors,
        int timers,
        int waitingTasks,
        long turns,
        int segmentsInUse,
        int segmentsPooled,
        int keptBuffers) {}
