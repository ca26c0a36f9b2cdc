package dev.meerkat.testkit.internal;

import java.nio.ByteBuffer;
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
    private @Nullable TlsTrace tls;
    private final ByteRing ring;
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
        this.ring = new ByteRing(network.rings());
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
        TlsTrace records = tls;
        if (records == null) {
            network.record(from, "write", count, append(source, count));
            FrameTrace frames = network.frames();
            if (frames != null) {
                frames.sent(from, copy(written - count, count));
            }
        } else {
            long types = records.follow(source, count);
            long unused = append(source, count);
            network.record(from, "write tls", count, types);
        }
        dispatch(count);
        return count;
    }

    /** The trace shows no bytes of it any more. */
    void becomesTls() {
        tls = new TlsTrace();
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
            endingArrival = Math.max(lastArrival, scheduler.now() + route.latency(choicesIfRandom()));
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
        long arrival = scheduler.now() + route.latency(choicesIfRandom());
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
        capture(count, reset, end);
        arm();
        if (count > 0) {
            network.record(to, "deliver", count, 0);
            FrameTrace frames = network.frames();
            if (frames != null && tls == null) {
                frames.received(to, copy(delivered - count, count));
            }
            from.onProgress();
        }
        FrameTrace followed = network.frames();
        if (followed != null && (reset || end)) {
            followed.inputEnded(to);
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

    private void capture(int count, boolean reset, boolean end) {
        NetworkCapture capture = network.capture();
        if (capture == null) {
            return;
        }
        if (count > 0) {
            captureBytes(capture, delivered - count, count);
        }
        if (reset) {
            capture.reset(from, to, " is reset by the network");
        } else if (end && ending == Ending.RESET) {
            capture.reset(from, to, " resets");
        } else if (end) {
            capture.finished(from, to);
        }
    }

    private void captureBytes(NetworkCapture capture, long start, int count) {
        capture.delivered(from, to, copy(start, count));
    }

    private ByteBuffer copy(long start, int count) {
        ByteBuffer copy = ByteBuffer.allocate(count);
        ring.copyOut(copy, count, start);
        return copy.flip();
    }

    private int deliver() {
        long room = Math.min(consumed + receiveCapacity, arrived) - delivered;
        int count = (int) Math.min(room, route.bytesUntilReset(delivered));
        if (count > 0) {
            ChunkPolicy policy = route.deliveries();
            count = policy == ChunkPolicy.WHOLE ? count : policy.next(delivered, count, choices());
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
        NetworkCapture capture = network.capture();
        if (capture != null && bytes) {
            captureBytes(capture, delivered, (int) (arrived - delivered));
        }
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
        long arrival = scheduler.now() + route.latency(choicesIfRandom());
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
        ring.copyOut(target, count, consumed);
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

    private long append(ByteBuffer source, int count) {
        long checksum = ring.append(source, count, consumed, written);
        written += count;
        return checksum;
    }

    private void releaseIfEmpty() {
        if (consumed == written) {
            ring.release();
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
}
