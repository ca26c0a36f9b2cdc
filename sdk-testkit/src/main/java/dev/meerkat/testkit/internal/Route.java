package dev.meerkat.testkit.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The way from one host to another: how long it takes, how wide it is, and what goes wrong on it. */
public final class Route {
    private static final long SECOND = 1_000_000_000;

    /**
     * How long a sender repeats itself before it gives up: 15 repetitions, the first after 200 ms, each twice as long
     * as the one before and none longer than 120 s (Linux, tcp_retries2).
     */
    static final long GIVE_UP_NANOS = 924_600_000_000L;

    private static final long FIRST_REPETITION = 200_000_000;
    private static final long LONGEST_REPETITION = 120 * SECOND;

    /** A wide batch arrives in slices of about so much link time, or a slow link would be silent and then in a rush. */
    private static final long SLICE_NANOS = 10_000_000;

    private final Network network;
    private final Host from;
    private final Host to;
    private final List<Pipe> parked = new ArrayList<>();
    private final FaultCounts counts = new FaultCounts();
    private long leastLatency;
    private long mostLatency;
    private @Nullable ChunkPolicy deliveries;
    private ChunkPolicy writes = ChunkPolicy.WHOLE;
    private long bytesPerSecond;
    private long busyUntil;
    private double loss;
    private double duplication;
    private double corruption;
    private int longestDatagram = Integer.MAX_VALUE;
    private boolean partitioned;
    private boolean held;
    private ConnectFault connectFault = ConnectFault.NONE;
    private int connectFaultsLeft;
    private long resetAfterBytes = Long.MAX_VALUE;
    private int piecesUntilReset;
    private int piecesAsked;

    Route(Network network, Host from, Host to) {
        this.network = network;
        this.from = from;
        this.to = to;
    }

    Host from() {
        return from;
    }

    Host to() {
        return to;
    }

    /**
     * Tells whether it leads from a host to itself.
     *
     * @return whether both ends are one host
     */
    public boolean isLoopback() {
        return from == to;
    }

    /**
     * How often which fault happened here.
     *
     * @return the counts
     */
    public FaultCounts counts() {
        return counts;
    }

    /**
     * Sets the one-way latency, drawn anew for every batch.
     *
     * @param least the smallest, in nanoseconds
     * @param most the largest, in nanoseconds
     */
    public void latency(long least, long most) {
        if (least < 0 || most < least) {
            throw new IllegalArgumentException("latency from " + least + " ns to " + most + " ns");
        }
        leastLatency = least;
        mostLatency = most;
    }

    /**
     * Sets into which pieces a stream is cut when it arrives.
     *
     * @param policy how to cut
     */
    public void deliveries(ChunkPolicy policy) {
        deliveries = policy;
    }

    /**
     * Sets how much a write takes at once.
     *
     * @param policy how to cut
     */
    public void writes(ChunkPolicy policy) {
        writes = policy;
    }

    /**
     * Sets how wide the link is, for all its connections together.
     *
     * @param value bytes a second, or 0 for no limit
     */
    public void bandwidth(long value) {
        if (value < 0) {
            throw new IllegalArgumentException("bandwidth must not be negative: " + value);
        }
        bytesPerSecond = value;
    }

    /**
     * Sets how many packets are lost: datagrams for good, batches of a stream until they are repeated.
     *
     * @param probability 0 to 1
     */
    public void loss(double probability) {
        loss = checkProbability(probability);
    }

    /**
     * Sets how many datagrams arrive twice.
     *
     * @param probability 0 to 1
     */
    public void duplication(double probability) {
        duplication = checkProbability(probability);
    }

    /**
     * Sets how many datagrams arrive with one bit changed.
     *
     * @param probability 0 to 1
     */
    public void corruption(double probability) {
        corruption = checkProbability(probability);
    }

