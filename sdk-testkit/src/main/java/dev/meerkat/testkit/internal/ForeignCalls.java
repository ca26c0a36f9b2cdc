package dev.meerkat.testkit.internal;

import java.util.ArrayList;
import java.util.List;

/**
 * Wake-ups from threads that have no business in a virtual world: taken, because {@code post} promises it, and noted.
 */
final class ForeignCalls {
    private final Object lock = new Object();
    private final ArrayList<Runner> runners = new ArrayList<>();
    private List<StackTraceElement> first = List.of();
    private volatile boolean pending;

    void add(Runner runner) {
        synchronized (lock) {
            runners.add(runner);
            if (first.isEmpty()) {
                first = List.of(Thread.currentThread().getStackTrace());
            }
            pending = true;
        }
    }

    boolean isPending() {
        return pending;
    }

    void drainTo(List<Runner> changed) {
        synchronized (lock) {
            for (Runner runner : runners) {
                if (!runner.changed) {
                    runner.changed = true;
                    changed.add(runner);
                }
            }
            runners.clear();
            pending = false;
        }
    }

    List<StackTraceElement> first() {
        synchronized (lock) {
            return first;
        }
    }
}
