package dev.meerkat.internal.http;

import dev.meerkat.EventManager;
import dev.meerkat.Timer;
import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What a connection waits for at the moment, and until when: of several deadlines the next one has a timer, which is
 * left where it is when a deadline moves away. Made when something takes longer than one turn of the loop.
 */
final class Deadlines implements Runnable {
    /** What may take too long. */
    enum Kind {
        /** The rest of a head. */
        HEAD(0),
        /** The next bytes of a body that somebody wants. */
        BODY(1),
        /** The answer of a handler whose turn it is. */
        ANSWER(2),
        /** That the peer takes what waits to be sent. */
        RESPONSE(3),
        /** That the producer of an answer goes on. */
        PRODUCER(4);

        final int slot;

        Kind(int slot) {
            this.slot = slot;
        }
    }

    private static final Kind[] KINDS = Kind.values();

    private final ServerConnection connection;
    private final EventManager manager;
    private final long[] due = new long[KINDS.length];
    /** How many bytes had left when the deadline of the response was looked at last. */
    long leftBytes;

    private @Nullable Timer timer;
    private long armedFor = Nanos.NEVER;

    Deadlines(ServerConnection connection) {
        this.connection = connection;
        this.manager = connection.manager();
        Arrays.fill(due, Nanos.NEVER);
    }

    /** Sets a deadline, in place of the one of its kind that there was. */
    void set(Kind kind, long deadline) {
        due[kind.slot] = deadline;
        if (deadline < armedFor) {
            arm(deadline);
        }
    }

    long get(Kind kind) {
        return due[kind.slot];
    }

    boolean isSet(Kind kind) {
        return due[kind.slot] != Nanos.NEVER;
    }

    /** Nothing of this kind is waited for any more. The timer finds out by itself. */
    void clear(Kind kind) {
        due[kind.slot] = Nanos.NEVER;
    }

    /** Nothing at all is waited for any more. */
    void end() {
        Arrays.fill(due, Nanos.NEVER);
        disarm();
    }

    private void disarm() {
        Timer armed = timer;
        timer = null;
        armedFor = Nanos.NEVER;
        if (armed != null) {
            armed.cancel();
        }
    }

    private void arm(long deadline) {
        disarm();
        armedFor = deadline;
        timer = manager.schedule(Duration.ofNanos(Math.max(0, deadline - manager.nanoTime())), this);
    }

    @Override
    public void run() {
        timer = null;
        armedFor = Nanos.NEVER;
        long now = manager.nanoTime();
        for (Kind kind : KINDS) {
            long deadline = get(kind);
            if (deadline <= now) {
                clear(kind);
                connection.site().patience.overdue(connection, kind, deadline);
            }
        }
        long next = Nanos.NEVER;
        for (long deadline : due) {
            next = Math.min(next, deadline);
        }
        if (next < armedFor) {
            arm(next);
        } else if (next == Nanos.NEVER) {
            connection.nothingIsDue(this);
        }
    }
}
