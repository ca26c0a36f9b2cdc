package dev.meerkat.internal.topic;

import dev.meerkat.topic.TopicEvent.Ended.Reason;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** The subscriptions of a topic on one manager, and how far its loop has read. */
final class TopicRoom implements Runnable {
    /** How many entries a loop takes at a time; between them others have their turn. */
    static final int BATCH = 256;

    private static final int FIRST_BATCH = 4;

    private static final VarHandle DELIVERED;

    static {
        try {
            DELIVERED = MethodHandles.lookup().findVarHandle(TopicRoom.class, "delivered", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final RealTopic topic;
    private final Loop loop;
    private final AtomicBoolean scheduled = new AtomicBoolean();

    // Under the topic's lock.
    private final List<RealSubscription> joining = new ArrayList<>();
    private long cursor;

    /** What is being delivered; empty between visits. */
    private @Nullable Entry[] batch = new Entry[FIRST_BATCH];

    // Loop thread. Those who have ended stay until the visit is over.
    private final List<RealSubscription> subscriptions = new ArrayList<>();

    // Written by the loop thread alone.
    private long delivered;

    private volatile long dropped;
    private volatile long conflated;
    private volatile long closedSlow;
    private Runnable forgetClosing = () -> {};

    TopicRoom(RealTopic topic, Loop loop) {
        this.topic = topic;
        this.loop = loop;
    }

    RealTopic topic() {
        return topic;
    }

    Loop loop() {
        return loop;
    }

    /** Before it is used. */
    void register() {
        forgetClosing = loop.onClose(this::managerClosed);
    }

    void forget() {
        forgetClosing.run();
    }

    // ---------------------------------------------------------------- under the lock

    void join(RealSubscription subscription) {
        joining.add(subscription);
    }

    long cursor() {
        return cursor;
    }

    void cursor(long sequence) {
        cursor = sequence;
    }

    boolean isEmptyUnderLock() {
        return joining.isEmpty() && subscriptions.isEmpty();
    }

    /** Room for so many entries, but no more than are taken at a time. */
    @Nullable
    Entry[] batch(long entries) {
        int wanted = (int) Math.min(entries, BATCH);
        if (batch.length < wanted) {
            batch = new Entry[Math.min(BATCH, Math.max(wanted, 2 * batch.length))];
        }
        return batch;
    }

    void takeJoining() {
        subscriptions.addAll(joining);
        joining.clear();
    }

    // ---------------------------------------------------------------- any thread

    /** Has the loop look at what is new. */
    void wake() {
        if (scheduled.compareAndSet(false, true)) {
            loop.later(this);
        }
    }

    // ---------------------------------------------------------------- loop thread

    @Override
    public void run() {
        scheduled.set(false);
        int known = subscriptions.size();
        long before = cursor;
        int count = topic.read(this);
        for (int i = known; i < subscriptions.size(); i++) {
            subscriptions.get(i).ready();
        }
        if (count > 0) {
            missed(before, Objects.requireNonNull(batch[0]).sequence() - 1);
            give(count);
            Arrays.fill(batch, 0, count, null);
        }
        subscriptions.removeIf(subscription -> !subscription.isActive());
        if (topic.hasMore(this)) {
            wake();
        } else if (subscriptions.isEmpty()) {
            topic.leaveIfEmpty(this);
        }
    }

    /** What the topic does not have any more. */
    private void missed(long before, long lastGone) {
        if (lastGone <= before) {
            return;
        }
        for (int i = 0; i < subscriptions.size(); i++) {
            RealSubscription subscription = subscriptions.get(i);
            subscription.missed(lastGone - Math.max(before, subscription.from()));
        }
    }

    /** Whoever is visited may end others, and have others join: those are not in the list yet. */
    private void give(int count) {
        for (int i = 0; i < subscriptions.size(); i++) {
            RealSubscription subscription = subscriptions.get(i);
            for (int j = 0; j < count; j++) {
                subscription.accept(Objects.requireNonNull(batch[j]));
            }
        }
    }

    /** The topic is closed: what was published before is delivered, then all ends. */
    void finish() {
        while (topic.hasMore(this)) {
            run();
        }
        endAll(Reason.TOPIC_CLOSED);
    }

    private void managerClosed() {
        endAll(Reason.MANAGER_CLOSED);
    }

    void endAll(Reason reason) {
        topic.admit(this);
        for (RealSubscription subscription : List.copyOf(subscriptions)) {
            if (topic.end(subscription)) {
                subscription.over(reason);
            }
        }
        subscriptions.clear();
        topic.leaveIfEmpty(this);
    }

    void countDelivered() {
        DELIVERED.setOpaque(this, delivered + 1);
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
    void countDropped(long count) {
        dropped += count;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
    void countConflated(long count) {
        conflated += count;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
    void countClosedSlow() {
        closedSlow++;
    }

    long delivered() {
        return (long) DELIVERED.getOpaque(this);
    }

    long dropped() {
        return dropped;
    }

    long conflated() {
        return conflated;
    }

    long closedSlow() {
        return closedSlow;
    }
}
