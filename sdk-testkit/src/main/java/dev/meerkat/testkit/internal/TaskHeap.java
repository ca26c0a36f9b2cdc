package dev.meerkat.testkit.internal;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The tasks that wait for their instant, smallest (time, sequence) first: a 4-ary heap, which is half as deep as a
 * binary one. Each task knows its place, so that moving and cancelling cost no search. The times stand in an array of
 * their own, because comparing them is most of the work.
 */
final class TaskHeap {
    private static final int ARITY = 4;

    private long[] times = new long[64];
    private @Nullable SimTask[] tasks = new SimTask[64];
    private int size;

    int size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
    }

    /** The time of the first task, or {@link Long#MAX_VALUE} if there is none. */
    long firstTime() {
        return size == 0 ? Long.MAX_VALUE : times[0];
    }

    /** Adds a task whose time and sequence are set, or moves it if it is here already. */
    void put(SimTask task) {
        int index = task.heapIndex;
        if (index == SimTask.NOT_QUEUED) {
            if (size == times.length) {
                times = Arrays.copyOf(times, size * 2);
                tasks = Arrays.copyOf(tasks, size * 2);
            }
            siftUp(size++, task);
        } else if (task.time < times[index]) {
            siftUp(index, task);
        } else {
            siftDown(index, task); // later, or the same time with a later sequence
        }
    }

    /** Removes the first task. */
    SimTask take() {
        SimTask first = at(0);
        remove(first);
        return first;
    }

    void remove(SimTask task) {
        int index = task.heapIndex;
        task.heapIndex = SimTask.NOT_QUEUED;
        SimTask last = at(--size);
        tasks[size] = null;
        if (last != task) {
            siftDown(index, last);
            if (last.heapIndex == index) {
                siftUp(index, last);
            }
        }
    }

    /** The tasks in the order in which they will run, at most so many. */
    SimTask[] firstInOrder(int limit) {
        SimTask[] all = new SimTask[size];
        for (int i = 0; i < size; i++) {
            all[i] = at(i);
        }
        Arrays.sort(all, (a, b) -> before(a, b) ? -1 : 1);
        return all.length <= limit ? all : Arrays.copyOf(all, limit);
    }

    /** Tells whether any task is more than a timer. */
    boolean hasUnderWay() {
        for (int i = 0; i < size; i++) {
            if (!at(i).isTimer()) {
                return true;
            }
        }
        return false;
    }

    private SimTask at(int index) {
        SimTask task = tasks[index];
        if (task == null) {
            throw new IllegalStateException("no task at " + index + " of " + size);
        }
        return task;
    }

    private void siftUp(int from, SimTask task) {
        int index = from;
        while (index > 0) {
            int parent = (index - 1) / ARITY;
            SimTask above = at(parent);
            if (!before(task, above)) {
                break;
            }
            set(index, above);
            index = parent;
        }
        set(index, task);
    }

    private void siftDown(int from, SimTask task) {
        int index = from;
        while (true) {
            int child = index * ARITY + 1;
            if (child >= size) {
                break;
            }
            int smallest = child;
            int end = Math.min(child + ARITY, size);
            for (int i = child + 1; i < end; i++) {
                if (times[i] < times[smallest] || (times[i] == times[smallest] && before(at(i), at(smallest)))) {
                    smallest = i;
                }
            }
            SimTask below = at(smallest);
            if (!before(below, task)) {
                break;
            }
            set(index, below);
            index = smallest;
        }
        set(index, task);
    }

    private void set(int index, SimTask task) {
        times[index] = task.time;
        tasks[index] = task;
        task.heapIndex = index;
    }

    private static boolean before(SimTask a, SimTask b) {
        return a.time != b.time ? a.time < b.time : a.sequence < b.sequence;
    }
}
