package dev.meerkat.testkit.internal;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One direction of a stream. Positions count bytes from the beginning of the stream; each byte passes all five marks:
 *
 * <pre>
 *   consumed  &lt;=  delivered  &lt;=  arrived  &lt;=  written
 *      the receiver's buffer   waits for room   on its way, in batches
 *      (receiveCapacity)       \________ the sender's buffer ________/
 * </pre>
 *
 * <p>All of it lies in one ring, so that a byte is copied once on its way in and once on its way out. The task itself
 * is the arrival of the next batch.
 */
final class Pipe extends SimTask {
    private static final byte[] NO_RING = {};

    /** What comes after the last byte. */
    private enum Ending {
        NONE,
        FIN,
        RESET
    }

    private final Network network;
    private final Scheduler scheduler;
    private final SimStream from;
    private final SimStream to;
    private final Route route;
    private final int sendCapacity;
    private final int receiveCapacity;
    private final BatchQueue batches = new BatchQueue();
    private byte[] ring = NO_RING;
    private long written;
    private long arrived;
    private long delivered;
    private long consumed;
    private long lastArrival;
    private Ending ending = Ending.NONE;
    private long endingArrival;
    private boolean ended;
    private boolean finDelivered;
    /** The receiver's buffer is full; reading goes on with the delivery. */
    private boolean stalled;

    private boolean parked;
    private boolean postponed;
    /** A batch is lost and repeated in vain; neither it nor what follows arrives. */
    private boolean lostForGood;

    private Oracle.@Nullable Stream choices;
    private @Nullable GiveUp giveUp;
    private @Nullable WriteGate writeGate;

    Pipe(Network network, SimStream from, SimStream to, Route route, int sendCapacity, int receiveCapacity) {
        this.network = network;
        this.scheduler = network.scheduler();
        this.from = from;
        this.to = to;
        this.route = route;
        this.sendCapacity = sendCapacity;
        this.receiveCapacity = receiveCapacity;
        this.lastArrival = scheduler.now();
    }

    // ---- the sender's side

    /** Takes what there is room for. */
    int write(ByteBuffer source) {
        if (ended || ending != Ending.NONE || isGated()) {
            return 0;
        }
        int count = Math.min(free(), source.remaining());
        if (count > 0 && route.writes() != ChunkPolicy.WHOLE) {
            int cut = route.writes().next(written, count, choices());
            if (cut < count) {
                count = cut;
                closeGate();
            }
        }
        if (count == 0) {
            return 0;
        }
        long checksum = append(source, count);
        network.record(from, "write", count, checksum);
        dispatch(count);
        return count;
    }

    /** As Linux tells it: at least a third of the send buffer is free. */
    boolean isWritable() {
        return !isGated() && free() * 2L >= sendCapacity - free();
    }

    /** How many bytes were written and not yet delivered. */
    int inFlight() {
        return (int) (written - delivered);
    }

    /** Ends the stream after what was written. */
    void finish() {
        if (ending == Ending.NONE && !ended) {
            ending = Ending.FIN;
            endingArrival = Math.max(lastArrival, scheduler.now() + route.latency(choices()));
            network.record(from, "fin", 0, 0);
            arm();
        }
    }

    /**
     * Resets the stream: what is on the link still arrives. What waits to be sent, or sent again, or for room at the
     * receiver, is thrown away.
     */
    void reset() {
        if (ending == Ending.RESET) {
            return;
        }
        long arrival = scheduler.now() + route.latency(choices());
        written = batches.dropAfter(arrival, Math.max(arrived, consumed + receiveCapacity), arrived);
        ending = Ending.RESET;
        ended = false;
        endingArrival = Math.max(arrival, batches.lastArrival());
        network.record(from, "rst", 0, 0);
        arm();
    }

    /** Forgets all that was not delivered: nobody is left to send it. */
    void stop() {
        ended = true;
        batches.clear();
        arrived = delivered;
        written = delivered;
        unplug();
        releaseIfEmpty();
    }

    private void dispatch(int count) {
        long now = scheduler.now();
        for (int left = lostForGood ? 0 : count; left > 0; ) {
            int slice = route.slice(left);
            left -= slice;
            long repetition = route.repetitionDelay(choicesIfRandom());
            if (repetition == Long.MAX_VALUE) {
                lostForGood = true;
                giveUp().arm();
                return;
            }
            long arrival = route.departure(now, slice) + route.latency(choicesIfRandom()) + repetition;
            lastArrival = Math.max(lastArrival, arrival);
            batches.add(lastArrival, written - left);
        }
        arm();
    }

    private int free() {
        return sendCapacity - (int) (written - delivered);
    }

    // ---- the way

