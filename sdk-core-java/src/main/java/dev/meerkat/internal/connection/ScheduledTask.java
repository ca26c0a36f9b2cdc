package dev.meerkat.internal.connection;

import dev.meerkat.Timer;
import dev.meerkat.internal.time.TimerNode;
import dev.meerkat.internal.time.TimerTask;

/** A task that a manager runs once or at a fixed rate. */
final class ScheduledTask implements Timer, TimerTask {
    private static final long ONCE = 0;

    private final RealEventManager manager;
    private final Runnable task;
    private final long periodNanos;
    private final Overrun overrun;
    private final TimerNode node = new TimerNode(this);
    private boolean running;
    private boolean cancelled;

    private ScheduledTask(RealEventManager manager, Runnable task, long periodNanos, Overrun overrun) {
        this.manager = manager;
        this.task = task;
        this.periodNanos = periodNanos;
        this.overrun = overrun;
    }

    static ScheduledTask once(RealEventManager manager, long delayNanos, Runnable task) {
        ScheduledTask timer = new ScheduledTask(manager, task, ONCE, Overrun.SKIP);
        timer.arm(delayNanos);
        return timer;
    }

    static ScheduledTask atFixedRate(
            RealEventManager manager, long delayNanos, long periodNanos, Overrun overrun, Runnable task) {
        ScheduledTask timer = new ScheduledTask(manager, task, periodNanos, overrun);
        timer.arm(delayNanos);
        return timer;
    }

    private void arm(long delayNanos) {
        manager.loop().arm(node, manager.loop().deadlineIn(delayNanos));
    }

    @Override
    public void onTimer(TimerNode due, long deadlineNanos) {
        if (periodNanos == ONCE) {
            task.run();
            return;
        }
        running = true;
        try {
            task.run();
        } finally {
            running = false;
            if (!cancelled && !manager.isClosed()) {
                manager.loop().arm(node, nextDeadline(deadlineNanos));
            }
        }
    }

    private long nextDeadline(long lastDeadline) {
        long missed = 0;
        if (overrun == Overrun.SKIP) {
            long now = manager.runtime().time().nanoTime(); // the task may have taken longer than a period
            missed = (now - lastDeadline) / periodNanos;
        }
        long next = lastDeadline + (missed + 1) * periodNanos;
        return next > lastDeadline ? next : Long.MAX_VALUE - 1; // beyond the end of time
    }

    @Override
    public boolean cancel() {
        manager.checkThread("Timer.cancel");
        boolean wasGoingToFire = isArmed();
        cancelled = true;
        manager.loop().disarm(node);
        return wasGoingToFire;
    }

    @Override
    public boolean isArmed() {
        manager.checkThread("Timer.isArmed");
        return node.isArmed() || (running && !cancelled);
    }

    @Override
    public long deadlineNanos() {
        manager.checkThread("Timer.deadlineNanos");
        return node.deadlineNanos();
    }
}
