package dev.meerkat;

/**
 * What a manager holds at one moment, and what it has done since it was made.
 *
 * @param connections living connections, inbound and outbound
 * @param acceptors open acceptors
 * @param timers armed timers: scheduled tasks, connections' timers and the manager's own deadlines
 * @param waitingTasks posted tasks that have not run
 * @param turns turns of the loop since the manager was made
 * @param segmentsInUse send segments that hold unsent bytes
 * @param segmentsPooled send segments kept for reuse
 * @param keptBuffers receive buffers that hold unread bytes between events
 * @param udpSockets living UDP sockets
 * @param accepted connections accepted since the manager was made, without those that a filter refused
 * @param bytesReceived bytes that connections and UDP sockets have read since the manager was made, without what ended
 *     connections threw away; those of TLS as they are after decryption, those of datagrams without headers
 * @param bytesSent bytes of connections and UDP sockets that the system has taken since the manager was made
 */
public record ManagerStatistics(
        int connections,
        int acceptors,
        int timers,
        int waitingTasks,
        long turns,
        int segmentsInUse,
        int segmentsPooled,
        int keptBuffers,
        int udpSockets,
        long accepted,
        long bytesReceived,
        long bytesSent) {
    /** Nothing of anything: where sums begin. */
    public static final ManagerStatistics ZERO = new ManagerStatistics(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    /**
     * Adds the counts of another manager.
     *
     * @param other its counts
     * @return the sums
     */
    public ManagerStatistics plus(ManagerStatistics other) {
        return new ManagerStatistics(
                connections + other.connections,
                acceptors + other.acceptors,
                timers + other.timers,
                waitingTasks + other.waitingTasks,
                turns + other.turns,
                segmentsInUse + other.segmentsInUse,
                segmentsPooled + other.segmentsPooled,
                keptBuffers + other.keptBuffers,
                udpSockets + other.udpSockets,
                accepted + other.accepted,
                bytesReceived + other.bytesReceived,
                bytesSent + other.bytesSent);
    }
}