    @Override
    protected void run() {
        postponed = false;
        if (ended) {
            return;
        }
        if (route.isBlocked()) {
            parked = true;
            route.park(this);
            if (route.isLossy()) {
                giveUp().arm();
            }
            return;
        }
        long now = scheduler.now();
        arrived = Math.max(arrived, batches.arrivedUntil(now));
        if (!to.takesInput()) {
            meetNobody(now);
            return;
        }
        int count = deliver();
        boolean reset = count > 0 && route.resetsNow(delivered);
        boolean end = !reset && isEndDue(now, count);
        if (end) {
            ended = true;
            finDelivered |= ending == Ending.FIN;
            arrived = delivered;
        }
        arm();
        if (count > 0) {
            network.record(to, "deliver", count, 0);
            from.onProgress();
        }
        if (reset) {
            network.record(to, "reset by the network", 0, 0);
            from.onReset();
            to.onReset();
        } else if (end && ending == Ending.RESET) {
            to.onReset();
        } else {
            to.onInput();
        }
    }

    private int deliver() {
        long room = Math.min(consumed + receiveCapacity, arrived) - delivered;
        int count = (int) Math.min(room, route.bytesUntilReset(delivered));
        if (count > 0) {
            count = route.deliveries().next(delivered, count, choices());
            delivered += count;
        }
        return count;
    }

    private boolean isEndDue(long now, int count) {
        if (ending == Ending.NONE || ended || !batches.isEmpty() || endingArrival > now) {
            return false;
        }
        // what is cut into pieces ends with a piece of its own
        boolean last = delivered == arrived && (count == 0 || route.deliveries() == ChunkPolicy.WHOLE);
        return last || (ending == Ending.RESET && isWindowClosed());
    }

    private boolean isWindowClosed() {
        return delivered - consumed == receiveCapacity;
    }

    /** Nobody is there any more: bytes are answered with a reset, as every system does. */
    private void meetNobody(long now) {
        boolean bytes = arrived > delivered;
        delivered = arrived;
        consumed = arrived;
        releaseIfEmpty();
        if (bytes) {
            to.answerWithReset();
        }
        if (ending != Ending.NONE && batches.isEmpty() && endingArrival <= now) {
            ended = true;
        }
        arm();
        from.onProgress();
    }

    /** Sees to it that the task runs when there is something to do next. */
    private void arm() {
        if (parked || postponed) {
            return;
        }
        stalled = delivered < arrived && isWindowClosed();
        if (delivered < arrived && !stalled) {
            scheduler.cancel(this);
            postponed = true;
            scheduler.afterTurns(this);
            return;
        }
        long next = Long.MAX_VALUE;
        if (!batches.isEmpty()) {
            next = batches.nextArrival();
        } else if (ending != Ending.NONE && !ended && !(stalled && ending == Ending.FIN)) {
            next = endingArrival;
        }
        if (next == Long.MAX_VALUE) {
            scheduler.cancel(this);
        } else if (!isScheduled() || time() != Math.max(next, scheduler.now())) {
            scheduler.at(this, next);
        }
    }

    /** The way is free again. */
    void unparked() {
        parked = false;
        GiveUp deadline = giveUp;
        if (deadline != null) {
            scheduler.cancel(deadline);
        }
        long arrival = scheduler.now() + route.latency(choices());
        batches.delayUntil(arrival);
        lastArrival = Math.max(lastArrival, arrival);
        endingArrival = Math.max(endingArrival, arrival);
        if (delivered < arrived) {
            scheduler.at(this, arrival);
        } else {
            arm();
        }
    }

    private void unplug() {
        scheduler.cancel(this);
        if (parked) {
            parked = false;
            route.unpark(this);
        }
        GiveUp deadline = giveUp;
        if (deadline != null) {
            scheduler.cancel(deadline);
        }
    }

    @Override
    public String describe() {
        return from.name() + " -> " + to.name() + ": delivery, " + (written - delivered) + " bytes under way";
    }

    // ---- the receiver's side

    /** Whether what is under way does not arrive, for the time being or for ever. */
    boolean isBlocked() {
        return route.isBlocked() || lostForGood;
    }

    int available() {
        return (int) (delivered - consumed);
    }

    /** Whether bytes lie here that the receiver has not read, also those its buffer has no room for. */
    boolean hasUnread() {
        return arrived > consumed;
    }

    /** Whether the end of the stream has been delivered. */
    boolean isFinished() {
        return finDelivered;
    }

    int read(ByteBuffer target) {
        int count = Math.min(available(), target.remaining());
        copyOut(target, count);
        consumed += count;
        network.mix(to, "read", count);
        // A window that opens by a few bytes is not announced (RFC 9293 §3.8.6.2.2), or every byte read would be a
        // packet.
        if (stalled && consumed + receiveCapacity - delivered >= Math.min(receiveCapacity / 4, arrived - delivered)) {
            stalled = false;
            if (!parked && !postponed) {
                scheduler.at(this, scheduler.now());
            }
        }
        releaseIfEmpty();
        return count;
    }

    /** The receiver is gone; what it did not read goes. */
    void discardUnread() {
        consumed = delivered;
        releaseIfEmpty();
        if (stalled) {
            stalled = false;
            if (!parked && !postponed) {
                scheduler.at(this, scheduler.now());
            }
        }
    }

    // ---- memory

