package dev.meerkat.internal.secure;

import dev.meerkat.internal.loop.Deferred;
import dev.meerkat.internal.loop.EventLoop;
import dev.meerkat.runtime.TimeSource;
import java.util.ArrayDeque;

/**
 * What the handshakes of one loop have to compute, one after the other and one a turn: between any two, the loop asks
 * the sockets and serves whoever is ready, its timers and its tasks. As many wait here as handshakes are under way.
 *
 * <p>How long one takes is up to the peer, too, who chooses how keys are agreed on. So whoever took too long is the
 * last for a time.
 */
public final class OneATurn implements Deferred, Runnable {
    /** What one handshake has to compute. */
    interface Computation {
        /** Runs it; answers false if nobody wants it any more. */
        boolean runHere();

        /** Has it run by others than the loop. */
        void runElsewhere();
    }

    /** So long the loop may be held; usual is half a millisecond to two, the dearest that a peer can ask for is 30. */
    static final long LONG_NANOS = 5_000_000;

    /** So long nothing is computed here after that: then the loop is held for 3 % of the time at worst. */
    static final long REST_NANOS = 1_000_000_000;

    private final EventLoop loop;
    private final TimeSource time;
    private final ArrayDeque<Computation> waiting = new ArrayDeque<>();
    /** A turn to come takes the next one. */
    private boolean isPlanned;

    private boolean rests;
    private long restsUntil;

    OneATurn(EventLoop loop, TimeSource time) {
        this.loop = loop;
        this.time = time;
    }

    /** Takes what is to be computed, for a turn to come; answers false if it is to be computed elsewhere. */
    boolean add(Computation computation) {
        if (rests) {
            rests = loop.now() - restsUntil < 0;
            if (rests) {
                return false;
            }
        }
        waiting.add(computation);
        plan();
        return true;
    }

    private void plan() {
        if (!isPlanned) {
            isPlanned = true;
            loop.defer(this);
        }
    }

    /** At the end of a turn: a task for the next, which keeps that one from waiting for the sockets. */
    @Override
    public void runDeferred() {
        Object unused = loop.offerInternal(this);
    }

    /** At the beginning of a turn. A stream that was closed meanwhile has nothing to compute, and costs no turn. */
    @Override
    public void run() {
        isPlanned = false;
        long begun = time.nanoTime();
        try {
            boolean done = false;
            for (Computation next; !done && (next = waiting.poll()) != null; ) {
                done = next.runHere();
            }
        } finally {
            long ended = time.nanoTime();
            if (ended - begun > LONG_NANOS) {
                rests = true;
                restsUntil = ended + REST_NANOS;
                for (Computation next; (next = waiting.poll()) != null; ) {
                    next.runElsewhere();
                }
            }
            if (!waiting.isEmpty()) {
                plan();
            }
        }
    }
}
