package dev.meerkat.internal.topic;

import dev.meerkat.EventManager;
import dev.meerkat.internal.topic.Outlet.Fit;
import dev.meerkat.topic.Member;
import dev.meerkat.topic.SubscriptionOptions;
import dev.meerkat.topic.Topic;
import dev.meerkat.topic.TopicEvent;
import dev.meerkat.topic.TopicEvent.Ended.Reason;
import dev.meerkat.topic.TopicSubscription;
import dev.meerkat.topic.WhenFull;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One receiver of a topic. What comes is given to it at once if it is ready and nothing waits; else it waits, the
 * replay ahead of what is new. Loop thread, but for what says otherwise.
 */
abstract class RealSubscription implements TopicSubscription {
    private static final VarHandle DELIVERED;

    static {
        try {
            DELIVERED = MethodHandles.lookup().findVarHandle(RealSubscription.class, "delivered", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final TopicRoom room;
    private final long id;
    private final SubscriptionOptions options;
    private final Optional<Member> member;
    /** What has a number up to this one is not for it, or is in the replay. */
    private long from;

    private volatile boolean active = true;
    private volatile boolean paused;
    /** What it is told first; null if that is over. Bounded by what the topic keeps. */
    private @Nullable ArrayDeque<Entry> beginning;

    private @Nullable Waiting<Entry> waiting;
    /** What did not fit when it was given: the next to go. */
    private @Nullable Entry stuck;

    private boolean giving;
    private long missed;
    /** Whether {@link #ready} will be called on the loop. */
    private final AtomicBoolean goingOn = new AtomicBoolean();
    /** Counts, written by the loop thread alone. */
    private long delivered;

    private volatile long dropped;
    private volatile int waitingMessages;
    private volatile int waitingBytes;

    RealSubscription(TopicRoom room, long id, SubscriptionOptions options) {
        this.room = room;
        this.id = id;
        this.options = options;
        this.member = options.member().map(name -> new Member(id, name));
    }

    /** Under the topic's lock, once: what was published so far. */
    void begins(long sequence, List<Entry> replay, List<Member> members) {
        from = sequence;
        ArrayDeque<Entry> first = new ArrayDeque<>(replay.size() + 1);
        first.add(new Entry(sequence, new TopicEvent.Subscribed(sequence, replay.size(), members)));
        first.addAll(replay);
        beginning = first;
    }

    // ---------------------------------------------------------------- what it is

    @Override
    public final long id() {
        return id;
    }

    @Override
    public final Topic topic() {
        return room.topic();
    }

    @Override
    public final EventManager manager() {
        return room.loop().manager();
    }

    @Override
    public final Optional<Member> member() {
        return member;
    }

    final TopicRoom room() {
        return room;
    }

    final SubscriptionOptions options() {
        return options;
    }

    final long from() {
        return from;
    }

    @Override
    public final boolean isActive() {
        return active;
    }

    @Override
    public final int waitingMessages() {
        return waitingMessages;
    }

    @Override
    public final int waitingBytes() {
        return waitingBytes;
    }

    @Override
    public final long delivered() {
        return (long) DELIVERED.getOpaque(this);
    }

    @Override
    public final long dropped() {
        return dropped;
    }

    // ---------------------------------------------------------------- what comes

    /** An entry, in its turn. */
    final void accept(Entry entry) {
        if (!active || entry.sequence() <= from || !wants(entry)) {
            return;
        }
        if (stuck == null && beginning == null && waiting == null && !giving && isReady()) {
            give(entry);
        } else {
            hold(entry);
        }
    }

    private boolean wants(Entry entry) {
        if (entry.event() instanceof TopicEvent.Published published) {
            return !options.hasFilter() || passes(published);
        }
        if (entry.event() instanceof TopicEvent.Joined || entry.event() instanceof TopicEvent.Left) {
            return options.presence() && canTell(entry);
        }
        return canTell(entry);
    }

    private boolean passes(TopicEvent.Published published) {
        try {
            return options.filter().test(published);
        } catch (Throwable e) {
            room.loop().report(e);
            return false;
        }
    }

    private void hold(Entry entry) {
        Waiting<Entry> list = waiting;
        if (list == null) {
            list = new Waiting<>(options.waitingMessages(), options.waitingBytes(), options.whenFull());
            waiting = list;
        }
        long droppedBefore = list.dropped();
        long conflatedBefore = list.conflated();
        boolean added = list.add(entry);
        room.countConflated(list.conflated() - conflatedBefore);
        lose(list.dropped() - droppedBefore);
        note();
        if (!added) {
            tooSlow();
        } else if (!paused) {
            requestReady();
        }
    }

    /** The loop was so far behind that the topic has forgotten some. */
    final void missed(long count) {
        if (!active || count <= 0) {
            return;
        }
        if (options.whenFull() == WhenFull.CLOSE) {
            tooSlow();
        } else {
            lose(count);
        }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
    private void lose(long count) {
        if (count > 0) {
            missed += count;
            dropped += count;
            room.countDropped(count);
        }
    }

    private void tooSlow() {
        room.countClosedSlow();
        room.topic().end(this);
        over(Reason.TOO_SLOW);
    }

    // ---------------------------------------------------------------- what goes

    /** The receiver takes more, or might. */
    final void ready() {
        if (giving) {
            return; // whoever gives goes on by himself
        }
        while (active && isReady()) {
            Entry next = next();
            if (next == null) {
                return;
            }
            if (!give(next)) {
                return;
            }
        }
        if (active && !paused) {
            requestReady();
        }
    }

    private @Nullable Entry next() {
        Entry again = stuck;
        if (again != null) {
            stuck = null;
            note();
            return again;
        }
        ArrayDeque<Entry> first = beginning;
        while (first != null) {
            Entry entry = first.poll();
            if (entry == null) {
                beginning = null;
                break;
            }
            if (entry.event() instanceof TopicEvent.Published published
                    ? !options.hasFilter() || passes(published)
                    : canTell(entry)) {
                return entry;
            }
        }
        Waiting<Entry> list = waiting;
        if (list == null) {
            return null;
        }
        Entry entry = list.poll();
        if (list.size() == 0) {
            waiting = null;
        }
        note();
        return entry;
    }

    private void note() {
        Waiting<Entry> list = waiting;
        Entry ahead = stuck;
        waitingMessages = (list == null ? 0 : list.size()) + (ahead == null ? 0 : 1);
        waitingBytes = (list == null ? 0 : list.bytes()) + (ahead == null ? 0 : ahead.bytes());
    }

    /** Answers whether there may be another at once. */
    private boolean give(Entry entry) {
        giving = true;
        try {
            long gap = missed;
            if (gap > 0) {
                missed = 0;
                Fit unused = tell(new Entry(entry.sequence(), new TopicEvent.Missed(entry.sequence(), gap)));
            }
            return active && went(entry, tell(entry));
        } catch (Throwable e) { // the others shall have it
            failed(e);
            return false;
        } finally {
            giving = false;
        }
    }

    private boolean went(Entry entry, Fit fit) {
        switch (fit) {
            case SENT -> {
                DELIVERED.setOpaque(this, delivered + 1);
                room.countDelivered();
            }
            case LATER -> {
                if (active) {
                    stuck = entry;
                    note();
                }
                return false;
            }
            case NEVER -> {
                if (active && options.whenFull() == WhenFull.CLOSE) {
                    tooSlow();
                } else if (active) {
                    lose(1);
                }
            }
        }
        return true;
    }

    private boolean isReady() {
        return !paused && canTake();
    }

    // ---------------------------------------------------------------- its end

    @Override
    public final void pause() {
        paused = true;
    }

    @Override
    public final void resume() {
        paused = false;
        goOn();
    }

    /** Any thread. Has {@link #ready} called on the loop, once however often this is called. */
    final void goOn() {
        if (goingOn.compareAndSet(false, true)) {
            room.loop().later(() -> {
                goingOn.set(false);
                ready();
            });
        }
    }

    @Override
    public final void unsubscribe() {
        if (room.topic().end(this)) {
            room.loop().later(this::dismiss);
        }
    }

    private void dismiss() {
        beginning = null;
        waiting = null;
        stuck = null;
        note();
        left();
    }

    /** Under the topic's lock. Nothing more is for it; false if it has ended before. */
    final boolean deactivate() {
        boolean was = active;
        active = false;
        return was;
    }

    /** Loop thread, after the topic has ended it. */
    final void over(Reason reason) {
        dismiss();
        ended(reason);
    }

    // ---------------------------------------------------------------- who receives

    /** Whether the receiver takes something now. */
    abstract boolean canTake();

    /** Whether such an event means anything to the receiver. */
    abstract boolean canTell(Entry entry);

    /** Gives it to the receiver. */
    abstract Fit tell(Entry entry);

    /** Giving has failed: that is the end of the receiver and of nobody else. */
    abstract void failed(Throwable why);

    /** Has {@link #ready} called when the receiver takes more. */
    abstract void requestReady();

    /** The receiver is let go. */
    abstract void left();

    /** The receiver is told why it ended. */
    abstract void ended(Reason reason);
}
