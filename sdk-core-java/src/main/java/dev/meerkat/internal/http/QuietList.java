package dev.meerkat.internal.http;

import dev.meerkat.EventManager;
import dev.meerkat.Timer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Connections that are all to be looked at when the same time has passed, in the order in which they became quiet. So
 * one timer serves them all, exactly, and to begin anew costs a connection a change of neighbours and no timer.
 */
public final class QuietList implements Runnable {
    /** Who stands in a list; the links are the list's. */
    public abstract static class Member {
        @Nullable
        QuietList list;

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
    private @Nullable Member first;
    private @Nullable Member last;
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
    }

    /**
     * Puts a member at the end, wherever it stood.
     *
     * @param member its {@code quietSince} is not before that of anybody here
     */
    public void add(Member member) {
        if (member == last) {
            return;
        }
        leave(member);
        Member before = last;
        member.list = this;
        member.previous = before;
        last = member;
        if (before == null) {
            first = member;
        } else {
            before.next = member;
        }
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
        QuietList list = member.list;
        if (list != null) {
            list.unlink(member);
        }
    }

    private void unlink(Member member) {
        Member before = member.previous;
        Member after = member.next;
        if (before == null) {
            first = after;
        } else {
            before.next = after;
        }
        if (after == null) {
            last = before;
        } else {
            after.previous = before;
        }
        member.list = null;
        member.previous = null;
        member.next = null;
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
        for (Member next = first; next != null && Nanos.after(next.quietSince, delayNanos) <= now; next = first) {
            unlink(next);
            next.quietFor(this);
        }
        Member waiting = first;
        if (waiting != null && timer == null) {
            arm(waiting);
        }
    }
}