    /**
     * Sets how much of a datagram arrives.
     *
     * @param bytes the most; what is longer loses its end
     */
    public void longestDatagram(int bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("a datagram has no negative length: " + bytes);
        }
        longestDatagram = bytes;
    }

    private static double checkProbability(double probability) {
        if (!(probability >= 0 && probability <= 1)) {
            throw new IllegalArgumentException("a probability is 0 to 1: " + probability);
        }
        return probability;
    }

    /**
     * Sets what happens to attempts to connect.
     *
     * @param fault what happens
     * @param times to how many attempts
     */
    public void connectFault(ConnectFault fault, int times) {
        connectFault = fault;
        connectFaultsLeft = times;
    }

    /**
     * Has every connection reset after so many bytes in this direction.
     *
     * @param bytes how many bytes still arrive
     */
    public void resetAfterBytes(long bytes) {
        resetAfterBytes = bytes;
    }

    /**
     * Has one connection reset, the one that brings a certain piece.
     *
     * @param pieces the how manieth piece it is, from 1
     */
    public void resetOnce(int pieces) {
        piecesUntilReset = pieces;
        piecesAsked = pieces;
    }

    /**
     * Lets nothing pass, or lets it pass again. Datagrams are lost meanwhile, streams repeat themselves.
     *
     * @param value whether nothing passes
     */
    public void partitioned(boolean value) {
        if (partitioned != value) {
            partitioned = value;
            network.reachabilityChanged();
            reopen();
        }
    }

    /**
     * Keeps everything on the way, or lets go of it in order.
     *
     * @param value whether everything is kept
     */
    public void held(boolean value) {
        held = value;
        reopen();
    }

    boolean isBlocked() {
        return partitioned || held || from.isDown() || to.isDown();
    }

    /** Whether what meets the obstacle is lost, and not merely kept. */
    boolean isLossy() {
        return partitioned || from.isDown() || to.isDown();
    }

    /** Keeps a pipe that could not deliver until the way is free. */
    void park(Pipe pipe) {
        parked.add(pipe);
        counts.blocked++;
    }

    void unpark(Pipe pipe) {
        parked.remove(pipe);
    }

    private void reopen() {
        if (!isBlocked() && !parked.isEmpty()) {
            List<Pipe> waiting = new ArrayList<>(parked);
            parked.clear();
            for (Pipe pipe : waiting) {
                pipe.unparked();
            }
        }
    }

    ChunkPolicy deliveries() {
        return deliveries != null ? deliveries : from == to ? ChunkPolicy.WHOLE : network.defaultDeliveries();
    }

    ChunkPolicy writes() {
        return writes;
    }

    boolean isRandom() {
        return leastLatency != mostLatency || loss > 0 || duplication > 0 || corruption > 0;
    }

    /** How long a packet takes that carries no data. */
    long latency(Oracle.@Nullable Stream choices) {
        return choices == null ? leastLatency : choices.sample(leastLatency, mostLatency);
    }

    /** For how many bytes at once to ask {@link #departure}. */
    int slice(int bytes) {
        if (bytesPerSecond == 0) {
            return bytes;
        }
        long slice = Math.max(1, bytesPerSecond * SLICE_NANOS / SECOND);
        return (int) Math.min(bytes, slice);
    }

    /** When the last of so many bytes leaves the sender. */
    long departure(long now, int bytes) {
        if (bytesPerSecond == 0) {
            return now;
        }
        busyUntil = Math.max(busyUntil, now) + Math.max(1, Math.multiplyExact((long) bytes, SECOND) / bytesPerSecond);
        return busyUntil;
    }

    /** How much longer a batch takes because it is lost and repeated; {@link Long#MAX_VALUE} if it never arrives. */
    long repetitionDelay(Oracle.@Nullable Stream choices) {
        if (loss == 0 || choices == null) {
            return 0;
        }
        long delay = 0;
        long next = FIRST_REPETITION;
        while (choices.happens(loss)) {
            counts.lost++;
            delay += next;
            next = Math.min(next * 2, LONGEST_REPETITION);
            if (delay >= GIVE_UP_NANOS) {
                return Long.MAX_VALUE;
            }
        }
        return delay;
    }

    boolean losesDatagram(Oracle.@Nullable Stream choices) {
        boolean lost = choices != null && choices.happens(loss);
        if (lost) {
            counts.lost++;
        }
        return lost;
    }

    boolean duplicatesDatagram(Oracle.@Nullable Stream choices) {
        boolean twice = choices != null && choices.happens(duplication);
        if (twice) {
            counts.duplicated++;
        }
        return twice;
    }

    /** What arrives of a datagram: itself, or a copy that has suffered. */
    byte[] suffered(byte[] payload, Oracle.@Nullable Stream choices) {
        byte[] arriving = payload;
        if (arriving.length > longestDatagram) {
            counts.truncated++;
            arriving = Arrays.copyOf(arriving, longestDatagram);
        }
        if (arriving.length > 0 && choices != null && choices.happens(corruption)) {
            counts.corrupted++;
            int bit = (int) choices.sample(0, arriving.length * 8L - 1);
            arriving = arriving.clone();
            arriving[bit / 8] ^= (byte) (1 << bit % 8);
        }
        return arriving;
    }

    /** What happens to this attempt to connect. */
    ConnectFault nextConnectFault() {
        if (connectFault == ConnectFault.NONE || connectFaultsLeft == 0) {
            return ConnectFault.NONE;
        }
        connectFaultsLeft--;
        counts.connects++;
        return connectFault;
    }

    /** How many more bytes a connection may bring before it is reset. */
    long bytesUntilReset(long delivered) {
        return resetAfterBytes == Long.MAX_VALUE ? Long.MAX_VALUE : Math.max(0, resetAfterBytes - delivered);
    }

    /** Counts a delivered piece, and says whether its connection is to be reset. */
    boolean resetsNow(long delivered) {
        boolean reset = delivered >= resetAfterBytes || (piecesUntilReset > 0 && --piecesUntilReset == 0);
        if (reset) {
            counts.resets++;
        }
        return reset;
    }

    /**
     * The faults that were asked for and have not happened.
     *
     * @return one line for each
     */
    public List<String> unusedFaults() {
        List<String> unused = new ArrayList<>();
        String where = from.name() + " -> " + to.name() + ": ";
        if (connectFault != ConnectFault.NONE && connectFaultsLeft > 0 && counts.connects == 0) {
            unused.add(where + connectFault + " met no attempt to connect");
        }
        if (piecesUntilReset > 0) {
            unused.add(where + "reset once, but only " + (piecesAsked - piecesUntilReset) + " pieces came of "
                    + piecesAsked);
        }
        if (resetAfterBytes != Long.MAX_VALUE && counts.resets == 0) {
            unused.add(where + "reset after " + resetAfterBytes + " bytes, which no connection brought");
        }
        if (loss > 0 && counts.lost == 0) {
            unused.add(where + "loss " + loss + " lost nothing");
        }
        if (corruption > 0 && counts.corrupted == 0) {
            unused.add(where + "corruption " + corruption + " changed nothing");
        }
        if (longestDatagram < Integer.MAX_VALUE && counts.truncated == 0) {
            unused.add(where + "no datagram was longer than " + longestDatagram + " B");
        }
        if (duplication > 0 && counts.duplicated == 0) {
            unused.add(where + "duplication " + duplication + " doubled nothing");
        }
        return unused;
    }

    /**
     * Describes what is set here.
     *
     * @return one line, or an empty text if nothing is out of the ordinary
     */
    public String describe() {
        StringBuilder text = new StringBuilder();
        if (mostLatency > 0) {
            text.append(" latency ").append(Times.text(leastLatency));
            text.append(leastLatency == mostLatency ? "" : ".." + Times.text(mostLatency));
        }
        if (bytesPerSecond > 0) {
            text.append(" bandwidth ").append(bytesPerSecond).append(" B/s");
        }
        text.append(deliveries != null && deliveries != ChunkPolicy.WHOLE ? " cuts deliveries" : "");
        text.append(writes != ChunkPolicy.WHOLE ? " cuts writes" : "");
        text.append(loss > 0 ? " loss " + loss : "").append(duplication > 0 ? " duplication " + duplication : "");
        text.append(corruption > 0 ? " corruption " + corruption : "");
        text.append(longestDatagram < Integer.MAX_VALUE ? " datagrams up to " + longestDatagram + " B" : "");
        text.append(partitioned ? " partitioned" : "").append(held ? " held" : "");
        text.append(connectFault != ConnectFault.NONE ? " connects " + connectFault : "");
        text.append(resetAfterBytes != Long.MAX_VALUE ? " reset after " + resetAfterBytes + " B" : "");
        text.append(piecesUntilReset > 0 ? " reset once, still to come" : "").append(counts);
        return text.isEmpty() ? "" : from.name() + " -> " + to.name() + ":" + text;
    }
}
