package dev.meerkat.internal.http;

import dev.meerkat.EventManager;
import dev.meerkat.Timer;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Connections that are all to be looked at when the same time has passed, in the order in which they became quiet. So
 * one timer serves them all, exactly, and to begin anew costs a connection a change of neighbours and no timer.
 */
public final class QuietList implements Runnable {
    /** Who stands in a list; the links are the list's, null while the member stands in none. */
    public abstract static class Member {
        @Nullable
        Member previous;

        @Nullable
        Member next;
        /** Since when the member is quiet. */
        protected long quietSince;

        /**
         * It has been quiet for the time of the list, and has left it.
         *
         * @param left which list
         */
        protected abstract void quietFor(QuietList left);
    }

    private final EventManager manager;
    private final long delayNanos;
    /** Stands before the first and behind the last, so that who leaves need not know which list it is. */
    private final Member ends = new Member() {
        @Override
        protected void quietFor(QuietList left) {
            throw new IllegalStateException("nobody");
        }
    };

    private @Nullable Timer timer;

    /**
     * Makes an empty list.
     *
     * @param manager whose time counts
     * @param delayNanos after how long a member is looked at
     */
    public QuietList(EventManager manager, long delayNanos) {
        this.manager = manager;
        this.delayNanos = delayNanos;
        ends.previous = ends;
        ends.next = ends;
    }

    /**
     * Puts a member at the end, wherever it stood.
     *
     * @param member its {@code quietSince} is not before that of anybody here
     */
    public void add(Member member) {
        Member last = Objects.requireNonNull(ends.previous);
        if (member == last) {
            return;
        }
        leave(member);
        member.previous = last;
        member.next = ends;
        last.next = member;
        ends.previous = member;
        if (timer == null) {
            arm(member);
        }
    }

    /**
     * Takes a member out of the list that it stands in, if any.
     *
     * @param member waits for nothing any more
     */
    public static void leave(Member member) {
        Member before = member.previous;
        Member after = member.next;
        if (before != null && after != null) {
            before.next = after;
            after.previous = before;
            member.previous = null;
            member.next = null;
        }
    }

    /** Who has stood here longest. */
    private @Nullable Member first() {
        return ends.next == ends ? null : ends.next;
    }

    /** The last connection has ended: nothing is to be waited for. */
    public void end() {
        Timer armed = timer;
        timer = null;
        if (armed != null) {
            armed.cancel();
        }
    }

    private void arm(Member member) {
        long due = Nanos.after(member.quietSince, delayNanos);
        timer = manager.schedule(Duration.ofNanos(Math.max(0, due - manager.nanoTime())), this);
    }

    @Override
    public void run() {
        timer = null;
        long now = manager.nanoTime();
        for (Member next = first(); next != null && Nanos.after(next.quietSince, delayNanos) <= now; next = first()) {
            leave(next);
            next.quietFor(this);
        }
        Member waiting = first();
        if (waiting != null && timer == null) {
            arm(waiting);
        }
    }
}