    private long append(ByteBuffer source, int count) {
        int used = (int) (written - consumed);
        if (used + count > ring.length) {
            grow(used, used + count);
        }
        int at = (int) written & ring.length - 1;
        int first = Math.min(count, ring.length - at);
        source.get(ring, at, first);
        long checksum = Checksum.of(0, ring, at, first);
        if (first < count) {
            source.get(ring, 0, count - first);
            checksum = Checksum.of(checksum, ring, 0, count - first);
        }
        written += count;
        return checksum;
    }

    private void grow(int used, int needed) {
        byte[] larger = network.rings().lend(needed);
        for (int moved = 0; moved < used; ) {
            int at = (int) (consumed + moved) & ring.length - 1;
            int target = (int) (consumed + moved) & larger.length - 1;
            int piece = Math.min(used - moved, Math.min(ring.length - at, larger.length - target));
            System.arraycopy(ring, at, larger, target, piece);
            moved += piece;
        }
        byte[] old = ring;
        ring = larger;
        if (old.length > 0) {
            network.rings().giveBack(old);
        }
    }

    private void copyOut(ByteBuffer target, int count) {
        if (count > 0) {
            int at = (int) consumed & ring.length - 1;
            int first = Math.min(count, ring.length - at);
            target.put(ring, at, first);
            target.put(ring, 0, count - first);
        }
    }

    private void releaseIfEmpty() {
        if (consumed == written && ring.length > 0) {
            byte[] old = ring;
            ring = NO_RING;
            network.rings().giveBack(old);
        }
    }

    // ---- rare things

    private Oracle.Stream choices() {
        Oracle.Stream opened = choices;
        if (opened == null) {
            opened = network.oracle().stream("stream", from.name());
            choices = opened;
        }
        return opened;
    }

    private Oracle.@Nullable Stream choicesIfRandom() {
        return route.isRandom() ? choices() : null;
    }

    private GiveUp giveUp() {
        GiveUp made = giveUp;
        if (made == null) {
            made = new GiveUp();
            giveUp = made;
        }
        return made;
    }

    private boolean isGated() {
        return writeGate != null && writeGate.closed;
    }

    private void closeGate() {
        WriteGate gate = writeGate;
        if (gate == null) {
            gate = new WriteGate();
            writeGate = gate;
        }
        gate.closed = true;
        scheduler.afterTurns(gate);
    }

    /** The sender has repeated itself often enough. */
    private final class GiveUp extends SimTask {
        void arm() {
            if (!isScheduled()) {
                scheduler.at(this, scheduler.now() + Route.GIVE_UP_NANOS);
            }
        }

        @Override
        protected void run() {
            from.onTimedOut();
        }

        @Override
        public String describe() {
            return from.name() + ": gives up repeating what is not acknowledged";
        }
    }

    /** Takes the next bytes only after everybody had a turn. */
    private final class WriteGate extends SimTask {
        boolean closed;

        @Override
        protected void run() {
            closed = false;
            from.onProgress();
        }

        @Override
        public String describe() {
            return from.name() + ": takes the next bytes";
        }
    }

    /** The batches under way, oldest first: when each arrives and up to which position it goes. */
    private static final class BatchQueue {
        private long[] arrivals = {};
        private long[] ends = {};
        private int head;
        private int size;

        boolean isEmpty() {
            return size == 0;
        }

        long nextArrival() {
            return arrivals[head];
        }

        long lastArrival() {
            return size == 0 ? 0 : arrivals[slot(size - 1)];
        }

        void add(long arrival, long end) {
            if (size > 0 && arrivals[slot(size - 1)] == arrival) {
                ends[slot(size - 1)] = end;
                return;
            }
            if (size == arrivals.length) {
                grow();
            }
            arrivals[slot(size)] = arrival;
            ends[slot(size)] = end;
            size++;
        }

        /** Takes out what has arrived, and answers up to which position that is; 0 if nothing has. */
        long arrivedUntil(long now) {
            long end = 0;
            while (size > 0 && arrivals[head] <= now) {
                end = ends[head];
                head = slot(1);
                size--;
            }
            return end;
        }

        /** Drops what would arrive after an instant or lies beyond a position; answers up to where the rest goes. */
        long dropAfter(long instant, long position, long arrived) {
            long end = arrived;
            int kept = 0;
            while (kept < size && arrivals[slot(kept)] <= instant && end < position) {
                end = Math.min(ends[slot(kept)], position);
                ends[slot(kept++)] = end;
            }
            size = kept;
            return end;
        }

        void delayUntil(long instant) {
            for (int i = 0; i < size; i++) {
                arrivals[slot(i)] = Math.max(arrivals[slot(i)], instant);
            }
        }

        void clear() {
            size = 0;
        }

        private int slot(int index) {
            return head + index & arrivals.length - 1;
        }

        private void grow() {
            int capacity = Math.max(2, size * 2);
            long[] newArrivals = Arrays.copyOf(arrivals, capacity);
            long[] newEnds = Arrays.copyOf(ends, capacity);
            for (int i = 0; i < size; i++) {
                newArrivals[i] = arrivals[slot(i)];
                newEnds[i] = ends[slot(i)];
            }
            arrivals = newArrivals;
            ends = newEnds;
            head = 0;
        }
    }
}
