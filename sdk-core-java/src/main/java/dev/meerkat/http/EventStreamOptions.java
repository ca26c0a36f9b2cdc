package dev.meerkat.http;

import java.time.Duration;
import java.util.Objects;

/**
 * How streams of events are kept. Immutable.
 *
 * @param heartbeat after how long a silence a comment is sent, so that nobody between takes the connection for dead; 15
 *     s by default, what the HTML standard advises; zero sends none
 * @param waitingEvents how many events may wait for one peer; 256 by default
 * @param waitingBytes how many bytes may wait for one peer, beside what its connection holds; 256 KiB by default, a few
 *     hundred events of the usual size; an event that waits alone may be larger
 * @param whenFull what becomes of an event that has no room
 */
public record EventStreamOptions(Duration heartbeat, int waitingEvents, int waitingBytes, WhenFull whenFull) {
    /** The defaults: 15 s, 256 events, 256 KiB, {@link WhenFull#CLOSE}. */
    public static final EventStreamOptions DEFAULT =
            new EventStreamOptions(Duration.ofSeconds(15), 256, 256 << 10, WhenFull.CLOSE);

    /** What becomes of an event for which a slow peer leaves no room. */
    public enum WhenFull {
        /**
         * The stream ends behind what waits; the peer asks again with the id of the last event that it has. The
         * default, since nothing is lost without somebody knowing.
         */
        CLOSE,
        /** The oldest that wait make room: for values of which the latest counts. */
        DROP_OLDEST
    }

    // Checks every value; a bad one is an IllegalArgumentException that names it.
    public EventStreamOptions {
        Objects.requireNonNull(whenFull, "whenFull");
        if (heartbeat.isNegative()) {
            throw new IllegalArgumentException("expected heartbeat from zero, found " + heartbeat);
        }
        if (waitingEvents < 1) {
            throw new IllegalArgumentException("expected waitingEvents from 1, found " + waitingEvents);
        }
        if (waitingBytes < 1) {
            throw new IllegalArgumentException("expected waitingBytes from 1, found " + waitingBytes);
        }
    }

    /**
     * The same with another heartbeat.
     *
     * @param silence zero for none
     * @return options
     */
    public EventStreamOptions withHeartbeat(Duration silence) {
        return new EventStreamOptions(silence, waitingEvents, waitingBytes, whenFull);
    }

    /**
     * The same with other bounds.
     *
     * @param events from 1
     * @param bytes from 1
     * @return options
     */
    public EventStreamOptions withWaiting(int events, int bytes) {
        return new EventStreamOptions(heartbeat, events, bytes, whenFull);
    }

    /**
     * The same with another policy.
     *
     * @param policy what becomes of an event that has no room
     * @return options
     */
    public EventStreamOptions withWhenFull(WhenFull policy) {
        return new EventStreamOptions(heartbeat, waitingEvents, waitingBytes, policy);
    }
}
